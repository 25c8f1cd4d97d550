/* summary.c - see summary.h. */
#include "command/summary/summary.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "search/doubt.h"
#include "file/filename.h"
#include "archive/live_wal.h"
#include "scan/rows.h"
#include "search/statement.h"
#include "base/time_text.h"
#include "base/plural.h"

/* A DELETE or UPDATE of fewer rows is everyday work. */
#define ROWS_MANY 1000

/* ---- counting ------------------------------------------------------------------------------- */

bool summary_restart(void *context, const archive *from)
{
    (void)from;
    summary_free(context);
    return true;
}

/* What a DROP took along is told with it. */
static bool is_destructive(const wp_event *event)
{
    if (event->taken_by != event->number)
        return false;
    return event->kind < WP_EVENT_DELETE
           || (event->kind <= WP_EVENT_UPDATE && event->has_rows && event->rows >= ROWS_MANY);
}

static void count(summary *s, wp_oid oid, bool destructive)
{
    size_t i = 0;
    while (i < s->ndatabases && s->databases[i].oid != oid)
        i++;
    if (oid == 0)
        return;
    if (i == SUMMARY_DATABASES) {
        s->has_more_databases = true;
        return;
    }
    if (i == s->ndatabases)
        s->databases[s->ndatabases++] = (summary_database){ .oid = oid };
    s->databases[i].events++;
    s->databases[i].destructive += destructive;
}

bool summary_add(void *context, const event_view *view)
{
    summary *s = context;
    const bool destructive = is_destructive(view->event);
    count(s, view->event->database.oid, destructive);
    s->part_counted +=
        !destructive && view->event->may_miss_rows
        && (view->event->kind == WP_EVENT_DELETE || view->event->kind == WP_EVENT_UPDATE);
    if (!destructive)
        return true;
    s->destructive++;
    return event_match_set(&s->latest[(s->destructive - 1) % SUMMARY_EVENTS], view, s->destructive);
}

void summary_free(summary *s)
{
    for (size_t i = 0; i < SUMMARY_EVENTS; i++)
        event_match_free(&s->latest[i]);
    *s = (summary){ .ndatabases = 0 };
}

/* ---- telling -------------------------------------------------------------------------------- */

/* A line of the table: the label only where it is new. */
static void begin(text *out, const char *label)
{
    text_addf(out, "%-13s", label);
}

static void add_database_name(const search_result *found, wp_oid oid, const char *name, text *out)
{
    if (name == NULL)
        name = wp_reducer_database_name(found->scan.reducer, oid);
    if (name != NULL)
        text_add_visible(out, name);
    else
        text_addf(out, "[%u]", oid);
}

static void add_cluster(const archive *wal, text *out)
{
    begin(out, "cluster");
    text_addf(out, "%" PRIu64 ", PostgreSQL %s, segments of %u MB\n", wal->info.system_identifier,
              wal->info.profile->major, wal->info.segment_size >> 20);
    if (wal->layout.kind != LAYOUT_PLAIN) {
        begin(out, "archive");
        layout_describe(&wal->layout, out);
        text_add(out, "\n");
    }
    begin(out, "timeline");
    text_addf(out, "%u", wal->timeline);
    for (size_t i = 0; wal->ntimelines > 1 && i < wal->ntimelines; i++)
        text_addf(out, "%s%u", i == 0 ? "; here are " : ", ", wal->timelines[i]);
    text_add(out, wal->ntimelines > 1 ? " (--timeline N reads another)\n" : "\n");
}

static void add_range(const archive *wal, const search_result *found, text *out)
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    begin(out, "WAL");
    text_addf(out, "%s to %s, %zu segment%s, %" PRIu64 " committed transaction%s\n",
              wp_lsn_format(found->scan.start_lsn, from), wp_lsn_format(found->scan.end_lsn, until),
              wal->nsegments, plural(wal->nsegments), found->commits, plural(found->commits));
    if (found->commits == 0)
        return;
    begin(out, "from");
    time_text_add(out, found->earliest_time);
    text_add(out, "\n");
    begin(out, "to");
    time_text_add(out, found->latest_time);
    text_add(out, "\n");
}

static void add_databases(const summary *s, const search_result *found, text *out)
{
    for (size_t i = 0; i < s->ndatabases; i++) {
        const summary_database *one = &s->databases[i];
        begin(out, i == 0 ? "databases" : "");
        add_database_name(found, one->oid, NULL, out);
        text_addf(out, ": %" PRIu64 " event%s, %" PRIu64 " destructive\n", one->events,
                  plural(one->events), one->destructive);
    }
    if (s->has_more_databases) {
        begin(out, "");
        text_add(out, "and more\n");
    }
}

