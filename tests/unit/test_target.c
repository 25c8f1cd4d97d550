/*
 * test_target.c - where a server stops. The oracle is the server's replay loop, spelled out record by
 * record as recovery does it, and run over random WAL.
 */
#include <stdio.h>

#include "recovery/stop_window.h"
#include "recovery/target.h"

#include "cases.h"

#define NOON INT64_C(845000000000000)

static wp_stop_config base;

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

static target_place place_at(const wal *w, size_t n, bool inclusive)
{
    return inclusive ? target_after_xact(&w->ends[n]) : target_before_xact(&w->ends[n]);
}

static void aim(stop_window *f, const target_place *place)
{
    stop_window_target targets[TARGET_KINDS];
    for (int i = 0; i < TARGET_KINDS; i++) {
        targets[i] = (stop_window_target){ .record = 0 };
        if (!target_config(place, (target_kind)i, &base, &targets[i].config))
            targets[i].config.kind = WP_STOP_AT_END;
        if (i == TARGET_LSN) {
            targets[i].record = place->record;
            targets[i].record_end = place->record_end;
        }
    }
    stop_window_aim(f, targets, TARGET_KINDS);
}

/* All of the WAL has passed; the place was met at the n-th end. */
static stop_window *foresee(const wal *w, size_t n, const target_place *place)
{
    stop_window *f = stop_window_new(&base);
    assert_non_null(f);
    for (size_t i = 0; i < w->n; i++) {
        if (i == n)
            aim(f, place);
        assert_true(stop_window_add_end(f, &w->ends[i]));
    }
    const wp_fact_end end = {
        .fact = { .size = sizeof end, .kind = WP_FACT_SEGMENT_END, .lsn = 0x1000000 + 100 * w->n },
        .last_record = w->ends[w->n - 1].lsn
    };
    assert_true(stop_window_add_fact(f, &end.fact));
    if (n == w->n)
        aim(f, place);
    assert_true(stop_window_finish(f));
    return f;
}

