/*
 * infer_alter.c - the rules about what became of relations that stay.
 *
 *   renamed     its pg_class row has another name; not an index that REINDEX CONCURRENTLY swaps
 *   moved       its pg_class row has another schema; indexes and owned sequences move with their table
 *   rewritten   its pg_class row points to a file that a transient table of this transaction was made
 *               with: VACUUM FULL, CLUSTER, REFRESH, an ALTER TABLE that changes every row; or to one that
 *               was another's (pg_repack). SET TABLESPACE and REINDEX make new files without one
 *   a column    its pg_attribute row has another name, or attisdropped is set. Not of a table that this
 *               transaction made or dropped, nor a column that it made
 */
#include "infer/infer_parts.h"

#include <stdio.h>
#include <string.h>

static bool is_hidden(const wpi_infer *in, const wpi_row *row)
{
    return row->oid < WPI_FIRST_NORMAL_OID || row->nsp == WPI_NSP_PG_TOAST
           || (row->persistence == 't' && !in->config.include_temporary);
}

static void add(wpi_infer *in, const wpi_alteration *a, wp_event_kind kind, const wpi_row *row)
{
    wpi_add_finding(in,
                    (wpi_finding){ .kind = kind,
                                   .lsn = a->lsn,
                                   .db = a->new->db,
                                   .oid = a->oid,
                                   .row = row,
                                   .locator = row ? wpi_locator_of(row) : (wp_locator){ 0, 0, 0 },
                                   .old = a->old,
                                   .new = a->new });
}

/* ---- relations ---------------------------------------------------------------------------- */

static bool is_reindex_swap(const wpi_alteration *a)
{
    return wpi_is_index_kind(a->new->kind)
           && (wpi_is_reindex_name(a->new->name, "_ccold")
               || wpi_is_reindex_name(a->old->name, "_ccnew"));
}

/*
 * A sequence that a table owns moves right after it, from and to the same schemas. It cannot move on its
 * own; whether a table owns it is not in this transaction's records.
 */
static bool moves_with_table(const wpi_infer *in, const wpi_alteration *sequence)
{
    for (const wpi_alteration *a = sequence; a > in->alterations;) {
        a--;
        if (a->new->catalog != WPI_PG_CLASS || a->old->nsp != sequence->old->nsp
            || a->new->nsp != sequence->new->nsp || a->new->db != sequence->new->db)
            return false;
        if (strchr("rpmf", a->new->kind))
            return true;
    }
    return false;
}

/*
 * It got a file that was another relation's. Of two that swap theirs, the one changed first was written
 * anew; the other takes what that leaves.
 */
static bool is_swapped_in(const wpi_infer *in, const wpi_alteration *a)
{
    if (!wpi_is_swapped(in, a->new->db, a->oid, a->old->filenode, a->new->filenode))
        return false;
    for (const wpi_alteration *b = in->alterations; b < a; b++)
        if (b->new->catalog == WPI_PG_CLASS && b->new->db == a->new->db && b->oid != a->oid
            && b->old->filenode == a->new->filenode && b->old->filenode != b->new->filenode)
            return false;
    return true;
}

static bool is_rewrite(wpi_infer *in, const wpi_alteration *a)
{
    wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, a->new->db, a->oid);
    if (!s || s->is_rewritten || !a->new->filenode || a->old->filenode == a->new->filenode)
        return false;
    const bool is_transient =
        wpi_table_get(&in->transient_files, wpi_scratch_file(a->new->db, a->new->filenode));
    s->is_rewritten = is_transient || is_swapped_in(in, a);
    return s->is_rewritten;
}

static void find_relation(wpi_infer *in, const wpi_alteration *a)
{
    const wpi_relation_kinds *kinds = wpi_relation_kinds_of(a->new->kind);
    if (!kinds || is_hidden(in, a->old))
        return;
    const bool is_moved = a->old->nsp != a->new->nsp && kinds->set_schema != WP_EVENT_KINDS;
    if (is_moved && !(a->new->kind == 'S' && moves_with_table(in, a)))
        add(in, a, kinds->set_schema, a->old);
    if (strcmp(a->old->name, a->new->name) != 0 && !is_reindex_swap(a))
        add(in, a, kinds->rename, a->old);
    if (kinds->rewrite != WP_EVENT_KINDS && is_rewrite(in, a))
        add(in, a, kinds->rewrite, a->old);
}

/* ---- columns ------------------------------------------------------------------------------ */

