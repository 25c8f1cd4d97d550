/*
 * redo_heap.c - rows that come, change and go. Mirrors heap_redo() of access/heap/heapam_xlog.c, before 18 heapam.c, and
 * access/heapam_xlog.h.
 */
#include "redo/rows.h"

/* Bits of the flags of DELETE. */
#define DELETE_ALL_VISIBLE_CLEARED 0x01
#define DELETE_IS_SUPER 0x08
#define DELETE_IS_PARTITION_MOVE 0x10
/* Of UPDATE and HOT_UPDATE. */
#define UPDATE_OLD_ALL_VISIBLE_CLEARED 0x01
#define UPDATE_NEW_ALL_VISIBLE_CLEARED 0x02
#define UPDATE_PREFIX_FROM_OLD 0x20
#define UPDATE_SUFFIX_FROM_OLD 0x40

static void clear_all_visible(wpi_redo_page *page, bool is_cleared)
{
    if (is_cleared)
        wpi_redo_page_set_flags(page, WPI_PAGE_ALL_VISIBLE, 0);
}

/* Commands are not replayed: all have number 0. */
static void set_first_command(uint8_t *row)
{
    wpi_put_u32_at(row + WPI_ROW_CID_AT, 0);
    wpi_row_change_infomask(row, WPI_COMBO_CID, 0);
}

/* ---- INSERT: u16 offset, u8 flags; block 0: head and row --------------------------------------- */

static wp_page_fault insert(const wpi_record *record, wpi_stored *stored)
{
    const wp_view data = wpi_record_block(record, 0)->data;
    const uint16_t number = wpi_u16(record->main.bytes);
    wpi_new_row row;
    if (data.len <= WPI_ROW_HEAD_BYTES)
        return WP_FAULT_RECORD;
    wpi_new_row_begin(&row, record, data.bytes, stored->block, number);
    if (!wpi_new_row_append(&row, data.bytes + WPI_ROW_HEAD_BYTES, data.len - WPI_ROW_HEAD_BYTES))
        return WP_FAULT_RECORD;
    clear_all_visible(&stored->page, record->main.bytes[2] & WPI_INSERT_ALL_VISIBLE_CLEARED);
    return wpi_new_row_add(&row, &stored->page, number);
}

static void redo_insert(wpi_run *run)
{
    wpi_stored *stored = wpi_run_row_page(run);
    if (stored)
        wpi_run_done(run, stored, insert(run->record, stored));
}

/* ---- DELETE: u32 xmax, u16 offset, u8 infobits, u8 flags ----------------------------------------- */

