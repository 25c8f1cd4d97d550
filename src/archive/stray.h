/*
 * stray.h - WAL that lies among the sources where it is not read: under a name that is no segment's, or one folder
 * further down.
 */
#ifndef PITR_FIND_STRAY_H
#define PITR_FIND_STRAY_H

#include <stdbool.h>
#include <stddef.h>

#include <walparse/segment.h>

/* So many are kept: the latest by their names. */
#define STRAYS_MAX 32

typedef struct stray {
    char *path;
    wp_segment_name name; /* of the segment whose digits are in the file's name */
    bool is_below;        /* in a folder that is not read */
    bool is_passing;      /* a temporary name: it may just be being copied */
} stray;

/* Start with all zero. */
typedef struct strays {
    stray items[STRAYS_MAX];
    size_t count;
} strays;

/*
 * A file of a folder that is read, whose name is no segment's. Names without the digits of a segment are left out, and
 * files that are empty. False: out of memory.
 */
bool strays_add(strays *list, const char *folder, const char *base);

/* A folder that is not read, below one that is: a bounded number of its direct entries. False: out of memory. */
bool strays_look_into(strays *list, const char *folder);

/*
 * One whose name comes after the last segment that is read, on its timeline or a newer one, and which is not known to be of
 * another cluster; NULL: there is none. Passing ones only where nothing else is.
 */
const stray *strays_after(const strays *list, const wp_segment_name *last,
                          uint64_t system_identifier);

void strays_free(strays *list);

#endif
