/*
 * nearest.h - of the events that do not match a pattern, those that are most like what it asks for.
 */
#ifndef PITR_FIND_NEAREST_H
#define PITR_FIND_NEAREST_H

#include "search/matches.h"

#define NEAREST_MAX 3
#define NEAREST_DATABASES_MAX 32
#define NEAREST_WORD_BYTES 64
#define NEAREST_NAMES_MAX 4

/* How near, the nearest first. */
typedef enum nearness {
    NEAREST_LEFT_OUT,  /* its text matches: something else that was asked for leaves it out */
    NEAREST_SAME,      /* the same name and the same verb */
    NEAREST_SAME_NAME, /* something else was done to it */
    NEAREST_LIKE,      /* a name like it, and the same verb */
    NEAREST_LIKE_NAME,
    NEAREST_SAME_VERB, /* the same was done to something else */
    NEAREST_NOTHING
} nearness;

/* Start with nearest_init(), or with all zero where no pattern is. */
typedef struct nearest {
    char verb[NEAREST_WORD_BYTES];                     /* of the pattern: its first word */
    char names[NEAREST_NAMES_MAX][NEAREST_WORD_BYTES]; /* its last words that may be names */
    size_t nnames;
    char schema[NEAREST_WORD_BYTES]; /* of the pattern; "": none is named */
    char like_schema
        [NEAREST_WORD_BYTES]; /* of those there are, the one it may be a misspelling of */
    unsigned like_distance;
    bool has_schema,
        has_nameless_schema; /* there is one called like that; one whose name is not known */
    struct nearest_one {
        event_match pick;
        nearness how;
        unsigned left_out; /* by what narrows the question (filter_leaves_out()) */
    } best
        [NEAREST_MAX]; /* the nearest first; of equally near ones those not left out, the latest */
    size_t count;
    wp_oid databases[NEAREST_DATABASES_MAX]; /* in which something was done */
    size_t ndatabases;
} nearest;

void nearest_init(nearest *out, const char *pattern);
/* An event that was not taken; left_out as in nearest_one. False: out of memory. */
bool nearest_add(nearest *all, const event_view *view, bool text_matches, unsigned left_out);
/* Forgets the events, and frees what they hold. */
void nearest_restart(nearest *all);

#endif
