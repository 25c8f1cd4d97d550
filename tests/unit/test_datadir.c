/*
 * test_datadir.c - files of data directories: what each says, and that nothing else is believed.
 *
 * Where the fields of pg_control lie was worked out from servers of each major. The labels are those that servers wrote.
 */
#include <walparse/datadir.h>

#include "cases.h"
#include "base/crc32c.h"

static void write_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void write_u32(uint8_t *at, uint32_t value)
{
    write_u16(at, (uint16_t)value);
    write_u16(at + 2, (uint16_t)(value >> 16));
}

static void write_u64(uint8_t *at, uint64_t value)
{
    write_u32(at, (uint32_t)value);
    write_u32(at + 4, (uint32_t)(value >> 32));
}

static void write_crc(uint8_t *bytes, size_t at)
{
    write_u32(bytes + at, ~wpi_crc32c_table()(UINT32_MAX, bytes, at));
}

/* An exact-size copy: reading behind its end shows. */
static wp_view copy_of(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return (wp_view){ copy, len };
}

static void free_view(wp_view view)
{
    free((void *)(uintptr_t)view.bytes);
}

/* ---- pg_control --------------------------------------------------------------------------- */

typedef struct control_case {
    const char *name; /* of the major */
    const char *major;
    uint32_t version;
    uint8_t align;
    size_t min_recovery_at, block_at, checksum_version_at,
        crc_at; /* blcksz, relseg_size, xlog_blcksz, xlog_seg_size */
} control_case;

// clang-format off
static const control_case control_cases[] = {
    { "9.5",     "9.5",  942, 8, 136, 216, 252, 256 }, { "9.6",     "9.6",  960, 8, 136, 216, 252, 256 },
    { "10",      "10",  1002, 8, 136, 216, 252, 288 }, { "11",      "11",  1100, 8, 128, 208, 244, 280 },
    { "12",      "12",  1201, 8, 136, 216, 252, 288 }, { "13",      "13",  1300, 8, 136, 216, 252, 288 },
    { "14",      "14",  1300, 8, 136, 216, 252, 288 }, { "15",      "15",  1300, 8, 136, 216, 252, 288 },
    { "16",      "16",  1300, 8, 136, 216, 252, 288 }, { "17",      "17",  1700, 8, 136, 216, 252, 288 },
    { "18",      "18",  1800, 8, 136, 216, 252, 292 }, { "19",      "19",  1903, 8, 144, 224, 268, 308 },
    { "19 beta", "19",  1902, 8, 144, 224, 264, 304 },
    { "15 i386", "15",  1300, 4, 120, 196, 232, 268 }, { "16 i386", "16",  1300, 4, 120, 196, 232, 268 },
    { "17 i386", "17",  1700, 4, 124, 200, 236, 272 }, { "18 i386", "18",  1800, 4, 124, 200, 236, 276 },
    { "19 i386", "19",  1903, 4, 136, 212, 256, 296 }, { "19 beta i386", "19", 1902, 4, 136, 212, 252, 292 },
};
// clang-format on

static void make_control(const control_case *row, uint8_t bytes[8192])
{
    memset(bytes, 0, 8192);
    write_u64(bytes, UINT64_C(7656812345678901234));
    write_u32(bytes + 8, row->version);
    write_u32(bytes + 12, 202209061);
    write_u64(bytes + (row->align == 8 ? 32 : 28), UINT64_C(0x1500000060)); /* behind state, time */
    write_u64(bytes + row->min_recovery_at, UINT64_C(0x1600000028));
    write_u32(bytes + row->block_at, 8192);
    write_u32(bytes + row->block_at + 4, 131072);
    size_t wal_sizes_at = row->block_at + 8;
    if (row->version >= 1902) {
        write_u32(bytes + wal_sizes_at, 32); /* slru_pages_per_segment */
        wal_sizes_at += 4;
    }
    write_u32(bytes + wal_sizes_at, 8192);
    write_u32(bytes + wal_sizes_at + 4, 16 << 20);
    /* wal_level, wal_log_hints, then these, and track_commit_timestamp. */
    const size_t settings_at = row->min_recovery_at + (row->align == 8 ? 44 : 40);
    const bool has_senders = row->version >= 1201;
    for (uint32_t i = 0; i < (has_senders ? 5U : 4U); i++)
        write_u32(bytes + settings_at + (size_t)i * 4, 1000 + (!has_senders && i >= 2 ? i + 1 : i));
    write_u32(bytes + row->checksum_version_at, 1);
    write_crc(bytes, row->crc_at);
}

