/*
 * reducer.c - follows transactions through the facts and hands each committed one to the rules.
 *
 * What each has done so far is kept in xacts.c; what follows from its end is in xact_ends.c.
 */
#include <walparse/reducer.h>

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "catalog/external_names.h"
#include "format/catalogs.h"
#include "infer/infer_names.h"
#include "infer/reducer_state.h"
#include "infer/xact_ends.h"

/* Rows of catalogs as they were when the WAL begins. */
struct wp_earlier_rows {
    size_t nrows;
    wpi_row rows[];
};

/* ---- catalogs ----------------------------------------------------------------------------- */

static void tell_name(void *context, const wpi_row *row)
{
    wp_reducer *r = context;
    if (!r->config.callbacks.on_name
        || (row->catalog != WPI_PG_CLASS && row->catalog != WPI_PG_NAMESPACE))
        return;
    char quoted[WP_QUOTED_BYTES + 1];
    size_t len = wp_quote_ident(r->config.profile, row->name, quoted);
    if (row->catalog == WPI_PG_NAMESPACE) {
        quoted[len++] = '.';
        quoted[len] = '\0';
    }
    r->config.callbacks.on_name(r->config.callbacks.context, quoted);
}

/* A transient table is made for what is to be rewritten. That for a catalog of the relation map has the file of its own OID. */
static void expect_move(wp_reducer *r, const wpi_row *row)
{
    const wp_oid rewritten = wpi_rewritten_oid(r->config.profile, row);
    if (rewritten != 0)
        wpi_moved_expect(&r->moved, row->db, row->filenode ? row->filenode : row->oid, rewritten);
}

/* Every row with a name passes here when it is first seen. */
static void on_row(void *context, const wpi_row *row)
{
    wp_reducer *r = context;
    if (row->catalog == WPI_PG_CLASS)
        wpi_moved_note(&r->moved, row->db, row->filenode, row->oid);
    if (row->catalog == WPI_PG_CLASS && r->config.is_live && row->oid >= WPI_FIRST_NORMAL_OID)
        expect_move(r, row);
    tell_name(r, row);
}

static void on_object(void *context, const wpi_row *row, bool is_committed)
{
    const wp_reducer *r = context;
    char quoted[WP_QUOTED_BYTES];
    (void)wp_quote_ident(r->config.profile, row->name, quoted);
    const wp_named_object object = { .kind = row->catalog == WPI_PG_CLASS       ? WP_NAMED_RELATION
                                             : row->catalog == WPI_PG_NAMESPACE ? WP_NAMED_SCHEMA
                                                                                : WP_NAMED_DATABASE,
                                     .lsn = r->lsn,
                                     .db = row->db,
                                     .oid = row->oid,
                                     .schema = row->nsp,
                                     .filenode = row->filenode,
                                     .tablespace = row->spc,
                                     .relkind = row->kind,
                                     .persistence = row->persistence,
                                     .is_committed = is_committed,
                                     .source = (wp_name_source)row->source,
                                     .name = row->name,
                                     .quoted = quoted };
    r->config.callbacks.on_object(r->config.callbacks.context, &object);
}

static void on_external_row(void *context, const wpi_row *row)
{
    wp_reducer *r = context;
    tell_name(r, row);
    if (r->config.callbacks.on_object)
        on_object(r, row, true);
}

/* Where a server says that its catalogs lie. */
static void expect_catalog_files(wp_reducer *r)
{
    size_t n;
    const wp_catalog_file *files = wpi_external_catalog_files(r->config.external_names, &n);
    for (size_t i = 0; i < n; i++)
        wpi_moved_expect(&r->moved, files[i].db, files[i].filenode, files[i].catalog);
}

static void add_relmap(wp_reducer *r, const wp_fact_relmap *fact)
{
    for (uint32_t i = 0; i < fact->nentries; i++)
        wpi_moved_note(&r->moved, fact->db, fact->entries[i].filenode, fact->entries[i].catalog);
}

static void tell_nontransactional(wp_reducer *r, wp_lsn lsn)
{
    if (r->config.callbacks.on_nontransactional)
        r->config.callbacks.on_nontransactional(r->config.callbacks.context, lsn);
}

/* It runs: what it did to a page of the catalog is not in force yet. */
static void note_touch(wp_reducer *r, wp_xid xid, wp_oid catalog)
{
    wpi_xact *x = xid ? wpi_xacts_need(&r->xacts, xid) : NULL;
    if (!x)
        return;
    x->touched |= wpi_watched_bit(catalog);
    if (r->lsn < x->first_lsn)
        x->first_lsn = r->lsn;
}

/* WAL is missing here. */
static void after_gap(wp_reducer *r)
{
    wpi_xacts_after_gap(&r->xacts);
    wpi_astray_after_gap(&r->astray);
    wpi_begun_after_gap(&r->begun);
    wpi_catalog_after_gap(r->catalog);
}

static void add_page(wp_reducer *r, const wp_fact_page *fact)
{
    note_touch(r, fact->fact.xid, fact->catalog);
    if (r->config.is_live)
        wpi_catalog_note_told(r->catalog, r->begun.first_new);
    if (!wpi_catalog_add_page(r->catalog, fact, wpi_xacts_is_running, &r->xacts))
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
        const wpi_xact *x = wpi_xacts_find(&r->xacts, fact->xid);
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
    wpi_xact *x = wpi_xacts_need(&r->xacts, fact->fact.xid);
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
    if (is_needed(r, fact, &change.rows))
        wpi_xacts_add_row(&r->xacts, fact->fact.xid, row_work_kinds[fact->fact.op], fact->fact.lsn,
                          &change);
}

