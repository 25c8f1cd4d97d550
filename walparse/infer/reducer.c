/*
 * reducer.c - follows transactions through the facts and hands each committed one to the rules.
 *
 * A record's xid may be a subtransaction's. Works are kept under the xid that did them; the commit record
 * lists the subtransactions that survived, and whatever is not listed is dropped. A prepared transaction
 * keeps its works until COMMIT PREPARED or ROLLBACK PREPARED.
 */
#include <walparse/reducer.h>

#include <stdlib.h>
#include <string.h>

#include "infer/astray.h"
#include "infer/begun.h"
#include "catalog/catalog.h"
#include "format/catalogs.h"
#include "base/fail.h"
#include "infer/infer.h"
#include "catalog/external_names.h"
#include "catalog/names.h"
#include "base/table.h"

/* Works whose memory an ended transaction leaves for the next one. */
#define KEPT_WORKS 256
/* An index of pg_index: stands for whatever is a catalog's and not followed; its rows are no user's. */
#define UNFOLLOWED_CATALOG 2678

typedef struct xact {
    wp_xid xid;
    bool is_prepared;
    char *gid;
    wpi_work *works;
    uint32_t nworks, room;
    wp_oid new_class; /* relation whose pg_class row it made last */
    uint32_t touched; /* catalogs: bit 1 << wp_watched */
    bool is_torn;     /* WAL was missed while it ran */
    struct xact *next_spare;
} xact;

/* Rows of catalogs as they were when the WAL begins. */
struct wp_earlier_rows {
    size_t nrows;
    wpi_row rows[];
};

struct wp_reducer {
    wp_reducer_config config;
    wpi_catalog *catalog;
    wpi_infer *infer;
    wpi_table xacts; /* (xid, 0, 0) -> xact */
    xact *spare;
    uint64_t pending_bytes;
    unsigned warnings;
    wp_lsn last_record; /* of the segments before, 0: none yet */
    bool is_prev_known;
    wp_xid oldest_xid; /* of the facts so far, 0: none yet */
    bool has_horizon;
    wp_earlier_rows *earlier_rows; /* what this run was given, to be handed on */

    wpi_astray astray;
    wpi_begun begun;
    wp_catalog_file *moved; /* sorted by (db, filenode) */
    size_t nmoved, moved_room;

    wpi_work *merged; /* works of a transaction and its subtransactions */
    size_t merged_room;
    const wpi_work *ending; /* works of the transaction that is being told */
    size_t nending;
    bool out_of_memory;
};

/* ---- transactions ------------------------------------------------------------------------- */

static wpi_key xid_key(wp_xid xid)
{
    return (wpi_key){ xid, 0, 0 };
}

static bool is_running(const void *context, wp_xid xid)
{
    const wp_reducer *r = context;
    return xid && wpi_table_get(&r->xacts, xid_key(xid)) != NULL;
}

static xact *need_xact(wp_reducer *r, wp_xid xid)
{
    xact *x = wpi_table_get(&r->xacts, xid_key(xid));
    if (x)
        return x;
    x = r->spare;
    if (x)
        r->spare = x->next_spare;
    else
        x = calloc(1, sizeof *x);
    if (!x || !wpi_table_put(&r->xacts, xid_key(xid), x)) {
        free(x ? x->works : NULL);
        free(x);
        r->out_of_memory = true;
        return NULL;
    }
    x->xid = xid;
    x->new_class = 0;
    x->touched = 0;
    x->is_torn = false;
    return x;
}

static bool owns_row(const wpi_work *work)
{
    return work->kind == WPI_WORK_INSERTED || work->kind == WPI_WORK_UPDATED
           || work->kind == WPI_WORK_DELETED;
}

static void forget_works(wp_reducer *r, xact *x)
{
    for (uint32_t i = 0; i < x->nworks; i++)
        if (owns_row(&x->works[i])) {
            free(x->works[i].of.row);
            r->pending_bytes -= sizeof(wpi_row_change);
        }
    x->nworks = 0;
}

static void release_works(wp_reducer *r, xact *x)
{
    r->pending_bytes -= x->room * sizeof *x->works;
    free(x->works);
    x->works = NULL;
    x->room = 0;
}

/* Takes a transaction out of the table and keeps its memory for another. */
static void end_xact(wp_reducer *r, xact *x)
{
    (void)wpi_table_take(&r->xacts, xid_key(x->xid));
    forget_works(r, x);
    free(x->gid);
    x->gid = NULL;
    x->is_prepared = false;
    if (x->room > KEPT_WORKS)
        release_works(r, x);
    x->next_spare = r->spare;
    r->spare = x;
}

