/*
 * render_verify.c - what verify.h found out: for people, as CSV (a row a segment), as one JSON object.
 */
#include "command/verify/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "file/filename.h"
#include "base/plural.h"

/* ---- for people ----------------------------------------------------------------------------- */

/* A line of the table: the label only where it is new. */
static void begin(text *out, const char *label)
{
    text_addf(out, "%-15s", label);
}

static void add_moment(text *out, wp_time time)
{
    char buf[WP_TIME_TEXT_BYTES];
    if (time != WP_TIME_UNKNOWN)
        text_addf(out, " (%s)", wp_time_format(time, buf));
}

static void add_position(text *out, const char *words, wp_lsn lsn, wp_time time)
{
    char buf[WP_LSN_TEXT_BYTES];
    text_addf(out, "%s%s", words, wp_lsn_format(lsn, buf));
    add_moment(out, time);
}

static void add_cluster(const verification *v, text *out)
{
    begin(out, "cluster");
    text_addf(out, "%" PRIu64 ", PostgreSQL %s, segments of %u MB\n", v->info.system_identifier,
              v->info.profile->major, v->info.segment_size >> 20);
}

/* Without a history file the WAL itself may tell which timeline it left, and where. */
static void add_origin(const verify_timeline *t, text *out)
{
    const bool is_by_wal = !t->branch->has_history && t->opened.tli != 0;
    const wp_tli parent = is_by_wal ? t->opened.parent : t->branch->parent;
    if (parent == 0)
        return;
    text_addf(out, "left %u", parent);
    add_position(out, " at ", is_by_wal ? t->opened.lsn : t->branch->begin, WP_TIME_UNKNOWN);
    text_add(out, is_by_wal ? " by its WAL" : "");
    text_add(out, t->branch->reason[0] != '\0' ? ", " : "");
    text_add_visible(out, t->branch->reason);
    text_add(out, "; ");
}

static void add_timelines(const verification *v, text *out)
{
    for (size_t i = 0; i < v->ntimelines; i++) {
        const verify_timeline *t = &v->timelines[i];
        begin(out, i == 0 ? "timelines" : "");
        text_addf(out, "%u: ", t->tli);
        add_origin(t, out);
        text_addf(out, "%zu segment%s", t->segments, plural(t->segments));
        add_position(out, ", ", t->start_lsn, WP_TIME_UNKNOWN);
        add_position(out, " to ", t->end_lsn, WP_TIME_UNKNOWN);
        text_addf(out, ", %" PRIu64 " commit%s\n", t->commits, plural(t->commits));
    }
}

static void add_window_line(const verification *v, const verify_window *w, text *out)
{
    (void)v;
    begin(out, "");
    text_addf(out, "  along timeline %u: ", w->tli);
    if (!w->is_usable) {
        text_addf(out, "no recovery: %s\n", w->reason);
        return;
    }
    add_position(out, "from ", w->from_lsn, w->from_time);
    if (w->last.lsn != 0)
        add_position(out, " to the last commit at ", w->last.lsn, w->last.time);
    add_position(out, w->last.lsn != 0 ? ", idle up to " : ", no commit up to ", w->end_lsn,
                 WP_TIME_UNKNOWN);
    if (w->reason[0] != '\0')
        text_addf(out, "; then %s", w->reason);
    text_add(out, "\n");
}

static void add_backups(const verification *v, text *out)
{
    if (v->nbackups == 0) {
        begin(out, "backups");
        text_add(out,
                 "none known: no .backup file here, no --backup; WAL alone cannot be restored\n");
    }
    for (size_t i = 0; i < v->nbackups; i++) {
        const verify_backup *one = &v->backups[i];
        begin(out, i == 0 ? "backups" : "");
        text_add(out, "'");
        text_add_visible(out, one->label.label);
        text_add(out, "' of ");
        text_add_visible(out, one->is_given ? one->path : filename_base(one->path));
        add_position(out, ": from ", one->label.start_lsn, one->label.start_time);
        if (one->label.start_time == WP_TIME_UNKNOWN && one->label.start_time_text[0] != '\0') {
            text_add(out, " (");
            text_add_visible(out, one->label.start_time_text);
            text_add(out, ")");
        }
        text_addf(out, " on timeline %u\n", one->label.timeline);
        bool has_window = false;
        for (size_t n = 0; n < v->nwindows; n++) {
            if (v->windows[n].backup != i)
                continue;
            has_window = true;
            add_window_line(v, &v->windows[n], out);
        }
        if (!has_window) {
            begin(out, "");
            text_add(out, "  no recovery: it is on no timeline of this archive\n");
        }
    }
}

