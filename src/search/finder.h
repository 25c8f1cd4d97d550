/*
 * finder.h - a search on its way through the WAL: what is chosen, and where that is. Only search.c drives it.
 */
#ifndef PITR_FIND_FINDER_H
#define PITR_FIND_FINDER_H

#include "search/filter.h"
#include "search/search.h"

/* A database that could not be removed stays unusable, maybe for long: so many are remembered. */
#define NONTRANSACTIONAL_KEPT 64

/* What a pass over the WAL has met so far. */
typedef struct pass {
    bool stop;
    bool met_dml_name;       /* a name was met that a match may begin in: DML is needed after all */
    uint64_t commits;        /* in the range asked for */
    wp_xact_end last_commit; /* xid 0: none yet; without gid and subtransactions */
    bool is_found;           /* out->place holds */
    bool is_waiting;         /* out->event was set in the transaction whose end comes next */
    wp_lsn matched_lsn;      /* of the last transaction that had a match */
    xact_summary xact_summary; /* of the transaction whose end comes next */
    series series;             /* what was destroyed so far */
    /* The latest places before nontransactional records: a ring. */
    struct nontransactional_place {
        wp_lsn lsn;
        wp_xact_end last; /* the last commit before it */
    } places[NONTRANSACTIONAL_KEPT];
    size_t nplaces;
    wp_lsn last_record;
    wp_lsn last_end; /* of a transaction; 0: none yet */
    wp_time last_end_time;
    wp_fact_record asked; /* the first record at --before-lsn or after it; its LSN 0: none yet */
    wp_lsn cut_lsn,
        cut_last; /* a record at --before-lsn that is not whole, and the one before it */
} pass;

typedef struct finder {
    const question *question;
    const archive *archive;
    const backup *base;                      /* NULL: none */
    const wp_external_names *external_names; /* NULL: none */
    const search_sink *sink;                 /* NULL: `target` */
    search_result *out;
    filter filter;
    wp_stop_config base_config;
    bool skips_dml;
    const char *failure; /* one line, or NULL */
    pass pass;
} finder;

/* A scan with this config tells the finder all it has to know. */
void finder_listen(finder *f, scan_config *config);

/* The search ends with that line, which is not copied. */
void finder_fail(finder *f, const char *failure);

/* Where to stop for the transaction that ends there; and where it first locks what the event is about: right 0: nowhere. */
target_place finder_place(const finder *f, const wp_xact_end *end);
target_place finder_lock_place(const finder *f);
/* Before the position that was asked for; end: the first end of a transaction from there on, NULL: none. */
target_place finder_place_at_lsn(const finder *f, const wp_xact_end *end);

/* From here on the targets are those of out->place. In a later pass they are looked for from the start. */
void finder_aim(finder *f, bool is_first_pass);

#endif