static void free_xact(wp_reducer *r, xact *x)
{
    forget_works(r, x);
    release_works(r, x);
    free(x->gid);
    free(x);
}

/* Over the limit on memory: what is pending is given up, and the result says so. */
static bool may_keep(wp_reducer *r, size_t bytes)
{
    if (r->pending_bytes + bytes <= WP_PENDING_BYTES_MAX) {
        r->pending_bytes += bytes;
        return true;
    }
    r->warnings |= WP_WARN_XACTS_FORGOTTEN;
    return false;
}

/* A new work of a transaction; NULL when there is no memory or no room for it. */
static wpi_work *add_work(wp_reducer *r, wp_xid xid, wpi_work_kind kind, wp_lsn lsn)
{
    xact *x = xid ? need_xact(r, xid) : NULL;
    if (!x)
        return NULL;
    if (x->nworks == x->room) {
        const uint32_t room = x->room ? x->room * 2 : 8;
        if (!may_keep(r, (room - x->room) * sizeof *x->works))
            return NULL;
        wpi_work *grown = realloc(x->works, room * sizeof *grown);
        if (!grown) {
            r->out_of_memory = true;
            return NULL;
        }
        x->works = grown;
        x->room = room;
    }
    wpi_work *work = &x->works[x->nworks++];
    *work = (wpi_work){ .kind = kind, .lsn = lsn };
    return work;
}

/* Forgets every transaction the test picks, but never a prepared one. */
static void discard(wp_reducer *r, bool (*picks)(const xact *x, wp_xid xid), wp_xid xid)
{
    xact *gone = NULL;
    size_t at = 0;
    for (xact *x; (x = wpi_table_next(&r->xacts, &at));)
        if (!x->is_prepared && picks(x, xid)) {
            x->next_spare = gone;
            gone = x;
        }
    while (gone) {
        xact *next = gone->next_spare;
        end_xact(r, gone);
        gone = next;
    }
}

static bool is_any(const xact *x, wp_xid xid)
{
    (void)x;
    (void)xid;
    return true;
}

static bool is_older(const xact *x, wp_xid xid)
{
    return wp_xid_precedes(x->xid, xid);
}

/* ---- catalogs ----------------------------------------------------------------------------- */

static int compare_files(const wp_catalog_file *x, wp_oid db, wp_oid filenode)
{
    if (x->db != db)
        return x->db < db ? -1 : 1;
    return (x->filenode > filenode) - (x->filenode < filenode);
}

