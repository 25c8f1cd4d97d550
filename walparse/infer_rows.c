/*
 * infer_rows.c - row counts: what DELETE, UPDATE and INSERT did, summed up per table.
 */
#include "infer_parts.h"

#include <stdlib.h>
#include <string.h>

/* What a file is, as far as its rows are concerned. */
typedef struct file_owner {
    const wpi_row *row; /* NULL: unknown */
    wpi_object *object;
    bool is_hidden;    /* no row counts are told for it */
    bool is_rewritten; /* filled by a rewrite: rows put in are old rows */
} file_owner;

static file_owner owner_of_file(const wpi_infer *in, const wp_locator *locator)
{
    file_owner owner = { 0 };
    const wpi_key key = wpi_scratch_file(locator->db, locator->rel);
    owner.is_rewritten = wpi_table_get(&in->transient_files, key) != NULL;
    wpi_object *object = wpi_catalog_by_file(in->catalog, locator);
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_file, key);
    const wpi_subject *s = n ? &in->subjects[n - 1] : NULL;
    if (s && (s->is_created || !object)) {
        owner.row = s->before && !s->is_created ? s->before : s->after;
        owner.is_hidden =
            s->is_transient || (s->is_created && s->is_deleted && !in->config.include_temporary);
    } else if (object) {
        owner.row = &object->row;
        owner.object = object;
    }
    if (owner.row)
        owner.is_hidden = owner.is_hidden || !strchr("rp", owner.row->kind)
                          || owner.row->oid < WPI_FIRST_NORMAL_OID;
    return owner;
}

static void find_rows_of(wpi_infer *in, const wpi_work *sum)
{
    const file_owner owner = owner_of_file(in, &sum->of.dml.locator);
    if (owner.is_hidden)
        return;
    wpi_finding f = { .lsn = sum->lsn,
                      .db = sum->of.dml.locator.db,
                      .row = owner.row,
                      .oid = owner.row ? owner.row->oid : 0,
                      .object = owner.object,
                      .locator = sum->of.dml.locator,
                      .has_rows = true };
    const struct {
        wp_event_kind kind;
        int64_t rows;
    } counts[] = { { WP_EVENT_DELETE, sum->of.dml.deleted },
                   { WP_EVENT_UPDATE, sum->of.dml.updated },
                   { WP_EVENT_INSERT, owner.is_rewritten ? 0 : sum->of.dml.inserted } };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i].rows > 0) {
            f.kind = counts[i].kind;
            f.rows = (uint64_t)counts[i].rows;
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

/* Sums per file, from sorted works. */
static void find_sorted_rows(wpi_infer *in, const wpi_work *dml, size_t n)
{
    for (size_t i = 0; i < n;) {
        wpi_work sum = dml[i++];
        for (; i < n && same_locator(&dml[i].of.dml.locator, &sum.of.dml.locator); i++) {
            sum.of.dml.inserted += dml[i].of.dml.inserted;
            sum.of.dml.updated += dml[i].of.dml.updated;
            sum.of.dml.deleted += dml[i].of.dml.deleted;
        }
        find_rows_of(in, &sum);
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
