/*
 * search.c - see search.h.
 */
#include "search/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/finder.h"
#include "base/log.h"
#include "base/message.h"
#include "search/no_match.h"
#include "search/statement.h"
#include "base/time_text.h"

/* Each pass may learn of catalogs that moved; more passes than there are tracked catalogs learn nothing. */
#define PASSES_MAX 32

/* ---- the server that is restored ---------------------------------------------------------- */

wp_lsn search_backup_stop(const backup *base, const archive *wal)
{
    if (base == NULL || base->stop_lsn != 0)
        return base != NULL ? base->stop_lsn : 0;
    for (size_t i = 0; i < wal->nbackups; i++) {
        if (wal->backups[i].label.start_lsn == base->label.start_lsn)
            return wal->backups[i].label.stop_lsn;
    }
    return 0;
}

/* What of the restored server is known whatever the target. */
static wp_stop_config base_config(const archive *wal, const backup *base)
{
    wp_stop_config config = { .profile = wal->info.profile };
    if (base == NULL) {
        config.is_after_gaps = true;
        return config;
    }
    config.start = base->label.start_lsn;
    config.consistent = search_backup_stop(base, wal);
    /* Where the WAL read begins after the backup's start, the end of the backup may be in what is not read. */
    if (wal->segments[0].start_lsn <= config.start)
        config.backup = base->label.is_from_standby ? WP_BACKUP_STANDBY : WP_BACKUP_PRIMARY;
    return config;
}

/* ---- passes ------------------------------------------------------------------------------- */

/* Frees what a pass put there. */
static void forget_found(search_result *out)
{
    event_match_free(&out->event);
    matches_free(&out->matches);
    matches_free(&out->maybe);
    nearest_restart(&out->near);
    xact_summary_free(&out->xact_summary);
    series_before_free(&out->before);
    free(out->xids);
    out->xids = NULL;
    out->nxids = 0;
}

static bool restart(finder *f, char message[512])
{
    search_result *out = f->out;
    const bool keeps_latest = f->question->pick.rule == PICK_LAST;
    filter_restart(&f->filter);
    series_free(&f->pass.series);
    xact_summary_free(&f->pass.xact_summary);
    f->pass = (pass){ .last_commit = { .time = WP_TIME_UNKNOWN } };
    forget_found(out);
    *out = (search_result){ .matches = { .keeps_latest = keeps_latest },
                            .maybe = { .keeps_latest = keeps_latest },
                            .near = out->near,
                            .earliest_time = WP_TIME_UNKNOWN,
                            .latest_time = WP_TIME_UNKNOWN,
                            .stop_window = out->stop_window,
                            .scanner = out->scanner };
    around_clear(&out->around);
    if (out->stop_window != NULL && !stop_window_restart(out->stop_window))
        return message_no_memory(message);
    return f->sink == NULL || f->sink->restart(f->sink->context, f->archive)
           || message_fail(message, "cannot write a temporary file: is there room in TMPDIR?");
}

static search_status scan_passes(finder *f, char message[512])
{
    scan_config config = { .jobs = f->question->jobs,
                           .include_temporary = f->question->include_temporary,
                           .tells_cut_ends = true,
                           .external_names = f->external_names,
                           .show_progress = log_is_live(),
                           .watch_lsn = f->question->lsn };
    finder_listen(f, &config);
    for (int i = 0; i < PASSES_MAX; i++) {
        if (!restart(f, message))
            return SEARCH_FAILED;
        config.skip_dml = f->skips_dml;
        const scan_outcome outcome = scan_run(f->out->scanner, &config, &f->out->scan, message);
        if (outcome == SCAN_FAILED)
            return SEARCH_FAILED;
        if (f->failure != NULL) {
            message_fail(message, "%s", f->failure);
            return SEARCH_FAILED;
        }
        if (f->pass.met_dml_name)
            f->skips_dml = false;
        else if (outcome == SCAN_DONE && !filter_learn(&f->filter, f->out->scan.reducer))
            return SEARCH_DONE;
    }
    message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
    return SEARCH_FAILED;
}

static void note_range(const finder *f)
{
    const question *q = f->question;
    search_result *out = f->out;
    out->range_from = out->scan.start_lsn;
    out->range_until = out->scan.end_lsn;
    if (q->range.from_lsn != 0 && q->range.from_lsn > out->range_from)
        out->range_from = q->range.from_lsn;
    if (q->range.to_lsn != 0 && q->range.to_lsn < out->range_until)
        out->range_until = q->range.to_lsn;
}

