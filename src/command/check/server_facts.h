/*
 * server_facts.h - what a server says of itself. Every question is one that any role may ask, or one whose answer may be
 * missing: then it is said which right that takes.
 */
#ifndef PITR_FIND_SERVER_FACTS_H
#define PITR_FIND_SERVER_FACTS_H

#include <walparse/walparse.h>

#include "server/session.h"

/* Rows and bytes that are taken of one answer. */
#define ANSWER_ROWS_MAX 2000
#define ANSWER_BYTES_MAX ((size_t)4 << 20)

/* Rows of text. */
typedef struct answer {
    bool is_known;
    bool lacks_right; /* the role may not ask that */
    char why[512];    /* where it is not known: one line */
    size_t columns, rows;
    char **values;
    size_t nvalues, room, bytes;
} answer;

/* NULL: null, or no such row. */
const char *answer_value(const answer *a, size_t row, size_t column);
int64_t answer_number(const answer *a, size_t row, size_t column, int64_t otherwise);
bool answer_is_true(const answer *a, size_t row, size_t column);
/* WP_TIME_UNKNOWN: null. */
wp_time answer_time(const answer *a, size_t row, size_t column);
/* 0: null. */
wp_lsn answer_lsn(const answer *a, size_t row, size_t column);

/* The columns of each stand beside its SQL. */
typedef enum server_question {
    ASK_SERVER,
    ASK_SETTINGS,
    ASK_CONTROL,
    ASK_POSITION,
    ASK_ARCHIVER,
    ASK_READY,
    ASK_SLOTS,
    ASK_SENDERS,
    ASK_ROLES,
    ASK_HBA,
    ASK_DATABASES,
    SERVER_QUESTIONS
} server_question;

/* Tables without WAL of one database. */
typedef struct unlogged_tables {
    const char *database; /* borrowed */
    answer tables;        /* their number in all, name; the largest ones */
} unlogged_tables;

#define UNLOGGED_DATABASES_MAX 100

typedef struct server_facts {
    answer answers[SERVER_QUESTIONS];
    const char *user; /* as SQL quotes it; borrowed from the answers, as all strings here */
    const wp_profile *profile; /* NULL: of a major that is not known */
    bool is_superuser, in_recovery, has_wal_names;
    uint64_t system_identifier; /* 0: not known */
    wp_tli tli;                 /* 0: not known */
    wp_lsn lsn;                 /* written, or replayed; 0: not known */
    uint32_t segment_size;      /* 0: not known */
    wp_time clock;              /* of the server, when asked */
    double clock_offset;        /* seconds that it is ahead of this machine's */
    double clock_error;         /* by so much that may be wrong */
    unlogged_tables unlogged[UNLOGGED_DATABASES_MAX];
    size_t nunlogged;
} server_facts;

/* Asks all. False with one line in message: the session broke. Free with server_facts_free() in either case. */
bool server_facts_ask(session *s, server_facts *out, char message[512]);
/* Asks for the archiver's state, and the position, once more. */
bool server_facts_ask_again(session *s, server_facts *f, char message[512]);
/* Asks one thing, which need not have an answer. False: the session broke. */
bool answer_ask(session *s, const char *sql, answer *out, char message[512]);
void answer_free(answer *a);
void server_facts_free(server_facts *f);

/* Asks a database of unlogged tables. */
bool server_facts_ask_unlogged(session *s, const char *database, server_facts *f,
                               char message[512]);

/* Notes that it could not be asked. False: there are too many. */
bool server_facts_miss_unlogged(const char *database, server_facts *f);

/* A setting; NULL: this server has none of that name, or does not show it. */
const char *server_setting(const server_facts *f, const char *name);
/* In bytes or milliseconds, or as it is where it has no unit. */
int64_t server_setting_number(const server_facts *f, const char *name, int64_t otherwise);
bool server_setting_is(const server_facts *f, const char *name, const char *value);

#endif
