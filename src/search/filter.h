/*
 * filter.h - which events are meant: the pattern, and what else narrows a question.
 */
#ifndef PITR_FIND_FILTER_H
#define PITR_FIND_FILTER_H

#include <walparse/walparse.h>

#include "search/question.h"
#include "search/pattern.h"

/* More databases without a name than these stay without one. */
#define FILTER_DATABASES_MAX 64

typedef struct filter {
    const question *question;
    compiled_pattern *text;     /* NULL: any text */
    compiled_pattern *relation; /* NULL: any object */
    bool has_database_oid;
    wp_oid database_oid;
    uint64_t rowless; /* TRUNCATEs and DROPs that were left out only for having no row count */
    /* Databases whose name was not known when something was done in them. */
    struct filter_database {
        wp_oid oid;
        enum { FILTER_UNNAMED, FILTER_MEANT, FILTER_OTHER } is;
    } databases[FILTER_DATABASES_MAX];
    size_t ndatabases;
    uint64_t unnamed_databases; /* events left out that may be meant */
} filter;

/* pattern may be NULL. On failure returns false with one line in message. Free with filter_free(). */
bool filter_init(filter *out, const question *q, const char *pattern, char message[512]);

/* PATTERN_MAYBE: it depends on names that are not known, or on rows that were not counted. PATTERN_FAILED: see filter_failure(). */
pattern_answer filter_match(filter *f, const wp_event *event);
const char *filter_failure(const filter *f);

/*
 * Is the event told as the drop of a table only because what was dropped is not known? False when it was asked for by
 * its OID.
 */
bool filter_guesses_kind(const filter *f, const wp_event *event);
/* Of an event that matches: may its rows be those of a system catalog? Who asks for the file by its number knows. */
bool filter_takes_catalog(const filter *f, const wp_event *event);

/* What of all that narrows the question leaves an event out, or may: bits of narrowing. */
unsigned filter_leaves_out(const filter *f, const wp_event *event);

/*
 * A pass is over: takes the names of databases that it learnt too late for --database. True: another pass knows more.
 */
bool filter_learn(filter *f, const wp_reducer *reducer);

/* A new pass begins: text ids have new meanings. */
void filter_restart(filter *f);

/* Can rows of DELETE, UPDATE and INSERT be left out, as far as the pattern tells by itself? */
bool filter_spares_dml(const filter *f);

void filter_free(filter *f);

#endif
