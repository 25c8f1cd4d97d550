/*
 * test_redo_records.c - what each record of Heap and Heap2 makes of a page, row by row, and what is refused.
 *
 * What the bits become is what heap_redo() and heap2_redo() of access/heap/heapam_xlog.c make of them; that the servers do so
 * with records of their own is held against their pages in tests/cli/redo.sh.
 */
#include <stdio.h>

#include "redo_bench.h"

#define BLOCK 7u
#define HEAP WP_RMGR_HEAP
#define HEAP2 WP_RMGR_HEAP2
#define XID 700 /* BC020000 */

/*
 * The page before: row 1, which a VACUUM FULL before 9.0 moved; row 2, which an update on the page replaced (HOT) by row 4; a dead line pointer 3; row 4, with a
 * speculative ctid. Each has columns of 8 bytes.
 */
#define COLUMNS_1 "A1A2A3A4A5A6A7A8"
#define COLUMNS_2 "B1B2B3B4B5B6B7B8"
#define COLUMNS_4 "C1C2C3C4C5C6C7C8"
/* xmin 500, xmax, command, ctid, infomask2, infomask, hoff, a byte of padding */
#define ROW(xmax, cid, ctid, infomask2, infomask, columns) \
    "F4010000" xmax cid ctid infomask2 infomask "1800" columns
#define SELF_1 "000007000100"
#define SELF_2 "000007000200"
#define SELF_4 "000007000400"
#define ROW_1 ROW("00000000", "09000000", SELF_1, "0200", "0289", COLUMNS_1)
#define ROW_2 ROW("58020000", "09000000", SELF_4, "0240", "0205", COLUMNS_2)
#define ROW_4 ROW("00000000", "09000000", "00000700FEFF", "0280", "0229", COLUMNS_4)

typedef struct row_case {
    const char *name;
    const char *majors; /* first and last */
    uint8_t rmid, info;
    const char *main, *data; /* in hex */
    wp_page_fault fault;
    uint16_t number; /* of the row to look at; 0: none */
    const char *
        want; /* it begins with that, in hex; "": its line pointer is not one of a row, with kind and target */
    uint8_t kind;
    uint16_t target;
} row_case;

#define NEW_HEAD \
    "0200"       \
    "0208"       \
    "18"
#define NEW_ROW(ctid)      \
    "BC020000"             \
    "00000000"             \
    "00000000" ctid "0200" \
    "0208"                 \
    "1800"
#define PLAN   \
    "00000000" \
    "0200"     \
    "020B"     \
    "00"       \
    "00"

