/*
 * infer_rows.c - row counts: what DELETE, UPDATE and INSERT did, summed up per table.
 */
#include "infer/infer_parts.h"

#include <stdlib.h>
#include <string.h>

/* Whose rows lie in a file. */
typedef struct file_owner {
    const wpi_row *row; /* NULL: unknown */
    wpi_object *object;
    bool is_hidden; /* no row counts are told for it */
    bool is_new;    /* the transaction made it, so it has no rows from before */
} file_owner;

/* The table that a transient one writes anew, by the file that it leaves. */
static const wpi_subject *rewritten_table(const wpi_infer *in, wp_oid db, wp_oid filenode)
{
    const wpi_subject *s = wpi_first_tenant(in, db, filenode);
    if (s && s->is_transient && s->after)
        s = wpi_find_subject(in, WPI_PG_CLASS, db, s->after->rewrite);
    return s && !s->is_created ? s : NULL;
}

/* A file that changes hands within the transaction has an owner before and one after. */
static file_owner owner_of_file(const wpi_infer *in, const wp_locator *file, wp_lsn lsn)
{
    file_owner owner = { 0 };
    wpi_object *object = wpi_catalog_by_file(in->catalog, file);
    const wpi_subject *s = wpi_tenant(in, file->db, file->rel, lsn);
    if (!s && !object)
        s = rewritten_table(in, file->db, file->rel);
    if (s && !(object && object->row.oid == s->oid && !s->is_created)) {
        owner.row = s->before && !s->is_created ? s->before : s->after;
        owner.is_new = s->is_created;
        owner.is_hidden =
            s->is_transient || (s->is_created && s->is_deleted && !in->config.include_temporary);
    } else if (object) {
        owner.row = &object->row;
        owner.object = object;
    }
    if (owner.row)
        owner.is_hidden = owner.is_hidden || !strchr("rpm", owner.row->kind)
                          || owner.row->oid < WPI_FIRST_NORMAL_OID;
    return owner;
}

/* Adds to what was found of the same table in another of its files. False: nothing was. */
static bool add_rows(wpi_infer *in, const wpi_finding *f)
{
    if (!f->oid || !in->nsubjects)
        return false; /* without DDL a table has one file */
    const wpi_key key = { f->kind, f->db, f->oid };
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->row_findings, key);
    if (n == 0) {
        wpi_put_number(in, &in->row_findings, key, in->nfindings + 1);
        return false;
    }
    wpi_finding *found = &in->findings[n - 1];
    found->rows += f->rows;
    found->lsn = f->lsn < found->lsn ? f->lsn : found->lsn;
    return true;
}

/* REFRESH MATERIALIZED VIEW CONCURRENTLY deletes and inserts rows of the view itself. */
static void find_refresh(wpi_infer *in, wpi_finding f)
{
    wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, f.db, f.oid);
    if (s && (s->is_created || s->is_rewritten))
        return;
    f.kind = WP_EVENT_REWRITE_MATERIALIZED_VIEW;
    f.object = NULL;
    f.has_rows = f.may_miss_rows = false;
    if (!add_rows(in, &f))
        wpi_add_finding(in, f);
}

static void find_rows_of(wpi_infer *in, const wpi_work *sum, const file_owner *owner)
{
    if (owner->is_hidden)
        return;
    wpi_finding f = { .lsn = sum->lsn,
                      .db = sum->of.dml.locator.db,
                      .row = owner->row,
                      .oid = owner->row ? owner->row->oid : 0,
                      .object = owner->object,
                      .locator = sum->of.dml.locator,
                      .has_rows = true,
                      .may_miss_rows = in->may_miss_works && !owner->is_new,
                      .may_be_catalog = in->may_be_catalogs && !owner->row };
    if (f.may_be_catalog && sum->of.dml.deleted > 0)
        wpi_note_unknown_file(in, f.db, f.lsn);
    if (owner->row && owner->row->kind == 'm') {
        find_refresh(in, f);
        return;
    }
    const struct {
        wp_event_kind kind;
        int64_t rows;
    } counts[] = { { WP_EVENT_DELETE, sum->of.dml.deleted },
                   { WP_EVENT_UPDATE, sum->of.dml.updated },
                   { WP_EVENT_INSERT, sum->of.dml.inserted } };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i].rows > 0) {
            f.kind = counts[i].kind;
            f.rows = (uint64_t)counts[i].rows;
            if (!add_rows(in, &f))
                wpi_add_finding(in, f);
        }
}

static bool same_locator(const wp_locator *x, const wp_locator *y)
{
    return x->rel == y->rel && x->db == y->db && x->spc == y->spc;
}

static int compare_dml(const void *x, const void *y)
{
    const wpi_work *a = x, *b = y;
    const wp_locator *l = &a->of.dml.locator, *r = &b->of.dml.locator;
    if (l->db != r->db)
        return l->db < r->db ? -1 : 1;
    if (l->rel != r->rel)
        return l->rel < r->rel ? -1 : 1;
    if (l->spc != r->spc)
        return l->spc < r->spc ? -1 : 1;
    return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

/* Most transactions touch few files: for those, sorting by insertion is cheapest. */
static void sort_dml(wpi_work *dml, size_t n)
{
    if (n > WPI_FEW) {
        qsort(dml, n, sizeof *dml, compare_dml);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const wpi_work work = dml[i];
        size_t at = i;
        for (; at > 0 && compare_dml(&dml[at - 1], &work) > 0; at--)
            dml[at] = dml[at - 1];
        dml[at] = work;
    }
}

/* Sums per file and owner, from sorted works. */
static void find_sorted_rows(wpi_infer *in, const wpi_work *dml, size_t n)
{
    for (size_t i = 0; i < n;) {
        wpi_work sum = dml[i++];
        const wp_locator *file = &sum.of.dml.locator;
        const file_owner owner = owner_of_file(in, file, sum.lsn);
        for (; i < n && same_locator(&dml[i].of.dml.locator, file)
               && (!in->nsubjects || owner_of_file(in, file, dml[i].lsn).row == owner.row);
             i++) {
            sum.of.dml.inserted += dml[i].of.dml.inserted;
            sum.of.dml.updated += dml[i].of.dml.updated;
            sum.of.dml.deleted += dml[i].of.dml.deleted;
        }
        find_rows_of(in, &sum, &owner);
    }
}

void wpi_find_rows(wpi_infer *in, const wpi_work *works, size_t n)
{
    wpi_work few[WPI_FEW], *dml = few;
    size_t ndml = 0;
    for (size_t i = 0; i < n; i++)
        ndml += works[i].kind == WPI_WORK_DML;
    if (ndml > WPI_FEW && !(dml = malloc(ndml * sizeof *dml))) {
        in->out_of_memory = true;
        return;
    }
    ndml = 0;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_DML)
            dml[ndml++] = works[i];
    sort_dml(dml, ndml);
    find_sorted_rows(in, dml, ndml);
    if (dml != few)
        free(dml);
}
