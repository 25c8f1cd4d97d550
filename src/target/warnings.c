/*
 * warnings.c - see warnings.h.
 */
#include "target/warnings.h"

#include <inttypes.h>
#include <stdio.h>

#include "target/pending.h"
#include "target/restorable.h"
#include "base/plural.h"

/* Microseconds. Commits side by side differ by less; a clock is set back by more. */
#define CLOCK_STEP UINT64_C(1000000)

/* A server's recovery ends where WAL cannot be read. */
static void warn_of_barrier(const report *r, text_list *out)
{
    const wp_lsn at = restorable_barrier(r);
    char lsn[WP_LSN_TEXT_BYTES];
    if (at == 0)
        return;
    wp_lsn_format(at, lsn);
    if (restorable_start(r) != 0)
        text_list_addf(
            out, "recovery from this backup cannot get past %s, and the target lies after it", lsn);
    else if (restorable_way_out(r) == 0)
        text_list_addf(out, "recovery cannot get past %s, and the target lies after it", lsn);
    else
        text_list_addf(out,
                       "recovery cannot get past %s: the target can be reached only from a base "
                       "backup that was taken after it",
                       lsn);
}

/* Where the kind asked for is not exact, another may be. */
static const char *exact_kind(const report *r)
{
    if (r->has_target[TARGET_LSN] && r->targets[TARGET_LSN].exact)
        return "; --target lsn is exact";
    return r->has_target[TARGET_XID] && r->targets[TARGET_XID].exact ? "; --target xid is exact"
                                                                     : "";
}

/* Nothing stops recovery: what the server does then. */
static void warn_of_no_stop(const report *r, text_list *out)
{
    const target *t = &r->target;
    const wp_stop_config config = { .profile = r->archive->info.profile };
    char fatal[WP_STOP_TEXT_BYTES];
    if (t->stop.gap != 0)
        return; /* the damage is told, and that the target comes after it */
    wp_stop_fatal(&config, &t->stop, fatal);
    if (t->stop.outcome == WP_STOP_FATAL_MINIMAL) {
        text_list_addf(out, "recovery would not get to %s: the server would end with \"%s\"",
                       t->value, fatal);
        return;
    }
    text_list_addf(
        out, "not exact: %s%s%s, so recovery would not stop, and the server would %s%s%s%s",
        t->kind == TARGET_TIME ? "no transaction ends later than " : "nothing in this WAL is at ",
        t->value, t->kind == TARGET_TIME ? " in this WAL" : "",
        fatal[0] != '\0' ? "end with \"" : "go into service at the end of the WAL", fatal,
        fatal[0] != '\0' ? "\"" : "", exact_kind(r));
}

/* A position where no record begins. */
static void warn_of_inside(const report *r, text_list *out)
{
    const wp_stop_result *stop = &r->target.stop;
    char lsn[WP_LSN_TEXT_BYTES], inside[WP_LSN_TEXT_BYTES], next[WP_LSN_TEXT_BYTES];
    char commit[64] = "";
    if (stop->last_xid != 0 && stop->last_commit_lsn == r->place->inside)
        snprintf(commit, sizeof commit, " (the commit of transaction %u)", stop->last_xid);
    text_list_addf(
        out,
        "not exact: %s lies inside the record at %s%s: that record is kept, and recovery "
        "stops before the next, at %s; --before-lsn %s stops before it",
        wp_lsn_format(r->place->lsn, lsn), wp_lsn_format(r->place->inside, inside), commit,
        wp_lsn_format(r->place->right, next), inside);
}

/* Commits after the place that by the clock were before the moment asked for. */
static void warn_of_clock(const report *r, text_list *out)
{
    const search_result *found = r->found;
    char lsn[WP_LSN_TEXT_BYTES], asked[WP_TIME_TEXT_BYTES], first[WP_TIME_TEXT_BYTES];
    if (found->earlier_after == 0)
        return;
    text why = { 0 };
    const uint64_t seconds =
        ((uint64_t)found->event.xact.time - (uint64_t)found->least_earlier) / CLOCK_STEP;
    if (seconds > 0)
        text_addf(&why, "the clock ran backwards, by %" PRIu64 " second%s or more", seconds,
                  plural(seconds));
    else
        text_add(&why, "transactions that ended side by side are not in the order of the clock");
    text_list_addf(
        out,
        "%s: the WAL first comes to %s at %s, with transaction %u of %s, and after that %" PRIu64
        " transaction%s committed earlier by the clock, which this target loses; the last of them "
        "is %u: --after-xid %u keeps them all",
        text_chars(&why), wp_time_format(r->question->time, asked),
        wp_lsn_format(found->event.xact.lsn, lsn), found->event.xact.xid,
        wp_time_format(found->event.xact.time, first), found->earlier_after,
        plural(found->earlier_after), found->last_earlier.xid, found->last_earlier.xid);
    text_free(&why);
}