// clang-format off
static const row_case cases[] = {
    { "INSERT", "9.5 19", HEAP, 0x00, "0500" "00", NEW_HEAD "00" "D1D2D3D4", .number = 5, .want = NEW_ROW("000007000500") "D1D2D3D4" },
    { "INSERT of a row with a combined command", "9.5 19", HEAP, 0x00, "0500" "00", "0200" "2208" "18" "00" "D1", .number = 5, .want = NEW_ROW("000007000500") "D1" },
    { "INSERT at a line pointer in use", "9.5 19", HEAP, 0x00, "0100" "00", NEW_HEAD "00" "D1", .fault = WP_FAULT_IN_USE },
    { "INSERT at a dead line pointer", "9.5 19", HEAP, 0x00, "0300" "00", NEW_HEAD "00" "D1", .fault = WP_FAULT_IN_USE },
    { "INSERT beyond the next line pointer", "9.5 19", HEAP, 0x00, "0600" "00", NEW_HEAD "00" "D1", .fault = WP_FAULT_POINTER },
    { "INSERT at no line pointer", "9.5 19", HEAP, 0x00, "0000" "00", NEW_HEAD "00" "D1", .fault = WP_FAULT_POINTER },
    { "INSERT without a row", "9.5 19", HEAP, 0x00, "0500" "00", NEW_HEAD, .fault = WP_FAULT_RECORD },
    { "INSERT of a row shorter than its header", "9.5 19", HEAP, 0x00, "0500" "00", "0200" "0208" "20" "00" "D1", .fault = WP_FAULT_RECORD },
    { "INSERT of a header shorter than headers are", "9.5 19", HEAP, 0x00, "0500" "00", "0200" "0208" "16" "00" "D1", .fault = WP_FAULT_RECORD },

    { "DELETE", "9.5 19", HEAP, 0x10, "BC020000" "0100" "10" "00", "", .number = 1,
      .want = ROW("BC020000", "00000000", SELF_1, "0220", "0201", COLUMNS_1) },
    { "DELETE of a row that was updated on the page", "9.5 19", HEAP, 0x10, "BC020000" "0200" "10" "00", "", .number = 2,
      .want = ROW("BC020000", "00000000", SELF_2, "0220", "0201", COLUMNS_2) },
    { "DELETE of a speculative row", "9.5 19", HEAP, 0x10, "BC020000" "0400" "10" "08", "", .number = 4,
      .want = "00000000" "00000000" "00000000" SELF_4 "02A0" "0221" "1800" COLUMNS_4 },
    { "DELETE for another partition", "11 19", HEAP, 0x10, "BC020000" "0100" "10" "10", "", .number = 1,
      .want = ROW("BC020000", "00000000", "FFFFFFFFFDFF", "0220", "0201", COLUMNS_1) },
    { "DELETE with a MultiXact", "9.5 19", HEAP, 0x10, "BC020000" "0100" "09" "00", "", .number = 1,
      .want = ROW("BC020000", "00000000", SELF_1, "0200", "1211", COLUMNS_1) },
    { "DELETE of a dead line pointer", "9.5 19", HEAP, 0x10, "BC020000" "0300" "10" "00", "", .fault = WP_FAULT_POINTER },
    { "DELETE of a line pointer that is not there", "9.5 19", HEAP, 0x10, "BC020000" "0500" "10" "00", "", .fault = WP_FAULT_POINTER },
    { "DELETE of no line pointer", "9.5 19", HEAP, 0x10, "BC020000" "0000" "10" "00", "", .fault = WP_FAULT_POINTER },
    { "DELETE, too short", "9.5 19", HEAP, 0x10, "BC020000" "0100" "10", "", .fault = WP_FAULT_RECORD },

    { "HOT_UPDATE, the old row", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "00" "00000000" "0500", NEW_HEAD "00" "D1", .number = 1,
      .want = ROW("BC020000", "00000000", "000007000500", "0240", "0201", COLUMNS_1) },
    { "UPDATE within the page, the old row", "9.5 19", HEAP, 0x20, "BC020000" "0200" "14" "00" "00000000" "0500", NEW_HEAD "00" "D1", .number = 2,
      .want = ROW("BC020000", "00000000", "000007000500", "0220", "4201", COLUMNS_2) },
    { "HOT_UPDATE, the new row", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "00" "63000000" "0500", NEW_HEAD "00" "D1D2", .number = 5,
      .want = "BC020000" "63000000" "00000000" "000007000500" "0200" "0208" "1800" "D1D2" },
    { "HOT_UPDATE with a prefix", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "20" "00000000" "0500", "0300" NEW_HEAD "00" "D1D2", .number = 5,
      .want = NEW_ROW("000007000500") "A1A2A3" "D1D2" },
    { "HOT_UPDATE with a suffix", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "40" "00000000" "0500", "0200" NEW_HEAD "00" "D1D2", .number = 5,
      .want = NEW_ROW("000007000500") "D1D2" "A7A8" },
    { "HOT_UPDATE with both", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "60" "00000000" "0500", "0300" "0200" NEW_HEAD "00" "D1D2", .number = 5,
      .want = NEW_ROW("000007000500") "A1A2A3" "D1D2" "A7A8" },
    { "HOT_UPDATE with a null bitmap", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "20" "00000000" "0500", "0800" "0900" "0308" "20" "FF0000000000000000", .number = 5,
      .want = "BC020000" "00000000" "00000000" "000007000500" "0900" "0308" "20" "FF0000000000000000" COLUMNS_1 },
    { "HOT_UPDATE with all of the old row", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "20" "00000000" "0500", "0800" NEW_HEAD "00", .number = 5,
      .want = NEW_ROW("000007000500") COLUMNS_1 },
    { "HOT_UPDATE with more than the old row", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "20" "00000000" "0500", "0900" NEW_HEAD "00", .fault = WP_FAULT_RECORD },
    { "HOT_UPDATE with a longer suffix", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "40" "00000000" "0500", "FFFF" NEW_HEAD "00", .fault = WP_FAULT_RECORD },
    { "HOT_UPDATE of a dead line pointer", "9.5 19", HEAP, 0x40, "BC020000" "0300" "00" "00" "00000000" "0500", NEW_HEAD "00" "D1", .fault = WP_FAULT_POINTER },
    { "HOT_UPDATE to a line pointer in use", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "00" "00000000" "0200", NEW_HEAD "00" "D1", .fault = WP_FAULT_IN_USE },
    { "HOT_UPDATE without a row", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "00" "00000000" "0500", "0200", .fault = WP_FAULT_RECORD },
    { "HOT_UPDATE with a prefix and half a bitmap", "9.5 19", HEAP, 0x40, "BC020000" "0100" "00" "20" "00000000" "0500", "0300" "0200" "0208" "20" "00", .fault = WP_FAULT_RECORD },

    { "CONFIRM", "9.5 19", HEAP, 0x50, "0400", "", .number = 4, .want = ROW("00000000", "09000000", SELF_4, "0280", "0229", COLUMNS_4) },
    { "CONFIRM of a dead line pointer", "9.5 19", HEAP, 0x50, "0300", "", .fault = WP_FAULT_POINTER },

    { "LOCK", "9.6 19", HEAP, 0x60, "BC020000" "0100" "06" "00", "", .number = 1,
      .want = ROW("BC020000", "00000000", SELF_1, "0200", "C201", COLUMNS_1) },
    { "LOCK of 9.5", "9.5 9.5", HEAP, 0x60, "BC020000" "0100" "06", "", .number = 1,
      .want = ROW("BC020000", "00000000", SELF_1, "0200", "C201", COLUMNS_1) },
    { "LOCK after an update that was taken back", "9.6 19", HEAP, 0x60, "BC020000" "0200" "0A" "00", "", .number = 2,
      .want = ROW("BC020000", "00000000", SELF_2, "0200", "9201", COLUMNS_2) },
    { "LOCK of a row that stays updated", "9.6 19", HEAP, 0x60, "BC020000" "0200" "01" "00", "", .number = 2,
      .want = ROW("BC020000", "00000000", SELF_4, "0240", "0211", COLUMNS_2) },
    { "LOCK of 9.2 and before, exclusive", "9.6 19", HEAP, 0x60, "BC020000" "0200" "04" "00", "", .number = 2,
      .want = ROW("BC020000", "00000000", SELF_2, "0200", "4201", COLUMNS_2) },
    { "LOCK of a dead line pointer", "9.6 19", HEAP, 0x60, "BC020000" "0300" "06" "00", "", .fault = WP_FAULT_POINTER },
    { "LOCK_UPDATED", "9.6 19", HEAP2, 0x60, "BC020000" "0200" "01" "00", "", .number = 2,
      .want = ROW("BC020000", "09000000", SELF_4, "0240", "0211", COLUMNS_2) },
    { "LOCK_UPDATED of no row", "9.6 19", HEAP2, 0x60, "BC020000" "FFFF" "01" "00", "", .fault = WP_FAULT_POINTER },

    { "INPLACE", "9.5 19", HEAP, 0x70, "0100", "E1E2E3E4E5E6E7E8", .number = 1,
      .want = ROW("00000000", "09000000", SELF_1, "0200", "0289", "E1E2E3E4E5E6E7E8") },
    { "INPLACE, longer than the row", "9.5 19", HEAP, 0x70, "0100", "E1E2E3E4E5E6E7E8E9", .fault = WP_FAULT_RECORD },
    { "INPLACE, shorter than the row", "9.5 19", HEAP, 0x70, "0100", "E1", .fault = WP_FAULT_RECORD },

    { "MULTI_INSERT, the second row", "9.5 19", HEAP2, 0x50, "0000" "0200" "0500" "0600", "0200" NEW_HEAD "00D1" "00" "0300" NEW_HEAD "00D2D3",
      .number = 6, .want = NEW_ROW("000007000600") "D2D3" },
    { "MULTI_INSERT, an offset too few", "9.5 19", HEAP2, 0x50, "0000" "0200" "0500", "0200" NEW_HEAD "00D1" "00" "0200" NEW_HEAD "00D2", .fault = WP_FAULT_RECORD },
    { "MULTI_INSERT, a row too few", "9.5 19", HEAP2, 0x50, "0000" "0200" "0500" "0600", "0200" NEW_HEAD "00D1", .fault = WP_FAULT_RECORD },
    { "MULTI_INSERT, a row too many", "9.5 19", HEAP2, 0x50, "0000" "0100" "0500", "0200" NEW_HEAD "00D1" "00" "0200" NEW_HEAD "00D2", .fault = WP_FAULT_RECORD },
    { "MULTI_INSERT, a row cut short", "9.5 19", HEAP2, 0x50, "0000" "0100" "0500", "0300" NEW_HEAD "00D1", .fault = WP_FAULT_RECORD },

    { "CLEAN, redirected", "9.5 16", HEAP2, 0x10, "80030000" "0100" "0000" "00", "0200" "0400" "0100", .number = 2, .want = "", .kind = WPI_POINTER_REDIRECT, .target = 4 },
    { "CLEAN, dead", "9.5 16", HEAP2, 0x10, "80030000" "0000" "0100" "00", "0200", .number = 2, .want = "", .kind = WPI_POINTER_DEAD },
    { "CLEAN, unused", "9.5 16", HEAP2, 0x10, "80030000" "0000" "0000" "00", "0200", .number = 2, .want = "", .kind = WPI_POINTER_UNUSED },
    { "CLEAN, rows that stay", "9.5 16", HEAP2, 0x10, "80030000" "0000" "0000" "00", "0200", .number = 4, .want = ROW_4 },
    { "CLEAN of a line pointer that is not there", "9.5 16", HEAP2, 0x10, "80030000" "0000" "0000" "00", "0500", .fault = WP_FAULT_POINTER },
    { "CLEAN, more than there are", "9.5 16", HEAP2, 0x10, "80030000" "FFFF" "FFFF" "00", "0200", .fault = WP_FAULT_RECORD },
    { "CLEAN, half an offset", "9.5 16", HEAP2, 0x10, "80030000" "0000" "0000" "00", "020001", .fault = WP_FAULT_RECORD },
    { "VACUUM", "14 16", HEAP2, 0x20, "0100", "0300", .number = 3, .want = "", .kind = WPI_POINTER_UNUSED },
    { "VACUUM, more than there are", "14 16", HEAP2, 0x20, "0200", "0300", .fault = WP_FAULT_RECORD },
    { "VACUUM, fewer than there are", "14 16", HEAP2, 0x20, "0000", "0300", .fault = WP_FAULT_RECORD },
    { "VACUUM of no line pointer", "14 16", HEAP2, 0x20, "0100", "0000", .fault = WP_FAULT_POINTER },

    { "FREEZE_PAGE before 14", "9.5 13", HEAP2, 0x20, "80030000" "0100", "00000000" "0100" "0200" "020B" "00" "00", .number = 1,
      .want = ROW("00000000", "09000000", SELF_1, "0200", "020B", COLUMNS_1) },
    { "FREEZE_PAGE, 14 and 15", "14 15", HEAP2, 0x30, "80030000" "0100", "00000000" "0100" "0200" "020B" "04" "00", .number = 1,
      .want = ROW("00000000", "00000000", SELF_1, "0200", "020B", COLUMNS_1) },
    { "FREEZE_PAGE, more than there are", "14 15", HEAP2, 0x30, "80030000" "0200", "00000000" "0100" "0200" "020B" "00" "00", .fault = WP_FAULT_RECORD },
    { "FREEZE_PAGE of a dead line pointer", "14 15", HEAP2, 0x30, "80030000" "0100", "00000000" "0300" "0200" "020B" "00" "00", .fault = WP_FAULT_POINTER },
    { "FREEZE_PAGE, 16", "16 16", HEAP2, 0x30, "80030000" "0200" "00", PLAN "0100" "63000000" "0280" "020B" "02" "00" "0200" "0100" "0200" "0400", .number = 2,
      .want = ROW("63000000", "02000000", SELF_4, "0280", "020B", COLUMNS_2) },
    { "FREEZE_PAGE, 16, an offset too few", "16 16", HEAP2, 0x30, "80030000" "0100" "00", PLAN "0200" "0100", .fault = WP_FAULT_RECORD },
    { "FREEZE_PAGE, 16, an offset too many", "16 16", HEAP2, 0x30, "80030000" "0100" "00", PLAN "0100" "0100" "0200", .fault = WP_FAULT_RECORD },
    { "FREEZE_PAGE, 16, a plan too many", "16 16", HEAP2, 0x30, "80030000" "FFFF" "00", PLAN "0100" "0100", .fault = WP_FAULT_RECORD },

    { "PRUNE, 17 and 18, all at once", "17 18", HEAP2, 0x10, "00" "F4", "0100" "0000" PLAN "0100" "0100" "0200" "0400" "0100" "0300" "0100" "0300" "0400", .number = 2, .want = "",
      .kind = WPI_POINTER_REDIRECT, .target = 4 },
    { "PRUNE, 19, all at once", "19 19", HEAP2, 0x20, "F400", "0100" "0000" PLAN "0100" "0100" "0200" "0400" "0100" "0300" "0100" "0300" "0100", .number = 1,
      .want = ROW("00000000", "09000000", SELF_1, "0200", "020B", COLUMNS_1) },
    { "PRUNE, 17 and 18, with an xid, only line pointers", "17 18", HEAP2, 0x30, "00" "88" "80030000", "0100" "0300", .number = 3, .want = "", .kind = WPI_POINTER_UNUSED },
    { "PRUNE, 17 and 18, rows move without the lock", "17 18", HEAP2, 0x30, "00" "20", "0100" "0200" "0400", .fault = WP_FAULT_RECORD },
    { "PRUNE, 17 and 18, more than there are", "17 18", HEAP2, 0x10, "00" "44", "0300" "0200", .fault = WP_FAULT_RECORD },
    { "PRUNE, 19, plans that are not there", "19 19", HEAP2, 0x10, "1400", "FFFF" "0000", .fault = WP_FAULT_RECORD },
    { "PRUNE, 17 and 18, a freed line pointer frozen", "17 18", HEAP2, 0x10, "00" "94", "0100" "0000" PLAN "0100" "0100" "0100" "0100", .fault = WP_FAULT_POINTER },
};
// clang-format on

