/* rescue.c - see rescue.h. */
#include "command/rescue/rescue.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "base/result.h"
#include "command/rescue/rescue_report.h"
#include "command/with_sources.h"
#include "search/match_lines.h"
#include "search/xid_epoch.h"

/* ---- what fits together --------------------------------------------------------------------- */

static bool check(const options *o, const command_line *line)
{
    static const option_id places[] = { OPT_BEFORE,       OPT_AFTER,       OPT_BEFORE_XID,
                                        OPT_AFTER_XID,    OPT_BEFORE_TIME, OPT_BEFORE_LSN,
                                        OPT_RESTORE_POINT };
    const rescue_options *own = (const void *)o->own;
    size_t named = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        named += o->given[places[i]];
    if (named != 1)
        return message_fail(line->message,
                            named == 0
                                ? "rows of when? Say --before REGEX, like --before \"DROP TABLE\", "
                                  "or --before-time, --before-lsn, --before-xid, --restore-point"
                                : "one place, please: --before, --before-time and their like do "
                                  "not go together");
    const bool has_event = o->given[OPT_BEFORE] || o->given[OPT_BEFORE_XID];
    if (!has_event && own->table == NULL)
        return message_fail(line->message, "which table? Name it with --table: only --before and "
                                           "--before-xid have an event that says it");
    if (own->all && own->table != NULL)
        return message_fail(line->message,
                            "--table gives all rows of the table: --all goes without it");
    if (own->into != NULL && own->output != NULL)
        return message_fail(line->message, "--into names one table: it goes without --output");
    if (!o->given[OPT_BACKUP] && own->is_strict)
        return message_fail(line->message,
                            "--strict needs --backup: without one nothing is certain");
    return true;
}

/* ---- the backup ----------------------------------------------------------------------------- */

static bool open_blocks(const sources *from, const search_result *found, backup_blocks **out,
                        char message[MESSAGE_BYTES])
{
    static const wp_locator logs[] = { { WP_REDO_LOG_TABLESPACE, 0, WP_REDO_XACT },
                                       { WP_REDO_LOG_TABLESPACE, 0, WP_REDO_MULTIXACT_OFFSETS },
                                       { WP_REDO_LOG_TABLESPACE, 0, WP_REDO_MULTIXACT_MEMBERS } };
    const wp_oid catalogs[] = { 0, found->event.event.database.oid };
    const backup_wants wants = { .files = logs,
                                 .nfiles = sizeof logs / sizeof *logs,
                                 .catalogs = catalogs,
                                 .ncatalogs = catalogs[1] != 0 ? 2 : 1 };
    return backup_blocks_open(from->base->path, &wants, out, message);
}

/* Can replay begin with this backup, and does it come to the place? */
static bool check_place(backup_blocks *base, const timeline_search *h, char message[MESSAGE_BYTES])
{
    const backup_about *about = backup_blocks_about(base);
    const wp_lsn start = about->label.start_lsn, until = h->found->place.right;
    char from[WP_LSN_TEXT_BYTES], place[WP_LSN_TEXT_BYTES];
    wp_lsn stop =
        about->stop_lsn != 0 ? about->stop_lsn : search_backup_stop(h->from->base, h->archive);
    if (stop == 0)
        stop = h->found->backup_end;
    if (until < start)
        return message_fail(message,
                            "the place is %s, and the backup begins at %s: an older one is needed",
                            wp_lsn_format(until, place), wp_lsn_format(start, from));
    if (archive_timeline(h->archive, start) != about->label.timeline)
        return message_fail(
            message,
            "the backup is of timeline %u, and at %s the history of the place is on "
            "timeline %u: it does not lead there",
            about->label.timeline, wp_lsn_format(start, from), archive_timeline(h->archive, start));
    if (stop == 0)
        return message_fail(message,
                            "nothing tells where the backup ends: neither the backup itself, nor "
                            "the WAL, nor a .backup file: the rows could be newer than the place");
    if (until < stop)
        return message_fail(
            message,
            "the place is %s, and the backup ends at %s: a server cannot stop before "
            "that, and the backup's pages may be newer: an older one is needed",
            wp_lsn_format(until, place), wp_lsn_format(stop, from));
    backup_blocks_set_stop(base, stop);
    return true;
}

