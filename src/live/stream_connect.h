/*
 * stream_connect.h - from a connection string to a running stream of WAL: which server it is, slot, timeline, place. One attempt,
 * which is waited for.
 */
#ifndef PITR_FIND_STREAM_CONNECT_H
#define PITR_FIND_STREAM_CONNECT_H

#ifdef WITH_LIBPQ

#include "live/stream_source.h"
#include "server/replication.h"

/* What a stream must lead to. */
typedef struct stream_goal {
    const stream_config *config;
    bool is_first;
    uint64_t system_identifier; /* 0: any */
    uint32_t segment_bytes;     /* 0: not known */
    wp_lsn position;            /* all before was read; of the first one 0: as config says */
    wp_tli tli;                 /* that position lies on; 0: as the server's history says */
} stream_goal;

/* A stream that runs from the start of the segment of `position`, on timeline tli. */
typedef struct stream_link {
    session *session; /* owned; NULL: none */
    uint64_t system_identifier;
    uint32_t segment_bytes;
    wp_lsn position;
    wp_tli tli;
    wp_lsn server_end;
    char temporary_slot[WP_NAME_BYTES]; /* "": none */
    bool is_slot_active; /* of an attempt that failed: another session has the slot */
    replication_switch
        ended; /* next above 0: the goal's timeline ended there, at the goal's position or before */
} stream_link;

typedef enum stream_outcome {
    STREAM_RUNS,
    STREAM_AGAIN, /* not now: it may be tried again */
    STREAM_NEVER  /* trying again does not help */
} stream_outcome;

/* With one line in message where it does not run. */
stream_outcome stream_connect(const stream_goal *goal, stream_link *out,
                              char message[MESSAGE_BYTES]);

/*
 * After REPLICATION_END: goes on along the next timeline in the same session. Where that fails, the session is
 * closed; link->ended may be known nevertheless.
 */
stream_outcome stream_continue(const stream_goal *goal, stream_link *link,
                               char message[MESSAGE_BYTES]);

/* What an error of the server means: adds what to do to the line in message, and says whether it may be tried again. */
stream_outcome stream_judge(const session *s, wp_lsn position, char message[MESSAGE_BYTES]);

void stream_link_close(stream_link *link);

#endif
#endif
