/*
 * infer_relations.c - the rules about relations.
 *
 * All of them look at catalog rows, never at unlinked files: DROP, TRUNCATE, VACUUM FULL, CLUSTER,
 * REINDEX, REFRESH and a rewriting ALTER TABLE all unlink files at commit.
 *
 *   dropped     its pg_class row was deleted, and not made by this same transaction
 *   truncated   its pg_class row points to a new file in the same tablespace, and that file did not
 *               first belong to a transient table of this transaction (then it was a rewrite);
 *               or the WAL says TRUNCATE (wal_level logical);
 *               or a file made by this transaction was emptied.
 *               or, of a partitioned table, it was locked, nothing of it changed, and all tables that were
 *               locked after it were emptied.
 *               Not if another relation had the new file or got the old one (pg_repack swaps two), and
 *               not if the file was made before and the old one stays
 *   created     its pg_class row was made by this transaction, and is still there
 *   folded      toast; an index of a dropped table or constraint; a sequence owned by a column of a
 *               dropped table; the same of a created one; what CREATE EXTENSION made
 */
#include "infer/infer_parts.h"

#include <string.h>

#include "catalog/external_names.h"

#define NONE WP_EVENT_KINDS
#define TABLE_KINDS                                                                               \
    WP_EVENT_DROP_TABLE, WP_EVENT_CREATE_TABLE, WP_EVENT_TABLE_RENAME, WP_EVENT_TABLE_SET_SCHEMA, \
        WP_EVENT_TABLE_DROP_COLUMN, WP_EVENT_TABLE_RENAME_COLUMN

static const wpi_relation_kinds relation_kinds[] = {
    { 'r', TABLE_KINDS, WP_EVENT_REWRITE_TABLE },
    { 'p', TABLE_KINDS, NONE },
    { 'i', WP_EVENT_DROP_INDEX, WP_EVENT_CREATE_INDEX, WP_EVENT_INDEX_RENAME, NONE, NONE, NONE,
      NONE },
    { 'I', WP_EVENT_DROP_INDEX, WP_EVENT_CREATE_INDEX, WP_EVENT_INDEX_RENAME, NONE, NONE, NONE,
      NONE },
    { 'S', WP_EVENT_DROP_SEQUENCE, WP_EVENT_CREATE_SEQUENCE, WP_EVENT_SEQUENCE_RENAME,
      WP_EVENT_SEQUENCE_SET_SCHEMA, NONE, NONE, NONE },
    { 'v', WP_EVENT_DROP_VIEW, WP_EVENT_CREATE_VIEW, WP_EVENT_VIEW_RENAME, WP_EVENT_VIEW_SET_SCHEMA,
      NONE, WP_EVENT_VIEW_RENAME_COLUMN, NONE },
    { 'm', WP_EVENT_DROP_MATERIALIZED_VIEW, WP_EVENT_CREATE_MATERIALIZED_VIEW,
      WP_EVENT_MATERIALIZED_VIEW_RENAME, WP_EVENT_MATERIALIZED_VIEW_SET_SCHEMA, NONE,
      WP_EVENT_MATERIALIZED_VIEW_RENAME_COLUMN, WP_EVENT_REWRITE_MATERIALIZED_VIEW },
    { 'f', WP_EVENT_DROP_FOREIGN_TABLE, WP_EVENT_CREATE_FOREIGN_TABLE,
      WP_EVENT_FOREIGN_TABLE_RENAME, WP_EVENT_FOREIGN_TABLE_SET_SCHEMA,
      WP_EVENT_FOREIGN_TABLE_DROP_COLUMN, WP_EVENT_FOREIGN_TABLE_RENAME_COLUMN, NONE },
    { 'g', WP_EVENT_DROP_PROPERTY_GRAPH, WP_EVENT_CREATE_PROPERTY_GRAPH,
      WP_EVENT_PROPERTY_GRAPH_RENAME, WP_EVENT_PROPERTY_GRAPH_SET_SCHEMA, NONE, NONE, NONE },
};

