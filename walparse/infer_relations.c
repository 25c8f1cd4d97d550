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
 *               or a file made by this transaction was emptied
 *   folded      toast; an index of a dropped table; a sequence owned by a column of a dropped table
 */
#include "infer_parts.h"

#include <string.h>

typedef struct drop_rule {
    char relkind;
    wp_event_kind kind;
} drop_rule;

static const drop_rule drop_rules[] = {
    { 'r', WP_EVENT_DROP_TABLE },
    { 'p', WP_EVENT_DROP_TABLE },
    { 'i', WP_EVENT_DROP_INDEX },
    { 'I', WP_EVENT_DROP_INDEX },
    { 'S', WP_EVENT_DROP_SEQUENCE },
    { 'v', WP_EVENT_DROP_VIEW },
    { 'm', WP_EVENT_DROP_MATERIALIZED_VIEW },
    { 'f', WP_EVENT_DROP_FOREIGN_TABLE },
};

static const drop_rule *drop_rule_of(char relkind)
{
    for (size_t i = 0; i < sizeof drop_rules / sizeof drop_rules[0]; i++)
        if (drop_rules[i].relkind == relkind)
            return &drop_rules[i];
    return NULL;
}

/* REINDEX CONCURRENTLY drops the old index under this name once the new one has taken its place. */
static bool is_reindex_leftover(const wpi_subject *s)
{
    if (!s->is_dead_index)
        return false;
    const char *at = NULL;
    for (const char *p = s->after->name; (p = strstr(p, "_ccold")); p++)
        at = p;
    return at && at[6 + strspn(at + 6, "0123456789")] == '\0';
}

/* ALTER TABLE that changes a column's type makes its indexes anew, under the same names. */
static bool is_rebuilt_index(const wpi_infer *in, const wpi_subject *s)
{
    if (!in->has_new_index || !wpi_is_index_kind(s->after->kind))
        return false;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *other = &in->subjects[i];
        if (other->is_created && !other->is_deleted && other->db == s->db
            && wpi_is_index_kind(other->after->kind) && other->after->nsp == s->after->nsp
            && strcmp(other->after->name, s->after->name) == 0)
            return true;
    }
    return false;
}

static bool is_folded(const wpi_infer *in, const wpi_subject *s)
{
    if (s->after->kind == 't' || s->after->nsp == WPI_NSP_PG_TOAST)
        return true;
    if (s->owner == 0 || !strchr("iIS", s->after->kind))
        return false;
    const wpi_subject *owner = wpi_find_subject(in, WPI_PG_CLASS, s->db, s->owner);
    return owner && owner->is_deleted;
}

static void find_drop(wpi_infer *in, const wpi_subject *s)
{
    const drop_rule *rule = drop_rule_of(s->after->kind);
    const bool is_hidden = s->is_created || s->after->persistence == 't';
    if (!rule || s->oid < WPI_FIRST_NORMAL_OID || is_folded(in, s) || is_reindex_leftover(s)
        || is_rebuilt_index(in, s) || s->is_transient
        || (is_hidden && !in->config.include_temporary))
        return;
    wpi_add_finding(in, (wpi_finding){ .kind = rule->kind,
                                       .lsn = s->lsn,
                                       .db = s->db,
                                       .oid = s->oid,
                                       .row = s->after,
                                       .locator = wpi_locator_of(s->after) });
}

static void find_truncate(wpi_infer *in, const wpi_subject *s)
{
    const wpi_row *row = s->before;
    if (s->oid < WPI_FIRST_NORMAL_OID
        || (row && row->persistence == 't' && !in->config.include_temporary))
        return;
    wpi_add_finding(
        in, (wpi_finding){ .kind = WP_EVENT_TRUNCATE,
                           .lsn = s->lsn,
                           .db = s->db,
                           .oid = s->oid,
                           .row = row,
                           .locator = row ? wpi_locator_of(row) : (wp_locator){ 0, 0, 0 } });
}

void wpi_find_ddl(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (wpi_find_object(in, s) || s->catalog != WPI_PG_CLASS)
            continue;
        if (s->is_truncated)
            find_truncate(in, s);
        if (s->is_deleted)
            find_drop(in, s);
    }
}

/* ---- a drop whose row nobody saw ---------------------------------------------------------- */

static bool contains(const wp_oid *oids, uint32_t n, wp_oid oid)
{
    for (uint32_t i = 0; i < n; i++)
        if (oids[i] == oid)
            return true;
    return false;
}

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

static void find_unknown(wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid, wp_lsn lsn)
{
    wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    const wpi_row *row =
        object ? &object->row : wpi_known_object(in->config.known, WPI_PG_CLASS, db, oid);
    const drop_rule *rule = row ? drop_rule_of(row->kind) : NULL;
    if (row && (!rule || row->persistence == 't'))
        return;
    wpi_add_finding(in, (wpi_finding){ .kind = rule ? rule->kind : WP_EVENT_DROP_TABLE,
                                       .lsn = lsn,
                                       .db = db,
                                       .oid = oid,
                                       .row = object ? &object->row : NULL,
                                       .locator = { 0, fact->db, 0 } });
}

/*
 * pg_class rows went whose content is not in the WAL read. The first relation locked is the one the
 * statement named; what was locked after it cannot be told from its indexes and toast.
 */
void wpi_find_unknown_drops(wpi_infer *in, const wpi_work *works, size_t n,
                            const wp_fact_xact *fact)
{
    if (in->unknown_deletes == 0 || (fact->nrels == 0 && fact->nstats == 0))
        return;
    for (size_t i = 0; i < n; i++) {
        const wp_oid db = works[i].of.relation.db, oid = works[i].of.relation.oid;
        if (works[i].kind == WPI_WORK_LOCKED && may_be_unknown(in, fact, db, oid)) {
            find_unknown(in, fact, db, oid, works[i].lsn);
            return;
        }
    }
    for (uint32_t i = 0; i < fact->nstats; i++) {
        const wp_oid oid = wp_fact_xact_stats(fact)[i];
        if (may_be_unknown(in, fact, fact->db, oid)) {
            find_unknown(in, fact, fact->db, oid, fact->fact.lsn);
            return;
        }
    }
}
