/*
 * event_list.h - lists of events: table, CSV, JSON lines.
 */
#ifndef PITR_FIND_EVENT_LIST_H
#define PITR_FIND_EVENT_LIST_H

#include <stdio.h>

#include "archive/archive.h"
#include "base/text.h"
#include "cli/options.h"
#include "command/event_table.h"
#include "search/matches.h"

/* In the order of the words of --format. */
typedef enum events_format { EVENTS_TABLE, EVENTS_CSV, EVENTS_JSON, EVENTS_FORMATS } events_format;

/*
 * Lists of events are written to a spool as they come, since a scan may have to begin again, and
 * copied to their stream once they are final.
 */
typedef struct event_list {
    events_format format;
    const archive *archive; /* its rows are from; event_list_restart() */
    FILE *spool;
    text row;
    event_table table;
    uint64_t rows;
} event_list;

/* Begins the list, again: what was added is void. The spool must be open for reading and writing. */
bool event_list_restart(event_list *list, const archive *from);
bool event_list_add(event_list *list, const event_view *view);
/* False when reading the spool or writing fails. */
bool event_list_copy(event_list *list, FILE *out);

#endif
