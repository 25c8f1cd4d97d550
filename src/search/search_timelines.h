/*
 * search_timelines.h - searches the followed timeline's history and, when nothing is there, the branches it does not contain.
 */
#ifndef PITR_FIND_SEARCH_TIMELINES_H
#define PITR_FIND_SEARCH_TIMELINES_H

#include "base/log.h"
#include "search/other_timelines.h"
#include "search/search.h"
#include "search/sources.h"

/* Fill in the first three, the rest with zeros. */
typedef struct timeline_search {
    const question *question;
    const sources *from;
    const search_sink *sink; /* of `events`; NULL: `target` */

    const archive *archive; /* where something was found; else the followed one */
    const search_result *found;
    other_timelines others;
    archive other;
    search_result results[2]; /* along the followed timeline, along another */
    bool is_in_doubt;         /* where nothing was found, it may be hidden */
    text_list missed;         /* why: what is to be said of those */
} timeline_search;

/* As search_target() and search_events(). Free with timeline_search_free() in any case. */
search_status timeline_search_run(timeline_search *h, char message[512]);

/* What was searched, and what not, and what that means for what was found. */
void timeline_search_warnings(const timeline_search *h, text_list *out);

/* On whatever branch that was searched: may what is asked for be another, or be hidden? */
bool timeline_search_is_in_doubt(const timeline_search *h);

/* Tells why nothing was found, which message begins, and what may help. How the program is to end. */
exit_code timeline_search_tell_nothing(const timeline_search *h, const char *message);

void timeline_search_free(timeline_search *h);

#endif
