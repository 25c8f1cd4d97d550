/*
 * xacts.c - the transactions that run, see xacts.h.
 */
#include "infer/xacts.h"

#include <stdlib.h>
#include <string.h>

/* Works whose memory an ended transaction leaves for the next one. */
#define KEPT_WORKS 256

static wpi_key xid_key(wp_xid xid)
{
    return (wpi_key){ xid, 0, 0 };
}

wpi_xact *wpi_xacts_find(const wpi_xacts *all, wp_xid xid)
{
    return wpi_table_get(&all->table, xid_key(xid));
}

wpi_xact *wpi_xacts_next(const wpi_xacts *all, size_t *at)
{
    return wpi_table_next(&all->table, at);
}

bool wpi_xacts_is_running(const void *context, wp_xid xid)
{
    return xid && wpi_xacts_find(context, xid) != NULL;
}

wpi_xact *wpi_xacts_need(wpi_xacts *all, wp_xid xid)
{
    wpi_xact *x = wpi_xacts_find(all, xid);
    if (x)
        return x;
    x = all->spare;
    if (x)
        all->spare = x->next_spare;
    else
        x = calloc(1, sizeof *x);
    if (!x || !wpi_table_put(&all->table, xid_key(xid), x)) {
        free(x ? x->works : NULL);
        free(x);
        all->out_of_memory = true;
        return NULL;
    }
    x->xid = xid;
    x->first_lsn = UINT64_MAX;
    x->new_class = 0;
    x->touched = 0;
    x->is_torn = false;
    return x;
}

static bool owns_row(const wpi_work *work)
{
    return work->kind == WPI_WORK_INSERTED || work->kind == WPI_WORK_UPDATED
           || work->kind == WPI_WORK_DELETED;
}

static void forget_works(wpi_xacts *all, wpi_xact *x)
{
    for (uint32_t i = 0; i < x->nworks; i++)
        if (owns_row(&x->works[i])) {
            free(x->works[i].of.row);
            all->pending_bytes -= sizeof(wpi_row_change);
        }
    x->nworks = 0;
}

static void release_works(wpi_xacts *all, wpi_xact *x)
{
    all->pending_bytes -= x->room * sizeof *x->works;
    free(x->works);
    x->works = NULL;
    x->room = 0;
}

void wpi_xacts_end(wpi_xacts *all, wpi_xact *x)
{
    (void)wpi_table_take(&all->table, xid_key(x->xid));
    forget_works(all, x);
    free(x->gid);
    x->gid = NULL;
    x->is_prepared = false;
    if (x->room > KEPT_WORKS)
        release_works(all, x);
    x->next_spare = all->spare;
    all->spare = x;
}

static void free_xact(wpi_xacts *all, wpi_xact *x)
{
    forget_works(all, x);
    release_works(all, x);
    free(x->gid);
    free(x);
}

/* Over the limit on memory: what is pending is given up, and the result says so. */
static bool may_keep(wpi_xacts *all, size_t bytes)
{
    if (all->pending_bytes + bytes <= WP_PENDING_BYTES_MAX) {
        all->pending_bytes += bytes;
        return true;
    }
    all->has_forgotten = true;
    return false;
}

wpi_work *wpi_xacts_add_work(wpi_xacts *all, wp_xid xid, wpi_work_kind kind, wp_lsn lsn)
{
    wpi_xact *x = xid ? wpi_xacts_need(all, xid) : NULL;
    if (!x)
        return NULL;
    if (x->nworks == x->room) {
        const uint32_t room = x->room ? x->room * 2 : 8;
        if (!may_keep(all, (room - x->room) * sizeof *x->works))
            return NULL;
        wpi_work *grown = realloc(x->works, room * sizeof *grown);
        if (!grown) {
            all->out_of_memory = true;
            return NULL;
        }
        x->works = grown;
        x->room = room;
    }
    if (lsn < x->first_lsn)
        x->first_lsn = lsn;
    wpi_work *work = &x->works[x->nworks++];
    *work = (wpi_work){ .kind = kind, .lsn = lsn };
    return work;
}

void wpi_xacts_add_row(wpi_xacts *all, wp_xid xid, wpi_work_kind kind, wp_lsn lsn,
                       const wpi_row_change *change)
{
    if (!may_keep(all, sizeof *change))
        return;
    wpi_row_change *kept = malloc(sizeof *kept);
    wpi_work *work = kept ? wpi_xacts_add_work(all, xid, kind, lsn) : NULL;
    if (!work) {
        all->out_of_memory = all->out_of_memory || !kept;
        all->pending_bytes -= sizeof *change;
        free(kept);
        return;
    }
    *kept = *change;
    work->of.row = kept;
}

void wpi_xacts_prepare(wpi_xacts *all, wp_xid xid, const char *gid)
{
    wpi_xact *x = wpi_xacts_need(all, xid);
    if (!x)
        return;
    x->is_prepared = true;
    if (!gid)
        return;
    const size_t bytes = strlen(gid) + 1;
    free(x->gid);
    x->gid = malloc(bytes);
    if (x->gid)
        memcpy(x->gid, gid, bytes);
    else
        all->out_of_memory = true;
}

