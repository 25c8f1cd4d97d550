/*
 * redo_heap2.c - rows that are pruned, frozen, inserted many at a time or locked after an update. Mirrors heap2_redo() of
 * access/heap/heapam_xlog.c, before 18 heapam.c, and heap_page_prune_execute() of pruneheap.c.
 */
#include "decode/prune.h"
#include "redo/rows.h"

static wp_page_fault set_all(wpi_redo_page *page, wpi_offsets list, uint8_t kind)
{
    wp_page_fault fault = WP_FAULT_NONE;
    for (size_t i = 0; i < list.n && fault == WP_FAULT_NONE; i++)
        fault = wpi_redo_page_set_pointer(page, wpi_u16(list.items + i * 2), kind, 0);
    return fault;
}

static wp_page_fault set_pointers(wpi_redo_page *page, const wpi_prune_lists *p)
{
    for (size_t i = 0; i < p->redirected.n; i++) {
        const uint8_t *pair = p->redirected.items + i * 4;
        const wp_page_fault fault =
            wpi_redo_page_set_pointer(page, wpi_u16(pair), WPI_POINTER_REDIRECT, wpi_u16(pair + 2));
        if (fault != WP_FAULT_NONE)
            return fault;
    }
    const wp_page_fault fault = set_all(page, p->dead, WPI_POINTER_DEAD);
    return fault != WP_FAULT_NONE ? fault : set_all(page, p->unused, WPI_POINTER_UNUSED);
}

static wp_page_fault prune(const wp_profile *profile, wpi_redo_page *page, const wpi_prune_lists *p)
{
    const wp_page_fault fault = set_pointers(page, p);
    if (fault != WP_FAULT_NONE)
        return fault;
    return wpi_redo_page_compact(page, profile->compacts_by_pointer, profile->prune_drops_pointers);
}

/* ---- freezing: plans of 12 bytes ------------------------------------------------------------------- */

#define FREEZE_XVAC 0x02
#define INVALID_XVAC 0x04
#define FROZEN_XID 2

/* What becomes of a row. */
typedef struct frozen {
    uint32_t xmax;
    uint16_t infomask2, infomask;
    uint8_t flags;
} frozen;

static wp_page_fault freeze(wpi_redo_page *page, uint16_t number, const frozen *to)
{
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(page, number, &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    wpi_put_u32_at(row.bytes + WPI_ROW_XMAX_AT, to->xmax);
    if (to->flags
        & (FREEZE_XVAC | INVALID_XVAC)) /* of a VACUUM FULL before 9.0: in place of the command */
        wpi_put_u32_at(row.bytes + WPI_ROW_CID_AT, to->flags & INVALID_XVAC ? 0 : FROZEN_XID);
    wpi_put_u16_at(row.bytes + WPI_ROW_INFOMASK_AT, to->infomask);
    wpi_put_u16_at(row.bytes + WPI_ROW_INFOMASK2_AT, to->infomask2);
    return WP_FAULT_NONE;
}

/* From 16 on: u32 xmax, u16 infomask2, u16 infomask, u8 flags, a byte of padding, u16 ntuples; offsets come after all plans. */
static wp_page_fault freeze_by_plans(wpi_redo_page *page, const uint8_t *plans, size_t nplans,
                                     wpi_cursor *c)
{
    for (size_t i = 0; i < nplans; i++) {
        const uint8_t *p = plans + i * WPI_PLAN_BYTES;
        const frozen to = { wpi_u32(p), wpi_u16(p + 4), wpi_u16(p + 6), p[8] };
        const wpi_offsets rows = wpi_take_offsets(c, wpi_u16(p + 10), 1);
        if (c->overrun)
            return WP_FAULT_RECORD;
        for (size_t row = 0; row < rows.n; row++) {
            const wp_page_fault fault = freeze(page, wpi_u16(rows.items + row * 2), &to);
            if (fault != WP_FAULT_NONE)
                return fault;
        }
    }
    return wpi_left(c) == 0 ? WP_FAULT_NONE : WP_FAULT_RECORD;
}

/* FREEZE_PAGE before 16: u32 xid, u16 ntuples; block 0: u32 xmax, u16 offset, u16 infomask2, u16 infomask, u8 flags, padding */
static wp_page_fault freeze_rows(const wpi_record *record, wpi_stored *stored)
{
    const wp_view data = wpi_record_block(record, 0)->data;
    const size_t n = wpi_u16(record->main.bytes + 4);
    if (data.len != n * WPI_PLAN_BYTES)
        return WP_FAULT_RECORD;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = data.bytes + i * WPI_PLAN_BYTES;
        const frozen to = { wpi_u32(p), wpi_u16(p + 6), wpi_u16(p + 8), p[10] };
        const wp_page_fault fault = freeze(&stored->page, wpi_u16(p + 4), &to);
        if (fault != WP_FAULT_NONE)
            return fault;
    }
    return WP_FAULT_NONE;
}

