/*
 * page.c - see page.h.
 */
#include "redo/page.h"

#include <assert.h>
#include <stdlib.h>

#include "format/image.h"

#define LSN_AT 0
#define FLAGS_AT 10
#define LOWER_AT 12
#define UPPER_AT 14
#define SPECIAL_AT 16
#define SIZE_AT 18
#define PRUNE_XID_AT 20
#define LAYOUT_VERSION 4
#define POINTERS_MAX (WPI_BLOCK_BYTES_MAX / WPI_POINTER_BYTES)

static uint16_t number_at(const wpi_redo_page *page, size_t at)
{
    return wpi_u16(page->bytes + at);
}

static uint32_t aligned(const wpi_redo_page *page, uint32_t n)
{
    const uint32_t mask = page->max_align - 1U;
    return (n + mask) & ~mask;
}

wp_lsn wpi_redo_page_lsn(const wpi_redo_page *page)
{
    return (wp_lsn)wpi_u32(page->bytes + LSN_AT) << 32 | wpi_u32(page->bytes + LSN_AT + 4);
}

void wpi_redo_page_set_lsn(wpi_redo_page *page, wp_lsn lsn)
{
    wpi_put_u32_at(page->bytes + LSN_AT, (uint32_t)(lsn >> 32));
    wpi_put_u32_at(page->bytes + LSN_AT + 4, (uint32_t)lsn);
}

uint16_t wpi_redo_page_special(const wpi_redo_page *page)
{
    return number_at(page, SPECIAL_AT);
}

bool wpi_redo_page_is_new(const wpi_redo_page *page)
{
    return number_at(page, UPPER_AT) == 0;
}

void wpi_redo_page_init(wpi_redo_page *page)
{
    wpi_redo_page_init_special(page, 0);
}

void wpi_redo_page_init_special(wpi_redo_page *page, uint16_t special_bytes)
{
    const uint16_t special = (uint16_t)(page->size - aligned(page, special_bytes));
    memset(page->bytes, 0, page->size);
    wpi_put_u16_at(page->bytes + LOWER_AT, WPI_PAGE_HEADER_BYTES);
    wpi_put_u16_at(page->bytes + UPPER_AT, special);
    wpi_put_u16_at(page->bytes + SPECIAL_AT, special);
    wpi_put_u16_at(page->bytes + SIZE_AT, (uint16_t)(page->size | LAYOUT_VERSION));
}

static bool has_ordered_parts(const wpi_redo_page *page)
{
    const uint16_t lower = number_at(page, LOWER_AT), upper = number_at(page, UPPER_AT);
    const uint16_t special = number_at(page, SPECIAL_AT);
    return lower <= upper && upper <= special && special <= page->size
           && aligned(page, special) == special;
}

bool wpi_redo_page_is_readable(const wpi_redo_page *page)
{
    return !wpi_redo_page_is_new(page) && (number_at(page, FLAGS_AT) & ~WPI_PAGE_FLAGS) == 0
           && has_ordered_parts(page);
}

bool wpi_redo_page_is_sound(const wpi_redo_page *page)
{
    const uint16_t lower = number_at(page, LOWER_AT);
    return has_ordered_parts(page) && lower >= WPI_PAGE_HEADER_BYTES
           && (lower - WPI_PAGE_HEADER_BYTES) % WPI_POINTER_BYTES == 0
           && number_at(page, SIZE_AT) == (page->size | LAYOUT_VERSION);
}

void wpi_redo_page_set_flags(wpi_redo_page *page, uint16_t clear, uint16_t set)
{
    const uint16_t flags = (uint16_t)((number_at(page, FLAGS_AT) & ~clear) | set);
    wpi_put_u16_at(page->bytes + FLAGS_AT, flags);
}

void wpi_redo_page_set_prunable(wpi_redo_page *page, wp_xid xid)
{
    const wp_xid before = wpi_u32(page->bytes + PRUNE_XID_AT);
    if (before == 0 || wp_xid_precedes(xid, before))
        wpi_put_u32_at(page->bytes + PRUNE_XID_AT, xid);
}

/* ---- line pointers ------------------------------------------------------------------------- */