/* Forgets every transaction the test picks, but never a prepared one. */
static void discard(wpi_xacts *all, bool (*picks)(const wpi_xact *x, wp_xid xid), wp_xid xid)
{
    wpi_xact *gone = NULL;
    size_t at = 0;
    for (wpi_xact *x; (x = wpi_table_next(&all->table, &at));)
        if (!x->is_prepared && picks(x, xid)) {
            x->next_spare = gone;
            gone = x;
        }
    while (gone) {
        wpi_xact *next = gone->next_spare;
        wpi_xacts_end(all, gone);
        gone = next;
    }
}

static bool is_any(const wpi_xact *x, wp_xid xid)
{
    (void)x;
    (void)xid;
    return true;
}

static bool is_older(const wpi_xact *x, wp_xid xid)
{
    return wp_xid_precedes(x->xid, xid);
}

void wpi_xacts_end_older(wpi_xacts *all, wp_xid xid)
{
    discard(all, is_older, xid);
}

void wpi_xacts_end_all(wpi_xacts *all)
{
    discard(all, is_any, 0);
}

void wpi_xacts_after_gap(wpi_xacts *all)
{
    size_t at = 0;
    for (wpi_xact *x; (x = wpi_table_next(&all->table, &at));)
        x->is_torn = true;
}

/* ---- saving ------------------------------------------------------------------------------- */

static void save_xact(wpi_saver *s, const wpi_xact *x)
{
    const size_t gid_bytes = x->gid ? strlen(x->gid) + 1 : 0;
    wpi_save_number(s, x->xid);
    wpi_save_number(s, x->first_lsn);
    wpi_save_number(s, x->new_class);
    wpi_save_number(s, x->touched);
    wpi_save_number(s, (x->is_prepared ? 1u : 0u) | (x->is_torn ? 2u : 0u));
    wpi_save_number(s, gid_bytes);
    wpi_save(s, x->gid, gid_bytes);
    wpi_save_number(s, x->nworks);
    for (uint32_t i = 0; i < x->nworks; i++) {
        wpi_save(s, &x->works[i], sizeof x->works[i]);
        if (owns_row(&x->works[i]))
            wpi_save(s, x->works[i].of.row, sizeof(wpi_row_change));
    }
}

void wpi_xacts_save(const wpi_xacts *all, wpi_saver *s)
{
    size_t at = 0;
    wpi_save_number(s, all->has_forgotten);
    wpi_save_number(s, all->table.used);
    for (const wpi_xact *x; (x = wpi_table_next(&all->table, &at));)
        save_xact(s, x);
}

static bool load_work(wpi_xacts *all, wpi_loader *l, wp_xid xid)
{
    wpi_work work;
    wpi_row_change change;
    wpi_load(l, &work, sizeof work);
    if (l->failed || (unsigned)work.kind > WPI_WORK_TABLESPACE_REMOVED)
        return false;
    if (!owns_row(&work)) {
        wpi_work *to = wpi_xacts_add_work(all, xid, work.kind, work.lsn);
        if (to)
            to->of = work.of;
        return to != NULL;
    }
    wpi_load(l, &change, sizeof change);
    if (!l->failed)
        wpi_xacts_add_row(all, xid, work.kind, work.lsn, &change);
    return !l->failed;
}

static bool load_xact(wpi_xacts *all, wpi_loader *l)
{
    const wp_xid xid = (wp_xid)wpi_load_number(l);
    wpi_xact *x = xid && !l->failed ? wpi_xacts_need(all, xid) : NULL;
    if (!x)
        return false;
    x->first_lsn = wpi_load_number(l);
    x->new_class = (wp_oid)wpi_load_number(l);
    x->touched = (uint32_t)wpi_load_number(l);
    const uint64_t flags = wpi_load_number(l);
    x->is_torn = flags & 2;
    const size_t gid_bytes = wpi_load_count(l, 1);
    const char *gid = (const char *)wpi_load_view(l, gid_bytes);
    if (l->failed || (gid_bytes && gid[gid_bytes - 1] != '\0'))
        return false;
    if (flags & 1)
        wpi_xacts_prepare(all, xid, gid_bytes ? gid : NULL);
    size_t n = wpi_load_count(l, sizeof(wpi_work));
    while (n > 0 && load_work(all, l, xid))
        n--;
    return n == 0;
}

void wpi_xacts_load(wpi_xacts *all, wpi_loader *l)
{
    all->has_forgotten = wpi_load_number(l) != 0;
    size_t n = wpi_load_count(l, 8);
    while (n > 0 && load_xact(all, l))
        n--;
    l->failed = l->failed || n > 0;
}

void wpi_xacts_free(wpi_xacts *all)
{
    size_t at = 0;
    for (wpi_xact *x; (x = wpi_table_next(&all->table, &at));)
        free_xact(all, x);
    for (wpi_xact *next; all->spare; all->spare = next) {
        next = all->spare->next_spare;
        free_xact(all, all->spare);
    }
    wpi_table_free(&all->table);
}
