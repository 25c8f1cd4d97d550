/*
 * log_session.h - what is known of the sessions of a log so far: who they are, and the last statement of each.
 */
#ifndef PITR_FIND_LOG_SESSION_H
#define PITR_FIND_LOG_SESSION_H

#include "server_log/log_entry.h"

#define LOG_SESSIONS_MAX 2048
#define LOG_KEY_BYTES 40
/* Of a statement that matches nothing, and may turn out to have been the transaction's. */
#define LOG_STATEMENT_KEPT 2048

typedef struct log_session {
    char key[LOG_KEY_BYTES]; /* "": free */
    uint64_t used;
    char user[WP_NAME_BYTES], database[WP_NAME_BYTES], application[WP_NAME_BYTES], client[256];
    /* The last statement. */
    char virtual_xid[LOG_KEY_BYTES], statement[LOG_STATEMENT_KEPT];
    bool has_statement, is_statement_cut;
    wp_time time;
    const char *file; /* borrowed */
    uint64_t line;
    bool is_doubtful; /* that line can be read in more than one way */
    bool has_error;   /* the last entry was one */
    bool is_in_block; /* a BEGIN was logged, and no end */
} log_session;

typedef struct log_session_table {
    log_session *items;
    uint64_t clock;
} log_session_table;

bool log_session_table_start(log_session_table *out); /* false: no memory */
void log_session_table_free(log_session_table *table);

/* By session id, or by process; of logs in different formats they differ. False: the entry tells of none. */
bool log_session_key(const log_entry *e, char out[LOG_KEY_BYTES]);

/* Never NULL: the one that was silent longest makes room. */
log_session *log_session_of(log_session_table *table, const char *key);

/* What an entry of the session says of who it is: the prefix, or log_connections. */
void log_session_learn(log_session *one, const log_entry *e);

/* As a string, cut where it is too long. */
void log_view_copy(char *to, size_t room, wp_view from);

#endif
