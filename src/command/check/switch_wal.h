/*
 * switch_wal.h - has the server end its WAL segment, and waits until that one is in the archive.
 */
#ifndef PITR_FIND_SWITCH_WAL_H
#define PITR_FIND_SWITCH_WAL_H

#include "command/check/server_facts.h"

typedef enum switch_outcome {
    SWITCH_NOT_ASKED,
    SWITCH_REFUSED, /* why: by the server */
    SWITCH_SEEN, /* in the archive, whole; without an archive: the server says that it archived it */
    SWITCH_LATE  /* why: it is not there, or cannot be read, when the time is over */
} switch_outcome;

typedef struct switch_result {
    switch_outcome outcome;
    bool lacks_right;
    bool is_by_server; /* no archive was looked into: the server says so */
    char segment[WP_SEGMENT_NAME_BYTES];
    double seconds; /* from the switch until it was seen, or given up */
    char why[512];
} switch_result;

typedef struct switch_order {
    const char *const *archives;
    size_t narchives;
    int64_t timeout_s;
} switch_order;

/* Needs facts of a primary. False with one line in message: the session broke. */
bool switch_wal(session *s, const server_facts *f, const switch_order *order, switch_result *out,
                char message[512]);

#endif
