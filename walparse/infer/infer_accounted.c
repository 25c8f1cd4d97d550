/*
 * infer_accounted.c - which rows that nobody saw went with what is known to have gone.
 *
 * A relation takes its rows of other catalogs with it. What the WAL tells of rows that it does not show:
 *
 *   pg_type      how many went. Each table and view has two: the type of its rows, and the array of that; toast and
 *                sequences have one, before 14. Other types have an array, but for shells, and domains before 11.
 *   pg_rewrite   how many went. Each view has one.
 *   pg_depend    rows that went with an object of a relation: a row for its table, a trigger for its constraint
 *   the commit   relations whose cached form it makes invalid. It does so for each relation whose row of pg_class
 *                changed, and for the table that loses a trigger, a policy, a rule or a constraint: where all of
 *                them went, no table that stays lost one
 *
 * Sources: heap_create_with_catalog() in catalog/heap.c, DefineType() and its like in commands/typecmds.c,
 * RemoveTriggerById(), RemovePolicyById(), RemoveRewriteRuleById(), RemoveConstraintById().
 */
#include "infer/infer_parts.h"

#include <string.h>

static bool has_gone(const wpi_subject *s)
{
    return s->is_deleted && !s->is_created && s->after;
}

/* ---- types -------------------------------------------------------------------------------- */

/* Rows of pg_type that go with a relation. A composite type goes by its own. */
static uint32_t types_of_relation(const wpi_infer *in, char relkind)
{
    if (strchr("rpvmf", relkind))
        return 2;
    return strchr("tS", relkind) && !in->profile->only_tables_have_types ? 1 : 0;
}

/* By the name that a type's array has, unless that was taken. */
static wpi_key array_key(const wpi_row *type)
{
    char name[WP_NAME_BYTES] = "_";
    memcpy(name + 1, type->name, WP_NAME_BYTES - 2);
    return (wpi_key){ type->db, type->nsp, wpi_hash_name(name) };
}

static bool is_array(const wpi_row *type)
{
    return type->is_internal && type->kind == 'b';
}

/*
 * How many rows of pg_type must have gone with this one, which is seen: its array. Less than none: it is one of those
 * that are counted with their relation, or with the element.
 */
static int rows_with_type(const wpi_infer *in, const wpi_table *domain_arrays, const wpi_row *type)
{
    if (is_array(type))
        return wpi_table_get(domain_arrays,
                             (wpi_key){ type->db, type->nsp, wpi_hash_name(type->name) })
                   ? 0
                   : -1;
    if (type->kind != 'c')
        return strchr("berm", type->kind) ? 1 : 0;
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, type->db, type->owner);
    if (s && has_gone(s) && s->after->kind == 'c')
        return 1;
    if ((s && has_gone(s)) || wpi_table_get(&in->told_drops, (wpi_key){ type->db, type->owner, 0 }))
        return -1;
    return in->profile->only_tables_have_types ? 1 : 0;
}

/* Domains have arrays since 11. */
static void note_domain_arrays(wpi_infer *in, wpi_table *out)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (s->catalog == WPI_PG_TYPE && has_gone(s) && s->after->kind == 'd')
            wpi_put_number(in, out, array_key(s->after), 1);
    }
}

uint32_t wpi_spare_types(wpi_infer *in)
{
    if (in->unknown_types == 0)
        return 0;
    wpi_table domain_arrays = { 0 };
    note_domain_arrays(in, &domain_arrays);
    int64_t accounted = 0;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (s->catalog == WPI_PG_CLASS && has_gone(s))
            accounted += types_of_relation(in, s->after->kind);
        else if (s->catalog == WPI_PG_TYPE && has_gone(s))
            accounted += rows_with_type(in, &domain_arrays, s->after);
    }
    wpi_table_free(&domain_arrays);
    const int64_t spare = (int64_t)in->unknown_types - accounted;
    return spare > 0 ? (uint32_t)spare : 0;
}

/* ---- rules of views ----------------------------------------------------------------------- */

