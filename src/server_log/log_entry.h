/*
 * log_entry.h - one entry of a server's log, whatever format it was written in.
 */
#ifndef PITR_FIND_LOG_ENTRY_H
#define PITR_FIND_LOG_ENTRY_H

#include <walparse/types.h>

/* Views are borrowed from the entry's bytes; what the format does not tell is empty, or 0. */
typedef struct log_entry {
    wp_time time;       /* WP_TIME_UNKNOWN: none, or in a zone that is not known */
    wp_time resolution; /* the moment is in [time, time + resolution) */
    wp_view zone;       /* as it was written */
    wp_view user, database, application, client;
    wp_view session;     /* "6741c2f0.1a2b" */
    wp_view virtual_xid; /* "3/45"; "3/0": in no transaction */
    wp_view severity; /* "LOG"; of stderr also "STATEMENT" and its like, which are entries there */
    wp_view message, query; /* query: the statement that an error is about */
    uint64_t pid;
    uint64_t xid;     /* of the top-level transaction; 0: none yet, or not told */
    char format;      /* entries of logs in different formats do not follow each other */
    bool tells_xid;   /* the format does, for every entry */
    bool is_helper;   /* a parallel worker, of another session's transaction */
    bool is_doubtful; /* it can be read in more than one way */
} log_entry;

static inline bool log_view_is(wp_view view, const char *chars)
{
    size_t i = 0;
    while (i < view.len && chars[i] != '\0' && view.bytes[i] == (uint8_t)chars[i])
        i++;
    return i == view.len && chars[i] == '\0';
}

/* What follows, where the view begins with these characters; len 0 and bytes NULL: it does not. */
static inline wp_view log_view_after(wp_view view, const char *chars)
{
    size_t i = 0;
    while (i < view.len && chars[i] != '\0' && view.bytes[i] == (uint8_t)chars[i])
        i++;
    return chars[i] == '\0' ? (wp_view){ view.bytes + i, view.len - i } : (wp_view){ NULL, 0 };
}

/* Digits only, at least one; false: they are not, or too many. */
static inline bool log_view_number(wp_view view, uint64_t *out)
{
    uint64_t value = 0;
    if (view.len == 0 || view.len > 19)
        return false;
    for (size_t i = 0; i < view.len; i++) {
        if (view.bytes[i] < '0' || view.bytes[i] > '9')
            return false;
        value = value * 10 + (view.bytes[i] - '0');
    }
    *out = value;
    return true;
}

#endif