static bool make(stop_window *f, const target_place *place, target_kind kind, target *out)
{
    return target_make(place, kind, stop_window_result(f, kind), stop_window_result(f, TARGET_LSN),
                       out);
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

static void check_kind(const wal *w, stop_window *f, size_t n, target_kind kind, bool inclusive)
{
    const target_place place = place_at(w, n, inclusive);
    target got;
    assert_true(make(f, &place, kind, &got));
    assert_true(got.is_known);
    const size_t really = replay(w, kind, &w->ends[n], inclusive);
    const size_t right = inclusive ? n + 1 : n;
    if (really == SIZE_MAX) {
        assert_false(target_stops(&got));
        assert_false(got.exact);
        return;
    }
    assert_true(target_stops(&got));
    assert_int_equal(got.stop.kept, commits_in(w, really));
    assert_int_equal(got.stop.lost, commits_in(w, w->n) - commits_in(w, really));
    assert_int_equal(got.stop.last_xid, last_commit_in(w, really));
    const uint64_t kept = commits_in(w, really), wanted = commits_in(w, right);
    assert_int_equal(got.costs, kept < wanted ? wanted - kept : 0);
    assert_int_equal(got.lets_through, kept > wanted ? kept - wanted : 0);
    /* Before: nothing else is right. Behind: only rollbacks may follow. */
    assert_int_equal(got.exact, inclusive ? really >= right && kept == wanted : really == right);
    if (!inclusive)
        assert_int_equal(got.stop.next_lsn, w->ends[really].lsn);
}

static bool check_place(const wal *w, size_t n, bool inclusive)
{
    const target_place place = place_at(w, n, inclusive);
    stop_window *f = foresee(w, n, &place);
    target by_time;
    for (int kind = 0; kind < TARGET_NAME; kind++)
        check_kind(w, f, n, (target_kind)kind, inclusive);
    assert_true(make(f, &place, TARGET_TIME, &by_time));
    stop_window_free(f);
    return by_time.exact;
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
            inexact += !check_place(&w, n, false);
            (void)check_place(&w, n, true);
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
    const target_place place = place_at(&w, 0, false);
    target got;
    assert_true(target_make(&place, TARGET_LSN, NULL, NULL, &got));
    assert_string_equal(got.value, "0/1000000");
    assert_true(target_make(&place, TARGET_XID, NULL, NULL, &got));
    assert_string_equal(got.value, "4294967295");
    assert_true(target_make(&place, TARGET_TIME, NULL, NULL, &got));
    assert_string_equal(got.value, "2026-11-22 18:48:05.074335+00");
    assert_false(got.inclusive);
    assert_false(got.exact); /* nobody has looked */
    assert_false(target_make(&place, TARGET_NAME, NULL, NULL, &got));
}

static void has_no_target_by_an_impossible_time(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    add_end(&w, WP_XACT_COMMIT, 700, INT64_MAX);
    add_end(&w, WP_XACT_COMMIT, 701, WP_TIME_UNKNOWN);
    for (size_t n = 0; n < w.n; n++) {
        const target_place place = place_at(&w, n, false);
        target got;
        assert_false(target_make(&place, TARGET_TIME, NULL, NULL, &got));
        assert_true(target_make(&place, TARGET_XID, NULL, NULL, &got));
    }
}

static void a_position_stands_for_the_next_end(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    add_end(&w, WP_XACT_COMMIT, 700, NOON);
    add_end(&w, WP_XACT_COMMIT, 701, NOON + 5);
    target_place place = target_before_lsn(0x1000030, 0x1000038, 0x1000040, &w.ends[1]);
    stop_window *f = foresee(&w, 1, &place);
    target got;
    assert_true(make(f, &place, TARGET_LSN, &got));
    assert_string_equal(got.value, "0/1000030");
    assert_true(got.exact);
    assert_int_equal(got.stop.next_lsn, 0x1000038);
    assert_int_equal(got.stop.last_xid, 700);
    assert_true(make(f, &place, TARGET_XID, &got));
    assert_string_equal(got.value, "701");
    assert_false(got.exact); /* it stops a little later */
    assert_int_equal(got.lets_through, 0);
    stop_window_free(f);

    /* Only a record of no transaction is there, and the WAL ends. */
    place = target_before_lsn(0x1000098, 0x1000098, 0x10000A0, NULL);
    f = foresee(&w, w.n, &place);
    assert_true(make(f, &place, TARGET_LSN, &got));
    assert_true(got.exact); /* though the end of the WAL has passed */
    assert_false(make(f, &place, TARGET_XID, &got));
    assert_false(make(f, &place, TARGET_TIME, &got));
    stop_window_free(f);
}

/* Inside the transaction: behind the last commit before. */
static void before_what_is_nontransactional(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    target got;
    add_end(&w, WP_XACT_COMMIT, 700, NOON);
    add_end(&w, WP_XACT_ABORT, 701, NOON + 5);
    add_end(&w, WP_XACT_COMMIT, 702, NOON + 9);
    const target_place place = target_before_nontransactional(w.ends[1].end_lsn + 8, &w.ends[0]);
    stop_window *f = foresee(&w, 2, &place);
    assert_true(make(f, &place, TARGET_LSN, &got));
    assert_true(got.exact);
    assert_int_equal(got.stop.kept, 1);
    assert_true(make(f, &place, TARGET_XID, &got));
    assert_string_equal(got.value, "700");
    assert_true(got.inclusive && got.exact);
    assert_int_equal(got.stop.next_lsn, w.ends[0].end_lsn);
    assert_true(make(f, &place, TARGET_TIME, &got));
    assert_false(got.exact);
    assert_int_equal(got.costs, 1);
    stop_window_free(f);
}

/* The record to stop before is not whole where the server reads: behind the one before it. */
static void by_the_record_before(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    target got;
    add_end(&w, WP_XACT_COMMIT, 700, NOON);
    add_end(&w, WP_XACT_COMMIT, 701, NOON + 5);
    target_place place = place_at(&w, 1, false);
    target_by_previous(&place, 0x1000040);
    stop_window *f = foresee(&w, 1, &place);
    assert_true(make(f, &place, TARGET_LSN, &got));
    assert_string_equal(got.value, "0/1000040");
    assert_true(got.inclusive && got.exact);
    assert_true(got.stop.is_applied);
    assert_int_equal(got.stop.kept, 1);
    stop_window_free(f);
}

static void restore_points(void **state)
{
    (void)state;
    wal w = { .n = 0 };
    target got;
    add_end(&w, WP_XACT_COMMIT, 700, NOON);
    add_end(&w, WP_XACT_COMMIT, 701, NOON + 5);
    wp_fact_restore_point point = {
        .fact = { .size = sizeof point, .kind = WP_FACT_RESTORE_POINT, .lsn = w.ends[0].end_lsn },
        .time = NOON + 1,
        .end_lsn = w.ends[0].end_lsn + 24,
        .name = "here"
    };
    const target_place place = target_at_restore_point(&point, &w.ends[0]);
    stop_window *f = stop_window_new(&base);
    assert_non_null(f);
    assert_true(stop_window_add_end(f, &w.ends[0]));
    aim(f, &place);
    assert_true(stop_window_add_fact(f, &point.fact));
    assert_true(stop_window_add_end(f, &w.ends[1]));
    assert_true(stop_window_finish(f));
    for (int kind = 0; kind < TARGET_KINDS; kind++) {
        assert_true(make(f, &place, (target_kind)kind, &got));
        assert_true(got.exact);
        assert_true(got.inclusive);
        assert_int_equal(got.stop.kept, 1);
    }
    assert_string_equal(got.value, "here");
    assert_int_equal(got.stop.next_lsn, point.end_lsn);
    stop_window_free(f);
}

/* ---- the window --------------------------------------------------------------------------- */

#define WINDOW ((size_t)STOP_WINDOW_ENDS)
#define MANY (5 * WINDOW)

static wp_xact_end nth_end(size_t n)
{
    const wp_lsn lsn = 0x1000000 + 100 * n;
    return (wp_xact_end){ .op = WP_XACT_COMMIT,
                          .xid = (wp_xid)(700 + n),
                          .time = NOON + (wp_time)n,
                          .lsn = lsn,
                          .end_lsn = lsn + 40 };
}

/* A long history, where a target for a time `back` commits ago is met at the n-th. */
static stop_window *run_long(size_t n, size_t back, bool from_the_start)
{
    stop_window *f = stop_window_new(&base);
    assert_non_null(f);
    wp_xact_end met = nth_end(n);
    met.time -= (wp_time)back;
    const target_place place = target_before_xact(&met);
    if (from_the_start)
        aim(f, &place);
    for (size_t i = 0; i < MANY; i++) {
        const wp_xact_end end = i == n ? met : nth_end(i);
        if (i == n && !from_the_start)
            aim(f, &place);
        assert_true(stop_window_add_end(f, &end));
    }
    assert_true(stop_window_finish(f));
    return f;
}

static void tells_what_lies_before_the_window(void **state)
{
    (void)state;
    static const size_t places[] = { 3 * WINDOW, 3 * WINDOW + 77, MANY - 1 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        static const size_t backs[] = { 0, 10, WINDOW - 1, 3 * WINDOW - 1 };
        for (size_t j = 0; j < sizeof backs / sizeof *backs; j++) {
            for (int from_the_start = 0; from_the_start < 2; from_the_start++) {
                stop_window *f = run_long(places[i], backs[j], from_the_start);
                const wp_stop_result *by_time = stop_window_result(f, TARGET_TIME);
                assert_non_null(stop_window_result(f, TARGET_LSN));
                assert_int_equal(stop_window_result(f, TARGET_LSN)->kept, places[i]);
                if (!from_the_start && backs[j] >= 2 * WINDOW)
                    assert_null(by_time);
                else
                    assert_int_equal(by_time->kept, places[i] - backs[j]);
                stop_window_free(f);
            }
        }
    }
}

/* The last of many matches counts, whenever the one before it was. */
static void aims_again_and_again(void **state)
{
    (void)state;
    for (size_t step = 1; step < 3 * WINDOW; step = step * 3 + 1) {
        stop_window *f = stop_window_new(&base);
        size_t last = 0;
        assert_non_null(f);
        for (size_t i = 0; i < MANY; i++) {
            const wp_xact_end end = nth_end(i);
            if (i % step == 0) {
                const target_place place = target_before_xact(&end);
                aim(f, &place);
                last = i;
            }
            assert_true(stop_window_add_end(f, &end));
        }
        assert_true(stop_window_finish(f));
        for (int kind = 0; kind < TARGET_NAME; kind++) {
            assert_int_equal(stop_window_result(f, (size_t)kind)->kept, last);
            assert_int_equal(stop_window_result(f, (size_t)kind)->lost, MANY - last);
        }
        stop_window_free(f);
    }
}

/* What was prepared far back is in doubt, and so is what was prepared before all this. */
static void keeps_gids(void **state)
{
    (void)state;
    static union {
        wp_fact_xact fact;
        char bytes[sizeof(wp_fact_xact) + 8];
    } prepare;
    prepare.fact = (wp_fact_xact){
        .fact = { .size = sizeof prepare, .kind = WP_FACT_PREPARE, .xid = 5, .lsn = 0x1000 },
        .end_lsn = 0x1100,
        .gid_bytes = 8
    };
    memcpy(prepare.bytes + sizeof(wp_fact_xact), "waiting", 8);
    stop_window *f = stop_window_new(&base);
    assert_non_null(f);
    assert_true(stop_window_add_fact(f, &prepare.fact.fact));
    for (size_t i = 0; i < MANY; i++) {
        wp_xact_end end = nth_end(i);
        if (i == MANY - 10) {
            const target_place place = target_before_xact(&end);
            aim(f, &place);
        }
        if (i == MANY - 5) {
            end.op = WP_XACT_COMMIT_PREPARED;
            end.gid = "old";
        }
        assert_true(stop_window_add_end(f, &end));
    }
    assert_true(stop_window_finish(f));
    const wp_stop_result *stop = stop_window_result(f, TARGET_LSN);
    assert_int_equal(stop->nin_doubt, 2);
    assert_string_equal(stop->in_doubt[0].gid, "waiting");
    assert_string_equal(stop->in_doubt[1].gid, "old");
    stop_window_free(f);
}

int main(void)
{
    base.profile = wp_profile_by_major("15");
    base.is_after_gaps = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_replay_loop),
        cmocka_unit_test(writes_values_as_a_server_takes_them),
        cmocka_unit_test(has_no_target_by_an_impossible_time),
        cmocka_unit_test(a_position_stands_for_the_next_end),
        cmocka_unit_test(before_what_is_nontransactional),
        cmocka_unit_test(by_the_record_before),
        cmocka_unit_test(restore_points),
        cmocka_unit_test(tells_what_lies_before_the_window),
        cmocka_unit_test(aims_again_and_again),
        cmocka_unit_test(keeps_gids),
    };
    return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
