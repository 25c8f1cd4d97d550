/*
 * test_ledger.c - transactions summed up with their subtransactions, from facts as records make them.
 */
#include "command/xact/ledger.h"

#include "cases.h"

static const wp_locator table = { 1663, 16384, 16400 };

/* All transactions, of which the largest are kept; 0: all are. */
static void start(size_t largest, ledger *l)
{
    static const question all;
    assert_true(ledger_start(&all, NULL, 16 << 20, largest, l));
}

static void record(ledger *l, wp_xid xid, wp_lsn lsn, uint32_t bytes)
{
    const wp_fact_tally fact = {
        .fact = { .size = sizeof fact, .kind = WP_FACT_TALLY, .xid = xid, .lsn = lsn },
        .record_bytes = bytes,
        .is_whole = 1
    };
    assert_true(ledger_take(l, &fact.fact));
}

static void insert(ledger *l, wp_xid xid, wp_lsn lsn)
{
    const wp_fact_dml fact = {
        .fact = { .size = sizeof fact, .kind = WP_FACT_DML, .xid = xid, .lsn = lsn },
        .locator = table,
        .inserted = 1
    };
    record(l, xid, lsn, 100);
    assert_true(ledger_take(l, &fact.fact));
}

static void end(ledger *l, wp_xact_op op, wp_xid xid, wp_lsn lsn, wp_xid subxid)
{
    struct {
        wp_fact_xact xact;
        wp_xid subxid[2];
    } fact = { .xact = { .fact = { .size = sizeof fact,
                                   .kind = WP_FACT_XACT_END,
                                   .op = (uint8_t)op,
                                   .xid = xid,
                                   .lsn = lsn },
                         .time = (wp_time)lsn,
                         .nsubxacts = subxid != 0 },
               .subxid = { subxid } };
    record(l, op == WP_XACT_COMMIT_PREPARED ? 0 : xid, lsn, 50);
    assert_true(ledger_take(l, &fact.xact.fact));
}

static void assign(ledger *l, wp_xid top, wp_xid subxid)
{
    union {
        wp_fact_assignment it;
        uint64_t room[sizeof(wp_fact_assignment) / 8 + 1];
    } fact = { .it = { .fact = { .size = sizeof fact, .kind = WP_FACT_ASSIGNMENT, .xid = top },
                       .nsubxacts = 1 } };
    fact.it.subxids[0] = subxid;
    assert_true(ledger_take(l, &fact.it.fact));
}

static void shut_down(ledger *l, wp_lsn lsn)
{
    const wp_fact_checkpoint fact = {
        .fact = { .size = sizeof fact, .kind = WP_FACT_CHECKPOINT, .lsn = lsn },
        .time = (wp_time)lsn
    };
    assert_true(ledger_take(l, &fact.fact));
}

static const ledger_row *row_of(const ledger *l, wp_xid xid)
{
    for (size_t i = 0; i < l->nrows; i++)
        if (l->rows[i].xid == xid)
            return &l->rows[i];
    return NULL;
}

static void joins_subtransactions(void **state)
{
    (void)state;
    ledger l;
    start(0, &l);
    insert(&l, 11, 1000); /* kept */
    insert(&l, 10, 1100);
    insert(&l, 12, 1200); /* rolled back, and assigned afterwards */
    end(&l, WP_XACT_ABORT, 12, 1300, 0);
    insert(&l, 13, 1400); /* assigned, and rolled back afterwards */
    assign(&l, 10, 13);
    end(&l, WP_XACT_ABORT, 13, 1500, 0);
    assign(&l, 10, 12);
    insert(&l, 20, 1600); /* of another, that no record names */
    end(&l, WP_XACT_ABORT, 20, 1700, 0);
    end(&l, WP_XACT_COMMIT, 10, 1800, 11);
    insert(&l, 30, 1900);
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 3);
    const ledger_row *one = row_of(&l, 10);
    assert_non_null(one);
    assert_int_equal(one->end, LEDGER_COMMIT);
    assert_int_equal(one->first_lsn, 1000);
    assert_int_equal(one->end_lsn, 1800);
    assert_int_equal(one->records, 7);
    assert_int_equal(one->bytes, 4 * 100 + 3 * 50);
    assert_int_equal(one->rows[FATE_KEPT].inserted, 2); /* not those that were rolled back */
    assert_int_equal(one->nsubxacts, 3);
    assert_int_equal(row_of(&l, 20)->end, LEDGER_ROLLBACK);
    assert_int_equal(row_of(&l, 30)->end, LEDGER_NONE);
    assert_int_equal(row_of(&l, 30)->end_lsn, 0);
    ledger_free(&l);
}