static void put_row(wpi_redo_page *page, uint16_t number, const char *hex)
{
    blob row = { 0 };
    put_hex(&row, hex);
    assert_int_equal(wpi_redo_page_add(page, number, row.at, row.len), WP_FAULT_NONE);
    blob_free(&row);
}

static bench *start(const char *major)
{
    bench *b = bench_new(major);
    b->in_backup = BLOCK + 1;
    wpi_redo_page page = bench_page(b, BLOCK);
    wpi_redo_page_init(&page);
    wpi_redo_page_set_lsn(&page, b->lsn);
    put_row(&page, 1, ROW_1);
    put_row(&page, 2, ROW_2);
    put_row(&page, 3, ROW_1);
    (void)wpi_redo_page_set_pointer(&page, 3, WPI_POINTER_DEAD, 0);
    put_row(&page, 4, ROW_4);
    bench_start(b);
    return b;
}

static wp_status apply_cut(bench *b, const row_case *row, wp_view main, wp_view data)
{
    const wal_record record = { .rmid = row->rmid,
                                .info = row->info,
                                .xid = XID,
                                .nblocks = 1,
                                .blocks = { { .locator = bench_file,
                                              .number = BLOCK,
                                              .data = data.len > 0 ? data : (wp_view){ 0 } } },
                                .main = main };
    return bench_apply(b, &record);
}

