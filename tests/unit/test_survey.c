/* test_survey.c - buckets of time that widen as they have to: each event stands in the bucket of its time, whatever came after it. */
#include "command/report/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define TIMES_MAX 2000

/* Counts them all, then each bucket against the times that lie in it. */
static void count(const wp_time *times, size_t n)
{
    static survey s;
    s = (survey){ .start = WP_TIME_UNKNOWN };
    for (size_t i = 0; i < n; i++) {
        survey_bucket *bucket = survey_bucket_at(&s, times[i]);
        assert_non_null(bucket);
        bucket->commits++;
        assert_in_range(s.nbuckets, 1, SURVEY_BUCKETS_MAX);
    }
    size_t seen = 0;
    for (size_t b = 0; b < s.nbuckets; b++) {
        uint64_t wanted = 0;
        for (size_t i = 0; i < n; i++) {
            const uint64_t after = (uint64_t)times[i] - (uint64_t)s.start;
            assert_true(times[i] >= s.start);
            wanted += after / s.width == b;
        }
        assert_int_equal(s.buckets[b].commits, wanted);
        seen += wanted;
    }
    assert_int_equal(seen, n);
}

static void one_time_is_one_bucket(void **state)
{
    (void)state;
    const wp_time times[] = { SECOND, SECOND, SECOND };
    count(times, 3);
}

static void rising_times_widen(void **state)
{
    (void)state;
    static wp_time times[TIMES_MAX];
    for (size_t i = 0; i < TIMES_MAX; i++)
        times[i] = (wp_time)i * 7777777;
    count(times, TIMES_MAX);
}

static void a_clock_that_goes_back(void **state)
{
    (void)state;
    static wp_time times[TIMES_MAX];
    for (size_t i = 0; i < TIMES_MAX; i++)
        times[i] = -(wp_time)i * 333333;
    count(times, TIMES_MAX);
    for (size_t i = 0; i < TIMES_MAX; i++)
        times[i] *= i % 2 == 0 ? 1 : -1;
    count(times, TIMES_MAX);
}

static void any_times(void **state)
{
    (void)state;
    static wp_time times[TIMES_MAX];
    uint64_t seed = 20261130;
    for (int round = 0; round < 200; round++) {
        const int bits = 1 + round % 55; /* none before our era */
        for (size_t i = 0; i < 100; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            times[i] =
                (wp_time)(seed >> 3 & ((UINT64_C(1) << bits) - 1)) - ((INT64_C(1) << bits) >> 1);
        }
        count(times, 100);
    }
}

static void the_whole_calendar(void **state)
{
    (void)state;
    /* 4713 BC, 2000, 294276: the ends of what a server takes */
    const wp_time times[] = { 0, INT64_C(-211813488000000000), INT64_C(9223371331199999999), 1 };
    survey s = { .start = WP_TIME_UNKNOWN };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        survey_bucket *bucket = survey_bucket_at(&s, times[i]);
        if (bucket != NULL)
            bucket->commits++;
        assert_true(s.nbuckets <= SURVEY_BUCKETS_MAX);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < s.nbuckets; i++)
        sum += s.buckets[i].commits;
    assert_in_range(sum, 2, 4);
}

static void no_time_has_no_bucket(void **state)
{
    (void)state;
    survey s = { .start = WP_TIME_UNKNOWN };
    assert_null(survey_bucket_at(&s, WP_TIME_UNKNOWN));
    assert_null(survey_bucket_at(&s, INT64_MAX));
    assert_int_equal(s.nbuckets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_time_is_one_bucket), cmocka_unit_test(rising_times_widen),
        cmocka_unit_test(a_clock_that_goes_back), cmocka_unit_test(any_times),
        cmocka_unit_test(the_whole_calendar),     cmocka_unit_test(no_time_has_no_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
