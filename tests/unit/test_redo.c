/*
 * test_redo.c - which pages there are, what is known of them, and where they are kept; images, files and logs.
 */
#include <stdio.h>

#include "redo/checksum.h"
#include "redo/store.h"
#include "redo_bench.h"

/* A page with one row: its only column is of this byte. */
static void fill_page(wpi_redo_page *page, wp_lsn lsn, uint8_t value)
{
    uint8_t row[28] = { 0 };
    wpi_redo_page_init(page);
    wpi_redo_page_set_lsn(page, lsn);
    row[WPI_ROW_HOFF_AT] = 24;
    memset(row + 24, value, 4);
    assert_int_equal(wpi_redo_page_add(page, 1, row, sizeof row), WP_FAULT_NONE);
}

static uint8_t value_of(const wp_page *page)
{
    assert_int_equal(page->state, WP_PAGE_KNOWN);
    return page->bytes[BENCH_BYTES - 32 + 24];
}

static bench *with_backup(uint32_t blocks)
{
    bench *b = bench_new("15");
    b->in_backup = blocks;
    for (uint32_t i = 0; i < blocks; i++) {
        wpi_redo_page page = bench_page(b, i);
        fill_page(&page, b->lsn, (uint8_t)i);
    }
    return b;
}

/* INPLACE: the only column becomes this byte. */
static wp_status change(bench *b, uint32_t block, uint8_t value)
{
    const uint8_t main[] = { 1, 0 }, data[] = { value, value, value, value };
    const wal_record record = {
        .rmid = WP_RMGR_HEAP,
        .info = 0x70,
        .nblocks = 1,
        .blocks = { { .locator = bench_file, .number = block, .data = { data, sizeof data } } },
        .main = { main, sizeof main }
    };
    return bench_apply(b, &record);
}

static wp_status insert_first(bench *b, uint32_t block, uint8_t value)
{
    const uint8_t main[] = { 1, 0, 0 };
    const uint8_t data[] = { 1, 0, 0, 8, 24, 0, value, value, value, value };
    const wal_record record = { .rmid = WP_RMGR_HEAP,
                                .info = 0x80,
                                .xid = 700,
                                .nblocks = 1,
                                .blocks = { { .locator = bench_file,
                                              .number = block,
                                              .will_init = true,
                                              .data = { data, sizeof data } } },
                                .main = { main, sizeof main } };
    return bench_apply(b, &record);
}

static wp_status truncate_to(bench *b, uint32_t block, uint32_t flags)
{
    blob main = { 0 };
    put_u32(&main, block);
    put_locator(&main, bench_file);
    put_u32(&main, flags);
    const wal_record record = { .rmid = WP_RMGR_SMGR, .info = 0x20, .main = view_of(&main) };
    const wp_status status = bench_apply(b, &record);
    blob_free(&main);
    return status;
}

static wp_status create_file(bench *b)
{
    blob main = { 0 };
    put_locator(&main, bench_file);
    put_u32(&main, 0); /* the main fork */
    const wal_record record = { .rmid = WP_RMGR_SMGR, .info = 0x10, .main = view_of(&main) };
    const wp_status status = bench_apply(b, &record);
    blob_free(&main);
    return status;
}

/* Nothing tells how long the file is. */
#define MORE 0x80000000

static uint32_t blocks_of(const bench *b, uint32_t in_backup)
{
    bool may_have_more = true;
    const uint32_t blocks = wp_redo_blocks(b->redo, &bench_file, in_backup, &may_have_more);
    return blocks | (may_have_more ? MORE : 0);
}

static void the_backup_is_the_start(void **state)
{
    (void)state;
    bench *b = with_backup(3);
    bench_start(b);
    wp_page page = bench_see(b, 2);
    assert_int_equal(value_of(&page), 2);
    assert_int_equal(change(b, 2, 0x55), WP_OK);
    page = bench_see(b, 2);
    assert_int_equal(value_of(&page), 0x55);
    assert_int_equal(bench_see(b, 3).state, WP_PAGE_ABSENT);
    assert_int_equal(blocks_of(b, 3), 3);
    assert_int_equal(wp_redo_statistics(b->redo)->changed, 1);
    assert_int_equal(b->reads, 2); /* what is only looked at is not kept */
    bench_free(b);
}

static void a_file_that_the_backup_lacks_is_not_empty(void **state)
{
    (void)state;
    bench *b = with_backup(0);
    bench_start(b);
    assert_int_equal(blocks_of(b, 0), 0);
    assert_int_equal(blocks_of(b, WP_REDO_NO_FILE), 0 | MORE);
    assert_int_equal(insert_first(b, 1, 0x11), WP_OK);
    assert_int_equal(blocks_of(b, WP_REDO_NO_FILE), 2 | MORE);
    assert_int_equal(truncate_to(b, 1, 7), WP_OK);
    assert_int_equal(blocks_of(b, WP_REDO_NO_FILE), 1 | MORE);
    assert_int_equal(truncate_to(b, 0, 7), WP_OK);
    assert_int_equal(blocks_of(b, WP_REDO_NO_FILE), 0);
    assert_int_equal(insert_first(b, 0, 0x11), WP_OK);
    assert_int_equal(blocks_of(b, WP_REDO_NO_FILE), 1);
    bench_free(b);
}

static void what_a_page_has_is_not_applied(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    wpi_redo_page page = bench_page(b, 0);
    bench_start(b);
    wpi_redo_page_set_lsn(&page, UINT64_MAX);
    assert_int_equal(change(b, 0, 0x55), WP_OK);
    wp_page seen = bench_see(b, 0);
    assert_int_equal(value_of(&seen), 0);
    assert_int_equal(wp_redo_statistics(b->redo)->newer, 1);
    bench_free(b);

    /* The page's LSN is the end of the last record that changed it: the same record again changes nothing. */
    b = with_backup(1);
    bench_start(b);
    assert_int_equal(change(b, 0, 0x55), WP_OK);
    b->lsn -= 0x10000;
    assert_int_equal(change(b, 0, 0x66), WP_OK);
    seen = bench_see(b, 0);
    assert_int_equal(value_of(&seen), 0x55);
    bench_free(b);
}

static void zeros_are_no_page(void **state)
{
    (void)state;
    bench *b = with_backup(2);
    memset(b->backup[1], 0, BENCH_BYTES);
    bench_start(b);
    assert_int_equal(bench_see(b, 1).state, WP_PAGE_ABSENT);
    assert_int_equal(change(b, 1, 1), WP_OK);
    wp_page page = bench_see(b, 1);
    assert_int_equal(page.state, WP_PAGE_DAMAGED);
    assert_int_equal(page.fault, WP_FAULT_NO_PAGE);
    assert_null(page.bytes);
    bench_free(b);
}

