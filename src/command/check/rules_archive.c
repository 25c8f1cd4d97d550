/*
 * rules_archive.c - what lies in the archive: is it whole, and is there a base backup from which it leads up to now?
 * See check.h.
 */
#include "command/check/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "command/check/duration.h"

/* Problems told of one by one. */
#define PROBLEMS_SHOWN 5

static const char no_backup_why[] =
    "WAL alone cannot be restored: to undo a DROP a base backup from before it is needed.";

/* ---- the WAL -------------------------------------------------------------------------------- */

/* The timeline that the server is on, else the newest there is; NULL: there is none. */
static const verify_timeline *timeline_of(const check *c)
{
    const verification *v = &c->archive.seen;
    for (size_t i = 0; i < v->ntimelines; i++)
        if (v->timelines[i].tli == c->server.tli)
            return &v->timelines[i];
    return v->ntimelines > 0 ? &v->timelines[v->ntimelines - 1] : NULL;
}

/* Position after the segment that the server archived last on its timeline; 0: not known. */
static wp_lsn archived_end(const check *c)
{
    const char *last = answer_value(&c->server.answers[ASK_ARCHIVER], 0, 1);
    wp_segment_name name;
    wp_lsn start;
    if (last == NULL || c->server.segment_size == 0 || !wp_segment_name_parse(last, &name)
        || name.tli != c->server.tli
        || !wp_segment_name_start(&name, c->server.segment_size, &start))
        return 0;
    return start + c->server.segment_size;
}

/* What the archiver is about to write is not whole, or comes before what lies before it: no fault. */
static bool is_arriving(const check *c, const verify_problem *one)
{
    const wp_lsn end = archived_end(c);
    /* Of a file that a server refuses the beginning counts: its records may reach to its end. */
    const wp_lsn at = one->barrier != 0 && one->barrier < one->from ? one->barrier : one->from;
    return (one->kind == VERIFY_DAMAGE || one->kind == VERIFY_GAP) && end != 0
           && one->tli == c->server.tli && at >= end;
}

static bool ends_at_arriving(const check *c, wp_lsn end)
{
    const verification *v = &c->archive.seen;
    for (size_t i = 0; i < v->nproblems; i++)
        if (v->problems[i].barrier == end && is_arriving(c, &v->problems[i]))
            return true;
    return false;
}

/* Is it known that the backup is there still? Of a .backup file it is not. */
static bool is_kept(const verify_backup *base)
{
    return base->is_given || base->is_catalogued;
}

static bool is_better(const verification *v, const verify_window *one, const verify_window *than)
{
    const bool is_seen = is_kept(&v->backups[one->backup]);
    const bool was_seen = is_kept(&v->backups[than->backup]);
    return is_seen != was_seen ? is_seen : one->from_lsn > than->from_lsn;
}

/* The base backup to start from: the newest one that is kept, and from which the WAL leads to its end. */
static const verify_window *best_window(const check *c)
{
    const verification *v = &c->archive.seen;
    const verify_timeline *t = timeline_of(c);
    const verify_window *best = NULL;
    for (size_t i = 0; i < v->nwindows; i++) {
        const verify_window *one = &v->windows[i];
        if (t == NULL || one->tli != t->tli || !one->is_usable)
            continue;
        const bool is_whole = one->end_lsn >= t->end_lsn || ends_at_arriving(c, one->end_lsn);
        if (is_whole && (best == NULL || is_better(v, one, best)))
            best = one;
    }
    return best;
}

static void add_problem(check *c, const verify_problem *one, const verify_window *best)
{
    const bool is_old = best != NULL && one->from != 0 && one->from < best->from_lsn;
    const bool breaks = one->kind == VERIFY_GAP || one->kind == VERIFY_DAMAGE;
    verdict *f = verdicts_add(&c->found, breaks && !is_old ? VERDICT_CRITICAL : VERDICT_WARNING,
                              CHECK_ARCHIVE, "%s: %s", verify_kind_name(one->kind), one->text);
    if (!breaks) {
        verdict_why(f, "A file of the archive is not what its name says, or is missing.");
        verdict_change(f, "pitr-find verify ...   # says more");
    } else if (is_old) {
        verdict_why(f,
                    "Older base backups lead no further than this; the newest one lies after it.");
        verdict_change(f, "keep the newest base backup");
    } else {
        verdict_why(f, "No recovery gets past this, and nothing after it can be brought back.");
        verdict_change(f,
                       "take a new base backup now: pg_basebackup -c fast -X stream -D DIRECTORY");
    }
}

/* Is the file there that the server archived last, or a later one? */
static bool has_archived(const check *c, wp_lsn archived)
{
    const verification *v = &c->archive.seen;
    for (size_t i = v->nsegments; i > 0; i--)
        if (v->segments[i - 1].tli == c->server.tli
            && v->segments[i - 1].start_lsn >= archived - c->server.segment_size)
            return true;
    return false;
}

