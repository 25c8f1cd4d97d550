/*
 * infer_objects.c - the rules about objects of other catalogs than pg_class.
 *
 *   created     its row came and was not deleted by this same transaction
 *   dropped     its row was deleted, and not made by this same transaction
 *   folded      what the system makes as a part of something else: the type of a table's rows, arrays,
 *               multiranges, functions of a range type, triggers of a foreign key, the rule of a view, copies
 *               in partitions; members of an extension; triggers, policies, rules and constraints that go
 *               with their table, and constraints that come with it; constraints made anew
 *
 * CREATE OR REPLACE, ALTER ... RENAME and their like update the row: no event.
 */
#include "infer/infer_parts.h"

#include <string.h>

typedef enum object_place {
    ALONE,     /* named without a schema */
    DIRECTORY, /* the same, and gone when its directory is */
    IN_SCHEMA,
    OF_RELATION /* a part of one */
} object_place;

typedef struct object_rule {
    wp_oid catalog;
    object_place place;
    const char *kinds; /* of wpi_row.kind; NULL: all */
    wp_event_kind created, dropped;
} object_rule;

// clang-format off
static const object_rule rules[] = {
    { WPI_PG_NAMESPACE,  ALONE,       NULL,    WP_EVENT_CREATE_SCHEMA, WP_EVENT_DROP_SCHEMA },
    { WPI_PG_DATABASE,   DIRECTORY,   NULL,    WP_EVENT_CREATE_DATABASE, WP_EVENT_DROP_DATABASE },
    { WPI_PG_TABLESPACE, DIRECTORY,   NULL,    WP_EVENT_CREATE_TABLESPACE, WP_EVENT_DROP_TABLESPACE },
    { WPI_PG_AUTHID,     ALONE,       NULL,    WP_EVENT_CREATE_ROLE, WP_EVENT_DROP_ROLE },
    { WPI_PG_EXTENSION,  ALONE,       NULL,    WP_EVENT_CREATE_EXTENSION, WP_EVENT_DROP_EXTENSION },
    { WPI_PG_PROC,       IN_SCHEMA,   "fw",    WP_EVENT_CREATE_FUNCTION, WP_EVENT_DROP_FUNCTION },
    { WPI_PG_PROC,       IN_SCHEMA,   "p",     WP_EVENT_CREATE_PROCEDURE, WP_EVENT_DROP_PROCEDURE },
    { WPI_PG_PROC,       IN_SCHEMA,   "a",     WP_EVENT_CREATE_AGGREGATE, WP_EVENT_DROP_AGGREGATE },
    { WPI_PG_TYPE,       IN_SCHEMA,   NULL,    WP_EVENT_CREATE_TYPE, WP_EVENT_DROP_TYPE },
    { WPI_PG_TRIGGER,    OF_RELATION, NULL,    WP_EVENT_CREATE_TRIGGER, WP_EVENT_DROP_TRIGGER },
    { WPI_PG_POLICY,     OF_RELATION, NULL,    WP_EVENT_CREATE_POLICY, WP_EVENT_DROP_POLICY },
    { WPI_PG_REWRITE,    OF_RELATION, NULL,    WP_EVENT_CREATE_RULE, WP_EVENT_DROP_RULE },
    { WPI_PG_CONSTRAINT, OF_RELATION, "cpufx", WP_EVENT_TABLE_ADD_CONSTRAINT, WP_EVENT_TABLE_DROP_CONSTRAINT },
};
// clang-format on

/* kind: of the row, 0 where there is none. NULL: nothing is told of such an object. */
static const object_rule *rule_of(wp_oid catalog, char kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].catalog == catalog
            && (!rules[i].kinds || (kind && strchr(rules[i].kinds, kind))))
            return &rules[i];
    return NULL;
}

/* ---- what is named without a schema ------------------------------------------------------- */

static bool is_temporary_schema(const wpi_row *row)
{
    return strncmp(row->name, "pg_temp_", 8) == 0 || strncmp(row->name, "pg_toast_temp_", 14) == 0;
}

static wpi_finding named_finding(const wpi_subject *s, wp_event_kind kind, wp_lsn lsn)
{
    return (wpi_finding){ .kind = kind,
                          .lsn = lsn,
                          .db = s->catalog == WPI_PG_DATABASE ? s->oid : s->db,
                          .oid = s->oid,
                          .row = s->after };
}

