/*
 * test_filename.c - which names may be WAL. The names are those archivers were seen to write.
 */
#include "cases.h"
#include "file/filename.h"

#define SEG "00000002000000030000000A"
#define SHA1 "-0123456789abcdef0123456789abcdef01234567"

typedef struct name_case {
    const char *name;
    filename_kind kind;
    bool is_partial, is_packed;
} name_case;

static const name_case name_cases[] = {
    { SEG, FILENAME_SEGMENT, false, false },
    { SEG ".partial", FILENAME_SEGMENT, true, false },
    { SEG ".gz", FILENAME_SEGMENT, false, true },
    { SEG ".partial.gz", FILENAME_SEGMENT, true, true },
    { SEG ".gz.partial", FILENAME_SEGMENT, true, true },
    { SEG ".gz.partial" SHA1, FILENAME_OTHER, false, false },
    { SEG ".lz4", FILENAME_SEGMENT, false, true },
    { SEG ".lz4.partial", FILENAME_SEGMENT, true, true },
    { SEG ".partial.lz4", FILENAME_SEGMENT, true, true },
    { SEG ".bz2", FILENAME_SEGMENT, false, true },
    { SEG ".xz", FILENAME_SEGMENT, false, true },
    { SEG ".lzma", FILENAME_SEGMENT, false, true },
    { SEG ".lzo", FILENAME_SEGMENT, false, true },
    { SEG ".br", FILENAME_SEGMENT, false, true },
    { SEG ".partial.br", FILENAME_SEGMENT, true, true },
    { SEG ".snappy", FILENAME_SEGMENT, false, true },
    { SEG ".Z", FILENAME_SEGMENT, false, true },
    { SEG ".zst", FILENAME_SEGMENT, false, true },
    { SEG ".zstd", FILENAME_SEGMENT, false, true },
    { SEG ".gz.aes", FILENAME_SEGMENT, false, true },
    { SEG ".gpg", FILENAME_SEGMENT, false, true },
    { SEG ".pgp", FILENAME_SEGMENT, false, true },
    { SEG ".enc", FILENAME_SEGMENT, false, true },
    { SEG ".age", FILENAME_SEGMENT, false, true },
    { SEG ".zstd.aes.partial", FILENAME_SEGMENT, true, true },
    { SEG SHA1, FILENAME_SEGMENT, false, false },
    { SEG SHA1 ".gz", FILENAME_SEGMENT, false, true },
    { SEG ".partial" SHA1, FILENAME_SEGMENT, true, false },
    { SEG ".partial" SHA1 ".gz", FILENAME_SEGMENT, true, true },
    { SEG SHA1 ".zst", FILENAME_SEGMENT, false, true },
    { SEG SHA1 ".bz2", FILENAME_SEGMENT, false, true },
    { SEG ".00000028.backup", FILENAME_BACKUP, false, false },
    { SEG ".00000028.backup.gz", FILENAME_BACKUP, false, true },
    { "0000000A.history", FILENAME_HISTORY, false, false },
    { "0000000A.history.gz", FILENAME_HISTORY, false, true },
    { "0000000A.history.lz4", FILENAME_HISTORY, false, true },
    { "0000000A.history.zst", FILENAME_HISTORY, false, true },
    { "0000000A.history.br", FILENAME_HISTORY, false, true },
    { SEG ".", FILENAME_SEGMENT, false, false },
    { SEG ".partial.", FILENAME_SEGMENT, true, false },
    { SEG ".00000028.backup.", FILENAME_BACKUP, false, false },
    { "0000000A.history.", FILENAME_HISTORY, false, false },
    { SEG "..", FILENAME_OTHER, false, false },
    { SEG ".gz.", FILENAME_OTHER, false, false },
    { SEG ".tmp", FILENAME_OTHER, false, false },
    { SEG ".part", FILENAME_OTHER, false, false },
    { SEG ".gz.part", FILENAME_OTHER, false, false },
    { SEG ".gz.tmp", FILENAME_OTHER, false, false },
    { SEG ".tmp-compress", FILENAME_OTHER, false, false },
    { SEG ".metadata", FILENAME_OTHER, false, false },
    { SEG ".json", FILENAME_OTHER, false, false },
    { SEG "_delta.lz4", FILENAME_OTHER, false, false },
    { SEG ".partial.partial", FILENAME_OTHER, false, false },
    { SEG ".pgbackrest.tmp", FILENAME_OTHER, false, false },
    { SEG "0", FILENAME_OTHER, false, false },
    { SEG "-0123", FILENAME_OTHER, false, false },
    { SEG ".gz~", FILENAME_OTHER, false, false },
    { "." SEG ".a1B2c3", FILENAME_OTHER, false, false },
    { "00000002000000030000000a", FILENAME_OTHER, false, false },
    { "00000002000000030000000", FILENAME_OTHER, false, false },
    { "0000000A.history.tmp", FILENAME_OTHER, false, false },
    { "0000000A", FILENAME_OTHER, false, false },
    { "RECOVERYXLOG", FILENAME_OTHER, false, false },
    { "0000000100000000030000280000000003000100.summary", FILENAME_OTHER, false, false },
    { "", FILENAME_OTHER, false, false },
};

static void tells_kind(void **state)
{
    const name_case *row = *state;
    const filename got = filename_parse(row->name);
    assert_int_equal(got.kind, row->kind);
    if (got.kind == FILENAME_OTHER)
        return;
    assert_int_equal(got.is_partial, row->is_partial);
    assert_int_equal(got.is_packed, row->is_packed);
    assert_int_equal(got.segment.tli, got.kind == FILENAME_HISTORY ? 10 : 2);
    assert_int_equal(got.segment.log, got.kind == FILENAME_HISTORY ? 0 : 3);
    assert_int_equal(got.segment.seg, got.kind == FILENAME_HISTORY ? 0 : 10);
}

static void base_is_behind_the_slash(void **state)
{
    (void)state;
    assert_string_equal(filename_base("/a/b"), "b");
    assert_string_equal(filename_base("b"), "b");
    assert_string_equal(filename_base("/a/"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(base_is_behind_the_slash) };
    return RUN_CASES("names", name_cases, tells_kind)
           + cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
