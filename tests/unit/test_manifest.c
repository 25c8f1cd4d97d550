/*
 * test_manifest.c - files of a backup held against its backup_manifest. The checksum is the check value of CRC-32C: that of "123456789" is
 * 0xE3069283.
 */
#include <stdio.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "backup/manifest.h"
#include "backup/parts.h"

#define NINE "123456789"
#define NODE                                                        \
    {                                                               \
        .kind = PLACE_RELATION, .spc = 1663, .db = 5, .node = 16384 \
    }

typedef struct manifest_case {
    const char *name;
    const char *lines;
    unsigned files, differing;
    const char *first;
} manifest_case;

#define LINE(path, size, checksum)                   \
    "{ \"Path\": \"" path "\", \"Size\": " size ", " \
    "\"Last-Modified\": \"2026-11-30 07:47:59 GMT\"" checksum " },\n"
#define CRC(hex) ", \"Checksum-Algorithm\": \"CRC32C\", \"Checksum\": \"" hex "\""
#define RIGHT CRC("839206e3")

// clang-format off
static const manifest_case cases[] = {
    { "as it is", LINE("base/5/16384", "9", RIGHT), 1, 0, "" },
    { "another checksum", LINE("base/5/16384", "9", CRC("839206e4")), 1, 1, "base/5/16384" },
    { "another size", LINE("base/5/16384", "10", RIGHT), 1, 1, "base/5/16384" },
    { "no checksum", LINE("base/5/16384", "9", ""), 1, 0, "" },
    { "no checksum, another size", LINE("base/5/16384", "8", ""), 1, 1, "base/5/16384" },
    { "an algorithm that is not followed", LINE("base/5/16384", "9", ", \"Checksum-Algorithm\": \"SHA224\", \"Checksum\": \"00\""), 1, 0, "" },
    { "a checksum that is none", LINE("base/5/16384", "9", CRC("839206e")), 1, 0, "" },
    { "a part is lost", LINE("base/5/16384", "9", RIGHT) LINE("base/5/16384.1", "1", RIGHT), 2, 1, "base/5/16384.1" },
    { "an empty part is lost", LINE("base/5/16384.1", "0", RIGHT), 0, 0, "" },
    { "files that are not wanted", LINE("base/5/16385", "9", RIGHT) LINE("base/5/16384_fsm", "9", RIGHT) LINE("PG_VERSION", "3", RIGHT), 0, 0, "" },
    { "two", LINE("pg_xact/0000", "9", CRC("00000000")) LINE("base/5/16384", "1", RIGHT), 2, 2, "pg_xact/0000" },
    { "of another version", LINE("pg_tblspc/16390/PG_15_202209061/5/16384", "1", RIGHT), 0, 0, "" },
    { "what is no manifest", "\"Path\": \"\"\n\"Path\": \"base/5/16384\n\n{ \"Size\": 1 }", 0, 0, "" },
};
// clang-format on

static folder f;

static void add(backup_parts *parts, const char *name, place at)
{
    char message[512];
    backup_part one = { .at = at, .size = sizeof NINE - 1 };
    put_text(&f, name, NINE);
    assert_true(parts_add_file(parts, in_folder(&f, name), &one.file, message));
    assert_true(parts_add(parts, &one, message));
}

static void check(void **state)
{
    const manifest_case *row = *state;
    backup_parts parts;
    manifest_check got;
    char message[512];
    f = folder_new();
    parts_init(&parts, f.path);
    add(&parts, "node", (place)NODE);
    add(&parts, "xact", (place){ .kind = PLACE_LOG, .node = 1 });
    assert_true(parts_sort(&parts, message));
    assert_true(manifest_check_parts(f.path, &parts, &got, message));
    assert_false(got.is_there);
    put_text(&f, "backup_manifest", row->lines);
    assert_true(manifest_check_parts(f.path, &parts, &got, message));
    assert_true(got.is_there);
    assert_int_equal(got.files, row->files);
    assert_int_equal(got.differing, row->differing);
    assert_string_equal(got.first, row->first);
    assert_int_equal(parts.bytes_read, 0);

    /* A file that cannot be read is no file that differs. */
    if (row->files == 1 && strstr(row->name, "as it is")) {
        assert_int_equal(truncate(in_folder(&f, "node"), 3), 0);
        assert_false(manifest_check_parts(f.path, &parts, &got, message));
    }
    parts_free(&parts);
    folder_remove(&f);
}

int main(void)
{
    struct CMUnitTest tests[COUNT(cases)];
    for (size_t i = 0; i < COUNT(cases); i++)
        tests[i] =
            (struct CMUnitTest){ cases[i].name, check, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
