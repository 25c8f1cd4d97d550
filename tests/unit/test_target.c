/*
 * test_target.c - where a server stops. The oracle is the server's replay loop, spelled out record by
 * record as recovery does it, and run over random WAL.
 */
#include <stdio.h>

#include "target.h"

#include "cases.h"

#define NOON INT64_C(845000000000000)

/* Ends of transactions in WAL order, a hundred bytes apart. */
typedef struct wal {
    wp_xact_end ends[400];
    size_t n;
} wal;

static void add_end(wal *w, wp_xact_op op, wp_xid xid, wp_time time)
{
    const wp_lsn lsn = 0x1000000 + 100 * w->n;
    w->ends[w->n++] =
        (wp_xact_end){ .op = op, .xid = xid, .time = time, .lsn = lsn, .end_lsn = lsn + 40 };
}

/* The boundary at the n-th end, after the rest has passed. */
static target_boundary boundary_at(const wal *w, size_t n, bool inclusive)
{
    target_history *history = calloc(1, sizeof *history);
    assert_non_null(history);
    target_boundary out;
    memset(&out, 0, sizeof out);
    for (size_t i = 0; i < w->n; i++) {
        if (i > n)
            target_boundary_pass(&out, history, &w->ends[i]);
        if (i == n)
            target_boundary_at_xact(history, &w->ends[i], inclusive, &out);
        target_history_add(history, &w->ends[i]);
    }
    free(history);
    return out;
}

/* ---- the oracle --------------------------------------------------------------------------- */

/*
 * How many ends are replayed: recoveryStopsBefore() and recoveryStopsAfter(), for ends of transactions.
 * SIZE_MAX: recovery runs to the end of the WAL without stopping.
 */
static size_t replay(const wal *w, target_kind kind, const wp_xact_end *wanted, bool inclusive)
{
    for (size_t i = 0; i < w->n; i++) {
        const wp_xact_end *r = &w->ends[i];
        if (kind == TARGET_LSN && !inclusive && r->lsn >= wanted->lsn)
            return i;
        if (kind == TARGET_XID && !inclusive && r->xid == wanted->xid)
            return i;
        if (kind == TARGET_TIME && (inclusive ? r->time > wanted->time : r->time >= wanted->time))
            return i;
        /* r is applied here */
        if (kind == TARGET_LSN && inclusive && r->lsn >= wanted->lsn)
            return i + 1;
        if (kind == TARGET_XID && inclusive && r->xid == wanted->xid)
            return i + 1;
    }
    return SIZE_MAX;
}

static uint64_t commits_in(const wal *w, size_t n)
{
    uint64_t commits = 0;
    for (size_t i = 0; i < n; i++)
        commits += w->ends[i].op == WP_XACT_COMMIT || w->ends[i].op == WP_XACT_COMMIT_PREPARED;
    return commits;
}

static wp_xid last_commit_in(const wal *w, size_t n)
{
    for (; n > 0; n--) {
        const wp_xact_end *end = &w->ends[n - 1];
        if (end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED)
            return end->xid;
    }
    return 0;
}

static void check_kind(const wal *w, size_t n, target_kind kind, bool inclusive)
{
    const target_boundary boundary = boundary_at(w, n, inclusive);
    target got;
    assert_true(target_make(&boundary, kind, &got));
    const size_t really = replay(w, kind, &w->ends[n], inclusive);
    const size_t right = inclusive ? n + 1 : n;
    if (really == SIZE_MAX) {
        assert_int_equal(got.reach, TARGET_PENDING);
        assert_false(got.exact);
        return;
    }
    assert_int_equal(got.reach, TARGET_REACHED);
    assert_int_equal(got.stop.commits, commits_in(w, really));
    assert_int_equal(got.stop.last_xid, last_commit_in(w, really));
    const uint64_t kept = commits_in(w, really), wanted = commits_in(w, right);
    assert_int_equal(got.costs, kept < wanted ? wanted - kept : 0);
    assert_int_equal(got.lets_through, kept > wanted ? kept - wanted : 0);
    /* Before: nothing else is right. Behind: only rollbacks may follow. */
    assert_int_equal(got.exact, inclusive ? really >= right && kept == wanted : really == right);
    if (!inclusive)
        assert_int_equal(got.stop.lsn, w->ends[really].lsn);
}

