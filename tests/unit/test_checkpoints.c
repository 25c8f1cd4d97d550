/* test_checkpoints.c - redo points, and what lies between them. Those of whole archives are in tests/cli/stats.sh. */
#include "command/stats/checkpoints.h"

#include "cases.h"

#define SECOND INT64_C(1000000)

static checkpoint items[] = {
    { .redo = 1000, .lsn = 1000, .time = 50 * SECOND },
    { .redo = 3000, .lsn = 3500, .time = 57 * SECOND, .is_online = true },
    { .redo = 10000, .lsn = 10000, .time = 56 * SECOND }, /* the clock was set back */
    { .redo = 10100, .lsn = 10200, .time = WP_TIME_UNKNOWN, .is_online = true },
    { .redo = 12000, .lsn = 12000, .time = 90 * SECOND, .open_from = 13000 },
    { .redo = 15000, .lsn = 15000, .time = 95 * SECOND },
};
static const checkpoints all = { .items = items, .count = COUNT(items) };

static void finds_the_last_before(void **state)
{
    (void)state;
    const checkpoints none = { 0 };
    assert_null(checkpoints_of(&none, 1000));
    assert_null(checkpoints_of(&all, 999));
    assert_ptr_equal(checkpoints_of(&all, 1000), &items[0]);
    assert_ptr_equal(checkpoints_of(&all, 2999), &items[0]);
    assert_ptr_equal(checkpoints_of(&all, 3000), &items[1]);
    assert_ptr_equal(checkpoints_of(&all, UINT64_MAX), &items[5]);
}

static void measures_stretches(void **state)
{
    (void)state;
    static const struct {
        bool has_distance, has_seconds;
        uint64_t distance, seconds;
    } want[] = {
        { true, true, 2000, 7 },  { true, false, 7000, 0 }, { true, false, 100, 0 },
        { true, false, 1900, 0 }, { false, false, 0, 0 },   { false, false, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(want); i++) {
        const checkpoint_stretch got = checkpoints_stretch(&all, &items[i]);
        assert_int_equal(got.has_distance, want[i].has_distance);
        assert_int_equal(got.has_seconds, want[i].has_seconds);
        assert_int_equal(got.distance, want[i].distance);
        assert_int_equal(got.seconds, want[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_last_before),
        cmocka_unit_test(measures_stretches),
    };
    return cmocka_run_group_tests_name("checkpoints", tests, NULL, NULL);
}
