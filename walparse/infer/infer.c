/*
 * infer.c - the rules that turn a committed transaction's traces into events: from its works to its
 * events, by the parts in infer_*.c.
 */
#include "infer/infer_parts.h"

#include <stdlib.h>

/* ---- scratch ------------------------------------------------------------------------------ */

static void *grow(wpi_infer *in, void *array, uint32_t used, uint32_t *room, size_t item)
{
    if (used < *room)
        return array;
    const uint32_t more = *room ? *room * 2 : 32;
    void *grown = realloc(array, more * item);
    if (!grown) {
        in->out_of_memory = true;
        return NULL;
    }
    *room = more;
    return grown;
}

void wpi_put_number(wpi_infer *in, wpi_table *table, wpi_key key, uint32_t number)
{
    if (!wpi_table_put(table, key, (void *)(uintptr_t)number))
        in->out_of_memory = true;
}

wpi_subject *wpi_find_subject(const wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid)
{
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_oid, (wpi_key){ catalog, db, oid });
    return n ? &in->subjects[n - 1] : NULL;
}

/* NULL: out of memory. The pointer is good until the next call. */
wpi_subject *wpi_need_subject(wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid)
{
    wpi_subject *s = wpi_find_subject(in, catalog, db, oid);
    if (s)
        return s;
    wpi_subject *grown = grow(in, in->subjects, in->nsubjects, &in->subjects_room, sizeof *grown);
    if (!grown)
        return NULL;
    in->subjects = grown;
    s = &in->subjects[in->nsubjects++];
    *s = (wpi_subject){ .catalog = catalog, .db = db, .oid = oid };
    wpi_put_number(in, &in->by_oid, (wpi_key){ catalog, db, oid }, in->nsubjects);
    return s;
}

void wpi_add_tenure(wpi_infer *in, const wpi_subject *s, wp_oid filenode, wp_lsn lsn)
{
    const wpi_key key = wpi_scratch_file(s->db, filenode);
    const uint32_t number = (uint32_t)(s - in->subjects);
    const uintptr_t last = (uintptr_t)wpi_table_get(&in->by_file, key);
    if (last && in->tenures[last - 1].subject == number)
        return;
    wpi_tenure *grown = grow(in, in->tenures, in->ntenures, &in->tenures_room, sizeof *grown);
    if (!grown)
        return;
    in->tenures = grown;
    in->tenures[in->ntenures++] = (wpi_tenure){ lsn, number, (uint32_t)last };
    wpi_put_number(in, &in->by_file, key, in->ntenures);
}

wpi_subject *wpi_tenant(const wpi_infer *in, wp_oid db, wp_oid filenode, wp_lsn lsn)
{
    uintptr_t at = (uintptr_t)wpi_table_get(&in->by_file, wpi_scratch_file(db, filenode));
    while (at && in->tenures[at - 1].lsn > lsn)
        at = in->tenures[at - 1].earlier;
    return at ? &in->subjects[in->tenures[at - 1].subject] : NULL;
}

wpi_subject *wpi_first_tenant(const wpi_infer *in, wp_oid db, wp_oid filenode)
{
    uintptr_t at = (uintptr_t)wpi_table_get(&in->by_file, wpi_scratch_file(db, filenode));
    while (at && in->tenures[at - 1].earlier)
        at = in->tenures[at - 1].earlier;
    return at ? &in->subjects[in->tenures[at - 1].subject] : NULL;
}

void wpi_add_finding(wpi_infer *in, wpi_finding f)
{
    wpi_finding *grown = grow(in, in->findings, in->nfindings, &in->findings_room, sizeof *grown);
    if (!grown)
        return;
    in->findings = grown;
    f.order = in->nfindings;
    in->findings[in->nfindings++] = f;
}

void wpi_add_alteration(wpi_infer *in, wpi_alteration a)
{
    wpi_alteration *grown =
        grow(in, in->alterations, in->nalterations, &in->alterations_room, sizeof *grown);
    if (!grown)
        return;
    in->alterations = grown;
    in->alterations[in->nalterations++] = a;
}

void wpi_add_edge(wpi_infer *in, wpi_edge edge)
{
    wpi_edge *grown = grow(in, in->edges, in->nedges, &in->edges_room, sizeof *grown);
    if (!grown)
        return;
    in->edges = grown;
    in->edges[in->nedges++] = edge;
}