static void loses_what_is_open_in_a_crash(void **state)
{
    (void)state;
    ledger l;
    start(0, &l);
    const struct {
        wp_fact_xact xact;
        wp_xid subxid[2];
    } prepare = { .xact = { .fact = { .size = sizeof prepare, .kind = WP_FACT_PREPARE, .xid = 10 },
                            .nsubxacts = 1 },
                  .subxid = { 12 } };
    insert(&l, 10, 1000);
    insert(&l, 12, 1025);
    record(&l, 10, 1050, 50);
    assert_true(ledger_take(&l, &prepare.xact.fact));
    insert(&l, 11, 1100);
    shut_down(&l, 1200);
    end(&l, WP_XACT_COMMIT_PREPARED, 10, 1300, 12);
    assert_true(ledger_finish(&l));
    assert_int_equal(row_of(&l, 11)->end, LEDGER_LOST);
    assert_int_equal(row_of(&l, 11)->end_lsn, 1200);
    assert_int_equal(row_of(&l, 10)->end, LEDGER_COMMIT_PREPARED);
    assert_int_equal(row_of(&l, 10)->records, 4); /* the last one bears no id */
    assert_int_equal(row_of(&l, 10)->rows[FATE_KEPT].inserted, 2);
    assert_int_equal(row_of(&l, 10)->nsubxacts, 1);
    assert_null(row_of(&l, 12));
    ledger_free(&l);
}

/* An assignment of 64 names those again whose first records named their transaction, and that were rolled back since. */
static void counts_each_subtransaction_once(void **state)
{
    (void)state;
    ledger l;
    start(0, &l);
    insert(&l, 10, 1000);
    for (wp_xid xid = 11; xid < 14; xid++) {
        assign(&l, 10, xid);
        insert(&l, xid, 1000 + xid);
        end(&l, WP_XACT_ABORT, xid, 1100 + xid, 0);
    }
    for (wp_xid xid = 11; xid < 14; xid++)
        assign(&l, 10, xid);
    end(&l, WP_XACT_COMMIT, 10, 2000, 0);
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 1);
    assert_int_equal(l.rows[0].nsubxacts, 3);
    assert_int_equal(l.rows[0].records, 8);
    assert_int_equal(l.rows[0].rows[FATE_KEPT].inserted, 1);
    assert_int_equal(l.rows[0].rows[FATE_ROLLED_BACK].inserted, 3);
    ledger_free(&l);
}

/* One that is rolled back names what it kept: that was assigned, so it is a part of the same. */
static void joins_by_what_a_rollback_names(void **state)
{
    (void)state;
    ledger l;
    start(0, &l);
    insert(&l, 10, 1000);
    insert(&l, 11, 1100);
    insert(&l, 12, 1200);
    assign(&l, 10, 12);
    end(&l, WP_XACT_ABORT, 11, 1300, 12);
    insert(&l, 13, 1400); /* the same, with the assignment last */
    insert(&l, 14, 1500);
    end(&l, WP_XACT_ABORT, 13, 1600, 14);
    assign(&l, 10, 14);
    end(&l, WP_XACT_ABORT, 10, 1700, 0);
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 1);
    assert_int_equal(l.rows[0].xid, 10);
    assert_int_equal(l.rows[0].end, LEDGER_ROLLBACK);
    assert_int_equal(l.rows[0].nsubxacts, 4);
    assert_int_equal(l.rows[0].rows[FATE_ROLLED_BACK].inserted, 5);
    ledger_free(&l);
}

