/*
 * xact_ends.c - what happens where a transaction ends or is prepared.
 *
 * A commit lists the subtransactions that survived: their works are told with those of their parent, and whatever is
 * not listed is dropped.
 */
#include "infer/xact_ends.h"

#include <stdlib.h>
#include <string.h>

#include "format/catalogs.h"

static int compare_works(const void *x, const void *y)
{
    const wpi_work *a = x, *b = y;
    return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

static bool append_works(wp_reducer *r, size_t *n, const wpi_xact *x)
{
    if (*n + x->nworks > r->merged_room) {
        const size_t room = (*n + x->nworks) * 2;
        wpi_work *grown = realloc(r->merged, room * sizeof *grown);
        if (!grown) {
            r->out_of_memory = true;
            return false;
        }
        r->merged = grown;
        r->merged_room = room;
    }
    if (x->nworks)
        memcpy(r->merged + *n, x->works, x->nworks * sizeof *x->works);
    *n += x->nworks;
    return true;
}

/* Works come in record order but for row counts, which are written when their transaction ends. */
static bool is_sorted(const wpi_work *works, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (works[i].lsn < works[i - 1].lsn)
            return false;
    return true;
}

static void add_traces(wpi_traces *traces, const wpi_xact *x, wp_oid db)
{
    traces->touched |= x->touched;
    traces->is_torn = traces->is_torn || x->is_torn;
    traces->has_new_class = traces->has_new_class || x->new_class;
    for (uint32_t i = 0; i < x->nworks && !traces->has_new_file; i++)
        traces->has_new_file =
            x->works[i].kind == WPI_WORK_FILE_CREATED && x->works[i].of.file.db == db;
}

/* Did it change a catalog that lies elsewhere? The catalogs of which that is not known, and what it did neither. */
static uint32_t look_for_astray(wp_reducer *r, const wpi_xact *top, const wp_fact_xact *fact)
{
    wpi_traces traces = { .is_new = wpi_begun_is_new(&r->begun, fact->fact.xid) };
    if (fact->changed == 0)
        return 0;
    if (top)
        add_traces(&traces, top, fact->db);
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const wpi_xact *sub = wpi_xacts_find(&r->xacts, wp_fact_xact_subxids(fact)[i]);
        if (sub)
            add_traces(&traces, sub, fact->db);
    }
    return wpi_astray_commit(&r->astray, fact, &traces);
}

/*
 * Rows that it touched before the WAL begins, or in a gap, are not counted. Of what was created, altered or dropped
 * there, look_for_astray() tells. *is_certain: it is known to have begun there.
 */
static bool may_miss_works(const wp_reducer *r, const wpi_xact *top, const wpi_work *works,
                           size_t n, const wp_fact_xact *fact, bool *is_certain)
{
    bool is_torn = top && top->is_torn, is_seen = top != NULL;
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const wpi_xact *sub = wpi_xacts_find(&r->xacts, wp_fact_xact_subxids(fact)[i]);
        is_torn = is_torn || (sub && sub->is_torn);
        is_seen = is_seen || sub;
    }
    const wp_lsn first = n ? works[0].lsn : fact->fact.lsn;
    const wpi_beginning began = wpi_begun_where(&r->begun, fact->fact.xid, first);
    *is_certain = began == WPI_BEGAN_BEFORE || (began != WPI_BEGAN_HERE && !is_seen);
    return is_torn || began != WPI_BEGAN_HERE;
}

/*
 * Does it drop a database, and something that says from where on replay leaves that unusable may not have been met? It
 * deletes the database's row; where that is not seen, its catalog was moved before, or the transaction began before.
 */
static bool removes_database(const wpi_work *works, size_t n, bool may_miss)
{
    bool removes = false, deletes_row = false;
    for (size_t i = 0; i < n; i++) {
        removes = removes || works[i].kind == WPI_WORK_DATABASE_REMOVED;
        deletes_row =
            deletes_row
            || (works[i].kind == WPI_WORK_DELETED && works[i].of.row->catalog == WPI_PG_DATABASE);
    }
    return removes && (may_miss || !deletes_row);
}

/*
 * The works of a transaction and its subtransactions in LSN order: they are now the ones that are ending. Copied only
 * where they lie apart, or not in that order. False: out of memory.
 */
static bool gather_works(wp_reducer *r, const wpi_xact *top, const wp_fact_xact *fact)
{
    size_t n = 0;
    bool is_merged = false;
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const wpi_xact *sub = wpi_xacts_find(&r->xacts, wp_fact_xact_subxids(fact)[i]);
        if (!sub || sub->nworks == 0)
            continue;
        if (!is_merged && top && !append_works(r, &n, top))
            return false;
        is_merged = true;
        if (!append_works(r, &n, sub))
            return false;
    }
    if (!is_merged && top && !is_sorted(top->works, top->nworks)) {
        if (!append_works(r, &n, top))
            return false;
        is_merged = true;
    }
    if (is_merged && n > 1)
        qsort(r->merged, n, sizeof *r->merged, compare_works);
    r->ending = is_merged ? r->merged : top ? top->works : NULL;
    r->nending = is_merged ? n : top ? top->nworks : 0;
    return true;
}