static search_status run(finder *f, const char *pattern, char message[512])
{
    search_result *out = f->out;
    text meant = { 0 };
    const bool is_statement = pattern != NULL && statement_pattern(pattern, &meant);
    const bool is_good =
        filter_init(&f->filter, f->question, is_statement ? text_chars(&meant) : pattern, message);
    text_free(&meant);
    if (!is_good)
        return SEARCH_FAILED;
    nearest_init(&out->near, pattern);
    f->skips_dml = f->question->kind == QUESTION_LSN || f->question->kind == QUESTION_RESTORE_POINT
                   || filter_spares_dml(&f->filter);
    out->scanner = scan_new(f->archive, f->base != NULL ? &f->base->seed : NULL);
    search_status status = SEARCH_FAILED;
    if (out->scanner == NULL)
        message_no_memory(message);
    else
        status = scan_passes(f, message);
    out->commits = f->pass.commits;
    out->rowless = f->filter.rowless;
    note_range(f);
    out->unnamed_databases = f->filter.unnamed_databases;
    filter_free(&f->filter);
    return status;
}

/* ---- what was found ------------------------------------------------------------------------- */

/* A position needs no transaction, but it has to lie in the WAL. */
static search_status decide_lsn(finder *f, char message[512])
{
    const wp_lsn asked = f->question->lsn;
    const wp_lsn end = f->out->scan.end_lsn;
    char lsn[WP_LSN_TEXT_BYTES], limit[WP_LSN_TEXT_BYTES];
    if (f->pass.cut_lsn != 0 && f->pass.cut_last != 0) {
        f->out->place = target_after_last(f->pass.cut_last, f->pass.cut_lsn);
        finder_aim(f, true);
        return SEARCH_DONE;
    }
    const bool is_beyond = f->pass.last_record != 0 ? asked > f->pass.last_record : asked >= end;
    if (is_beyond || asked < f->out->scan.start_lsn || asked < f->archive->own_lsn) {
        message_fail(message, "%s is not in this WAL, which %s at %s", wp_lsn_format(asked, lsn),
                     is_beyond ? "ends" : "begins",
                     wp_lsn_format(is_beyond ? end : f->out->scan.start_lsn, limit));
        return SEARCH_NOTHING;
    }
    if (!f->pass.is_found) {
        f->out->place = finder_place_at_lsn(f, NULL);
        finder_aim(f, true);
    }
    return SEARCH_DONE;
}

/* ---- where recovery would stop ------------------------------------------------------------ */

target_kind search_kind(const question *q, const archive *wal)
{
    if (q->has_target_kind)
        return q->target_kind;
    if (q->kind == QUESTION_RESTORE_POINT)
        return TARGET_NAME;
    return wal->info.profile->recovery.has_lsn_target ? TARGET_LSN : TARGET_XID;
}

const wp_stop_result *search_stop(const search_result *found, unsigned index)
{
    return found->stop_window != NULL ? stop_window_result(found->stop_window, index) : NULL;
}

static void pass_end(void *context, const wp_xact_end *end)
{
    finder *f = context;
    if (!stop_window_add_end(f->out->stop_window, end))
        finder_fail(f, "out of memory");
}

static void pass_fact(void *context, const wp_fact *fact)
{
    finder *f = context;
    if (!stop_window_add_fact(f->out->stop_window, fact))
        finder_fail(f, "out of memory");
}

/* Does something that is going to be printed stop further back than was looked? */
static bool is_far_back(const finder *f)
{
    static const wp_stop_config none;
    const question *q = f->question;
    wp_stop_config config;
    for (unsigned i = 0; i < TARGET_KINDS; i++) {
        const bool is_wanted =
            i == TARGET_LSN || i == search_kind(q, f->archive) || q->needs_all_kinds;
        if (is_wanted && search_stop(f->out, i) == NULL
            && target_config(&f->out->place, (target_kind)i, &none, &config))
            return true;
    }
    return q->is_inspectable && f->out->lock_place.right != 0
           && search_stop(f->out, SEARCH_AT_LOCK) == NULL;
}

/* Once more through the WAL, with targets that are known from the start. */
static bool pass_again(finder *f, char message[512])
{
    scan_result ignored;
    const scan_config config = {
        .jobs = f->question->jobs,
        .skip_dml = true,
        .show_progress = log_is_live(),
        .callbacks = { .context = f, .on_xact_end = pass_end, .on_fact = pass_fact },
        .stop = &f->pass.stop
    };
    if (!stop_window_restart(f->out->stop_window))
        return message_no_memory(message);
    finder_aim(f, false);
    if (scan_run(f->out->scanner, &config, &ignored, message) == SCAN_FAILED)
        return false;
    f->out->scan.reducer = ignored.reducer;
    if (f->failure != NULL)
        return message_fail(message, "%s", f->failure);
    return stop_window_finish(f->out->stop_window) || message_no_memory(message);
}