/* ---- databases ------------------------------------------------------------------------------ */

typedef struct database_list {
    wp_oid *items;
    size_t count, room;
} database_list;

/* False: out of memory. */
static bool add_database(database_list *list, wp_oid db)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == db)
            return true;
    wp_oid *added = GROW(list->items, list->count, list->room);
    if (added != NULL)
        *added = db;
    return added != NULL;
}

/*
 * Those of the subject; for --table that of the event, else those of the backup that may be meant. False: out of memory. Free out->items in
 * either case.
 */
static bool databases_of(const subject *s, const timeline_search *h, const backup_blocks *base,
                         database_list *out)
{
    size_t count = 0;
    const wp_locator *known = base != NULL ? backup_blocks_databases(base, &count) : NULL;
    *out = (database_list){ 0 };
    for (size_t i = 0; i < s->count; i++)
        if (!add_database(out, s->items[i].db))
            return false;
    const wp_oid of_event = h->found->event.has_event ? h->found->event.event.database.oid : 0;
    if (s->table != NULL && s->database == NULL && of_event != 0)
        return add_database(out, of_event);
    for (size_t i = 0; s->table != NULL && i < count; i++) {
        const char *name = wp_reducer_database_name(h->found->scan.reducer, known[i].db);
        const bool is_asked = s->database == NULL || name == NULL || strcmp(name, s->database) == 0
                              || strtoul(s->database, NULL, 10) == known[i].db;
        if (is_asked && (s->database != NULL || name == NULL || strncmp(name, "template", 8) != 0)
            && !add_database(out, known[i].db))
            return false;
    }
    return true;
}

/* ---- the rows ------------------------------------------------------------------------------- */

typedef struct work {
    const options *options;
    const rescue_options *own;
    const timeline_search *search;
    backup_blocks *base; /* NULL: none */
    manifest_check manifest;
    subject subject;
    extract extract;
    rescue_tables tables;
    table_results results;
} work;

static exit_code print_tables(work *w, bool is_in_doubt)
{
    char message[MESSAGE_BYTES];
    const rescue_report report = { .own = w->own,
                                   .search = w->search,
                                   .subject = &w->subject,
                                   .extract = &w->extract,
                                   .base = w->base,
                                   .manifest = &w->manifest,
                                   .tables = &w->tables,
                                   .results = &w->results };
    const row_format format = (row_format)w->options->format;
    const heap *h = &w->extract.replay.heap;
    if (w->own->is_strict) {
        if (!write_tables(w->own, format, &w->tables, h, true, &w->results, message))
            return result_trouble(message);
        if (is_in_doubt || !rescue_is_certain(&report)) {
            rescue_tell(&report);
            if (rescue_write_report(&report, EXIT_TROUBLE, message))
                (void)message_fail(message,
                                   "not all of it is certain: nothing was written (--strict)");
            return result_trouble(message);
        }
        table_results_free(&w->results);
    }
    if (!write_tables(w->own, format, &w->tables, h, false, &w->results, message))
        return result_trouble(message);
    const exit_code code = is_in_doubt || !rescue_is_certain(&report) ? EXIT_DOUBT : EXIT_FOUND;
    rescue_tell(&report);
    return rescue_write_report(&report, code, message) ? code : result_trouble(message);
}

static bool check_tables(const work *w, char message[MESSAGE_BYTES])
{
    const row_format format = (row_format)w->options->format;
    bool takes_some = false;
    for (size_t i = 0; i < w->tables.count; i++)
        takes_some = takes_some || w->tables.items[i].rows != SUBJECT_ALL;
    if (w->tables.count == 0)
        return message_fail(message, "there is no table in it that has rows");
    if (w->tables.count > 1 && w->own->into != NULL)
        return message_fail(message, "--into names one table, and there are %zu", w->tables.count);
    if (w->tables.count > 1 && w->own->output == NULL && format != ROWS_SQL
        && format != ROWS_INSERT)
        return message_fail(
            message,
            "there are %zu tables: name a folder for their files with --output, or one "
            "table with --table",
            w->tables.count);
    if (takes_some && w->extract.replay.is_cut)
        return message_fail(
            message,
            "the WAL can be followed to a place before the transaction's end only, and so its rows "
            "are not known: %.200s; --all gives the whole table as it was there",
            w->extract.replay.why);
    return true;
}