static void add_points(const verification *v, text *out)
{
    for (size_t i = 0; i < v->npoints; i++) {
        const verify_point *one = &v->points[i];
        begin(out, i == 0 ? "restore points" : "");
        text_add_visible(out, one->name);
        add_position(out, " at ", one->lsn, one->time);
        text_addf(out, " on timeline %u\n", one->tli);
    }
}

/* The settings by name; -1: not known. */
static const struct {
    const char *name;
    size_t at;
} settings[] = {
    { "max_connections", offsetof(verify_parameters, max_connections) },
    { "max_worker_processes", offsetof(verify_parameters, max_worker_processes) },
    { "max_wal_senders", offsetof(verify_parameters, max_wal_senders) },
    { "max_prepared_transactions", offsetof(verify_parameters, max_prepared_transactions) },
    { "max_locks_per_transaction", offsetof(verify_parameters, max_locks_per_transaction) },
};
#define SETTINGS (sizeof settings / sizeof *settings)

static int32_t setting_of(const verification *v, size_t i)
{
    int32_t value;
    memcpy(&value, (const char *)&v->parameters + settings[i].at, sizeof value);
    return value;
}

static void add_parameters(const verification *v, text *out)
{
    bool has_one = false;
    for (size_t i = 0; i < SETTINGS; i++) {
        if (setting_of(v, i) < 0)
            continue;
        if (!has_one)
            begin(out, "needs");
        text_addf(out, "%s%s >= %d", has_one ? ", " : "", settings[i].name, setting_of(v, i));
        has_one = true;
    }
    text_add(out, has_one ? "\n" : "");
}

static void add_minimal(const verification *v, text *out)
{
    for (size_t i = 0; i < v->nminimal; i++) {
        begin(out, i == 0 ? "minimal WAL" : "");
        add_position(out, "from ", v->minimal[i].from, WP_TIME_UNKNOWN);
        if (v->minimal[i].until != 0)
            add_position(out, " to ", v->minimal[i].until, WP_TIME_UNKNOWN);
        text_addf(out, " on timeline %u: a backup from before that cannot be recovered past it\n",
                  v->minimal[i].tli);
    }
}

static void add_result(const verification *v, text *out)
{
    for (size_t i = 0; i < v->nproblems; i++) {
        begin(out, i == 0 ? "problems" : "");
        text_addf(out, "%s: ", verify_kind_name(v->problems[i].kind));
        text_add_visible(out, v->problems[i].text);
        text_add(out, "\n");
    }
    if (v->problems_total > v->nproblems) {
        begin(out, "");
        text_addf(out, "and %" PRIu64 " more\n", v->problems_total - v->nproblems);
    }
    for (size_t i = 0; i < v->notes.count; i++) {
        begin(out, i == 0 ? "notes" : "");
        text_add_visible(out, v->notes.items[i]);
        text_add(out, "\n");
    }
    begin(out, "result");
    if (v->problems_total == 0)
        text_add(out, "whole\n");
    else
        text_addf(out, "not whole: %" PRIu64 " problem%s\n", v->problems_total,
                  plural(v->problems_total));
}

static void render_table(const verification *v, text *out)
{
    add_cluster(v, out);
    add_timelines(v, out);
    add_backups(v, out);
    add_points(v, out);
    add_parameters(v, out);
    add_minimal(v, out);
    add_result(v, out);
}

/* ---- CSV ------------------------------------------------------------------------------------ */

static void add_csv_commit(const verify_commit *one, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES];
    if (one->lsn != 0)
        text_addf(out, ",%s,%s", wp_lsn_format(one->lsn, lsn), wp_time_format(one->time, time));
    else
        text_add(out, ",,");
}

static void add_csv_row(wp_tli tli, const char *name, wp_lsn start, wp_lsn end, const char *state,
                        text *out)
{
    char a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES];
    text_addf(out, "%u,%s,%s,%s,%s", tli, name, wp_lsn_format(start, a), wp_lsn_format(end, b),
              state);
}

static void add_csv_segment(const verification *v, const verify_segment *one, text *out)
{
    add_csv_row(one->tli, one->name, one->start_lsn, one->start_lsn + v->info.segment_size,
                one->is_damaged   ? "damaged"
                : one->is_partial ? "partial"
                                  : "whole",
                out);
    text_addf(out, ",%" PRIu64 ",%" PRIu64, one->records, one->commits);
    add_csv_commit(&one->first, out);
    add_csv_commit(&one->last, out);
    text_add(out, "\n");
}