static void a_damaged_page_is_mended_by_the_wal(void **state)
{
    (void)state;
    bench *b = with_backup(2);
    wpi_put_u16_at(b->backup[0] + 12,
                   20); /* a server reads it, but it has no room for line pointers */
    bench_start(b);
    assert_int_equal(bench_see(b, 0).state, WP_PAGE_KNOWN); /* nothing was asked of it yet */
    assert_int_equal(change(b, 0, 1), WP_OK);
    wp_page page = bench_see(b, 0);
    assert_int_equal(page.fault, WP_FAULT_HEADER);
    assert_true(page.fault_lsn == b->lsn);
    const wp_lsn first = b->lsn;
    assert_int_equal(change(b, 0, 2), WP_OK);
    page = bench_see(b, 0);
    assert_true(page.fault_lsn == first);
    assert_int_equal(insert_first(b, 0, 0x77), WP_OK);
    page = bench_see(b, 0);
    assert_int_equal(value_of(&page), 0x77);
    assert_true(page.fault_lsn == 0);
    bench_free(b);
}

/* Of a page with a wrong checksum nothing is believed, until the WAL has it whole. */
static void a_wrong_checksum_is_damage(void **state)
{
    (void)state;
    bench *b = with_backup(3);
    b->config.has_checksums = true;
    wpi_put_u16_at(b->backup[1] + 8, wpi_page_checksum(b->backup[1], BENCH_BYTES, 1));
    wpi_put_u16_at(b->backup[2] + 8, wpi_page_checksum(b->backup[2], BENCH_BYTES, 1));
    bench_start(b);
    wp_page page = bench_see(b, 1);
    assert_int_equal(value_of(&page), 1);
    page = bench_see(b, 2);
    assert_int_equal(page.state, WP_PAGE_DAMAGED);
    assert_int_equal(page.fault, WP_FAULT_CHECKSUM);
    assert_true(page.fault_lsn == 0);
    assert_int_equal(change(b, 2, 0x55), WP_OK);
    assert_int_equal(bench_see(b, 2).fault, WP_FAULT_CHECKSUM);
    assert_null(bench_see(b, 2).bytes);
    assert_int_equal(insert_first(b, 2, 0x66), WP_OK);
    page = bench_see(b, 2);
    assert_int_equal(value_of(&page), 0x66);
    bench_free(b);
}

typedef struct header_case {
    const char *name;
    size_t at; /* a u16 of the header */
    uint16_t value;
    bool is_read;
} header_case;

/* What PageIsVerified() of storage/page/bufpage.c takes, and what not: flags 10, lower 12, upper 14, special 16, size 18 */
static const header_case headers[] = {
    { "all flags", 10, 0x0007, true },
    { "a flag that is none", 10, 0x0008, false },
    { "lower within the header", 12, 20, true },
    { "lower after upper", 12, 8170, false },
    { "upper after special", 14, 8193, false },
    { "special after the end", 16, 8200, false },
    { "special not aligned", 16, 8188, false },
    { "special of an index", 16, 8176, true },
    { "upper 0", 14, 0, false },
    { "another layout", 18, 0x2001, true },
};

static void a_header_that_no_server_reads_is_damage(void **state)
{
    const header_case *row = *state;
    bench *b = with_backup(2);
    for (uint32_t block = 0; block < 2; block++) {
        wpi_redo_page page = bench_page(b, block);
        wpi_redo_page_init(&page);
        wpi_put_u16_at(page.bytes + 14, 8160);
        wpi_put_u16_at(page.bytes + row->at, row->value);
    }
    bench_start(b);
    const wp_page page = bench_see(b, 1);
    assert_int_equal(page.state, row->is_read ? WP_PAGE_KNOWN : WP_PAGE_DAMAGED);
    assert_int_equal(page.fault, row->is_read ? WP_FAULT_NONE : WP_FAULT_HEADER);
    assert_int_equal(insert_first(b, 0, 0x22), WP_OK); /* mends it */
    const wp_page mended = bench_see(b, 0);
    assert_int_equal(value_of(&mended), 0x22);
    bench_free(b);
}

static void without_a_backup_pages_become_known(void **state)
{
    (void)state;
    bench *b = with_backup(0);
    b->config.read_backup = NULL;
    bench_start(b);
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_UNKNOWN);
    assert_int_equal(change(b, 5, 1), WP_OK);
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_UNKNOWN);
    assert_int_equal(blocks_of(b, 0), 6 | MORE);
    assert_int_equal(insert_first(b, 5, 0x44), WP_OK);
    assert_int_equal(change(b, 5, 0x45), WP_OK);
    wp_page page = bench_see(b, 5);
    assert_int_equal(value_of(&page), 0x45);
    assert_int_equal(insert_first(b, 2, 0x42), WP_OK);
    assert_int_equal(blocks_of(b, 0), 6 | MORE);
    assert_int_equal(truncate_to(b, 4, 7), WP_OK);
    assert_int_equal(blocks_of(b, 0), 4);
    bench_free(b);
}

/* Of a file that the WAL makes all comes from the WAL, whatever a backup has of that number. */
static void a_new_file_is_empty(void **state)
{
    (void)state;
    bench *b = with_backup(6);
    bench_start(b);
    assert_int_equal(change(b, 5, 0x45), WP_OK);
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_KNOWN);
    assert_int_equal(create_file(b), WP_OK);
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_ABSENT);
    assert_int_equal(bench_see(b, 0).state, WP_PAGE_ABSENT);
    assert_int_equal(blocks_of(b, 6), 0);
    assert_int_equal(insert_first(b, 0, 0x44), WP_OK);
    assert_int_equal(blocks_of(b, 6), 1);
    bench_free(b);
}

/* An unlogged table has an init fork, too: that is no new file of the table. */
static void a_new_fork_is_no_new_file(void **state)
{
    (void)state;
    bench *b = with_backup(2);
    bench_start(b);
    blob main = { 0 };
    put_locator(&main, bench_file);
    put_u32(&main, 3);
    const wal_record create = { .rmid = WP_RMGR_SMGR, .info = 0x10, .main = view_of(&main) };
    assert_int_equal(bench_apply(b, &create), WP_OK);
    const wp_page page = bench_see(b, 1);
    assert_int_equal(value_of(&page), 1);
    blob_free(&main);
    bench_free(b);
}

static void a_file_is_cut(void **state)
{
    (void)state;
    bench *b = with_backup(6);
    bench_start(b);
    assert_int_equal(change(b, 4, 0x55), WP_OK);
    assert_int_equal(truncate_to(b, 3, 2), WP_OK); /* of the map alone */
    wp_page page = bench_see(b, 4);
    assert_int_equal(value_of(&page), 0x55);
    assert_int_equal(truncate_to(b, 3, 7), WP_OK);
    assert_int_equal(bench_see(b, 4).state, WP_PAGE_ABSENT);
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_ABSENT); /* though the backup has it */
    page = bench_see(b, 2);
    assert_int_equal(value_of(&page), 2);
    assert_int_equal(blocks_of(b, 6), 3);
    assert_int_equal(insert_first(b, 3, 0x33), WP_OK);
    assert_int_equal(blocks_of(b, 6), 4);
    assert_int_equal(bench_see(b, 4).state, WP_PAGE_ABSENT);
    bench_free(b);

    /* What a second cut leaves is not the backup's again. */
    b = with_backup(6);
    bench_start(b);
    assert_int_equal(truncate_to(b, 3, 7), WP_OK);
    assert_int_equal(truncate_to(b, 5, 7), WP_OK);
    assert_int_equal(bench_see(b, 4).state, WP_PAGE_ABSENT);
    assert_int_equal(blocks_of(b, 6), 3);
    bench_free(b);
}