const wpi_relation_kinds *wpi_relation_kinds_of(char relkind)
{
    for (size_t i = 0; i < sizeof relation_kinds / sizeof relation_kinds[0]; i++)
        if (relation_kinds[i].relkind == relkind)
            return &relation_kinds[i];
    return NULL;
}

/* The old index goes once the new one has taken its place. */
static bool is_reindex_leftover(const wpi_subject *s)
{
    return s->is_dead_index && wpi_is_reindex_name(s->after->name, "_ccold");
}

/* ALTER TABLE that changes a column's type makes its indexes anew, under the same names. */
static bool is_rebuilt_index(const wpi_infer *in, const wpi_subject *s)
{
    if (!in->has_new_index || !wpi_is_index_kind(s->after->kind))
        return false;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *other = &in->subjects[i];
        if (other->catalog == WPI_PG_CLASS && other->after && other->is_created != s->is_created
            && other->is_deleted != s->is_deleted && other->db == s->db
            && wpi_is_index_kind(other->after->kind) && other->after->nsp == s->after->nsp
            && strcmp(other->after->name, s->after->name) == 0)
            return true;
    }
    return false;
}

/* Does it come or go as a part of its table, which comes or goes, too? */
static bool is_folded(const wpi_infer *in, const wpi_subject *s)
{
    if (s->after->kind == 't' || s->after->nsp == WPI_NSP_PG_TOAST)
        return true;
    if (s->is_created && s->is_member)
        return true;
    const wpi_subject *constraint =
        s->constraint ? wpi_find_subject(in, WPI_PG_CONSTRAINT, s->db, s->constraint) : NULL;
    if (constraint && (s->is_deleted ? constraint->is_deleted : constraint->is_created))
        return true;
    if (s->owner == 0 || !strchr("iIS", s->after->kind))
        return false;
    const wpi_subject *owner = wpi_find_subject(in, WPI_PG_CLASS, s->db, s->owner);
    return owner && (s->is_deleted ? owner->is_deleted : owner->is_created);
}

static void find_drop(wpi_infer *in, const wpi_subject *s)
{
    const wpi_relation_kinds *kinds = wpi_relation_kinds_of(s->after->kind);
    const bool is_hidden = s->is_created || s->after->persistence == 't';
    if (!kinds || s->oid < WPI_FIRST_NORMAL_OID || is_folded(in, s) || is_reindex_leftover(s)
        || is_rebuilt_index(in, s) || s->is_transient
        || (is_hidden && !in->config.include_temporary))
        return;
    wpi_add_finding(in, (wpi_finding){ .kind = kinds->drop,
                                       .lsn = s->lsn,
                                       .db = s->db,
                                       .oid = s->oid,
                                       .row = s->after,
                                       .locator = wpi_locator_of(s->after) });
}

static void find_create(wpi_infer *in, const wpi_subject *s)
{
    const wpi_row *row = s->after;
    const wpi_relation_kinds *kinds = wpi_relation_kinds_of(row->kind);
    const bool is_hidden = s->is_deleted || row->persistence == 't';
    if (!kinds || s->oid < WPI_FIRST_NORMAL_OID || s->is_transient || is_folded(in, s)
        || (wpi_is_index_kind(row->kind) && wpi_is_reindex_name(row->name, "_ccnew"))
        || (!s->is_deleted && is_rebuilt_index(in, s))
        || (is_hidden && !in->config.include_temporary))
        return;
    wpi_add_finding(in, (wpi_finding){ .kind = kinds->create,
                                       .lsn = s->created_lsn,
                                       .db = s->db,
                                       .oid = s->oid,
                                       .row = row,
                                       .locator = wpi_locator_of(row) });
}

