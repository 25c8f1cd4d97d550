/*
 * test_time_text.c - moments as people write them. Expected values are seconds since 1970 as `date -u
 * +%s` of GNU coreutils prints them, less 946684800 (2000-01-01).
 */
#include <time.h>

#include "base/time_text.h"

#include "cases.h"

/* Zones spelled out, so that no zone database is needed. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"
#define KOLKATA "IST-5:30"
#define OLD_SYDNEY "EST-10"

#define AT(unix_seconds, usec) (((INT64_C(unix_seconds)) - INT64_C(946684800)) * 1000000 + (usec))

typedef struct time_case {
    const char *name; /* what is read */
    const char *zone;
    wp_time want;
    bool is_local;
} time_case;

static const time_case good[] = {
    { "2026-11-22T10:48:05.074335Z", "UTC", AT(1795344485, 74335), false },
    { "2026-11-22 10:48:05.074335+00", BERLIN, AT(1795344485, 74335), false },
    { "2026-11-22 11:48:05.074335 +01:00", "UTC", AT(1795344485, 74335), false },
    { "2026-11-22 05:18:05,5-0530", "UTC", AT(1795344485, 500000), false },
    { "2026-11-22T10:48:05 UTC", BERLIN, AT(1795344485, 0), false },
    { "2026-11-22 10:48", "UTC", AT(1795344480, 0), true },
    { "2026-11-22", "UTC", AT(1795305600, 0), true },
    { "2026-11-22 10:48:05", BERLIN, AT(1795340885, 0), true },
    { "2026-07-01 12:00:00", BERLIN, AT(1782900000, 0), true },
    { "2026-07-01 12:00:00", NEW_YORK, AT(1782921600, 0), true },
    /* An abbreviation has one offset, the whole year. */
    { "2026-11-29 10:12:46.079208 CET", "UTC", AT(1795943566, 79208), false },
    { "2026-11-29 10:12:46.079208 CET", BERLIN, AT(1795943566, 79208), false },
    { "2026-07-01 12:00:00 CET", BERLIN, AT(1782903600, 0), false },
    { "2026-10-25 02:30:00 CEST", BERLIN, AT(1792888200, 0), false },
    { "2026-10-25 02:30:00 CET", BERLIN, AT(1792891800, 0), false },
    { "2026-11-01 01:30:00 EST", "UTC", AT(1793514600, 0), false },
    { "2026-07-01 12:00:00 IST", KOLKATA, AT(1782887400, 0), true },
    { "1999-12-31T23:59:59.999999Z", "UTC", -1, false },
    { "2000-02-29T00:00:00Z", "UTC", AT(951782400, 0), false },
    { "0001-01-01T00:00:00Z", "UTC", AT(-62135596800, 0), false },
    { "9999-12-31T23:59:59Z", "UTC", AT(253402300799, 0), false },
};

static const struct refused_case {
    const char *name;
    const char *zone;
} refused[] = {
    { "", "UTC" },
    { "now", "UTC" },
    { "infinity", "UTC" },
    { "2026-02-29 00:00:00Z", "UTC" },
    { "1900-02-29 00:00:00Z", "UTC" },
    { "2026-13-01", "UTC" },
    { "2026-00-10", "UTC" },
    { "2026-11-31", "UTC" },
    { "0000-01-01T00:00:00Z", "UTC" },
    { "2026-11-22 24:00:00Z", "UTC" },
    { "2026-11-22 10:60:00Z", "UTC" },
    { "2026-11-22 10:48:60Z", "UTC" },
    { "2026-11-22 10:48:05.Z", "UTC" },
    { "2026-11-22 10:48:05.1234567Z", "UTC" },
    { "2026-11-22 10:48:05 CST", "UTC" },
    { "2026-11-22 10:48:05 IST", BERLIN },
    { "2026-11-22 10:48:05 BST", "UTC" },
    { "2026-11-22 10:48:05 cet", "UTC" },
    { "2026-11-22 10:48:05 EST", OLD_SYDNEY }, /* two offsets are meant by it here */
    { "2026-11-22 10:48:05 CET CET", "UTC" },
    { "2026-11-22 10:48:05+", "UTC" },
    { "2026-11-22 10:48:05+99", "UTC" },
    { "2026-11-22 10:48:05+01:60", "UTC" },
    { "2026-11-22 10:48:05Z trailing", "UTC" },
    { " 2026-11-22 10:48:05Z", "UTC" },
    { "22.11.2026 10:48", "UTC" },
    { "2026-1-2", "UTC" },
    { "2026-03-29 02:30:00", BERLIN }, /* clocks went from 2 to 3 */
    { "2026-10-25 02:30:00", BERLIN }, /* and from 3 back to 2 */
    { "2026-11-01 01:30:00", NEW_YORK },
};

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void reads(void **state)
{
    const time_case *row = *state;
    wp_time got = 0;
    bool is_local = !row->is_local;
    char message[512] = "";
    use_zone(row->zone);
    if (!timeparse(row->name, &got, &is_local, message))
        fail_msg("refused: %s", message);
    assert_int_equal(got, row->want);
    assert_int_equal(is_local, row->is_local);
}

static void refuses(void **state)
{
    const struct refused_case *row = *state;
    wp_time got = 42;
    bool is_local = false;
    char message[512] = "";
    use_zone(row->zone);
    assert_false(timeparse(row->name, &got, &is_local, message));
    assert_int_equal(got, 42);
    assert_string_not_equal(message, "");
}

static void prints_the_local_time(void **state)
{
    (void)state;
    char buf[TIMEPARSE_TEXT_BYTES];
    use_zone(BERLIN);
    assert_string_equal(time_text_local(AT(1795344485, 74335), buf),
                        "2026-11-22 11:48:05.074335 CET");
    assert_string_equal(time_text_local(-1, buf), "2000-01-01 00:59:59.999999 CET");
    assert_string_equal(time_text_local(WP_TIME_UNKNOWN, buf), "");
    assert_string_equal(time_text_local(-1000000, buf), "2000-01-01 00:59:59.000000 CET");
    (void)time_text_local(INT64_MIN + 1, buf); /* damaged WAL may hold any number */
    (void)time_text_local(INT64_MAX, buf);
    assert_string_equal(time_text_zone(AT(1782900000, 0), buf), "CEST, UTC+02:00");
    use_zone("NST3:30");
    assert_string_equal(time_text_zone(AT(1795344485, 0), buf), "NST, UTC-03:30");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(prints_the_local_time) };
    int failed = RUN_CASES("times that are read", good, reads);
    failed += RUN_CASES("times that are refused", refused, refuses);
    failed += cmocka_run_group_tests_name("printing times", tests, NULL, NULL);
    return failed;
}