/*
 * A database made or moved as a copy of files: which pages it has is not in the WAL. What the backup has in that folder is of before
 * that, as are pages that records have changed; so are files that no record has told of yet.
 */
static void a_copied_database_is_not_known(void **state)
{
    (void)state;
    bench *b = with_backup(6);
    bench_start(b);
    assert_int_equal(change(b, 4, 0x55), WP_OK);
    assert_int_equal(truncate_to(b, 5, 7), WP_OK);
    blob main = { 0 };
    put_u32(&main, bench_file.db);
    put_u32(&main, bench_file.spc);
    put_u32(&main, 1);
    put_u32(&main, bench_file.spc + 1);
    wal_record create = { .rmid = WP_RMGR_DATABASE, .info = 0x00, .main = view_of(&main) };
    const wp_locator other = { bench_file.spc, bench_file.db, bench_file.rel + 1 };
    wp_page of_other;
    wp_error err;
    assert_int_equal(bench_see(b, 5).state, WP_PAGE_ABSENT);
    assert_int_equal(bench_apply(b, &create), WP_OK);
    for (uint32_t block = 0; block < 7; block++)
        assert_int_equal(bench_see(b, block).state, WP_PAGE_UNKNOWN);
    assert_int_equal(wp_redo_page(b->redo, &other, 0, &of_other, &err), WP_OK);
    assert_int_equal(of_other.state, WP_PAGE_UNKNOWN);
    assert_int_equal(blocks_of(b, 6), 0 | MORE);
    assert_int_equal(change(b, 1, 1), WP_OK);
    assert_int_equal(bench_see(b, 1).state, WP_PAGE_UNKNOWN);
    assert_int_equal(insert_first(b, 1, 0x11), WP_OK);
    const wp_page page = bench_see(b, 1);
    assert_int_equal(value_of(&page), 0x11);
    assert_int_equal(blocks_of(b, 6), 2 | MORE);
    assert_int_equal(truncate_to(b, 4, 7), WP_OK);
    assert_int_equal(blocks_of(b, 6), 4);

    bool may_have_more = false;
    assert_int_equal(wp_redo_blocks(b->redo, &other, 6, &may_have_more), 0);
    assert_true(may_have_more); /* it is not wanted */
    wp_redo_free(b->redo);
    bench_start(b);
    assert_int_equal(bench_apply(b, &create), WP_OK);
    assert_int_equal(blocks_of(b, 6), 0 | MORE); /* no record has told of it */
    create.main.len = 15;
    assert_int_equal(bench_apply(b, &create), WP_ERR_DAMAGE);
    blob_free(&main);
    bench_free(b);
}

/* PARAMETER_CHANGE, with the settings of test_describe_xlog.c: 0 minimal, 1 replica. */
static wp_status set_wal_level(bench *b, uint32_t wal_level)
{
    static const uint32_t settings[] = { 100, 8, 4, 5, 64 };
    blob main = { 0 };
    for (size_t i = 0; i < 5; i++)
        if (i != 2 || b->config.profile->version >= 1200) /* max_wal_senders */
            put_u32(&main, settings[i]);
    put_u32(&main, wal_level);
    put_u16(&main, 0);
    const wal_record record = { .rmid = WP_RMGR_XLOG, .info = 0x60, .main = view_of(&main) };
    const wp_status status = bench_apply(b, &record);
    blob_free(&main);
    return status;
}

/* A file made then is filled without the WAL, and synced: only pages that the WAL begins, or has whole, are known. */
static void a_file_made_at_minimal_level_is_not_known(void **state)
{
    (void)state;
    bench *b = with_backup(6);
    bench_start(b);
    assert_int_equal(set_wal_level(b, 0), WP_OK);
    assert_int_equal(change(b, 1, 0x55), WP_OK);
    wp_page page = bench_see(b, 1);
    assert_int_equal(value_of(&page), 0x55); /* of files of before all is told */
    assert_int_equal(create_file(b), WP_OK);
    for (uint32_t block = 0; block < 7; block++)
        assert_int_equal(bench_see(b, block).state, WP_PAGE_UNKNOWN);
    assert_int_equal(insert_first(b, 2, 0x22), WP_OK);
    page = bench_see(b, 2);
    assert_int_equal(value_of(&page), 0x22);
    assert_int_equal(blocks_of(b, 6), 3 | MORE);
    assert_int_equal(truncate_to(b, 1, 7), WP_OK);
    assert_int_equal(bench_see(b, 2).state, WP_PAGE_UNKNOWN);
    assert_int_equal(blocks_of(b, 6), 1 | MORE);

    /* Of a file made later all is told again. */
    assert_int_equal(set_wal_level(b, 1), WP_OK);
    assert_int_equal(bench_see(b, 2).state, WP_PAGE_UNKNOWN);
    assert_int_equal(truncate_to(b, 4, 7), WP_OK);
    assert_int_equal(bench_see(b, 3).state, WP_PAGE_UNKNOWN);
    assert_int_equal(bench_see(b, 4).state, WP_PAGE_ABSENT);
    assert_int_equal(blocks_of(b, 6), 4);
    assert_int_equal(create_file(b), WP_OK);
    assert_int_equal(bench_see(b, 3).state, WP_PAGE_ABSENT);
    bench_free(b);
}

static wp_status change_with_image(bench *b, uint32_t block)
{
    uint8_t bytes[BENCH_BYTES];
    wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
    fill_page(&page, 5, 0x66);
    const uint8_t main[] = { 1, 0 };
    const wal_record record = { .rmid = WP_RMGR_HEAP,
                                .info = 0x70,
                                .nblocks = 1,
                                .blocks = { { .locator = bench_file,
                                              .number = block,
                                              .page = bytes,
                                              .packing = WAL_IMAGE_WHOLE } },
                                .main = { main, sizeof main } };
    return bench_apply(b, &record);
}

/* COPY of before 13 adds rows to a page of its transaction, of which the WAL has the others. */
static void before_13_a_page_begun_at_minimal_level_is_not_known(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    wal_free(b->w);
    b->w = wal_new("11");
    b->config.profile = wal_profile(b->w);
    bench_start(b);
    assert_int_equal(set_wal_level(b, 0), WP_OK);
    assert_int_equal(insert_first(b, 3, 0x22), WP_OK);
    assert_int_equal(bench_see(b, 3).state, WP_PAGE_KNOWN);
    assert_int_equal(create_file(b), WP_OK);
    assert_int_equal(insert_first(b, 0, 0x22), WP_OK);
    assert_int_equal(bench_see(b, 0).state, WP_PAGE_UNKNOWN);
    const uint64_t unknown = wp_redo_statistics(b->redo)->unknown;
    assert_int_equal(change_with_image(b, 0), WP_OK);
    assert_int_equal(bench_see(b, 0).state, WP_PAGE_UNKNOWN);
    assert_int_equal(wp_redo_statistics(b->redo)->unknown, unknown + 1);
    assert_int_equal(set_wal_level(b, 2), WP_OK);
    assert_int_equal(change_with_image(b, 0), WP_OK);
    assert_int_equal(bench_see(b, 0).state, WP_PAGE_KNOWN);
    assert_int_equal(insert_first(b, 1, 0x33), WP_OK);
    const wp_page page = bench_see(b, 1);
    assert_int_equal(value_of(&page), 0x33);
    bench_free(b);
}