static void add_foreign_end(check *c, const verify_timeline *t)
{
    char lsn[WP_LSN_TEXT_BYTES];
    verdict *f = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_ARCHIVE,
                              "the server has archived %s, and the WAL of --archive ends at %s",
                              answer_value(&c->server.answers[ASK_ARCHIVER], 0, 1),
                              wp_lsn_format(t->end_lsn, lsn));
    verdict_why(f,
                "What the server handed to its archiver is not where recovery would look for it.");
    verdict_change(f, "is --archive the folder that archive_command writes to?");
}

static void judge_wal(check *c)
{
    const verification *v = &c->archive.seen;
    const verify_timeline *t = timeline_of(c);
    const verify_window *best = best_window(c);
    const wp_lsn archived = archived_end(c);
    char lsn[WP_LSN_TEXT_BYTES];
    size_t told = 0, arriving = 0;
    for (size_t i = 0; i < v->nproblems; i++) {
        if (is_arriving(c, &v->problems[i]))
            arriving++;
        else if (told++ < PROBLEMS_SHOWN)
            add_problem(c, &v->problems[i], best);
    }
    const uint64_t unlisted = v->problems_total - v->nproblems;
    if (told + unlisted > PROBLEMS_SHOWN)
        verdicts_add(&c->found, VERDICT_WARNING, CHECK_ARCHIVE,
                     "%" PRIu64 " problems more: pitr-find verify lists them",
                     told + unlisted - PROBLEMS_SHOWN);
    if (t != NULL && archived != 0 && !has_archived(c, archived)) {
        add_foreign_end(c, t);
        told++;
    }
    if (t != NULL && c->server.tli != 0 && t->tli != c->server.tli)
        verdicts_add(&c->found, VERDICT_NOTE, CHECK_ARCHIVE,
                     "the server is on timeline %u, and the archive has none of its WAL yet",
                     c->server.tli);
    if (told == 0 && t != NULL)
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE, "whole: %zu segment%s up to %s%s",
                     v->nsegments, plural(v->nsegments), wp_lsn_format(t->end_lsn, lsn),
                     arriving > 0 ? "; one more is being written" : "");
}

/* ---- base backups --------------------------------------------------------------------------- */

static wp_time backup_time(const wp_backup_label *label)
{
    return label->stop_time != WP_TIME_UNKNOWN && label->stop_time != 0 ? label->stop_time
                                                                        : label->start_time;
}

static void judge_age(check *c, const wp_backup_label *label, const char *path, bool is_seen)
{
    const wp_time taken = backup_time(label);
    char age[DURATION_TEXT_BYTES], most[DURATION_TEXT_BYTES];
    if (taken == WP_TIME_UNKNOWN || c->server.clock == WP_TIME_UNKNOWN) {
        verdict *one =
            verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_BACKUP,
                         "the age of the newest usable base backup is not known: %s", path);
        verdict_why(one, "Its label has a time without a zone that is known, or the server tells "
                         "none.");
        verdict_change(one, "take the next one with log_timezone = 'UTC'");
        return;
    }
    const int64_t seconds = (c->server.clock - taken) / 1000000;
    (void)duration_text(seconds > 0 ? seconds : 0, age);
    (void)duration_text(c->max_backup_age, most);
    check_measure(c, METRIC_BACKUP_AGE, (double)(seconds > 0 ? seconds : 0));
    if (seconds <= c->max_backup_age && !is_seen) {
        verdict *one = verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_BACKUP,
                                    "the newest base backup is %s old, as %s says; whether it is "
                                    "kept is not known",
                                    age, path);
        verdict_why(one, no_backup_why);
        verdict_change(one, "pitr-find check --backup PATH ...   # looks at the backup itself");
        return;
    }
    if (seconds <= c->max_backup_age) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_BACKUP,
                     "the newest usable base backup is %s old: %s", age, path);
        return;
    }
    verdict *one =
        verdicts_add(&c->found, VERDICT_WARNING, CHECK_BACKUP,
                     "the newest usable base backup is %s old (limit %s): %s", age, most, path);
    verdict_why(one,
                "All WAL since then has to be there, and is replayed before anything is back.");
    verdict_change(one, "pg_basebackup -c fast -X stream -D DIRECTORY");
}

/* Why none of them will do. */
static void add_unusable(check *c)
{
    const verification *v = &c->archive.seen;
    const verify_window *last = NULL;
    for (size_t i = 0; i < v->nwindows; i++)
        if (v->windows[i].reason[0] != '\0'
            && (last == NULL
                || v->backups[v->windows[i].backup].label.start_lsn
                       >= v->backups[last->backup].label.start_lsn))
            last = &v->windows[i];
    verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_BACKUP, "%s%s%s",
                                v->nbackups == 0 ? "no base backup is known"
                                                 : "from no base backup a recovery gets up to now",
                                last != NULL ? ": " : "", last != NULL ? last->reason : "");
    verdict_why(one, no_backup_why);
    if (v->nbackups == 0)
        verdict_change(one, "--backup PATH   # where there is one that left no .backup file");
    verdict_change(one, "pg_basebackup -c fast -X stream -D DIRECTORY");
}