static void control_is_read(void **state)
{
    const control_case *row = *state;
    uint8_t bytes[8192];
    wp_control got;
    wp_error err;
    make_control(row, bytes);
    assert_int_equal(
        wp_control_parse(wp_profile_by_major(row->major), (wp_view){ bytes, 8192 }, &got, &err),
        WP_OK);
    assert_int_equal(got.system_identifier, UINT64_C(7656812345678901234));
    assert_int_equal(got.max_align, row->align);
    assert_int_equal(got.checkpoint, UINT64_C(0x1500000060));
    assert_int_equal(got.min_recovery, UINT64_C(0x1600000028));
    assert_int_equal(got.block_bytes, 8192);
    assert_int_equal(got.blocks_per_file, 131072);
    assert_int_equal(got.segment_size, 16 << 20);
    assert_int_equal(got.catalog_version, 202209061);
    assert_int_equal(got.checksum_version, 1);
    assert_int_equal(got.settings.max_connections, 1000);
    assert_int_equal(got.settings.max_worker_processes, 1001);
    assert_int_equal(got.settings.max_wal_senders, row->version >= 1201 ? 1002 : -1);
    assert_int_equal(got.settings.max_prepared_xacts, 1003);
    assert_int_equal(got.settings.max_locks_per_xact, 1004);
}

static void a_flipped_bit_or_a_short_control_is_refused(void **state)
{
    (void)state;
    const control_case *row = &control_cases[7];
    const wp_profile *profile = wp_profile_by_major("15");
    uint8_t bytes[8192];
    wp_control got;
    wp_error err;
    make_control(row, bytes);
    for (size_t at = 0; at < row->crc_at + 4; at++) {
        bytes[at] ^= 0x10;
        assert_true(wp_control_parse(profile, (wp_view){ bytes, 8192 }, &got, &err) < 0);
        bytes[at] ^= 0x10;
    }
    for (size_t len = 0; len < row->crc_at + 4; len++) {
        const wp_view cut = copy_of(bytes, len);
        assert_int_equal(wp_control_parse(profile, cut, &got, &err), WP_ERR_DAMAGE);
        free_view(cut);
    }
    assert_int_equal(
        wp_control_parse(wp_profile_by_major("17"), (wp_view){ bytes, 8192 }, &got, &err),
        WP_ERR_VERSION);
    write_u32(bytes + row->block_at, 8191);
    write_crc(bytes, row->crc_at);
    assert_int_equal(wp_control_parse(profile, (wp_view){ bytes, 8192 }, &got, &err),
                     WP_ERR_DAMAGE);
}

/* ---- pg_filenode.map ---------------------------------------------------------------------- */

static wp_status parse_map(const uint8_t *bytes, size_t len, size_t *count,
                           wp_relmap_entry *entries)
{
    wp_error err;
    const wp_view copy = copy_of(bytes, len);
    const wp_status status = wp_relmap_parse(copy, entries, count, &err);
    free_view(copy);
    return status;
}

