/*
 * commands.c - see commands.h. A result is put together completely before its first byte is written.
 */
#include "command/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command/target/archiver.h"
#include "search/doubt.h"
#include "scan/ending.h"
#include "command/fetch/fetch.h"
#include "file/filename.h"
#include "search/search_timelines.h"
#include "archive/backup_label.h"
#include "base/message.h"
#include "search/match_lines.h"
#include "search/no_match.h"
#include "command/events/event_list.h"
#include "command/target/render.h"
#include "command/target/restorable.h"
#include "recovery/restore_command.h"
#include "search/search.h"
#include "backup/server.h"
#include "command/target/write_settings.h"
#include "command/simulate/simulate.h"
#include "search/sources.h"
#include "command/summary/summary.h"
#include "cli/options_question.h"
#include "command/target/story.h"
#include "command/target/trial.h"
#include "command/verify/verify.h"
#include "command/target/warnings.h"
#include "archive/archive_open.h"
#include "search/search_warnings.h"
#include "recovery/needs.h"

static bool open_archive(const options *o, const question *asked, archive *out,
                         char message[MESSAGE_BYTES])
{
    archive_limits limits = question_limits(asked, asked->timeline);
    limits.command = asked->from_command;
    if (limits.command != NULL && asked->nsources == 0 && o->backup != NULL
        && !backup_begin(o->backup, &limits.begin_lsn, &limits.begin_tli, message))
        return false;
    return archive_open(asked->sources, asked->nsources, &limits, out, message);
}

static exit_code trouble(const char *message)
{
    log_error("%s", message);
    return EXIT_TROUBLE;
}

static exit_code output_trouble(void)
{
    log_error("cannot write the result: %s", strerror(errno));
    return EXIT_TROUBLE;
}

static exit_code nothing(const timeline_search *h, const char *message)
{
    text_list warnings = { 0 };
    const bool is_in_doubt = timeline_search_is_in_doubt(h);
    timeline_search_warnings(h, &warnings);
    no_match_head(h->question, h->found, is_in_doubt, message);
    no_match_tell(h->question, h->archive, h->found);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    /* What cannot be read, or has no name, may be what was asked for. */
    return is_in_doubt ? EXIT_DOUBT : EXIT_NOTHING;
}

/* ---- target ------------------------------------------------------------------------------- */

/* A server refuses a target that it meets before the backup is consistent. */
static bool is_refused(const report *r, const target *t)
{
    if (r->base == NULL)
        return false;
    return r->place->right <= r->base->label.start_lsn
           || (t->is_known && t->stop.outcome == WP_STOP_FATAL_EARLY);
}

/* Before the lock that hides the object: exact as long as nothing is lost by that. */
static void take_early_target(report *r)
{
    r->is_early = true;
    r->place = &r->found->lock_place;
    (void)target_make(r->place, TARGET_LSN, search_stop(r->found, SEARCH_AT_LOCK),
                      search_stop(r->found, TARGET_LSN), &r->target);
    r->target.exact = r->target.exact && r->target.costs == 0;
}

static bool make_targets(report *r, char message[MESSAGE_BYTES])
{
    const search_result *found = r->found;
    const bool has_lsn = r->archive->info.profile->recovery.has_lsn_target;
    const target_kind kind = search_kind(r->question, r->archive);
    for (unsigned i = 0; i < TARGET_KINDS; i++) {
        const bool is_possible = i != TARGET_LSN || has_lsn;
        r->has_target[i] = is_possible
                           && target_make(&found->place, (target_kind)i, search_stop(found, i),
                                          search_stop(found, TARGET_LSN), &r->targets[i]);
    }
    r->place = &found->place;
    r->target = r->targets[kind];
    if (!r->has_target[kind])
        return message_fail(message, "no target by %s: no transaction with a time ends there",
                            target_kind_name(kind));
    if (r->question->is_inspectable && found->lock_place.right != 0)
        take_early_target(r);
    r->is_refused = is_refused(r, &r->target);
    return true;
}