static void find_truncate(wpi_infer *in, const wpi_subject *s)
{
    const wpi_row *row = s->before;
    if (s->oid < WPI_FIRST_NORMAL_OID
        || (row && row->persistence == 't' && !in->config.include_temporary))
        return;
    wpi_add_finding(
        in, (wpi_finding){ .kind = WP_EVENT_TRUNCATE,
                           .lsn = s->truncated_lsn,
                           .db = s->db,
                           .oid = s->oid,
                           .row = row,
                           .locator = row ? wpi_locator_of(row) : (wp_locator){ 0, 0, 0 } });
}

/* ---- what was emptied --------------------------------------------------------------------- */

bool wpi_is_swapped(const wpi_infer *in, wp_oid db, wp_oid oid, wp_oid old_file, wp_oid new_file)
{
    const wpi_subject *heir = wpi_tenant(in, db, old_file, UINT64_MAX);
    const wpi_subject *first = wpi_first_tenant(in, db, new_file);
    return (heir && heir->oid != oid) || (first && first->oid != oid);
}

/* The commit removes the file. */
static bool is_removed(const wp_fact_xact *fact, wp_oid db, wp_oid filenode)
{
    for (uint32_t i = 0; i < fact->nrels; i++) {
        const wp_locator *rel = &wp_fact_xact_rels(fact)[i];
        if (rel->rel == filenode && rel->db == db)
            return true;
    }
    return false;
}

/* Did the update give a table an empty new file? */
static bool is_truncation(const wpi_infer *in, const wpi_alteration *a, const wp_fact_xact *fact,
                          const wp_xact_end *end)
{
    const wpi_row *old = a->old, *new = a->new;
    if (new->catalog != WPI_PG_CLASS || new->kind != 'r' || !new->filenode
        || old->filenode == new->filenode || old->spc != new->spc)
        return false;
    const wpi_key file = wpi_scratch_file(new->db, new->filenode);
    if (wpi_table_get(&in->transient_files, file)
        || wpi_is_swapped(in, new->db, new->oid, old->filenode, new->filenode))
        return false;
    return wpi_table_get(&in->new_files, file) || end->is_cut
           || is_removed(fact, old->db, old->filenode);
}

void wpi_note_truncations(wpi_infer *in, const wp_fact_xact *fact, const wp_xact_end *end)
{
    for (uint32_t i = 0; i < in->nalterations; i++) {
        const wpi_alteration *a = &in->alterations[i];
        if (!is_truncation(in, a, fact, end))
            continue;
        wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, a->new->db, a->oid);
        if (s && (!s->truncated_lsn || a->lsn < s->truncated_lsn))
            s->truncated_lsn = a->lsn;
    }
}

/* ---- partitioned tables that were emptied -------------------------------------------------- */

static bool contains(const wp_oid *oids, uint32_t n, wp_oid oid)
{
    for (uint32_t i = 0; i < n; i++)
        if (oids[i] == oid)
            return true;
    return false;
}

/* The row of a partitioned table that is neither made, dropped nor altered, nor told to be emptied; NULL: it is none. */
static const wpi_row *untouched_root(const wpi_infer *in, const wp_fact_xact *fact, wp_oid db,
                                     wp_oid oid)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
    const bool is_touched = s && (s->is_created || s->is_deleted || s->after || s->truncated_lsn);
    return object && object->row.kind == 'p' && !is_touched
                   && !contains(wp_fact_xact_relcache(fact), fact->nrelcache, oid)
               ? &object->row
               : NULL;
}

/* Before the first new file: were all tables that were locked emptied later, and is there one at all? */
static bool are_all_emptied(const wpi_infer *in, const wpi_work *works, size_t n)
{
    bool has_one = false;
    for (size_t i = 0; i < n && works[i].kind != WPI_WORK_FILE_CREATED; i++) {
        const wp_oid db = works[i].of.relation.db, oid = works[i].of.relation.oid;
        if (works[i].kind != WPI_WORK_LOCKED)
            continue;
        const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
        const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
        if (s && s->truncated_lsn)
            has_one = true;
        else if (object && object->row.kind == 'r')
            return false;
    }
    return has_one;
}

