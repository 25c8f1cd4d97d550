/*
 * verdicts.h - what a check has to say: a line for each thing looked at, with the reason and the line to change.
 */
#ifndef PITR_FIND_VERDICTS_H
#define PITR_FIND_VERDICTS_H

#include "base/text.h"

/* From good to bad. A note asks for nothing: it does not count for the exit status. */
typedef enum verdict_level {
    VERDICT_OK,
    VERDICT_NOTE,
    VERDICT_UNKNOWN, /* it cannot be known: what is missing stands in it */
    VERDICT_WARNING,
    VERDICT_CRITICAL,
    VERDICT_LEVELS
} verdict_level;

/* Each of these is looked at; --skip takes its name. X(id, name) */
#define CHECK_TOPICS(X)                                 \
    X(WAL_LEVEL, "wal_level")                           \
    X(ARCHIVE_MODE, "archive_mode")                     \
    X(ARCHIVE_COMMAND, "archive_command")               \
    X(ARCHIVER, "archiver")                             \
    X(ARCHIVE_LAG, "archive_lag")                       \
    X(ARCHIVE_TIMEOUT, "archive_timeout")               \
    X(SWITCH, "switch")                                 \
    X(ARCHIVE, "archive")                               \
    X(BACKUP, "backup")                                 \
    X(WINDOW, "window")                                 \
    X(SLOTS, "slots")                                   \
    X(FULL_PAGE_WRITES, "full_page_writes")             \
    X(FSYNC, "fsync")                                   \
    X(SYNCHRONOUS_COMMIT, "synchronous_commit")         \
    X(DATA_CHECKSUMS, "data_checksums")                 \
    X(MAX_WAL_SENDERS, "max_wal_senders")               \
    X(WAL_KEEP, "wal_keep")                             \
    X(REPLICATION_ROLE, "replication_role")             \
    X(PG_HBA, "pg_hba")                                 \
    X(PENDING_RESTART, "pending_restart")               \
    X(STANDBY, "standby")                               \
    X(CLOCK, "clock")                                   \
    X(UNLOGGED_TABLES, "unlogged_tables")               \
    X(TRACK_COMMIT_TIMESTAMP, "track_commit_timestamp") \
    X(LOG, "log")

typedef enum check_topic {
#define CHECK_TOPIC_ID(id, name) CHECK_##id,
    CHECK_TOPICS(CHECK_TOPIC_ID)
#undef CHECK_TOPIC_ID
        CHECK_TOPIC_COUNT
} check_topic;

/* Static. */
const char *check_topic_name(check_topic topic);
/* CHECK_TOPIC_COUNT: there is none of that name. */
check_topic check_topic_called(const char *name);

typedef struct verdict {
    verdict_level level;
    check_topic topic;
    text what;        /* one line */
    text why;         /* why it matters; empty: nothing is wrong */
    text_list change; /* lines to change, each to be copied as it is */
} verdict;

/* So many there are at most: further ones are lost, and verdicts.is_full says so. */
#define VERDICTS_MAX 100

typedef struct verdicts {
    verdict items[VERDICTS_MAX];
    size_t count;
    bool is_full;
    bool skips[CHECK_TOPIC_COUNT]; /* topics that are left out */
    verdict spare;                 /* takes what is left out */
} verdicts;

/* A new verdict, to be filled in further until the next one is added. Never NULL. */
verdict *verdicts_add(verdicts *all, verdict_level level, check_topic topic, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));
void verdict_why(verdict *one, const char *why);
void verdict_change(verdict *one, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Worst first; of one level in the order of the topics. */
void verdicts_sort(verdicts *all);
size_t verdicts_count(const verdicts *all, verdict_level level);
/* Static: "ok", "note", "unknown", "warning", "critical". */
const char *verdict_level_name(verdict_level level);
void verdicts_free(verdicts *all);

#endif