/* By target_format. */
static void (*const render_target[TARGET_FORMATS])(const report *r, text *out) = {
    [FORMAT_CONF] = render_conf,          [FORMAT_JSON] = render_json,
    [FORMAT_SHELL] = render_shell,        [FORMAT_PGBACKREST] = archiver_render,
    [FORMAT_BARMAN] = archiver_render,    [FORMAT_WALG] = archiver_render,
    [FORMAT_PROBACKUP] = archiver_render,
};

static exit_code print_target(const report *r)
{
    text out = { 0 };
    render_target[r->options->format](r, &out);
    exit_code code = EXIT_FOUND;
    if (out.failed)
        code = trouble("out of memory");
    else if (fwrite(out.bytes, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
        code = output_trouble();
    text_free(&out);
    return code;
}

/* The result goes out before anything is written: where that fails nothing has changed. */
static exit_code deliver(const report *r, const data_directory *into, const write_plan *plan)
{
    char message[MESSAGE_BYTES];
    story_found(r);
    const exit_code code = print_target(r);
    if (code != EXIT_FOUND || into == NULL)
        return code;
    if (!data_directory_write(into, plan->files, plan->nfiles, message))
        return trouble(message);
    story_written(r, plan);
    return code;
}

static exit_code report_target(const options *o, const timeline_search *h)
{
    const archive *wal = h->archive;
    const sources *from = h->from;
    const search_result *found = h->found;
    text restore = { 0 };
    text_list warnings = { 0 };
    write_plan plan = { 0 };
    char message[MESSAGE_BYTES];
    report r = { .options = o,
                 .question = h->question,
                 .archive = wal,
                 .found = found,
                 .base = from->base,
                 .warnings = &warnings };
    r.backup_stop = search_backup_stop(from->base, wal);
    if (r.backup_stop == 0)
        r.backup_stop = found->backup_end;
    memcpy(r.needs, found->needs, sizeof r.needs);
    if (from->base != NULL)
        needs_lift(r.needs, &from->base->settings);
    if (from->into != NULL)
        needs_lift(r.needs, &from->into->control.settings);
    r.timeline = found->has_xact ? found->event.tli : archive_timeline(wal, found->place.lsn);
    exit_code code = EXIT_TROUBLE;
    if (!make_targets(&r, message)) {
        code = trouble(message);
        goto out;
    }
    timeline_search_warnings(h, &warnings);
    if (o->restore_command == NULL && o->from_command != NULL)
        text_add(&restore, o->from_command);
    else if (o->restore_command == NULL)
        r.serves_partial = restore_command_derive(wal, &restore, &warnings);
    r.restore_command = o->restore_command != NULL ? o->restore_command : text_chars(&restore);
    if (archiver_has_format((target_format)o->format) && archiver_backup(&r, message) == NULL) {
        code = trouble(message);
        goto out;
    }
    r.restorable = restorable_judge(&r);
    warnings_of_target(&r, &warnings);
    if (from->into != NULL && !write_settings_plan(&r, from->into, &plan, &warnings, message)) {
        code = trouble(message);
        goto out;
    }
    code = deliver(&r, from->into, &plan);
    if (code == EXIT_FOUND && timeline_search_is_in_doubt(h))
        code = EXIT_DOUBT;
out:
    write_settings_free(&plan);
    text_list_free(&warnings);
    text_free(&restore);
    return code;
}

static bool is_ambiguous(const question *q, const search_result *found)
{
    return q->pick.rule == PICK_UNIQUE && (found->matched_xacts > 1 || found->points.total > 1);
}

static exit_code target_in(const options *o, const question *q, const sources *from)
{
    const archive *wal = from->wal;
    char message[MESSAGE_BYTES];
    const bool has_lsn = wal->info.profile->recovery.has_lsn_target;
    if (!has_lsn && q->is_inspectable) {
        log_error("PostgreSQL %s has no recovery_target_lsn, and --inspectable needs one",
                  wal->info.profile->major);
        return EXIT_TROUBLE;
    }
    if (!has_lsn && search_kind(q, wal) == TARGET_LSN) {
        log_error("PostgreSQL %s has no recovery_target_lsn: use --target xid",
                  wal->info.profile->major);
        return EXIT_TROUBLE;
    }
    if (!archiver_check(o, wal, message))
        return trouble(message);
    timeline_search h = { .question = q, .from = from };
    exit_code code = EXIT_TROUBLE;
    const search_status status = timeline_search_run(&h, message);
    if (status == SEARCH_FAILED) {
        code = trouble(message);
    } else if (status == SEARCH_NOTHING) {
        code = nothing(&h, message);
    } else if (is_ambiguous(q, h.found)) {
        match_lines_tell(h.found, 0);
        match_lines_tell_points(h.found, 0);
        if (h.found->points.total > 1)
            log_error("%llu restore points have that name: choose with --pick",
                      (unsigned long long)h.found->points.total);
        else
            log_error("%llu transactions match: narrow it, or choose with --pick",
                      (unsigned long long)h.found->matched_xacts);
    } else {
        code = report_target(o, &h);
    }
    timeline_search_free(&h);
    return code;
}

/* ---- events ------------------------------------------------------------------------------- */

static bool restart_list(void *context, const archive *from)
{
    return event_list_restart(context, from);
}

static bool add_to_list(void *context, const event_view *view)
{
    return event_list_add(context, view);
}

static exit_code print_events(const timeline_search *h, event_list *list)
{
    text_list warnings = { 0 };
    text end = { 0 };
    if (ending_words(&h->found->scan, h->found->latest_time, true, &end))
        log_story("pitr-find: %s", text_chars(&end));
    text_free(&end);
    timeline_search_warnings(h, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    if (!event_list_copy(list, stdout))
        return output_trouble();
    return timeline_search_is_in_doubt(h) ? EXIT_DOUBT : EXIT_FOUND;
}

/* Of standard output; 0: it is none. COLUMNS has the word where it is set. */
static size_t terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    if (columns != NULL && *columns != '\0' && strlen(columns) < 6
        && columns[strspn(columns, "0123456789")] == '\0')
        return (size_t)strtoul(columns, NULL, 10);
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static exit_code events_in(const options *o, const question *q, const sources *from)
{
    event_list list = { .format = (events_format)o->format,
                        .width = terminal_width(),
                        .spool = tmpfile() };
    if (list.spool == NULL) {
        log_error("cannot make a temporary file: %s", strerror(errno));
        return EXIT_TROUBLE;
    }
    const search_sink sink = { .context = &list, .restart = restart_list, .add = add_to_list };
    timeline_search h = { .question = q, .from = from, .sink = &sink };
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    switch (timeline_search_run(&h, message)) {
    case SEARCH_FAILED:
        code = trouble(message);
        break;
    case SEARCH_NOTHING:
        code = nothing(&h, message);
        break;
    case SEARCH_DONE:
        code = print_events(&h, &list);
        break;
    }
    timeline_search_free(&h);
    text_free(&list.row);
    fclose(list.spool);
    return code;
}

/* ---- summary ------------------------------------------------------------------------------ */

static exit_code print_summary(const options *o, const question *q, const sources *from,
                               const summary *s, const search_result *found)
{
    text out = { 0 };
    text_list warnings = { 0 };
    search_warnings(q, from->wal, found, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    summary_render(o, q, from, s, found, &out);
    exit_code code = doubt_of_search(q, from->wal, found) ? EXIT_DOUBT : EXIT_FOUND;
    if (out.failed)
        code = trouble("out of memory");
    else if (fwrite(out.bytes, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
        code = output_trouble();
    text_free(&out);
    return code;
}

static exit_code summary_in(const options *o, const question *q, const sources *from)
{
    summary s = { .ndatabases = 0 };
    search_result found;
    char message[MESSAGE_BYTES];
    const search_sink sink = { .context = &s, .restart = summary_restart, .add = summary_add };
    const search_status status =
        search_events(q, from->wal, from->base, from->known, &sink, &found, message);
    const exit_code code =
        status == SEARCH_FAILED ? trouble(message) : print_summary(o, q, from, &s, &found);
    search_free(&found);
    summary_free(&s);
    return code;
}

/* ---- both --------------------------------------------------------------------------------- */

typedef exit_code archive_command(const options *o, const question *q, const sources *from);

/* The backup's label must be the one in the directory it was restored to. */
static bool is_restored_from(const data_directory *into, const backup *base,
                             char message[MESSAGE_BYTES])
{
    label_file there;
    char start[WP_LSN_TEXT_BYTES], wanted[WP_LSN_TEXT_BYTES];
    if (!into->has_label)
        return true;
    if (!backup_label_read(into->path, &there, message))
        return false;
    return there.label.start_lsn == base->label.start_lsn
           || message_fail(
               message, "\"%s\" was restored from another backup: it starts at %s, --backup at %s",
               into->path, wp_lsn_format(there.label.start_lsn, start),
               wp_lsn_format(base->label.start_lsn, wanted));
}

/* A data directory that was restored and not started yet is the backup. */
static const char *backup_path(const options *o, const sources *from)
{
    if (o->backup != NULL || from->into == NULL || !from->into->has_label)
        return o->backup;
    return from->into->path;
}

/* Opens what the options name, in the order of what it costs. */
static exit_code with_sources(const options *o, const question *q, const archive *wal,
                              archive_command *command)
{
    backup base = { 0 };
    data_directory into = { .fd = -1 };
    wp_known *known = NULL;
    text_list warnings = { 0 };
    sources from = { .wal = wal, .warnings = &warnings };
    char message[MESSAGE_BYTES];
    bool is_good = o->write == NULL || data_directory_open(o->write, wal, &into, message);
    from.into = o->write != NULL ? &into : NULL;
    const char *path = is_good ? backup_path(o, &from) : NULL;
    if (path != NULL) {
        is_good = backup_open(path, wal->segments[0].start_lsn, &base, message)
                  && backup_fits(&base, wal, message)
                  && (from.into == NULL || is_restored_from(&into, &base, message));
        from.base = &base;
    }
    is_good = is_good && (o->dsn == NULL || server_names(o->dsn, wal, &known, &warnings, message));
    from.known = known;
    const exit_code code = is_good ? command(o, q, &from) : trouble(message);
    wp_known_free(known);
    backup_free(&base);
    data_directory_close(&into);
    text_list_free(&warnings);
    return code;
}

/* A SOURCE that is not there, and not spelt like a path: a word that was meant otherwise. */
static const char *stray_word(const options *o)
{
    for (size_t i = 0; i < o->nsources; i++)
        if (strchr(o->sources[i], '/') == NULL && access(o->sources[i], F_OK) != 0
            && errno == ENOENT && filename_parse(o->sources[i]).kind == FILENAME_OTHER)
            return o->sources[i];
    return NULL;
}

static exit_code trouble_with_word(const options *o, const char *word)
{
    char message[MESSAGE_BYTES];
    const char *advice = "is it a part of the pattern? Quote that: --before \"DROP TABLE orders\"";
    if (o->command == COMMAND_EVENTS)
        advice = "is it the REGEX? Name the archive after it: pitr-find events REGEX SOURCE...";
    else if (o->command == COMMAND_SUMMARY)
        advice = "is it what to look for? Say --before and then that";
    message_fail(message,
                 "cannot open \"%.200s\": No such file or directory. It is taken as a SOURCE: %s",
                 word, advice);
    return trouble(message);
}

static exit_code in_archive(const options *o, archive_command *command)
{
    archive wal;
    char message[MESSAGE_BYTES];
    const char *word = stray_word(o);
    if (word != NULL)
        return trouble_with_word(o, word);
    story_zones(o);
    const question asked = options_question(o);
    if (!open_archive(o, &asked, &wal, message))
        return trouble(message);
    const exit_code code = with_sources(o, &asked, &wal, command);
    archive_free(&wal);
    return code;
}

static exit_code run_target(const options *o)
{
    return in_archive(o, target_in);
}

static exit_code run_events(const options *o)
{
    return in_archive(o, events_in);
}

static exit_code run_summary(const options *o)
{
    return in_archive(o, summary_in);
}

exit_code (*const commands_run[COMMANDS])(const options *o) = {
    [COMMAND_TARGET] = run_target, [COMMAND_EVENTS] = run_events, [COMMAND_SIMULATE] = simulate_run,
    [COMMAND_VERIFY] = verify_run, [COMMAND_FETCH] = fetch_run,   [COMMAND_SUMMARY] = run_summary,
};
