/*
 * test_record_facts.c - what single records say, and which of them are asked: the WAL of a pretend server, whose statements are the right answers.
 *
 * That the sums are those of pg_waldump is in tests/cli/xact.sh.
 */
#include <walparse/dump.h>

#include "each_record.h"

static bool take(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_record_facts(context, record, facts) >= 0;
}

static void read_all(wal_builder *w, wp_record_filter *filter, wp_facts *facts)
{
    read_each_record(w, take, filter, facts);
}

/* The n-th fact of a kind, from 0; NULL: there are fewer. */
static const void *nth(const wp_facts *facts, wp_fact_kind kind, unsigned n)
{
    size_t pos = 0;
    const wp_fact *fact;
    while ((fact = wp_facts_next(facts, &pos)) != NULL)
        if (fact->kind == kind && n-- == 0)
            return fact;
    return NULL;
}

static const wp_locator table = { 1663, 16384, 16400 };

/* Each record has its own LSN; nothing is summed up. */
static void counts_rows_of_each_record(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    const wal_tuple row = wal_any_tuple(), rows[3] = { row, row, row };
    const uint16_t offsets[3] = { 4, 5, 6 };
    const wal_heap at = { .xid = 700, .locator = table, .offset = 1 };
    const wp_lsn inserted = wal_heap_insert(w, &at, &row);
    const wp_lsn many = wal_heap_multi_insert(w, &at, offsets, rows, 3);
    const wp_lsn updated = wal_heap_update(w, &at, true, 0, 1, &row, 0, 0);
    const wp_lsn deleted = wal_heap_delete(w, &at);
    const wal_heap super = { .xid = 700, .locator = table, .offset = 1, .flags = 0x08 };
    (void)wal_heap_delete(w, &super); /* a speculative row is taken back */
    const struct {
        wp_lsn lsn;
        int64_t inserted, updated, deleted;
    } want[] = {
        { inserted, 1, 0, 0 }, { many, 3, 0, 0 }, { updated, 0, 1, 0 }, { deleted, 0, 0, 1 }
    };
    wp_record_filter all = { .of_xacts = true };
    wp_facts facts = { 0 };
    read_all(w, &all, &facts);
    for (unsigned i = 0; i < COUNT(want); i++) {
        const wp_fact_dml *fact = nth(&facts, WP_FACT_DML, i);
        assert_non_null(fact);
        assert_int_equal(fact->fact.lsn, want[i].lsn);
        assert_int_equal(fact->fact.xid, 700);
        assert_int_equal(fact->locator.rel, table.rel);
        assert_int_equal(fact->inserted, want[i].inserted);
        assert_int_equal(fact->updated, want[i].updated);
        assert_int_equal(fact->deleted, want[i].deleted);
    }
    assert_int_equal(((const wp_fact_dml *)nth(&facts, WP_FACT_DML, 4))->inserted, -1);
    assert_non_null(nth(&facts, WP_FACT_TALLY, 4));
    assert_null(nth(&facts, WP_FACT_TALLY, 5));
    wp_facts_free(&facts);
    wal_free(w);
}