/* FREEZE_PAGE of 16: u32 xid, u16 nplans, u8 is catalog; block 0: plans and offsets */
static wp_page_fault freeze_plans(const wpi_record *record, wpi_stored *stored)
{
    wpi_cursor c = wpi_cursor_of(wpi_record_block(record, 0)->data);
    const size_t nplans = wpi_u16(record->main.bytes + 4);
    const uint8_t *plans = wpi_take(&c, nplans * WPI_PLAN_BYTES);
    return c.overrun ? WP_FAULT_RECORD : freeze_by_plans(&stored->page, plans, nplans, &c);
}

/* ---- CLEAN, PRUNE before 17: u32 xid, u16 nredirected, u16 ndead; block 0: the lists, the rest is unused ---- */

static wp_page_fault clean(const wpi_record *record, wpi_stored *stored)
{
    const uint8_t *main = record->main.bytes;
    wpi_cursor c = wpi_cursor_of(wpi_record_block(record, 0)->data);
    wpi_prune_lists p = { .redirected = wpi_take_offsets(&c, wpi_u16(main + 4), 2) };
    p.dead = wpi_take_offsets(&c, wpi_u16(main + 6), 1);
    if (c.overrun || wpi_left(&c) % 2 != 0)
        return WP_FAULT_RECORD;
    p.unused = wpi_take_offsets(&c, wpi_left(&c) / 2, 1);
    return prune(record->profile, &stored->page, &p);
}

/* ---- VACUUM, 14 to 16: u16 nunused; block 0: the list ------------------------------------------------- */

static wp_page_fault vacuum(const wpi_record *record, wpi_stored *stored)
{
    const size_t n = wpi_u16(record->main.bytes);
    wpi_cursor c = wpi_cursor_of(wpi_record_block(record, 0)->data);
    const wpi_offsets unused = wpi_take_offsets(&c, n, 1);
    if (c.overrun || wpi_left(&c) > 0)
        return WP_FAULT_RECORD;
    const wp_page_fault fault = set_all(&stored->page, unused, WPI_POINTER_UNUSED);
    if (fault == WP_FAULT_NONE)
        wpi_redo_page_drop_pointers(&stored->page);
    return fault;
}

/* ---- PRUNE_* from 17 on: u8 or u16 flags, then u32 xid; block 0: the lists, then offsets of the plans ---- */

static wp_page_fault prune_and_freeze(const wpi_run *run, wpi_redo_page *page, unsigned flags)
{
    wpi_cursor c = wpi_cursor_of(wpi_record_block(run->record, 0)->data);
    wpi_prune_lists p;
    if (!wpi_take_prune_lists(&c, flags, &p))
        return WP_FAULT_RECORD;
    /* Without the lock for it rows stay where they are: only line pointers without a row become free. */
    wp_page_fault fault = WP_FAULT_NONE;
    if (!(flags & WPI_PRUNE_CLEANUP_LOCK)) {
        fault = p.redirected.n + p.dead.n > 0 ? WP_FAULT_RECORD : set_pointers(page, &p);
        if (fault == WP_FAULT_NONE && p.unused.n > 0)
            wpi_redo_page_drop_pointers(page);
    } else if (p.redirected.n + p.dead.n + p.unused.n > 0) {
        fault = prune(run->record->profile, page, &p);
    }
    return fault != WP_FAULT_NONE ? fault : freeze_by_plans(page, p.plans, p.nplans, &c);
}

static void redo_prune_and_freeze(wpi_run *run)
{
    const unsigned flags = wpi_prune_flags(run->record);
    const unsigned changes =
        WPI_PRUNE_HAS_PLANS | WPI_PRUNE_HAS_REDIRECTED | WPI_PRUNE_HAS_DEAD | WPI_PRUNE_HAS_UNUSED;
    wpi_stored *stored = wpi_run_page(run, 0);
    if (!stored)
        return;
    if (flags & WPI_PRUNE_ALL_VISIBLE) {
        wpi_redo_page_set_flags(&stored->page, 0, WPI_PAGE_ALL_VISIBLE);
        stored->is_changed = true;
    }
    /* Without other changes the LSN stays, as with VISIBLE. */
    if (flags & changes)
        wpi_run_done(run, stored, prune_and_freeze(run, &stored->page, flags));
}

/*
 * ---- VISIBLE, before 19: block 1 is the table's ----
 * The server gives the page this LSN where it logs hints, too. No earlier record comes after this one, so it is left as it is.
 */

