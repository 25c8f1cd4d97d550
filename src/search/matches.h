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
typedef struct pick {
    bool has_event;
    wp_event event;
    wp_xact_end xact; /* without its list of subtransactions */
    wp_tli tli;
    uint64_t number; /* which match it is, counted from 1 */
    char *strings;
} pick;

/* Replaces what was kept. False: out of memory, and nothing is kept. */
bool pick_set(pick *out, const event_view *view, uint64_t number);
event_view pick_view(const pick *in);
void pick_free(pick *in);

/* So many matches can be listed. */
#define PICKS_MAX 10000

/* The first PICKS_MAX matches, or the latest. Start with all zero but keeps_latest. */
typedef struct picks {
    bool keeps_latest;
    pick *items; /* a ring once it is full */
    size_t count, room;
    uint64_t total; /* matches there were */
} picks;

bool picks_add(picks *list, const event_view *view); /* false: out of memory */
/* In WAL order: index from 0 to count - 1. */
const pick *picks_at(const picks *list, size_t index);
/* Lets go of all; or of those at the end that are of the transaction that ends at lsn. */
void picks_clear(picks *list);
void picks_drop(picks *list, wp_lsn lsn);
void picks_free(picks *list); /* keeps keeps_latest */

#endif