void wpi_note_truncated_roots(wpi_infer *in, const wpi_work *works, size_t n,
                              const wp_fact_xact *fact)
{
    for (size_t i = 0; i < n; i++) {
        if (works[i].kind != WPI_WORK_LOCKED)
            continue;
        const wp_oid db = works[i].of.relation.db, oid = works[i].of.relation.oid;
        const wpi_row *row = untouched_root(in, fact, db, oid);
        if (!row || !are_all_emptied(in, works + i + 1, n - i - 1))
            continue;
        wpi_subject *s = wpi_need_subject(in, WPI_PG_CLASS, db, oid);
        if (!s)
            return;
        s->truncated_lsn = works[i].lsn;
        s->before = row;
    }
}

/* ---- what came and went ------------------------------------------------------------------- */

void wpi_find_ddl(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (wpi_find_object(in, s) || s->catalog != WPI_PG_CLASS)
            continue;
        if (s->is_created)
            find_create(in, s);
        if (s->truncated_lsn)
            find_truncate(in, s);
        if (s->is_deleted)
            find_drop(in, s);
    }
}

/* ---- a drop whose row nobody saw ---------------------------------------------------------- */

/* Could this be one of the unknown ones? It must have gone or been invalidated, and be none we know. */
static bool may_be_unknown(const wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid)
{
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
    if (oid < WPI_FIRST_NORMAL_OID || (s && (s->is_deleted || s->is_created || s->after)))
        return false;
    if (in->profile->stats_item_bytes)
        return contains(wp_fact_xact_stats(fact), fact->nstats, oid);
    return contains(wp_fact_xact_relcache(fact), fact->nrelcache, oid);
}

/* What is known of one of them, by whatever page or server; NULL: nothing. */
static const wpi_row *row_of_unknown(const wpi_infer *in, wp_oid db, wp_oid oid)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    return object ? &object->row
                  : wpi_external_object(in->config.external_names, WPI_PG_CLASS, db, oid);
}

static bool is_unseen_delete(const wpi_work *work, wp_oid catalog)
{
    return work->kind == WPI_WORK_DELETED && work->of.row->catalog == catalog
           && !work->of.row->rows.has_old;
}

/*
 * Did one statement delete a type, its array and then a relation? It locks all that it removes before that, and what
 * depends on a relation goes first.
 */
static bool has_types_before_relation(const wpi_work *works, size_t n)
{
    uint32_t types = 0;
    bool has = false;
    for (size_t i = 0; i < n; i++) {
        if (works[i].kind == WPI_WORK_LOCKED)
            types = 0;
        types += is_unseen_delete(&works[i], WPI_PG_TYPE);
        has = has || (types >= 2 && is_unseen_delete(&works[i], WPI_PG_CLASS));
    }
    return has;
}

/*
 * Only tables, views and composite types have types of their rows (14 on), of these only tables have files, and
 * materialized views, which have rules. Who writes a table anew makes files.
 */
static bool is_table_for_certain(wpi_infer *in, const wpi_work *works, size_t n,
                                 const wp_fact_xact *fact)
{
    return in->profile->only_tables_have_types && in->unknown_rules == 0 && fact->nrels > 0
           && in->new_files.used == 0 && wpi_spare_types(in) >= 2
           && has_types_before_relation(works, n) && !wpi_drops_container(works, n);
}