/* That a table is not there can be told of catalogs that are there. */
static bool is_certainly_missing(const work *w)
{
    return heap_sums_are_certain(&w->extract.catalogs) && !w->extract.replay.is_cut
           && w->extract.nrows > 0 && w->manifest.differing == 0;
}

static exit_code rescue(work *w, bool is_in_doubt)
{
    const rescue_options *own = w->own;
    char message[MESSAGE_BYTES], ignored[MESSAGE_BYTES];
    database_list dbs;
    if (!subject_of(own, w->search, &w->subject, message))
        return result_trouble(message);
    w->tables.subject = &w->subject;
    const bool has_databases = databases_of(&w->subject, w->search, w->base, &dbs);
    const uint64_t memory = own->memory != 0 ? own->memory : RESCUE_MEMORY;
    const extract_config config = { .wal = w->search->archive,
                                    .base = w->base,
                                    .until = w->subject.until,
                                    .memory_bytes = (size_t)memory << 20,
                                    .show_progress = log_is_live(),
                                    .resolve = rescue_tables_resolve,
                                    .context = &w->tables };
    bool is_good = has_databases ? extract_run(&config, dbs.items, dbs.count, &w->extract, message)
                                 : message_no_memory(message);
    free(dbs.items);
    const bool is_missing = !is_good && w->tables.is_missing;
    if (w->base != NULL && (is_good || is_missing))
        is_good =
            backup_blocks_check(w->base, &w->manifest, is_good ? message : ignored) && is_good;
    if (is_missing && is_certainly_missing(w)) {
        log_error("%s", message);
        return EXIT_NOTHING;
    }
    if (!is_good || !check_tables(w, message))
        return result_trouble(message);
    return print_tables(w, is_in_doubt);
}

/*
 * May the place be another one? One that is named by its position is found or not: what cannot be read after it is of no importance, and
 * what cannot be read before it ends the replay.
 */
static bool place_is_in_doubt(const timeline_search *h)
{
    if (question_is_by_position(h->question))
        return h->is_in_doubt || h->archive->nconflicts > 0;
    return timeline_search_is_in_doubt(h);
}

static exit_code rescue_found(const options *o, const timeline_search *h)
{
    work w = { .options = o, .own = (const void *)o->own, .search = h };
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    const bool is_good =
        h->from->base == NULL
        || (open_blocks(h->from, h->found, &w.base, message) && check_place(w.base, h, message));
    if (is_good)
        code = rescue(&w, place_is_in_doubt(h));
    else
        code = result_trouble(message);
    table_results_free(&w.results);
    rescue_tables_free(&w.tables);
    extract_free(&w.extract);
    subject_free(&w.subject);
    backup_blocks_free(w.base);
    return code;
}

static exit_code answer_rescue(const options *o, const question *asked, const sources *from)
{
    question q = *asked;
    char message[MESSAGE_BYTES];
    timeline_search h = { .question = &q, .from = from };
    exit_code code = EXIT_FOUND, epoch = EXIT_FOUND;
    if (q.kind == QUESTION_XID && !xid_epoch_is_here(from->wal, q.xid, q.jobs, &epoch))
        return epoch;
    switch (timeline_search_run(&h, message)) {
    case SEARCH_FAILED:
        code = result_trouble(message);
        break;
    case SEARCH_NOTHING:
        code = timeline_search_tell_nothing(&h, message);
        break;
    case SEARCH_DONE:
        if (q.pick.rule == PICK_UNIQUE
            && (h.found->matched_xacts > 1 || h.found->points.total > 1)) {
            match_lines_tell(h.found, 0);
            match_lines_tell_points(h.found, 0);
            log_error("more than one matches: narrow it, or choose with --pick");
            code = EXIT_TROUBLE;
        } else {
            code = rescue_found(o, &h);
        }
        break;
    }
    timeline_search_free(&h);
    return code == EXIT_FOUND ? epoch : code;
}