static size_t moved_position(const wp_reducer *r, wp_oid db, wp_oid filenode)
{
    size_t lo = 0, hi = r->nmoved;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (compare_files(&r->moved[mid], db, filenode) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_catalog_file(const wp_reducer *r, wp_oid db, wp_oid filenode)
{
    const size_t at = moved_position(r, db, filenode);
    return at < r->nmoved && compare_files(&r->moved[at], db, filenode) == 0;
}

/* A catalog lies in this file. If it is one that is followed, the mappers have missed what is in it. */
static void note_catalog_file(wp_reducer *r, wp_oid db, wp_oid filenode, wp_oid catalog)
{
    if (catalog >= WPI_FIRST_NORMAL_OID || filenode == 0 || filenode == catalog)
        return;
    if (wpi_is_shared_catalog(catalog))
        db = 0;
    if (is_catalog_file(r, db, filenode))
        return;
    const size_t at = moved_position(r, db, filenode);
    if (r->nmoved == r->moved_room) {
        const size_t room = r->moved_room ? r->moved_room * 2 : 8;
        wp_catalog_file *grown = realloc(r->moved, room * sizeof *grown);
        if (!grown) {
            r->out_of_memory = true;
            return;
        }
        r->moved = grown;
        r->moved_room = room;
    }
    memmove(r->moved + at + 1, r->moved + at, (r->nmoved - at) * sizeof *r->moved);
    r->moved[at] = (wp_catalog_file){ db, filenode, catalog };
    r->nmoved++;
    if (wpi_is_tracked_catalog(catalog))
        r->warnings |= WP_WARN_CATALOG_MOVED;
}

static void tell_name(void *context, const wpi_row *row)
{
    wp_reducer *r = context;
    if (!r->config.callbacks.on_name
        || (row->catalog != WPI_PG_CLASS && row->catalog != WPI_PG_NAMESPACE))
        return;
    char quoted[WPI_QUOTED_BYTES + 1];
    size_t len = wpi_quote_ident(r->config.profile, row->name, quoted);
    if (row->catalog == WPI_PG_NAMESPACE) {
        quoted[len++] = '.';
        quoted[len] = '\0';
    }
    r->config.callbacks.on_name(r->config.callbacks.context, quoted);
}

/* Every row with a name passes here when it is first seen. */
static void on_row(void *context, const wpi_row *row)
{
    wp_reducer *r = context;
    if (row->catalog == WPI_PG_CLASS)
        note_catalog_file(r, row->db, row->filenode, row->oid);
    tell_name(r, row);
}

static void add_relmap(wp_reducer *r, const wp_fact_relmap *fact)
{
    for (uint32_t i = 0; i < fact->nentries; i++)
        note_catalog_file(r, fact->db, fact->entries[i].filenode, fact->entries[i].catalog);
}

static void tell_nontransactional(wp_reducer *r, wp_lsn lsn)
{
    if (r->config.callbacks.on_nontransactional)
        r->config.callbacks.on_nontransactional(r->config.callbacks.context, lsn);
}

/* It runs: what it did to a page of the catalog is not in force yet. */
static void note_touch(wp_reducer *r, wp_xid xid, wp_oid catalog)
{
    xact *x = xid ? need_xact(r, xid) : NULL;
    if (x)
        x->touched |= wpi_watched_bit(catalog);
}

/* WAL is missing here. */
static void after_gap(wp_reducer *r)
{
    size_t at = 0;
    for (xact *x; (x = wpi_table_next(&r->xacts, &at));)
        x->is_torn = true;
    wpi_astray_after_gap(&r->astray);
    wpi_begun_after_gap(&r->begun);
    wpi_catalog_after_gap(r->catalog);
}

static void add_page(wp_reducer *r, const wp_fact_page *fact)
{
    note_touch(r, fact->fact.xid, fact->catalog);
    if (!wpi_catalog_add_page(r->catalog, fact, is_running, r))
        r->out_of_memory = true;
}

static const wpi_work_kind row_work_kinds[] = {
    [WP_TUPLE_INSERT] = WPI_WORK_INSERTED,
    [WP_TUPLE_UPDATE] = WPI_WORK_UPDATED,
    [WP_TUPLE_DELETE] = WPI_WORK_DELETED,
};

/* Columns that are added to a table, dropped or renamed; not those a new relation begins with. */
static bool is_column_news(wp_reducer *r, const wp_fact *fact, const wpi_change *rows)
{
    if (fact->op == WP_TUPLE_INSERT) {
        const xact *x = wpi_table_get(&r->xacts, xid_key(fact->xid));
        return rows->new.sub > 0 && rows->new.oid >= WPI_FIRST_NORMAL_OID
               && !(x && x->new_class == rows->new.oid);
    }
    return rows->has_old ? rows->new.is_dropped != rows->old.is_dropped
                               || strcmp(rows->new.name, rows->old.name) != 0
                         : rows->new.is_dropped;
}

static bool is_needed(wp_reducer *r, const wp_fact_tuple *fact, const wpi_change *rows)
{
    if (fact->catalog == WPI_PG_ATTRIBUTE)
        return rows->has_new ? is_column_news(r, &fact->fact, rows)
                             : fact->fact.op == WP_TUPLE_UPDATE;
    /* That a row went, or has changed, tells something even if nobody knows which. */
    return rows->has_new || rows->has_old || wpi_means_something(fact->catalog, fact->fact.op);
}

static void note_new_class(wp_reducer *r, const wp_fact_tuple *fact, const wpi_change *rows)
{
    if (fact->catalog != WPI_PG_CLASS || fact->fact.op != WP_TUPLE_INSERT || !rows->has_new)
        return;
    xact *x = need_xact(r, fact->fact.xid);
    if (x)
        x->new_class = rows->new.oid;
}

static void add_tuple(wp_reducer *r, const wp_fact_tuple *fact)
{
    wpi_row_change change = { .catalog = fact->catalog, .db = fact->locator.db };
    if (!wpi_catalog_add_tuple(r->catalog, fact, &change.rows))
        r->out_of_memory = true;
    if (fact->catalog == WPI_PG_DATABASE && fact->fact.op == WP_TUPLE_INPLACE && change.rows.has_new
        && change.rows.new.is_invalid) {
        if (!wpi_infer_invalidated(r->infer, change.rows.new.oid, fact->fact.lsn))
            r->out_of_memory = true;
        tell_nontransactional(r, fact->fact.lsn);
    }
    note_touch(r, fact->fact.xid, fact->catalog);
    if (fact->fact.op == WP_TUPLE_INPLACE || fact->fact.xid == 0)
        return;
    note_new_class(r, fact, &change.rows);
    if (!is_needed(r, fact, &change.rows) || !may_keep(r, sizeof change))
        return;
    wpi_row_change *kept = malloc(sizeof *kept);
    wpi_work *work =
        kept ? add_work(r, fact->fact.xid, row_work_kinds[fact->fact.op], fact->fact.lsn) : NULL;
    if (!work) {
        r->out_of_memory = r->out_of_memory || !kept;
        r->pending_bytes -= sizeof change;
        free(kept);
        return;
    }
    *kept = change;
    work->of.row = kept;
}

/* ---- ends of transactions ----------------------------------------------------------------- */

static int compare_works(const void *x, const void *y)
{
    const wpi_work *a = x, *b = y;
    return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

static bool append_works(wp_reducer *r, size_t *n, const xact *x)
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

static void tell_end(wp_reducer *r, const wp_xact_end *end)
{
    if (r->config.callbacks.on_xact_end)
        r->config.callbacks.on_xact_end(r->config.callbacks.context, end);
}

/* Works come in record order but for row counts, which are written when their transaction ends. */
static bool is_sorted(const wpi_work *works, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (works[i].lsn < works[i - 1].lsn)
            return false;
    return true;
}

/* The catalog a transaction locked before all else and changed; 0: it began with something else. */
static wp_oid first_locked_catalog(const wpi_work *works, size_t n, const wp_fact_xact *fact)
{
    size_t i = 0;
    while (i < n && works[i].kind != WPI_WORK_LOCKED)
        i++;
    const wp_oid oid = i < n && works[i].of.relation.db == fact->db ? works[i].of.relation.oid : 0;
    if (oid >= WPI_FIRST_NORMAL_OID || wpi_is_shared_catalog(oid))
        return 0;
    for (uint32_t k = 0; oid && k < fact->nrelcache; k++)
        if (wp_fact_xact_relcache(fact)[k] == oid)
            return oid;
    return 0;
}

/* Files of a catalog: its own one is made before those of its toast and indexes, so its number is the lowest. */
static void note_lowest_file(wp_reducer *r, wp_oid db, wp_oid lowest, wp_oid filenode,
                             wp_oid catalog)
{
    if (filenode >= WPI_FIRST_NORMAL_OID)
        note_catalog_file(r, db, filenode, filenode == lowest ? catalog : UNFOLLOWED_CATALOG);
}

/*
 * VACUUM FULL, CLUSTER and REINDEX of a catalog lock it first, and make as many files as they remove. So the
 * move is seen even where the page of pg_class that says so was shown before the WAL begins.
 */
static void note_moved_catalog(wp_reducer *r, const wpi_work *works, size_t n,
                               const wp_fact_xact *fact)
{
    const wp_oid catalog = fact->nrels ? first_locked_catalog(works, n, fact) : 0;
    if (catalog == 0)
        return;
    wp_oid made = 0, removed = 0;
    uint32_t nmade = 0;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_FILE_CREATED && works[i].of.file.db == fact->db) {
            made = made == 0 || works[i].of.file.rel < made ? works[i].of.file.rel : made;
            nmade++;
        }
    if (nmade != fact->nrels)
        return;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_FILE_CREATED && works[i].of.file.db == fact->db)
            note_lowest_file(r, fact->db, made, works[i].of.file.rel, catalog);
    const wp_locator *rels = wp_fact_xact_rels(fact);
    for (uint32_t i = 0; i < fact->nrels; i++)
        removed = removed == 0 || rels[i].rel < removed ? rels[i].rel : removed;
    for (uint32_t i = 0; i < fact->nrels; i++)
        note_lowest_file(r, fact->db, removed, rels[i].rel, catalog);
}

static void add_traces(wpi_traces *traces, const xact *x, wp_oid db)
{
    traces->touched |= x->touched;
    traces->is_torn = traces->is_torn || x->is_torn;
    traces->has_new_class = traces->has_new_class || x->new_class;
    for (uint32_t i = 0; i < x->nworks && !traces->has_new_file; i++)
        traces->has_new_file =
            x->works[i].kind == WPI_WORK_FILE_CREATED && x->works[i].of.file.db == db;
}

/* Did it change a catalog that lies elsewhere? The catalogs of which that is not known, and what it did neither. */
static uint32_t look_for_astray(wp_reducer *r, const xact *top, const wp_fact_xact *fact)
{
    wpi_traces traces = { .is_new = wpi_begun_is_new(&r->begun, fact->fact.xid) };
    if (fact->changed == 0)
        return 0;
    if (top)
        add_traces(&traces, top, fact->db);
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const xact *sub = wpi_table_get(&r->xacts, xid_key(wp_fact_xact_subxids(fact)[i]));
        if (sub)
            add_traces(&traces, sub, fact->db);
    }
    return wpi_astray_commit(&r->astray, fact, &traces);
}