static void check_row(const row_case *row, const wp_page *got)
{
    uint8_t copy[BENCH_BYTES];
    memcpy(copy, got->bytes, BENCH_BYTES);
    const wpi_redo_page page = { copy, BENCH_BYTES, 8 };
    const wpi_pointer pointer = wpi_redo_page_pointer(&page, row->number);
    if (row->want[0] == '\0') {
        assert_int_equal(pointer.kind, row->kind);
        assert_int_equal(pointer.off, row->target);
        return;
    }
    wpi_row there;
    assert_int_equal(wpi_redo_page_row(&page, row->number, &there), WP_FAULT_NONE);
    blob want = { 0 };
    put_hex(&want, row->want);
    assert_int_equal(there.len, want.len);
    assert_memory_equal(there.bytes, want.at, want.len);
    blob_free(&want);
}

/* Cut anywhere the record is refused, or makes a page that can be read: never more. */
static void cut_everywhere(const char *major, const row_case *row, wp_view main, wp_view data)
{
    for (size_t len = 0; len < main.len + data.len; len++) {
        bench *b = start(major);
        const bool is_main = len < main.len;
        const wp_view cut_main = { main.bytes, is_main ? len : main.len };
        const wp_view cut_data = { data.bytes, is_main ? data.len : len - main.len };
        assert_int_equal(apply_cut(b, row, cut_main, cut_data), WP_OK);
        const wp_page page = bench_see(b, BLOCK);
        assert_true(page.state == WP_PAGE_KNOWN || page.state == WP_PAGE_DAMAGED);
        bench_free(b);
    }
}

