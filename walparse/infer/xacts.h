/*
 * xacts.h - the transactions that run, and what each has done so far.
 *
 * A record's xid may be a subtransaction's: each id has its own works here. A prepared transaction keeps them until
 * COMMIT PREPARED or ROLLBACK PREPARED.
 */
#ifndef WPI_XACTS_H
#define WPI_XACTS_H

#include "base/table.h"
#include "infer/infer.h"

typedef struct wpi_xact {
    wp_xid xid;
    wp_lsn first_lsn; /* of what it did, as far as that is kept; UINT64_MAX: nothing is */
    bool is_prepared;
    char *gid;
    wpi_work *works;
    uint32_t nworks, room;
    wp_oid new_class; /* relation whose pg_class row it made last */
    uint32_t touched; /* catalogs: bit 1 << wp_watched */
    bool is_torn;     /* WAL was missed while it ran */
    struct wpi_xact *next_spare;
} wpi_xact;

/* All zero: none. */
typedef struct wpi_xacts {
    wpi_table table; /* (xid, 0, 0) -> wpi_xact */
    wpi_xact *spare;
    uint64_t pending_bytes;
    bool has_forgotten; /* works were given up: there were more than WP_PENDING_BYTES_MAX */
    bool out_of_memory;
} wpi_xacts;

/* NULL: it has done nothing so far. */
wpi_xact *wpi_xacts_find(const wpi_xacts *all, wp_xid xid);
/* NULL: out of memory. */
wpi_xact *wpi_xacts_need(wpi_xacts *all, wp_xid xid);
/* One after the other, in no order; *at is 0 at first. NULL: no more. */
wpi_xact *wpi_xacts_next(const wpi_xacts *all, size_t *at);
/* context: a wpi_xacts. */
bool wpi_xacts_is_running(const void *context, wp_xid xid);

/* A new work of a transaction, to be filled in. NULL: there is no memory or no room for it. */
wpi_work *wpi_xacts_add_work(wpi_xacts *all, wp_xid xid, wpi_work_kind kind, wp_lsn lsn);
/* The same, with a catalog row that it changed: a copy. */
void wpi_xacts_add_row(wpi_xacts *all, wp_xid xid, wpi_work_kind kind, wp_lsn lsn,
                       const wpi_row_change *change);
/* It keeps its works until it is ended by name. gid: NULL where it has none, as a subtransaction. */
void wpi_xacts_prepare(wpi_xacts *all, wp_xid xid, const char *gid);

/* It ended: forgets it, and keeps its memory for another one. */
void wpi_xacts_end(wpi_xacts *all, wpi_xact *x);
/* Forgets all, or all that are older than xid, but never a prepared one. */
void wpi_xacts_end_all(wpi_xacts *all);
void wpi_xacts_end_older(wpi_xacts *all, wp_xid xid);
/* WAL is missing here. */
void wpi_xacts_after_gap(wpi_xacts *all);
/* All of them; and back into none. */
void wpi_xacts_save(const wpi_xacts *all, wpi_saver *saver);
void wpi_xacts_load(wpi_xacts *all, wpi_loader *loader);
void wpi_xacts_free(wpi_xacts *all);

#endif
