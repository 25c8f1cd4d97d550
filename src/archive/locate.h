/*
 * locate.h - which files among the SOURCEs may hold one WAL file that is asked for by its name.
 *
 * A server asks once for every segment, so a folder of a hundred thousand files is not listed for it: what
 * the file may be called is tried, and only when nothing is there the folders are read.
 */
#ifndef PITR_FIND_LOCATE_H
#define PITR_FIND_LOCATE_H

#include "file/filename.h"

/* A file that may hold it. */
typedef struct located {
    char *path;
    bool is_partial;
    bool
        is_live; /* in a server's own pg_wal, where segments may be unfinished, or made in advance */
} located;

typedef struct located_list {
    located *files; /* full ones first, then those named .partial */
    size_t count, room;
} located_list;

/*
 * name: of a segment, a history file or a backup history file, without any suffix. False with one line in
 * message: a SOURCE is not there, cannot be read, or has no WAL at all. Free with located_free() in either case.
 */
bool locate(const char *name, char *const *sources, size_t nsources, located_list *out,
            char message[512]);

void located_free(located_list *list);

#endif
