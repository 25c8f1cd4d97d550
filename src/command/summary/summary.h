/*
 * summary.h - what is in an archive, for somebody who does not know yet what to look for.
 */
#ifndef PITR_FIND_SUMMARY_H
#define PITR_FIND_SUMMARY_H

#include "cli/command.h"
#include "search/search.h"
#include "search/sources.h"

extern const command summary_command;

/* So many events are told, and so many databases. */
#define SUMMARY_EVENTS 10
#define SUMMARY_DATABASES 32

typedef struct summary_database {
    wp_oid oid;
    uint64_t events, destructive;
} summary_database;

/* Start with all zero. */
typedef struct summary {
    event_match latest[SUMMARY_EVENTS]; /* a ring of what was destructive */
    uint64_t destructive;
    uint64_t part_counted; /* rows were deleted or updated, maybe many: not all are in this WAL */
    summary_database databases[SUMMARY_DATABASES];
    size_t ndatabases;
    bool has_more_databases;
} summary;

/* For a search_sink of all events; the context is the summary. */
bool summary_restart(void *context, const archive *from);
bool summary_add(void *context, const event_view *view);

void summary_render(const options *o, const question *q, const sources *from, const summary *s,
                    const search_result *found, text *out);
void summary_free(summary *s);

#endif
