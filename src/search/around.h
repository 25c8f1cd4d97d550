/*
 * around.h - when, by the clock, WAL is missing or damaged: the ends of transactions on both sides of it.
 */
#ifndef PITR_FIND_AROUND_H
#define PITR_FIND_AROUND_H

#include <walparse/walparse.h>

/* So many places are dated: the first ones. */
#define AROUND_MAX 3

/* Start with around_clear(). */
typedef struct around {
    struct around_one {
        wp_lsn from;
        wp_time before, after; /* WP_TIME_UNKNOWN: no transaction ends on that side */
    } items[AROUND_MAX];
    size_t count;
    wp_lsn last_lsn; /* the end of a transaction that was met last */
    wp_time last_time;
} around;

void around_clear(around *all);
/* A place where WAL is missing or damaged, in WAL order. */
void around_add_damage(around *all, wp_lsn from);
/* The end of a transaction, in WAL order. */
void around_add_end(around *all, const wp_xact_end *end);

#endif
