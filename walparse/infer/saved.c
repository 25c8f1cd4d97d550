/*
 * saved.c - what a reducer knows, as bytes.
 *
 *     head | scalars | where transactions began | moved catalogs | transactions | catalogs | rules
 *
 * Structs are written as they lie in memory: the head tells whether they lie so here, too.
 */
#include <walparse/reducer.h>

#include "base/fail.h"
#include "infer/reducer_state.h"

/* Of what is written. Rises with every change of it that the sizes below do not show. */
#define SAVED_FORMAT 3

typedef struct head {
    char magic[8];
    uint32_t format, page_magic;
    uint32_t row_bytes, change_bytes, work_bytes, begun_bytes, file_bytes, number_bytes;
} head;

static head head_of(const wp_reducer *r)
{
    return (head){ .magic = { 'w', 'p', 's', 'a', 'v', 'e', 'd', '\n' },
                   .format = SAVED_FORMAT,
                   .page_magic = r->config.profile->page_magic,
                   .row_bytes = sizeof(wpi_row),
                   .change_bytes = sizeof(wpi_row_change),
                   .work_bytes = sizeof(wpi_work),
                   .begun_bytes = sizeof(wpi_begun),
                   .file_bytes = sizeof(wp_catalog_file),
                   .number_bytes = 0x01020304 };
}

wp_status wp_reducer_save(const wp_reducer *r,
                          bool (*write)(void *context, const void *bytes, size_t n), void *context,
                          wp_error *err)
{
    wpi_saver s = { write, context, false };
    const head own = head_of(r);
    wpi_save(&s, &own, sizeof own);
    wpi_save_number(&s, r->lsn);
    wpi_save_number(&s, r->last_record);
    wpi_save_number(&s, r->is_prev_known);
    wpi_save_number(&s, r->oldest_xid);
    wpi_save_number(&s, r->has_horizon);
    wpi_save_number(&s, r->astray.has_gap);
    wpi_save(&s, &r->begun, sizeof r->begun);
    wpi_moved_save(&r->moved, &s);
    wpi_xacts_save(&r->xacts, &s);
    wpi_catalog_save(r->catalog, &s);
    wpi_infer_save(r->infer, &s);
    return s.failed ? wpi_fail(err, WP_ERR_LIMIT, r->lsn, "it cannot be written") : WP_OK;
}

static void load_all(wp_reducer *r, wpi_loader *l)
{
    r->lsn = wpi_load_number(l);
    r->last_record = wpi_load_number(l);
    r->is_prev_known = wpi_load_number(l) != 0;
    r->oldest_xid = (wp_xid)wpi_load_number(l);
    r->has_horizon = wpi_load_number(l) != 0;
    r->astray.has_gap = wpi_load_number(l) != 0;
    wpi_load(l, &r->begun, sizeof r->begun);
    l->failed = l->failed || r->begun.nsteps > WPI_BEGUN_STEPS;
    if (!l->failed)
        wpi_moved_load(&r->moved, l);
    if (!l->failed)
        wpi_xacts_load(&r->xacts, l);
    if (!l->failed)
        wpi_catalog_load(r->catalog, l);
    if (!l->failed)
        wpi_infer_load(r->infer, l);
}

wp_status wp_reducer_load(wp_reducer *r, wp_view saved, wp_error *err)
{
    wpi_loader l = { .at = saved.bytes, .left = saved.len };
    const head own = head_of(r);
    const uint8_t *found = wpi_load_view(&l, sizeof own);
    if (!found || memcmp(found, &own, sizeof own) != 0)
        return wpi_fail(err, WP_ERR_VERSION, 0, "another version of this program has written it");
    load_all(r, &l);
    if (r->xacts.out_of_memory || r->moved.out_of_memory)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    if (l.failed || l.left != 0)
        return wpi_fail(err, WP_ERR_DAMAGE, 0, "it contradicts itself");
    return WP_OK;
}
