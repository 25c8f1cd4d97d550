/*
 * outline.h - may a pattern match a text some of whose names nobody knows?
 *
 * A pattern is read into an automaton that matches whatever the pattern does, and perhaps more: lookarounds are left
 * out, counts become "any number". Where a text has [16392] or [filenode 16392], any name may stand.
 */
#ifndef PITR_FIND_OUTLINE_H
#define PITR_FIND_OUTLINE_H

#include <stdbool.h>

typedef struct outline outline;

/* Of a pattern that PCRE2 takes, blanks widened to \s+. NULL: out of memory. Free with outline_free(). */
outline *outline_new(const char *pattern);

/* False only when the pattern cannot match, whatever names stand in place of the brackets. */
bool outline_may_match(const outline *o, const char *subject);

/* Does a text have a part that stands for an unknown name? Names in quotes may hold brackets, too. */
bool outline_has_gap(const char *subject);

void outline_free(outline *o); /* NULL is fine */

#endif
