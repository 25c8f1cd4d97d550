/*
 * replay.h - one pass over the WAL from a base backup up to a place: after it the files that are wanted are as they were there.
 */
#ifndef PITR_FIND_REPLAY_H
#define PITR_FIND_REPLAY_H

#include "archive/archive.h"
#include "rescue/heap.h"

typedef struct replay_config {
    const archive *wal;  /* along the timeline of the place */
    backup_blocks *base; /* NULL: none, and replay begins with the first record there is */
    wp_lsn until;        /* records that start here or later are not applied */
    size_t memory_bytes; /* of pages */
    bool show_progress;
    /* Asked as wp_redo_config.wants; of relations only, the logs of transactions are followed always. */
    bool (*wants)(void *context, const wp_locator *file);
    void *context;
} replay_config;

typedef struct replay {
    heap heap;               /* as of `reached` */
    wp_lsn reached;          /* until, or where the WAL cannot be followed any further */
    bool is_cut;             /* the latter: WAL is missing or damaged there, and why says so */
    char why[400];           /* one line for people */
    uint64_t records, bytes; /* of the WAL, up to there */
    struct replay_state *state;
} replay;

/*
 * False with one line in message: memory, a file that cannot be read, or the WAL does not have where the backup begins. Free with replay_free()
 * in either case. The backup's logs of transactions must be fetched, and its files that are wanted.
 */
bool replay_run(const replay_config *config, replay *out, char message[512]);

void replay_free(replay *r);

#endif
