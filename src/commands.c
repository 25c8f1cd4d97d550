/*
 * commands.c - see commands.h. A result is put together completely before its first byte is written.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fetch.h"
#include "message.h"
#include "render.h"
#include "restore.h"
#include "search.h"
#include "simulate.h"
#include "tell.h"
#include "warnings.h"

static bool open_archive(const options *o, archive *out, char message[MESSAGE_BYTES])
{
    const archive_limits limits = { .timeline = o->timeline,
                                    .has_since = o->given[OPT_SINCE],
                                    .has_until = o->given[OPT_UNTIL],
                                    .since = o->since.time,
                                    .until = o->until.time,
                                    .from_lsn = o->from_lsn,
                                    .to_lsn = o->to_lsn,
                                    .system_id = o->system_id,
                                    .command = o->from_command,
                                    .backup = o->backup };
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
    return wal->ngaps > 0 || wal->nconflicts > 0 || found->scan.ndamages > 0;
}

static exit_code nothing(const options *o, const archive *wal, const search_result *found,
                         const char *message)
{
    text_list warnings = { 0 };
    warnings_of_search(o, wal, found, &warnings);
    log_headline("%s", message);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    return EXIT_NOTHING;
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
    const target_kind kind = search_kind(r->options, r->archive);
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
    if (r->options->inspectable && found->lock_place.right != 0)
        take_early_target(r);
    r->is_refused = is_refused(r, &r->target);
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

static exit_code report_target(const options *o, const archive *wal, const backup *base,
                               const search_result *found)
{
    text restore = { 0 };
    text_list warnings = { 0 };
    char message[MESSAGE_BYTES];
    report r = {
        .options = o, .archive = wal, .found = found, .base = base, .warnings = &warnings
    };
    r.backup_stop = search_backup_stop(base, wal);
    if (r.backup_stop == 0)
        r.backup_stop = found->backup_end;
    r.timeline = found->has_xact ? found->event.tli : search_timeline(wal, found->place.lsn);
    exit_code code = EXIT_TROUBLE;
    if (!make_targets(&r, message)) {
        code = trouble(message);
        goto out;
    }
    warnings_of_search(o, wal, found, &warnings);
    if (o->restore_command == NULL && o->from_command != NULL)
        text_add(&restore, o->from_command);
    else if (o->restore_command == NULL)
        r.serves_partial = restore_command_derive(wal, &restore, &warnings);
    r.restore_command = o->restore_command != NULL ? o->restore_command : text_chars(&restore);
    warnings_of_target(&r, &warnings);
    tell_found(&r);
    code = print_target(&r);
    if (code == EXIT_FOUND && is_in_doubt(wal, found))
        code = EXIT_DOUBT;
out:
    text_list_free(&warnings);
    text_free(&restore);
    return code;
}

static bool is_ambiguous(const options *o, const search_result *found)
{
    return o->pick.rule == PICK_UNIQUE && (found->matched_xacts > 1 || found->points.total > 1);
}

static exit_code target_in(const options *o, const archive *wal, const backup *base)
{
    char message[MESSAGE_BYTES];
    const bool has_lsn = wal->info.profile->recovery.has_lsn_target;
    if (!has_lsn && o->inspectable) {
        log_error("PostgreSQL %s has no recovery_target_lsn, and --inspectable needs one",
                  wal->info.profile->major);
        return EXIT_TROUBLE;
    }
    if (!has_lsn && search_kind(o, wal) == TARGET_LSN) {
        log_error("PostgreSQL %s has no recovery_target_lsn: use --target xid",
                  wal->info.profile->major);
        return EXIT_TROUBLE;
    }
    search_result found;
    exit_code code = EXIT_TROUBLE;
    const search_status status = search_target(o, wal, base, &found, message);
    if (status == SEARCH_FAILED) {
        code = trouble(message);
    } else if (status == SEARCH_NOTHING) {
        code = nothing(o, wal, &found, message);
    } else if (is_ambiguous(o, &found)) {
        found.event.number = 0;
        found.points.number = 0;
        tell_matches(&found);
        tell_points(&found);
        if (found.points.total > 1)
            log_error("%llu restore points have that name: choose with --pick",
                      (unsigned long long)found.points.total);
        else
            log_error("%llu transactions match: narrow it, or choose with --pick",
                      (unsigned long long)found.matched_xacts);
    } else {
        code = report_target(o, wal, base, &found);
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

static exit_code print_events(const options *o, const archive *wal, const search_result *found,
                              render_list *list)
{
    text_list warnings = { 0 };
    warnings_of_search(o, wal, found, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    if (!render_list_copy(list, stdout))
        return output_trouble();
    return is_in_doubt(wal, found) ? EXIT_DOUBT : EXIT_FOUND;
}

static exit_code events_in(const options *o, const archive *wal, const backup *base)
{
    render_list list = { .format = (events_format)o->format, .archive = wal, .spool = tmpfile() };
    if (list.spool == NULL) {
        log_error("cannot make a temporary file: %s", strerror(errno));
        return EXIT_TROUBLE;
    }
    const search_sink sink = { .context = &list, .restart = restart_list, .add = add_to_list };
    search_result found;
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    switch (search_events(o, wal, base, &sink, &found, message)) {
    case SEARCH_FAILED:
        code = trouble(message);
        break;
    case SEARCH_NOTHING:
        code = nothing(o, wal, &found, message);
        break;
    case SEARCH_DONE:
        code = print_events(o, wal, &found, &list);
        break;
    }
    search_free(&found);
    text_free(&list.row);
    fclose(list.spool);
    return code;
}

/* ---- both --------------------------------------------------------------------------------- */

typedef exit_code archive_command(const options *o, const archive *wal, const backup *base);

static exit_code with_backup(const options *o, const archive *wal, archive_command *command)
{
    backup base;
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    if (backup_open(o->backup, wal->segments[0].start_lsn, &base, message)
        && backup_fits(&base, wal, message))
        code = command(o, wal, &base);
    else
        log_error("%s", message);
    backup_free(&base);
    return code;
}

static exit_code in_archive(const options *o, archive_command *command)
{
    archive wal;
    char message[MESSAGE_BYTES];
    tell_zones(o);
    if (!open_archive(o, &wal, message))
        return trouble(message);
    const exit_code code =
        o->backup != NULL ? with_backup(o, &wal, command) : command(o, &wal, NULL);
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
    [COMMAND_FETCH] = fetch_run,
};