static void find_unknown(wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid, wp_lsn lsn,
                         bool is_table)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    const wpi_row *row = row_of_unknown(in, db, oid);
    const wpi_relation_kinds *kinds = row ? wpi_relation_kinds_of(row->kind) : NULL;
    if (row && (!kinds || row->persistence == 't'))
        return;
    in->has_certain_table = in->has_certain_table || is_table;
    in->told_types += is_table || (row && strchr("rpvmf", row->kind)) ? 2 : 0;
    wpi_add_finding(in, (wpi_finding){ .kind = kinds ? kinds->drop : WP_EVENT_DROP_TABLE,
                                       .lsn = lsn,
                                       .db = db,
                                       .oid = oid,
                                       .row = object ? &object->row : NULL,
                                       .relkind = is_table ? 'r' : 0,
                                       .locator = { 0, fact->db, 0 } });
}

/*
 * Its row was known once, and it went: its statistics or its file did. Indexes, toast and sequences may have
 * gone with a table, which is told.
 */
static bool is_known_to_go(const wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    if (!object || !strchr("rpvmf", object->row.kind) || object->row.nsp == WPI_NSP_PG_TOAST)
        return false;
    if (in->profile->stats_item_bytes)
        return true;
    /* Unless files were made: TRUNCATE and rewrites remove the old ones, too. */
    return in->new_files.used == 0 && object->row.filenode
           && is_removed(fact, db, object->row.filenode);
}

/* An index or a sequence of a column, whose table goes as well. */
static bool goes_with_owner(const wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    const wp_oid owner = object && strchr("iIS", object->row.kind) ? object->row.owner : 0;
    const wpi_subject *s = owner ? wpi_find_subject(in, WPI_PG_CLASS, db, owner) : NULL;
    if (owner == 0)
        return false;
    return (s && s->is_deleted)
           || (may_be_unknown(in, fact, db, owner) && is_known_to_go(in, fact, db, owner));
}

/* A statement locks what it names, and once more what it removes. */
static bool is_told_before(const wpi_infer *in, const wpi_work *work)
{
    return wpi_table_get(&in->told_drops,
                         (wpi_key){ work->of.relation.db, work->of.relation.oid, 0 })
           != NULL;
}

/* Tables and views have a type of their rows, and an array of those: more of them went than relations are told. */
static void note_unnamed(wpi_infer *in, const wp_fact_xact *fact)
{
    if (!in->profile->only_tables_have_types || in->unknown_types / 2 <= in->told_drops.used)
        return;
    if (in->unnamed++ == 0)
        in->first_unnamed = fact->fact.lsn;
}

/*
 * pg_class rows went whose content is not in the WAL read. The first relation locked is the one the
 * statement named; of what was locked after it only what was known before can be told from its indexes
 * and toast.
 */
void wpi_find_unknown_drops(wpi_infer *in, const wpi_work *works, size_t n,
                            const wp_fact_xact *fact)
{
    if (in->unknown_deletes == 0 || (fact->nrels == 0 && fact->nstats == 0))
        return;
    const bool is_table = is_table_for_certain(in, works, n, fact);
    bool has_first = false;
    for (size_t i = 0; i < n; i++) {
        const wp_oid db = works[i].of.relation.db, oid = works[i].of.relation.oid;
        if (works[i].kind != WPI_WORK_LOCKED || !may_be_unknown(in, fact, db, oid)
            || is_told_before(in, &works[i]) || goes_with_owner(in, fact, db, oid)
            || (has_first && !is_known_to_go(in, fact, db, oid)))
            continue;
        has_first = true;
        wpi_put_number(in, &in->told_drops, (wpi_key){ db, oid, 0 }, 1);
        find_unknown(in, fact, db, oid, works[i].lsn, is_table);
    }
    for (uint32_t i = 0; !has_first && i < fact->nstats; i++) {
        const wp_oid oid = wp_fact_xact_stats(fact)[i];
        if (may_be_unknown(in, fact, fact->db, oid)) {
            find_unknown(in, fact, fact->db, oid, fact->fact.lsn, is_table);
            wpi_put_number(in, &in->told_drops, (wpi_key){ fact->db, oid, 0 }, 1);
            break;
        }
    }
    note_unnamed(in, fact);
}
