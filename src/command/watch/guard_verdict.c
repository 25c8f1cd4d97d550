/* guard_verdict.c - see guard_verdict.h. */
#include "command/watch/guard_verdict.h"

/* SizeOfXLogLongPHD (access/xlog_internal.h), and padding. */
#define PAGE_HEADER_MAX 48

static guard_place place_of(const guard_bounds *bounds, const guard_look *look)
{
    if (look->replayed > bounds->end || !look->is_in_recovery)
        return GUARD_AFTER;
    if (!bounds->locks)
        return GUARD_BEFORE_LOCK;
    if (bounds->lock == 0)
        return GUARD_PLACE_UNKNOWN;
    return look->replayed <= bounds->lock ? GUARD_BEFORE_LOCK : GUARD_BEFORE_END;
}

/* The end may be the next record, and may be applied just now: nothing but page headers lies between. */
static bool may_be_at_end(const guard_bounds *bounds, const guard_look *look)
{
    return look->replayed + PAGE_HEADER_MAX >= bounds->end;
}

guard_verdict guard_judge(const guard_bounds *bounds, const guard_look *look, int64_t still_ms)
{
    guard_verdict v = { .answer = GUARD_OPEN, .place = place_of(bounds, look) };
    if (bounds->is_delayed && look->delay_ms >= 0 && bounds->commit_time != WP_TIME_UNKNOWN) {
        v.has_left = true;
        v.left_ms = (bounds->commit_time - look->clock) / 1000 + look->delay_ms;
    }
    if (v.place == GUARD_AFTER)
        v.answer = GUARD_TOO_LATE;
    else if (look->pause == GUARD_PAUSED)
        v.answer = GUARD_IN_TIME;
    else if (look->pause == GUARD_PAUSE_ASKED
             && ((v.has_left && v.left_ms > 0)
                 || (!look->tells_paused && still_ms >= GUARD_STILL_MS
                     && !may_be_at_end(bounds, look))))
        v.answer = GUARD_IN_TIME;
    return v;
}

bool guard_can_go_back(const guard_look *look, wp_lsn inspectable)
{
    return inspectable != 0 && look->min_recovery != 0 && look->min_recovery <= inspectable;
}
