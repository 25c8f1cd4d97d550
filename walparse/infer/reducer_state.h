/*
 * reducer_state.h - what a reducer knows so far.
 */
#ifndef WPI_REDUCER_STATE_H
#define WPI_REDUCER_STATE_H

#include "infer/astray.h"
#include "infer/begun.h"
#include "infer/infer.h"
#include "infer/moved_catalogs.h"
#include "infer/xacts.h"

struct wp_reducer {
    wp_reducer_config config;
    wpi_catalog *catalog;
    wpi_infer *infer;
    wp_lsn lsn;         /* of the fact that is taken */
    wp_lsn last_record; /* of the segments before, 0: none yet */
    bool is_prev_known;
    wp_xid oldest_xid; /* of the facts so far, 0: none yet */
    bool has_horizon;
    wp_earlier_rows *earlier_rows; /* what this run was given, to be handed on */

    wpi_xacts xacts;
    wpi_moved moved;
    wpi_astray astray;
    wpi_begun begun;

    wpi_work *merged; /* works of a transaction and its subtransactions */
    size_t merged_room;
    const wpi_work *ending; /* works of the transaction that is being told */
    size_t nending;
    bool out_of_memory; /* but for what xacts and moved say of themselves */
};

#endif
