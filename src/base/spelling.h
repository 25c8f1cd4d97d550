/*
 * spelling.h - which known word a misspelt one was meant to be.
 */
#ifndef PITR_FIND_SPELLING_H
#define PITR_FIND_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

/* Longer words are like nothing. */
#define SPELLING_MAX 63

/*
 * How many letters must be put in, left out, changed, or swapped with the next to make one word the other, in any
 * case of ASCII letters. SPELLING_MAX + 1 where a word is longer than SPELLING_MAX.
 */
unsigned spelling_distance(const char *a, size_t alen, const char *b, size_t blen);

/* The best of the words that were looked at. */
typedef struct spelling {
    const char *word; /* as typed */
    size_t len;
    const char *best; /* borrowed; NULL: none is near */
    unsigned distance;
} spelling;

/* Looks at a word that may be meant: one letter in three may be wrong, or it begins like that. */
void spelling_try(spelling *s, const char *known);

#endif