static void redo_visible(wpi_run *run)
{
    wpi_stored *stored = wpi_run_page(run, 1);
    if (!stored)
        return;
    wpi_redo_page_set_flags(&stored->page, 0, WPI_PAGE_ALL_VISIBLE);
    stored->is_changed = true;
    run->store->counts.changed++;
}

/*
 * ---- MULTI_INSERT: u8 flags, a byte of padding, u16 ntuples, u16 offsets unless the page is new ----
 * block 0, a row: u16 length, head, bits and columns; each begins at an even place
 */

#define MULTI_INSERT_OFFSETS_AT 4

static wp_page_fault insert_many(const wpi_record *record, wpi_stored *stored)
{
    const bool is_init = record->info & WPI_HEAP_INIT_PAGE;
    const uint8_t flags = record->main.bytes[0];
    const size_t n = wpi_u16(record->main.bytes + 2);
    if (!is_init && record->main.len < MULTI_INSERT_OFFSETS_AT + n * 2)
        return WP_FAULT_RECORD;
    const uint8_t *numbers = record->main.bytes + MULTI_INSERT_OFFSETS_AT;
    wpi_cursor c = wpi_cursor_of(wpi_record_block(record, 0)->data);
    wpi_new_row row;
    for (size_t i = 0; i < n; i++) {
        const uint16_t number = is_init ? (uint16_t)(i + 1) : wpi_u16(numbers + i * 2);
        wpi_align(&c, 2);
        const size_t len = wpi_take_u16(&c);
        const uint8_t *head = wpi_take(&c, WPI_ROW_HEAD_BYTES);
        const uint8_t *rest = wpi_take(&c, len);
        if (c.overrun)
            return WP_FAULT_RECORD;
        wpi_new_row_begin(&row, record, head, stored->block, number);
        if (!wpi_new_row_append(&row, rest, len))
            return WP_FAULT_RECORD;
        const wp_page_fault fault = wpi_new_row_add(&row, &stored->page, number);
        if (fault != WP_FAULT_NONE)
            return fault;
    }
    if (wpi_left(&c) > 0)
        return WP_FAULT_RECORD;
    if (flags & WPI_INSERT_ALL_VISIBLE_CLEARED)
        wpi_redo_page_set_flags(&stored->page, WPI_PAGE_ALL_VISIBLE, 0);
    if (flags & WPI_INSERT_ALL_FROZEN_SET)
        wpi_redo_page_set_flags(&stored->page, 0, WPI_PAGE_ALL_VISIBLE);
    return WP_FAULT_NONE;
}

static void redo_multi_insert(wpi_run *run)
{
    wpi_stored *stored = wpi_run_row_page(run);
    if (stored)
        wpi_run_done(run, stored, insert_many(run->record, stored));
}

/* ---- LOCK_UPDATED: u32 xmax, u16 offset, u8 infobits ---------------------------------------------------- */

static wp_page_fault lock_updated(const wpi_record *record, wpi_stored *stored)
{
    const uint8_t *main = record->main.bytes;
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(&stored->page, wpi_u16(main + 4), &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    wpi_row_set_infobits(row.bytes, main[6]);
    wpi_put_u32_at(row.bytes + WPI_ROW_XMAX_AT, wpi_u32(main));
    return WP_FAULT_NONE;
}

/* ---- the operations --------------------------------------------------------------------------------------- */

static const wpi_redo_op ops[] = {
    { 0x00, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* REWRITE: for logical decoding */
    { 0x10, 2, { 1700, FOREVER }, .redo = redo_prune_and_freeze },
    { 0x20, 2, { 1700, FOREVER }, .redo = redo_prune_and_freeze },
    { 0x30, 2, { 1700, FOREVER }, .redo = redo_prune_and_freeze },
    { 0x10, 8, { ALWAYS, 1700 }, .change = clean }, /* CLEAN, PRUNE */
    { 0x20, 2, { 1400, 1700 }, .change = vacuum },
    { 0x20, 6, { ALWAYS, 1400 }, .change = freeze_rows },
    { 0x30, 7, { 1600, 1700 }, .change = freeze_plans },
    { 0x30, 6, { 1400, 1600 }, .change = freeze_rows },
    { 0x30, 0, { ALWAYS, 1400 }, .redo = NULL }, /* CLEANUP_INFO: for queries on standbys */
    { 0x40, 4, { ALWAYS, 1900 }, .redo = redo_visible },
    { 0x50, 4, { ALWAYS, FOREVER }, .redo = redo_multi_insert },
    { 0x60, 7, { ALWAYS, FOREVER }, .change = lock_updated },
    { 0x70, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* NEW_CID: for logical decoding */
};

const wpi_redo_ops wpi_redo_heap2 = REDO_OPS(ops, WPI_HEAP_OP_MASK);
