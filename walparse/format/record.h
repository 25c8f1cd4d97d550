/*
 * record.h - one whole record, taken apart into views. Mirrors access/xlogrecord.h.
 */
#ifndef WPI_RECORD_H
#define WPI_RECORD_H

#include <walparse/mapper.h>

#include "format/image.h"
#include "format/record_head.h"

#define WPI_BLOCKS_MAX (WPI_BLOCK_ID_MAX + 1)

typedef struct wpi_block {
    wp_locator locator;
    uint32_t number;
    uint8_t id, fork;
    bool has_image, has_data, will_init;
    wpi_image image;
    wp_view data;
} wpi_block;

typedef struct wpi_record {
    const wp_profile *profile;
    wp_lsn lsn, end_lsn; /* start; aligned byte after */
    wp_lsn prev;
    wp_xid xid;
    uint32_t total_bytes;
    uint8_t info, rmid;
    uint8_t max_align;
    unsigned nblocks;
    wpi_block blocks[WPI_BLOCKS_MAX]; /* ids rise; see wpi_record_block() */
    wp_view main;
    wp_xid toplevel_xid; /* 0: not said */
    uint16_t origin;     /* of replication; 0: none */
} wpi_record;

/*
 * Takes the bytes of a whole record (header included) apart. The caller has checked total length and
 * CRC and set profile, lsn, end_lsn and max_align. False when headers contradict the length.
 */
bool wpi_record_decode(wp_view bytes, wpi_record *out);
/* The same of a record that says those itself. */
bool wpi_record_of(const wp_record *record, wpi_record *out);

/*
 * The block a record registered under an id, NULL when there is none. What a block is to the record is told by
 * its id, never by its place: minor releases add blocks, and leave ids out.
 */
const wpi_block *wpi_record_block(const wpi_record *record, uint8_t id);

#endif
