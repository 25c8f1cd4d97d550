/*
 * test_segment.c - names of segments, and what the head of one tells.
 *
 * Names are those of pg_walfile_name(); heads are the first 40 bytes of real segments.
 */
#include <walparse/profile.h>
#include <walparse/segment.h>

#include "hex.h"

#include "cases.h"

#define MB (UINT32_C(1) << 20)

typedef struct name_case {
    const char *name;
    const char *text;
    wp_tli tli;
    uint32_t segment_size;
    wp_lsn start; /* of the segment */
    wp_lsn lsn;   /* one inside */
} name_case;

static const name_case name_cases[] = {
    { "16 MB, first ever", "000000010000000000000001", 1, 16 * MB, 0x1000000, 0x1000028 },
    { "1 MB", "000000010000000200000034", 1, MB, UINT64_C(0x203400000), UINT64_C(0x203456789) },
    { "16 MB", "000000010000000200000003", 1, 16 * MB, UINT64_C(0x203000000),
      UINT64_C(0x203456789) },
    { "64 MB", "000000010000000200000000", 1, 64 * MB, UINT64_C(0x200000000),
      UINT64_C(0x203456789) },
    { "1 GB", "000000010000000200000000", 1, 1024 * MB, UINT64_C(0x200000000),
      UINT64_C(0x203456789) },
    { "last of a log id, 1 MB", "0000000A0000000000000FFF", 10, MB, 0xFFF00000, 0xFFFFFFFF },
    { "last of a log id, 1 GB", "0000000A0000000000000003", 10, 1024 * MB, 0xC0000000, 0xFFFFFFFF },
    { "largest", "FFFFFFFFFFFFFFFF000000FF", UINT32_MAX, 16 * MB, UINT64_C(0xFFFFFFFFFF000000),
      UINT64_MAX },
};

static void name_round_trip(void **state)
{
    const name_case *row = *state;
    char buf[WP_SEGMENT_NAME_BYTES];
    assert_ptr_equal(wp_segment_name_format(row->tli, row->lsn, row->segment_size, buf), buf);
    assert_string_equal(buf, row->text);
    wp_segment_name name;
    assert_true(wp_segment_name_parse(row->text, &name));
    assert_int_equal(name.tli, row->tli);
    wp_lsn start;
    assert_true(wp_segment_name_start(&name, row->segment_size, &start));
    assert_true(start == row->start);
}

typedef struct text_case {
    const char *name;
    const char *text;
    bool is_good;
} text_case;

static const text_case text_cases[] = {
    { "plain", "00000002000000AB0000001F", true },
    { "what follows does not matter", "00000002000000AB0000001F.partial", true },
    { "empty", "", false },
    { "one short", "00000002000000AB0000001", false },
    { "lower case", "00000002000000ab0000001f", false },
    { "a letter behind F", "00000002000000AG0000001F", false },
    { "history file", "00000002.history", false },
    { "colon, the character behind 9", "0000000:000000AB0000001F", false },
    { "at sign, the character before A", "0000000@000000AB0000001F", false },
};

static void text_is_told(void **state)
{
    const text_case *row = *state;
    wp_segment_name name = { 7, 7, 7 };
    assert_int_equal(wp_segment_name_parse(row->text, &name), row->is_good);
    assert_int_equal(name.tli, row->is_good ? 2 : 7);
    assert_int_equal(name.log, row->is_good ? 0xAB : 7);
    assert_int_equal(name.seg, row->is_good ? 0x1F : 7);
}

typedef struct range_case {
    const char *name;
    uint32_t seg, segment_size;
    bool is_good;
} range_case;

static const range_case range_cases[] = {
    { "last at 16 MB", 0xFF, 16 * MB, true },
    { "one more at 16 MB", 0x100, 16 * MB, false },
    { "last at 1 MB", 0xFFF, MB, true },
    { "one more at 1 MB", 0x1000, MB, false },
    { "last at 1 GB", 3, 1024 * MB, true },
    { "one more at 1 GB", 4, 1024 * MB, false },
    { "no size", 1, 0, false },
    { "not a power of two", 1, 3 * MB, false },
    { "too small", 1, MB / 2, false },
    { "too large", 1, 2048 * MB, false },
};

static void range_is_checked(void **state)
{
    const range_case *row = *state;
    const wp_segment_name name = { 1, 0, row->seg };
    wp_lsn start = 42;
    assert_int_equal(wp_segment_name_start(&name, row->segment_size, &start), row->is_good);
    assert_true(row->is_good || start == 42);
}