static void agrees_with_the_replay_loop(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    size_t inexact = 0;
    for (int round = 0; round < 60; round++) {
        wal w = { .n = 0 };
        for (wp_xid xid = 700; w.n < 60; xid++) {
            seed = seed * 1664525 + 1013904223;
            const wp_xact_op op = (wp_xact_op)(seed >> 28 & 3);
            /* Mostly rising, with equal and earlier ones among them. */
            const wp_time jitter = (wp_time)(seed >> 16 & 0xFF) * (round % 5);
            add_end(&w, op, xid, NOON + (wp_time)(xid - 700) * 100 - jitter / 100 * 100);
        }
        for (size_t n = 0; n < w.n; n++) {
            for (int kind = 0; kind < TARGET_KINDS; kind++) {
                check_kind(&w, n, (target_kind)kind, false);
                check_kind(&w, n, (target_kind)kind, true);
            }
            const target_boundary boundary = boundary_at(&w, n, false);
            target by_time;
            assert_true(target_make(&boundary, TARGET_TIME, &by_time));
            inexact += !by_time.exact;
        }
    }
    assert_true(inexact > 100); /* the WAL was worth it */
}

/* ---- values ------------------------------------------------------------------------------- */

static void writes_values_as_a_server_takes_them(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    /* date -u -d @$((946684800 + 848688485)) */
    add_end(&w, WP_XACT_COMMIT, 4294967295U, INT64_C(848688485074335));
    const target_boundary boundary = boundary_at(&w, 0, false);
    target got;
    assert_true(target_make(&boundary, TARGET_LSN, &got));
    assert_string_equal(got.value, "0/1000000");
    assert_true(target_make(&boundary, TARGET_XID, &got));
    assert_string_equal(got.value, "4294967295");
    assert_true(target_make(&boundary, TARGET_TIME, &got));
    assert_string_equal(got.value, "2026-11-22 18:48:05.074335+00");
    assert_false(got.inclusive);
}

static void has_no_target_by_an_impossible_time(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    add_end(&w, WP_XACT_COMMIT, 700, INT64_MAX);
    add_end(&w, WP_XACT_COMMIT, 701, WP_TIME_UNKNOWN);
    for (size_t n = 0; n < w.n; n++) {
        const target_boundary boundary = boundary_at(&w, n, false);
        target got;
        assert_false(target_make(&boundary, TARGET_TIME, &got));
        assert_true(target_make(&boundary, TARGET_XID, &got));
    }
}

static void a_position_stands_for_the_next_end(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    add_end(&w, WP_XACT_COMMIT, 700, NOON);
    add_end(&w, WP_XACT_COMMIT, 701, NOON + 5);
    target_history *history = calloc(1, sizeof *history);
    assert_non_null(history);
    target_history_add(history, &w.ends[0]);

    target_boundary boundary;
    target got;
    target_boundary_at_lsn(history, 0x1000030, &w.ends[1], &boundary);
    assert_true(target_make(&boundary, TARGET_LSN, &got));
    assert_string_equal(got.value, "0/1000030");
    assert_true(got.exact);
    assert_int_equal(got.stop.last_xid, 700);
    assert_true(target_make(&boundary, TARGET_XID, &got));
    assert_string_equal(got.value, "701");
    assert_false(got.exact); /* it stops a little later */
    assert_int_equal(got.lets_through, 0);

    target_boundary_at_lsn(history, 0x1000070, NULL, &boundary);
    assert_true(target_make(&boundary, TARGET_LSN, &got));
    assert_false(target_make(&boundary, TARGET_XID, &got));
    assert_false(target_make(&boundary, TARGET_TIME, &got));
    free(history);
}

static void says_when_the_history_is_too_short(void **state)
{
    (void)state;
    target_history *history = calloc(1, sizeof *history);
    assert_non_null(history);
    wp_xact_end end = { .op = WP_XACT_COMMIT, .lsn = 0x1000, .end_lsn = 0x1028 };
    for (wp_xid xid = 700; xid < 700 + 3 * TARGET_STAIRS; xid++) {
        end.xid = xid;
        end.time = NOON + xid;
        end.lsn += 100;
        target_history_add(history, &end);
    }
    target_boundary boundary;
    target got;
    end.lsn += 100;
    end.xid = 99999;
    end.time = NOON; /* long before what the history holds */
    target_boundary_at_xact(history, &end, false, &boundary);
    assert_true(target_make(&boundary, TARGET_TIME, &got));
    assert_int_equal(got.reach, TARGET_BEFORE_KNOWN);
    assert_false(got.exact);
    assert_int_equal(got.costs, TARGET_STAIRS); /* at least */

    end.time = NOON + 690 + INT64_C(3) * TARGET_STAIRS; /* ten commits back */
    target_boundary_at_xact(history, &end, false, &boundary);
    assert_true(target_make(&boundary, TARGET_TIME, &got));
    assert_int_equal(got.reach, TARGET_REACHED);
    assert_int_equal(got.costs, 10);
    free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_replay_loop),
        cmocka_unit_test(writes_values_as_a_server_takes_them),
        cmocka_unit_test(has_no_target_by_an_impossible_time),
        cmocka_unit_test(a_position_stands_for_the_next_end),
        cmocka_unit_test(says_when_the_history_is_too_short),
    };
    return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