static void check_at(const char *major, const row_case *row)
{
    const wal_config server = { .major = major };
    now_on(&server);
    blob main = { 0 }, data = { 0 };
    put_hex(&main, row->main);
    put_hex(&data, row->data);
    bench *b = start(major);
    assert_int_equal(apply_cut(b, row, view_of(&main), view_of(&data)), WP_OK);
    const wp_page page = bench_see(b, BLOCK);
    if (page.fault != row->fault)
        fail_msg("%s", wp_page_fault_text(page.fault));
    assert_int_equal(page.state, row->fault ? WP_PAGE_DAMAGED : WP_PAGE_KNOWN);
    if (!row->fault && row->number)
        check_row(row, &page);
    if (row->fault)
        assert_true(page.fault_lsn == b->lsn);
    bench_free(b);
    cut_everywhere(major, row, view_of(&main), view_of(&data));
    blob_free(&main);
    blob_free(&data);
    now_on(NULL);
}

static void record_is_applied(void **state)
{
    const row_case *row = *state;
    char first[8], last[8];
    assert_int_equal(sscanf(row->majors, "%7s %7s", first, last), 2);
    const wp_profile *from = wp_profile_by_major(first), *to = wp_profile_by_major(last);
    const wp_profile *profile;
    for (size_t i = 0; (profile = wp_profile_at(i)); i++)
        if (profile->version >= from->version && profile->version <= to->version)
            check_at(profile->major, row);
}