static void find_named(wpi_infer *in, const wpi_subject *s, const object_rule *rule)
{
    const bool is_dropped = rule->place == DIRECTORY ? s->removed_lsn != 0 : s->is_deleted;
    const bool is_passing = s->is_created && (is_dropped || s->is_deleted);
    const bool is_temporary =
        s->catalog == WPI_PG_NAMESPACE && s->after && is_temporary_schema(s->after);
    if ((is_passing || is_temporary) && !in->config.include_temporary)
        return;
    if (s->is_created && s->oid >= WPI_FIRST_NORMAL_OID && !is_temporary)
        wpi_add_finding(in, named_finding(s, rule->created, s->created_lsn));
    if (!is_dropped)
        return;
    wpi_finding f = named_finding(s, rule->dropped, s->lsn ? s->lsn : s->removed_lsn);
    const uintptr_t invalid = (uintptr_t)wpi_table_get(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
    f.stop_lsn = s->catalog == WPI_PG_DATABASE && invalid ? (wp_lsn)invalid : s->removed_lsn;
    wpi_add_finding(in, f);
}

/* ---- what lies in a schema, or is part of a relation -------------------------------------- */

/* The relation as this transaction left it, or as it was before. NULL: unknown. */
static const wpi_row *relation_row(const wpi_infer *in, wp_oid db, wp_oid oid)
{
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
    if (s && s->after)
        return s->after;
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    return object ? &object->row : NULL;
}

/* A type of rows: CREATE TYPE makes it with a pg_class row of its own kind; those of relations are folded. */
static bool is_row_type(const wpi_infer *in, const wpi_row *type)
{
    if (type->kind != 'c')
        return false;
    const wpi_row *relation = relation_row(in, type->db, type->owner);
    return !relation || relation->kind != 'c';
}

/*
 * A constraint of a partition that came or went with that of its parent is one of its own table; all other
 * copies the system makes and removes as partitions come and go.
 */
static bool is_copied_constraint(const wpi_infer *in, const wpi_subject *s)
{
    if (!s->after->parent)
        return false;
    const wpi_subject *parent = wpi_find_subject(in, WPI_PG_CONSTRAINT, s->db, s->after->parent);
    const bool is_together = parent && parent->after && parent->is_created == s->is_created
                             && parent->is_deleted == s->is_deleted;
    return !is_together || parent->after->owner == s->after->owner;
}

/* Went with its table; or, a constraint, came with it. */
static bool is_with_relation(const wpi_infer *in, const wpi_subject *s)
{
    const wpi_subject *relation = wpi_find_subject(in, WPI_PG_CLASS, s->db, s->after->owner);
    const bool is_known = relation && relation->after;
    if (s->is_deleted && ((is_known && relation->is_deleted) || (!is_known && in->unknown_deletes)))
        return true;
    return s->catalog == WPI_PG_CONSTRAINT && is_known && relation->is_created;
}

static bool is_folded(const wpi_infer *in, const wpi_subject *s)
{
    const wpi_row *row = s->after;
    if (s->oid < WPI_FIRST_NORMAL_OID || s->is_member || s->is_internal || s->is_rebuilt
        || row->is_internal)
        return true;
    switch (s->catalog) {
    case WPI_PG_PROC:
        return false;
    case WPI_PG_TYPE:
        return is_row_type(in, row);
    case WPI_PG_CONSTRAINT:
        return row->owner == 0 || is_copied_constraint(in, s) || is_with_relation(in, s);
    default:
        return row->parent != 0 || is_with_relation(in, s);
    }
}

static bool is_temporary(const wpi_infer *in, const object_rule *rule, const wpi_row *row,
                         const wpi_row *relation)
{
    if (rule->place == OF_RELATION)
        return relation && relation->persistence == 't';
    const wpi_object *schema = wpi_catalog_object(in->catalog, WPI_PG_NAMESPACE, row->db, row->nsp);
    return schema && is_temporary_schema(&schema->row);
}

/* The kind for foreign tables of one for tables. */
static wp_event_kind kind_for(wp_event_kind kind, const wpi_row *relation)
{
    if (!relation || relation->kind != 'f')
        return kind;
    if (kind == WP_EVENT_TABLE_DROP_CONSTRAINT)
        return WP_EVENT_FOREIGN_TABLE_DROP_CONSTRAINT;
    return kind == WP_EVENT_TABLE_ADD_CONSTRAINT ? WP_EVENT_FOREIGN_TABLE_ADD_CONSTRAINT : kind;
}

static void find_object(wpi_infer *in, const wpi_subject *s, const object_rule *rule)
{
    const bool is_part = rule->place == OF_RELATION;
    const wpi_row *relation = is_part ? relation_row(in, s->db, s->after->owner) : NULL;
    const bool is_hidden =
        (s->is_created && s->is_deleted) || is_temporary(in, rule, s->after, relation);
    if (is_hidden && !in->config.include_temporary)
        return;
    wpi_finding f = { .db = s->db,
                      .oid = is_part ? s->after->owner : s->oid,
                      .row = is_part ? relation : s->after,
                      .part = is_part ? s->after : NULL };
    if (relation)
        f.locator = wpi_locator_of(relation);
    if (s->is_created) {
        f.kind = kind_for(rule->created, relation);
        f.lsn = s->created_lsn;
        wpi_add_finding(in, f);
    }
    if (s->is_deleted) {
        f.kind = kind_for(rule->dropped, relation);
        f.lsn = s->lsn;
        wpi_add_finding(in, f);
    }
}

/* Was it folded only because a relation went that is not known? Its own is not known to stay, either. */
static bool may_have_gone_alone(const wpi_infer *in, const wpi_subject *s, const object_rule *rule)
{
    const wpi_row *row = s->after;
    return s->is_deleted && rule->place == OF_RELATION && in->unknown_deletes > 0
           && row->parent == 0 && row->owner != 0 && !s->is_member && !s->is_internal
           && !row->is_internal && !relation_row(in, s->db, row->owner);
}

bool wpi_find_object(wpi_infer *in, const wpi_subject *s)
{
    if (s->catalog == WPI_PG_CLASS)
        return false;
    const object_rule *rule = rule_of(s->catalog, s->after ? s->after->kind : 0);
    if (rule && (rule->place == ALONE || rule->place == DIRECTORY)) {
        find_named(in, s, rule);
        return true;
    }
    if (!s->after || !(s->is_created || s->is_deleted))
        return true;
    if (rule && !is_folded(in, s))
        find_object(in, s, rule);
    else if (rule && may_have_gone_alone(in, s, rule))
        wpi_add_hidden_delete(in, s->catalog, s->db, s->lsn);
    return true;
}

/* ---- composite types ---------------------------------------------------------------------- */

/* The type of the rows of something went, whose own row nobody saw; NULL: it did not. */
static const wpi_subject *type_of_unknown(const wpi_infer *in, const wpi_work *work)
{
    const wpi_row_change *change = work->of.row;
    if (work->kind != WPI_WORK_DELETED || change->catalog != WPI_PG_TYPE || !change->rows.has_old
        || change->rows.old.kind != 'c'
        || relation_row(in, change->db, change->rows.old.owner) != NULL)
        return NULL;
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_TYPE, change->db, change->rows.old.oid);
    return s && s->is_deleted && !s->is_created ? s : NULL;
}

void wpi_find_composite_types(wpi_infer *in, const wpi_work *works, size_t n)
{
    if (in->unknown_deletes == 0)
        return;
    const bool is_any_order = wpi_drops_container(works, n);
    uint32_t relations = 0; /* that went after this, by the same statement */
    for (size_t i = n; i-- > 0;) {
        const wpi_work *work = &works[i];
        if (work->kind == WPI_WORK_LOCKED)
            relations = 0;
        if (work->kind == WPI_WORK_DELETED && work->of.row->catalog == WPI_PG_CLASS)
            relations += !work->of.row->rows.has_old;
        const wpi_subject *s = type_of_unknown(in, work);
        if (!s)
            continue;
        const bool is_before_relation = relations > 0;
        relations -= is_before_relation;
        if ((!is_before_relation || is_any_order) && s->oid >= WPI_FIRST_NORMAL_OID && !s->is_member
            && !s->is_internal && s->after->nsp != WPI_NSP_PG_TOAST)
            wpi_add_hidden_delete(in, WPI_PG_TYPE, s->db, s->lsn);
    }
}