static void both_forms_of_a_map_are_read(void **state)
{
    (void)state;
    static const size_t rooms[] = { 62, 64 }, sizes[] = { 512, 524 };
    for (size_t form = 0; form < 2; form++) {
        uint8_t bytes[524] = { 0 };
        wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
        size_t count;
        const size_t crc_at = 8 + 8 * rooms[form];
        write_u32(bytes, 0x592717);
        write_u32(bytes + 4, (uint32_t)rooms[form]);
        for (size_t i = 0; i < rooms[form]; i++) {
            write_u32(bytes + 8 + 8 * i, (uint32_t)(1200 + i));
            write_u32(bytes + 12 + 8 * i, (uint32_t)(17000 + i));
        }
        write_crc(bytes, crc_at);
        assert_int_equal(parse_map(bytes, sizes[form], &count, entries), WP_OK);
        assert_int_equal(count, rooms[form]);
        assert_int_equal(entries[59].catalog, 1259);
        assert_int_equal(entries[59].filenode, 17059);
        for (size_t len = 0; len < sizes[form]; len++)
            assert_int_equal(parse_map(bytes, len, &count, entries), WP_ERR_DAMAGE);
        bytes[100] ^= 1;
        assert_int_equal(parse_map(bytes, sizes[form], &count, entries), WP_ERR_DAMAGE);
        bytes[100] ^= 1;
        write_u32(bytes + 4, (uint32_t)rooms[form] + 1);
        write_crc(bytes, crc_at);
        assert_int_equal(parse_map(bytes, sizes[form], &count, entries), WP_ERR_DAMAGE);
        write_u32(bytes + 4, UINT32_MAX);
        write_crc(bytes, crc_at);
        assert_int_equal(parse_map(bytes, sizes[form], &count, entries), WP_ERR_DAMAGE);
    }
}

/* ---- backup_label ------------------------------------------------------------------------- */

typedef struct label_case {
    const char *name;
    const char *text;
    wp_status status;
    wp_lsn start, checkpoint, stop;
    wp_tli timeline;
    const char *time, *label; /* time: ISO, or "unknown" */
    bool is_from_standby, is_incremental;
} label_case;

#define START "START WAL LOCATION: 16/2000028 (file 000000030000001600000002)\n"

