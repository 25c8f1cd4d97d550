/*
 * find.h - walks the SOURCE arguments and lists the files that may be WAL, by their names alone.
 */
#ifndef PITR_FIND_FIND_H
#define PITR_FIND_FIND_H

#include <stddef.h>

#include "file/filename.h"
#include "archive/layout.h"
#include "archive/stray.h"

/* So many notes are kept. */
#define FIND_NOTES_MAX 16

/* A file that may be a segment. */
typedef struct find_file {
    char *path;
    filename name; /* kind OTHER: given by hand under a name of its own */
    size_t source; /* index of the SOURCE it came from */
    size_t order;  /* in which it was found */
} find_file;

typedef struct find_history {
    char *path;
    wp_tli tli;
} find_history;

typedef struct find_list {
    find_file *files;
    size_t nfiles, files_room;
    find_history *histories;
    size_t nhistories, histories_room;
    char **backups; /* paths of backup history files */
    size_t nbackups, backups_room;
    char **directories; /* that hold files of the list, each once */
    size_t ndirectories, directories_room;
    wal_layout *layouts; /* of the sources, each once; files and plain folders have none */
    size_t nlayouts, layouts_room;
    bool has_plain;      /* some of the files came from a SOURCE without one */
    char complaint[512]; /* about the first tar archive that breaks off; "": none does */
    char **notes;        /* what else is to be said of tar archives and of folders below */
    size_t nnotes, notes_room;
    size_t nunsaid; /* further notes, which are not kept */
    strays strays;  /* what may be WAL and is not read */
} find_list;

/*
 * A folder of a known layout (layout.h) gives what lies in that layout's folders of WAL. Any other gives
 * its direct entries; when none of them is named like a segment, the members of its pg_wal.tar or
 * base.tar, those of its pg_wal or pg_xlog, else of its sub-folders, two levels down at most; where
 * they have none, those of the one archive further below (deeper.h). A file is
 * taken whatever its name; of a tar archive, its members. False with one line in message: nothing there,
 * unreadable, a source without segments, with several servers, a folder that is named like a segment.
 * Free with find_free() in either case.
 */
bool find_sources(char *const *sources, size_t nsources, find_list *out, char message[512]);

void find_free(find_list *list);

#endif