/* The transaction that the moment asked for is right before may be one that cannot be read. */
static void warn_of_unread_moment(const report *r, text_list *out)
{
    const search_result *found = r->found;
    const wp_xact_end *xact = &found->event.xact;
    const wp_time moment = r->question->time;
    char asked[WP_TIME_TEXT_BYTES], before[WP_TIME_TEXT_BYTES], next[WP_TIME_TEXT_BYTES];
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    const uint32_t size = r->archive->info.segment_size;
    if (r->question->kind != QUESTION_TIME || !found->has_xact || xact->time == moment)
        return;
    const scan_damage *one = scan_damage_in(&found->scan, found->end_before, xact->lsn, size);
    if (one == NULL)
        return;
    text why = { 0 };
    text_addf(&why,
              "%s may lie in WAL that cannot be read (%s to %s): ", wp_time_format(moment, asked),
              wp_lsn_format(one->from, from),
              wp_lsn_format(scan_damage_end(one->from, one->until, size), until));
    if (found->end_before != 0)
        text_addf(&why, "the last transaction read before that ended at %s, ",
                  wp_time_format(found->end_before_time, before));
    text_addf(
        &why,
        "the next one that can be read ended at %s; this target stops before that one, and keeps what "
        "was done in between",
        wp_time_format(xact->time, next));
    text_list_addf(out, "%s", text_chars(&why));
    text_free(&why);
}

/* A target that stops elsewhere: where, and at what price. */
static void warn_of_inexact(const report *r, text_list *out)
{
    const target *t = &r->target;
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->is_refused)
        return; /* then it does not matter where it would stop */
    if (!target_stops(t)) {
        warn_of_no_stop(r, out);
        return;
    }
    wp_lsn_format(t->stop.next_lsn, lsn);
    if (r->place->inside != 0 && t->kind == TARGET_LSN) {
        warn_of_inside(r, out);
        return;
    }
    if (r->place->choice == TARGET_BEFORE_LOCK)
        text_list_addf(out,
                       "%" PRIu64
                       " transaction%s that committed between the lock at %s and the end of the "
                       "transaction %s lost: that is the price of --inspectable",
                       t->costs, plural(t->costs), lsn, t->costs == 1 ? "is" : "are");
    else if (t->costs > 0)
        text_list_addf(out,
                       "not exact: recovery would stop before %s already, and lose %" PRIu64
                       " transaction%s more%s",
                       lsn, t->costs, plural(t->costs), exact_kind(r));
    else if (t->lets_through > 0)
        text_list_addf(out,
                       "not exact: recovery would stop before %s only, and let %" PRIu64
                       " transaction%s more through%s",
                       lsn, t->lets_through, plural(t->lets_through), exact_kind(r));
    else
        text_list_addf(
            out, "not exact: recovery would stop before %s, with the same transactions committed%s",
            lsn, exact_kind(r));
}

/* The server does not get the whole of the record that it should stop before. */
static void warn_of_previous(const report *r, text_list *out)
{
    const target_place *place = r->place;
    const uint32_t size = r->archive->info.segment_size;
    char lsn[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    if (!place->is_by_previous || r->target.kind != TARGET_LSN)
        return;
    const wp_lsn next = (place->right | (size - 1)) + 1;
    text_list_addf(
        out,
        "the record at %s goes on in %s, which a restore does not get: a target there would "
        "never be reached, so it is the record before, inclusive",
        wp_lsn_format(place->right, lsn), wp_segment_name_format(r->timeline, next, size, segment));
}

/* A server takes the first restore point of a name that it meets. */
static void warn_of_points(const report *r, text_list *out)
{
    const search_points *points = &r->found->points;
    if (points->total > 1)
        text_list_addf(out,
                       "%" PRIu64 " restore points have that name, this is number %" PRIu64
                       ": by name a server stops at the first one after the start of its backup%s",
                       points->total, points->number,
                       r->target.kind == TARGET_NAME ? ""
                                                     : "; this target does not depend on that");
}

static void warn_of_rollback(const report *r, text_list *out)
{
    const wp_xact_end *xact = &r->found->event.xact;
    if (r->found->has_xact && (xact->op == WP_XACT_ABORT || xact->op == WP_XACT_ABORT_PREPARED))
        text_list_addf(out, "transaction %u was rolled back: what it did never took effect",
                       xact->xid);
}

static void warn_of_minimal(const report *r, text_list *out)
{
    if (r->target.is_known && r->target.stop.minimal_lsn != 0)
        text_list_addf(out,
                       "wal_level was minimal before the target: only a base backup taken after "
                       "that can be restored");
}

/* A server never asks for a .partial file. */
static void warn_of_partial(const report *r, text_list *out)
{
    const wp_lsn lsn = target_position(r->place, &r->target);
    for (size_t i = 0; !r->serves_partial && i < r->archive->nsegments; i++) {
        const archive_segment *segment = &r->archive->segments[i];
        if (!segment->is_partial || segment->start_lsn > lsn)
            continue;
        char name[WP_SEGMENT_NAME_BYTES];
        text_list_addf(
            out, "recovery needs %s, and there is only %s: copy it to the name without .partial",
            wp_segment_name_format(segment->tli, segment->start_lsn, r->archive->info.segment_size,
                                   name),
            segment->path);
    }
}

/* ---- the base backup ---------------------------------------------------------------------- */

static void warn_of_backup_end(const report *r, text_list *out)
{
    const wp_lsn start = r->base->label.start_lsn, stop = r->backup_stop,
                 at = target_position(r->place, &r->target);
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES], target_at[WP_LSN_TEXT_BYTES];
    wp_lsn_format(start, from);
    wp_lsn_format(r->target.kind == TARGET_LSN ? r->place->lsn : at, target_at);
    if (at <= start)
        text_list_addf(
            out,
            "the backup is newer than the target: it starts at %s, and the target is at %s; "
            "restore an older one",
            from, target_at);
    else if (stop == 0)
        text_list_addf(
            out,
            "where the backup that starts at %s becomes consistent is not in this WAL: a server "
            "refuses a target before that",
            from);
    else if (at < stop)
        text_list_addf(
            out,
            "the target at %s lies before %s, where the backup becomes consistent: the server would "
            "refuse (\"requested recovery stop point is before consistent recovery point\"); "
            "restore an older backup",
            target_at, wp_lsn_format(stop, until));
}

