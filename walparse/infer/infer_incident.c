/*
 * infer_incident.c - which DROP took which other along.
 *
 * An object goes with another when it depended on it, as the rows of pg_depend say that went with it, or
 * when it lay in a schema that went. Objects between the two that give no events of their own (types of
 * rows, rules of views) are passed through. A statement locks the relation it names before it removes anything: what
 * was gone by then went by another statement.
 */
#include "infer/infer_parts.h"

#include <stdlib.h>
#include <string.h>

/* So many objects are looked at between one and that which took it along. */
#define STEPS_MAX 256

typedef struct node {
    wp_oid catalog, oid;
    int32_t sub;
} node;

typedef struct search {
    const wpi_infer *in;
    wpi_table findings; /* (catalog, db, oid) -> number + 1 of the finding of its removal */
    wpi_table edges;    /* the same key -> number + 1 of the first edge */
    wpi_table locks;    /* (db, relation, 0) -> LSN of its lock */
    bool failed;
} search;

static bool is_drop(wp_event_kind kind)
{
    return strncmp(wp_event_kind_name(kind), "DROP ", 5) == 0
           || kind == WP_EVENT_TABLE_DROP_CONSTRAINT
           || kind == WP_EVENT_FOREIGN_TABLE_DROP_CONSTRAINT;
}

static bool is_drop_column(wp_event_kind kind)
{
    return kind == WP_EVENT_TABLE_DROP_COLUMN || kind == WP_EVENT_FOREIGN_TABLE_DROP_COLUMN;
}

/* What the finding is about, as pg_depend would name it. False: nothing that goes. */
static bool node_of(const wpi_finding *f, node *out)
{
    if (is_drop_column(f->kind)) {
        *out = (node){ WPI_PG_CLASS, f->oid, f->new->sub };
        return true;
    }
    const wpi_row *row = f->part ? f->part : f->row;
    if (!is_drop(f->kind) || !row)
        return false;
    *out = (node){ row->catalog, row->oid, 0 };
    return true;
}

static void put(search *s, wpi_table *table, wpi_key key, uintptr_t value)
{
    if (!wpi_table_put(table, key, (void *)value))
        s->failed = true;
}

/* ---- what there is ------------------------------------------------------------------------ */

/* How many things went. */
static uint32_t index_findings(search *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->in->nfindings; i++) {
        const wpi_finding *f = &s->in->findings[i];
        node at;
        if (!node_of(f, &at))
            continue;
        n++;
        if (at.sub == 0)
            put(s, &s->findings, (wpi_key){ at.catalog, f->db, at.oid }, (uintptr_t)i + 1);
    }
    return n;
}

static void index_edges(search *s, wpi_infer *in)
{
    for (uint32_t i = in->nedges; i-- > 0;) {
        wpi_edge *edge = &in->edges[i];
        const wpi_key key = { edge->catalog, edge->db, edge->oid };
        edge->next = (uint32_t)(uintptr_t)wpi_table_get(&s->edges, key);
        put(s, &s->edges, key, (uintptr_t)i + 1);
    }
}

static void index_locks(search *s, const wpi_work *works, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (works[i].kind != WPI_WORK_LOCKED)
            continue;
        const wpi_key key = { works[i].of.relation.db, works[i].of.relation.oid, 0 };
        if (!wpi_table_get(&s->locks, key))
            put(s, &s->locks, key, (uintptr_t)works[i].lsn);
    }
}

/* ---- what took it along ------------------------------------------------------------------- */

/* The finding of this object's removal, when that may have taken f along; -1: none. */
static int64_t taker(const search *s, const wpi_finding *f, wp_oid catalog, wp_oid oid)
{
    const uintptr_t n = (uintptr_t)wpi_table_get(&s->findings, (wpi_key){ catalog, f->db, oid });
    if (n == 0 || &s->in->findings[n - 1] == f)
        return -1;
    const uintptr_t locked = catalog == WPI_PG_CLASS
                                 ? (uintptr_t)wpi_table_get(&s->locks, (wpi_key){ f->db, oid, 0 })
                                 : 0;
    return locked > f->lsn ? -1 : (int64_t)n - 1;
}

/* Follows what it depended on, breadth first. */
static int64_t find_taker(const search *s, const wpi_finding *f, node from)
{
    node seen[STEPS_MAX];
    size_t nseen = 0;
    seen[nseen++] = from;
    for (size_t i = 0; i < nseen; i++) {
        const wpi_key key = { seen[i].catalog, f->db, seen[i].oid };
        uint32_t at = (uint32_t)(uintptr_t)wpi_table_get(&s->edges, key);
        for (; at; at = s->in->edges[at - 1].next) {
            const wpi_edge *edge = &s->in->edges[at - 1];
            if (edge->sub != seen[i].sub && edge->catalog != WPI_PG_REWRITE)
                continue;
            const int64_t found = taker(s, f, edge->ref_catalog, edge->ref_oid);
            if (found >= 0)
                return found;
            bool is_new = nseen < STEPS_MAX;
            for (size_t k = 0; is_new && k < nseen; k++)
                is_new = seen[k].catalog != edge->ref_catalog || seen[k].oid != edge->ref_oid;
            if (is_new)
                seen[nseen++] = (node){ edge->ref_catalog, edge->ref_oid, 0 };
        }
    }
    return -1;
}

static int64_t taker_of(const search *s, const wpi_finding *f)
{
    node at;
    if (!node_of(f, &at))
        return -1;
    int64_t found = -1;
    if (f->row && f->row->nsp && wp_event_kind_has_schema(f->kind) && at.sub == 0 && !f->part)
        found = taker(s, f, WPI_PG_NAMESPACE, f->row->nsp);
    return found >= 0 ? found : find_taker(s, f, at);
}

/* Each is told with the one that began it, however many steps away. */
static void follow_up(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nfindings; i++) {
        uint32_t top = i, steps = 0;
        while (in->findings[top].taken_by && steps++ < STEPS_MAX)
            top = in->findings[top].taken_by - 1;
        in->findings[i].taken_by = top == i || steps > STEPS_MAX ? 0 : top + 1;
    }
    for (uint32_t i = 0; i < in->nfindings; i++)
        if (in->findings[i].taken_by)
            in->findings[in->findings[i].taken_by - 1].took++;
}

void wpi_find_incidents(wpi_infer *in, const wpi_work *works, size_t n)
{
    search s = { .in = in };
    if (index_findings(&s) > 1) {
        index_edges(&s, in);
        index_locks(&s, works, n);
        for (uint32_t i = 0; i < in->nfindings; i++) {
            in->findings[i].taken_by = (uint32_t)(taker_of(&s, &in->findings[i]) + 1);
        }
        follow_up(in);
    }
    in->out_of_memory = in->out_of_memory || s.failed;
    wpi_table_free(&s.findings);
    wpi_table_free(&s.edges);
    wpi_table_free(&s.locks);
}
