/*
 * search_timelines.h - searches the followed timeline's history and, when nothing is there, the branches it does not contain.
 */
#ifndef PITR_FIND_SEARCH_TIMELINES_H
#define PITR_FIND_SEARCH_TIMELINES_H

#include "search/other_timelines.h"
#include "search/search.h"
#include "search/sources.h"

/* Fill in the first three, the rest with zeros. */
typedef struct hunt {
    const options *options;
    const sources *from;
    const search_sink *sink; /* of `events`; NULL: `target` */

    const archive *archive; /* where something was found; else the followed one */
    const search_result *found;
    elsewhere others;
    archive other;
    search_result results[2]; /* along the followed timeline, along another */
    bool is_in_doubt;         /* where nothing was found, it may be hidden */
    text_list missed;         /* why: what is to be said of those */
} hunt;

/* As search_target() and search_events(). Free with hunt_free() in any case. */
search_status hunt_run(hunt *h, char message[512]);

/* What was searched, and what not, and what that means for what was found. */
void hunt_warnings(const hunt *h, text_list *out);

/* On whatever branch that was searched: may what is asked for be another, or be hidden? */
bool hunt_is_in_doubt(const hunt *h);

void hunt_free(hunt *h);

#endif