static uint8_t *pointer_at(const wpi_redo_page *page, uint16_t number)
{
    return page->bytes + WPI_PAGE_HEADER_BYTES + (size_t)(number - 1) * WPI_POINTER_BYTES;
}

static void write_pointer(wpi_redo_page *page, uint16_t number, wpi_pointer pointer)
{
    wpi_put_u32_at(pointer_at(page, number),
                   pointer.off | (uint32_t)pointer.kind << 15 | (uint32_t)pointer.len << 17);
}

uint16_t wpi_redo_page_pointers(const wpi_redo_page *page)
{
    return (uint16_t)((number_at(page, LOWER_AT) - WPI_PAGE_HEADER_BYTES) / WPI_POINTER_BYTES);
}

wpi_pointer wpi_redo_page_pointer(const wpi_redo_page *page, uint16_t number)
{
    assert(number >= 1 && number <= wpi_redo_page_pointers(page));
    return wpi_pointer_at(pointer_at(page, number));
}

static bool has_pointer(const wpi_redo_page *page, uint16_t number)
{
    return number >= 1 && number <= wpi_redo_page_pointers(page);
}

wp_page_fault wpi_redo_page_set_pointer(wpi_redo_page *page, uint16_t number, uint8_t kind,
                                        uint16_t off)
{
    if (!has_pointer(page, number) || off > 0x7FFF)
        return WP_FAULT_POINTER;
    write_pointer(page, number, (wpi_pointer){ .kind = kind, .off = off });
    return WP_FAULT_NONE;
}

static bool is_within_rows(const wpi_redo_page *page, wpi_pointer pointer)
{
    return pointer.off >= number_at(page, UPPER_AT)
           && (uint32_t)pointer.off + pointer.len <= number_at(page, SPECIAL_AT);
}

wp_page_fault wpi_redo_page_row(const wpi_redo_page *page, uint16_t number, wpi_row *out)
{
    if (!has_pointer(page, number))
        return WP_FAULT_POINTER;
    const wpi_pointer pointer = wpi_redo_page_pointer(page, number);
    if (pointer.kind != WPI_POINTER_ROW)
        return WP_FAULT_POINTER;
    if (!is_within_rows(page, pointer) || pointer.len < WPI_ROW_BITS_AT)
        return WP_FAULT_ROW;
    uint8_t *row = page->bytes + pointer.off;
    if (row[WPI_ROW_HOFF_AT] < WPI_ROW_BITS_AT || row[WPI_ROW_HOFF_AT] > pointer.len)
        return WP_FAULT_ROW;
    *out = (wpi_row){ .bytes = row, .len = pointer.len, .hoff = row[WPI_ROW_HOFF_AT] };
    return WP_FAULT_NONE;
}

wp_page_fault wpi_redo_page_add(wpi_redo_page *page, uint16_t number, const uint8_t *row,
                                size_t len)
{
    const uint16_t pointers = wpi_redo_page_pointers(page);
    if (number < 1 || number > pointers + 1)
        return WP_FAULT_POINTER;
    const bool is_next = number > pointers;
    if (!is_next) {
        const wpi_pointer there = wpi_redo_page_pointer(page, number);
        if (there.kind != WPI_POINTER_UNUSED || there.len != 0)
            return WP_FAULT_IN_USE;
    }
    const uint32_t lower = number_at(page, LOWER_AT) + (is_next ? WPI_POINTER_BYTES : 0U);
    const uint32_t upper = number_at(page, UPPER_AT);
    if (len > page->size || lower + aligned(page, (uint32_t)len) > upper)
        return WP_FAULT_NO_ROOM;
    const uint16_t off = (uint16_t)(upper - aligned(page, (uint32_t)len));
    wpi_put_u16_at(page->bytes + LOWER_AT, (uint16_t)lower);
    wpi_put_u16_at(page->bytes + UPPER_AT, off);
    write_pointer(page, number,
                  (wpi_pointer){ .off = off, .len = (uint16_t)len, .kind = WPI_POINTER_ROW });
    memcpy(page->bytes + off, row, len);
    return WP_FAULT_NONE;
}

/* ---- moving rows together ------------------------------------------------------------------ */

