/*
 * statement.h - a pattern that is really a statement, pasted from a psql session or a log.
 */
#ifndef PITR_FIND_STATEMENT_H
#define PITR_FIND_STATEMENT_H

#include "base/text.h"

/*
 * Of a statement like DROP TABLE IF EXISTS "orders", shop.items CASCADE; the pattern that matches the events it
 * makes: a name without a schema may be in any. False, and nothing added, for all else: that is a pattern as it is.
 * So is a statement without any of what events never show (IF EXISTS, CASCADE, a semicolon, several or quoted names).
 */
bool statement_pattern(const char *chars, text *out);

/* The text of an event as a pattern that matches it and nothing else: ^DROP TABLE public\.orders$ */
void statement_exact(const char *event_text, text *out);

#endif
