/*
 * replication.h - what the streaming replication protocol says, on a session that is for replication: its commands, and
 * the messages of a stream of WAL (PostgreSQL's manual, "Streaming Replication Protocol").
 *
 * Nothing the server says is trusted: numbers are held against their limits, messages against their lengths.
 */
#ifndef PITR_FIND_REPLICATION_H
#define PITR_FIND_REPLICATION_H

#ifdef WITH_LIBPQ

#include <walparse/types.h>

#include "archive/timeline_file.h"
#include "server/session.h"

/* A message of a stream may have so many bytes. Servers send 128 kB. libpq itself takes in the whole of a longer one. */
#define REPLICATION_MESSAGE_BYTES_MAX ((size_t)16 << 20)

/* All of them: false with one line in message. */

typedef struct replication_identity {
    uint64_t system_identifier;
    wp_tli tli; /* the current timeline; of a standby the one it receives */
    wp_lsn end; /* what is flushed */
} replication_identity;

bool replication_identify(session *s, replication_identity *out, char message[512]);

/* SHOW, from 10 on. The value is added to out. */
bool replication_show(session *s, const char *setting, text *out, char message[512]);

/* The server's history of a timeline above 1; free with timeline_free(). */
bool replication_history(session *s, wp_tli tli, timeline_history *out, char message[512]);

typedef struct replication_slot {
    bool exists, is_physical;
    bool is_lost; /* what it held is removed: pg_replication_slots tells, this command does not */
    wp_lsn restart_lsn; /* 0: none: never used, or lost */
    wp_tli restart_tli; /* 0: not told */
} replication_slot;

/* READ_REPLICATION_SLOT, from 15 on. The name is one that replication_is_slot_name() takes, here and below. */
bool replication_read_slot(session *s, const char *name, replication_slot *out, char message[512]);

/* Lower-case letters, digits and _, 63 at most. */
bool replication_is_slot_name(const char *name);

/* What CREATE_REPLICATION_SLOT is to be told; words that the server does not know are left out by the caller. */
bool replication_create_slot(session *s, const char *name, bool is_temporary, bool reserves_wal,
                             char message[512]);

/* Where a timeline ended, and which one goes on there. */
typedef struct replication_switch {
    wp_lsn at;
    wp_tli next; /* 0: it has not ended */
} replication_switch;

/* START_REPLICATION, slot NULL: without. Where the timeline ends right at `at` there is no stream, and *end says so. */
bool replication_start(session *s, const char *slot, wp_lsn at, wp_tli tli, replication_switch *end,
                       char message[512]);

/* After REPLICATION_END: what the server says of the timeline; then it takes commands again. */
bool replication_finish(session *s, replication_switch *out, char message[512]);

typedef enum replication_kind {
    REPLICATION_NOTHING, /* for now: wait until the session's socket can be read */
    REPLICATION_WAL,
    REPLICATION_KEEPALIVE,
    REPLICATION_END, /* the timeline ended: replication_finish() */
    REPLICATION_LOST, /* the server ended the stream, or the connection is gone; one line in message */
    REPLICATION_BAD /* what comes is not this protocol; one line in message */
} replication_kind;

typedef struct replication_message {
    wp_lsn at;         /* of WAL */
    wp_view bytes;     /* of WAL, at least one; in buffer */
    wp_lsn server_end; /* what the server has flushed, as it says */
    bool wants_reply;  /* a status update, at once */
    char *buffer;      /* owned; to be freed by replication_release() */
} replication_message;

/* The next message; never waits. *out is to be released in any case. */
replication_kind replication_receive(session *s, replication_message *out, char message[512]);
void replication_release(replication_message *message);

/*
 * Tells the server what was received and what is safe (0: nothing), and asks it to answer. False: it was not taken, since an earlier
 * update is not sent yet or the connection is gone, which replication_receive() tells.
 */
bool replication_update(session *s, wp_lsn received, wp_lsn safe, bool asks);

#endif
#endif
