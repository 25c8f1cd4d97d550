/*
 * name_sums.h - the SHA-1 that pgBackRest puts into a segment's name, against what the file holds, unpacked.
 */
#ifndef PITR_FIND_NAME_SUMS_H
#define PITR_FIND_NAME_SUMS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct sum_file {
    const char *path; /* borrowed */
    size_t tag;       /* the caller's */
    bool is_wrong;
} sum_file;

/* Files that have a checksum in their name. Start with all zero. */
typedef struct sum_list {
    sum_file *items;
    size_t count, room;
} sum_list;

/* Adds a file, if its name has a checksum. False: out of memory. */
bool sums_add(sum_list *list, const char *path, size_t tag);

/* Built with a library that can tell? Without, sums_check() calls nothing wrong. */
bool sums_are_built_in(void);

/* Reads all of them, on so many threads. False with one line in message on a read error. */
bool sums_check(sum_list *list, unsigned jobs, char message[512]);

void sums_free(sum_list *list);

#endif
