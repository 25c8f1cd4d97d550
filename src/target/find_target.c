/*
 * find_target.c - see find_target.h.
 */
#include "target/find_target.h"

#include <string.h>

#include "base/message.h"
#include "base/result.h"
#include "recovery/needs.h"
#include "recovery/restore_command.h"
#include "search/match_lines.h"
#include "search/search_timelines.h"
#include "search/xid_epoch.h"
#include "target/find_who.h"
#include "target/restorable.h"
#include "target/warnings.h"

/* ---- what fits together --------------------------------------------------------------------- */

static bool fail_nothing_asked(const options *out, const command_line *line)
{
    const char *name = command_misplaced(line->commands, out);
    if (name != NULL)
        return message_fail(line->message, "the command comes first: pitr-find %s [OPTION]...",
                            name);
    return message_fail(line->message,
                        "what to stop before? Say --before REGEX, like --before \"DROP "
                        "TABLE\"; see pitr-find --help");
}

/* It is about an event's transaction, and a place that only an LSN names. */
static bool check_inspectable(const options *out, option_id asked, char message[512])
{
    if (!out->inspectable)
        return true;
    if (asked != OPT_BEFORE && asked != OPT_BEFORE_XID)
        return message_fail(message,
                            "--inspectable goes with --before or --before-xid, not with --%s",
                            option_table[asked].name);
    if (out->given[OPT_TARGET] && out->target != TARGET_LSN)
        return message_fail(message, "--inspectable stops inside a transaction, and only --target "
                                     "lsn can");
    return true;
}

bool find_target_check(const options *out, const command_line *line)
{
    char *message = line->message;
    static const option_id wanted[] = { OPT_BEFORE,       OPT_AFTER,       OPT_BEFORE_XID,
                                        OPT_AFTER_XID,    OPT_BEFORE_TIME, OPT_BEFORE_LSN,
                                        OPT_RESTORE_POINT };
    static const option_id narrow[] = { OPT_PICK, OPT_DATABASE, OPT_RELATION, OPT_MIN_ROWS };
    option_id asked = OPTIONS;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!out->given[wanted[i]])
            continue;
        if (asked != OPTIONS) {
            return message_fail(message, "--%s and --%s: only one of them, please",
                                option_table[asked].name, option_table[wanted[i]].name);
        }
        asked = wanted[i];
    }
    if (asked == OPTIONS)
        return fail_nothing_asked(out, line);
    for (size_t i = 0;
         asked != OPT_BEFORE && asked != OPT_AFTER && i < sizeof narrow / sizeof *narrow; i++) {
        const bool is_possible = asked == OPT_RESTORE_POINT && narrow[i] == OPT_PICK;
        if (out->given[narrow[i]] && !is_possible) {
            return message_fail(message, "--%s goes with --before or --after, not with --%s",
                                option_table[narrow[i]].name, option_table[asked].name);
        }
    }
    if (out->given[OPT_LOG_LINE_PREFIX] && !out->given[OPT_LOG])
        return message_fail(message, "--log-line-prefix goes with --log");
    return check_inspectable(out, asked, message);
}

/* ---- the target ----------------------------------------------------------------------------- */

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

/* A server that reads ahead asks for the segment after the one in which it stops, too. */
static bool derive_restore_command(const report *r, text *out, text_list *warnings)
{
    const wp_lsn end = r->place->record_end, read = r->target.stop.read_lsn;
    const restore_range range = { .from = restorable_start(r),
                                  .until =
                                      (end > read ? end : read) + r->archive->info.segment_size,
                                  .has_rest = r->found->scan.has_rest };
    return restore_command_derive(r->archive, &range, out, warnings);
}

static exit_code report_target(const options *o, const timeline_search *h, tell_target *tell,
                               void *context)
{
    const archive *wal = h->archive;
    const sources *from = h->from;
    const search_result *found = h->found;
    text restore = { 0 };
    text_list warnings = { 0 };
    char message[MESSAGE_BYTES];
    who_answer who = { 0 };
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
        code = result_trouble(message);
        goto out;
    }
    timeline_search_warnings(h, &warnings);
    if (o->restore_command == NULL && o->from_command != NULL)
        text_add(&restore, o->from_command);
    else if (o->restore_command == NULL)
        r.serves_partial = derive_restore_command(&r, &restore, &warnings);
    r.restore_command = o->restore_command != NULL ? o->restore_command : text_chars(&restore);
    if (o->given[OPT_LOG] && found->has_xact) {
        if (!find_who(o, found, &who, &warnings, message)) {
            code = result_trouble(message);
            goto out;
        }
        r.who = &who;
    }
    r.restorable = restorable_judge(&r);
    r.is_in_doubt = timeline_search_is_in_doubt(h);
    warnings_of_target(&r, &warnings);
    code = tell(context, &r, &warnings);
    if (code == EXIT_FOUND
        && (r.restorable == RESTORABLE_NO || restorable_is_minimal(&r) || r.is_in_doubt))
        code = EXIT_DOUBT;
out:
    who_free(&who);
    text_list_free(&warnings);
    text_free(&restore);
    return code;
}

static bool is_ambiguous(const question *q, const search_result *found)
{
    return q->pick.rule == PICK_UNIQUE && (found->matched_xacts > 1 || found->points.total > 1);
}

exit_code find_target(const options *o, const question *q, const sources *from, tell_target *tell,
                      void *context)
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
    timeline_search h = { .question = q, .from = from };
    exit_code code, epoch = EXIT_FOUND;
    if (q->kind == QUESTION_XID && !xid_epoch_is_here(wal, q->xid, q->jobs, &epoch))
        return epoch;
    const search_status status = timeline_search_run(&h, message);
    if (status == SEARCH_FAILED) {
        code = result_trouble(message);
    } else if (status == SEARCH_NOTHING) {
        code = timeline_search_tell_nothing(&h, message);
    } else if (is_ambiguous(q, h.found)) {
        code = EXIT_TROUBLE;
        match_lines_tell(h.found, 0);
        match_lines_tell_points(h.found, 0);
        if (h.found->points.total > 1)
            log_error("%llu restore points have that name: choose with --pick",
                      (unsigned long long)h.found->points.total);
        else
            log_error("%llu transactions match: narrow it, or choose with --pick",
                      (unsigned long long)h.found->matched_xacts);
    } else {
        code = report_target(o, &h, tell, context);
    }
    timeline_search_free(&h);
    return code == EXIT_FOUND ? epoch : code;
}
