/*
 * reach.c - see reach.h.
 */
#include "verification/reach.h"

#include <string.h>

#include "base/message.h"
#include "base/time_text.h"

static bool is_on(const verify_timeline *t, wp_tli tli, wp_lsn lsn)
{
    for (size_t i = 0; i < t->history.nspans; i++)
        if (t->history.spans[i].tli == tli && lsn < t->history.spans[i].end)
            return true;
    return false;
}

/* The commit next to a position along the history, among those that are kept: before it, or not before it. */
static wp_time time_next_to(const verification *v, const verify_timeline *t, wp_lsn lsn,
                            bool is_before)
{
    const verify_commit *best = NULL;
    for (size_t i = 0; i < 2 * v->nsegments; i++) {
        const verify_segment *segment = &v->segments[i / 2];
        const verify_commit *one = i % 2 == 0 ? &segment->first : &segment->last;
        if (one->lsn == 0 || (one->lsn < lsn) != is_before || !is_on(t, segment->tli, one->lsn))
            continue;
        if (best == NULL || (one->lsn > best->lsn) == is_before)
            best = one;
    }
    return best != NULL ? best->time : WP_TIME_UNKNOWN;
}

static wp_time start_of(const verification *v, const verify_timeline *t,
                        const wp_backup_label *label)
{
    char why[MESSAGE_BYTES];
    wp_time time = WP_TIME_UNKNOWN;
    bool is_local = false;
    if (label->start_time != WP_TIME_UNKNOWN)
        return label->start_time;
    if (label->start_time_text[0] != '\0'
        && timeparse(label->start_time_text, &time, &is_local, why) && !is_local)
        return time;
    return time_next_to(v, t, label->start_lsn, true);
}

/* The usable window along the timeline that goes farthest; NULL: none. */
static const verify_window *farthest(const verification *v, const verify_timeline *t)
{
    const verify_window *best = NULL;
    for (size_t i = 0; i < v->nwindows; i++) {
        const verify_window *one = &v->windows[i];
        if (one->tli == t->tli && one->is_usable && (best == NULL || one->end_lsn > best->end_lsn))
            best = one;
    }
    return best;
}

/* Of the windows that go as far. */
static void find_stretch(const verification *v, const verify_timeline *t, const verify_window *far,
                         verify_reach *out)
{
    const verify_window *first = far;
    wp_lsn last = 0;
    for (size_t i = 0; i < v->nwindows; i++) {
        const verify_window *one = &v->windows[i];
        if (one->tli != t->tli || !one->is_usable || one->end_lsn != far->end_lsn)
            continue;
        if (one->from_lsn < first->from_lsn)
            first = one;
        if (one->last.lsn > last) {
            last = one->last.lsn;
            out->latest = one->last.time;
        }
    }
    out->earliest = first->from_time;
    if (out->earliest == WP_TIME_UNKNOWN && last != 0)
        out->earliest = time_next_to(v, t, first->from_lsn, false);
    if (last == 0)
        out->latest = out->earliest;
}

/* A backup may be known twice: by its .backup file, and given by hand. */
static bool is_same_backup(const wp_backup_label *a, const wp_backup_label *b)
{
    return a->start_lsn == b->start_lsn && a->timeline == b->timeline
           && strcmp(a->label, b->label) == 0;
}

/* An earlier window along the timeline, of the same backup: any, or a usable one. */
static bool is_counted(const verification *v, size_t at, bool usable)
{
    const wp_backup_label *label = &v->backups[v->windows[at].backup].label;
    for (size_t i = 0; i < at; i++)
        if (v->windows[i].tli == v->windows[at].tli && (!usable || v->windows[i].is_usable)
            && is_same_backup(&v->backups[v->windows[i].backup].label, label))
            return true;
    return false;
}

verify_reach verify_reach_of(const verification *v, const verify_timeline *t)
{
    verify_reach reach = { .newest_start = WP_TIME_UNKNOWN,
                           .earliest = WP_TIME_UNKNOWN,
                           .latest = WP_TIME_UNKNOWN };
    const wp_backup_label *newest = NULL;
    for (size_t i = 0; i < v->nwindows; i++) {
        const verify_window *one = &v->windows[i];
        const wp_backup_label *label = &v->backups[one->backup].label;
        if (one->tli != t->tli)
            continue;
        reach.backups += !is_counted(v, i, false);
        reach.usable += one->is_usable && !is_counted(v, i, true);
        if (one->is_usable && (newest == NULL || label->start_lsn > newest->start_lsn))
            newest = label;
    }
    if (newest == NULL)
        return reach;
    reach.newest_start = start_of(v, t, newest);
    find_stretch(v, t, farthest(v, t), &reach);
    return reach;
}
