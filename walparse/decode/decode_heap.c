/*
 * decode_heap.c - heap and heap2 records: rows of followed catalogs, and row counts of the rest.
 *
 * Mirrors access/heapam_xlog.h. A row in a record is its 5-byte heap header (infomask2, infomask, hoff)
 * and what lies on the page from byte 23 on. Where the record carries a full-page image instead, the row
 * is on the page fact written just before it.
 */
#include "decode/decode_heap.h"

#include "format/catalogs.h"

#define HEAP_HEADER_BYTES 5
#define TUPLE_HEADER_BYTES 23 /* the row's bytes in a record begin here */

/* Block ids. Of an UPDATE that goes to another page BLOCK_PAGE is the new one. */
#define BLOCK_PAGE 0
#define BLOCK_OLD_PAGE 1

#define UPDATE_HAS_PREFIX 0x20
#define UPDATE_HAS_SUFFIX 0x40

#define PRUNE_HAS_CONFLICT 0x08
#define PRUNE_HAS_PLANS 0x10
#define PRUNE_HAS_REDIRECTS 0x20
#define PRUNE_HAS_DEAD 0x40
#define PRUNE_HAS_UNUSED 0x80

wp_oid wpi_catalog_of(const wpi_catalog_files *files, const wp_locator *locator)
{
    const wp_oid rel = locator->rel;
    if (rel < WPI_FIRST_NORMAL_OID && wpi_is_tracked_catalog(rel)
        && (locator->db == 0) == wpi_is_shared_catalog(rel))
        return rel;
    for (size_t lo = 0, hi = files->nmoved; lo < hi;) {
        const size_t mid = lo + (hi - lo) / 2;
        const wp_catalog_file *file = &files->moved[mid];
        if (file->db == locator->db && file->filenode == rel)
            return wpi_is_tracked_catalog(file->catalog) ? file->catalog : 0;
        if (file->db < locator->db || (file->db == locator->db && file->filenode < rel))
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}

static bool add_page(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                     size_t page_bytes, uint8_t *page, wpi_builder *out)
{
    const wp_status status = wpi_image_restore(record->profile, &block->image, page, page_bytes);
    if (status == WP_ERR_LIMIT) { /* packed with a method this build lacks: the rows stay unknown */
        out->odd = (wpi_oddity){ .what = WP_ODD_IMAGE, .value = block->image.info };
        return true;
    }
    if (status < 0)
        return false;
    wp_fact_page *fact = wpi_fact_add(out, WP_FACT_CATALOG_PAGE, sizeof *fact + page_bytes,
                                      record->lsn, record->xid);
    if (fact) {
        fact->locator = block->locator;
        fact->block = block->number;
        fact->catalog = catalog;
        fact->bytes = (uint32_t)page_bytes;
        memcpy(fact->page, page, page_bytes);
    }
    return true;
}

typedef struct heap_row {
    wp_tuple_op op;
    const wpi_block *block, *old_block;
    uint16_t offset, old_offset;
    uint16_t flags, prefix, suffix;
    uint16_t infomask2, infomask;
    uint8_t hoff;
    wp_view data;
} heap_row;

static void add_row(const wpi_record *record, wp_oid catalog, const heap_row *row, wpi_builder *out)
{
    wp_fact_tuple *fact = wpi_fact_add(out, WP_FACT_CATALOG_TUPLE, sizeof *fact + row->data.len,
                                       record->lsn, record->xid);
    if (!fact)
        return;
    fact->fact.op = (uint8_t)row->op;
    fact->fact.flags = row->flags;
    fact->locator = row->block->locator;
    fact->catalog = catalog;
    fact->block = row->block->number;
    fact->old_block = row->old_block ? row->old_block->number : row->block->number;
    fact->offset = row->offset;
    fact->old_offset = row->old_offset;
    fact->infomask = row->infomask;
    fact->infomask2 = row->infomask2;
    fact->prefix = row->prefix;
    fact->suffix = row->suffix;
    fact->hoff = row->hoff;
    fact->bytes = (uint16_t)row->data.len;
    if (row->data.len)
        memcpy(fact->data, row->data.bytes, row->data.len);
}

/* The 5-byte heap header and the row's bytes, which reach to the cursor's end. */
static bool take_row(wpi_cursor *c, heap_row *row)
{
    row->infomask2 = wpi_take_u16(c);
    row->infomask = wpi_take_u16(c);
    row->hoff = wpi_take_u8(c);
    row->data.len = wpi_left(c);
    row->data.bytes = wpi_take(c, row->data.len);
    return !c->overrun && row->hoff >= TUPLE_HEADER_BYTES
           && (size_t)(row->hoff - TUPLE_HEADER_BYTES) <= row->data.len;
}

static bool decode_insert(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                          wpi_builder *out)
{
    wpi_cursor main = wpi_cursor_of(record->main);
    heap_row row = { .op = WP_TUPLE_INSERT, .block = block, .offset = wpi_take_u16(&main) };
    if (main.overrun)
        return false;
    if (block->has_data) {
        wpi_cursor data = wpi_cursor_of(block->data);
        if (!take_row(&data, &row))
            return false;
    } else {
        row.flags = WP_TUPLE_ON_PAGE;
    }
    add_row(record, catalog, &row, out);
    return true;
}

/* Of a row that stays on its page the old page is not registered; pages of the visibility map may be. */
static bool decode_update(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                          wpi_builder *out)
{
    wpi_cursor main = wpi_cursor_of(record->main);
    heap_row row = { .op = WP_TUPLE_UPDATE, .block = block };
    row.old_block = wpi_record_block(record, BLOCK_OLD_PAGE);
    (void)wpi_take_u32(&main); /* old xmax */
    row.old_offset = wpi_take_u16(&main);
    (void)wpi_take_u8(&main); /* old infobits */
    const uint8_t flags = wpi_take_u8(&main);
    (void)wpi_take_u32(&main); /* new xmax */
    row.offset = wpi_take_u16(&main);
    if (main.overrun)
        return false;
    if (!block->has_data) {
        row.flags = WP_TUPLE_ON_PAGE;
        add_row(record, catalog, &row, out);
        return true;
    }
    wpi_cursor data = wpi_cursor_of(block->data);
    if (flags & UPDATE_HAS_PREFIX) {
        row.prefix = wpi_take_u16(&data);
        row.flags |= WP_TUPLE_PREFIX;
    }
    if (flags & UPDATE_HAS_SUFFIX) {
        row.suffix = wpi_take_u16(&data);
        row.flags |= WP_TUPLE_SUFFIX;
    }
    if (!take_row(&data, &row))
        return false;
    add_row(record, catalog, &row, out);
    return true;
}

static bool decode_delete(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                          wpi_builder *out)
{
    wpi_cursor main = wpi_cursor_of(record->main);
    (void)wpi_take_u32(&main); /* xmax */
    const heap_row row = { .op = WP_TUPLE_DELETE, .block = block, .offset = wpi_take_u16(&main) };
    if (main.overrun)
        return false;
    add_row(record, catalog, &row, out);
    return true;
}

static bool decode_inplace(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                           wpi_builder *out)
{
    wpi_cursor main = wpi_cursor_of(record->main);
    const heap_row row = { .op = WP_TUPLE_INPLACE,
                           .block = block,
                           .offset = wpi_take_u16(&main),
                           .flags = block->has_data ? 0 : WP_TUPLE_ON_PAGE,
                           .data = block->data };
    if (main.overrun)
        return false;
    add_row(record, catalog, &row, out);
    return true;
}

/* Main data of MULTI_INSERT: flags, a byte of padding, count, then offsets unless the page is new. */
typedef struct multi_insert {
    uint16_t ntuples;
    const uint8_t *offsets; /* u16 each; NULL: 1, 2, 3 ... */
} multi_insert;

static bool take_multi_insert(const wpi_record *record, multi_insert *out)
{
    const bool is_new_page = record->info & 0x80;
    wpi_cursor main = wpi_cursor_of(record->main);
    (void)wpi_take(&main, 2);
    out->ntuples = wpi_take_u16(&main);
    out->offsets = is_new_page ? NULL : wpi_take(&main, (size_t)out->ntuples * 2);
    return !main.overrun;
}

static bool decode_multi_insert(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                                wpi_builder *out)
{
    multi_insert multi;
    if (!take_multi_insert(record, &multi))
        return false;
    wpi_cursor data = wpi_cursor_of(block->data);
    for (uint16_t i = 0; i < multi.ntuples; i++) {
        heap_row row = { .op = WP_TUPLE_INSERT, .block = block };
        row.offset = multi.offsets ? wpi_u16(multi.offsets + 2 * (size_t)i) : (uint16_t)(i + 1);
        if (block->has_data) {
            wpi_align(&data, 2);
            const uint16_t bytes = wpi_take_u16(&data);
            const uint8_t *tuple = wpi_take(&data, (size_t)HEAP_HEADER_BYTES + bytes);
            if (!tuple)
                return false;
            wpi_cursor one = wpi_cursor_of((wp_view){ tuple, (size_t)HEAP_HEADER_BYTES + bytes });
            if (!take_row(&one, &row))
                return false;
        } else {
            row.flags = WP_TUPLE_ON_PAGE;
        }
        add_row(record, catalog, &row, out);
    }
    wpi_note_rest(out, wpi_left(&data));
    return true;
}

/* Line pointers freed by a record, gathered from up to three arrays of u16. */
typedef struct freed_list {
    uint16_t offsets[3 * WPI_BLOCK_BYTES_MAX / 4];
    uint32_t n;
} freed_list;

static void free_offsets(freed_list *freed, const uint8_t *offsets, size_t n, size_t stride)
{
    for (size_t i = 0; offsets && i < n; i++)
        if (freed->n < sizeof freed->offsets / sizeof freed->offsets[0])
            freed->offsets[freed->n++] = wpi_u16(offsets + 2 * stride * i);
}

static void add_freed(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                      const freed_list *freed, wpi_builder *out)
{
    if (freed->n == 0)
        return;
    wp_fact_prune *fact =
        wpi_fact_add(out, WP_FACT_CATALOG_PRUNE, sizeof *fact + freed->n * sizeof fact->offsets[0],
                     record->lsn, record->xid);
    if (!fact)
        return;
    fact->locator = block->locator;
    fact->catalog = catalog;
    fact->block = block->number;
    fact->noffsets = freed->n;
    memcpy(fact->offsets, freed->offsets, freed->n * sizeof freed->offsets[0]);
}

/* Up to 16: counts of redirects and dead ones in the main data; the rest of the block data is unused. */
static bool decode_prune(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                         wpi_builder *out)
{
    wpi_cursor main = wpi_cursor_of(record->main);
    (void)wpi_take_u32(&main);
    const size_t nredirected = wpi_take_u16(&main);
    const size_t ndead = wpi_take_u16(&main);
    wpi_cursor data = wpi_cursor_of(block->data);
    const uint8_t *redirected = wpi_take(&data, nredirected * 4);
    const uint8_t *dead = wpi_take(&data, ndead * 2);
    if (main.overrun || data.overrun)
        return false;
    freed_list freed;
    freed.n = 0; /* and nothing else: it is large */
    free_offsets(&freed, redirected, nredirected, 2);
    free_offsets(&freed, dead, ndead, 1);
    free_offsets(&freed, data.pos, wpi_left(&data) / 2, 1);
    add_freed(record, block, catalog, &freed, out);
    return true;
}

/* 14 to 16: line pointers that vacuum made reusable. */
static bool decode_vacuum(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                          wpi_builder *out)
{
    const wp_view data = block->data;
    freed_list freed;
    freed.n = 0; /* and nothing else: it is large */
    free_offsets(&freed, data.bytes, data.len / 2, 1);
    add_freed(record, block, catalog, &freed, out);
    return true;
}

static const uint8_t *take_offsets(wpi_cursor *c, bool present, size_t stride, size_t *n)
{
    *n = present ? wpi_take_u16(c) : 0;
    return wpi_take(c, *n * stride * 2);
}

/* From 17 on: flags say which arrays the block data has. */
static bool decode_prune_freeze(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                                wpi_builder *out)
{
    enum { PLAN_BYTES = 12 };
    wpi_cursor main = wpi_cursor_of(record->main);
    (void)wpi_take(&main, record->profile->prune_flags_at);
    const uint8_t flags = wpi_take_u8(&main);
    wpi_cursor data = wpi_cursor_of(block->data);
    if (flags & PRUNE_HAS_PLANS) {
        const size_t nplans = wpi_take_u16(&data);
        (void)wpi_take_u16(&data);
        (void)wpi_take(&data, nplans * PLAN_BYTES);
    }
    size_t nredirected, ndead, nunused;
    const uint8_t *redirected = take_offsets(&data, flags & PRUNE_HAS_REDIRECTS, 2, &nredirected);
    const uint8_t *dead = take_offsets(&data, flags & PRUNE_HAS_DEAD, 1, &ndead);
    const uint8_t *unused = take_offsets(&data, flags & PRUNE_HAS_UNUSED, 1, &nunused);
    if (main.overrun || data.overrun)
        return false;
    freed_list freed;
    freed.n = 0; /* and nothing else: it is large */
    free_offsets(&freed, redirected, nredirected, 2);
    free_offsets(&freed, dead, ndead, 1);
    free_offsets(&freed, unused, nunused, 1);
    add_freed(record, block, catalog, &freed, out);
    return true;
}

static bool decode_heap2_prune(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                               wpi_builder *out)
{
    if (block->data.len == 0)
        return true; /* the page image says it all */
    const uint8_t op = record->info & WPI_HEAP_OP_MASK;
    switch (record->profile->heap2_ops) {
    case WP_HEAP2_CLEAN:
        return op == 0x10 ? decode_prune(record, block, catalog, out) : true;
    case WP_HEAP2_PRUNE:
        if (op == 0x10)
            return decode_prune(record, block, catalog, out);
        return op == 0x20 ? decode_vacuum(record, block, catalog, out) : true;
    case WP_HEAP2_PRUNE_FREEZE:
        return op >= 0x10 && op <= 0x30 ? decode_prune_freeze(record, block, catalog, out) : true;
    }
    return true;
}

static bool decode_rows(const wpi_record *record, const wpi_block *block, wp_oid catalog,
                        wpi_builder *out)
{
    const uint8_t op = record->info & WPI_HEAP_OP_MASK;
    if (record->rmid == WP_RMGR_HEAP2)
        return op == WPI_HEAP2_MULTI_INSERT ? decode_multi_insert(record, block, catalog, out)
                                            : decode_heap2_prune(record, block, catalog, out);
    switch (op) {
    case WPI_HEAP_INSERT:
        return decode_insert(record, block, catalog, out);
    case WPI_HEAP_DELETE:
        return decode_delete(record, block, catalog, out);
    case WPI_HEAP_UPDATE:
    case WPI_HEAP_HOT_UPDATE:
        return decode_update(record, block, catalog, out);
    case WPI_HEAP_INPLACE:
        return decode_inplace(record, block, catalog, out);
    default:
        return true;
    }
}

bool wpi_decode_catalog(const wpi_record *record, const wpi_catalog_files *files, size_t page_bytes,
                        uint8_t *page, wpi_builder *out)
{
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wpi_block *block = &record->blocks[i];
        if (!block->has_image || block->fork != WPI_FORK_MAIN)
            continue;
        const wp_oid catalog = wpi_catalog_of(files, &block->locator);
        if (catalog && !add_page(record, block, catalog, page_bytes, page, out))
            return false;
    }
    if (record->rmid != WP_RMGR_HEAP && record->rmid != WP_RMGR_HEAP2)
        return true;
    const wpi_block *block = wpi_record_block(record, BLOCK_PAGE);
    if (!block || block->fork != WPI_FORK_MAIN)
        return true;
    const wp_oid catalog = wpi_catalog_of(files, &block->locator);
    return catalog ? decode_rows(record, block, catalog, out) : true;
}

bool wpi_count_delete(const wpi_record *record, int64_t *deleted, int64_t *inserted)
{
    if (record->main.len < 8)
        return false;
    if (record->main.bytes[7] & WPI_DELETE_IS_SUPER)
        *inserted = -1;
    else
        *deleted = 1;
    return true;
}

bool wpi_count_multi_insert(const wpi_record *record, int64_t *inserted)
{
    multi_insert multi;
    if (!take_multi_insert(record, &multi))
        return false;
    *inserted = multi.ntuples;
    return true;
}
