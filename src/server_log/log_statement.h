/*
 * log_statement.h - the statement that an entry tells of, and whether it may have done what an event says.
 */
#ifndef PITR_FIND_LOG_STATEMENT_H
#define PITR_FIND_LOG_STATEMENT_H

#include "server_log/log_entry.h"

/* What is a view is borrowed from the entry, whose message may be changed. */
typedef struct log_statement {
    wp_view sql;      /* len 0: it is not logged */
    wp_view command;  /* of pgaudit: "DROP TABLE"; else empty */
    wp_view object;   /* of pgaudit: "public.orders"; else empty */
    wp_time duration; /* microseconds; 0: not told */
    bool has_duration;
} log_statement;

/*
 * log_statement, log_min_duration_statement, auto_explain and pgaudit. False: the entry tells of none; with has_duration it
 * tells how long the one before it in its session took.
 */
bool log_statement_of(const log_entry *entry, log_statement *out);

/*
 * Of an event's text ("DROP TABLE public.orders"): its first word, and the object's name and schema, without quotes.
 * False: it names none.
 */
typedef struct log_deed {
    char verb[16];
    char schema[192], name[192]; /* empty: not known */
} log_deed;
bool log_deed_of(const char *event_text, log_deed *out);

/* Is it the statement of that deed, by its words? */
bool log_statement_does(const log_statement *statement, const log_deed *deed);

/* Statements that end a transaction, or begin one. */
typedef enum log_end { LOG_ENDS_NOTHING, LOG_BEGINS, LOG_COMMITS, LOG_ROLLS_BACK } log_end;
log_end log_statement_ends(const log_statement *statement);
/* ROLLBACK TO a savepoint: what was done since then is undone, and the transaction goes on. */
bool log_statement_undoes(const log_statement *statement);

#endif