static bool foresee(finder *f, char message[512])
{
    if (!stop_window_finish(f->out->stop_window))
        return message_no_memory(message);
    return !is_far_back(f) || pass_again(f, message);
}

/* ---- entry points ------------------------------------------------------------------------- */

/* Before the first end of a transaction, nobody knows what is there: older WAL has that moment. */
static bool is_too_early(const finder *f, char message[512])
{
    const question *q = f->question;
    const uint32_t size = f->archive->info.segment_size;
    char asked[WP_TIME_TEXT_BYTES], first[WP_TIME_TEXT_BYTES];
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (q->kind != QUESTION_TIME || q->time >= f->out->earliest_time)
        return false;
    const scan_damage *unread =
        scan_damage_in(&f->out->scan, f->out->scan.start_lsn, f->out->event.xact.lsn, size);
    if (unread != NULL)
        return !message_fail(
            message,
            "%s is before the first transaction that can be read here, which ended at %s; before that "
            "%s to %s cannot be read: the moment lies there, or in older WAL",
            wp_time_format(q->time, asked), wp_time_format(f->out->earliest_time, first),
            wp_lsn_format(unread->from, from),
            wp_lsn_format(scan_damage_end(unread->from, unread->until, size), until));
    return !message_fail(
        message,
        "%s is before this WAL begins: the first transaction in it ends at %s; name a SOURCE with "
        "the WAL of that moment (--before-xid %u stops before the first one here)",
        wp_time_format(q->time, asked), wp_time_format(f->out->earliest_time, first),
        f->out->event.xact.xid);
}

static search_status conclude(finder *f, char message[512])
{
    if (f->question->kind == QUESTION_LSN)
        return decide_lsn(f, message);
    f->out->has_xact = f->pass.is_found && f->question->kind != QUESTION_RESTORE_POINT;
    if (f->pass.is_found && !is_too_early(f, message))
        return SEARCH_DONE;
    if (f->pass.is_found)
        return SEARCH_NOTHING;
    no_match_message(f->question, f->base, f->out, message);
    return SEARCH_NOTHING;
}

static finder *finder_new(const question *q, const archive *wal, const backup *base,
                          search_result *out)
{
    finder *f = calloc(1, sizeof *f);
    *out = (search_result){ 0 };
    if (f == NULL)
        return NULL;
    f->question = q;
    f->archive = wal;
    f->base = base;
    f->out = out;
    f->base_config = base_config(wal, base);
    return f;
}

static void finder_free(finder *f)
{
    series_free(&f->pass.series);
    xact_summary_free(&f->pass.xact_summary);
    free(f);
}

search_status search_target(const question *q, const archive *wal, const backup *base,
                            const wp_external_names *external_names, search_result *out,
                            char message[512])
{
    finder *f = finder_new(q, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    f->external_names = external_names;
    out->stop_window = stop_window_new(&f->base_config);
    search_status status = SEARCH_FAILED;
    if (out->stop_window == NULL)
        message_no_memory(message);
    else
        status = run(f, q->pattern, message);
    if (status == SEARCH_DONE)
        status = conclude(f, message);
    if (status == SEARCH_DONE && !foresee(f, message))
        status = SEARCH_FAILED;
    finder_free(f);
    return status;
}

search_status search_events(const question *q, const archive *wal, const backup *base,
                            const wp_external_names *external_names, const search_sink *sink,
                            search_result *out, char message[512])
{
    finder *f = finder_new(q, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    f->external_names = external_names;
    f->sink = sink;
    search_status status = run(f, q->pattern, message);
    if (status == SEARCH_DONE && out->matches.total == 0) {
        char range[NO_MATCH_RANGE_BYTES];
        no_match_range(q, out, range);
        message_fail(message, "no event%s%s in %s", q->pattern != NULL ? " matches" : "",
                     out->maybe.total > 0 ? " for certain" : "", range);
        status = SEARCH_NOTHING;
    }
    finder_free(f);
    return status;
}

void search_free(search_result *result)
{
    forget_found(result);
    stop_window_free(result->stop_window);
    scan_free(result->scanner);
    *result = (search_result){ 0 };
}