/* The COMMIT may be in what could not be read. */
static void does_not_lose_what_may_have_ended_in_a_gap(void **state)
{
    (void)state;
    ledger l;
    start(0, &l);
    insert(&l, 10, 1000);
    ledger_miss(&l, 5000);
    shut_down(&l, 6000);
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 1);
    assert_int_equal(l.rows[0].end, LEDGER_NONE);
    assert_int_equal(l.rows[0].end_lsn, 0);
    assert_int_equal(l.rows[0].rows[FATE_UNKNOWN].inserted, 1);
    ledger_free(&l);
}

/* The checkpoint says that 11 is the next to be given. */
static void tells_what_may_have_begun_before(void **state)
{
    (void)state;
    const wp_fact_checkpoint online = {
        .fact = { .size = sizeof online, .kind = WP_FACT_CHECKPOINT, .op = 1, .lsn = 1100 },
        .redo = 1050,
        .next_xid = 11
    };
    ledger l;
    start(0, &l);
    insert(&l, 10, 1000);
    assert_true(ledger_take(&l, &online.fact));
    insert(&l, 11, 1200);
    end(&l, WP_XACT_COMMIT, 10, 1300, 0);
    end(&l, WP_XACT_COMMIT, 11, 1400, 0);
    assert_true(ledger_finish(&l));
    assert_false(row_of(&l, 10)->begins_here);
    assert_true(row_of(&l, 11)->begins_here);
    assert_int_equal(l.late, 1);
    ledger_free(&l);
}

/* Whatever the order, the largest are kept; the others are in the sums. */
static void keeps_the_largest(void **state)
{
    (void)state;
    ledger l;
    start(3, &l);
    for (wp_xid i = 0; i < 5000; i++) {
        const wp_xid xid = 3 + i;
        record(&l, xid, 1000 + i, 1 + (i * 7919) % 5000); /* each size once */
        end(&l, WP_XACT_COMMIT, xid, 10000 + i, 0);
    }
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 3);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(l.rows[i].bytes, 5050 - i);
    assert_int_equal(l.sum.bytes, UINT64_C(5000) * 5001 / 2 + 5000 * 50);
    assert_int_equal(l.sum.bytes - l.rest.bytes, 5050 + 5049 + 5048);
    assert_int_equal(l.rest.xid, 4997);
    ledger_free(&l);
}

static void keeps_to_the_window(void **state)
{
    (void)state;
    const question window = { .range = { .from_lsn = 2000, .to_lsn = 3000 } };
    ledger l;
    assert_true(ledger_start(&window, NULL, 16 << 20, 0, &l));
    insert(&l, 10, 1000);
    insert(&l, 11, 1100);
    end(&l, WP_XACT_COMMIT, 10, 1999, 0);
    end(&l, WP_XACT_COMMIT, 11, 2000, 0);
    insert(&l, 12, 2100);
    end(&l, WP_XACT_COMMIT, 12, 3001, 0);
    insert(&l, 13, 2200);
    const wp_fact_end last = {
        .fact = { .size = sizeof last, .kind = WP_FACT_SEGMENT_END, .lsn = 9000 }
    };
    assert_true(ledger_take(&l, &last.fact));
    assert_true(ledger_finish(&l));
    assert_int_equal(l.nrows, 1);
    assert_int_equal(l.rows[0].xid, 11);
    assert_int_equal(l.rows[0].records, 2);
    ledger_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_subtransactions),
        cmocka_unit_test(loses_what_is_open_in_a_crash),
        cmocka_unit_test(counts_each_subtransaction_once),
        cmocka_unit_test(joins_by_what_a_rollback_names),
        cmocka_unit_test(does_not_lose_what_may_have_ended_in_a_gap),
        cmocka_unit_test(tells_what_may_have_begun_before),
        cmocka_unit_test(keeps_the_largest),
        cmocka_unit_test(keeps_to_the_window),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