/*
 * Rows that it touched before the WAL begins, or in a gap, are not counted. Of what was created, altered or dropped
 * there, look_for_astray() tells. *is_certain: it is known to have begun there.
 */
static bool may_miss_works(const wp_reducer *r, const xact *top, const wpi_work *works, size_t n,
                           const wp_fact_xact *fact, bool *is_certain)
{
    bool is_torn = top && top->is_torn, is_seen = top != NULL;
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const xact *sub = wpi_table_get(&r->xacts, xid_key(wp_fact_xact_subxids(fact)[i]));
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

static void commit(wp_reducer *r, xact *top, const wp_fact_xact *fact, wp_xact_end *end)
{
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    const wpi_work *works = top ? top->works : NULL;
    size_t n = top ? top->nworks : 0;
    bool is_merged = false;
    uint32_t unseen = look_for_astray(r, top, fact);
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        const xact *sub = wpi_table_get(&r->xacts, xid_key(subxids[i]));
        if (!sub || sub->nworks == 0)
            continue;
        if (!is_merged) {
            size_t start = 0;
            if (top && !append_works(r, &start, top))
                return;
            n = start;
            is_merged = true;
        }
        if (!append_works(r, &n, sub))
            return;
        works = r->merged;
    }
    if (!is_merged && n > 1 && !is_sorted(works, n)) {
        n = 0;
        if (!append_works(r, &n, top))
            return;
        works = r->merged;
        is_merged = true;
    }
    if (is_merged && n > 1)
        qsort(r->merged, n, sizeof *r->merged, compare_works);
    r->ending = works;
    r->nending = n;
    note_moved_catalog(r, works, n, fact);
    const bool may_miss = may_miss_works(r, top, works, n, fact, &end->began_before);
    if (end->began_before)
        unseen |= fact->changed;
    if (removes_database(works, n, may_miss))
        wpi_astray_database(&r->astray, fact);
    if ((n || fact->nrels || fact->nstats || may_miss || unseen)
        && !wpi_infer_commit(r->infer, works, n, may_miss, unseen, fact, end))
        r->out_of_memory = true;
}

