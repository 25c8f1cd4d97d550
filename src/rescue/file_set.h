/*
 * file_set.h - a set of files of relations.
 */
#ifndef PITR_FIND_FILE_SET_H
#define PITR_FIND_FILE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include <walparse/types.h>

/* Start with all zero. */
typedef struct file_set {
    wp_locator *slots; /* rel 0: empty; a power of two of them */
    size_t nslots, count;
} file_set;

/* One with rel 0 is none. False: out of memory. */
bool file_set_add(file_set *set, const wp_locator *file);
bool file_set_has(const file_set *set, const wp_locator *file);
void file_set_free(file_set *set);

#endif
