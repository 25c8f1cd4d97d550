/*
 * checkpoints.h - the redo points of an archive's checkpoints: where the first change of a page begins to be logged with its image anew.
 */
#ifndef PITR_FIND_CHECKPOINTS_H
#define PITR_FIND_CHECKPOINTS_H

#include "archive/archive.h"

/* More are refused. */
#define CHECKPOINTS_MAX ((size_t)1 << 20)

typedef struct checkpoint {
    wp_lsn redo, lsn; /* where it begins; where its record does */
    wp_time time;     /* when it began, whole seconds; WP_TIME_UNKNOWN: not told */
    bool is_online;
    wp_lsn
        open_from; /* others may begin from here on, before the next: WAL is missing, or cannot be read. 0: none may */
} checkpoint;

/* Start with all zero. */
typedef struct checkpoints {
    checkpoint *items; /* redo points rise */
    size_t count, room;
} checkpoints;

/* What lies between a redo point and the next one. */
typedef struct checkpoint_stretch {
    bool has_distance, has_seconds; /* they are known */
    uint64_t distance;              /* bytes of WAL */
    uint64_t seconds;               /* between the beginnings of both checkpoints */
} checkpoint_stretch;

/* Reads the archive through on so many threads. False with one line in message. Free with checkpoints_free() in any case. */
bool checkpoints_find(const archive *wal, unsigned jobs, checkpoints *out, char message[512]);

/* The last one whose redo point is an LSN or before it; NULL: none is. */
const checkpoint *checkpoints_of(const checkpoints *all, wp_lsn lsn);
/* From one of them to the next. */
checkpoint_stretch checkpoints_stretch(const checkpoints *all, const checkpoint *from);

void checkpoints_free(checkpoints *all);

#endif