static void add_end(wp_reducer *r, const wp_fact_xact *fact)
{
    const wp_xid xid = fact->fact.xid;
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    xact *top = wpi_table_get(&r->xacts, xid_key(xid));
    const char *gid = wp_fact_xact_gid(fact);
    wp_xact_end end = { .op = (wp_xact_op)fact->fact.op,
                        .xid = xid,
                        .time = fact->time,
                        .lsn = fact->fact.lsn,
                        .end_lsn = fact->end_lsn,
                        .prev_lsn = fact->prev_lsn,
                        .gid = gid ? gid : (top ? top->gid : NULL),
                        .subxids = subxids,
                        .nsubxids = fact->nsubxacts };
    const bool is_commit = end.op == WP_XACT_COMMIT || end.op == WP_XACT_COMMIT_PREPARED;
    if (is_commit)
        commit(r, top, fact, &end);
    tell_end(r, &end);
    if (is_commit)
        wpi_begun_committed(&r->begun, xid, end.lsn);
    r->nending = 0;
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        xact *sub = wpi_table_get(&r->xacts, xid_key(subxids[i]));
        if (sub)
            end_xact(r, sub);
    }
    top = wpi_table_get(&r->xacts, xid_key(xid));
    if (top)
        end_xact(r, top);
}

static void set_prepared(wp_reducer *r, wp_xid xid, const char *gid)
{
    xact *x = need_xact(r, xid);
    if (!x)
        return;
    x->is_prepared = true;
    if (!gid)
        return;
    const size_t bytes = strlen(gid) + 1;
    free(x->gid);
    x->gid = malloc(bytes);
    if (x->gid)
        memcpy(x->gid, gid, bytes);
    else
        r->out_of_memory = true;
}

static void add_prepare(wp_reducer *r, const wp_fact_xact *fact)
{
    set_prepared(r, fact->fact.xid, wp_fact_xact_gid(fact));
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        if (wpi_table_get(&r->xacts, xid_key(wp_fact_xact_subxids(fact)[i])))
            set_prepared(r, wp_fact_xact_subxids(fact)[i], NULL);
}

/* ---- other facts -------------------------------------------------------------------------- */

