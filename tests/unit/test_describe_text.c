/*
 * test_describe_text.c - numbers, positions and times as printf and pg_waldump write them.
 *
 * What a time is comes from the C library, asked as bin/pg_waldump/compat.c does: timestamptz_to_str.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include <walparse/profile.h>

#include "describe/text.h"

#include "cases.h"

#define EPOCH_2000 INT64_C(946684800)
#define USECS_PER_SEC INT64_C(1000000)

/* What was put since the last time; the caller's until the next put. */
static const char *taken(wpi_text *text)
{
    wpi_put_char(text, '\0');
    text->len = 0;
    return text->start;
}

/* A new number each time, of all lengths. */
static uint64_t next_number(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const uint64_t bits = *seed ^ *seed >> 29;
    return bits >> (*seed >> 58);
}

static void check_number(wpi_text *text, uint64_t n)
{
    char want[128];
    (void)snprintf(want, sizeof want, "%" PRIu64 " %" PRId64 " %" PRIu32 " %" PRId32, n, (int64_t)n,
                   (uint32_t)n, (int32_t)(uint32_t)n);
    wpi_put_u64(text, n);
    wpi_put_char(text, ' ');
    wpi_put_i64(text, (int64_t)n);
    wpi_put_char(text, ' ');
    wpi_put_u32(text, (uint32_t)n);
    wpi_put_char(text, ' ');
    wpi_put_i32(text, (int32_t)(uint32_t)n);
    assert_string_equal(taken(text), want);

    (void)snprintf(want, sizeof want, "%" PRIX64 "%02" PRIX64 "%08" PRIx64, n, n, n);
    wpi_put_hex(text, n, 1);
    wpi_put_hex(text, n, 2);
    wpi_put_lower_hex(text, n, 8);
    assert_string_equal(taken(text), want);

    const uint32_t high = (uint32_t)(n >> 32), low = (uint32_t)n;
    (void)snprintf(want, sizeof want, "%" PRIX32 "/%" PRIX32 " %" PRIX32 "/%08" PRIX32, high, low,
                   high, low);
    wpi_put_lsn(text, n);
    wpi_put_char(text, ' ');
    wpi_put_lsn_padded(text, n);
    assert_string_equal(taken(text), want);
}

static void numbers_are_printfs(void **state)
{
    (void)state;
    static const uint64_t edges[] = { 0,
                                      9,
                                      10,
                                      99,
                                      100,
                                      99999,
                                      100000,
                                      4294967295,
                                      4294967296,
                                      UINT64_C(429496729600),
                                      INT32_MAX,
                                      INT64_MAX,
                                      UINT64_MAX,
                                      1000000000,
                                      UINT64_C(10000000000000000000),
                                      2147483648,
                                      999999999,
                                      9999,
                                      UINT64_C(1) << 63 };
    wpi_text text = { 0 };
    for (size_t i = 0; i < COUNT(edges); i++)
        check_number(&text, edges[i]);
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++)
        check_number(&text, next_number(&seed));
    free(text.start);
}

static void lsns_are_padded_from_19_on(void **state)
{
    (void)state;
    wpi_text text = { 0 };
    wpi_put_lsn_of(&text, wp_profile_by_major("18"), UINT64_C(0x10000000A));
    assert_string_equal(taken(&text), "1/A");
    wpi_put_lsn_of(&text, wp_profile_by_major("19"), UINT64_C(0x10000000A));
    assert_string_equal(taken(&text), "1/0000000A");
    free(text.start);
}

static int32_t offset;

static void zone_at(void *context, int64_t unix_seconds, wp_zone *out)
{
    assert_null(context);
    (void)unix_seconds;
    *out = (wp_zone){ offset, "XYZ" };
}

static void check_time(wpi_text *text, wp_time time)
{
    const time_t seconds = (time_t)(time / USECS_PER_SEC + EPOCH_2000) + offset;
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    char date[64], want[128];
    assert_true(strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm) > 0);
    (void)snprintf(want, sizeof want, "%s.%06d %s", date, (int)(time % USECS_PER_SEC),
                   text->dump ? "XYZ" : "UTC");
    wpi_put_time(text, time);
    assert_string_equal(taken(text), want);
}

/* Ends of months, of years, of 4, 100 and 400 years, and of what 64 bits hold. */
static void times_are_pg_waldumps(void **state)
{
    (void)state;
    const wp_dump dump = { .zone_at = zone_at };
    wpi_text text = { 0 };
    static const wp_time edges[] = {
        0,       1,       -1,       5,         -5,        99999,         -99999,
        -100000, -999999, -1000000, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1
    };
    for (int pass = 0; pass < 3; pass++) {
        offset = pass == 0 ? 0 : pass == 1 ? 45900 : -34200;
        text.dump = pass ? &dump : NULL;
        for (size_t i = 0; i < COUNT(edges); i++)
            check_time(&text, edges[i]);
        for (int64_t day = -750000; day < 1200000; day += 1 + 97 * (pass > 0)) {
            check_time(&text, day * 86400 * USECS_PER_SEC);
            check_time(&text, day * 86400 * USECS_PER_SEC - 1);
        }
        uint64_t seed = 2;
        for (int i = 0; i < 20000; i++)
            check_time(&text, (wp_time)next_number(&seed));
    }
    free(text.start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_printfs),
        cmocka_unit_test(lsns_are_padded_from_19_on),
        cmocka_unit_test(times_are_pg_waldumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
