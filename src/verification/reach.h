/*
 * reach.h - how far back a timeline can be restored, with all base backups that are known together.
 */
#ifndef PITR_FIND_REACH_H
#define PITR_FIND_REACH_H

#include "verification/verification.h"

/*
 * A stretch of time that ends at the last moment that can be restored to. What lies before a gap is not in it, even if
 * an older backup still leads there.
 */
typedef struct verify_reach {
    size_t backups, usable; /* on the timeline's history; from which a restore works */
    wp_time
        newest_start; /* when the newest usable one began; WP_TIME_UNKNOWN: none, or nobody says */
    wp_time earliest, latest; /* WP_TIME_UNKNOWN: likewise */
} verify_reach;

/* Times that no label tells are taken from the commits around, on the side that promises less. */
verify_reach verify_reach_of(const verification *v, const verify_timeline *t);

#endif