/* The system identifiers are those of the same servers' pg_control. */
typedef struct head_case {
    const char *name;
    const char *hex;
    const char *major;
    uint8_t max_align;
    uint64_t system_identifier;
    wp_lsn start;
} head_case;

static const head_case head_cases[] = {
    { "9.5",
      "87d0020001000000000000010000000000000000"
      "0000000079c9f80a7bd7026b0000000100200000",
      "9.5", 8, UINT64_C(7710962435476736377), 0x1000000 },
    { "9.6",
      "93d0020001000000000000010000000000000000"
      "00000000324743ca1dca026b0000000100200000",
      "9.6", 8, UINT64_C(7710947741307979570), 0x1000000 },
    { "10",
      "97d0020001000000000000010000000000000000"
      "00000000bbf92de5ba5c036b0000000100200000",
      "10", 8, UINT64_C(7711108944767089083), 0x1000000 },
    { "11",
      "98d0020001000000000000010000000000000000"
      "00000000f8ab93a8c05c036b0000000100200000",
      "11", 8, UINT64_C(7711108969520147448), 0x1000000 },
    { "12",
      "01d1020001000000000000010000000000000000"
      "000000002f8e0f1bc65c036b0000000100200000",
      "12", 8, UINT64_C(7711108992915705391), 0x1000000 },
    { "13",
      "06d1020001000000000000010000000000000000"
      "00000000ac1fd424ca5c036b0000000100200000",
      "13", 8, UINT64_C(7711109010259451820), 0x1000000 },
    { "14",
      "0dd1020001000000000000010000000000000000"
      "00000000b490d430ce5c036b0000000100200000",
      "14", 8, UINT64_C(7711109027640676532), 0x1000000 },
    { "15",
      "10d1020001000000000000010000000000000000"
      "000000001781c15dd25c036b0000000100200000",
      "15", 8, UINT64_C(7711109045574271255), 0x1000000 },
    { "16",
      "13d1020001000000000000010000000000000000"
      "00000000bba1c44ad65c036b0000000100200000",
      "16", 8, UINT64_C(7711109062435578299), 0x1000000 },
    { "17",
      "16d1020001000000000000010000000000000000"
      "0000000038b3cf75da5c036b0000000100200000",
      "17", 8, UINT64_C(7711109080337593144), 0x1000000 },
    { "18",
      "18d1020001000000000000010000000000000000"
      "0000000031f744aade5c036b0000000100200000",
      "18", 8, UINT64_C(7711109098397562673), 0x1000000 },
    { "15 of 32-bit x86",
      "10d1020001000000000000010000000000000000"
      "98a7e5cae25c036b000000010020000066000000",
      "15", 4, UINT64_C(7711109116124833688), 0x1000000 },
    { "17 of 32-bit x86",
      "16d1020001000000000000010000000000000000"
      "fe179dece65c036b00000001002000006a000000",
      "17", 4, UINT64_C(7711109133870372862), 0x1000000 },
};

static void head_is_read(void **state)
{
    const head_case *row = *state;
    blob head = { 0 };
    put_hex(&head, row->hex);
    wp_segment_info info;
    wp_error err;
    assert_int_equal(wp_segment_probe(view_of(&head), &info, &err), WP_OK);
    assert_string_equal(info.profile->major, row->major);
    assert_true(info.system_identifier == row->system_identifier);
    assert_true(info.start_lsn == row->start);
    assert_int_equal(info.page_tli, 1);
    assert_int_equal(info.segment_size, 16 * MB);
    assert_int_equal(info.page_size, 8192);
    assert_int_equal(info.max_align, row->max_align);
    blob_free(&head);
}

/* One field of a good head of 15 changed to something wrong. */
typedef struct wrong_case {
    const char *name;
    size_t at;
    uint8_t bytes;
    uint64_t value;
    wp_status status;
    const char *says;
} wrong_case;

