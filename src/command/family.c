/*
 * family.c - see family.h.
 *
 * A commit names the subtransactions that it keeps. One that is rolled back alone has a ROLLBACK of its own, which names what it
 * kept but not the transaction: that stands in an assignment only, which the server writes for each 64th
 * subtransaction, and, with wal_level logical, in the first record of each.
 */
#include "command/family.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/message.h"
#include "command/record_pass.h"

/* Subtransactions in subtransactions are followed up so far. */
#define LEVELS_MAX 64

typedef struct gathering {
    family *out;
    wp_xid asked;
    wp_xid parent; /* asked is part of this one; 0: none is known */
    bool is_grown; /* members were added */
    bool is_failed;
    bool is_fetched; /* the WAL is: then its end will do */
    bool is_done;    /* nothing more is to be read in this pass */
} gathering;

static family_member *member_of(family *in, wp_xid xid)
{
    size_t lo = 0, hi = in->count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (in->members[mid].xid == xid)
            return &in->members[mid];
        if (in->members[mid].xid < xid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const family_member *family_member_of(const family *in, wp_xid xid)
{
    return member_of((family *)(uintptr_t)in, xid);
}

/* Most come in rising order. */
static family_member *add_member(gathering *g, wp_xid xid)
{
    family *out = g->out;
    family_member *known = member_of(out, xid);
    if (known != NULL || g->is_failed)
        return known;
    if (GROW(out->members, out->count, out->room) == NULL) {
        g->is_failed = true;
        return NULL;
    }
    size_t at = out->count - 1;
    for (; at > 0 && out->members[at - 1].xid > xid; at--)
        out->members[at] = out->members[at - 1];
    out->members[at] = (family_member){ .xid = xid };
    g->is_grown = true;
    return &out->members[at];
}

static bool has_subxid(const wp_fact_xact *end, wp_xid xid)
{
    const wp_xid *subxids = wp_fact_xact_subxids(end);
    for (uint32_t i = 0; i < end->nsubxacts; i++)
        if (subxids[i] == xid)
            return true;
    return false;
}

static void take_end_of_top(gathering *g, const wp_fact_xact *end)
{
    const wp_xact_op op = (wp_xact_op)end->fact.op;
    const bool is_commit = op == WP_XACT_COMMIT || op == WP_XACT_COMMIT_PREPARED;
    const wp_xid *subxids = wp_fact_xact_subxids(end);
    family *out = g->out;
    out->has_end = true;
    out->end_op = op;
    out->end_lsn = end->fact.lsn;
    for (uint32_t i = 0; i < end->nsubxacts; i++) {
        family_member *member = add_member(g, subxids[i]);
        if (member != NULL)
            member->fate = is_commit ? FATE_KEPT : FATE_ROLLED_BACK;
    }
}

/* A subtransaction was rolled back, and with it what it had kept. */
static void take_end_of_part(gathering *g, const wp_fact_xact *end)
{
    const wp_xid *subxids = wp_fact_xact_subxids(end);
    family_member *part = member_of(g->out, end->fact.xid);
    part->fate = FATE_ROLLED_BACK;
    part->abort_lsn = end->fact.lsn;
    for (uint32_t i = 0; i < end->nsubxacts; i++) {
        family_member *member = add_member(g, subxids[i]);
        if (member == NULL)
            continue;
        member->fate = FATE_ROLLED_BACK;
        member->inside = end->fact.xid;
    }
}

/* One that is not known is rolled back, with a subtransaction that is: it is one itself. */
static bool has_member(const gathering *g, const wp_fact_xact *end)
{
    const wp_xid *subxids = wp_fact_xact_subxids(end);
    for (uint32_t i = 0; end->fact.op == WP_XACT_ABORT && i < end->nsubxacts; i++)
        if (member_of(g->out, subxids[i]) != NULL)
            return true;
    return false;
}

static void take_end(gathering *g, const wp_fact_xact *end)
{
    if (end->fact.xid == g->asked)
        take_end_of_top(g, end);
    else if (has_subxid(end, g->asked))
        g->parent = end->fact.xid;
    else if (member_of(g->out, end->fact.xid) != NULL)
        take_end_of_part(g, end);
    else if (has_member(g, end) && add_member(g, end->fact.xid) != NULL)
        take_end_of_part(g, end);
}

static void take_prepare(gathering *g, const wp_fact_xact *end)
{
    const wp_xid *subxids = wp_fact_xact_subxids(end);
    if (end->fact.xid != g->asked) {
        if (has_subxid(end, g->asked))
            g->parent = end->fact.xid;
        return;
    }
    g->out->prepare_lsn = end->fact.lsn;
    for (uint32_t i = 0; i < end->nsubxacts; i++)
        (void)add_member(g, subxids[i]);
}

static void take_assignment(gathering *g, const wp_fact_assignment *assignment)
{
    const bool is_own = assignment->fact.xid == g->asked;
    for (uint32_t i = 0; i < assignment->nsubxacts; i++) {
        if (assignment->subxids[i] == g->asked)
            g->parent = assignment->fact.xid;
        if (is_own)
            (void)add_member(g, assignment->subxids[i]);
    }
    g->out->is_assigned |= is_own;
}

/* Before `place` all xids from next on had no record. */
static void take_next(gathering *g, wp_xid next, wp_lsn place)
{
    family *out = g->out;
    if (next == 0 || place < out->wal_start)
        return;
    if (out->first_next == 0)
        out->first_next = next;
    out->last_next = next;
    if (!out->has_end && !wp_xid_precedes(g->asked, next) && place > out->not_before)
        out->not_before = place;
}

static void take_checkpoint(gathering *g, const wp_fact_checkpoint *checkpoint)
{
    const bool is_start =
        checkpoint->fact.kind == WP_FACT_END_OF_RECOVERY || checkpoint->fact.op == 0;
    family *out = g->out;
    if (checkpoint->fact.kind == WP_FACT_CHECKPOINT)
        take_next(g, checkpoint->next_xid, checkpoint->redo);
    /* Who is prepared lives on. Whoever began later has not been seen by this one. */
    const bool is_before = out->last_next != 0 && wp_xid_precedes(g->asked, out->last_next);
    if (is_start && is_before && !out->has_end && out->prepare_lsn == 0 && out->lost_lsn == 0)
        out->lost_lsn = checkpoint->fact.lsn;
}

static void take_fact(void *context, const wp_fact *fact)
{
    gathering *g = context;
    const void *it = fact;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_XACT_END:
        take_end(g, it);
        break;
    case WP_FACT_PREPARE:
        take_prepare(g, it);
        break;
    case WP_FACT_ASSIGNMENT:
        take_assignment(g, it);
        break;
    case WP_FACT_RUNNING_XACTS:
        take_next(g, ((const wp_fact_running *)it)->next_xid, fact->lsn);
        break;
    case WP_FACT_CHECKPOINT:
    case WP_FACT_END_OF_RECOVERY:
        take_checkpoint(g, it);
        break;
    case WP_FACT_FIRST_RECORD:
        if (g->out->wal_start == 0)
            g->out->wal_start = fact->lsn;
        break;
    case WP_FACT_SEGMENT_END:
        g->out->wal_end = fact->lsn;
        break;
    default:
        break;
    }
    const bool is_known = g->out->has_end && g->out->end_op != WP_XACT_ABORT;
    g->is_done = g->is_failed || (g->is_fetched && (is_known || g->parent != 0));
}

/* Nothing of a record but what is told of all. */
static bool read_all(gathering *g, const archive *wal, unsigned jobs, char message[MESSAGE_BYTES])
{
    static const wp_xid no_xid = 0;
    const wp_record_filter none = { .xids = &no_xid };
    const record_pass pass = { .wal = wal,
                               .jobs = jobs,
                               .filter = &none,
                               .take = take_fact,
                               .context = g,
                               .stop = &g->is_done };
    return record_pass_run(&pass, message) && (!g->is_failed || message_no_memory(message));
}

bool family_is_commit(const family *of)
{
    return of->has_end && (of->end_op == WP_XACT_COMMIT || of->end_op == WP_XACT_COMMIT_PREPARED);
}

/* What no record speaks of, follows: with its transaction, or with the part that was rolled back. */
static void settle_fates(family *out)
{
    const bool is_commit = family_is_commit(out);
    for (size_t i = 0; i < out->count; i++) {
        family_member *member = &out->members[i];
        if (member->xid == out->top && is_commit)
            member->fate = FATE_KEPT;
        else if (member->fate != FATE_KEPT && out->has_end)
            member->fate = FATE_ROLLED_BACK;
    }
}

static bool list_xids(family *out)
{
    out->xids = malloc(out->count * sizeof *out->xids);
    if (out->xids == NULL)
        return false;
    for (size_t i = 0; i < out->count; i++)
        out->xids[i] = out->members[i].xid;
    return true;
}

/* Members that an assignment names late may have been rolled back before: another pass sees that. */
static bool read_until_known(gathering *g, const archive *wal, unsigned jobs,
                             char message[MESSAGE_BYTES])
{
    do {
        g->is_grown = g->is_done = false;
        const wp_xid first_next = g->out->first_next;
        if (!read_all(g, wal, jobs, message))
            return false;
        if (first_next != 0)
            g->out->first_next = first_next;
    } while (g->is_grown && g->parent == 0);
    return true;
}

bool family_find(const archive *wal, wp_xid xid, unsigned jobs, family *out,
                 char message[MESSAGE_BYTES])
{
    gathering g = { .out = out, .parent = xid, .is_fetched = wal->segment_fetcher != NULL };
    for (int level = 0; g.parent != 0 && level < LEVELS_MAX; level++) {
        family_free(out);
        g.asked = out->top = g.parent;
        g.parent = 0;
        if (add_member(&g, g.asked) == NULL)
            return message_no_memory(message);
        if (!read_until_known(&g, wal, jobs, message))
            return false;
    }
    if (out->has_end)
        out->lost_lsn = 0;
    settle_fates(out);
    return list_xids(out) || message_no_memory(message);
}

wp_lsn family_bound(const family *of)
{
    return of->has_end ? of->end_lsn : of->lost_lsn;
}

wp_record_filter family_filter(const family *of)
{
    const bool has_second_end =
        of->has_end
        && (of->end_op == WP_XACT_COMMIT_PREPARED || of->end_op == WP_XACT_ABORT_PREPARED);
    return (wp_record_filter){ .xids = of->xids,
                               .nxids = of->count,
                               .lsns = &of->end_lsn,
                               .nlsns = has_second_end,
                               .to_lsn = family_bound(of) };
}

void family_free(family *out)
{
    free(out->members);
    free(out->xids);
    *out = (family){ 0 };
}
