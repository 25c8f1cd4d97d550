/*
 * windows.c - what each base backup and the archive lead to, along each timeline. See verification.h.
 */
#include "verification/verification.h"

#include <stdio.h>

#include "base/grow.h"
#include "scan/scan.h"

static int span_of(const timeline_history *history, wp_tli tli)
{
    for (size_t i = 0; i < history->nspans; i++)
        if (history->spans[i].tli == tli)
            return (int)i;
    return -1;
}

static const verify_timeline *timeline_at(const verification *v, wp_tli tli)
{
    for (size_t i = 0; i < v->ntimelines; i++)
        if (v->timelines[i].tli == tli)
            return &v->timelines[i];
    return NULL;
}

/* Is it in the way of a replay along the history that begins at start? */
static bool is_in_the_way(const timeline_history *history, const verify_problem *one, wp_lsn start,
                          uint32_t segment_size)
{
    const int at = span_of(history, one->tli);
    if (at < 0 || (one->kind != VERIFY_GAP && one->kind != VERIFY_DAMAGE))
        return false;
    const wp_lsn after = scan_damage_end(one->from, one->until, segment_size);
    return one->barrier < history->spans[at].end && after > start;
}

static const verify_problem *first_barrier(const verification *v, const timeline_history *history,
                                           wp_lsn start)
{
    const verify_problem *first = NULL;
    for (size_t i = 0; i < v->nproblems; i++) {
        const verify_problem *one = &v->problems[i];
        if (is_in_the_way(history, one, start, v->info.segment_size)
            && (first == NULL || one->barrier < first->barrier))
            first = one;
    }
    return first;
}

static void take_later(verify_commit *best, const verify_commit *one, wp_lsn limit)
{
    if (one->lsn != 0 && one->lsn < limit && one->lsn > best->lsn)
        *best = *one;
}

/* The last commit along a history whose record ends before a limit, and lies after a position. */
static verify_commit last_commit(const verification *v, const timeline_history *history,
                                 const verify_commit *before, wp_lsn limit)
{
    verify_commit best = { 0 };
    for (size_t i = 0; i < v->nsegments; i++) {
        const verify_segment *one = &v->segments[i];
        const int at = span_of(history, one->tli);
        if (at < 0)
            continue;
        const wp_lsn end = history->spans[at].end < limit ? history->spans[at].end : limit;
        take_later(&best, &one->first, end);
        take_later(&best, &one->last, end);
    }
    /* Where the history leaves a timeline, or a damage ends it, is inside a segment. */
    for (size_t i = 0; i < history->nspans; i++) {
        const verify_timeline *child = timeline_at(v, history->spans[i].tli);
        if (child != NULL)
            take_later(&best, &child->before_fork, limit);
    }
    take_later(&best, before, limit);
    return best;
}

/* Where WAL of wal_level = minimal begins after a backup's start; NULL: nowhere. */
static const verify_minimal *first_minimal(const verification *v, const timeline_history *history,
                                           wp_lsn start)
{
    const verify_minimal *first = NULL;
    for (size_t i = 0; i < v->nminimal; i++) {
        const verify_minimal *one = &v->minimal[i];
        const int at = span_of(history, one->tli);
        if (at >= 0 && one->from >= start && one->from < history->spans[at].end
            && (first == NULL || one->from < first->from))
            first = one;
    }
    return first;
}

static void refuse(verify_window *w, const char *why)
{
    w->is_usable = false;
    (void)snprintf(w->reason, sizeof w->reason, "%s", why);
}

/* Where replay from a backup ends, and the last commit known right before that. */
static void find_end(const verification *v, const verify_timeline *t, wp_lsn start,
                     verify_window *w, verify_commit *before)
{
    const verify_problem *barrier = first_barrier(v, &t->history, start);
    const verify_minimal *minimal = first_minimal(v, &t->history, start);
    char lsn[WP_LSN_TEXT_BYTES];
    w->end_lsn = t->end_lsn;
    if (barrier != NULL) {
        w->end_lsn = barrier->barrier;
        *before = barrier->before;
        (void)snprintf(w->reason, sizeof w->reason, "%.150s", barrier->text);
    }
    if (minimal != NULL && minimal->from < w->end_lsn) {
        w->end_lsn = minimal->from;
        *before = minimal->before;
        (void)snprintf(w->reason, sizeof w->reason, "wal_level is minimal from %s on",
                       wp_lsn_format(minimal->from, lsn));
    }
}

static void judge(const verification *v, const verify_timeline *t, const wp_backup_label *label,
                  verify_window *w)
{
    verify_commit before = { 0 };
    char lsn[WP_LSN_TEXT_BYTES], line[160];
    find_end(v, t, label->start_lsn, w, &before);
    w->is_usable = true;
    w->from_lsn = label->stop_lsn;
    w->from_time = label->stop_time;
    if (label->start_lsn < t->history_start) {
        (void)snprintf(line, sizeof line, "the archive begins at %s, after the backup's start",
                       wp_lsn_format(t->history_start, lsn));
        refuse(w, line);
    } else if (label->stop_lsn == 0) {
        refuse(w, "the end of the backup is not in this WAL");
    } else if (w->end_lsn < label->stop_lsn) {
        (void)snprintf(line, sizeof line, "replay ends at %s, before the backup's end",
                       wp_lsn_format(w->end_lsn, lsn));
        refuse(w, line);
    } else if (w->reason[0] == '\0' && v->problems_total > v->nproblems) {
        refuse(w, "there are more problems than are told here");
    }
    if (!w->is_usable)
        return;
    w->last = last_commit(v, &t->history, &before, w->end_lsn);
    if (w->last.lsn < w->from_lsn)
        w->last = (verify_commit){ 0 };
}

/* Does the history come by the backup, from its start to its end? */
static bool leads_from(const verify_timeline *t, const wp_backup_label *label)
{
    const int at = span_of(&t->history, label->timeline);
    return at >= 0 && label->start_lsn < t->history.spans[at].end
           && label->stop_lsn <= t->history.spans[at].end;
}

bool verify_windows(verification *v)
{
    for (size_t n = 0; n < v->ntimelines; n++) {
        for (size_t i = 0; i < v->nbackups; i++) {
            if (!leads_from(&v->timelines[n], &v->backups[i].label))
                continue;
            verify_window *slot = GROW(v->windows, v->nwindows, v->windows_room);
            if (slot == NULL)
                return false;
            *slot = (verify_window){ .tli = v->timelines[n].tli, .backup = i };
            judge(v, &v->timelines[n], &v->backups[i].label, slot);
        }
    }
    return true;
}
