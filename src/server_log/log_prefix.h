/*
 * log_prefix.h - entries of a stderr log, which begin as log_line_prefix says. src/backend/utils/error/elog.c:
 * log_line_prefix().
 */
#ifndef PITR_FIND_LOG_PREFIX_H
#define PITR_FIND_LOG_PREFIX_H

#include "server_log/log_entry.h"
#include "server_log/log_time.h"

#define LOG_PREFIX_ITEMS_MAX 64
#define LOG_PREFIX_BYTES 256

typedef struct log_prefix_item {
    char what;        /* the letter of an escape; 0: the characters themselves */
    int padding;      /* of an escape, as %-10u has it; 0: none */
    uint16_t at, len; /* of the characters, in literals */
} log_prefix_item;

typedef struct log_prefix {
    char text[LOG_PREFIX_BYTES]; /* as it is in the configuration */
    char literals[LOG_PREFIX_BYTES];
    log_prefix_item items[LOG_PREFIX_ITEMS_MAX];
    size_t count;
    bool has_time, has_xid, has_database, has_user, has_session; /* %c; or %p */
} log_prefix;

/* False with one line in message: the server would not write that, or it is too long. */
bool log_prefix_parse(const char *text, log_prefix *out, char message[512]);

/*
 * The prefix that the lines of a log's beginning fit, of those that are common; NULL: none fits nearly all of them.
 * The last line may be torn. lines: how many were looked at.
 */
bool log_prefix_guess(wp_view head, log_prefix *out, size_t *lines);

/* Reads an entry: its line, and those that begin with a tab and continue it. Their bytes are changed. False: it is none. */
bool log_prefix_read(const log_prefix *prefix, log_clock *clock, uint8_t *bytes, size_t len,
                     log_entry *out);

#endif
