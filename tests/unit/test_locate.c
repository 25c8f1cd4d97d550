/*
 * test_locate.c - a file that is asked for by name is found in any layout, full ones first.
 */
#include <stdio.h>
#include "cases.h"
#include "folder.h"
#include "archive/locate.h"

#define C "00000001000000000000000C"
#define SHA1 "-0123456789abcdef0123456789abcdef01234567"

typedef struct locate_case {
    const char *name, *asked;
    const char *files[6];   /* that are there, beside one segment that nobody asks for */
    const char *sources[3]; /* none: the folder itself */
    const char *want[5];    /* below the folder; none: not there */
} locate_case;

static const locate_case cases[] = {
    { "a plain file", C, { C }, { 0 }, { C } },
    { "packed", C, { C ".zst" }, { 0 }, { C ".zst" } },
    { "all of them", C, { C, C ".gz" }, { 0 }, { C, C ".gz" } },
    { "nothing",
      C,
      { "00000002"
        "000000000000000C" },
      { 0 },
      { 0 } },
    { "names that only begin so", C, { C ".tmp", C "0", C ".00000028.backup" }, { 0 }, { 0 } },
    { "partial when nothing else is", C, { C ".gz.partial" }, { 0 }, { C ".gz.partial" } },
    { "full before partial",
      C,
      { "a/" C ".partial", "b/" C },
      { "a/" C ".partial", "b" },
      { "b/" C, "a/" C ".partial" } },
    { "a folder for each log file",
      C,
      { "0000000100000000/" C ".gz" },
      { 0 },
      { "0000000100000000/" C ".gz" } },
    { "of pgBackRest",
      C,
      { "0000000100000000/" C SHA1 ".gz" },
      { 0 },
      { "0000000100000000/" C SHA1 ".gz" } },
    { "not in another log file's", C, { "0000000100000001/" C }, { 0 }, { 0 } },
    { "Barman",
      C,
      { "wals/xlog.db", "wals/0000000100000000/" C },
      { 0 },
      { "wals/0000000100000000/" C } },
    { "Barman, still streaming",
      C,
      { "wals/xlog.db", "wals/0000000100000000/00000001000000000000000B",
        "streaming/" C ".partial" },
      { 0 },
      { "streaming/" C ".partial" } },
    { "two sources", C, { "a/" C, "b/" C ".lz4" }, { "a", "b" }, { "a/" C, "b/" C ".lz4" } },
    { "the same twice", C, { "a/" C }, { "a", "a" }, { "a/" C } },
    { "a file as source", C, { "a/" C }, { "a/" C }, { "a/" C } },
    { "another file as source",
      C,
      { "a/" C, "a/00000001000000000000000D" },
      { "a/00000001000000000000000D" },
      { 0 } },
    { "a history file",
      "00000002.history",
      { "00000002.history.gz" },
      { 0 },
      { "00000002.history.gz" } },
    { "no history file", "00000003.history", { "00000002.history.gz" }, { 0 }, { 0 } },
    { "a backup history file",
      C ".00000028.backup",
      { C, C ".00000028.backup" },
      { 0 },
      { C ".00000028.backup" } },
};

static void finds(void **state)
{
    const locate_case *row = *state;
    folder f = folder_new();
    char *sources[4] = { 0 }, message[512] = "";
    size_t nsources = 0, n = 0;
    for (size_t i = 0; i < COUNT(row->files) && row->files[i]; i++)
        put_text(&f, row->files[i], "x");
    for (; nsources < COUNT(row->sources) && row->sources[nsources]; nsources++)
        sources[nsources] = strdup(in_folder(&f, row->sources[nsources]));
    if (nsources == 0) {
        put_text(&f, "000000010000000000000001", "x");
        sources[nsources++] = strdup(f.path);
    }
    located_list got;
    if (!locate(row->asked, sources, nsources, &got, message))
        fail_msg("%s", message);
    for (; n < COUNT(row->want) && row->want[n]; n++) {
        if (n >= got.count)
            fail_msg("%zu files, not %s", got.count, row->want[n]);
        assert_string_equal(got.files[n].path, in_folder(&f, row->want[n]));
        assert_int_equal(got.files[n].is_partial, strstr(row->want[n], ".partial") != NULL);
    }
    assert_int_equal(got.count, n);
    located_free(&got);
    for (size_t i = 0; i < nsources; i++)
        free(sources[i]);
    folder_remove(&f);
}

static void knows_a_live_folder(void **state)
{
    (void)state;
    folder f = folder_new();
    put_text(&f, "pg_wal/" C, "x");
    put_text(&f, "not_pg_wal/" C, "x");
    char *sources[] = { strdup(in_folder(&f, "pg_wal")), strdup(in_folder(&f, "not_pg_wal")) };
    char message[512];
    located_list got;
    assert_true(locate(C, sources, 2, &got, message));
    assert_int_equal(got.count, 2);
    assert_true(got.files[0].is_live);
    assert_false(got.files[1].is_live);
    located_free(&got);
    free(sources[0]);
    free(sources[1]);
    folder_remove(&f);
}

static void says_what_is_not_there(void **state)
{
    (void)state;
    folder f = folder_new();
    char *sources[] = { strdup(in_folder(&f, "none")) };
    char message[512] = "";
    located_list got;
    assert_false(locate(C, sources, 1, &got, message));
    assert_non_null(strstr(message, "cannot open"));
    located_free(&got);
    put_subfolder(&f, "none");
    assert_false(locate(C, sources, 1, &got, message));
    assert_non_null(strstr(message, "no WAL segments in"));
    located_free(&got);
    free(sources[0]);
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_a_live_folder),
        cmocka_unit_test(says_what_is_not_there),
    };
    const int failed = RUN_CASES("names", cases, finds);
    return failed + cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
