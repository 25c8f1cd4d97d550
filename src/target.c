/*
 * target.c - see target.h.
 */
#include "target.h"

#include <stdio.h>

static bool is_commit(const wp_xact_end *end)
{
    return end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED;
}

/* Where replay stands when the record at lsn is next. */
target_stop target_stop_before(const target_history *history, wp_lsn lsn)
{
    return (target_stop){ .lsn = lsn,
                          .commits = history->commits,
                          .last_xid = history->last_xid,
                          .last_time = history->last_time };
}

static const struct target_stair *stair(const target_history *history, uint64_t index)
{
    return &history->stairs[index % TARGET_STAIRS];
}

static uint64_t oldest_stair(const target_history *history)
{
    return history->nstairs > TARGET_STAIRS ? history->nstairs - TARGET_STAIRS : 0;
}

void target_history_add(target_history *history, const wp_xact_end *end)
{
    const bool is_latest =
        history->nstairs == 0 || end->time > stair(history, history->nstairs - 1)->time;
    if (is_latest && end->time != WP_TIME_UNKNOWN) {
        history->stairs[history->nstairs % TARGET_STAIRS] =
            (struct target_stair){ end->time, target_stop_before(history, end->lsn) };
        history->nstairs++;
    }
    if (is_commit(end)) {
        history->commits++;
        history->last_xid = end->xid;
        history->last_time = end->time;
    }
}

/* The first step at or above a time (or only above it): where a target by time has stopped already. */
static target_reach find_time_stop(const target_history *history, wp_time time, bool only_above,
                                   target_stop *out)
{
    uint64_t low = oldest_stair(history), high = history->nstairs;
    const uint64_t oldest = low;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        const wp_time step = stair(history, middle)->time;
        if (only_above ? step > time : step >= time)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == history->nstairs)
        return TARGET_PENDING;
    *out = stair(history, low)->stop;
    return low == oldest && oldest > 0 ? TARGET_BEFORE_KNOWN : TARGET_REACHED;
}

static void set_xact(const target_history *history, const wp_xact_end *end, target_boundary *out)
{
    out->has_xact = true;
    out->xid = end->xid;
    out->time = end->time;
    out->xact_stop = out->inclusive ? end->end_lsn : end->lsn;
    out->by_time = find_time_stop(history, end->time, out->inclusive, &out->time_stop);
    if (out->by_time == TARGET_PENDING && !out->inclusive) {
        out->by_time = TARGET_REACHED;
        out->time_stop = target_stop_before(history, end->lsn);
    }
}

void target_boundary_at_xact(const target_history *history, const wp_xact_end *end, bool inclusive,
                             target_boundary *out)
{
    *out = (target_boundary){ .inclusive = inclusive, .lsn = end->lsn };
    out->at = target_stop_before(history, end->lsn);
    set_xact(history, end, out);
    if (!inclusive)
        return;
    out->at.lsn = end->end_lsn;
    if (is_commit(end)) {
        out->at.commits++;
        out->at.last_xid = end->xid;
        out->at.last_time = end->time;
    }
}

void target_boundary_at_once(const target_history *history, const target_stop *at,
                             target_boundary *out)
{
    *out = (target_boundary){ .is_at_once = true, .lsn = at->lsn, .at = *at };
    if (at->commits == 0)
        return;
    out->has_xact = true;
    out->xid = at->last_xid;
    out->time = at->last_time;
    out->xact_stop = at->lsn;
    out->by_time = find_time_stop(history, at->last_time, false, &out->time_stop);
}

void target_boundary_at_lsn(const target_history *history, wp_lsn lsn, const wp_xact_end *next,
                            target_boundary *out)
{
    *out = (target_boundary){ .lsn = lsn };
    out->at = target_stop_before(history, lsn);
    if (next != NULL)
        set_xact(history, next, out);
}

void target_boundary_pass(target_boundary *boundary, const target_history *history,
                          const wp_xact_end *end)
{
    if (!boundary->inclusive || boundary->by_time != TARGET_PENDING || end->time <= boundary->time)
        return;
    boundary->by_time = TARGET_REACHED;
    boundary->time_stop = target_stop_before(history, end->lsn);
}

static void weigh(const target_boundary *boundary, target *out)
{
    const uint64_t right = boundary->at.commits, really = out->stop.commits;
    out->costs = really < right ? right - really : 0;
    out->lets_through = really > right ? really - right : 0;
}

static void make_by_lsn(const target_boundary *boundary, target *out)
{
    wp_lsn_format(boundary->lsn, out->value);
    out->stop = boundary->at;
    out->reach = TARGET_REACHED;
    out->exact = true;
}

static void make_by_xid(const target_boundary *boundary, target *out)
{
    snprintf(out->value, sizeof out->value, "%u", boundary->xid);
    out->stop = boundary->at;
    out->stop.lsn = boundary->xact_stop;
    out->reach = TARGET_REACHED;
    out->exact = out->stop.lsn == boundary->at.lsn;
}

static void make_by_time(const target_boundary *boundary, target *out)
{
    wp_time_format_setting(boundary->time, out->value);
    out->stop = boundary->time_stop;
    out->reach = boundary->by_time;
    /* Behind a transaction, nothing that matters happens until the next one ends. */
    out->exact = out->reach == TARGET_REACHED && out->stop.commits == boundary->at.commits
                 && (boundary->inclusive ? out->stop.lsn >= boundary->at.lsn
                                         : out->stop.lsn == boundary->at.lsn);
}

bool target_make(const target_boundary *boundary, target_kind kind, target *out)
{
    static void (*const make[TARGET_KINDS])(const target_boundary *, target *) = {
        [TARGET_LSN] = make_by_lsn, [TARGET_XID] = make_by_xid, [TARGET_TIME] = make_by_time
    };
    if (kind != TARGET_LSN && !boundary->has_xact)
        return false;
    *out = (target){ .kind = kind, .inclusive = boundary->inclusive };
    if (boundary->is_at_once && kind == TARGET_XID)
        out->inclusive = true;
    make[kind](boundary, out);
    if (kind == TARGET_TIME && (out->value[0] < '0' || out->value[0] > '9'))
        return false; /* a moment that no calendar has */
    if (out->reach != TARGET_PENDING)
        weigh(boundary, out);
    return true;
}

const char *target_kind_name(target_kind kind)
{
    static const char *const names[TARGET_KINDS] = { "lsn", "xid", "time" };
    return names[kind];
}
