/*
 * test_begun.c - which transactions began before the WAL that is read.
 */
#include "begun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 700 ran when the WAL began; 703 and 704 came later. */
static void by_the_order_of_ids(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    assert_true(wpi_begun_before(&begun, 703, 10));
    wpi_begun_ended(&begun, 703, 20);
    assert_true(wpi_begun_before(&begun, 700, 10));
    assert_true(wpi_begun_before(&begun, 700, 30));
    assert_false(wpi_begun_before(&begun, 704, 30));
    assert_true(wpi_begun_before(&begun, 704, 15));
}

static void by_a_list(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    wpi_begun_running(&begun, 710, 700);
    assert_true(wpi_begun_before(&begun, 700, 10));
    assert_false(wpi_begun_before(&begun, 710, 10));
    wpi_begun_running(&begun, 800, 790);
    assert_false(wpi_begun_before(&begun, 795, 10));
    wpi_begun_after_gap(&begun);
    assert_true(wpi_begun_before(&begun, 795, 10));
}

/* Ids begin again: 3 is younger than 4294967290. */
static void over_the_end_of_ids(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    wpi_begun_ended(&begun, 3, 20);
    assert_true(wpi_begun_before(&begun, UINT32_C(4294967290), 30));
    assert_false(wpi_begun_before(&begun, 4, 30));
}

/* More than are kept: in doubt a transaction began before, never after. */
static void thinned_out(void **state)
{
    (void)state;
    wpi_begun begun = { 0 };
    const wp_xid n = 10 * WPI_BEGUN_STEPS;
    for (wp_xid i = 0; i < n; i++)
        wpi_begun_ended(&begun, 1000 + i, 10 + 10 * (wp_lsn)i);
    assert_true(begun.nsteps <= WPI_BEGUN_STEPS);
    for (wp_xid i = 1; i < n; i++)
        assert_true(wpi_begun_before(&begun, 999, 10 + 10 * (wp_lsn)i));
    for (wp_xid i = 2; i < n; i++)
        assert_true(wpi_begun_before(&begun, 1000 + i - 2, 15 + 10 * (wp_lsn)(i - 1)));
    assert_false(wpi_begun_before(&begun, 1000 + n, 20 + 10 * (wp_lsn)n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_order_of_ids),
        cmocka_unit_test(by_a_list),
        cmocka_unit_test(over_the_end_of_ids),
        cmocka_unit_test(thinned_out),
    };
    return cmocka_run_group_tests_name("begun", tests, NULL, NULL);
}