/* A row that goes makes the page worth pruning from that xid on: PageSetPrunable(). Hints, so that servers' pages may differ. */
static void a_row_that_goes_makes_the_page_prunable(void **state)
{
    (void)state;
    static const row_case going[] = {
        { .rmid = HEAP,
          .info = 0x10,
          .main = "BC020000"
                  "0100"
                  "10"
                  "00",
          .data = "" },
        { .rmid = HEAP,
          .info = 0x40,
          .main = "BC020000"
                  "0100"
                  "00"
                  "00"
                  "00000000"
                  "0500",
          .data = NEW_HEAD "00"
                           "D1" },
    };
    for (size_t i = 0; i < COUNT(going); i++) {
        blob main = { 0 }, data = { 0 };
        put_hex(&main, going[i].main);
        put_hex(&data, going[i].data);
        bench *b = start("15");
        assert_int_equal(apply_cut(b, &going[i], view_of(&main), view_of(&data)), WP_OK);
        assert_int_equal(wpi_u32(bench_see(b, BLOCK).bytes + 20), XID);
        bench_free(b);
        blob_free(&main);
        blob_free(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_that_goes_makes_the_page_prunable),
    };
    const int failed = RUN_CASES("records on a page", cases, record_is_applied);
    return failed + cmocka_run_group_tests_name("prunable pages", tests, NULL, NULL);
}