static void warn_of_backup(const report *r, text_list *out)
{
    const wp_backup_label *label = &r->base->label;
    char from[WP_LSN_TEXT_BYTES], first[WP_LSN_TEXT_BYTES];
    warn_of_backup_end(r, out);
    if (label->start_lsn < r->archive->first_lsn) {
        text_list_addf(
            out, "recovery from this backup needs the WAL from %s on, and the archive begins at %s",
            wp_lsn_format(label->start_lsn, from), wp_lsn_format(r->archive->first_lsn, first));
        return;
    }
    const wp_tli tli = archive_timeline(r->archive, label->start_lsn);
    if (label->start_lsn >= r->archive->segments[0].start_lsn && tli != label->timeline)
        text_list_addf(
            out,
            "the backup is on timeline %u, and the history of timeline %u is on timeline %u at %s: "
            "it does not lead to the target",
            label->timeline, r->timeline, tli, wp_lsn_format(label->start_lsn, from));
}

static void warn_of_no_history(const report *r, text_list *out)
{
    const branch *one = restorable_without_history(r);
    char name[BRANCH_FILE_BYTES];
    text lines = { 0 };
    if (one == NULL)
        return;
    if (one->has_bad_history)
        text_list_addf(
            out,
            "what is in %s is not a history: a server that is sent to timeline %u does not start",
            timeline_tree_file(&r->archive->timeline_tree, one->tli, name), one->tli);
    else
        text_list_addf(out,
                       "there is no %08X.history, and without it the server refuses (\"recovery "
                       "target timeline %u does not exist\")",
                       one->tli, one->tli);
    if (forks_write(&r->found->forks, &r->archive->timeline_tree, one->tli, &lines))
        text_list_addf(out, "the WAL tells what belongs in that file: printf '%s' > %08X.history",
                       text_chars(&lines), one->tli);
    else
        text_list_addf(
            out, "what belongs in that file is for each ancestor, oldest first, one line: its "
                 "number, a tab, the LSN where the next one left it; the WAL read here does "
                 "not tell");
    text_free(&lines);
}

static void warn_of_no_backup(const report *r, text_list *out)
{
    const archive_backup *too_new;
    const bool has_none =
        r->base == NULL && restorable_backup_for(r, &too_new) == NULL && too_new != NULL;
    if (has_none && r->found->earlier_after > 0)
        text_list_addf(out, "the base backups known here were taken after that place in the WAL: "
                            "which one fits depends on the place that is meant");
    else if (has_none)
        text_list_addf(
            out, "every base backup with a history file in this archive is too new for the target: "
                 "an older one is needed, and the WAL from its start on");
}

void warnings_of_inexact(const report *r, text_list *out)
{
    if (r->is_refused)
        warn_of_backup_end(r, out);
    else if (!target_stops(&r->target) && r->target.stop.gap != 0)
        warn_of_barrier(r, out);
    else
        warn_of_inexact(r, out);
}

void warnings_of_target(const report *r, text_list *out)
{
    if (r->base != NULL)
        warn_of_backup(r, out);
    warn_of_clock(r, out);
    warn_of_unread_moment(r, out);
    warn_of_no_backup(r, out);
    warn_of_no_history(r, out);
    if (!r->target.exact) {
        warn_of_inexact(r, out);
    }
    warn_of_previous(r, out);
    warn_of_points(r, out);
    warn_of_minimal(r, out);
    warn_of_barrier(r, out);
    warn_of_rollback(r, out);
    pending_warn(r, out);
    warn_of_partial(r, out);
}