static void add_dml(wp_reducer *r, const wp_fact_dml *fact)
{
    if (fact->locator.db == 0
        || (r->nmoved && is_catalog_file(r, fact->locator.db, fact->locator.rel)))
        return; /* rows of a catalog: what DDL does */
    wpi_work *work = add_work(r, fact->fact.xid, WPI_WORK_DML, fact->fact.lsn);
    if (!work)
        return;
    work->of.dml.locator = fact->locator;
    work->of.dml.inserted = fact->inserted;
    work->of.dml.updated = fact->updated;
    work->of.dml.deleted = fact->deleted;
}

static void add_relation(wp_reducer *r, wp_xid xid, wpi_work_kind kind, wp_lsn lsn, wp_oid db,
                         wp_oid oid)
{
    wpi_work *work = add_work(r, xid, kind, lsn);
    if (work) {
        work->of.relation.db = db;
        work->of.relation.oid = oid;
    }
}

/* Without an xid the database only moves to another tablespace. */
static void add_removal(wp_reducer *r, const wp_fact *fact, wpi_work_kind kind, wp_oid oid)
{
    if (fact->xid == 0)
        return;
    add_relation(r, fact->xid, kind, fact->lsn, 0, oid);
    tell_nontransactional(r, fact->lsn);
}

static void add_heap_truncate(wp_reducer *r, const wp_fact_heap_truncate *fact)
{
    for (uint32_t i = 0; i < fact->nrels; i++)
        add_relation(r, fact->fact.xid, WPI_WORK_TRUNCATED, fact->fact.lsn, fact->db,
                     fact->rels[i]);
}

static void add_lock(wp_reducer *r, const wp_fact_lock *fact)
{
    add_relation(r, fact->fact.xid, WPI_WORK_LOCKED, fact->fact.lsn, fact->db, fact->rel);
}

/* After one of a shutdown nothing runs. */
static void add_checkpoint(wp_reducer *r, const wp_fact_checkpoint *fact)
{
    if (fact->fact.op != 0)
        return;
    discard(r, is_any, 0);
    wpi_begun_shutdown(&r->begun, fact);
}

static void add_storage(wp_reducer *r, const wp_fact_storage *fact)
{
    const bool is_create = fact->fact.kind == WP_FACT_STORAGE_CREATE;
    if (is_create ? fact->fact.op != 0 : fact->block != 0)
        return; /* another fork; or the tail of a table, cut off by vacuum */
    wpi_work *work =
        add_work(r, fact->fact.xid, is_create ? WPI_WORK_FILE_CREATED : WPI_WORK_FILE_EMPTIED,
                 fact->fact.lsn);
    if (work)
        work->of.file = fact->locator;
}

/* Between segments the chain of xl_prev must hold, or WAL is missing. */
static void add_first(wp_reducer *r, const wp_fact_first *fact)
{
    if (r->is_prev_known && r->last_record && fact->prev != r->last_record)
        after_gap(r);
    r->is_prev_known = true;
}

/* The header of a COMMIT was the last there is. What its transaction did is known but for subtransactions. */
static void add_cut_end(wp_reducer *r, const wp_fact_end *fact)
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
    xact *top = wpi_table_get(&r->xacts, xid_key(end.xid));
    if (!top)
        return; /* it did nothing that would be told */
    commit(r, top, &as_fact, &end);
    tell_end(r, &end);
    r->nending = 0;
    end_xact(r, top);
}

static void add_segment_end(wp_reducer *r, const wp_fact_end *fact)
{
    if (fact->last_record)
        r->last_record = fact->last_record;
    if (r->config.tells_cut_ends && fact->cuts_xact_end && fact->cut_op == WP_XACT_COMMIT)
        add_cut_end(r, fact);
}

/*
 * The first list of running transactions bounds which ones ended before the WAL began: those older than
 * it, and than any seen so far.
 */
static void note_horizon(wp_reducer *r, const wp_fact *fact)
{
    const bool is_list = fact->kind == WP_FACT_RUNNING_XACTS;
    const wp_xid xid =
        is_list ? ((const wp_fact_running *)(const void *)fact)->oldest_running : fact->xid;
    if (xid && (!r->oldest_xid || wp_xid_precedes(xid, r->oldest_xid)))
        r->oldest_xid = xid;
    if (is_list) {
        r->has_horizon = true;
        wpi_catalog_set_horizon(r->catalog, r->oldest_xid);
    }
}

static void tell_fact(wp_reducer *r, const wp_fact *fact)
{
    if (r->config.callbacks.on_fact)
        r->config.callbacks.on_fact(r->config.callbacks.context, fact);
}