static void a_page_missed_is_mended_by_the_cut(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    assert_int_equal(change(b, 9, 1), WP_OK); /* the backup was taken after the cut */
    assert_int_equal(bench_see(b, 9).state, WP_PAGE_DAMAGED);
    assert_int_equal(blocks_of(b, 1), 10); /* nobody may miss it */
    assert_int_equal(truncate_to(b, 1, 7), WP_OK);
    const wp_page cut = bench_see(b, 9);
    assert_int_equal(cut.state, WP_PAGE_ABSENT);
    assert_true(cut.fault_lsn == 0);
    assert_int_equal(blocks_of(b, 1), 1);
    bench_free(b);
}

typedef struct image_case {
    const char *name;
    const char *major;
    wal_packing packing;
    bool for_check;
    wp_page_fault fault;
    uint8_t want;
} image_case;

static const image_case images[] = {
    { "whole", "9.5", WAL_IMAGE_WHOLE, false, WP_FAULT_NONE, 0x66 },
    { "with a hole", "10", WAL_IMAGE_HOLE, false, WP_FAULT_NONE, 0x66 },
    { "pglz", "14", WAL_IMAGE_PGLZ, false, WP_FAULT_NONE, 0x66 },
    { "pglz, 19", "19", WAL_IMAGE_PGLZ, false, WP_FAULT_NONE, 0x66 },
    { "to be compared with", "10", WAL_IMAGE_HOLE, true, WP_FAULT_NONE, 0x55 },
    { "to be compared with, 19", "19", WAL_IMAGE_PGLZ, true, WP_FAULT_NONE, 0x55 },
    { "of nonsense", "15", WAL_IMAGE_PGLZ, false, WP_FAULT_IMAGE, 0 },
    { "packed in an unknown way", "15", WAL_IMAGE_WHOLE, false, WP_FAULT_PACKING, 0 },
};

/* An image is as the page is after the record: the record's data is not applied. */
static void image_replaces_the_page(void **state)
{
    const image_case *row = *state;
    bench *b = with_backup(1);
    wal_free(b->w);
    b->w = wal_new(row->major);
    b->config.profile = wal_profile(b->w);
    bench_start(b);
    uint8_t bytes[BENCH_BYTES];
    wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
    fill_page(&page, 5, 0x66);
    const uint8_t main[] = { 1, 0 }, data[] = { 0x55, 0x55, 0x55, 0x55 };
    wal_record record = { .rmid = WP_RMGR_HEAP,
                          .info = 0x70,
                          .nblocks = 1,
                          .blocks = { { .locator = bench_file,
                                        .data = { data, sizeof data },
                                        .page = bytes,
                                        .packing = row->packing,
                                        .for_check = row->for_check } },
                          .main = { main, sizeof main } };
    blob whole = wal_record_bytes(b->w, &record, 0);
    if (row->fault == WP_FAULT_IMAGE)
        memset(whole.at + 60, 0xFF, 4); /* within the image */
    if (row->fault == WP_FAULT_PACKING)
        whole.at[32] |= 0x80; /* bimg_info: a bit that no server sets */
    b->lsn += 0x10000;
    const wp_record given = { .profile = b->config.profile,
                              .lsn = b->lsn,
                              .end_lsn = b->lsn + 8192,
                              .max_align = 8,
                              .bytes = view_of(&whole) };
    wp_error err;
    assert_int_equal(wp_redo_record(b->redo, &given, &err), WP_OK);
    const wp_page seen = bench_see(b, 0);
    if (row->fault != WP_FAULT_NONE) {
        assert_int_equal(seen.fault, row->fault);
    } else {
        assert_int_equal(value_of(&seen), row->want);
        memcpy(bytes, seen.bytes, BENCH_BYTES);
        assert_true(wpi_redo_page_lsn(&page) == given.end_lsn);
    }
    blob_free(&whole);
    bench_free(b);
}

static void an_image_alone_replaces_a_page(void **state)
{
    (void)state;
    static const struct {
        const char *major;
        uint8_t info;
    } kinds[] = { { "15", 0xA0 }, { "15", 0xB0 }, { "11", 0xC0 } };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bench *b = with_backup(1);
        wal_free(b->w);
        b->w = wal_new(kinds[i].major);
        b->config.profile = wal_profile(b->w);
        bench_start(b);
        uint8_t bytes[BENCH_BYTES];
        wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
        fill_page(&page, 5, 0x66);
        const wal_record record = {
            .rmid = WP_RMGR_XLOG,
            .info = kinds[i].info,
            .nblocks = 2,
            .blocks = { { .locator = bench_file, .page = bytes, .packing = WAL_IMAGE_HOLE },
                        { .id = 1,
                          .fork = 2, /* of the map: left alone */
                          .locator = bench_file,
                          .number = 1,
                          .page = bytes,
                          .packing = WAL_IMAGE_HOLE } }
        };
        assert_int_equal(bench_apply(b, &record), WP_OK);
        const wp_page seen = bench_see(b, 0);
        assert_int_equal(value_of(&seen), 0x66);
        assert_int_equal(bench_see(b, 1).state, WP_PAGE_ABSENT);
        bench_free(b);
    }
}

/* An image of zeros stays zeros: it gets no LSN, as in XLogReadBufferForRedoExtended(). */
static void an_image_of_zeros_has_no_lsn(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    static const uint8_t zeros[BENCH_BYTES];
    const wal_record record = {
        .rmid = WP_RMGR_XLOG,
        .info = 0xB0,
        .nblocks = 1,
        .blocks = { { .locator = bench_file, .page = zeros, .packing = WAL_IMAGE_WHOLE } }
    };
    assert_int_equal(bench_apply(b, &record), WP_OK);
    const wp_page page = bench_see(b, 0);
    assert_int_equal(page.state, WP_PAGE_KNOWN);
    assert_memory_equal(page.bytes, zeros, sizeof zeros);
    bench_free(b);
}

/* ---- UPDATE to another page ---------------------------------------------------------------- */

static wp_status update_across(bench *b, uint8_t flags, bool has_map)
{
    uint8_t main[14] = { 0xBC, 2, 0, 0, 1, 0, 0, flags, 0, 0, 0, 0, 2, 0 };
    const uint8_t data[] = { 1, 0, 0, 8, 24, 0, 9, 9, 9, 9 };
    const wal_record record = {
        .rmid = WP_RMGR_HEAP,
        .info = 0x20,
        .xid = 700,
        .nblocks = has_map ? 3 : 2,
        .blocks = { { .locator = bench_file, .number = 1, .data = { data, sizeof data } },
                    { .id = 1, .locator = bench_file, .number = 0 },
                    { .id = 2, .fork = 2, .locator = bench_file, .number = 0 } },
        .main = { main, sizeof main }
    };
    return bench_apply(b, &record);
}

