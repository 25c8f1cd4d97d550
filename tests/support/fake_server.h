/*
 * fake_server.h - what a server of streaming replication says, made up: to a connection over a Unix socket it answers by a
 * script, in a thread.
 *
 * Messages are those of PostgreSQL's manual, "Message Formats". Whatever fails here ends the program.
 */
#ifndef TEST_FAKE_SERVER_H
#define TEST_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"

typedef enum fake_action {
    FAKE_CLOSE,     /* the connection is cut; so ends each script */
    FAKE_WAL,       /* len bytes from lsn on, each `byte` */
    FAKE_KEEPALIVE, /* that wants a reply if len is 1 */
    FAKE_RAW,       /* a CopyData with the len bytes at text */
    FAKE_UPDATE, /* waits for a status update whose received LSN is lsn and which asks for a reply if len is 1 */
    FAKE_END,      /* the timeline ends: CopyDone, then a row with `text` (next timeline) and lsn */
    FAKE_ERROR,    /* an error with SQLSTATE and text */
    FAKE_WAIT,     /* until the client closes */
    FAKE_SHUT_DOWN /* CommandComplete */
} fake_action;

typedef struct fake_step {
    fake_action action;
    uint64_t lsn;
    size_t len;
    char byte;
    const char *text;
    const char *sqlstate;
} fake_step;

/* One connection. What is NULL is as a good server of 15 has it. */
typedef struct fake_connection {
    const char *refusal, *sqlstate; /* instead of letting it in */
    const char *version;            /* "15.0" */
    const char *system, *tli, *end; /* "7", "1", "0/500000" */
    const char *segment_size;       /* "1MB" */
    const char *history;            /* of timeline tli */
    fake_step steps[12];            /* after each START_REPLICATION, those that are left */
} fake_connection;

typedef struct fake_server fake_server;

/* Listens in a folder: "host=FOLDER port=5432". Connections are answered one after the other, each by the next script. */
fake_server *fake_server_new(const folder *f, const fake_connection *connections, size_t n);

/* Waits for the thread. True: all scripts were gone through to their ends. */
bool fake_server_free(fake_server *server);

#endif
