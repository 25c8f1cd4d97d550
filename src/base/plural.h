/*
 * plural.h - the ending of an English noun.
 */
#ifndef PITR_FIND_PLURAL_H
#define PITR_FIND_PLURAL_H

#include <stdint.h>

/* "" for one, "s" for all else. */
static inline const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

#endif