/* A gap is one row, however many segments are missing. */
static void add_csv_gaps(const verification *v, wp_tli tli, wp_lsn from, wp_lsn until, text *out)
{
    for (size_t i = 0; i < v->nproblems; i++) {
        const verify_problem *one = &v->problems[i];
        char name[WP_SEGMENT_NAME_BYTES];
        if (one->kind != VERIFY_GAP || one->tli != tli || one->until <= from || one->until > until)
            continue;
        add_csv_row(tli, wp_segment_name_format(tli, one->from, v->info.segment_size, name),
                    one->from, one->until, "missing", out);
        text_add(out, ",,,,,,\n");
    }
}

static void render_csv(const verification *v, text *out)
{
    text_add(out, "timeline,segment,start_lsn,end_lsn,state,records,commits,first_commit_lsn,"
                  "first_commit_time,last_commit_lsn,last_commit_time\n");
    for (size_t i = 0; i < v->nsegments; i++) {
        const verify_segment *one = &v->segments[i];
        const bool is_first = i == 0 || one[-1].tli != one->tli;
        add_csv_gaps(v, one->tli, is_first ? 0 : one[-1].start_lsn, one->start_lsn, out);
        add_csv_segment(v, one, out);
    }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void add_key(text *out, const char *key)
{
    text_addf(out, "\"%s\":", key);
}

static void add_flag(text *out, const char *key, bool value)
{
    text_addf(out, "\"%s\":%s", key, value ? "true" : "false");
}

static void add_tli(text *out, const char *key, wp_tli tli)
{
    add_key(out, key);
    if (tli != 0)
        text_addf(out, "%u", tli);
    else
        text_add(out, "null");
}

static void comma(text *out)
{
    text_add(out, ",");
}

static void add_commit(text *out, const char *key, const verify_commit *one)
{
    add_key(out, key);
    if (one->lsn == 0) {
        text_add(out, "null");
        return;
    }
    text_add(out, "{");
    json_lsn(out, "lsn", one->lsn);
    comma(out);
    json_time(out, "time", one->time);
    text_add(out, "}");
}

static void json_source(const verification *v, text *out)
{
    char system[24];
    (void)snprintf(system, sizeof system, "%" PRIu64, v->info.system_identifier);
    text_add(out, "\"source\":{");
    json_string(out, "system_identifier", system);
    text_addf(
        out, ",\"major\":%s,\"page_magic\":\"%04X\",\"wal_segment_size\":%u,\"segments\":%zu}",
        v->info.profile->major, v->info.profile->page_magic, v->info.segment_size, v->nsegments);
}

static void json_timeline(const verify_timeline *t, text *out)
{
    text_addf(out, "{\"timeline\":%u,", t->tli);
    add_tli(out, "parent", t->branch->parent);
    comma(out);
    json_lsn(out, "fork_lsn", t->branch->begin);
    comma(out);
    json_string(out, "reason", t->branch->reason);
    comma(out);
    add_flag(out, "history_file", t->branch->has_history);
    text_addf(out, ",\"segments\":%zu,", t->segments);
    json_lsn(out, "start_lsn", t->start_lsn);
    comma(out);
    json_lsn(out, "end_lsn", t->end_lsn);
    text_addf(out, ",\"commits\":%" PRIu64 ",", t->commits);
    add_commit(out, "first_commit", &t->first);
    comma(out);
    add_commit(out, "last_commit", &t->last);
    text_add(out, "}");
}

static void json_backup(const verify_backup *one, text *out)
{
    text_add(out, "{");
    json_string(out, "path", one->path);
    comma(out);
    json_string(out, "label", one->label.label);
    text_addf(out, ",\"timeline\":%u,", one->label.timeline);
    json_lsn(out, "start_lsn", one->label.start_lsn);
    comma(out);
    json_lsn(out, "stop_lsn", one->label.stop_lsn);
    comma(out);
    json_time(out, "start_time", one->label.start_time);
    comma(out);
    json_time(out, "stop_time", one->label.stop_time);
    text_add(out, "}");
}

static void json_window(const verification *v, const verify_window *w, text *out)
{
    text_addf(out, "{\"timeline\":%u,", w->tli);
    json_string(out, "backup", v->backups[w->backup].path);
    comma(out);
    add_flag(out, "usable", w->is_usable);
    comma(out);
    json_lsn(out, "from_lsn", w->is_usable ? w->from_lsn : 0);
    comma(out);
    json_time(out, "from_time", w->is_usable ? w->from_time : WP_TIME_UNKNOWN);
    comma(out);
    add_commit(out, "last_commit", &w->last);
    comma(out);
    json_lsn(out, "end_lsn", w->end_lsn);
    text_add(out, ",\"idle_tail_bytes\":");
    if (w->is_usable)
        text_addf(out, "%" PRIu64, w->end_lsn - (w->last.lsn != 0 ? w->last.end_lsn : w->from_lsn));
    else
        text_add(out, "null");
    comma(out);
    json_string(out, "reason", w->reason);
    text_add(out, "}");
}

static void json_point(const verify_point *one, text *out)
{
    text_addf(out, "{\"timeline\":%u,", one->tli);
    json_string(out, "name", one->name);
    comma(out);
    json_lsn(out, "lsn", one->lsn);
    comma(out);
    json_time(out, "time", one->time);
    text_add(out, "}");
}

static void json_problem(const verify_problem *one, text *out)
{
    text_add(out, "{");
    json_string(out, "kind", verify_kind_name(one->kind));
    comma(out);
    add_tli(out, "timeline", one->tli);
    comma(out);
    json_lsn(out, "from", one->from);
    comma(out);
    json_lsn(out, "until", one->until);
    comma(out);
    json_string(out, "path", one->path);
    comma(out);
    json_string(out, "text", one->text);
    text_add(out, "}");
}

static void json_segment(const verify_segment *one, text *out)
{
    text_addf(out, "{\"timeline\":%u,", one->tli);
    json_string(out, "segment", one->name);
    comma(out);
    add_flag(out, "partial", one->is_partial);
    comma(out);
    add_flag(out, "damaged", one->is_damaged);
    text_addf(out, ",\"records\":%" PRIu64 ",\"commits\":%" PRIu64 ",", one->records, one->commits);
    add_commit(out, "first_commit", &one->first);
    comma(out);
    add_commit(out, "last_commit", &one->last);
    text_add(out, "}");
}

/* One line for each item of a list. */
#define JSON_LIST(out, key, count, item)             \
    do {                                             \
        text_addf(out, ",\n \"%s\":[", key);         \
        for (size_t i = 0; i < (count); i++) {       \
            text_add(out, i > 0 ? ",\n  " : "\n  "); \
            item;                                    \
        }                                            \
        text_add(out, "]");                          \
    } while (0)

static void json_parameters(const verification *v, text *out)
{
    text_add(out, ",\n \"parameters\":{");
    for (size_t i = 0; i < SETTINGS; i++) {
        text_addf(out, "%s\"%s\":", i > 0 ? "," : "", settings[i].name);
        if (setting_of(v, i) < 0)
            text_add(out, "null");
        else
            text_addf(out, "%d", setting_of(v, i));
    }
    text_add(out, "}");
}

static void json_minimal(const verify_minimal *one, text *out)
{
    text_addf(out, "{\"timeline\":%u,", one->tli);
    json_lsn(out, "from", one->from);
    comma(out);
    json_lsn(out, "until", one->until);
    text_add(out, "}");
}

static void render_json_object(const verification *v, text *out)
{
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\"whole\":%s,\n ", PITR_FIND_VERSION,
              v->problems_total == 0 ? "true" : "false");
    json_source(v, out);
    JSON_LIST(out, "timelines", v->ntimelines, json_timeline(&v->timelines[i], out));
    JSON_LIST(out, "backups", v->nbackups, json_backup(&v->backups[i], out));
    JSON_LIST(out, "windows", v->nwindows, json_window(v, &v->windows[i], out));
    JSON_LIST(out, "restore_points", v->npoints, json_point(&v->points[i], out));
    json_parameters(v, out);
    JSON_LIST(out, "minimal_wal", v->nminimal, json_minimal(&v->minimal[i], out));
    text_addf(out, ",\n \"problems_total\":%" PRIu64, v->problems_total);
    JSON_LIST(out, "problems", v->nproblems, json_problem(&v->problems[i], out));
    JSON_LIST(out, "notes", v->notes.count, text_add_json(out, v->notes.items[i]));
    JSON_LIST(out, "segments", v->nsegments, json_segment(&v->segments[i], out));
    text_add(out, "}\n");
}

void (*const render_verify[VERIFY_FORMATS])(const verification *v, text *out) = {
    [VERIFY_TABLE] = render_table,
    [VERIFY_JSON] = render_json_object,
    [VERIFY_CSV] = render_csv,
    [VERIFY_PROMETHEUS] = render_verify_metrics,
};
