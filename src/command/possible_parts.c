/* possible_parts.c - see possible_parts.h. */
#include "command/possible_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/log.h"
#include "base/message.h"
#include "base/plural.h"
#include "command/record_pass.h"

static size_t place_of(const possible_parts *in, wp_xid xid)
{
    size_t lo = 0, hi = in->count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (in->items[mid].xid < xid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static possible_part *part_of(const possible_parts *in, wp_xid xid)
{
    const size_t at = place_of(in, xid);
    return at < in->count && in->items[at].xid == xid ? &in->items[at] : NULL;
}

/* One that has a later id. */
static void suspect(possible_parts *p, wp_xid xid)
{
    if (!wp_xid_precedes(p->of->top, xid) || part_of(p, xid) != NULL)
        return;
    if (p->count == POSSIBLE_PARTS_MAX) {
        p->has_more = true;
        return;
    }
    const size_t at = place_of(p, xid);
    if (GROW(p->items, p->count, p->room) == NULL) {
        p->is_failed = true;
        return;
    }
    memmove(&p->items[at + 1], &p->items[at], (p->count - 1 - at) * sizeof *p->items);
    p->items[at] = (possible_part){ .xid = xid };
}

/* Which ones were rolled back alone while the transaction ran, before its PREPARE. */
static void take_end(possible_parts *p, const wp_fact_xact *fact)
{
    if (fact->fact.xid == p->of->top) {
        if (fact->db != 0)
            p->db = fact->db;
        p->is_over = true;
    } else if (fact->fact.op == WP_XACT_ABORT && !p->is_over && !p->is_prepared
               && family_member_of(p->of, fact->fact.xid) == NULL) {
        suspect(p, fact->fact.xid);
    }
}

void possible_parts_take(possible_parts *p, const wp_fact *fact)
{
    const void *it = fact;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_TALLY:
        p->is_seen = true;
        if (p->db == 0)
            p->db = ((const wp_fact_tally *)it)->file.db;
        break;
    case WP_FACT_XACT_END:
        take_end(p, it);
        break;
    case WP_FACT_PREPARE:
        if (fact->xid == p->of->top) {
            p->is_prepared = true;
            p->db = ((const wp_fact_xact *)it)->db;
        }
        break;
    case WP_FACT_CHECKPOINT:
    case WP_FACT_END_OF_RECOVERY:
        p->is_over |= fact->lsn == p->of->lost_lsn;
        break;
    default:
        break;
    }
}

static void clear(possible_parts *p, wp_xid xid)
{
    possible_part *one = part_of(p, xid);
    if (one != NULL)
        one->is_cleared = true;
}

/* Records of the transaction stand between theirs. */
static void interrupt(possible_parts *p)
{
    for (size_t i = 0; p->has_fresh && i < p->count; i++)
        p->items[i].is_interrupted |= p->items[i].first_lsn != 0;
    p->has_fresh = false;
}

/* Its subtransactions are over by then. */
static bool is_after_prepare(const family *of, wp_lsn lsn)
{
    return of->prepare_lsn != 0 && lsn > of->prepare_lsn;
}

/*
 * A session does one thing after the other: what a subtransaction writes, it writes in one go, up to its rollback. And it stays in
 * its database.
 */
static void weigh_record(possible_parts *p, const wp_fact_tally *fact)
{
    const wp_xid xid = fact->fact.xid;
    if (xid == 0 ? fact->fact.lsn == p->of->end_lsn : family_member_of(p->of, xid) != NULL) {
        interrupt(p);
        return;
    }
    if (xid != 0 && p->looks_at_all)
        suspect(p, xid);
    possible_part *one = part_of(p, xid);
    if (one == NULL)
        return;
    if (one->first_lsn == 0) {
        one->first_lsn = fact->fact.lsn;
        p->has_fresh = true;
    }
    one->is_cleared |= one->is_interrupted || is_after_prepare(p->of, fact->fact.lsn)
                       || (fact->file.db != 0 && p->db != 0 && fact->file.db != p->db);
}

static void weigh_end(possible_parts *p, const wp_fact_xact *fact)
{
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    possible_part *one = part_of(p, fact->fact.xid);
    const bool is_rollback = fact->fact.kind == WP_FACT_XACT_END && fact->fact.op == WP_XACT_ABORT;
    if (one != NULL) {
        one->is_rolled_back = is_rollback;
        one->is_cleared |= !is_rollback || one->is_interrupted
                           || (fact->db != 0 && p->db != 0 && fact->db != p->db);
    }
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        clear(p, subxids[i]); /* it belongs to that one, and goes with it */
}

static void weigh_fact(void *context, const wp_fact *fact)
{
    possible_parts *p = context;
    const void *it = fact;
    if (fact->kind == WP_FACT_TALLY) {
        weigh_record(p, it);
    } else if (fact->kind == WP_FACT_XACT_END || fact->kind == WP_FACT_PREPARE) {
        weigh_end(p, it);
    } else if (fact->kind == WP_FACT_ASSIGNMENT && fact->xid != p->of->top) {
        const wp_fact_assignment *assignment = it;
        clear(p, fact->xid);
        for (uint32_t i = 0; i < assignment->nsubxacts; i++)
            clear(p, assignment->subxids[i]);
    }
    const wp_lsn bound = family_bound(p->of);
    p->is_done |=
        p->is_failed || (fact->kind == WP_FACT_SEGMENT_END && bound != 0 && fact->lsn > bound);
}

static int compare_xids(const void *a, const void *b)
{
    const wp_xid x = *(const wp_xid *)a, y = *(const wp_xid *)b;
    return (x > y) - (x < y);
}

/* The family's ids, and those that may be. NULL: memory is out. */
static wp_xid *ids_to_weigh(const possible_parts *p)
{
    const family *of = p->of;
    wp_xid *xids = malloc((of->count + p->count) * sizeof *xids);
    if (xids == NULL)
        return NULL;
    memcpy(xids, of->xids, of->count * sizeof *xids);
    for (size_t i = 0; i < p->count; i++)
        xids[of->count + i] = p->items[i].xid;
    qsort(xids, of->count + p->count, sizeof *xids, compare_xids);
    return xids;
}

/* Leaves those that nothing speaks against. */
static void drop_cleared(possible_parts *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (!p->items[i].is_cleared)
            p->items[kept++] = p->items[i];
    p->count = kept;
}

/*
 * Of a transaction that ended, a subtransaction that the WAL does not name was rolled back. Of one that did not, it may be any that did
 * not either.
 */
bool possible_parts_weigh(possible_parts *p, const archive *wal, unsigned jobs,
                          char message[MESSAGE_BYTES])
{
    p->looks_at_all = !p->of->has_end;
    if (p->count == 0 && !p->looks_at_all)
        return true;
    wp_xid *xids = ids_to_weigh(p);
    if (xids == NULL)
        return message_no_memory(message);
    wp_record_filter filter = family_filter(p->of);
    filter.xids = p->looks_at_all ? NULL : xids;
    filter.nxids = p->of->count + p->count;
    filter.of_xacts = true;
    p->is_done = false;
    const record_pass pass = { .wal = wal,
                               .jobs = jobs,
                               .filter = &filter,
                               .take = weigh_fact,
                               .context = p,
                               .stop = &p->is_done };
    const bool is_good = record_pass_run(&pass, message);
    free(xids);
    drop_cleared(p);
    return is_good && (!p->is_failed || message_no_memory(message));
}

bool possible_parts_warn(const possible_parts *p)
{
    if (p->count > 0 || p->has_more)
        log_warning(
            "%s%zu transaction%s may be a subtransaction of it: this WAL does not tell whose %s",
            p->has_more ? "more than " : "", p->count, plural(p->count),
            p->count == 1 ? "it is" : "they are");
    return p->count > 0 || p->has_more;
}

void possible_parts_free(possible_parts *p)
{
    free(p->items);
    *p = (possible_parts){ 0 };
}
