/*
 * dml.h - rows inserted, updated and deleted, summed per transaction id and file while a segment is read.
 *
 * Most transactions are short and live within a segment, so few sums are kept at a time: they go out
 * when their transaction ends or gives a relation another file, when the segment ends, or when there are
 * too many of them.
 */
#ifndef WPI_DML_H
#define WPI_DML_H

#include "decode/facts.h"

/* Sums kept before all of them are written out. */
#define WPI_DML_ENTRIES_MAX 8192

typedef struct wpi_dml_entry {
    wp_locator locator;
    uint32_t next; /* index + 1 of the same xid's next entry */
    wp_lsn lsn;    /* first row */
    int64_t inserted, updated, deleted;
} wpi_dml_entry;

typedef struct wpi_dml_slot {
    wp_xid xid;     /* 0: free */
    uint32_t first; /* index + 1 */
} wpi_dml_slot;

typedef struct wpi_dml {
    wpi_dml_slot *slots;
    wpi_dml_entry *entries;
    uint32_t nentries, free_list, nlive;
    bool out_of_memory;
} wpi_dml;

bool wpi_dml_init(wpi_dml *dml);
void wpi_dml_fini(wpi_dml *dml);
void wpi_dml_clear(wpi_dml *dml);

static inline bool wpi_dml_is_empty(const wpi_dml *dml)
{
    return dml->nlive == 0;
}

/*
 * The sum of xid for a file, made at lsn if it is new; it may write all others out first. xid 0 (a row
 * outside any transaction) has none: NULL.
 */
wpi_dml_entry *wpi_dml_at(wpi_dml *dml, wp_xid xid, const wp_locator *locator, wp_lsn lsn,
                          wpi_builder *out);

/* Writes and forgets the sums of one xid; out NULL: forgets them. */
void wpi_dml_flush_xid(wpi_dml *dml, wp_xid xid, wpi_builder *out);

/* Writes and forgets all of them. */
void wpi_dml_flush_all(wpi_dml *dml, wpi_builder *out);

#endif
