/*
 * fuzz_redo.c - records of any content on pages of any content.
 *
 * Input: a byte that chooses the server, a byte that the pages of the backup are made from, then records, one after another, each
 * as long as its length field says; the last one as long as there are bytes. xl_prev is made right. A page that is known must have header and rows that
 * can be followed after a record has changed it; of its rows it is asked which are there.
 */
#include <stdlib.h>
#include <string.h>

#include <walparse/visible.h>

#include "format/record.h"
#include "fuzz.h"
#include "redo/page.h"

#define INPUT_BYTES_MAX 65536
#define BLOCK_BYTES 8192
#define SLOTS 4096
#define RAW_FROM 224 /* choices from there on: pages of noise */

typedef struct backup {
    uint8_t choice;
    uint8_t max_align;
    uint8_t *slots[SLOTS];
} backup;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state >> 8;
}

/* Rows of random length and header; some line pointers have none. */
static void fill_rows(wpi_redo_page *page, uint32_t *random)
{
    uint8_t row[256];
    wpi_redo_page_init(page);
    const uint16_t n = (uint16_t)(next_random(random) % 100);
    for (uint16_t number = 1; number <= n; number++) {
        for (size_t i = 0; i < sizeof row; i++)
            row[i] = (uint8_t)next_random(random);
        row[WPI_ROW_HOFF_AT] = 24;
        if (wpi_redo_page_add(page, number, row, 24 + next_random(random) % 232) != WP_FAULT_NONE)
            return;
        const uint8_t kind = (uint8_t)(next_random(random) % 12);
        if (kind != WPI_POINTER_ROW && kind <= WPI_POINTER_DEAD)
            (void)wpi_redo_page_set_pointer(page, number, kind,
                                            kind == WPI_POINTER_REDIRECT ? 1 : 0);
    }
    /* One byte in the wrong place. */
    if (next_random(random) % 4 == 0)
        page->bytes[next_random(random) % 400] = (uint8_t)next_random(random);
}

static wp_status read_backup(void *context, const wp_locator *file, uint32_t block, uint8_t *bytes)
{
    const backup *b = context;
    uint32_t random = b->choice * 1000U + block + file->rel;
    memset(bytes, 0, BLOCK_BYTES);
    if (block % 5 == 4)
        return WP_END;
    if (block % 5 == 3)
        return WP_OK;
    if (b->choice >= RAW_FROM) {
        for (size_t i = 0; i < BLOCK_BYTES; i++)
            bytes[i] = (uint8_t)next_random(&random);
        return WP_OK;
    }
    wpi_redo_page page = { bytes, BLOCK_BYTES, b->max_align };
    fill_rows(&page, &random);
    return WP_OK;
}

static wp_status write_scratch(void *context, uint64_t slot, const uint8_t *page)
{
    backup *b = context;
    if (slot >= SLOTS)
        return WP_ERR_LIMIT;
    if (!b->slots[slot])
        b->slots[slot] = malloc(BLOCK_BYTES);
    if (!b->slots[slot])
        return WP_ERR_NOMEM;
    memcpy(b->slots[slot], page, BLOCK_BYTES);
    return WP_OK;
}

static wp_status read_scratch(void *context, uint64_t slot, uint8_t *page)
{
    const backup *b = context;
    memcpy(page, b->slots[slot], BLOCK_BYTES);
    return WP_OK;
}

static void judge(wp_redo *redo, wp_fates *fates, wp_view tuple, wp_row_place at)
{
    uint8_t *exact = malloc(tuple.len ? tuple.len : 1); /* for the sanitizer */
    if (!exact)
        return;
    memcpy(exact, tuple.bytes, tuple.len);
    wp_row_verdict verdict;
    if (wp_row_judge(fates, redo, (wp_view){ exact, tuple.len }, at, &verdict, NULL) >= 0
        && ((verdict.state == WP_ROW_IN_DOUBT) != (verdict.doubt != WP_ROW_DOUBT_NONE)
            || (verdict.is_replaced && verdict.remover == 0)
            || (verdict.is_moved && !verdict.is_replaced)))
        abort();
    free(exact);
}