// clang-format off
static const label_case label_cases[] = {
    { "10, no timeline line",
      START "CHECKPOINT LOCATION: 16/2000060\nBACKUP METHOD: streamed\nBACKUP FROM: master\n"
      "START TIME: 2026-11-22 22:20:46 UTC\nLABEL: pg_basebackup base backup\n",
      WP_OK, 0x1602000028, 0x1602000060, 0, 3, "2026-11-22T22:20:46.000000Z", "pg_basebackup base backup", false, false },
    { "18 on a standby",
      START "CHECKPOINT LOCATION: 16/2000080\nBACKUP METHOD: streamed\nBACKUP FROM: standby\n"
      "START TIME: 2026-11-22 22:20:46 GMT\nLABEL: x\nSTART TIMELINE: 4\n",
      WP_OK, 0x1602000028, 0x1602000080, 0, 4, "2026-11-22T22:20:46.000000Z", "x", true, false },
    { "history file",
      START "STOP WAL LOCATION: 16/2000130 (file 000000030000001600000002)\nCHECKPOINT LOCATION: 16/2000060\n"
      "BACKUP METHOD: streamed\nBACKUP FROM: primary\nSTART TIME: 2026-11-22 22:20:46 UTC\nLABEL: the label\n"
      "START TIMELINE: 3\nSTOP TIME: 2026-11-22 22:20:47 UTC\nSTOP TIMELINE: 3\n",
      WP_OK, 0x1602000028, 0x1602000060, 0x1602000130, 3, "2026-11-22T22:20:46.000000Z", "the label", false, false },
    { "incremental", START "INCREMENTAL FROM LSN: 15/28\nINCREMENTAL FROM TLI: 1\n",
      WP_OK, 0x1602000028, 0, 0, 3, "unknown", "", false, true },
    { "an offset east", START "START TIME: 2026-03-01 00:15:00 +0530\n",
      WP_OK, 0x1602000028, 0, 0, 3, "2026-02-28T18:45:00.000000Z", "", false, false },
    { "an offset west", START "START TIME: 2024-02-28 22:00:00 -03\n",
      WP_OK, 0x1602000028, 0, 0, 3, "2024-02-29T01:00:00.000000Z", "", false, false },
    { "an abbreviation with one meaning", START "START TIME: 2026-11-29 10:12:41 CET\n",
      WP_OK, 0x1602000028, 0, 0, 3, "2026-11-29T09:12:41.000000Z", "", false, false },
    { "one that begins another", START "START TIME: 2026-07-29 11:12:41 CEST\n",
      WP_OK, 0x1602000028, 0, 0, 3, "2026-07-29T09:12:41.000000Z", "", false, false },
    { "one west of Greenwich", START "START TIME: 2026-11-22 21:20:46 EST\n",
      WP_OK, 0x1602000028, 0, 0, 3, "2026-11-23T02:20:46.000000Z", "", false, false },
    { "one that is longer than a known one", START "START TIME: 2026-07-29 11:12:41 CETX\n",
      WP_OK, 0x1602000028, 0, 0, 3, "unknown", "", false, false },
    { "an abbreviation with several meanings", START "START TIME: 2026-11-22 22:20:46 CST\n",
      WP_OK, 0x1602000028, 0, 0, 3, "unknown", "", false, false },
    { "no time at all", START "START TIME: soon\n", WP_OK, 0x1602000028, 0, 0, 3, "unknown", "", false, false },
    { "an empty label, carriage returns", "START WAL LOCATION: 0/28 (file 000000010000000000000000)\r\nLABEL: \r\n",
      WP_OK, 0x28, 0, 0, 1, "unknown", "", false, false },
    { "no line feed at the end", "START WAL LOCATION: 0/28 (file 000000010000000000000000)",
      WP_OK, 0x28, 0, 0, 1, "unknown", "", false, false },
    { "positions with zeros before them, as 19 writes", "START WAL LOCATION: 0/02000028 (file 000000010000000000000002)\n",
      WP_OK, 0x2000028, 0, 0, 1, "unknown", "", false, false },
    { "unknown lines", "SOMETHING NEW: 1\n" START, WP_OK, 0x1602000028, 0, 0, 3, "unknown", "", false, false },
    { "empty", "", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "no start", "LABEL: x\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "start 0/0", "START WAL LOCATION: 0/0 (file 000000010000000000000000)\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "a start that is none", "START WAL LOCATION: here\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "a start without end", "START WAL LOCATION: 0/11111111111111111111111111\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "a stop that is none", START "STOP WAL LOCATION: -\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "timeline 0", START "START TIMELINE: 0\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
    { "a timeline too large", START "START TIMELINE: 4294967296\n", WP_ERR_DAMAGE, 0, 0, 0, 0, NULL, NULL, false, false },
};
// clang-format on

static void label_is_read(void **state)
{
    const label_case *row = *state;
    static wp_backup_label got;
    wp_error err;
    char time[WP_TIME_TEXT_BYTES];
    const wp_view text = copy_of(row->text, strlen(row->text));
    const wp_status status = wp_backup_label_parse(text, &got, &err);
    free_view(text);
    assert_int_equal(status, row->status);
    if (status < 0)
        return;
    assert_int_equal(got.start_lsn, row->start);
    assert_int_equal(got.checkpoint_lsn, row->checkpoint);
    assert_int_equal(got.stop_lsn, row->stop);
    assert_int_equal(got.timeline, row->timeline);
    assert_string_equal(wp_time_format(got.start_time, time), row->time);
    assert_string_equal(got.label, row->label);
    assert_int_equal(got.is_from_standby, row->is_from_standby);
    assert_int_equal(got.is_incremental, row->is_incremental);
}

static void a_label_longer_than_any_is_cut(void **state)
{
    (void)state;
    static wp_backup_label got;
    char text[4096] = START "LABEL: ";
    const size_t len = strlen(text);
    wp_error err;
    memset(text + len, 'x', sizeof text - len);
    assert_int_equal(
        wp_backup_label_parse((wp_view){ (const uint8_t *)text, sizeof text }, &got, &err), WP_OK);
    assert_int_equal(strlen(got.label), WP_BACKUP_LABEL_BYTES - 1);
}

/* ---- backup_manifest ---------------------------------------------------------------------- */

typedef struct manifest_case {
    const char *name, *text;
    uint64_t system_identifier;
    wp_lsn end;
} manifest_case;

static const manifest_case manifest_cases[] = {
    { "version 1",
      "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n{ \"Path\": \"WAL-Ranges\", \"Size\": 3 }\n],\n"
      "\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/2000100\" }\n],\n"
      "\"Manifest-Checksum\": \"ab\"}\n",
      0, 0x2000100 },
    { "version 2",
      "{ \"PostgreSQL-Backup-Manifest-Version\": 2,\n\"System-Identifier\": 7656812345678901234,\n\"Files\": [],\n"
      "\"WAL-Ranges\": [\n{ \"Timeline\": 2, \"Start-LSN\": \"0/3000000\", \"End-LSN\": \"0/3000100\" },\n"
      "{ \"Timeline\": 1, \"Start-LSN\": \"0/2000028\", \"End-LSN\": \"0/3000000\" }\n]}",
      UINT64_C(7656812345678901234), 0x3000100 },
    { "no ranges", "{ \"PostgreSQL-Backup-Manifest-Version\": 1 }", 0, 0 },
    { "cut short", "\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"End-LSN\": \"0/20", 0, 0x20 },
    { "cut in the key", "\"WAL-Ranges\": [{ \"End-LSN", 0, 0 },
    { "an end that is none", "\"WAL-Ranges\": [{ \"End-LSN\": \"x\" }]", 0, 0 },
    { "empty", "", 0, 0 },
};

static void manifest_is_read(void **state)
{
    const manifest_case *row = *state;
    wp_backup_manifest got;
    const wp_view text = copy_of(row->text, strlen(row->text));
    wp_backup_manifest_parse(text, &got);
    free_view(text);
    assert_int_equal(got.system_identifier, row->system_identifier);
    assert_int_equal(got.end_lsn, row->end);
}

/* ---- pages -------------------------------------------------------------------------------- */

#define PAGE_BYTES 8192

/* A page of pg_class with one row: its oid in column 1, or in the header. */
static void make_class_page(const wp_profile *profile, wp_oid oid, wp_oid filenode,
                            uint8_t page[PAGE_BYTES])
{
    const uint8_t hoff = 32;
    const uint16_t len = 240, at = PAGE_BYTES - 240;
    memset(page, 0, PAGE_BYTES);
    write_u32(page, 0x16);
    write_u32(page + 4, 0x2000028);
    write_u16(page + 12, 28);
    write_u16(page + 18, PAGE_BYTES | 4);
    write_u32(page + 24, at | UINT32_C(1) << 15 | (uint32_t)len << 17);
    page[at + 22] = hoff;
    write_u32(page + at + (profile->catalog.oid_in_header ? hoff - 4 : hoff), oid);
    write_u32(page + at + hoff + profile->catalog.relfilenode_at, filenode);
}

static void a_page_tells_its_lsn_and_where_catalogs_are(void **state)
{
    (void)state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        uint8_t page[PAGE_BYTES];
        wp_catalog_file found[4];
        wp_lsn lsn;
        const wp_view view = { page, PAGE_BYTES };
        make_class_page(wp_profile_at(i), 2615, 17001, page);
        assert_true(wp_page_lsn(view, &lsn));
        assert_int_equal(lsn, UINT64_C(0x1602000028));
        assert_int_equal(wp_page_catalog_files(wp_profile_at(i), 5, view, found, 4), 1);
        assert_int_equal(found[0].db, 5);
        assert_int_equal(found[0].filenode, 17001);
        assert_int_equal(found[0].catalog, 2615);
        assert_int_equal(wp_page_catalog_files(wp_profile_at(i), 5, view, found, 0), 0);
        make_class_page(wp_profile_at(i), 16385, 17001, page);
        assert_int_equal(wp_page_catalog_files(wp_profile_at(i), 5, view, found, 4), 0);
    }
}