/* Ends, assignments, running transactions and checkpoints of all; the rest of those that are asked for. */
static void asks_others_for_their_ends_only(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    const wal_tuple row = wal_any_tuple();
    const wp_xid subxid = 702, wanted = 700;
    (void)wal_checkpoint(w, true, 700);
    (void)wal_running_xacts(w, 700, 700, NULL, 0);
    (void)wal_lock(w, 701, 701, 16384, 16400);
    (void)wal_lock(w, 0, 700, 16384, 16400); /* of a checkpoint: held, not taken */
    (void)wal_lock(w, 700, 700, 16384, 16404);
    (void)wal_heap_insert(w, &(wal_heap){ .xid = 701, .locator = table, .offset = 1 }, &row);
    (void)wal_assignment(w, 701, &subxid, 1);
    (void)wal_storage_create(w, 701, table, 0);
    (void)wal_commit(w, &(wal_xact){ .xid = 701, .time = WAL_NOON });
    (void)wal_commit(w, &(wal_xact){ .xid = 700, .time = WAL_NOON });
    wp_record_filter own = { .xids = &wanted, .nxids = 1 };
    wp_facts facts = { 0 };
    read_all(w, &own, &facts);
    assert_non_null(nth(&facts, WP_FACT_CHECKPOINT, 0));
    assert_non_null(nth(&facts, WP_FACT_RUNNING_XACTS, 0));
    assert_non_null(nth(&facts, WP_FACT_ASSIGNMENT, 0));
    assert_non_null(nth(&facts, WP_FACT_XACT_END, 1));
    assert_null(nth(&facts, WP_FACT_DML, 0));
    assert_null(nth(&facts, WP_FACT_STORAGE_CREATE, 0));
    const wp_fact_lock *lock = nth(&facts, WP_FACT_LOCK, 0);
    assert_non_null(lock);
    assert_int_equal(lock->rel, 16404);
    assert_null(nth(&facts, WP_FACT_LOCK, 1));
    assert_non_null(nth(&facts, WP_FACT_TALLY, 1)); /* the lock and the commit */
    assert_null(nth(&facts, WP_FACT_TALLY, 2));
    wp_facts_free(&facts);
    wal_free(w);
}

/* Of all majors: what else a commit says. */
static void tells_more_of_ends(void **state)
{
    (void)state;
    static const char *const majors[] = { "9.5", "10", "13", "15", "18" };
    for (size_t i = 0; i < COUNT(majors); i++) {
        wal_builder *w = wal_new(majors[i]);
        const wp_oid relcache[2] = { 16400, 16404 };
        (void)wal_commit(w, &(wal_xact){ .xid = 700,
                                         .time = WAL_NOON,
                                         .db = 16384,
                                         .relcache = relcache,
                                         .nrelcache = 2,
                                         .has_origin = true });
        (void)wal_abort(w, &(wal_xact){ .xid = 701, .time = WAL_NOON });
        wp_record_filter all = { 0 };
        wp_facts facts = { 0 };
        read_all(w, &all, &facts);
        const wp_fact_xact_more *commit = nth(&facts, WP_FACT_XACT_MORE, 0);
        assert_non_null(commit);
        assert_int_equal(commit->fact.xid, 700);
        assert_int_equal(commit->invals[WP_INVAL_RELCACHE], 2);
        assert_int_equal(commit->invals[WP_INVAL_CATCACHE], 1); /* there always is one */
        assert_int_equal(commit->invals[WP_INVAL_SNAPSHOT], 0);
        const wp_fact_xact_more *rollback = nth(&facts, WP_FACT_XACT_MORE, 1);
        assert_non_null(rollback);
        assert_int_equal(rollback->origin_lsn, 0);
        assert_true(rollback->origin_time == WP_TIME_UNKNOWN);
        wp_facts_free(&facts);
        wal_free(w);
    }
}

static void tells_broken_content(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    const uint8_t short_commit[4] = { 1, 0, 0, 0 };
    (void)wal_put(w,
                  &(wal_record){ .rmid = WP_RMGR_XACT, .xid = 700, .main = { short_commit, 4 } });
    (void)wal_commit(w, &(wal_xact){ .xid = 701, .time = WAL_NOON });
    const wp_xid none = 0;
    wp_record_filter no_record = { .xids = &none };
    wp_facts facts = { 0 };
    read_all(w, &no_record, &facts);
    assert_non_null(nth(&facts, WP_FACT_DAMAGE, 0));
    assert_null(nth(&facts, WP_FACT_TALLY, 0));
    assert_int_equal(((const wp_fact *)nth(&facts, WP_FACT_XACT_END, 0))->xid, 701);
    wp_facts_free(&facts);
    wal_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_rows_of_each_record),
        cmocka_unit_test(asks_others_for_their_ends_only),
        cmocka_unit_test(tells_more_of_ends),
        cmocka_unit_test(tells_broken_content),
    };
    return cmocka_run_group_tests_name("record_facts", tests, NULL, NULL);
}
