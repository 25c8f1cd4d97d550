/*
 * test_time_zone.c - zones by name, in a database made here: one zone, with the rules of Central Europe.
 */
#include <stdlib.h>
#include <time.h>

#include "base/time_text.h"
#include "base/time_zone.h"

#include "cases.h"
#include "folder.h"

#define AT(unix_seconds) ((INT64_C(unix_seconds) - INT64_C(946684800)) * 1000000)

/* RFC 8536: one transition, long ago, to the only type; and a footer that says all. */
#define HEAD "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\4"
#define TYPE "\0\0\0\x0e\x10\0\0CET"
static const char time_zone_file[] =
    HEAD "\x80\0\0\0" TYPE "\0" HEAD "\xff\xff\xff\xff\x80\0\0\0" TYPE
         "\0\nCET-1CEST,M3.5.0,M10.5.0/3\n";

static folder database;

static void make_database(void)
{
    database = folder_new();
    put_file(&database, "Europe/Madrid",
             (wp_view){ (const uint8_t *)time_zone_file, sizeof time_zone_file - 1 });
    put_text(&database, "zone.tab", "not a zone");
    put_text(&database, "Empty", "");
    assert_int_equal(setenv("TZDIR", in_folder(&database, ""), 1), 0);
}

static const struct name_case {
    const char *name;
    bool is_known;
} names[] = {
    { "Europe/Madrid", true },
    { "Europe", false },
    { "europe/madrid", false },
    { "Europe/Nowhere", false },
    { "Europe/", false },
    { "/Europe/Madrid", false },
    { "Europe//Madrid", false },
    { "Europe/../Europe/Madrid", false },
    { "../Europe/Madrid", false },
    { "./Europe/Madrid", false },
    { ":Europe/Madrid", false },
    { "zone.tab", false },
    { "Empty", false },
    { "", false },
    { "Europe/Madrid,M3.5.0", false },
    { "Europe/Madrid ", false },
    { "A/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      false },
};

static void knows_names(void **state)
{
    const struct name_case *row = *state;
    assert_int_equal(time_zone_is_known(row->name), row->is_known);
}

/* As date -u +%s -d 'TZ="Europe/Madrid" ...' of GNU coreutils has it. */
static const struct moment_case {
    const char *name;
    wp_time want;
    const char *says; /* part of the message; NULL: it is a moment */
} moments[] = {
    { "2026-11-21 14:47:49 Europe/Madrid", AT(1795268869), NULL },
    { "2026-07-01T12:00:00 Europe/Madrid", AT(1782900000), NULL },
    { "2026-07-01 Europe/Madrid", AT(1782856800), NULL },
    { "2026-10-25 02:30:00 Europe/Madrid", 0, "was twice in that zone" },
    { "2026-03-29 02:30:00 Europe/Madrid", 0, "never was in that zone" },
    { "2026-11-21 14:47:49 Europe/Nowhere", 0, "is not a zone that this system knows" },
    { "2026-11-21 14:47:49 ../../etc/passwd", 0, "is not a zone that this system knows" },
    { "2026-11-21 14:47:49 Nowhere", 0, "the zone \"Nowhere\" is not known here" },
    { "2026-11-21 14:47:49+01 Europe/Madrid", 0, "is not a time" },
};

static void reads_moments(void **state)
{
    const struct moment_case *row = *state;
    wp_time got = 0;
    bool is_local = true;
    char message[512] = "";
    setenv("TZ", "EST5EDT,M3.2.0,M11.1.0", 1);
    tzset();
    assert_int_equal(timeparse(row->name, &got, &is_local, message), row->says == NULL);
    assert_string_equal(getenv("TZ"), "EST5EDT,M3.2.0,M11.1.0");
    if (row->says != NULL) {
        assert_non_null(strstr(message, row->says));
        return;
    }
    assert_int_equal(got, row->want);
    assert_false(is_local);
    /* The local zone is what it was. */
    assert_true(timeparse("2026-07-01 12:00:00", &got, &is_local, message));
    assert_int_equal(got, AT(1782921600));
}

static void gives_back_that_none_was_set(void **state)
{
    (void)state;
    time_zone_before before;
    unsetenv("TZ");
    assert_true(time_zone_enter("Europe/Madrid", &before));
    assert_string_equal(getenv("TZ"), "Europe/Madrid");
    time_zone_leave(&before);
    assert_null(getenv("TZ"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(gives_back_that_none_was_set) };
    make_database();
    int failed = RUN_CASES("names", names, knows_names);
    failed += RUN_CASES("moments", moments, reads_moments);
    failed += cmocka_run_group_tests_name("zones", tests, NULL, NULL);
    folder_remove(&database);
    return failed;
}