static void a_row_moves_to_another_page(void **state)
{
    (void)state;
    bench *b = with_backup(2);
    bench_start(b);
    assert_int_equal(update_across(b, 0, true), WP_OK);
    wp_page page = bench_see(b, 0);
    static const uint8_t ctid[] = { 0, 0, 1, 0, 2, 0 };
    assert_memory_equal(page.bytes + BENCH_BYTES - 32 + WPI_ROW_CTID_AT, ctid, sizeof ctid);
    assert_int_equal(wpi_u32(page.bytes + BENCH_BYTES - 32 + WPI_ROW_XMAX_AT), 700);
    page = bench_see(b, 1);
    assert_int_equal(page.state, WP_PAGE_KNOWN);
    assert_int_equal(page.bytes[BENCH_BYTES - 64 + 24], 9);
    assert_int_equal(wp_redo_statistics(b->redo)->changed, 2);
    /* Nothing of the old row may be needed: it is on another page. */
    assert_int_equal(update_across(b, 0x20, false), WP_OK);
    assert_int_equal(bench_see(b, 1).fault, WP_FAULT_RECORD);
    bench_free(b);
}

/* ---- sequences ----------------------------------------------------------------------------- */

/* The row is that of a server's record (15) of a new sequence: xmin 2, three columns that are not null. */
#define SEQUENCE_HEAD \
    "02000000"        \
    "00000000"        \
    "00000000"        \
    "000000000100"    \
    "0300"            \
    "000B"

static wp_status log_sequence(bench *b, const char *row)
{
    blob main = { 0 };
    put_locator(&main, bench_file);
    put_hex(&main, row);
    const wal_record record = { .rmid = WP_RMGR_SEQUENCE,
                                .nblocks = 1,
                                .blocks = { { .locator = bench_file, .will_init = true } },
                                .main = view_of(&main) };
    const wp_status status = bench_apply(b, &record);
    blob_free(&main);
    return status;
}

static void a_sequence_is_one_row(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    assert_int_equal(log_sequence(b, SEQUENCE_HEAD "18"
                                                   "00"
                                                   "0100000000000000"
                                                   "0000000000000000"
                                                   "00"),
                     WP_OK);
    wp_page page = bench_see(b, 0);
    assert_int_equal(page.state, WP_PAGE_KNOWN);
    static const uint8_t head[] = { 28, 0, 0xC8, 0x1F, 0xF8, 0x1F, 4, 0x20 };
    assert_memory_equal(page.bytes + 12, head, sizeof head);
    assert_int_equal(wpi_u32(page.bytes + 8184), 0x1717);
    assert_int_equal(wpi_u64(page.bytes + 8136 + 24), 1); /* last_value */
    assert_int_equal(log_sequence(b, SEQUENCE_HEAD "30"
                                                   "00"),
                     WP_OK);
    assert_int_equal(bench_see(b, 0).fault, WP_FAULT_RECORD);
    bench_free(b);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void pages_go_to_the_scratch_file_and_come_back(void **state)
{
    (void)state;
    bench *b = with_backup(BENCH_BLOCKS);
    b->config.memory_bytes = 0; /* 64 pages at least */
    bench_start(b);
    for (int round = 1; round <= 3; round++)
        for (uint32_t i = 0; i < BENCH_BLOCKS; i += 2)
            assert_int_equal(change(b, i, (uint8_t)(i + (unsigned)round)), WP_OK);
    for (uint32_t i = 0; i < BENCH_BLOCKS; i++) {
        const wp_page page = bench_see(b, i);
        assert_int_equal(value_of(&page), (uint8_t)(i % 2 ? i : i + 3));
    }
    assert_true(wp_redo_statistics(b->redo)->spilled >= 3 * (100 - 64));
    bench_free(b);
}

/* A bit of the page's header is a change, too, though the LSN stays: VISIBLE, and PRUNE of 19. */
static void a_flag_goes_to_the_scratch_file(void **state)
{
    (void)state;
    static const struct {
        const char *major;
        uint8_t info, id;
        uint8_t main[8];
    } records[] = {
        { "18", 0x40, 1, { 0, 0, 0, 0, 1 } },
        { "19", 0x10, 0, { 0x00, 0x01 } },
    };
    for (size_t r = 0; r < COUNT(records); r++) {
        bench *b = with_backup(BENCH_BLOCKS);
        wal_free(b->w);
        b->w = wal_new(records[r].major);
        b->config.profile = wal_profile(b->w);
        b->config.memory_bytes = 0;
        bench_start(b);
        const wal_record record = { .rmid = WP_RMGR_HEAP2,
                                    .info = records[r].info,
                                    .nblocks = 1,
                                    .blocks = { { .id = records[r].id, .locator = bench_file } },
                                    .main = { records[r].main, sizeof records[r].main } };
        assert_int_equal(bench_apply(b, &record), WP_OK);
        for (uint32_t i = 1; i < BENCH_BLOCKS; i++)
            assert_int_equal(change(b, i, 1), WP_OK);
        const wp_page page = bench_see(b, 0);
        assert_int_equal(wpi_u16(page.bytes + 10), WPI_PAGE_ALL_VISIBLE);
        bench_free(b);
    }
}

/* So is an image, which has no data that changes the page. */
static void an_image_goes_to_the_scratch_file(void **state)
{
    (void)state;
    bench *b = with_backup(BENCH_BLOCKS);
    b->config.memory_bytes = 0;
    bench_start(b);
    uint8_t bytes[BENCH_BYTES];
    wpi_redo_page image = { bytes, BENCH_BYTES, 8 };
    fill_page(&image, 5, 0x66);
    const wal_record record = {
        .rmid = WP_RMGR_XLOG,
        .info = 0xB0,
        .nblocks = 1,
        .blocks = { { .locator = bench_file, .page = bytes, .packing = WAL_IMAGE_WHOLE } }
    };
    assert_int_equal(bench_apply(b, &record), WP_OK);
    for (uint32_t i = 1; i < BENCH_BLOCKS; i++)
        assert_int_equal(change(b, i, 1), WP_OK);
    const wp_page page = bench_see(b, 0);
    assert_int_equal(value_of(&page), 0x66);
    bench_free(b);
}

/* What was written and did not change since is not written again. */
static void a_page_is_written_once(void **state)
{
    (void)state;
    bench *b = with_backup(BENCH_BLOCKS);
    b->config.memory_bytes = 0;
    bench_start(b);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(change(b, i, 1), WP_OK);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 100; i++)
            assert_int_equal(bench_see(b, i).state, WP_PAGE_KNOWN);
    assert_int_equal(wp_redo_statistics(b->redo)->spilled, 100);
    bench_free(b);
}

/* Pages stay where they are until the next call, however many it asks for. */
static void pages_of_a_call_stay(void **state)
{
    (void)state;
    bench *b = bench_new("15");
    wpi_store store = { .config = b->config, .held_max = 2, .call = 1 };
    wpi_stored_file *file = NULL;
    wpi_stored *stored[3];
    assert_int_equal(wpi_store_file(&store, &bench_file, &file), WP_OK);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(wpi_store_renew(&store, file, i, &stored[i]), WP_OK);
        memset(stored[i]->page.bytes, (int)i + 1, BENCH_BYTES);
    }
    assert_int_equal(wpi_store_renew(&store, file, 2, &stored[2]), WP_ERR_LIMIT);
    assert_int_equal(stored[0]->page.bytes[0], 1);
    assert_int_equal(stored[1]->page.bytes[0], 2);
    store.call++;
    assert_int_equal(wpi_store_renew(&store, file, 2, &stored[2]), WP_OK);
    wpi_store_free(&store);
    bench_free(b);
}

