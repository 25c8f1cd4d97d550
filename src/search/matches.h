/*
 * matches.h - events that are kept: the matches there are to choose from.
 */
#ifndef PITR_FIND_MATCHES_H
#define PITR_FIND_MATCHES_H

#include <walparse/walparse.h>

/* What there is to show of an event, wherever it lies. */
typedef struct event_view {
    const wp_event *event; /* NULL: a transaction that did nothing we know of */
    const wp_xact_end *xact;
    wp_tli tli;
} event_view;

/* A copy of an event and of how its transaction ended. Start with all zero. */
typedef struct event_match {
    bool has_event;
    wp_event event;
    wp_xact_end xact; /* without its list of subtransactions */
    wp_tli tli;
    uint64_t number; /* which match it is, counted from 1 */
    char *strings;
} event_match;

/* Replaces what was kept. False: out of memory, and nothing is kept. */
bool event_match_set(event_match *out, const event_view *view, uint64_t number);
event_view event_match_view(const event_match *in);
void event_match_free(event_match *in);

/* So many matches can be listed. */
#define MATCHES_MAX 10000

/* The first MATCHES_MAX matches, or the latest. Start with all zero but keeps_latest. */
typedef struct matches {
    bool keeps_latest;
    event_match *items; /* a ring once it is full */
    size_t count, room;
    uint64_t total; /* matches there were */
} matches;

bool matches_add(matches *list, const event_view *view); /* false: out of memory */
/* In WAL order: index from 0 to count - 1. */
const event_match *matches_at(const matches *list, size_t index);
/* Lets go of all; or of those at the end that are of the transaction that ends at lsn. */
void matches_clear(matches *list);
void matches_drop(matches *list, wp_lsn lsn);
void matches_free(matches *list); /* keeps keeps_latest */

#endif