/* What only the reducer needs, and the caller does not see. */
static const bool is_own[] = {
    [WP_FACT_XACT_END] = true,       [WP_FACT_DML] = true,
    [WP_FACT_CATALOG_PAGE] = true,   [WP_FACT_CATALOG_TUPLE] = true,
    [WP_FACT_CATALOG_PRUNE] = true,  [WP_FACT_LOCK] = true,
    [WP_FACT_STORAGE_CREATE] = true, [WP_FACT_STORAGE_TRUNCATE] = true,
    [WP_FACT_HEAP_TRUNCATE] = true,
};

/* Learns from a fact; those of other kinds tell the reducer nothing. */
static void take_fact(wp_reducer *r, const wp_fact *fact)
{
    const void *it = fact;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_DML:
        add_dml(r, it);
        break;
    case WP_FACT_XACT_END:
        add_end(r, it);
        break;
    case WP_FACT_PREPARE:
        add_prepare(r, it);
        break;
    case WP_FACT_CATALOG_PAGE:
        add_page(r, it);
        break;
    case WP_FACT_CATALOG_TUPLE:
        add_tuple(r, it);
        break;
    case WP_FACT_CATALOG_PRUNE:
        wpi_catalog_prune(r->catalog, it);
        break;
    case WP_FACT_LOCK:
        add_lock(r, it);
        break;
    case WP_FACT_STORAGE_CREATE:
    case WP_FACT_STORAGE_TRUNCATE:
        add_storage(r, it);
        break;
    case WP_FACT_HEAP_TRUNCATE:
        add_heap_truncate(r, it);
        break;
    case WP_FACT_DATABASE_DROP:
        add_removal(r, fact, WPI_WORK_DATABASE_REMOVED, ((const wp_fact_database *)it)->db);
        break;
    case WP_FACT_TABLESPACE_DROP:
        add_removal(r, fact, WPI_WORK_TABLESPACE_REMOVED,
                    ((const wp_fact_tablespace *)it)->tablespace);
        break;
    case WP_FACT_RELMAP:
        add_relmap(r, it);
        break;
    case WP_FACT_FIRST_RECORD:
        add_first(r, it);
        break;
    case WP_FACT_SEGMENT_END:
        add_segment_end(r, it);
        break;
    case WP_FACT_DAMAGE:
        after_gap(r);
        break;
    case WP_FACT_RUNNING_XACTS:
        discard(r, is_older, ((const wp_fact_running *)it)->oldest_running);
        wpi_begun_running(&r->begun, it);
        break;
    case WP_FACT_CHECKPOINT:
        add_checkpoint(r, it);
        break;
    case WP_FACT_END_OF_RECOVERY:
        discard(r, is_any, 0);
        break;
    default:
        break;
    }
}

static void add_fact(wp_reducer *r, const wp_fact *fact)
{
    if (!r->has_horizon)
        note_horizon(r, fact);
    take_fact(r, fact);
    if (fact->kind >= sizeof is_own / sizeof is_own[0] || !is_own[fact->kind])
        tell_fact(r, fact);
}

/* ---- earlier rows ------------------------------------------------------------------------- */

static wp_earlier_rows *new_earlier_rows(const wpi_row *first, size_t nfirst, const wpi_row *more,
                                         size_t nmore)
{
    wp_earlier_rows *all = malloc(sizeof *all + (nfirst + nmore) * sizeof *all->rows);
    if (!all)
        return NULL;
    all->nrows = nfirst + nmore;
    if (nfirst)
        memcpy(all->rows, first, nfirst * sizeof *first);
    if (nmore)
        memcpy(all->rows + nfirst, more, nmore * sizeof *more);
    return all;
}

static wp_status keep_earlier_rows(wp_reducer *r, const wp_earlier_rows *given, wp_error *err)
{
    r->earlier_rows = new_earlier_rows(given->rows, given->nrows, NULL, 0);
    return r->earlier_rows ? WP_OK : wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
}

/* ---- public ------------------------------------------------------------------------------- */

