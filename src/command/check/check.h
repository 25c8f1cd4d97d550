/*
 * check.h - `check`: is this server set up so that a DROP can be undone?
 *
 *   server_facts.c    what the server says of itself
 *   switch_wal.c      a segment is made to be archived, and looked for                -> --switch
 *   archive_facts.c   the archive is verified, with its base backups                  -> --archive, --backup
 *   rules_*.c         what that means, each thing by itself                           -> verdicts
 *   render_*.c        verdicts for people, as JSON, for Nagios
 */
#ifndef PITR_FIND_CHECK_H
#define PITR_FIND_CHECK_H

#include "cli/command.h"
#include "command/check/archive_facts.h"
#include "command/check/verdicts.h"
#include "command/check/server_facts.h"
#include "command/check/switch_wal.h"

/* What can be drawn as a curve. */
typedef enum check_metric {
    METRIC_BACKUP_AGE,
    METRIC_WINDOW,
    METRIC_ARCHIVE_AGE,
    METRIC_ARCHIVE_WAITING,
    METRIC_ARCHIVE_LAG,
    METRIC_SLOT_WAL,
    METRIC_SWITCH,
    METRIC_CLOCK_OFFSET,
    METRICS
} check_metric;

typedef struct check {
    const char *archive_path; /* the first of --archive, for lines to copy; NULL: none was given */
    int64_t max_backup_age, max_archive_lag; /* seconds */
    server_facts server;
    archive_facts archive;
    switch_result switched;
    verdicts found;
    bool has_metric[METRICS];
    double metrics[METRICS];
} check;

static inline void check_measure(check *c, check_metric metric, double value)
{
    c->has_metric[metric] = true;
    c->metrics[metric] = value;
}

/* The value of a setting; NULL, and the topic is unknown then: the server does not show it. */
const char *shown_setting(check *c, check_topic topic, const char *name);

/* Each adds what it has to say. */
void rules_wal(check *c);       /* rules_wal.c: what gets into the WAL, and survives a crash */
void rules_archiving(check *c); /* rules_archiving.c: how it gets out of the server */
void rules_archive(check *c);   /* rules_archive.c: what lies in the archive */
void rules_slots(check *c);     /* rules_slots.c: who holds WAL back */
void rules_access(check *c);    /* rules_access.c: who can take a base backup */
void rules_state(check *c);     /* rules_state.c: the rest */

/* In the order of the words of --format. */
typedef enum check_format { CHECK_TABLE, CHECK_JSON, CHECK_FORMATS } check_format;

void render_check_table(const check *c, text *out);
void render_check_json(const check *c, text *out);
/* One line of status and performance data, then the verdicts. */
void render_check_nagios(const check *c, text *out);

extern const command check_command;

#endif