static void commit(wp_reducer *r, wpi_xact *top, const wp_fact_xact *fact, wp_xact_end *end)
{
    uint32_t unseen = look_for_astray(r, top, fact);
    if (!gather_works(r, top, fact))
        return;
    const wpi_work *works = r->ending;
    const size_t n = r->nending;
    wpi_moved_commit(&r->moved, works, n, fact);
    const bool may_miss = may_miss_works(r, top, works, n, fact, &end->began_before);
    if (end->began_before)
        unseen |= fact->changed;
    if (removes_database(works, n, may_miss))
        wpi_astray_database(&r->astray, fact);
    if ((n || fact->nrels || fact->nstats || may_miss || unseen)
        && !wpi_infer_commit(r->infer, works, n, may_miss, unseen, fact, end))
        r->out_of_memory = true;
}

/* What a stream will not be asked about again: databases that went, and files that catalogs have left. */
static void forget_gone(wp_reducer *r, const wp_fact_xact *fact)
{
    for (size_t i = 0; i < r->nending; i++) {
        if (r->ending[i].kind != WPI_WORK_DATABASE_REMOVED || r->ending[i].of.relation.oid == 0)
            continue;
        wpi_catalog_forget_database(r->catalog, r->ending[i].of.relation.oid);
        wpi_moved_forget(&r->moved, r->ending[i].of.relation.oid, 0);
    }
    const wp_locator *rels = wp_fact_xact_rels(fact);
    for (uint32_t i = 0; i < fact->nrels; i++) {
        const bool is_moved = wpi_moved_has(&r->moved, rels[i].db, rels[i].rel);
        if (!is_moved && rels[i].rel >= WPI_FIRST_NORMAL_OID)
            continue;
        wpi_catalog_forget_file(r->catalog, rels[i].db, rels[i].rel);
        wpi_moved_forget(&r->moved, rels[i].db, rels[i].rel);
    }
}

static void tell_end(wp_reducer *r, const wp_xact_end *end)
{
    if (r->config.callbacks.on_xact_end)
        r->config.callbacks.on_xact_end(r->config.callbacks.context, end);
}

static void end_one(wp_reducer *r, wp_xid xid, bool is_commit)
{
    wpi_xact *x = wpi_xacts_find(&r->xacts, xid);
    if (!x)
        return;
    if (!is_commit && x->touched)
        wpi_catalog_rolled_back(r->catalog, xid);
    wpi_xacts_end(&r->xacts, x);
}

void wpi_xact_ends(wp_reducer *r, const wp_fact_xact *fact)
{
    const wp_xid xid = fact->fact.xid;
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    wpi_xact *top = wpi_xacts_find(&r->xacts, xid);
    const char *gid = wp_fact_xact_gid(fact);
    wp_xact_end end = { .op = (wp_xact_op)fact->fact.op,
                        .xid = xid,
                        .time = fact->time,
                        .lsn = fact->fact.lsn,
                        .end_lsn = fact->end_lsn,
                        .prev_lsn = fact->prev_lsn,
                        .gid = gid ? gid : (top ? top->gid : NULL),
                        .subxids = subxids,
                        .nsubxids = fact->nsubxacts,
                        .origin = fact->origin };
    const bool is_commit = end.op == WP_XACT_COMMIT || end.op == WP_XACT_COMMIT_PREPARED;
    if (is_commit)
        commit(r, top, fact, &end);
    tell_end(r, &end);
    if (is_commit)
        wpi_begun_committed(&r->begun, xid, end.lsn);
    if (is_commit && r->config.is_live)
        forget_gone(r, fact);
    r->nending = 0;
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        end_one(r, subxids[i], is_commit);
    end_one(r, xid, is_commit);
}

void wpi_xact_ends_cut(wp_reducer *r, const wp_fact_end *fact)
{
    const wp_fact_xact as_fact = { .fact = { .kind = WP_FACT_XACT_END,
                                             .op = WP_XACT_COMMIT,
                                             .xid = fact->fact.xid,
                                             .lsn = fact->fact.lsn },
                                   .time = WP_TIME_UNKNOWN,
                                   .prev_lsn = fact->last_record };
    wp_xact_end end = { .op = WP_XACT_COMMIT,
                        .xid = fact->fact.xid,
                        .time = WP_TIME_UNKNOWN,
                        .lsn = fact->fact.lsn,
                        .prev_lsn = fact->last_record,
                        .is_cut = true };
    wpi_xact *top = wpi_xacts_find(&r->xacts, end.xid);
    if (!top)
        return; /* it did nothing that would be told */
    commit(r, top, &as_fact, &end);
    tell_end(r, &end);
    r->nending = 0;
    wpi_xacts_end(&r->xacts, top);
}

void wpi_xact_is_prepared(wp_reducer *r, const wp_fact_xact *fact)
{
    wpi_xacts_prepare(&r->xacts, fact->fact.xid, wp_fact_xact_gid(fact));
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        if (wpi_xacts_find(&r->xacts, wp_fact_xact_subxids(fact)[i]))
            wpi_xacts_prepare(&r->xacts, wp_fact_xact_subxids(fact)[i], NULL);
}
