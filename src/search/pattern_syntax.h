/*
 * pattern_syntax.h - what must be known of the syntax of a pattern before PCRE2 reads it.
 */
#ifndef PITR_FIND_PATTERN_SYNTAX_H
#define PITR_FIND_PATTERN_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/* Length of the escape that begins at p. */
size_t pattern_escape_length(const char *p);

/* Length of the character class at p (which points to its bracket), or of what there is of it. */
size_t pattern_class_length(const char *p);

/* True when the pattern itself gives blanks a meaning: (?x). */
bool pattern_is_extended(const char *pattern);

#endif