static void judge_window(check *c)
{
    const verification *v = &c->archive.seen;
    const verify_window *oldest = NULL, *best = best_window(c);
    char from[WP_TIME_TEXT_BYTES], until[WP_TIME_TEXT_BYTES], span[DURATION_TEXT_BYTES];
    for (size_t i = 0; best != NULL && i < v->nwindows; i++)
        if (v->windows[i].tli == best->tli && v->windows[i].is_usable
            && (is_kept(&v->backups[v->windows[i].backup]) || !is_kept(&v->backups[best->backup]))
            && v->windows[i].end_lsn >= best->end_lsn
            && (oldest == NULL || v->windows[i].from_lsn < oldest->from_lsn))
            oldest = &v->windows[i];
    if (oldest == NULL)
        return;
    const wp_time begin = oldest->from_time != WP_TIME_UNKNOWN
                              ? oldest->from_time
                              : backup_time(&v->backups[oldest->backup].label);
    if (oldest->last.lsn == 0 || begin == WP_TIME_UNKNOWN || oldest->last.time < begin) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_WINDOW,
                     "no commit lies between the base backup and the end of the archive yet");
        return;
    }
    const int64_t seconds = (oldest->last.time - begin) / 1000000;
    check_measure(c, METRIC_WINDOW, (double)seconds);
    verdicts_add(&c->found, VERDICT_OK, CHECK_WINDOW, "any moment of %s: %s to %s",
                 duration_text(seconds, span), wp_time_format(begin, from),
                 wp_time_format(oldest->last.time, until));
}

static void judge_minimal(check *c)
{
    const verification *v = &c->archive.seen;
    const verify_window *best = best_window(c);
    char lsn[WP_LSN_TEXT_BYTES];
    if (v->nminimal == 0)
        return;
    const verify_minimal *last = &v->minimal[v->nminimal - 1];
    verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_WINDOW,
                                "wal_level was minimal at %s", wp_lsn_format(last->from, lsn));
    verdict_why(one, "No base backup from before that can be recovered past it.");
    verdict_change(one, best != NULL ? "keep the newest base backup: it lies after that"
                                     : "take a new base backup with wal_level = replica");
}

/* ---- without an archive --------------------------------------------------------------------- */

static void add_lone(check *c)
{
    const archive_facts *f = &c->archive;
    const lone_backup *newest = NULL;
    for (size_t i = 0; i < f->nbackups; i++) {
        const lone_backup *one = &f->backups[i];
        const bool is_own = c->server.system_identifier == 0
                            || one->system_identifier == c->server.system_identifier;
        if (one->is_read && is_own
            && (newest == NULL || one->label.start_lsn > newest->label.start_lsn))
            newest = one;
    }
    if (newest != NULL)
        judge_age(c, &newest->label, newest->path, true);
    verdict *one = verdicts_add(
        &c->found, VERDICT_UNKNOWN, newest != NULL ? CHECK_ARCHIVE : CHECK_BACKUP,
        newest != NULL ? "without --archive: whether the WAL since then is there is not known"
                       : "without --archive or --backup: whether there is a usable base "
                         "backup is not known");
    verdict_why(one, no_backup_why);
    verdict_change(one, "pitr-find check --archive PATH ...");
    verdict_change(one, "or leave it out: --skip %s", newest != NULL ? "archive" : "backup");
}

static void judge_given_backups(check *c)
{
    for (size_t i = 0; i < c->archive.nbackups; i++) {
        const lone_backup *one = &c->archive.backups[i];
        verdict *f = NULL;
        if (!one->is_read)
            f = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_BACKUP, "%s", one->why);
        else if (c->server.system_identifier != 0
                 && one->system_identifier != c->server.system_identifier)
            f = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_BACKUP,
                             "%s is a base backup of another cluster", one->path);
        if (f == NULL)
            continue;
        verdict_why(f, no_backup_why);
        verdict_change(f, "--backup PATH   # of a base backup of this cluster that is whole");
    }
}

void rules_archive(check *c)
{
    const archive_facts *f = &c->archive;
    judge_given_backups(c);
    if (!f->is_asked) {
        add_lone(c);
        return;
    }
    if (!f->is_read) {
        verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_ARCHIVE, "%s", f->why);
        verdict_why(one,
                    "Without readable WAL of this cluster nothing that was written after a base "
                    "backup can be recovered.");
        verdict_change(one, "is --archive the folder that archive_command writes to?");
        return;
    }
    judge_wal(c);
    judge_minimal(c);
    const verify_window *best = best_window(c);
    if (best == NULL) {
        add_unusable(c);
        return;
    }
    const verify_backup *base = &f->seen.backups[best->backup];
    judge_age(c, &base->label, base->path, is_kept(base));
    judge_window(c);
}