static void forget_scratch(wpi_infer *in)
{
    in->nsubjects = in->nfindings = in->nalterations = in->nedges = in->ntenures = 0;
    in->unknown_deletes = in->unknown_types = in->unknown_rules = in->nhidden = 0;
    in->has_certain_table = false;
    in->has_new_index = false;
    wpi_table_clear(&in->by_oid);
    wpi_table_clear(&in->by_file);
    wpi_table_clear(&in->transient_files);
    wpi_table_clear(&in->new_files);
    wpi_table_clear(&in->new_columns);
    wpi_table_clear(&in->gone_constraints);
    wpi_table_clear(&in->told_drops);
    wpi_table_clear(&in->row_findings);
}

/* ---- a transaction ------------------------------------------------------------------------ */

static void apply(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (!s->after)
            continue;
        if (s->is_deleted && s->catalog == WPI_PG_DATABASE)
            (void)wpi_table_take(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
        if (s->is_deleted)
            wpi_catalog_commit_drop(in->catalog, s->after);
        else if (!wpi_catalog_commit_row(in->catalog, s->after))
            in->out_of_memory = true;
        else if (s->catalog == WPI_PG_CLASS && s->is_created && s->owner)
            wpi_catalog_commit_owner(in->catalog, s->db, s->oid, s->owner);
    }
}

bool wpi_infer_commit(wpi_infer *in, const wpi_work *works, size_t n, bool may_miss_works,
                      uint32_t unseen, const wp_fact_xact *fact, const wp_xact_end *end)
{
    in->may_miss_works = may_miss_works;
    in->may_be_catalogs = fact->changed != 0;
    const bool has_ddl = wpi_read_works(in, works, n);
    if (in->config.callbacks.on_event && !in->out_of_memory) {
        if (has_ddl) {
            wpi_note_truncations(in, fact, end);
            wpi_note_truncated_roots(in, works, n, fact);
            wpi_find_ddl(in);
            wpi_find_unknown_drops(in, works, n, fact);
            wpi_find_alterations(in, works, n, fact);
        }
        wpi_find_rows(in, works, n);
        wpi_sort_findings(in);
        if (has_ddl)
            wpi_find_incidents(in, works, n);
        wpi_tell_all(in, end);
        wpi_note_unseen(in, unseen, fact->db, end->lsn);
        wpi_tell_hidden(in, end);
        if (may_miss_works)
            wpi_tell_unseen_rows(in, works, n, fact->db, end);
    }
    if (has_ddl)
        apply(in);
    if (has_ddl || in->nfindings || in->nhidden)
        forget_scratch(in);
    return !in->out_of_memory;
}

bool wpi_infer_invalidated(wpi_infer *in, wp_oid db, wp_lsn lsn)
{
    const wpi_key key = { db, 0, 0 };
    return wpi_table_get(&in->invalidated, key) != NULL
           || wpi_table_put(&in->invalidated, key, (void *)(uintptr_t)lsn);
}

uint64_t wpi_infer_unnamed(const wpi_infer *in, wp_lsn *first)
{
    *first = in->first_unnamed;
    return in->unnamed;
}

wpi_infer *wpi_infer_new(const wp_reducer_config *config, wpi_catalog *catalog)
{
    wpi_infer *in = calloc(1, sizeof *in);
    if (in) {
        in->config = *config;
        in->profile = config->profile;
        in->catalog = catalog;
    }
    return in;
}

void wpi_infer_free(wpi_infer *in)
{
    if (!in)
        return;
    free(in->subjects);
    free(in->findings);
    free(in->alterations);
    free(in->edges);
    free(in->tenures);
    wpi_table_free(&in->invalidated);
    wpi_table_free(&in->by_oid);
    wpi_table_free(&in->by_file);
    wpi_table_free(&in->transient_files);
    wpi_table_free(&in->new_files);
    wpi_table_free(&in->new_columns);
    wpi_table_free(&in->gone_constraints);
    wpi_table_free(&in->told_drops);
    wpi_table_free(&in->row_findings);
    wpi_texts_free(&in->texts);
    free(in);
}
