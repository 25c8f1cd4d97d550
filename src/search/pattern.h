/*
 * pattern.h - does an event's text match a pattern?
 *
 * Patterns are PCRE2, without regard to case, found anywhere; white space in a pattern matches any run
 * of white space. Names are bytes in the server's encoding, so the text need not be UTF-8.
 */
#ifndef PITR_FIND_PATTERN_H
#define PITR_FIND_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct query query;

typedef enum query_answer {
    QUERY_NO,
    QUERY_MAYBE, /* it depends on names that the text does not tell */
    QUERY_YES,
    QUERY_FAILED /* see query_failure() */
} query_answer;

/* NULL on failure, with one line in message. Free with query_free(). */
query *query_new(const char *pattern, char message[512]);

/*
 * Matches a text. Equal ids stand for equal texts: each is matched once, its answer remembered until
 * query_forget().
 */
query_answer query_match(query *q, uint32_t id, const char *subject);

/* Does the text lack names, with which it may match? For texts that do not match as they are. */
bool query_may_match(const query *q, const char *subject);

/* As it was given, with its blanks widened. Borrowed. */
const char *query_pattern(const query *q);

/* Ids have got new meanings. */
void query_forget(query *q);

/* Why the last answer was QUERY_FAILED: one line, borrowed. */
const char *query_failure(const query *q);

/*
 * Can it match no text of a DELETE, UPDATE or INSERT, whatever the names? False when in doubt. True
 * holds only as long as query_may_begin_in_name() is false of every name such a text may have.
 */
bool query_spares_dml(const query *q);

/* May a match begin inside this name ("public." or "orders"), if only when more text follows? */
bool query_may_begin_in_name(const query *q, const char *name);

void query_free(query *q); /* NULL is fine */

#endif
