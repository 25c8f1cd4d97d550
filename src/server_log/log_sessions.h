/*
 * log_sessions.h - follows the sessions of a log, entry by entry, and keeps those that may have done what is asked about.
 *
 * Memory: LOG_SESSIONS_MAX sessions and LOG_TRACES_MAX traces; the oldest ones are let go.
 */
#ifndef PITR_FIND_LOG_SESSIONS_H
#define PITR_FIND_LOG_SESSIONS_H

#include "server_log/log_session.h"
#include "server_log/log_statement.h"
#include "server_log/who.h"

#define LOG_TRACES_MAX 256

/* A transaction of a session that may be the one. */
typedef struct log_trace {
    char key[LOG_KEY_BYTES];
    who_suspect who; /* without certainties and reason */
    size_t deed;     /* which of the events the statement did; nevents: none of them */
    bool has_xid;    /* a line of it has the transaction's id */
    bool is_pinned; /* the statement was logged with that id, or with the virtual id of that line */
    bool is_doubtful;        /* that line can be read in more than one way */
    bool has_database;       /* it names the database, or the id of a session that does */
    uint64_t last_statement; /* the hash of its text */
    wp_time last_time;       /* of the last line with the id */
    bool tells_xid;          /* the log does */
    bool has_end;            /* it was logged how long the statement took: it did not fail */
    bool is_in_block;        /* a BEGIN was logged before it */
    bool commits;            /* its COMMIT was logged */
    wp_time commits_at;      /* when that was */
    bool is_undone;          /* it went back to a savepoint after the statement */
    bool is_over;            /* it is another transaction, or failed: not the one */
} log_trace;

typedef struct log_sessions {
    const who_question *question;
    log_deed deeds[WHO_EVENTS_MAX];
    size_t ndeeds;
    log_session_table table;
    log_trace *traces;
    size_t ntraces;
    bool is_failed; /* memory is out */
    /* What there was at a time that may matter. */
    uint64_t entries, statements,
        own_statements;                  /* the last: of the database, or of one that is not told */
    uint64_t wrong_time, wrong_database; /* lines with the id that cannot be of the transaction */
    wp_time wrong_moment;
    char wrong_name[WP_NAME_BYTES];
    uint64_t
        contradicted; /* sessions with the id that went on with something else before the commit */
    bool tells_xid, lacks_xid; /* entries do, and do not */
    uint64_t forgotten;
} log_sessions;

/* How far from the commit lines are looked at. */
#define LOG_BEFORE (INT64_C(86400) * 1000000)
#define LOG_AFTER (INT64_C(300) * 1000000)

/* False: no memory. Free in any case. */
bool log_sessions_start(const who_question *q, log_sessions *out);
void log_sessions_take(log_sessions *s, const log_entry *entry, const char *file, uint64_t line);
void log_sessions_free(log_sessions *s);

#endif
