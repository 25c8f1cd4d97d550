/*
 * commands.c - see commands.h. A result is put together completely before its first byte is written.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datadir.h"
#include "label.h"
#include "message.h"
#include "render.h"
#include "restore.h"
#include "search.h"
#include "server.h"
#include "settle.h"
#include "simulate.h"
#include "tell.h"
#include "warnings.h"

/* What a command works with, beside its options. All borrowed. */
typedef struct sources {
    const archive *wal;
    const backup *base;        /* NULL: none */
    const wp_known *known;     /* names from a server; NULL: none */
    const datadir *into;       /* to write to; NULL: none */
    const text_list *warnings; /* met while they were opened */
} sources;

static bool open_archive(const options *o, archive *out, char message[MESSAGE_BYTES])
{
    const archive_limits limits = { .timeline = o->timeline,
                                    .has_since = o->given[OPT_SINCE],
                                    .has_until = o->given[OPT_UNTIL],
                                    .since = o->since.time,
                                    .until = o->until.time,
                                    .from_lsn = o->from_lsn,
                                    .to_lsn = o->to_lsn };
    return archive_open(o->sources, o->nsources, &limits, out, message);
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

static bool is_in_doubt(const archive *wal, const search_result *found)
{
    return wal->ngaps > 0 || found->scan.ndamages > 0;
}

static void add_warnings(const options *o, const sources *from, const search_result *found,
                         text_list *out)
{
    warnings_of_search(o, from->wal, found, out);
    for (size_t i = 0; i < from->warnings->count; i++)
        text_list_addf(out, "%s", from->warnings->items[i]);
}

static exit_code nothing(const options *o, const sources *from, const search_result *found,
                         const char *message)
{
    text_list warnings = { 0 };
    add_warnings(o, from, found, &warnings);
    log_headline("%s", message);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    return EXIT_NOTHING;
}

/* ---- target ------------------------------------------------------------------------------- */

/* --target, or the best kind that this major has. */
static target_kind wanted_kind(const options *o, const archive *wal)
{
    if (o->given[OPT_TARGET])
        return (target_kind)o->target;
    return wal->info.profile->recovery.has_lsn_target ? TARGET_LSN : TARGET_XID;
}

/* Where the backup becomes consistent; 0: nobody says. */
static wp_lsn backup_stop(const backup *base, const archive *wal, const search_result *found)
{
    if (base == NULL || base->stop_lsn != 0)
        return base != NULL ? base->stop_lsn : 0;
    for (size_t i = 0; i < wal->nbackups; i++) {
        if (wal->backups[i].label.start_lsn == base->label.start_lsn
            && wal->backups[i].label.stop_lsn != 0)
            return wal->backups[i].label.stop_lsn;
    }
    return found->backup_end;
}

/* A server refuses a target that it meets before the backup is consistent. */
static bool is_refused(const report *r, const target *t)
{
    if (r->base == NULL || t->reach == TARGET_PENDING)
        return false;
    return t->stop.lsn < r->backup_stop || t->stop.lsn <= r->base->label.start_lsn;
}

static bool make_targets(report *r, char message[MESSAGE_BYTES])
{
    const bool has_lsn = r->archive->info.profile->recovery.has_lsn_target;
    const target_kind kind = wanted_kind(r->options, r->archive);
    for (int i = 0; i < TARGET_KINDS; i++) {
        const bool is_possible = i != TARGET_LSN || has_lsn;
        r->has_target[i] =
            is_possible && target_make(&r->found->boundary, (target_kind)i, &r->targets[i]);
        if (r->has_target[i] && is_refused(r, &r->targets[i]))
            r->targets[i].exact = false;
    }
    r->target = r->targets[kind];
    r->is_refused = r->has_target[kind] && is_refused(r, &r->target);
    if (!r->has_target[kind])
        return message_fail(message, "no target by %s: no transaction with a time ends there",
                            target_kind_name(kind));
    return true;
}

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
static exit_code deliver(const report *r, const datadir *into, const settle_plan *plan)
{
    char message[MESSAGE_BYTES];
    tell_found(r);
    const exit_code code = print_target(r);
    if (code != EXIT_FOUND || into == NULL)
        return code;
    if (!datadir_write(into, plan->files, plan->nfiles, message))
        return trouble(message);
    tell_written(r, plan);
    return code;
}

static exit_code report_target(const options *o, const sources *from, const search_result *found)
{
    text restore = { 0 };
    text_list warnings = { 0 };
    settle_plan plan = { 0 };
    char message[MESSAGE_BYTES];
    report r = { .options = o,
                 .archive = from->wal,
                 .found = found,
                 .base = from->base,
                 .warnings = &warnings };
    r.backup_stop = backup_stop(from->base, from->wal, found);
    r.timeline =
        found->has_xact ? found->event.tli : search_timeline(from->wal, found->boundary.lsn);
    exit_code code = EXIT_TROUBLE;
    if (!make_targets(&r, message)) {
        code = trouble(message);
        goto out;
    }
    add_warnings(o, from, found, &warnings);
    if (o->restore_command == NULL)
        restore_command_derive(from->wal, &restore, &warnings);
    r.restore_command = o->restore_command != NULL ? o->restore_command : text_chars(&restore);
    warnings_of_target(&r, &warnings);
    if (from->into != NULL && !settle_make(&r, from->into, &plan, &warnings, message)) {
        code = trouble(message);
        goto out;
    }
    code = deliver(&r, from->into, &plan);
    if (code == EXIT_FOUND && is_in_doubt(from->wal, found))
        code = EXIT_DOUBT;
out:
    settle_free(&plan);
    text_list_free(&warnings);
    text_free(&restore);
    return code;
}

static bool is_ambiguous(const options *o, const search_result *found)
{
    return o->pick.rule == PICK_UNIQUE && found->matched_xacts > 1;
}

static exit_code target_in(const options *o, const sources *from)
{
    const archive *wal = from->wal;
    char message[MESSAGE_BYTES];
    if (wanted_kind(o, wal) == TARGET_LSN && !wal->info.profile->recovery.has_lsn_target) {
        log_error("PostgreSQL %s has no recovery_target_lsn: use --target xid",
                  wal->info.profile->major);
        return EXIT_TROUBLE;
    }
    search_result found;
    exit_code code = EXIT_TROUBLE;
    const search_status status = search_target(o, wal, from->base, from->known, &found, message);
    if (status == SEARCH_FAILED) {
        code = trouble(message);
    } else if (status == SEARCH_NOTHING) {
        code = nothing(o, from, &found, message);
    } else if (is_ambiguous(o, &found)) {
        found.event.number = 0;
        tell_matches(&found);
        log_error("%llu transactions match: narrow it, or choose with --pick",
                  (unsigned long long)found.matched_xacts);
    } else {
        code = report_target(o, from, &found);
    }
    search_free(&found);
    return code;
}

/* ---- events ------------------------------------------------------------------------------- */

static bool restart_list(void *context)
{
    return render_list_start(context);
}

static bool add_to_list(void *context, const event_view *view)
{
    return render_list_add(context, view);
}

static exit_code print_events(const options *o, const sources *from, const search_result *found,
                              render_list *list)
{
    text_list warnings = { 0 };
    add_warnings(o, from, found, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    if (!render_list_copy(list, stdout))
        return output_trouble();
    return is_in_doubt(from->wal, found) ? EXIT_DOUBT : EXIT_FOUND;
}

static exit_code events_in(const options *o, const sources *from)
{
    render_list list = { .format = (events_format)o->format,
                         .archive = from->wal,
                         .spool = tmpfile() };
    if (list.spool == NULL) {
        log_error("cannot make a temporary file: %s", strerror(errno));
        return EXIT_TROUBLE;
    }
    const search_sink sink = { .context = &list, .restart = restart_list, .add = add_to_list };
    search_result found;
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    switch (search_events(o, from->wal, from->base, from->known, &sink, &found, message)) {
    case SEARCH_FAILED:
        code = trouble(message);
        break;
    case SEARCH_NOTHING:
        code = nothing(o, from, &found, message);
        break;
    case SEARCH_DONE:
        code = print_events(o, from, &found, &list);
        break;
    }
    search_free(&found);
    text_free(&list.row);
    fclose(list.spool);
    return code;
}

/* ---- both --------------------------------------------------------------------------------- */

typedef exit_code archive_command(const options *o, const sources *from);

/* The backup's label must be the one in the directory it was restored to. */
static bool is_restored_from(const datadir *into, const backup *base, char message[MESSAGE_BYTES])
{
    label there;
    char start[WP_LSN_TEXT_BYTES], wanted[WP_LSN_TEXT_BYTES];
    if (!into->has_label)
        return true;
    if (!label_read(into->path, &there, message))
        return false;
    return there.start == base->label.start_lsn
           || message_fail(
               message, "\"%s\" was restored from another backup: it starts at %s, --backup at %s",
               into->path, wp_lsn_format(there.start, start),
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
static exit_code with_sources(const options *o, const archive *wal, archive_command *command)
{
    backup base = { 0 };
    datadir into = { .fd = -1 };
    wp_known *known = NULL;
    text_list warnings = { 0 };
    sources from = { .wal = wal, .warnings = &warnings };
    char message[MESSAGE_BYTES];
    bool is_good = o->write == NULL || datadir_open(o->write, wal, &into, message);
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
    const exit_code code = is_good ? command(o, &from) : trouble(message);
    wp_known_free(known);
    backup_free(&base);
    datadir_close(&into);
    text_list_free(&warnings);
    return code;
}

static exit_code in_archive(const options *o, archive_command *command)
{
    archive wal;
    char message[MESSAGE_BYTES];
    tell_zones(o);
    if (!open_archive(o, &wal, message))
        return trouble(message);
    const exit_code code = with_sources(o, &wal, command);
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

exit_code (*const commands_run[COMMANDS])(const options *o) = {
    [COMMAND_TARGET] = run_target,
    [COMMAND_EVENTS] = run_events,
    [COMMAND_SIMULATE] = simulate_run,
};
