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

typedef struct compiled_pattern compiled_pattern;

typedef enum pattern_answer {
    PATTERN_NO,
    PATTERN_MAYBE, /* it depends on names that the text does not tell */
    PATTERN_YES,
    PATTERN_FAILED /* see pattern_failure() */
} pattern_answer;

/* NULL on failure, with one line in message. Free with pattern_free(). */
compiled_pattern *pattern_new(const char *pattern, char message[512]);

/*
 * Matches a text. Equal ids stand for equal texts: each is matched once, its answer remembered until
 * pattern_forget().
 */
pattern_answer pattern_match(compiled_pattern *q, uint32_t id, const char *subject);

/* Does the text lack names, with which it may match? For texts that do not match as they are. */
bool pattern_may_match(const compiled_pattern *q, const char *subject);

/* As it was given, with its blanks widened. Borrowed. */
const char *pattern_text(const compiled_pattern *q);

/* Ids have got new meanings. */
void pattern_forget(compiled_pattern *q);

/* Why the last answer was PATTERN_FAILED: one line, borrowed. */
const char *pattern_failure(const compiled_pattern *q);

/*
 * Can it match no text of a DELETE, UPDATE or INSERT, whatever the names? False when in doubt. True
 * holds only as long as pattern_may_begin_in_name() is false of every name such a text may have.
 */
bool pattern_spares_dml(const compiled_pattern *q);

/* May a match begin inside this name ("public." or "orders"), if only when more text follows? */
bool pattern_may_begin_in_name(const compiled_pattern *q, const char *name);

void pattern_free(compiled_pattern *q); /* NULL is fine */

#endif