static void memory_has_a_limit(void **state)
{
    (void)state;
    bench *b = with_backup(BENCH_BLOCKS);
    b->config.memory_bytes = 0;
    b->config.write_scratch = NULL;
    b->config.read_scratch = NULL;
    bench_start(b);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(change(b, i, 1), WP_OK);
    assert_int_equal(change(b, 64, 1), WP_ERR_LIMIT);
    bench_free(b);

    b = with_backup(BENCH_BLOCKS); /* what was not changed can be read again */
    b->config.memory_bytes = 0;
    b->config.write_scratch = NULL;
    b->config.read_scratch = NULL;
    bench_start(b);
    for (uint32_t i = 0; i < BENCH_BLOCKS; i++)
        assert_int_equal(bench_see(b, i).state, WP_PAGE_KNOWN);
    bench_free(b);
}

static void a_scratch_file_that_fails_ends_it(void **state)
{
    (void)state;
    bench *b = with_backup(BENCH_BLOCKS);
    b->config.memory_bytes = 0;
    b->scratch_fails = WP_ERR_LIMIT;
    bench_start(b);
    wp_status status = WP_OK;
    for (uint32_t i = 0; i < BENCH_BLOCKS && status == WP_OK; i++)
        status = change(b, i, 1);
    assert_int_equal(status, WP_ERR_LIMIT);
    bench_free(b);
}

/* ---- which files and records ----------------------------------------------------------------- */

static void other_files_are_left_alone(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    const uint8_t main[] = { 1, 0 };
    const wal_record record = { .rmid = WP_RMGR_HEAP,
                                .info = 0x70,
                                .nblocks = 1,
                                .blocks = { { .locator = { 1663, 5, 999 } } },
                                .main = { main, sizeof main } };
    assert_int_equal(bench_apply(b, &record), WP_OK);
    wp_page page;
    const wp_locator other = { 1663, 5, 999 };
    assert_int_equal(wp_redo_page(b->redo, &other, 0, &page, NULL), WP_OK);
    assert_int_equal(page.state, WP_PAGE_UNKNOWN);
    const wp_redo_counts *counts = wp_redo_statistics(b->redo);
    assert_int_equal(counts->changed + counts->damaged + counts->unknown, 0);
    assert_int_equal(b->reads, 0);
    bench_free(b);
}

/* VISIBLE is none of 19's records: what it does to the page is not known. */
static void an_unknown_operation_is_damage(void **state)
{
    (void)state;
    bench *b = with_backup(2);
    wal_free(b->w);
    b->w = wal_new("19");
    b->config.profile = wal_profile(b->w);
    bench_start(b);
    const uint8_t main[] = { 0, 0, 0, 0, 1 };
    const wal_record record = { .rmid = WP_RMGR_HEAP2,
                                .info = 0x40,
                                .nblocks = 2,
                                .blocks = { { .id = 1, .locator = bench_file },
                                            { .id = 2, /* of the map */
                                              .fork = 2,
                                              .locator = bench_file,
                                              .number = 1 } },
                                .main = { main, sizeof main } };
    assert_int_equal(bench_apply(b, &record), WP_OK);
    assert_int_equal(bench_see(b, 0).fault, WP_FAULT_RECORD);
    wp_page seen = bench_see(b, 1);
    assert_int_equal(value_of(&seen), 1);

    /* A page that the record has whole is known all the same. */
    uint8_t bytes[BENCH_BYTES];
    wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
    fill_page(&page, 5, 0x66);
    wal_record with_image = record;
    with_image.blocks[0].page = bytes;
    with_image.blocks[0].packing = WAL_IMAGE_WHOLE;
    assert_int_equal(bench_apply(b, &with_image), WP_OK);
    seen = bench_see(b, 0);
    assert_int_equal(value_of(&seen), 0x66);
    bench_free(b);
}

/* INSERT_LEAF of a btree, and a record of an extension: what they do is not followed. */
static void pages_of_indexes_are_not_known_when_all_are_wanted(void **state)
{
    (void)state;
    static const uint8_t managers[] = { WP_RMGR_BTREE, WP_RMGR_GENERIC, 128 };
    for (size_t i = 0; i < sizeof managers; i++) {
        bench *b = with_backup(3);
        b->config.wants = NULL;
        bench_start(b);
        uint8_t bytes[BENCH_BYTES];
        wpi_redo_page image = { bytes, BENCH_BYTES, 8 };
        fill_page(&image, 5, 0x66);
        const wal_record record = { .rmid = managers[i],
                                    .nblocks = 3,
                                    .blocks = { { .locator = bench_file, .number = 1 },
                                                { .id = 1,
                                                  .locator = bench_file,
                                                  .number = 2,
                                                  .page = bytes,
                                                  .packing = WAL_IMAGE_WHOLE },
                                                { .id = 2, .locator = bench_file, .number = 3 } } };
        assert_int_equal(bench_apply(b, &record), WP_OK);
        const wp_page other = bench_see(b, 0), with_image = bench_see(b, 2);
        assert_int_equal(value_of(&other), 0);
        assert_int_equal(bench_see(b, 1).state, WP_PAGE_UNKNOWN);
        assert_int_equal(value_of(&with_image), 0x66);
        assert_int_equal(bench_see(b, 3).state, WP_PAGE_UNKNOWN);
        assert_int_equal(wp_redo_statistics(b->redo)->unknown, 2);
        bench_free(b);
    }
}

static void a_gap_in_the_records_is_refused(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    assert_int_equal(change(b, 0, 0x55), WP_OK);
    const wp_lsn given = b->prev;
    const uint8_t commit[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
    const wal_record record = { .rmid = WP_RMGR_XACT, .main = { commit, sizeof commit } };
    assert_int_equal(bench_apply(b, &record), WP_OK); /* it counts, too */
    const wp_lsn last = b->prev;
    b->prev = given;
    assert_int_equal(change(b, 0, 0x66), WP_ERR_USAGE);
    wp_page page = bench_see(b, 0);
    assert_int_equal(value_of(&page), 0x55);
    b->prev = last;
    assert_int_equal(change(b, 0, 0x77), WP_OK);
    page = bench_see(b, 0);
    assert_int_equal(value_of(&page), 0x77);
    bench_free(b);
}

static void a_record_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    bench *b = with_backup(1);
    bench_start(b);
    uint8_t bytes[30] = { 30, 0, 0, 0, [16] = 0x70, [17] = WP_RMGR_HEAP, [24] = 0, 0x20, 9, 9 };
    const wp_record record = { .profile = b->config.profile,
                               .lsn = 0x2000000,
                               .end_lsn = 0x2000020,
                               .max_align = 8,
                               .bytes = { bytes, sizeof bytes } };
    wp_error err;
    assert_int_equal(wp_redo_record(b->redo, &record, &err), WP_ERR_DAMAGE);
    assert_string_equal(err.text, "the record at 0/2000000 contradicts itself");
    bench_free(b);
}