static void add_word(const char *name, text *out)
{
    text word = { 0 };
    text_add_shell(&word, name);
    text_add_visible(out, text_chars(&word));
    text_free(&word);
}

/* The file by which a SOURCE is a base backup, as pg_basebackup leaves it; NULL: it is none. */
static const char *base_file(const char *source)
{
    static const char *const names[] = { "base.tar", "base.tar.gz", "base.tar.lz4", "base.tar.zst",
                                         "backup_label" };
    if (strncmp(filename_base(source), "base.tar", 8) == 0)
        return filename_base(source);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text path = { 0 };
        text_addf(&path, "%s/%s", source, names[i]);
        const bool is_there = access(text_chars(&path), F_OK) == 0;
        text_free(&path);
        if (is_there)
            return names[i];
    }
    return NULL;
}

/* Returns how many there are; of those, the one that was given is enough. */
static size_t add_bases(const options *o, const backup *base, text *out)
{
    size_t n = 0;
    char lsn[WP_LSN_TEXT_BYTES];
    if (base != NULL) {
        begin(out, "backups");
        text_add(out, "given is ");
        add_word(base->path, out);
        text_addf(out, ", which starts at %s\n", wp_lsn_format(base->label.start_lsn, lsn));
        return 1;
    }
    for (size_t i = 0; i < o->nsources; i++) {
        const char *file = base_file(o->sources[i]);
        if (file == NULL)
            continue;
        begin(out, n++ == 0 ? "backups" : "");
        text_addf(out, "a base backup is here, by its %s: give it as --backup ",
                  strcmp(file, "backup_label") == 0 ? file : "base.tar");
        add_word(o->sources[i], out);
        text_add(out, "\n");
    }
    return n;
}

/* The first place that replay from a backup comes to and WAL cannot be read; NULL: there is none. */
static const scan_damage *damage_after(const archive *wal, const search_result *found, wp_lsn start)
{
    const scan_result *seen = &found->scan;
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++) {
        const scan_damage *one = &seen->damages[i];
        if (scan_damage_end(one->from, one->until, wal->info.segment_size) > start)
            return one;
    }
    return NULL;
}

/* What keeps a backup from becoming consistent; NULL: nothing. */
static const scan_damage *obstacle(const archive *wal, const search_result *found,
                                   const archive_backup *one)
{
    const scan_damage *first = damage_after(wal, found, one->label.start_lsn);
    return first != NULL && (first->barrier < one->label.stop_lsn || one->label.stop_lsn == 0)
               ? first
               : NULL;
}

static void add_start(const archive_backup *one, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_add_visible(out, one->id[0] != '\0' ? one->id : one->label.label);
    text_addf(out, ", starts at %s, ", wp_lsn_format(one->label.start_lsn, lsn));
    if (one->label.start_time != WP_TIME_UNKNOWN)
        time_text_add(out, one->label.start_time);
    else
        text_add_visible(out, one->label.start_time_text);
}

static void add_newest(const archive *wal, const search_result *found, const archive_backup *one,
                       text *out)
{
    const scan_damage *after = damage_after(wal, found, one->label.start_lsn);
    char lsn[WP_LSN_TEXT_BYTES];
    text_add(out, "; the newest, ");
    add_start(one, out);
    if (after != NULL)
        text_addf(out, "; it can be rolled forward to %s, where WAL is %s",
                  wp_lsn_format(after->barrier, lsn), after->path == NULL ? "missing" : "damaged");
}

static void add_spoilt(const archive *wal, const search_result *found, const archive_backup *one,
                       text *out)
{
    begin(out, "");
    text_add(out, "cannot be used: ");
    add_start(one, out);
    text_add(out, "; ");
    text_add_visible(out, obstacle(wal, found, one)->text);
    text_add(out, "\n");
}

static void add_backups(const options *o, const sources *from, const search_result *found,
                        text *out)
{
    const archive *wal = from->wal;
    const size_t nbases = add_bases(o, from->base, out);
    const archive_backup *newest = NULL, *spoilt = NULL;
    size_t usable = 0;
    for (size_t i = 0; i < wal->nbackups; i++) {
        const archive_backup *one = &wal->backups[i];
        if (one->is_usable && obstacle(wal, found, one) != NULL)
            spoilt = one;
        else if (one->is_usable)
            newest = one;
        usable += one == newest;
    }
    if (wal->nbackups == 0 && nbases > 0)
        return;
    begin(out, nbases == 0 ? "backups" : "");
    if (wal->nbackups == 0) {
        text_add(out, "none is known here: a restore needs one from before the incident\n");
        return;
    }
    text_addf(out, "%zu, of which %zu can be rolled forward with this WAL", wal->nbackups, usable);
    if (newest != NULL)
        add_newest(wal, found, newest, out);
    text_add(out, "\n");
    if (spoilt != NULL)
        add_spoilt(wal, found, spoilt, out);
}

