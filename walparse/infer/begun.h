/*
 * begun.h - did a transaction begin in the WAL read, or before it?
 *
 * No record says where a transaction begins. But ids are given in order, just before the first record that has
 * one. So a transaction is known to have begun before the WAL when a younger one committed ahead of the first record
 * it has here; and may have, when that record comes before any transaction has committed. (A younger one that was
 * rolled back may be a part of its own.) A list of running transactions, or a shutdown, tells for all that come
 * after it.
 */
#ifndef WPI_BEGUN_H
#define WPI_BEGUN_H

#include <walparse/fact.h>

#define WPI_BEGUN_STEPS 256

typedef enum wpi_beginning {
    WPI_BEGAN_HERE,
    WPI_MAY_HAVE_BEGUN_BEFORE,
    WPI_BEGAN_BEFORE
} wpi_beginning;

typedef struct wpi_begun {
    wp_xid first_new; /* this transaction and those after it began in the WAL read; 0: not known */
    wp_lsn told_at;   /* where that was told first */
    /* The youngest that had committed, where it became that: both rise. Thinned out when there are too many. */
    struct wpi_begun_step {
        wp_lsn lsn;
        wp_xid youngest;
    } steps[WPI_BEGUN_STEPS];
    size_t nsteps;
} wpi_begun;

void wpi_begun_running(wpi_begun *begun, const wp_fact_running *fact);
/* Of those that are not prepared none runs any more. */
void wpi_begun_shutdown(wpi_begun *begun, const wp_fact_checkpoint *fact);
void wpi_begun_committed(wpi_begun *begun, wp_xid xid, wp_lsn lsn);
/* WAL is missing here. */
void wpi_begun_after_gap(wpi_begun *begun);
/* Is it one of those that began in the WAL read, by a list or shutdown? */
bool wpi_begun_is_new(const wpi_begun *begun, wp_xid xid);
/* first: where the transaction did something in the WAL read, and be it that it ended. */
wpi_beginning wpi_begun_where(const wpi_begun *begun, wp_xid xid, wp_lsn first);

#endif
