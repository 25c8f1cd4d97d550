/*
 * render.h - results as text: the settings of a target, and lists of events.
 *
 * Pure: everything is written into a text, or handed to a stream that the caller opened.
 */
#ifndef PITR_FIND_RENDER_H
#define PITR_FIND_RENDER_H

#include <stdio.h>

#include "search/search.h"
#include "recovery/target.h"
#include "base/text.h"

/* Can the target be reached from this archive? (restorable.h) */
typedef enum restorable { RESTORABLE_UNKNOWN, RESTORABLE_NO, RESTORABLE_YES } restorable;

/* All that was found out. Everything is borrowed. */
typedef struct report {
    const options *options;
    const archive *archive;
    const search_result *found;
    target target;                 /* of the kind asked for */
    const target_place *place;     /* where that is to stop */
    bool is_early;                 /* that is before the transaction locks the object */
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
    const text_list *warnings;
} report;

/* One setting of the recovery. */
typedef struct render_setting {
    const char *name;
    char value[64];
    const char *long_value; /* instead of value, when not NULL */
} render_setting;

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

/* By target_format. */
extern void (*const render_target[TARGET_FORMATS])(const report *r, text *out);

/* An event as a JSON object, without a newline. */
void render_event_json(const archive *wal, const event_view *view, text *out);

/* "DROP TABLE public.orders", or words for a transaction without events. Borrowed. */
const char *render_event_text(const event_view *view);

/* Name of the segment file that holds the start of the record that ended the transaction. */
const char *render_segment(const archive *wal, const event_view *view,
                           char buf[WP_SEGMENT_NAME_BYTES]);

/*
 * Lists of events are written to a spool as they come, since a scan may have to begin again, and
 * copied to their stream once they are final.
 */
typedef enum render_column {
    RENDER_TIME,
    RENDER_LOCAL, /* the same in the local zone, where that is not UTC */
    RENDER_XID,
    RENDER_DATABASE,
    RENDER_ROWS,
    RENDER_LSN,
    RENDER_EVENT,
    RENDER_COLUMNS
} render_column;

typedef struct render_list {
    events_format format;
    const archive *archive;
    FILE *spool;
    text row;
    size_t width;                  /* of the terminal; 0: it is none, and nothing is cut */
    size_t widths[RENDER_COLUMNS]; /* of the columns of a table; 0: it is left out */
    bool drops_fraction;           /* of the time */
    uint64_t rows;
} render_list;

/* The spool must be open for reading and writing. */
bool render_list_start(render_list *list);
bool render_list_add(render_list *list, const event_view *view);
/* False when reading the spool or writing fails. */
bool render_list_copy(render_list *list, FILE *out);

#endif