/* ---- other facts -------------------------------------------------------------------------- */

static void add_dml(wp_reducer *r, const wp_fact_dml *fact)
{
    if (fact->locator.db == 0
        || (r->moved.nfiles && wpi_moved_has(&r->moved, fact->locator.db, fact->locator.rel)))
        return; /* rows of a catalog: what DDL does */
    wpi_work *work = wpi_xacts_add_work(&r->xacts, fact->fact.xid, WPI_WORK_DML, fact->fact.lsn);
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
    wpi_work *work = wpi_xacts_add_work(&r->xacts, xid, kind, lsn);
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

/* Nothing runs: what was not prepared is rolled back. */
static void end_all(wp_reducer *r)
{
    size_t at = 0;
    for (const wpi_xact *x; r->config.is_live && (x = wpi_xacts_next(&r->xacts, &at));)
        if (x->touched && !x->is_prepared)
            wpi_catalog_rolled_back(r->catalog, x->xid);
    wpi_xacts_end_all(&r->xacts);
}

/* After one of a shutdown nothing runs. */
static void add_checkpoint(wp_reducer *r, const wp_fact_checkpoint *fact)
{
    if (fact->fact.op != 0)
        return;
    end_all(r);
    wpi_begun_shutdown(&r->begun, fact);
}

static void add_storage(wp_reducer *r, const wp_fact_storage *fact)
{
    const bool is_create = fact->fact.kind == WP_FACT_STORAGE_CREATE;
    if (is_create ? fact->fact.op != 0 : fact->block != 0)
        return; /* another fork; or the tail of a table, cut off by vacuum */
    wpi_work *work = wpi_xacts_add_work(&r->xacts, fact->fact.xid,
                                        is_create ? WPI_WORK_FILE_CREATED : WPI_WORK_FILE_EMPTIED,
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

static void add_segment_end(wp_reducer *r, const wp_fact_end *fact)
{
    if (fact->last_record)
        r->last_record = fact->last_record;
    if (r->config.tells_cut_ends && fact->cuts_xact_end && fact->cut_op == WP_XACT_COMMIT)
        wpi_xact_ends_cut(r, fact);
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
        wpi_xact_ends(r, it);
        break;
    case WP_FACT_PREPARE:
        wpi_xact_is_prepared(r, it);
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
        wpi_xacts_end_older(&r->xacts, ((const wp_fact_running *)it)->oldest_running);
        wpi_begun_running(&r->begun, it);
        break;
    case WP_FACT_CHECKPOINT:
        add_checkpoint(r, it);
        break;
    case WP_FACT_END_OF_RECOVERY:
        end_all(r);
        break;
    default:
        break;
    }
}

static void add_fact(wp_reducer *r, const wp_fact *fact)
{
    r->lsn = fact->lsn;
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
    if (config->callbacks.on_object)
        wpi_catalog_on_object(r->catalog, on_object, r);
    wpi_external_names_each(config->external_names, on_external_row, r);
    for (size_t i = 0; i < config->nmoved; i++)
        wpi_moved_note(&r->moved, config->moved[i].db, config->moved[i].filenode,
                       config->moved[i].catalog);
    r->moved.is_followed = false; /* the mappers were given those */
    if (config->is_live)
        expect_catalog_files(r);
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

static bool is_out_of_memory(const wp_reducer *r)
{
    return r->out_of_memory || r->xacts.out_of_memory || r->moved.out_of_memory;
}

wp_status wp_reducer_add(wp_reducer *r, const wp_facts *facts, wp_error *err)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(facts, &pos)) && !is_out_of_memory(r);)
        add_fact(r, fact);
    return is_out_of_memory(r) ? wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory") : WP_OK;
}

void wp_reducer_after_gap(wp_reducer *r)
{
    after_gap(r);
}

bool wp_reducer_tidy(wp_reducer *r)
{
    wpi_catalog_forget_old(r->catalog);
    return wpi_infer_forget_texts(r->infer);
}

unsigned wp_reducer_warnings(const wp_reducer *r)
{
    size_t nanswers;
    (void)wpi_catalog_answers(r->catalog, &nanswers);
    return (wpi_catalog_has_forgotten(r->catalog) ? WP_WARN_NAMES_FORGOTTEN : 0u)
           | (r->xacts.has_forgotten ? WP_WARN_XACTS_FORGOTTEN : 0u)
           | (r->moved.is_followed ? WP_WARN_CATALOG_MOVED : 0u)
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
    *count = r->moved.nfiles;
    return r->moved.files;
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

wp_lsn wp_reducer_oldest_lsn(const wp_reducer *r)
{
    wp_lsn oldest = UINT64_MAX;
    size_t at = 0;
    for (const wpi_xact *x; (x = wpi_xacts_next(&r->xacts, &at));)
        oldest = x->first_lsn < oldest ? x->first_lsn : oldest;
    return oldest < UINT64_MAX ? oldest : 0;
}

void wp_reducer_each_prepared(const wp_reducer *r,
                              void (*visit)(void *context, wp_xid xid, const char *gid),
                              void *context)
{
    size_t at = 0;
    for (const wpi_xact *x; (x = wpi_xacts_next(&r->xacts, &at));)
        if (x->is_prepared && x->gid)
            visit(context, x->xid, x->gid);
}

void wp_reducer_free(wp_reducer *r)
{
    if (!r)
        return;
    wpi_xacts_free(&r->xacts);
    wpi_infer_free(r->infer);
    wpi_catalog_free(r->catalog);
    wp_earlier_rows_free(r->earlier_rows);
    free(r->merged);
    free(r->moved.files);
    free(r);
}