static exit_code run(const options *o)
{
    return with_sources(o,
                        "is it a part of the pattern? Quote that: --before \"DROP TABLE orders\"",
                        answer_rescue);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_row table_row = { .name = "table", .arg = "NAME", .type = OPTION_STRING,
    .group = GROUP_WHAT, .is_own = true, .at = offsetof(rescue_options, table),
    .help = "all rows of this table ([SCHEMA.]NAME or OID), whatever the\nevent is; needed where the place is no event" };
static const option_row all_row = { .name = "all", .type = OPTION_FLAG,
    .group = GROUP_WHAT, .is_own = true, .at = offsetof(rescue_options, all),
    .help = "of a DELETE or UPDATE: the whole table, not only the rows\nthat it took" };
static const option_row into_row = { .name = "into", .arg = "NAME", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, into),
    .help = "call the table [SCHEMA.]NAME in the SQL" };
static const option_row output_row = { .name = "output", .arg = "DIR", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, output),
    .help = "write a file for each table into this folder, not to stdout" };
static const option_row report_row = { .name = "report", .arg = "FILE", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, report),
    .help = "write what was rescued, and what is in doubt, as JSON" };
static const option_row strict_row = { .name = "strict", .type = OPTION_FLAG,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, is_strict),
    .help = "write nothing, and end with 2, unless every row is certain" };
static const option_row memory_row = { .name = "memory", .arg = "MIB", .type = OPTION_NUMBER,
    .group = GROUP_OTHER, .is_own = true, .at = offsetof(rescue_options, memory), .max = UINT64_C(1) << 20,
    .help = "hold so many MiB of pages; what is beyond goes to a\ntemporary file (default 256)" };
static const option_row skip_column_row = { .name = "skip-column", .arg = "NAME", .type = OPTION_STRINGS,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, skipped),
    .help = "leave a column out; may be given more than once" };
static const option_row raw_row = { .name = "raw", .type = OPTION_FLAG,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(rescue_options, raw),
    .help = "print values of types that are not known here as their\nbytes, \\x..." };

static const option_use takes[] = {
    { .row = &option_table[OPT_BEFORE], .help = "the rows of the table of this event, right before it" },
    { .row = &option_table[OPT_BEFORE_XID] },
    { .row = &option_table[OPT_BEFORE_TIME] },
    { .row = &option_table[OPT_BEFORE_LSN] },
    { .row = &option_table[OPT_RESTORE_POINT] },
    { .row = &table_row },
    { .row = &all_row },
    { .row = &option_table[OPT_PICK] },
    { .row = &option_table[OPT_DATABASE] },
    { .row = &option_table[OPT_RELATION] },
    { .row = &option_table[OPT_MIN_ROWS] },
    { .row = &option_table[OPT_SINCE] },
    { .row = &option_table[OPT_UNTIL] },
    { .row = &option_table[OPT_FROM_LSN] },
    { .row = &option_table[OPT_TO_LSN] },
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &option_table[OPT_BACKUP],
      .help = "the base backup that the rows come from (directory,\nbase.tar, an archiver's)" },
    { .row = &option_table[OPT_FORMAT], .words = ROW_FORMAT_WORDS,
      .help = "sql (CREATE TABLE and COPY, the default), copy (the rows\nalone), csv, json (an object a line), insert, or undo\n(UPDATE with the values of before)" },
    { .row = &into_row },
    { .row = &output_row },
    { .row = &report_row },
    { .row = &strict_row },
    { .row = &skip_column_row },
    { .row = &raw_row },
    { .row = &memory_row },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_TO_READ
    { .row = &option_table[OPT_DSN] },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command rescue_command = {
    .name = "rescue",
    .usage = "rescue --before REGEX --backup PATH [OPTION]... SOURCE...",
    .summary = "write the rows of a lost table, out of base backup and WAL",
    .help = "Reads a base backup and the WAL after it, and writes the rows of the table that was dropped,\n"
            "truncated or changed, as they were right before that. No server is needed, none is written to.",
    .exits = "Exit status: 0 written, and every row is certain, 1 nothing matched, or there is no such table,\n"
             "2 wrong usage or unreadable input, 3 written, and some rows or values are not known or not certain.\n",
    .takes = takes,
    .check = check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
