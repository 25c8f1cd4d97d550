/*
 * scan.h - reads an archive's segments on several threads and reduces their facts in LSN order.
 *
 * The result does not depend on the number of threads. Workers map segments to facts; the calling
 * thread reduces. Workers that run ahead wait once they hold too many facts, so memory does not grow
 * with segment size or count.
 */
#ifndef PITR_FIND_SCAN_H
#define PITR_FIND_SCAN_H

#include "archive/archive.h"

/* Facts the workers together may hold for segments whose turn has not come: SHARED and so much per job. */
#define SCAN_AHEAD_BYTES_SHARED ((size_t)4 << 20)
#define SCAN_AHEAD_BYTES_PER_JOB ((size_t)1 << 20)
/* Facts are handed to the reducer in lists of about this size. */
#define SCAN_BATCH_BYTES ((size_t)64 << 10)
/* Passes that end in SCAN_AGAIN at most. */
#define SCAN_AGAIN_MAX 5

/* Catalog pages to be handed to the reducer before the first fact at lsn or after it. */
typedef struct scan_seed {
    wp_lsn lsn;
    wp_facts pages;
    const wp_catalog_file *moved; /* sorted by (db, filenode) */
    size_t nmoved;
} scan_seed;

/* A stretch of WAL that could not be read, or is missing. */
typedef struct scan_damage {
    wp_lsn from, until; /* until 0: to the end of the segment */
    wp_lsn barrier; /* replay gets no further: from, or where a file begins that a server refuses */
    const char *path; /* borrowed from the archive; NULL: segments are missing */
    char text[400];   /* one line for people */
} scan_damage;

typedef struct scan_config {
    unsigned jobs; /* threads, at least 1 */
    bool skip_dml; /* row counts are not needed */
    bool include_temporary;
    bool tells_cut_ends; /* as in wp_reducer_config */
    /* Names to fall back on, borrowed until scan_free(); or NULL. */
    const wp_external_names *external_names;
    wp_lsn watch_lsn;   /* as in wp_mapper_config */
    bool show_progress; /* a bar on stderr when it takes longer than a second */
    wp_callbacks callbacks;
    /* Set by a callback to end this run early (see scan_outcome). Borrowed; may be NULL. */
    const bool *stop;
    /* Read plain files to their end, too, and not only to the last record: all of it must be readable. */
    bool read_all;
    /*
     * As in wp_mapper_config, and called on the workers' threads: nothing is reduced then, and callbacks.on_fact gets what it
     * adds. NULL: none.
     */
    bool (*on_record)(void *context, const wp_record *record, wp_facts *facts);
    void *record_context;
    /* As they are met, in WAL order; text may get longer until the segment ends. NULL: nobody asks. */
    void (*on_damage)(void *context, const scan_damage *damage);
} scan_config;

typedef enum scan_outcome {
    SCAN_DONE,
    SCAN_STOPPED, /* *stop became true */
    SCAN_AGAIN, /* something learnt on the way was needed before: the caller resets its state and scans again */
    SCAN_FAILED
} scan_outcome;

/* The record that ends a transaction, and goes on in bytes that are not here. */
typedef struct scan_cut {
    wp_lsn lsn; /* 0: there is none */
    wp_xid xid; /* as the record has it: 0 where it ends a prepared transaction */
    wp_xact_op op;
    wp_tli tli;     /* of the segment it begins in */
    bool is_inside; /* of that segment the rest is missing, not the next one */
} scan_cut;

/* Where reading went on: after it there is no damage from this one. */
wp_lsn scan_damage_end(wp_lsn from, wp_lsn until, uint32_t segment_size);

/* Sound records that are unlike what their major is known to write: see unexpected.h. */
#define SCAN_UNEXPECTED_MAX 8
typedef struct scan_unexpected {
    wp_fact_unexpected first[SCAN_UNEXPECTED_MAX];
    uint64_t total; /* kinds; may exceed SCAN_UNEXPECTED_MAX */
} scan_unexpected;

/* A catalog that lies elsewhere, and of which database. */
typedef struct scan_lost {
    wp_lost_catalog what;
    char database[WP_NAME_BYTES]; /* empty: its name is not known, or it is shared */
} scan_lost;

#define SCAN_DAMAGES_MAX 64 /* listed; further ones are only counted */

typedef struct scan_result {
    wp_lsn start_lsn,
        end_lsn; /* first byte looked at; after the last valid record of the segments reduced */
    /* Of what was mapped: after SCAN_STOPPED that may be more than was reduced. */
    uint64_t records, commits, aborts;
    uint64_t rmgr_records[WP_RMGR_COUNT];
    scan_damage damages[SCAN_DAMAGES_MAX];
    size_t ndamages; /* may exceed SCAN_DAMAGES_MAX */
    scan_unexpected unexpected;
    scan_lost lost[WP_LOST_CATALOGS_MAX];
    size_t nlost;
    uint64_t
        unnamed; /* transactions that dropped more than is told; the first ended at first_unnamed */
    wp_lsn first_unnamed;
    scan_cut cut; /* at the end of the WAL */
    bool
        has_rest; /* of a packed file more is there than its data: what unpacks it may fail of that */
    char ends_inside[WP_SEGMENT_NAME_BYTES]; /* the segment that the WAL does not fill, or "" */
    unsigned warnings;                       /* wp_warning bits */
    const wp_reducer *
        reducer; /* borrowed until the next scan_run() or scan_free(): database names, prepared ones. Set
                    before the first callback. */
} scan_result;

/* The first damage listed that reaches into the WAL from one place up to another; NULL: none does. */
const scan_damage *scan_damage_in(const scan_result *seen, wp_lsn from, wp_lsn until,
                                  uint32_t segment_size);
/* Is there anything from that place on that could not be read? */
bool scan_is_damaged_after(const scan_result *seen, wp_lsn from, uint32_t segment_size);

typedef struct scan scan;

/* seed: from a base backup, borrowed until scan_free(); or NULL. NULL: out of memory. */
scan *scan_new(const archive *archive, const scan_seed *seed);
/*
 * One pass over all segments. After SCAN_AGAIN the moved catalogs are known to the next pass; after
 * SCAN_AGAIN_MAX of them what there is must do, and WP_WARN_CATALOG_MOVED stays in the warnings. Callbacks
 * are called on this thread.
 */
scan_outcome scan_run(scan *scan, const scan_config *config, scan_result *out, char message[512]);
void scan_free(scan *scan);
/* The three in one, for a single pass without a base backup. out->reducer is not there after it. */
scan_outcome scan_once(const archive *archive, const scan_config *config, scan_result *out,
                       char message[512]);

#endif
