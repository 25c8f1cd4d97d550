/*
 * test_xact_summary.c - what a transaction did, and what one statement took along.
 */
#include "search/xact_summary.h"

#include <stdio.h>

#include "cases.h"

static void add(xact_summary *d, wp_event_kind kind, uint32_t number, uint32_t taken_by,
                uint32_t took)
{
    char words[40];
    snprintf(words, sizeof words, "%s %u", wp_event_kind_name(kind), number);
    const wp_event event = {
        .kind = kind, .text = words, .number = number, .taken_by = taken_by, .took = took
    };
    xact_summary_add(d, &event);
}

static void check_counts(const xact_summary *d, uint32_t number, const char *want)
{
    text got = { 0 };
    const xact_summary_incident *incident = xact_summary_incident_of(d, number);
    assert_non_null(incident);
    xact_summary_add_counts(&got, incident);
    assert_string_equal(text_chars(&got), want);
    text_free(&got);
}

static void counts_by_kind(void **state)
{
    (void)state;
    xact_summary d = { 0 };
    add(&d, WP_EVENT_DROP_INDEX, 0, 6, 0);
    add(&d, WP_EVENT_DROP_INDEX, 1, 6, 0);
    add(&d, WP_EVENT_DROP_TABLE, 2, 6, 0);
    add(&d, WP_EVENT_DROP_MATERIALIZED_VIEW, 3, 6, 0);
    add(&d, WP_EVENT_DROP_MATERIALIZED_VIEW, 4, 6, 0);
    add(&d, WP_EVENT_TABLE_DROP_COLUMN, 5, 6, 0);
    add(&d, WP_EVENT_DROP_SCHEMA, 6, 6, 6);
    add(&d, WP_EVENT_DROP_TABLE, 7, 7, 0);
    check_counts(&d, 6, "1 table, 2 indexes, 2 materialized views, 1 column");
    assert_string_equal(xact_summary_text(&d, xact_summary_incident_of(&d, 6)->at),
                        "DROP SCHEMA 6");
    assert_null(xact_summary_incident_of(&d, 7));
    assert_int_equal(d.total, 8);
    assert_int_equal(d.count, 8);
    xact_summary_clear(&d);
    assert_null(xact_summary_incident_of(&d, 6));
    add(&d, WP_EVENT_DROP_TABLE, 0, 1, 0);
    add(&d, WP_EVENT_DROP_SCHEMA, 1, 1, 1);
    check_counts(&d, 1, "1 table");
    xact_summary_free(&d);
}

/* The DROP that began it comes last, behind more than are kept. */
static void beyond_the_limit(void **state)
{
    (void)state;
    const uint32_t n = XACT_SUMMARY_MAX * 5;
    xact_summary d = { 0 };
    for (uint32_t i = 0; i < n; i++)
        add(&d, WP_EVENT_DROP_TABLE, i, n, 0);
    add(&d, WP_EVENT_DROP_SCHEMA, n, n, n);
    assert_int_equal(d.count, XACT_SUMMARY_MAX);
    assert_int_equal(d.total, n + 1);
    check_counts(&d, n, "500 tables");
    assert_string_equal(xact_summary_text(&d, xact_summary_incident_of(&d, n)->at),
                        "DROP SCHEMA 500");
    xact_summary_free(&d);
}

static void too_many_incidents(void **state)
{
    (void)state;
    xact_summary d = { 0 };
    for (uint32_t i = 0; i < XACT_SUMMARY_INCIDENTS_MAX + 5; i++) {
        add(&d, WP_EVENT_DROP_VIEW, 2 * i, 2 * i + 1, 0);
        add(&d, WP_EVENT_DROP_TABLE, 2 * i + 1, 2 * i + 1, 1);
    }
    check_counts(&d, 2 * XACT_SUMMARY_INCIDENTS_MAX - 1, "1 view");
    assert_null(xact_summary_incident_of(&d, 2 * XACT_SUMMARY_INCIDENTS_MAX + 1));
    assert_int_equal(d.total, 2 * (XACT_SUMMARY_INCIDENTS_MAX + 5));
    xact_summary_free(&d);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_kind),
        cmocka_unit_test(beyond_the_limit),
        cmocka_unit_test(too_many_incidents),
    };
    return cmocka_run_group_tests_name("summary of a transaction", tests, NULL, NULL);
}
