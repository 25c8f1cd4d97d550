/* question.c - see question.h. */
#include "search/question.h"

bool question_is_by_position(const question *q)
{
    return q->kind == QUESTION_XID || q->kind == QUESTION_TIME || q->kind == QUESTION_LSN;
}

bool question_is_by_place(const question *q)
{
    return question_is_by_position(q) || q->kind == QUESTION_RESTORE_POINT;
}

bool question_stops_before(const question *q)
{
    return q->kind != QUESTION_LIST && q->kind != QUESTION_RESTORE_POINT && !q->is_after;
}

wp_xid question_xid(const question *q)
{
    return (wp_xid)q->xid;
}

static bool has_subxid(const wp_xact_end *end, wp_xid xid)
{
    for (uint32_t i = 0; i < end->nsubxids; i++)
        if (end->subxids[i] == xid)
            return true;
    return false;
}

bool question_means(const question *q, const wp_xact_end *end)
{
    if (q->kind == QUESTION_LSN) /* a position needs no transaction */
        return end->lsn >= q->lsn && !end->is_cut;
    if (!question_has_in_range(q, end->lsn, end->time))
        return false;
    if (q->kind == QUESTION_TIME)
        return end->time != WP_TIME_UNKNOWN && end->time >= q->time;
    return q->kind == QUESTION_XID
           && (end->xid == question_xid(q) || has_subxid(end, question_xid(q)));
}

static unsigned bit_if(bool is, narrowing which)
{
    return is ? 1U << which : 0;
}

unsigned question_leaves_out(const question *q, wp_lsn lsn, wp_time time)
{
    const question_range *range = &q->range;
    const bool has_time = time != WP_TIME_UNKNOWN;
    return bit_if(range->has_since && has_time && time < range->since, NARROW_SINCE)
           | bit_if(range->has_until && has_time && time > range->until, NARROW_UNTIL)
           | bit_if(lsn < range->from_lsn, NARROW_FROM_LSN)
           | bit_if(range->to_lsn != 0 && lsn > range->to_lsn, NARROW_TO_LSN);
}

bool question_has_in_range(const question *q, wp_lsn lsn, wp_time time)
{
    return question_leaves_out(q, lsn, time) == 0;
}

archive_limits question_limits(const question *q, wp_tli timeline)
{
    return (archive_limits){ .timeline = timeline,
                             .has_since = q->range.has_since,
                             .has_until = q->range.has_until,
                             .since = q->range.since,
                             .until = q->range.until,
                             .from_lsn = q->range.from_lsn,
                             .to_lsn = q->range.to_lsn,
                             .reads_all = !q->stays_in_range,
                             .reads_on = q->reads_on,
                             .reads_neighbours = q->stays_in_range,
                             .system_id = q->system_id };
}

const char *narrowing_option(narrowing which)
{
    static const char *const names[NARROWINGS] = {
        [NARROW_DATABASE] = "database", [NARROW_RELATION] = "relation",
        [NARROW_MIN_ROWS] = "min-rows", [NARROW_SINCE] = "since",
        [NARROW_UNTIL] = "until",       [NARROW_FROM_LSN] = "from-lsn",
        [NARROW_TO_LSN] = "to-lsn",
    };
    return names[which];
}