/* ", but WAL is missing here: there may be more" */
static void add_doubt(const question *q, const archive *wal, const search_result *found, text *out)
{
    const char *how = doubt_hiding(q, found);
    if (how != NULL)
        text_addf(out, ", but WAL is %s here: there may be more", how);
    else if (doubt_of_search(q, wal, found))
        text_add(out, ", and there may be more (see the warnings)");
}

static void add_events(const question *q, const archive *wal, const summary *s,
                       const search_result *found, text *out)
{
    const uint64_t shown = s->destructive < SUMMARY_EVENTS ? s->destructive : SUMMARY_EVENTS;
    begin(out, "destructive");
    text_addf(out, "%" PRIu64 " event%s", s->destructive, plural(s->destructive));
    add_doubt(q, wal, found, out);
    if (s->destructive > shown)
        text_addf(out, "; the last %" PRIu64, shown);
    if (shown == 0)
        text_addf(out, "; no DROP or TRUNCATE is seen, and no DELETE or UPDATE of %d rows or more",
                  ROWS_MANY);
    if (s->part_counted > 0)
        text_addf(out,
                  "; and %" PRIu64
                  " DELETE or UPDATE of fewer rows here, with maybe more before this "
                  "WAL begins or in a gap",
                  s->part_counted);
    text_add(out, shown > 0 ? ":\n" : "\n");
    for (uint64_t i = s->destructive - shown; i < s->destructive; i++) {
        const event_match *one = &s->latest[i % SUMMARY_EVENTS];
        text_add(out, "  ");
        time_text_add(out, one->xact.time);
        text_addf(out, "  xid %u  ", one->xact.xid);
        text_add_visible(out, one->event.text);
        rows_add(out, &one->event);
        if (!wp_event_kind_is_database(one->event.kind) && one->event.database.oid != 0) {
            text_add(out, " in database ");
            add_database_name(found, one->event.database.oid, one->event.database.name, out);
        }
        text_add(out, "\n");
    }
}

static void add_option(const char *name, const char *value, text *out)
{
    if (value == NULL)
        return;
    text word = { 0 };
    text_addf(out, " --%s ", name);
    text_add_word(&word, value);
    text_add_visible(out, text_chars(&word));
    text_free(&word);
}

/* With the options that say what is read and what gives names. */
static void add_sources(const options *o, text *out)
{
    if (o->given[OPT_SYSTEM_ID])
        text_addf(out, " --system-id %" PRIu64, o->system_id);
    if (o->given[OPT_TIMELINE] && o->timeline != 0)
        text_addf(out, " --timeline %u", o->timeline);
    add_option("cipher-pass-file", o->cipher_pass_file, out);
    add_option("backup", o->backup, out);
    for (size_t i = 0; i < o->nsources; i++) {
        text_add(out, " ");
        add_word(o->sources[i], out);
    }
    text_add(out, "\n");
}

/* Another database may have one of the same text. */
static void add_database(const summary *s, const search_result *found, const wp_event *event,
                         text *out)
{
    const wp_oid oid = event->database.oid;
    if (s->ndatabases < 2 || oid == 0 || wp_event_kind_is_database(event->kind))
        return;
    const char *name = event->database.name != NULL
                           ? event->database.name
                           : wp_reducer_database_name(found->scan.reducer, oid);
    add_option("database", name, out);
    if (name == NULL)
        text_addf(out, " --database %u", oid);
}

static void add_next(const options *o, const archive *wal, const summary *s,
                     const search_result *found, text *out)
{
    begin(out, "next");
    if (s->destructive > 0) {
        text_add(out, "pitr-find --before ");
        const event_match *last = &s->latest[(s->destructive - 1) % SUMMARY_EVENTS];
        text pattern = { 0 };
        statement_exact(last->event.text, &pattern);
        add_word(text_chars(&pattern), out);
        text_free(&pattern);
        add_database(s, found, &last->event, out);
        add_sources(o, out);
        begin(out, "");
    }
    text_add(out, "pitr-find events");
    add_sources(o, out);
    if (live_has_newest(wal))
        return;
    begin(out, "");
    text_add(
        out,
        "newer WAL may still lie in pg_wal of the server: name that folder as one more SOURCE\n");
}

void summary_render(const options *o, const question *q, const sources *from, const summary *s,
                    const search_result *found, text *out)
{
    add_cluster(from->wal, out);
    add_range(from->wal, found, out);
    add_databases(s, found, out);
    add_backups(o, from, found, out);
    add_events(q, from->wal, s, found, out);
    add_next(o, from->wal, s, found, out);
}