static const wrong_case wrong_cases[] = {
    { "nothing wrong", 0, 2, 0xD110, WP_OK, "" },
    { "magic of Greenplum 6", 0, 2, 0xD07E, WP_ERR_VERSION, "D07E" },
    { "magic of a coming major", 0, 2, 0xD122, WP_ERR_VERSION, "9.5 to 19" },
    { "magic of a beta", 0, 2, 0xD120, WP_ERR_VERSION, "a beta of PostgreSQL 19" },
    { "magic of a development version", 0, 2, 0xD119, WP_ERR_VERSION,
      "a development version of PostgreSQL 19" },
    { "bytes of the magic swapped", 0, 2, 0x10D1, WP_ERR_BYTEORDER, "PostgreSQL 15" },
    { "gzip", 0, 2, 0x8B1F, WP_ERR_NOT_WAL, "8B1F" },
    { "no long header", 2, 2, 0x0004, WP_ERR_NOT_WAL, "flags 0004" },
    { "unknown flag", 2, 2, 0x0012, WP_ERR_NOT_WAL, "flags 0012" },
    { "continued record", 2, 2, 0x0007, WP_OK, "" },
    { "overwritten record", 2, 2, 0x000E, WP_OK, "" },
    { "address not of a segment", 8, 8, 0x1002000, WP_ERR_GEOMETRY, "0/1002000" },
    { "segment of 3 MB", 32, 4, UINT64_C(3) * MB, WP_ERR_GEOMETRY, "3145728" },
    { "segment of 2 GB", 32, 4, UINT64_C(2048) * MB, WP_ERR_GEOMETRY, "2147483648" },
    { "segment of 512 KB", 32, 4, MB / 2, WP_ERR_GEOMETRY, "524288" },
    { "segment of 1 GB elsewhere", 32, 4, UINT64_C(1024) * MB, WP_ERR_GEOMETRY, "0/1000000" },
    { "segment of 1 MB", 32, 4, MB, WP_OK, "" },
    { "pages of 128 KB", 36, 4, 131072, WP_ERR_GEOMETRY, "131072" },
    { "pages of 512 bytes", 36, 4, 512, WP_ERR_GEOMETRY, "512" },
    { "pages of 64 KB", 36, 4, 65536, WP_OK, "" },
};

static void put_head(blob *out)
{
    put_u16(out, 0xD110);
    put_u16(out, 0x0006);
    put_u32(out, 1);
    put_u64(out, 0x1000000);
    put_u64(out, 0);
    put_u64(out, UINT64_C(7300000000000000001));
    put_u32(out, 16 * MB);
    put_u32(out, 8192);
}

static void wrong_is_named(void **state)
{
    const wrong_case *row = *state;
    blob head = { 0 };
    put_head(&head);
    for (size_t i = 0; i < row->bytes; i++)
        head.at[row->at + i] = (uint8_t)(row->value >> 8 * i);
    wp_segment_info info;
    wp_error err = { 0 };
    assert_int_equal(wp_segment_probe(view_of(&head), &info, &err), row->status);
    assert_int_equal(err.status, row->status);
    assert_non_null(strstr(err.text, row->says));
    blob_free(&head);
}

static void zero_page_is_an_end(void **state)
{
    (void)state;
    uint8_t page[8192] = { 0 };
    wp_segment_info info;
    wp_error err;
    assert_int_equal(wp_segment_probe((wp_view){ page, sizeof page }, &info, &err), WP_END);
    assert_int_equal(wp_segment_probe((wp_view){ page, WP_PROBE_BYTES }, &info, &err), WP_END);
    page[39] = 1;
    assert_int_equal(wp_segment_probe((wp_view){ page, sizeof page }, &info, &err), WP_ERR_NOT_WAL);
}

/* Each in a block of its exact size, so that a read behind it is seen. */
static void short_head_is_refused(void **state)
{
    (void)state;
    blob head = { 0 };
    put_head(&head);
    for (size_t len = 0; len < WP_PROBE_BYTES; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, head.at, len);
        wp_segment_info info;
        wp_error err;
        assert_int_equal(wp_segment_probe((wp_view){ exact, len }, &info, &err), WP_ERR_NOT_WAL);
        free(exact);
    }
    blob_free(&head);
}

int main(void)
{
    const struct CMUnitTest rest[] = { cmocka_unit_test(zero_page_is_an_end),
                                       cmocka_unit_test(short_head_is_refused) };
    return RUN_CASES("name", name_cases, name_round_trip)
           + RUN_CASES("text", text_cases, text_is_told)
           + RUN_CASES("range", range_cases, range_is_checked)
           + RUN_CASES("head", head_cases, head_is_read)
           + RUN_CASES("wrong", wrong_cases, wrong_is_named)
           + cmocka_run_group_tests_name("probe", rest, NULL, NULL);
}