typedef struct item {
    uint16_t number, off, len;
} item;

/* What lies last on the page comes first. */
static int by_place(const void *a, const void *b)
{
    const uint16_t left = ((const item *)a)->off, right = ((const item *)b)->off;
    return (left < right) - (left > right);
}

wp_page_fault wpi_redo_page_compact(wpi_redo_page *page, bool by_pointer, bool drop_tail)
{
    item items[POINTERS_MAX];
    size_t nitems = 0;
    uint32_t total = 0;
    uint16_t last_used = 0;
    const uint16_t pointers = wpi_redo_page_pointers(page);
    const uint16_t special = number_at(page, SPECIAL_AT);
    for (uint16_t number = 1; number <= pointers; number++) {
        const wpi_pointer pointer = wpi_redo_page_pointer(page, number);
        if (pointer.kind == WPI_POINTER_UNUSED) {
            write_pointer(page, number, (wpi_pointer){ 0 });
            continue;
        }
        last_used = number;
        if (pointer.len == 0)
            continue;
        if (!is_within_rows(page, pointer))
            return WP_FAULT_ROW;
        items[nitems++] = (item){ number, pointer.off, pointer.len };
        total += aligned(page, pointer.len);
    }
    if (total > (uint32_t)special - number_at(page, LOWER_AT))
        return WP_FAULT_ROW;

    if (!by_pointer)
        qsort(items, nitems, sizeof *items, by_place);
    uint8_t before[WPI_BLOCK_BYTES_MAX];
    memcpy(before, page->bytes, page->size);
    uint16_t upper = special;
    for (const item *i = items; i < items + nitems; i++) {
        upper = (uint16_t)(upper - aligned(page, i->len));
        memcpy(page->bytes + upper, before + i->off, i->len);
        wpi_pointer pointer = wpi_redo_page_pointer(page, i->number);
        pointer.off = upper;
        write_pointer(page, i->number, pointer);
    }
    wpi_put_u16_at(page->bytes + UPPER_AT, upper);
    if (drop_tail)
        wpi_put_u16_at(page->bytes + LOWER_AT,
                       (uint16_t)(WPI_PAGE_HEADER_BYTES + last_used * WPI_POINTER_BYTES));
    return WP_FAULT_NONE;
}

void wpi_redo_page_drop_pointers(wpi_redo_page *page)
{
    uint16_t pointers = wpi_redo_page_pointers(page);
    while (pointers > 1 && wpi_redo_page_pointer(page, pointers).kind == WPI_POINTER_UNUSED)
        pointers--;
    wpi_put_u16_at(page->bytes + LOWER_AT,
                   (uint16_t)(WPI_PAGE_HEADER_BYTES + pointers * WPI_POINTER_BYTES));
}

/* ---- rows ---------------------------------------------------------------------------------- */

bool wpi_row_is_only_locked(uint16_t infomask)
{
    const uint16_t strength = WPI_XMAX_IS_MULTI | WPI_XMAX_EXCL_LOCK | WPI_XMAX_KEYSHR_LOCK;
    return (infomask & WPI_XMAX_LOCK_ONLY) || (infomask & strength) == WPI_XMAX_EXCL_LOCK;
}

void wpi_row_set_ctid(uint8_t *row, uint32_t block, uint16_t number)
{
    wpi_put_u16_at(row + WPI_ROW_CTID_AT, (uint16_t)(block >> 16));
    wpi_put_u16_at(row + WPI_ROW_CTID_AT + 2, (uint16_t)block);
    wpi_put_u16_at(row + WPI_ROW_CTID_AT + 4, number);
}

static void change_mask(uint8_t *mask, uint16_t clear, uint16_t set)
{
    wpi_put_u16_at(mask, (uint16_t)((wpi_u16(mask) & ~clear) | set));
}

void wpi_row_change_infomask(uint8_t *row, uint16_t clear, uint16_t set)
{
    change_mask(row + WPI_ROW_INFOMASK_AT, clear, set);
}

void wpi_row_change_infomask2(uint8_t *row, uint16_t clear, uint16_t set)
{
    change_mask(row + WPI_ROW_INFOMASK2_AT, clear, set);
}
