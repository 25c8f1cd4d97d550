/* test_series.c - which transactions belong to a series of destructive ones. */
#include <stdio.h>

#include "search/series.h"

#include "cases.h"

#define NOON INT64_C(848688485074335)
#define MINUTE INT64_C(60000000)

/* A transaction: minutes after NOON, its kind, rows; commits since the one before. */
typedef struct step {
    int minute;
    wp_event_kind kind;
    uint64_t rows;
    uint64_t commits;
} step;

#define STEPS_MAX 4
#define DROP(minute, commits)                   \
    {                                           \
        minute, WP_EVENT_DROP_TABLE, 0, commits \
    }

static const struct row {
    const char *name;
    step steps[STEPS_MAX]; /* the last one is where the series ends; commits 0: no more */
    uint64_t want;
} rows[] = {
    { "seconds apart", { DROP(0, 1), DROP(0, 1), DROP(0, 1) }, 2 },
    { "a pause of nine minutes", { DROP(0, 1), DROP(9, 500), DROP(18, 500) }, 2 },
    { "a pause of ten minutes with much in it", { DROP(0, 1), DROP(10, 500), DROP(11, 1) }, 1 },
    { "a pause of ten minutes with little in it", { DROP(0, 1), DROP(30, 10), DROP(31, 1) }, 2 },
    { "an hour back is too far", { DROP(0, 1), DROP(30, 1), DROP(60, 1) }, 1 },
    { "a clock set back", { DROP(50, 1), DROP(0, 500), DROP(1, 500) }, 2 },
    { "a mass DELETE", { { 0, WP_EVENT_DELETE, 1000, 1 }, DROP(1, 1) }, 1 },
    { "a DELETE of fewer rows", { { 0, WP_EVENT_DELETE, 999, 1 }, DROP(1, 1) }, 0 },
    { "TRUNCATE", { { 0, WP_EVENT_TRUNCATE, 0, 1 }, DROP(1, 1) }, 1 },
    { "a column", { { 0, WP_EVENT_TABLE_DROP_COLUMN, 0, 1 }, DROP(1, 1) }, 1 },
    { "CREATE TABLE", { { 0, WP_EVENT_CREATE_TABLE, 0, 1 }, DROP(1, 1) }, 0 },
    { "UPDATE", { { 0, WP_EVENT_UPDATE, 5000, 1 }, DROP(1, 1) }, 0 },
    { "nothing before", { DROP(0, 1) }, 0 },
};

static wp_xact_end end_of(const step *it, wp_xid xid)
{
    return (wp_xact_end){ .xid = xid, .time = NOON + it->minute * MINUTE };
}

static void add(series *s, wp_xid xid, const step *it, uint64_t commits)
{
    const wp_xact_end end = end_of(it, xid);
    const wp_event event = {
        .kind = it->kind, .text = "text", .has_rows = it->rows > 0, .rows = it->rows, .xact = &end
    };
    const event_view view = { &event, &end, 1 };
    assert_true(series_add_event(s, &view));
    series_add_end(s, commits);
}

static void the_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        series s = { 0 };
        series_before before = { 0 };
        const step *steps = rows[i].steps;
        uint64_t commits = 0;
        size_t n = 0;
        for (; n + 1 < STEPS_MAX && steps[n + 1].commits > 0; n++) {
            commits += steps[n].commits;
            add(&s, 700 + (wp_xid)n, &steps[n], commits);
        }
        const wp_xact_end end = end_of(&steps[n], 900);
        assert_true(series_look(&s, &end, commits + steps[n].commits, &before));
        if (before.count != rows[i].want)
            fail_msg("%s: %d, not %d", rows[i].name, (int)before.count, (int)rows[i].want);
        if (before.count > 0)
            assert_int_equal(before.start.gravest.xact.xid, 700 + n - before.count);
        series_before_free(&before);
        series_free(&s);
    }
}

/* More than is kept, and more than is told. */
static void a_long_one(void **state)
{
    (void)state;
    series s = { 0 };
    series_before before = { 0 };
    const step drop = DROP(0, 1);
    const wp_xact_end end = end_of(&drop, 9000);
    for (wp_xid i = 0; i < SERIES_KEPT + 50; i++)
        add(&s, 700 + i, &drop, i);
    assert_true(series_look(&s, &end, SERIES_KEPT + 50, &before));
    assert_int_equal(before.count, SERIES_KEPT);
    assert_true(before.has_more);
    assert_int_equal(before.start.gravest.xact.xid, 750);
    assert_int_equal(before.commits, SERIES_KEPT);
    assert_int_equal(before.ntold, SERIES_TOLD);
    for (wp_xid i = 0; i < SERIES_TOLD; i++)
        assert_int_equal(before.told[i].gravest.xact.xid, 750 + SERIES_KEPT - SERIES_TOLD + i);
    /* Looked at again, as for a later match. */
    series_free(&s);
    add(&s, 8000, &drop, 1);
    assert_true(series_look(&s, &end, 2, &before));
    assert_int_equal(before.count, 1);
    assert_int_equal(before.start.gravest.xact.xid, 8000);
    series_before_free(&before);
    series_free(&s);
}

/* Of one transaction the gravest is told, and how many there are. */
static void several_events(void **state)
{
    (void)state;
    series s = { 0 };
    series_before before = { 0 };
    const wp_xact_end end = { .xid = 700, .time = NOON };
    static const wp_event_kind kinds[] = { WP_EVENT_TRUNCATE, WP_EVENT_DROP_TABLE,
                                           WP_EVENT_DROP_VIEW };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const wp_event event = { .kind = kinds[i],
                                 .text = wp_event_kind_name(kinds[i]),
                                 .xact = &end };
        const event_view view = { &event, &end, 1 };
        assert_true(series_add_event(&s, &view));
    }
    series_add_end(&s, 1);
    series_add_end(&s, 2); /* of one that destroyed nothing */
    assert_true(series_look(&s, &end, 3, &before));
    assert_int_equal(before.count, 1);
    assert_int_equal(before.start.events, 3);
    assert_string_equal(before.start.gravest.event.text, "DROP TABLE");
    series_before_free(&before);
    series_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule),
        cmocka_unit_test(a_long_one),
        cmocka_unit_test(several_events),
    };
    return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
