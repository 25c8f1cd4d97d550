/*
 * series.h - what was dropped, truncated or deleted by other transactions shortly before one.
 *
 * A `pg_dump --clean`, a migration, a job that clears old data: each statement is a transaction, and a target
 * right before the last keeps what the others did. Memory: SERIES_KEPT events.
 */
#ifndef PITR_FIND_SERIES_H
#define PITR_FIND_SERIES_H

#include "search/matches.h"

/* A pause of more minutes, with more commits in it, ends a series. */
#define SERIES_PAUSE_MINUTES 10
#define SERIES_PAUSE_COMMITS 10
/* None goes back further from the transaction it ends at. */
#define SERIES_MINUTES 60
/* A DELETE of so many rows belongs to one. */
#define SERIES_ROWS 1000

#define SERIES_KEPT 256
/* So many of the latest are told, beside the first. */
#define SERIES_TOLD 5

/* Does it take away what only a restore brings back? */
bool series_is_of_it(const wp_event *event);

typedef struct series_member {
    event_match gravest; /* of its events */
    uint64_t events;     /* how many it has */
    uint64_t commits;    /* that came before it in the WAL */
} series_member;

/* Start with all zero. */
typedef struct series {
    series_member *items; /* a ring; one more is the transaction whose end comes next */
    size_t first, count;
} series;

/* An event, then the end of its transaction, which may have none. False: out of memory. */
bool series_add_event(series *s, const event_view *view);
void series_add_end(series *s, uint64_t commits);
void series_free(series *s);

/* What came before one. Start with all zero. */
typedef struct series_before {
    uint64_t count;                  /* transactions */
    uint64_t commits;                /* from the first of them on, up to the one they come before */
    bool has_more;                   /* ... at least: it goes back further than is kept */
    series_member start;             /* the first of them */
    series_member told[SERIES_TOLD]; /* the latest, in WAL order; not the first */
    size_t ntold;
} series_before;

/* As of now, for a transaction that ends here. False: out of memory. */
bool series_look(const series *s, const wp_xact_end *end, uint64_t commits, series_before *out);
void series_before_free(series_before *before);

#endif