static void judge_rows(wp_redo *redo, wp_fates *fates, const uint8_t *page, uint32_t block)
{
    uint16_t item = 0;
    for (wp_view tuple; wp_page_next_row((wp_view){ page, BLOCK_BYTES }, &item, &tuple);) {
        if (item == 0 || (tuple.len > 0 && (size_t)(tuple.bytes - page) + tuple.len > BLOCK_BYTES))
            abort();
        judge(redo, fates, tuple, (wp_row_place){ block, item });
    }
}

/* What is known can be read. */
static void look_at(wp_redo *redo, wp_fates *fates, const wp_record *record)
{
    static wpi_record parts;
    if (!wpi_record_of(record, &parts))
        return;
    for (unsigned i = 0; i < parts.nblocks; i++) {
        const wpi_block *block = &parts.blocks[i];
        wp_page page;
        if (wp_redo_page(redo, &block->locator, block->number, &page, NULL) < 0)
            return;
        if ((page.state == WP_PAGE_KNOWN) != (page.bytes != NULL)
            || (page.state == WP_PAGE_DAMAGED) != (page.fault != WP_FAULT_NONE))
            abort();
        if (page.state == WP_PAGE_KNOWN) {
            uint8_t copy[BLOCK_BYTES];
            memcpy(copy, page.bytes, BLOCK_BYTES);
            const wpi_redo_page read = { copy, BLOCK_BYTES, record->max_align };
            if (wpi_redo_page_lsn(&read) == record->end_lsn && block->fork == WPI_FORK_MAIN
                && !block->has_image && !wpi_redo_page_is_sound(&read))
                abort();
            judge_rows(redo, fates, copy, block->number);
        }
        bool may_have_more;
        (void)wp_redo_blocks(redo, &block->locator, 10, &may_have_more);
    }
}

static void redo_all(wp_redo *redo, wp_fates *fates, wp_record record, const uint8_t *data,
                     size_t size)
{
    wp_lsn last = 0;
    for (size_t at = 0; size - at >= WPI_RECORD_HEADER_BYTES;) {
        size_t len = wpi_u32(data + at);
        if (len < WPI_RECORD_HEADER_BYTES || len > size - at)
            len = size - at;
        uint8_t *bytes = malloc(len); /* exactly as much, for the sanitizer */
        if (!bytes)
            return;
        memcpy(bytes, data + at, len);
        for (size_t i = 0; i < 4; i++)
            bytes[i] = (uint8_t)(len >> 8 * i);
        for (size_t i = 0; i < 8; i++)
            bytes[8 + i] = (uint8_t)(last >> 8 * i);
        last = record.lsn;
        record.end_lsn = record.lsn + ((len + 7) & ~(size_t)7);
        record.bytes = (wp_view){ bytes, len };
        const wp_status status = wp_redo_record(redo, &record, NULL);
        (void)wp_fates_record(fates, &record, NULL);
        if (status == WP_OK)
            look_at(redo, fates, &record);
        free(bytes);
        record.lsn = record.end_lsn;
        at += len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > INPUT_BYTES_MAX)
        return 0;
    const fuzz_server server = fuzz_choose_server(data[0]);
    backup *b = calloc(1, sizeof *b);
    if (!b)
        return 0;
    b->choice = data[1];
    b->max_align = server.max_align;
    const wp_redo_config config = { .profile = server.profile,
                                    .max_align = server.max_align,
                                    .block_bytes = BLOCK_BYTES,
                                    .read_backup = data[1] % 8 == 7 ? NULL : read_backup,
                                    .write_scratch = write_scratch,
                                    .read_scratch = read_scratch,
                                    .context = b };
    wp_redo *redo = NULL;
    wp_fates *fates = NULL;
    if (wp_redo_new(&config, &redo, NULL) >= 0
        && wp_fates_new(server.profile, BLOCK_BYTES, &fates, NULL) >= 0) {
        const wp_record first = { .profile = server.profile,
                                  .max_align = server.max_align,
                                  .lsn = UINT64_C(1) << 63 };
        redo_all(redo, fates, first, data + 2, size - 2);
    }
    wp_fates_free(fates);
    wp_redo_free(redo);
    for (size_t i = 0; i < SLOTS; i++)
        free(b->slots[i]);
    free(b);
    return 0;
}
