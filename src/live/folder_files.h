/*
 * folder_files.h - which segments and history files a folder has by now, and whether anything has changed in it.
 *
 * Changes are told by inotify, and where that does not see them (network file systems) found by looking once a second.
 */
#ifndef PITR_FIND_FOLDER_FILES_H
#define PITR_FIND_FOLDER_FILES_H

#include <stdint.h>
#include <time.h>

#include <walparse/segment.h>

#include "base/message.h"

/* Folders that are watched; those that are more are looked at once a second. */
#define FOLDER_WATCHES_MAX 64

typedef struct folder_file {
    char *path;
    wp_tli tli;
    wp_lsn start; /* 0 of a history file */
    bool is_partial, is_packed;
} folder_file;

typedef struct folder_watch {
    char *path;
    int id; /* of inotify; -1: it is not told of changes in it */
    bool is_wanted;
    struct timespec changed; /* before the list was made */
} folder_watch;

typedef struct folder_files {
    char *folder; /* the SOURCE, borrowed */
    uint32_t segment_size;
    folder_file *items; /* segments, by timeline, start, and which is to be read first */
    size_t count, room;
    folder_file *histories;
    size_t nhistories, histories_room;
    folder_watch watches[FOLDER_WATCHES_MAX];
    size_t nwatches;
    int notes;     /* inotify's descriptor; -1: there is none */
    bool is_stale; /* what is listed may not be what is there */
    int64_t looked_ms, listed_ms, took_ms;
} folder_files;

/* Milliseconds of a clock that only goes forward. */
int64_t folder_now_ms(void);

/* Begins without a list. Close with folder_files_close() in any case. */
void folder_files_open(folder_files *files, char *folder, uint32_t segment_size);
void folder_files_close(folder_files *files);

/* Has anything been written, made or removed since the last call? Without inotify: has a second gone by? */
bool folder_files_has_news(folder_files *files);

/*
 * Lists again, if anything was made or removed, and enough time has gone by: listing many files takes no more than a part of
 * the time. Segments before `from` are left out. False with one line in message: the folder cannot be read; the list is the
 * old one then.
 */
bool folder_files_refresh(folder_files *files, wp_lsn from, char message[MESSAGE_BYTES]);

/* The files of a segment, best first; *n: how many. NULL: none. */
const folder_file *folder_files_find(const folder_files *files, wp_tli tli, wp_lsn start,
                                     size_t *n);
/* The first segment of a timeline that starts after an LSN; NULL: none. */
const folder_file *folder_files_after(const folder_files *files, wp_tli tli, wp_lsn lsn);

#endif