wp_status wp_reducer_new(const wp_reducer_config *config, wp_reducer **out, wp_error *err)
{
    if (!config->profile)
        return wpi_fail(err, WP_ERR_USAGE, 0, "reducer needs a profile");
    wp_reducer *r = calloc(1, sizeof *r);
    if (!r)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    r->config = *config;
    r->catalog = wpi_catalog_new(config->profile);
    r->infer = r->catalog ? wpi_infer_new(config, r->catalog) : NULL;
    if (!r->infer) {
        wp_reducer_free(r);
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    }
    wpi_catalog_on_row(r->catalog, on_row, r);
    wpi_external_names_each(config->external_names, tell_name, r);
    for (size_t i = 0; i < config->nmoved; i++)
        note_catalog_file(r, config->moved[i].db, config->moved[i].filenode,
                          config->moved[i].catalog);
    r->warnings = 0;
    for (size_t i = 0; config->earlier_rows && i < config->earlier_rows->nrows; i++)
        if (!wpi_catalog_commit_row(r->catalog, &config->earlier_rows->rows[i]))
            r->out_of_memory = true;
    r->config.earlier_rows = NULL;
    const wp_status status =
        config->earlier_rows ? keep_earlier_rows(r, config->earlier_rows, err) : WP_OK;
    if (status < 0) {
        wp_reducer_free(r);
        return status;
    }
    *out = r;
    return WP_OK;
}

wp_status wp_reducer_add(wp_reducer *r, const wp_facts *facts, wp_error *err)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(facts, &pos)) && !r->out_of_memory;)
        add_fact(r, fact);
    return r->out_of_memory ? wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory") : WP_OK;
}

void wp_reducer_after_gap(wp_reducer *r)
{
    after_gap(r);
}

unsigned wp_reducer_warnings(const wp_reducer *r)
{
    size_t nanswers;
    (void)wpi_catalog_answers(r->catalog, &nanswers);
    return r->warnings | (wpi_catalog_has_forgotten(r->catalog) ? WP_WARN_NAMES_FORGOTTEN : 0u)
           | (nanswers ? WP_WARN_NAMES_LEARNT : 0u);
}

wp_status wp_reducer_earlier_rows(const wp_reducer *r, wp_earlier_rows **out, wp_error *err)
{
    size_t n;
    const wpi_row *answers = wpi_catalog_answers(r->catalog, &n);
    const wp_earlier_rows *given = r->earlier_rows;
    wp_earlier_rows *all =
        new_earlier_rows(given ? given->rows : NULL, given ? given->nrows : 0, answers, n);
    if (!all)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    *out = all;
    return WP_OK;
}

void wp_earlier_rows_free(wp_earlier_rows *rows)
{
    free(rows);
}

const wp_catalog_file *wp_reducer_moved(const wp_reducer *r, size_t *count)
{
    *count = r->nmoved;
    return r->moved;
}

uint64_t wp_reducer_unnamed(const wp_reducer *r, wp_lsn *first)
{
    return wpi_infer_unnamed(r->infer, first);
}

const wp_lost_catalog *wp_reducer_lost(const wp_reducer *r, size_t *count)
{
    *count = r->astray.nlost;
    return r->astray.lost;
}

const char *wp_reducer_database_name(const wp_reducer *r, wp_oid db)
{
    const wpi_object *object = wpi_catalog_object(r->catalog, WPI_PG_DATABASE, 0, db);
    const char *fixed = object ? NULL : wp_profile_fixed_database(r->config.profile, db);
    const wpi_row *known =
        object || fixed ? NULL
                        : wpi_external_object(r->config.external_names, WPI_PG_DATABASE, 0, db);
    return object ? object->row.name : known ? known->name : fixed;
}

wp_lsn wp_reducer_first_lock(const wp_reducer *r, wp_oid db, wp_oid rel)
{
    wp_lsn first = 0;
    for (size_t i = 0; i < r->nending; i++) {
        const wpi_work *work = &r->ending[i];
        if (work->kind == WPI_WORK_LOCKED && work->of.relation.oid == rel
            && work->of.relation.db == db && (first == 0 || work->lsn < first))
            first = work->lsn;
    }
    return first;
}

void wp_reducer_each_prepared(const wp_reducer *r,
                              void (*visit)(void *context, wp_xid xid, const char *gid),
                              void *context)
{
    size_t at = 0;
    for (const xact *x; (x = wpi_table_next(&r->xacts, &at));)
        if (x->is_prepared && x->gid)
            visit(context, x->xid, x->gid);
}

void wp_reducer_free(wp_reducer *r)
{
    if (!r)
        return;
    size_t at = 0;
    for (xact *x; (x = wpi_table_next(&r->xacts, &at));)
        free_xact(r, x);
    for (xact *next; r->spare; r->spare = next) {
        next = r->spare->next_spare;
        free_xact(r, r->spare);
    }
    wpi_table_free(&r->xacts);
    wpi_infer_free(r->infer);
    wpi_catalog_free(r->catalog);
    wp_earlier_rows_free(r->earlier_rows);
    free(r->merged);
    free(r->moved);
    free(r);
}
