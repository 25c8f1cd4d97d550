/*
 * filter.h - which events are meant: the pattern and the options that narrow what may match.
 */
#ifndef PITR_FIND_FILTER_H
#define PITR_FIND_FILTER_H

#include "options.h"
#include "query.h"

typedef struct filter {
    const options *options;
    query *text;     /* NULL: any text */
    query *relation; /* NULL: any object */
    bool has_database_oid;
    wp_oid database_oid;
    uint64_t rowless; /* TRUNCATEs and DROPs that were left out only for having no row count */
    bool met_nameless_database; /* an event was left out because its database's name is not known */
} filter;

/* pattern may be NULL. On failure returns false with one line in message. Free with filter_free(). */
bool filter_init(filter *out, const options *o, const char *pattern, char message[512]);

/* QUERY_FAILED: see filter_failure(). */
query_answer filter_match(filter *f, const wp_event *event);
const char *filter_failure(const filter *f);

/* A new pass begins: text ids have new meanings. */
void filter_restart(filter *f);

/* Can rows of DELETE, UPDATE and INSERT be left out, as far as the pattern tells by itself? */
bool filter_spares_dml(const filter *f);

void filter_free(filter *f);

#endif
