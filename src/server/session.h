/*
 * session.h - a session with a live server, through libpq: one line for each error, with nothing secret in it, and a
 * time limit on all that is waited for.
 *
 * Passwords come by libpq's own means, and no part of a connection string is ever printed.
 */
#ifndef PITR_FIND_SESSION_H
#define PITR_FIND_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "server/libpq.h"

/* Unless connect_timeout of the connection string, or PGCONNECT_TIMEOUT, says otherwise. */
#define SESSION_CONNECT_SECONDS 5
/* A statement; the server's own limit is below ours, so that mostly it is the one to end it. */
#define SESSION_STATEMENT_SECONDS 10
#define SESSION_ANSWER_SECONDS 15
/* A server that talks more is not listened to. */
#define SESSION_NOTICES_MAX 5

typedef struct session session;

typedef struct session_config {
    const char *conninfo;
    const char *option;   /* what it was given by, for messages: "--dsn" */
    const char *server;   /* what messages call the server: "the server of --dsn" */
    const char *database; /* NULL: the one of conninfo, else "postgres" */
    bool is_replication;  /* physical replication: no SQL but the commands of that protocol */
    bool may_write;       /* else each transaction is read-only */
    int answer_seconds;   /* so long an answer is waited for; 0: SESSION_ANSWER_SECONDS */
    text_list *
        notices; /* what the server says by notices is added, a few of them; NULL: it is not heard */
} session_config;

/* One row of an answer. */
typedef struct session_row session_row;

/* Borrowed until the call returns that got the row; NULL: null, or no such column. */
const char *session_value(const session_row *row, int column);
/* Bytes of a value, for those with NULs. */
int session_length(const session_row *row, int column);
int session_columns(const session_row *row);

/* Takes one row. False with a line in message: the answer is not wanted any more. */
typedef bool session_take(void *context, const session_row *row, char message[512]);

/* Was this program built with libpq? False with the line that says what is missing; option: "--dsn". */
bool session_is_possible(const char *option, char message[512]);

/*
 * Connects, waiting as long as the connection string says. The strings of config are borrowed until session_close(). False
 * with one line in message: no connection string, or the server cannot be reached or refuses. *out: NULL then.
 */
bool session_open(const session_config *config, session **out, char message[512]);

/* The same in steps, for a caller that may not wait: begins; *out is to be closed in any case. */
bool session_start(const session_config *config, session **out, char message[512]);
typedef enum session_state {
    SESSION_WAITING, /* ask again when session_socket() is ready, or later */
    SESSION_READY,
    SESSION_FAILED /* one line in message */
} session_state;
/* Goes on with connecting, waiting at most timeout_ms. A session that is no replication is SESSION_READY after its settings are made, which is waited for. */
session_state session_connect(session *s, int timeout_ms, char message[512]);

/* Asks, and hands over each row of the answers; take NULL: there are none. False with a line in message. */
bool session_ask(session *s, const char *sql, session_take *take, void *context, char message[512]);

/* As in server_version_num: 150018. */
int session_server_version(const session *s);
/* SQLSTATE of the last error that the server told, connecting included; "": none. */
const char *session_sqlstate(const session *s);
/* To wait for with poll(); -1: none. */
int session_socket(const session *s);

/* Writes "what: said" into message, what was said in one line and with no secret. Returns false. */
bool session_fail_said(const session *s, const char *what, const char *said, char message[512]);

#ifdef WITH_LIBPQ
/* For replication: the connection itself, and the functions to use it with. Borrowed. */
PGconn *session_connection(session *s);
const libpq *session_libpq(void);

/* Sends a command whose results are taken by session_result(). False with one line in message. */
bool session_send(session *s, const char *sql, char message[512]);
/*
 * Waits for the next result, as long as session_ask() does for all. *out: NULL after the last one; to be freed by PQclear(). False
 * with one line in message: the server told an error, or the connection is gone.
 */
bool session_result(session *s, PGresult **out, char message[512]);
#endif

/* NULL is fine. */
void session_close(session *s);

#endif