static void pages_that_lie_are_survived(void **state)
{
    (void)state;
    const wp_profile *profile = wp_profile_by_major("10");
    uint8_t page[PAGE_BYTES];
    wp_catalog_file found[4];
    wp_lsn lsn;
    make_class_page(profile, 2615, 17001, page);
    for (size_t at = 8; at < 28; at++)
        for (unsigned value = 0; value < 256; value += 5) {
            const uint8_t kept = page[at];
            page[at] = (uint8_t)value;
            const wp_view copy = copy_of(page, PAGE_BYTES);
            (void)wp_page_catalog_files(profile, 5, copy, found, 4);
            free_view(copy);
            page[at] = kept;
        }
    for (unsigned hoff = 0; hoff < 256; hoff++) {
        page[PAGE_BYTES - 240 + 22] = (uint8_t)hoff;
        (void)wp_page_catalog_files(profile, 5, (wp_view){ page, PAGE_BYTES }, found, 4);
    }
    memset(page, 0, sizeof page);
    assert_false(wp_page_lsn((wp_view){ page, PAGE_BYTES }, &lsn));
    assert_false(wp_page_lsn((wp_view){ page, 10 }, &lsn));
}

static void a_page_becomes_a_fact(void **state)
{
    (void)state;
    uint8_t bytes[PAGE_BYTES];
    memset(bytes, 7, sizeof bytes);
    const wp_file_page page = { .lsn = 100,
                                .locator = { 1663, 5, 17001 },
                                .catalog = 1259,
                                .block = 9,
                                .bytes = { bytes, sizeof bytes } };
    wp_facts facts = { 0 };
    wp_error err;
    assert_int_equal(wp_facts_add_page(&facts, &page, &err), WP_OK);
    size_t pos = 0;
    const wp_fact_page *fact = (const wp_fact_page *)(const void *)wp_facts_next(&facts, &pos);
    assert_non_null(fact);
    assert_int_equal(fact->fact.kind, WP_FACT_CATALOG_PAGE);
    assert_int_equal(fact->fact.lsn, 100);
    assert_int_equal(fact->fact.xid, 0);
    assert_int_equal(fact->locator.rel, 17001);
    assert_int_equal(fact->catalog, 1259);
    assert_int_equal(fact->block, 9);
    assert_int_equal(fact->bytes, PAGE_BYTES);
    assert_memory_equal(fact->page, bytes, PAGE_BYTES);
    assert_null(wp_facts_next(&facts, &pos));
    wp_facts_free(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flipped_bit_or_a_short_control_is_refused),
        cmocka_unit_test(both_forms_of_a_map_are_read),
        cmocka_unit_test(a_label_longer_than_any_is_cut),
        cmocka_unit_test(a_page_tells_its_lsn_and_where_catalogs_are),
        cmocka_unit_test(pages_that_lie_are_survived),
        cmocka_unit_test(a_page_becomes_a_fact),
    };
    int failed = RUN_CASES("pg_control", control_cases, control_is_read);
    failed += RUN_CASES("backup_label", label_cases, label_is_read);
    failed += RUN_CASES("backup_manifest", manifest_cases, manifest_is_read);
    failed += cmocka_run_group_tests_name("data directories", tests, NULL, NULL);
    return failed != 0;
}