static void settings_are_checked(void **state)
{
    (void)state;
    bench *b = with_backup(0);
    wp_redo *redo = NULL;
    wp_redo_config config = b->config;
    config.block_bytes = 5000;
    assert_int_equal(wp_redo_new(&config, &redo, NULL), WP_ERR_USAGE);
    config = b->config;
    config.block_bytes = 65536;
    assert_int_equal(wp_redo_new(&config, &redo, NULL), WP_ERR_USAGE);
    config = b->config;
    config.max_align = 16;
    assert_int_equal(wp_redo_new(&config, &redo, NULL), WP_ERR_USAGE);
    config = b->config;
    config.read_scratch = NULL;
    assert_int_equal(wp_redo_new(&config, &redo, NULL), WP_ERR_USAGE);
    assert_null(redo);
    bench_free(b);
}

/* ---- the logs of transactions ----------------------------------------------------------------- */

static bool wants_all(void *context, const wp_locator *file)
{
    (void)context, (void)file;
    return true;
}

static bench *with_logs(const char *major)
{
    bench *b = bench_new(major);
    b->config.wants = wants_all;
    b->config.read_backup = NULL;
    bench_start(b);
    return b;
}

static wp_status try_log(bench *b, uint8_t rmid, uint8_t info, const char *hex)
{
    blob main = { 0 };
    put_hex(&main, hex);
    const wal_record record = { .rmid = rmid, .info = info, .main = view_of(&main) };
    const wp_status status = bench_apply(b, &record);
    blob_free(&main);
    return status;
}

static void put_log(bench *b, uint8_t rmid, uint8_t info, const char *hex)
{
    assert_int_equal(try_log(b, rmid, info, hex), WP_OK);
}

static wp_page see_log(bench *b, wp_redo_log log, uint32_t block)
{
    const wp_locator file = { .spc = WP_REDO_LOG_TABLESPACE, .rel = log };
    wp_page page;
    assert_int_equal(wp_redo_page(b->redo, &file, block, &page, NULL), WP_OK);
    return page;
}

static void new_pages_of_logs_are_zeros(void **state)
{
    (void)state;
    bench *b = with_logs("15");
    assert_int_equal(see_log(b, WP_REDO_XACT, 3).state, WP_PAGE_UNKNOWN);
    put_log(b, WP_RMGR_CLOG, 0x00, "03000000");
    const wp_page page = see_log(b, WP_REDO_XACT, 3);
    assert_int_equal(page.state, WP_PAGE_KNOWN);
    for (size_t i = 0; i < BENCH_BYTES; i++)
        assert_int_equal(page.bytes[i], 0);
    put_log(b, WP_RMGR_CLOG, 0x10, "0300000000000000");
    assert_int_equal(see_log(b, WP_REDO_XACT, 3).state, WP_PAGE_KNOWN);
    bench_free(b);
}

/* 2050 and its two members, the first of which is number 1635, the last on its page. */
static void members_are_put_where_they_belong(void **state)
{
    (void)state;
    bench *b = with_logs("15");
    put_log(b, WP_RMGR_MULTIXACT, 0x00, "01000000");
    put_log(b, WP_RMGR_MULTIXACT, 0x10, "00000000");
    put_log(b, WP_RMGR_MULTIXACT, 0x10, "01000000");
    put_log(b, WP_RMGR_MULTIXACT, 0x20,
            "02080000"
            "63060000"
            "02000000"
            "BC020000"
            "05000000"
            "BD020000"
            "01000000");
    wp_page page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 1);
    assert_int_equal(wpi_u32(page.bytes + 2 * 4), 1635);
    assert_int_equal(wpi_u32(page.bytes + 3 * 4), 1637);
    page = see_log(b, WP_REDO_MULTIXACT_MEMBERS, 0);
    assert_int_equal(page.bytes[408 * 20 + 3], 5);
    assert_int_equal(wpi_u32(page.bytes + 408 * 20 + 16), 700);
    page = see_log(b, WP_REDO_MULTIXACT_MEMBERS, 1);
    assert_int_equal(page.bytes[0], 1);
    assert_int_equal(wpi_u32(page.bytes + 4), 701);
    bench_free(b);
}

/* Zeros are a page of a log, and what lies where others have a header is no checksum. */
static wp_status read_log(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    (void)context, (void)file;
    memset(page, block == 1 ? 0x55 : 0, BENCH_BYTES);
    return block <= 1 ? WP_OK : WP_END;
}

static bench *with_logs_of_backup(void)
{
    bench *b = bench_new("15");
    b->config.memory_bytes = 0;
    b->config.wants = wants_all;
    b->config.read_backup = read_log;
    b->config.has_checksums = true;
    bench_start(b);
    return b;
}

static void logs_have_no_headers(void **state)
{
    (void)state;
    bench *b = with_logs_of_backup();
    assert_int_equal(see_log(b, WP_REDO_XACT, 0).state, WP_PAGE_KNOWN);
    const wp_page page = see_log(b, WP_REDO_XACT, 1);
    assert_int_equal(page.state, WP_PAGE_KNOWN);
    assert_int_equal(page.bytes[8], 0x55);
    assert_int_equal(see_log(b, WP_REDO_XACT, 2).state, WP_PAGE_ABSENT);
    bench_free(b);
}

/* 4095 is the last of page 1: where 4096 begins comes with page 2, which is not there yet. */
static void the_next_page_of_offsets_comes_later(void **state)
{
    (void)state;
    bench *b = with_logs_of_backup();
    put_log(b, WP_RMGR_MULTIXACT, 0x20,
            "FF0F0000"
            "05000000"
            "01000000"
            "BC020000"
            "05000000");
    const wp_page page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 1);
    assert_int_equal(wpi_u32(page.bytes + 2047 * 4), 5);
    assert_int_equal(see_log(b, WP_REDO_MULTIXACT_OFFSETS, 2).state, WP_PAGE_ABSENT);
    bench_free(b);
}

static void logs_go_to_the_scratch_file(void **state)
{
    (void)state;
    bench *b = with_logs_of_backup();
    put_log(b, WP_RMGR_MULTIXACT, 0x20,
            "02000000"
            "05000000"
            "01000000"
            "BC020000"
            "03000000");
    for (unsigned i = 2; i < 100; i++) {
        char page[9];
        (void)snprintf(page, sizeof page, "%02X000000", i);
        put_log(b, WP_RMGR_CLOG, 0x00, page);
    }
    wp_page page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 0);
    assert_int_equal(wpi_u32(page.bytes + 2 * 4), 5);
    page = see_log(b, WP_REDO_MULTIXACT_MEMBERS, 0);
    assert_int_equal(wpi_u32(page.bytes + 20 + 4 + 4), 700);
    bench_free(b);
}

