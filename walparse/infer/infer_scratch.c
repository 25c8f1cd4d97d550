/*
 * infer_scratch.c - what one transaction is known to have touched while its events are worked out: subjects, whose
 * files were whose, and what was found. Emptied after each transaction, and its memory used again.
 */
#include "infer/infer_scratch.h"

#include <assert.h>
#include <stdlib.h>

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

uint32_t wpi_hash_name(const char *name)
{
    uint32_t h = UINT32_C(2166136261);
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        h = (h ^ *p) * UINT32_C(16777619);
    return h;
}

wpi_subject *wpi_find_subject(const wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid)
{
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_oid, (wpi_key){ catalog, db, oid });
    return n ? &in->subjects[n - 1] : NULL;
}

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
    assert(s >= in->subjects && s < in->subjects + in->nsubjects);
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

void wpi_forget_scratch(wpi_infer *in)
{
    in->nsubjects = in->nfindings = in->nalterations = in->nedges = in->ntenures = 0;
    in->unknown_deletes = in->unknown_types = in->unknown_rules = in->told_types = 0;
    in->nhidden = 0;
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

void wpi_free_scratch(wpi_infer *in)
{
    free(in->subjects);
    free(in->findings);
    free(in->alterations);
    free(in->edges);
    free(in->tenures);
    wpi_table_free(&in->by_oid);
    wpi_table_free(&in->by_file);
    wpi_table_free(&in->transient_files);
    wpi_table_free(&in->new_files);
    wpi_table_free(&in->new_columns);
    wpi_table_free(&in->gone_constraints);
    wpi_table_free(&in->told_drops);
    wpi_table_free(&in->row_findings);
}