static bool contains(const wp_oid *oids, uint32_t n, wp_oid oid)
{
    for (uint32_t i = 0; i < n; i++)
        if (oids[i] == oid)
            return true;
    return false;
}

/*
 * The table of a column whose row is not known: the only one, of those that may have columns, which the
 * transaction locked and changed and neither made nor removed. 0: none, or there are several.
 */
static wp_oid locked_table(const wpi_infer *in, const wpi_work *works, size_t n,
                           const wp_fact_xact *fact, wp_oid db)
{
    wp_oid found = 0;
    for (size_t i = 0; i < n; i++) {
        const wp_oid oid = works[i].of.relation.oid;
        if (works[i].kind != WPI_WORK_LOCKED || works[i].of.relation.db != db
            || oid < WPI_FIRST_NORMAL_OID || oid == found
            || !contains(wp_fact_xact_relcache(fact), fact->nrelcache, oid))
            continue;
        const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, db, oid);
        const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
        const wpi_relation_kinds *kinds = object ? wpi_relation_kinds_of(object->row.kind) : NULL;
        if ((s && (s->is_created || s->is_deleted))
            || (object && (!kinds || kinds->drop_column == WP_EVENT_KINDS)))
            continue;
        if (found)
            return 0;
        found = oid;
    }
    return found;
}

static void find_column(wpi_infer *in, wpi_alteration *a, const wpi_work *works, size_t n,
                        const wp_fact_xact *fact)
{
    if (!a->oid) {
        a->oid = locked_table(in, works, n, fact, a->new->db);
        const wpi_object *object =
            a->oid ? wpi_catalog_object(in->catalog, WPI_PG_CLASS, a->new->db, a->oid) : NULL;
        a->relation = object ? &object->row : NULL;
        if (!a->oid)
            return;
    }
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, a->new->db, a->oid);
    if (s && s->is_deleted)
        return; /* it goes with its table */
    const wpi_row *table = a->relation;
    const wpi_relation_kinds *kinds = wpi_relation_kinds_of(table ? table->kind : 'r');
    if (!kinds || (table && is_hidden(in, table)))
        return;
    const wp_event_kind kind = a->new->is_dropped ? kinds->drop_column : kinds->rename_column;
    if (kind != WP_EVENT_KINDS)
        add(in, a, kind, table);
}

void wpi_find_alterations(wpi_infer *in, const wpi_work *works, size_t n, const wp_fact_xact *fact)
{
    for (uint32_t i = 0; i < in->nalterations; i++) {
        wpi_alteration *a = &in->alterations[i];
        if (a->new->catalog == WPI_PG_CLASS)
            find_relation(in, a);
        else
            find_column(in, a, works, n, fact);
    }
}

/* ---- texts -------------------------------------------------------------------------------- */

static size_t write_column(const wpi_infer *in, const wpi_row *old, const wpi_row *new, char *out)
{
    return old ? wp_quote_ident(in->profile, old->name, out)
               : (size_t)snprintf(out, 16, "[%d]", new->sub);
}

static size_t write_schema(wpi_infer *in, const wpi_finding *f, char *out)
{
    wp_name_source ignored;
    const char *name = wpi_schema_name(in, f->db, f->new->nsp, f->lsn, &ignored);
    if (name)
        return wp_quote_ident(in->profile, name, out);
    wpi_catalog_miss(in->catalog, WPI_PG_NAMESPACE, f->db, f->new->nsp);
    return (size_t)snprintf(out, 16, "[%u]", f->new->nsp);
}

size_t wpi_write_alteration(wpi_infer *in, const wpi_finding *f, char *out)
{
    const wpi_relation_kinds *kinds = wpi_relation_kinds_of(f->row ? f->row->kind : 'r');
    char *p = out;
    *p = '\0';
    if (!kinds || f->kind == kinds->rewrite || !f->new)
        return 0;
    p += snprintf(p, 32, "%s ", wp_event_kind_name(f->kind) + strlen(wp_event_kind_verb(f->kind)));
    if (f->kind == kinds->set_schema)
        p += write_schema(in, f, p);
    else if (f->kind == kinds->rename)
        p += wp_quote_ident(in->profile, f->new->name, p);
    else
        p += write_column(in, f->old, f->new, p);
    if (f->kind == kinds->rename_column) {
        p += snprintf(p, 8, " TO ");
        p += wp_quote_ident(in->profile, f->new->name, p);
    }
    return (size_t)(p - out);
}