static void offsets_are_wider_in_19(void **state)
{
    (void)state;
    bench *b = with_logs("19");
    put_log(b, WP_RMGR_MULTIXACT, 0x00, "0000000000000000");
    put_log(b, WP_RMGR_MULTIXACT, 0x10, "0000000000000000");
    put_log(b, WP_RMGR_MULTIXACT, 0x20,
            "02000000"
            "00000000"
            "0100000000000000"
            "01000000"
            "BC020000"
            "03000000");
    wp_page page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 0);
    assert_int_equal(wpi_u64(page.bytes + 2 * 8), 1);
    assert_int_equal(wpi_u64(page.bytes + 3 * 8), 2);
    page = see_log(b, WP_REDO_MULTIXACT_MEMBERS, 0);
    assert_int_equal(page.bytes[1], 3);
    assert_int_equal(wpi_u32(page.bytes + 8), 700);
    put_log(b, WP_RMGR_MULTIXACT, 0x20,
            "05000000"
            "00000000"
            "0100000001000000"
            "01000000"
            "BC020000"
            "03000000");
    page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 0);
    assert_true(wpi_u64(page.bytes + 5 * 8) == UINT64_C(0x100000001));
    assert_true(wpi_u64(page.bytes + 6 * 8) == UINT64_C(0x100000002));
    bench_free(b);
}

/* More members than the record has: nothing is believed of it. */
static void members_are_counted(void **state)
{
    (void)state;
    bench *b = with_logs("15");
    put_log(b, WP_RMGR_MULTIXACT, 0x00, "00000000");
    assert_int_equal(try_log(b, WP_RMGR_MULTIXACT, 0x20,
                             "02000000"
                             "01000000"
                             "02000000"
                             "BC020000"
                             "05000000"),
                     WP_ERR_DAMAGE);
    const wp_page page = see_log(b, WP_REDO_MULTIXACT_OFFSETS, 0);
    assert_int_equal(wpi_u32(page.bytes + 2 * 4), 0);
    bench_free(b);
}

static void the_last_map_counts(void **state)
{
    (void)state;
    bench *b = with_logs("15");
    wp_view map = { b->backup[0], 1 };
    assert_true(wp_redo_relmap(b->redo, 1663, 5, &map));
    assert_null(map.bytes);
    put_log(b, WP_RMGR_RELMAP, 0x00,
            "05000000"
            "7F060000"
            "04000000"
            "01020304");
    put_log(b, WP_RMGR_RELMAP, 0x00,
            "00000000"
            "80060000"
            "02000000"
            "0909");
    put_log(b, WP_RMGR_RELMAP, 0x00,
            "05000000"
            "7F060000"
            "03000000"
            "0A0B0C");
    assert_int_equal(try_log(b, WP_RMGR_RELMAP, 0x00,
                             "05000000"
                             "7F060000"
                             "09000000"
                             "0F"),
                     WP_ERR_DAMAGE); /* cut short */
    assert_true(wp_redo_relmap(b->redo, 1663, 5, &map));
    static const uint8_t want[] = { 0x0A, 0x0B, 0x0C };
    assert_int_equal(map.len, 3);
    assert_memory_equal(map.bytes, want, sizeof want);
    assert_true(wp_redo_relmap(b->redo, 1664, 0, &map));
    assert_int_equal(map.len, 2);

    /* CREATE of the database as a copy of 1, which brings its map, then a change of that */
    put_log(b, WP_RMGR_DATABASE, 0x00,
            "05000000"
            "7F060000"
            "01000000"
            "7F060000");
    assert_false(wp_redo_relmap(b->redo, 1663, 5, &map));
    assert_null(map.bytes);
    put_log(b, WP_RMGR_RELMAP, 0x00,
            "05000000"
            "7F060000"
            "01000000"
            "0D");
    assert_true(wp_redo_relmap(b->redo, 1663, 5, &map));
    assert_int_equal(map.len, 1);
    bench_free(b);
}

typedef struct short_case {
    const char *name;
    uint8_t rmid, info;
    const char *hex;
} short_case;

/* What the record was to do is not known, and it has no page that could be marked. */
static const short_case shorts[] = {
    { "ZEROPAGE", WP_RMGR_CLOG, 0x00, "030000" },
    { "ZERO_OFF_PAGE", WP_RMGR_MULTIXACT, 0x00, "" },
    { "ZERO_MEM_PAGE", WP_RMGR_MULTIXACT, 0x10, "0000" },
    { "CREATE_ID", WP_RMGR_MULTIXACT, 0x20, "0200000001000000020000" },
    { "UPDATE of a map", WP_RMGR_RELMAP, 0x00, "05000000" },
    { "CREATE of a file", WP_RMGR_SMGR, 0x10, "7F0600000500000000400000" },
    { "TRUNCATE of a file, without flags", WP_RMGR_SMGR, 0x20, "000000007F0600000500000000400000" },
};

static void short_record_is_refused(void **state)
{
    const short_case *row = *state;
    bench *b = with_logs("15");
    assert_int_equal(try_log(b, row->rmid, row->info, row->hex), WP_ERR_DAMAGE);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_backup_is_the_start),
        cmocka_unit_test(a_file_that_the_backup_lacks_is_not_empty),
        cmocka_unit_test(what_a_page_has_is_not_applied),
        cmocka_unit_test(zeros_are_no_page),
        cmocka_unit_test(a_damaged_page_is_mended_by_the_wal),
        cmocka_unit_test(a_wrong_checksum_is_damage),
        cmocka_unit_test(without_a_backup_pages_become_known),
        cmocka_unit_test(a_new_file_is_empty),
        cmocka_unit_test(a_new_fork_is_no_new_file),
        cmocka_unit_test(a_file_is_cut),
        cmocka_unit_test(a_copied_database_is_not_known),
        cmocka_unit_test(a_file_made_at_minimal_level_is_not_known),
        cmocka_unit_test(before_13_a_page_begun_at_minimal_level_is_not_known),
        cmocka_unit_test(a_page_missed_is_mended_by_the_cut),
        cmocka_unit_test(an_image_alone_replaces_a_page),
        cmocka_unit_test(an_image_of_zeros_has_no_lsn),
        cmocka_unit_test(a_row_moves_to_another_page),
        cmocka_unit_test(a_sequence_is_one_row),
        cmocka_unit_test(pages_go_to_the_scratch_file_and_come_back),
        cmocka_unit_test(a_flag_goes_to_the_scratch_file),
        cmocka_unit_test(an_image_goes_to_the_scratch_file),
        cmocka_unit_test(a_page_is_written_once),
        cmocka_unit_test(pages_of_a_call_stay),
        cmocka_unit_test(memory_has_a_limit),
        cmocka_unit_test(a_scratch_file_that_fails_ends_it),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(an_unknown_operation_is_damage),
        cmocka_unit_test(pages_of_indexes_are_not_known_when_all_are_wanted),
        cmocka_unit_test(a_gap_in_the_records_is_refused),
        cmocka_unit_test(a_record_that_contradicts_itself_is_refused),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(new_pages_of_logs_are_zeros),
        cmocka_unit_test(members_are_put_where_they_belong),
        cmocka_unit_test(logs_have_no_headers),
        cmocka_unit_test(the_next_page_of_offsets_comes_later),
        cmocka_unit_test(logs_go_to_the_scratch_file),
        cmocka_unit_test(offsets_are_wider_in_19),
        cmocka_unit_test(members_are_counted),
        cmocka_unit_test(the_last_map_counts),
    };
    int failed = RUN_CASES("images", images, image_replaces_the_page);
    failed += RUN_CASES("headers in the backup", headers, a_header_that_no_server_reads_is_damage);
    failed += RUN_CASES("records cut short", shorts, short_record_is_refused);
    return failed + cmocka_run_group_tests_name("redo", tests, NULL, NULL);
}