/* Not more rules went than views did, each of which has one. */
static bool are_rules_of_views(const wpi_infer *in, uint32_t unseen)
{
    uint32_t views = 0, rules = unseen;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        views += s->catalog == WPI_PG_CLASS && has_gone(s) && strchr("vm", s->after->kind);
        rules += s->catalog == WPI_PG_REWRITE && has_gone(s);
    }
    return rules <= views;
}

/* ---- what rows of pg_depend tell ---------------------------------------------------------- */

static bool is_gone_relation(const wpi_infer *in, wp_oid db, wp_oid oid)
{
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
    return (s && has_gone(s)) || wpi_table_get(&in->told_drops, (wpi_key){ db, oid, 0 });
}

/* Does it say that the object goes with a relation that went, or, a trigger, with a constraint? */
static bool is_of_gone(const wpi_infer *in, const wpi_edge *edge)
{
    if (edge->catalog == WPI_PG_TRIGGER)
        return edge->kind == 'i' && edge->ref_catalog == WPI_PG_CONSTRAINT;
    return edge->kind && strchr("aiPS", edge->kind) && edge->ref_catalog == WPI_PG_CLASS
           && is_gone_relation(in, edge->db, edge->ref_oid);
}

/* Objects of the catalog that went with their relation, and whose own row nobody saw. */
static uint32_t count_of_gone(wpi_infer *in, const wpi_hidden *hidden)
{
    wpi_table objects = { 0 };
    for (uint32_t i = 0; i < in->nedges; i++) {
        const wpi_edge *edge = &in->edges[i];
        if (edge->catalog != hidden->catalog || edge->db != hidden->db || !is_of_gone(in, edge))
            continue;
        const wpi_subject *s = wpi_find_subject(in, edge->catalog, edge->db, edge->oid);
        if (!s || !s->is_deleted)
            wpi_put_number(in, &objects, (wpi_key){ edge->catalog, edge->db, edge->oid }, 1);
    }
    const uint32_t n = (uint32_t)objects.used;
    wpi_table_free(&objects);
    return n;
}

/* ---- what the commit tells ---------------------------------------------------------------- */

static bool is_uncounted(const wpi_infer *in, wp_oid catalog)
{
    for (uint32_t i = 0; i < in->nhidden; i++)
        if (in->hidden[i].catalog == catalog && in->hidden[i].is_uncounted)
            return true;
    return false;
}

/* Are the relations that the commit makes invalid those that were made or went, to the last one? */
static bool are_all_gone(wpi_infer *in, const wp_fact_xact *fact)
{
    wpi_table seen = { 0 };
    uint32_t known = 0, unknown = 0, gone = 0;
    for (uint32_t i = 0; i < fact->nrelcache; i++) {
        const wpi_key key = { fact->db, wp_fact_xact_relcache(fact)[i], 0 };
        if (wpi_table_get(&seen, key))
            continue;
        wpi_put_number(in, &seen, key, 1);
        const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, fact->db, key.b);
        if (s && has_gone(s))
            known++;
        else if (!s || !s->is_created)
            unknown++;
    }
    wpi_table_free(&seen);
    for (uint32_t i = 0; i < in->nsubjects; i++)
        gone += in->subjects[i].catalog == WPI_PG_CLASS && has_gone(&in->subjects[i]);
    return known == gone && unknown == in->unknown_deletes && !is_uncounted(in, WPI_PG_CLASS);
}

/* ------------------------------------------------------------------------------------------- */

/* In initdb, which follows no types, all is made and removed as one. */
static bool is_of_initdb(const wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (s->catalog == WPI_PG_CLASS && s->is_deleted && s->is_created
            && s->oid < WPI_FIRST_NORMAL_OID)
            return true;
    }
    return false;
}

bool wpi_is_accounted(wpi_infer *in, const wpi_hidden *hidden, const wp_fact_xact *fact)
{
    if (is_of_initdb(in))
        return true;
    if (hidden->catalog == WPI_PG_TYPE)
        return !hidden->is_uncounted && hidden->deletes <= in->unknown_types
               && wpi_spare_types(in) <= in->told_types;
    if (!hidden->is_uncounted
        && (hidden->deletes <= count_of_gone(in, hidden)
            || (hidden->catalog == WPI_PG_REWRITE && are_rules_of_views(in, hidden->deletes))))
        return true;
    return are_all_gone(in, fact);
}
