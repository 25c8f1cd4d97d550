/*
 * render.h - a target as text: settings, JSON, assignments for sh.
 *
 * Pure: everything is written into a text.
 */
#ifndef PITR_FIND_RENDER_H
#define PITR_FIND_RENDER_H

#include "cli/options.h"
#include "search/search.h"
#include "server_log/who.h"
#include "recovery/target.h"
#include "base/text.h"

typedef enum target_format {
    FORMAT_CONF,
    FORMAT_JSON,
    FORMAT_SHELL,
    FORMAT_PGBACKREST, /* from here on: commands of archivers (archiver.h) */
    FORMAT_BARMAN,
    FORMAT_WALG,
    FORMAT_PROBACKUP,
    TARGET_FORMATS
} target_format;

/* The words of --format, in that order. */
#define TARGET_FORMAT_WORDS "conf json shell pgbackrest barman wal-g pg_probackup"

/* Can the target be reached from this archive? (restorable.h) */
typedef enum restorable { RESTORABLE_UNKNOWN, RESTORABLE_NO, RESTORABLE_YES } restorable;

/* All that was found out. Everything is borrowed. */
typedef struct report {
    const options *options;   /* how it is to be told */
    const question *question; /* what was asked */
    const archive *archive;
    const search_result *found;
    target target;                 /* of the kind asked for */
    const target_place *place;     /* where that is to stop */
    bool has_target[TARGET_KINDS]; /* which kinds there are, on this server's major */
    target targets[TARGET_KINDS];
    wp_tli timeline;
    const backup *base; /* --backup, or NULL */
    wp_lsn backup_stop; /* where it becomes consistent, 0: not known */
    bool is_refused;    /* the server would refuse the target: it lies before that */
    restorable restorable;
    const char *restore_command;
    bool serves_partial; /* restore_command finds a .partial segment by the name of the full one */
    int32_t needs
        [WP_LIMITS]; /* what the WAL and the backup demand of the restored server; 0: not known */
    const who_answer *who; /* --log; NULL: none, or no transaction was found */
    const text_list *warnings;
    bool is_in_doubt; /* what was asked for may be another, or be hidden */
} report;

/* One setting of the recovery. */
typedef struct render_setting {
    const char *name;
    char value[64];
    const char *long_value; /* instead of value, when not NULL */
} render_setting;

/* The word of --action. */
const char *render_action(const report *r, char buf[32]);

#define RENDER_SETTINGS_MAX 6

/* The settings of a target, in the order they are printed. Returns how many. */
size_t render_settings(const report *r, const target *t, render_setting out[RENDER_SETTINGS_MAX]);
const char *render_value(const render_setting *setting);

void render_conf(const report *r, text *out);
/* The same without the line that says where it belongs; and one setting of it. */
void render_conf_story(const report *r, text *out);
void render_conf_setting(const char *name, const char *value, text *out);
void render_json(const report *r, text *out);
void render_shell(const report *r, text *out);

#endif
