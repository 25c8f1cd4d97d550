/*
 * stream_source.h - WAL of a running server by physical streaming replication, from 9.5 on.
 *
 * A connection that is lost is made again, after 1 s, 2 s, 4 s ... 30 s; it must lead to the same cluster, on a timeline that has what
 * was read. The server may be a standby.
 */
#ifndef PITR_FIND_STREAM_SOURCE_H
#define PITR_FIND_STREAM_SOURCE_H

#include "live/source.h"

typedef struct stream_config {
    const char *conninfo;
    const char *option; /* what it was given by, for messages: "SOURCE" */
    const char *slot;   /* physical; NULL: a temporary one where the server has them */
    bool create_slot;   /* makes the slot if there is none of that name */
    /* Where to begin; 0: at the slot's place, or where the server is now. */
    wp_lsn from_lsn;
    wp_tli
        from_tli; /* of from_lsn, when from_lsn was read before; 0: as the server's history says */
    uint64_t system_identifier; /* that the server must have; 0: any */
    /* A server that says nothing for so long is asked, and given up after twice that. 0: 30 s. */
    int silence_ms;
} stream_config;

/*
 * Connects and begins, waiting as long as sessions do. Strings of config are copied, but for option. False with one line in message:
 * wrong password, no right to replicate, no such slot, no such WAL ...
 */
bool stream_source_open(const stream_config *config, live_source **out,
                        char message[MESSAGE_BYTES]);

#endif
