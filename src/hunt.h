/*
 * hunt.h - searches the followed timeline's history and, when nothing is there, the branches it does not contain.
 */
#ifndef PITR_FIND_HUNT_H
#define PITR_FIND_HUNT_H

#include "elsewhere.h"
#include "render.h"
#include "sources.h"

/* Fill in the first four, the rest with zeros. */
typedef struct hunt {
    const options *options;
    const sources *from;
    const search_sink *sink; /* of `events`; NULL: `target` */
    render_list *list;       /* of `events`: told which archive its rows are from */

    const archive *archive; /* where something was found; else the followed one */
    const search_result *found;
    elsewhere others;
    archive other;
    search_result results[2]; /* along the followed timeline, along another */
    picks maybe;              /* of other branches, where nothing was found */
} hunt;

/* As search_target() and search_events(). Free with hunt_free() in any case. */
search_status hunt_run(hunt *h, char message[512]);

/* What was searched, and what not, and what that means for what was found. */
void hunt_warnings(const hunt *h, text_list *out);

/* Was there, on whatever branch, an event that may be meant instead? */
bool hunt_has_maybe(const hunt *h);

void hunt_free(hunt *h);

#endif