static wp_page_fault delete (const wpi_record *record, wpi_stored *stored)
{
    const uint8_t *main = record->main.bytes;
    const uint16_t number = wpi_u16(main + 4);
    const uint8_t flags = main[7];
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(&stored->page, number, &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    wpi_row_set_infobits(row.bytes, main[6]);
    wpi_row_change_infomask2(row.bytes, WPI_HOT_UPDATED, 0);
    if (flags & DELETE_IS_SUPER)
        wpi_put_u32_at(row.bytes + WPI_ROW_XMIN_AT, 0);
    else
        wpi_put_u32_at(row.bytes + WPI_ROW_XMAX_AT, wpi_u32(main));
    set_first_command(row.bytes);
    if (flags & DELETE_IS_PARTITION_MOVE)
        wpi_row_set_ctid(row.bytes, WPI_MOVED_PARTITIONS_BLOCK, WPI_MOVED_PARTITIONS_ITEM);
    else
        wpi_row_set_ctid(row.bytes, stored->block, number);
    wpi_redo_page_set_prunable(&stored->page, record->xid);
    clear_all_visible(&stored->page, flags & DELETE_ALL_VISIBLE_CLEARED);
    return WP_FAULT_NONE;
}

/*
 * ---- UPDATE, HOT_UPDATE: u32 old xmax, u16 old offset, u8 old infobits, u8 flags, u32 new xmax, u16 new offset ----
 * block 0, the new row's page: [u16 prefix length] [u16 suffix length] head, bits, and what lies between prefix and suffix;
 * block 1: the old row's page, where it is another one.
 */

static wp_page_fault update_old(const wpi_run *run, bool is_hot, wpi_redo_page *page,
                                uint32_t new_block)
{
    const uint8_t *main = run->record->main.bytes;
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(page, wpi_u16(main + 4), &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    wpi_row_set_infobits(row.bytes, main[6]);
    wpi_row_change_infomask2(row.bytes, WPI_HOT_UPDATED, is_hot ? WPI_HOT_UPDATED : 0);
    wpi_put_u32_at(row.bytes + WPI_ROW_XMAX_AT, wpi_u32(main));
    set_first_command(row.bytes);
    wpi_row_set_ctid(row.bytes, new_block, wpi_u16(main + 12));
    wpi_redo_page_set_prunable(page, run->record->xid);
    clear_all_visible(page, main[7] & UPDATE_OLD_ALL_VISIBLE_CLEARED);
    return WP_FAULT_NONE;
}

/* What the new row takes from the old one: nothing of a row that is not there. */
typedef struct shared_parts {
    size_t prefix, suffix;
    wpi_row old;
} shared_parts;

static wp_page_fault take_shared(const wpi_redo_page *old_page, uint16_t old_number, uint8_t flags,
                                 wpi_cursor *c, shared_parts *out)
{
    *out = (shared_parts){ 0 };
    if (flags & UPDATE_PREFIX_FROM_OLD)
        out->prefix = wpi_take_u16(c);
    if (flags & UPDATE_SUFFIX_FROM_OLD)
        out->suffix = wpi_take_u16(c);
    if (out->prefix + out->suffix == 0)
        return WP_FAULT_NONE;
    if (!old_page)
        return WP_FAULT_RECORD;
    const wp_page_fault fault = wpi_redo_page_row(old_page, old_number, &out->old);
    if (fault != WP_FAULT_NONE)
        return fault;
    const size_t user = (size_t)out->old.len - out->old.hoff;
    return out->prefix > user || out->suffix > user ? WP_FAULT_RECORD : WP_FAULT_NONE;
}

/* old_page: where the old row is, if that is the same page. */
static wp_page_fault build_new(const wpi_run *run, const wpi_redo_page *old_page, uint32_t block,
                               wpi_new_row *row)
{
    const wpi_record *record = run->record;
    const uint8_t *main = record->main.bytes;
    wpi_cursor c = wpi_cursor_of(wpi_record_block(record, 0)->data);
    shared_parts shared;
    const wp_page_fault fault = take_shared(old_page, wpi_u16(main + 4), main[7], &c, &shared);
    if (fault != WP_FAULT_NONE)
        return fault;
    const uint8_t *head = wpi_take(&c, WPI_ROW_HEAD_BYTES);
    if (!head || head[4] < WPI_ROW_BITS_AT)
        return WP_FAULT_RECORD;
    wpi_new_row_begin(row, record, head, block, wpi_u16(main + 12));
    wpi_put_u32_at(row->bytes + WPI_ROW_XMAX_AT, wpi_u32(main + 8));

    bool fits = true;
    if (shared.prefix > 0) {
        const size_t bits = (size_t)head[4] - WPI_ROW_BITS_AT;
        const uint8_t *bitmap = wpi_take(&c, bits);
        if (!bitmap && bits > 0)
            return WP_FAULT_RECORD;
        fits = wpi_new_row_append(row, bitmap, bits)
               && wpi_new_row_append(row, shared.old.bytes + shared.old.hoff, shared.prefix);
    }
    fits = fits && wpi_new_row_append(row, c.pos, wpi_left(&c));
    if (shared.suffix > 0)
        fits = fits
               && wpi_new_row_append(row, shared.old.bytes + shared.old.len - shared.suffix,
                                     shared.suffix);
    return fits ? WP_FAULT_NONE : WP_FAULT_RECORD;
}

static wp_page_fault add_new(const wpi_run *run, wpi_redo_page *page, const wpi_new_row *row)
{
    const uint8_t *main = run->record->main.bytes;
    clear_all_visible(page, main[7] & UPDATE_NEW_ALL_VISIBLE_CLEARED);
    return wpi_new_row_add(row, page, wpi_u16(main + 12));
}

static void update_within_page(wpi_run *run, bool is_hot)
{
    wpi_stored *stored = wpi_run_page(run, 0);
    if (!stored)
        return;
    wpi_new_row row;
    wp_page_fault fault = build_new(run, &stored->page, stored->block, &row);
    if (fault == WP_FAULT_NONE)
        fault = update_old(run, is_hot, &stored->page, stored->block);
    if (fault == WP_FAULT_NONE)
        fault = add_new(run, &stored->page, &row);
    wpi_run_done(run, stored, fault);
}

static void update(wpi_run *run, bool is_hot)
{
    const wpi_block *new_block = wpi_record_block(run->record, 0);
    const wpi_block *old_block = wpi_record_block(run->record, 1);
    if (!new_block) {
        wpi_run_damage(run, WP_FAULT_RECORD);
        return;
    }
    if (!old_block || old_block->number == new_block->number) {
        update_within_page(run, is_hot);
        return;
    }
    wpi_stored *stored = wpi_run_page(run, 1);
    if (stored)
        wpi_run_done(run, stored, update_old(run, is_hot, &stored->page, new_block->number));

    stored = wpi_run_row_page(run);
    if (!stored)
        return;
    wpi_new_row row;
    wp_page_fault fault = build_new(run, NULL, stored->block, &row);
    if (fault == WP_FAULT_NONE)
        fault = add_new(run, &stored->page, &row);
    wpi_run_done(run, stored, fault);
}

static void redo_update(wpi_run *run)
{
    update(run, false);
}

static void redo_hot_update(wpi_run *run)
{
    update(run, true);
}

/* ---- CONFIRM: u16 offset ------------------------------------------------------------------------- */

static wp_page_fault confirm(const wpi_record *record, wpi_stored *stored)
{
    const uint16_t number = wpi_u16(record->main.bytes);
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(&stored->page, number, &row);
    if (fault == WP_FAULT_NONE)
        wpi_row_set_ctid(row.bytes, stored->block, number);
    return fault;
}

/* ---- LOCK: u32 xmax, u16 offset, u8 infobits ------------------------------------------------------- */

static wp_page_fault lock(const wpi_record *record, wpi_stored *stored)
{
    const uint8_t *main = record->main.bytes;
    const uint16_t number = wpi_u16(main + 4);
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(&stored->page, number, &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    wpi_row_set_infobits(row.bytes, main[6]);
    if (wpi_row_is_only_locked(wpi_u16(row.bytes + WPI_ROW_INFOMASK_AT))) {
        wpi_row_change_infomask2(row.bytes, WPI_HOT_UPDATED, 0);
        wpi_row_set_ctid(row.bytes, stored->block, number);
    }
    wpi_put_u32_at(row.bytes + WPI_ROW_XMAX_AT, wpi_u32(main));
    set_first_command(row.bytes);
    return WP_FAULT_NONE;
}

/* ---- INPLACE: u16 offset; block 0: all columns of the row, as long as before ------------------------- */

static wp_page_fault change_in_place(const wpi_record *record, wpi_stored *stored)
{
    const wp_view data = wpi_record_block(record, 0)->data;
    wpi_row row;
    const wp_page_fault fault = wpi_redo_page_row(&stored->page, wpi_u16(record->main.bytes), &row);
    if (fault != WP_FAULT_NONE)
        return fault;
    if (data.len != (size_t)row.len - row.hoff)
        return WP_FAULT_RECORD;
    if (data.len > 0)
        memcpy(row.bytes + row.hoff, data.bytes, data.len);
    return WP_FAULT_NONE;
}

/* ---- the operations -------------------------------------------------------------------------------- */

static const wpi_redo_op ops[] = {
    { 0x00, 3, { ALWAYS, FOREVER }, .redo = redo_insert },
    { 0x10, 8, { ALWAYS, FOREVER }, .change = delete },
    { 0x20, 14, { ALWAYS, FOREVER }, .redo = redo_update },
    { 0x30, 0, { 1100, FOREVER }, .redo = NULL }, /* TRUNCATE: for logical decoding */
    { 0x40, 14, { ALWAYS, FOREVER }, .redo = redo_hot_update },
    { 0x50, 2, { ALWAYS, FOREVER }, .change = confirm },
    { 0x60, 7, { ALWAYS, FOREVER }, .change = lock },
    { 0x70, 2, { ALWAYS, FOREVER }, .change = change_in_place },
};

const wpi_redo_ops wpi_redo_heap = REDO_OPS(ops, WPI_HEAP_OP_MASK);
