/*
 * log_words.h - what a server's messages begin with, in its languages: the translations of PostgreSQL (src/backend/po).
 */
#ifndef PITR_FIND_LOG_WORDS_H
#define PITR_FIND_LOG_WORDS_H

#include "server_log/log_entry.h"

typedef enum log_words {
    LOG_WORDS_STATEMENT, /* "statement: " */
    LOG_WORDS_EXECUTE,   /* "execute " */
    LOG_WORDS_DURATION,  /* "duration: " */
    LOG_WORDS_MS         /* " ms" */
} log_words;

/* What follows the words that the message begins with; bytes NULL: it begins with none of them. */
wp_view log_words_after(log_words what, wp_view message);

/* Is it that of an error: ERROR, FATAL, PANIC? */
bool log_severity_is_error(wp_view severity);
/* Is it STATEMENT: of a stderr log, the statement that the entry before is about? */
bool log_severity_is_statement(wp_view severity);

#endif
