/*
 * begun.h - did a transaction begin in the WAL read, or before it?
 *
 * No record says where a transaction begins. But ids are given in order, just before the first record that bears
 * one. So a transaction is known to have begun before the WAL when a younger one ended ahead of the first record
 * it has here; and may have, when that record comes before any transaction has ended. A list of running
 * transactions, or a shutdown, tells for all that come after it.
 */
#ifndef WPI_BEGUN_H
#define WPI_BEGUN_H

#include <walparse/fact.h>

#define WPI_BEGUN_STEPS 256

typedef struct wpi_begun {
    wp_xid first_new; /* this transaction and those after it began in the WAL read; 0: not known */
    /* The youngest that had ended, where it became that: both rise. Thinned out when there are too many. */
    struct wpi_begun_step {
        wp_lsn lsn;
        wp_xid youngest;
    } steps[WPI_BEGUN_STEPS];
    size_t nsteps;
} wpi_begun;

/* next_xid comes next; oldest: the oldest that runs. */
void wpi_begun_running(wpi_begun *begun, wp_xid next_xid, wp_xid oldest);
void wpi_begun_ended(wpi_begun *begun, wp_xid xid, wp_lsn lsn);
/* WAL is missing here. */
void wpi_begun_after_gap(wpi_begun *begun);
/* May the transaction have begun before? first: where it did something in the WAL read. */
bool wpi_begun_before(const wpi_begun *begun, wp_xid xid, wp_lsn first);

#endif
