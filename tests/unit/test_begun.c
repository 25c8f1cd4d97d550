/*
 * test_begun.c - which transactions began before the WAL that is read.
 */
#include "infer/begun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool may_have_begun_before(const wpi_begun *begun, wp_xid xid, wp_lsn first)
{
    return wpi_begun_where(begun, xid, first) != WPI_BEGAN_HERE;
}

static void running(wpi_begun *begun, wp_xid next, wp_xid oldest, wp_lsn lsn)
{
    wpi_begun_running(
        begun,
        &(wp_fact_running){ .fact = { .lsn = lsn }, .next_xid = next, .oldest_running = oldest });
}

/* 700 ran when the WAL began; 703 and 704 came later. */
static void by_the_order_of_ids(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    assert_true(may_have_begun_before(&begun, 703, 10));
    wpi_begun_committed(&begun, 703, 20);
    assert_true(may_have_begun_before(&begun, 700, 10));
    assert_true(may_have_begun_before(&begun, 700, 30));
    assert_false(may_have_begun_before(&begun, 704, 30));
    assert_true(may_have_begun_before(&begun, 704, 15));
}

static void by_a_list(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    running(&begun, 710, 700, 5);
    assert_true(may_have_begun_before(&begun, 700, 10));
    assert_false(may_have_begun_before(&begun, 710, 10));
    running(&begun, 800, 790, 5);
    assert_false(may_have_begun_before(&begun, 795, 10));
    wpi_begun_after_gap(&begun);
    assert_true(may_have_begun_before(&begun, 795, 10));
}

/* It is known only where the order of ids or a list shows it. */
static void known_or_not(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    assert_int_equal(wpi_begun_where(&begun, 700, 10), WPI_MAY_HAVE_BEGUN_BEFORE);
    wpi_begun_committed(&begun, 703, 20);
    assert_int_equal(wpi_begun_where(&begun, 700, 10), WPI_MAY_HAVE_BEGUN_BEFORE);
    assert_int_equal(wpi_begun_where(&begun, 700, 30), WPI_BEGAN_BEFORE);
    running(&begun, 710, 705, 40);
    assert_int_equal(wpi_begun_where(&begun, 705, 50), WPI_BEGAN_BEFORE);
    assert_int_equal(wpi_begun_where(&begun, 705, 30), WPI_BEGAN_HERE);
    assert_int_equal(wpi_begun_where(&begun, 710, 50), WPI_BEGAN_HERE);
}

/* Nothing runs after a shutdown, so whatever comes began there. */
static void by_a_shutdown(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    wpi_begun_shutdown(&begun, &(wp_fact_checkpoint){ .fact = { .lsn = 5 }, .next_xid = 700 });
    assert_int_equal(wpi_begun_where(&begun, 700, 10), WPI_BEGAN_HERE);
    assert_int_equal(wpi_begun_where(&begun, 699, 10), WPI_BEGAN_BEFORE); /* it was prepared */
}

/* Ids begin again: 3 is younger than 4294967290. */
static void over_the_end_of_ids(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    wpi_begun_committed(&begun, 3, 20);
    assert_true(may_have_begun_before(&begun, UINT32_C(4294967290), 30));
    assert_false(may_have_begun_before(&begun, 4, 30));
}

/* More than are kept: in doubt a transaction began before, never after. */
static void thinned_out(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    const wp_xid n = 10 * WPI_BEGUN_STEPS;
    for (wp_xid i = 0; i < n; i++)
        wpi_begun_committed(&begun, 1000 + i, 10 + 10 * (wp_lsn)i);
    assert_true(begun.nsteps <= WPI_BEGUN_STEPS);
    for (wp_xid i = 1; i < n; i++)
        assert_true(may_have_begun_before(&begun, 999, 10 + 10 * (wp_lsn)i));
    for (wp_xid i = 2; i < n; i++)
        assert_true(may_have_begun_before(&begun, 1000 + i - 2, 15 + 10 * (wp_lsn)(i - 1)));
    assert_false(may_have_begun_before(&begun, 1000 + n, 20 + 10 * (wp_lsn)n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_order_of_ids), cmocka_unit_test(by_a_list),
        cmocka_unit_test(known_or_not),        cmocka_unit_test(by_a_shutdown),
        cmocka_unit_test(over_the_end_of_ids), cmocka_unit_test(thinned_out),
    };
    return cmocka_run_group_tests_name("begun", tests, NULL, NULL);
}
