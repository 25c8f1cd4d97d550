/*
 * test_describe_stats.c - records summed up in facts.
 *
 * What pg_waldump --stats prints for real records is compared in tests/cli/stats.sh and tests/servers/dump.sh; here is how sums are parted. Lengths
 * are those of access/xlogrecord.h: 24 for the header, 20 for a block, 5 more for its image, 2 for the main data.
 */
#include <stdio.h>

#include <walparse/dump.h>

#include "decode/facts.h"
#include "each_record.h"

#define FILE_A         \
    {                  \
        1663, 5, 16400 \
    }
#define FILE_B         \
    {                  \
        1663, 5, 16401 \
    }
#define SECOND INT64_C(1000000)

typedef struct counting {
    const wp_stats *stats;
    wp_lsn other_fact_at; /* a fact of another kind comes before this record */
} counting;

static bool count(void *context, const wp_record *record, wp_facts *facts)
{
    const counting *c = context;
    wpi_builder out = { .facts = facts };
    if (record->lsn == c->other_fact_at)
        (void)wpi_fact_add(&out, WP_FACT_CHECKPOINT, sizeof(wp_fact_checkpoint), record->lsn, 0);
    return wp_stats_record(c->stats, record, facts) >= 0;
}

static void count_all(wal_builder *w, counting c, wp_facts *facts)
{
    read_each_record(w, count, &c, facts);
}

static wp_lsn put_insert(wal_builder *w, wp_xid xid, const uint8_t *image_of_b)
{
    static const uint8_t insert[3] = { 1, 0, 0 };
    return wal_put(w, &(wal_record){ .rmid = WP_RMGR_HEAP,
                                     .xid = xid,
                                     .nblocks = image_of_b ? 2 : 1,
                                     .blocks = { { .locator = FILE_A },
                                                 { .id = 1,
                                                   .locator = FILE_B,
                                                   .page = image_of_b,
                                                   .packing = WAL_IMAGE_WHOLE } },
                                     .main = { insert, sizeof insert } });
}

/* "records/record_bytes/image_bytes" of each group, after what it has in common; facts begin with "|". */
static void spell(const wp_facts *facts, char *out, size_t room)
{
    size_t pos = 0, len = 0;
    const wp_fact *fact;
    out[0] = '\0';
    while ((fact = wp_facts_next(facts, &pos)) != NULL) {
        if (fact->kind != WP_FACT_STATS)
            continue;
        const wp_fact_stats *stats = (const void *)fact;
        len += (size_t)snprintf(out + len, room - len, "|");
        for (size_t i = 0; i < stats->ngroups; i++) {
            const wp_stats_group *g = &stats->groups[i];
            const bool has_time = g->last_commit != WP_TIME_UNKNOWN;
            len += (size_t)snprintf(
                out + len, room - len, " %u.%u.%u.%02X:%llu/%llu/%llu@%d", g->file.rel, g->xid,
                g->rmid, g->info, (unsigned long long)g->records,
                (unsigned long long)g->record_bytes, (unsigned long long)g->image_bytes,
                has_time ? (int)((g->last_commit - WAL_NOON) / SECOND) : -1);
            assert_true(len < room);
        }
        len += (size_t)snprintf(out + len, room - len, " ");
    }
}

typedef struct stats_case {
    const char *name;
    wp_stats_by by;
    int apart; /* seconds between the two commits */
    bool has_other_fact, only_heap;
    const char *want;
} stats_case;

// clang-format off
static const stats_case cases[] = {
    { "by type", WP_STATS_BY_TYPE, 1, false, false, "| 0.0.10.00:5/270/8192@-1 0.0.1.00:2/68/0@1 " },
    { "by file", WP_STATS_BY_FILE, 1, false, false, "| 16400.0.0.00:5/270/0@-1 16401.0.0.00:0/0/8192@-1 0.0.0.00:2/68/0@1 " },
    { "by image", WP_STATS_BY_IMAGE, 1, false, false, "| 0.0.0.00:7/338/0@1 0.0.0.00:0/0/8192@-1 " },
    { "by xid", WP_STATS_BY_XID, 1, false, false, "| 0.700.0.00:3/157/8192@0 0.701.0.00:3/132/0@1 0.702.0.00:1/49/0@-1 " },
    { "together", WP_STATS_TOGETHER, 1, false, false, "| 0.0.0.00:7/338/8192@1 " },
    { "by minute, commits in one", WP_STATS_BY_MINUTE, 59, false, false, "| 0.0.0.00:6/289/8192@59 0.0.0.00:1/49/0@-1 " },
    { "by minute, commits in two", WP_STATS_BY_MINUTE, 60, false, false, "| 0.0.0.00:4/206/8192@0 0.0.0.00:2/83/0@60 0.0.0.00:1/49/0@-1 " },
    { "by minute, commits that go back", WP_STATS_BY_MINUTE, -1, false, false, "| 0.0.0.00:4/206/8192@0 0.0.0.00:2/83/0@-1 0.0.0.00:1/49/0@-1 " },
    { "another fact in between", WP_STATS_BY_TYPE, 1, true, false, "| 0.0.10.00:3/172/8192@-1 0.0.1.00:1/34/0@0 | 0.0.10.00:2/98/0@-1 0.0.1.00:1/34/0@1 " },
    { "a minute goes on after another fact", WP_STATS_BY_MINUTE, 1, true, false, "| 0.0.0.00:4/206/8192@0 | 0.0.0.00:2/83/0@1 0.0.0.00:1/49/0@-1 " },
    { "of commits that are not counted, not in the group", WP_STATS_TOGETHER, 1, false, true, "| 0.0.0.00:5/270/8192@-1 " },
    { "but the minute", WP_STATS_BY_MINUTE, 60, false, true, "| 0.0.0.00:3/172/8192@0 0.0.0.00:1/49/0@60 0.0.0.00:1/49/0@-1 " },
    { "and no group", WP_STATS_BY_TYPE, 1, false, true, "| 0.0.10.00:5/270/8192@-1 " },
};
// clang-format on

static void sums_up(void **state)
{
    const stats_case *row = *state;
    static uint8_t page[WAL_PAGE_BYTES];
    page[20] = 1;
    wal_builder *w = wal_new("15");
    (void)put_insert(w, 700, NULL);
    (void)put_insert(w, 701, NULL);
    (void)put_insert(w, 700, page);
    (void)wal_commit(w, &(wal_xact){ .xid = 700, .time = WAL_NOON });
    const wp_lsn middle = put_insert(w, 701, NULL);
    (void)wal_commit(w, &(wal_xact){ .xid = 701, .time = WAL_NOON + row->apart * SECOND });
    const wp_lsn last = put_insert(w, 702, NULL);
    wp_stats stats = { .by = row->by, .filter.has_rmgrs = row->only_heap };
    stats.filter.rmgrs[WP_RMGR_HEAP] = true;
    wp_facts facts = { 0 };
    count_all(w, (counting){ .stats = &stats, .other_fact_at = row->has_other_fact ? middle : 0 },
              &facts);
    char text[1024];
    spell(&facts, text, sizeof text);
    assert_string_equal(text, row->want);

    size_t pos = 0;
    wp_lsn end_lsn = 0;
    wp_time last_commit = WP_TIME_UNKNOWN;
    const wp_fact *fact;
    while ((fact = wp_facts_next(&facts, &pos)) != NULL) {
        if (fact->kind != WP_FACT_STATS)
            continue;
        end_lsn = ((const wp_fact_stats *)(const void *)fact)->end_lsn;
        last_commit = ((const wp_fact_stats *)(const void *)fact)->last_commit;
    }
    assert_true(end_lsn == wal_end(w) && end_lsn > last);
    assert_true(last_commit == WAL_NOON + (row->apart > 0 ? row->apart : 0) * SECOND);
    wp_facts_free(&facts);
    wal_free(w);
}

/* More groups than a fact has room for, of records that come in turns. */
static void begins_another_fact_when_one_is_full(void **state)
{
    (void)state;
    enum { XIDS = 150, TURNS = 3 };
    wal_builder *w = wal_new("18");
    for (int turn = 0; turn < TURNS; turn++)
        for (wp_xid xid = 0; xid < XIDS; xid++)
            (void)put_insert(w, 1000 + xid, NULL);
    const wp_stats stats = { .by = WP_STATS_BY_XID };
    wp_facts facts = { 0 };
    count_all(w, (counting){ .stats = &stats }, &facts);
    uint64_t records[XIDS] = { 0 }, bytes = 0;
    size_t pos = 0, nfacts = 0;
    const wp_fact *fact;
    while ((fact = wp_facts_next(&facts, &pos)) != NULL) {
        if (fact->kind != WP_FACT_STATS)
            continue;
        const wp_fact_stats *sum = (const void *)fact;
        nfacts++;
        for (size_t i = 0; i < sum->ngroups; i++) {
            assert_in_range(sum->groups[i].xid, 1000, 1000 + XIDS - 1);
            records[sum->groups[i].xid - 1000] += sum->groups[i].records;
            bytes += sum->groups[i].record_bytes;
        }
    }
    for (size_t i = 0; i < XIDS; i++)
        assert_int_equal(records[i], TURNS);
    assert_int_equal(bytes, TURNS * XIDS * 49);
    assert_int_equal(nfacts, (TURNS * XIDS + WP_STATS_GROUPS_MAX - 1) / WP_STATS_GROUPS_MAX);
    wp_facts_free(&facts);
    wal_free(w);
}

/* A list that was emptied has no sum to go on with, whatever is put into it. */
static void begins_anew_in_an_emptied_list(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    (void)put_insert(w, 700, NULL);
    const wp_stats stats = { .by = WP_STATS_TOGETHER };
    wp_facts facts = { 0 };
    count_all(w, (counting){ .stats = &stats }, &facts);
    const size_t at = facts.open_at;
    assert_true(at >= sizeof(wp_fact) && at < facts.len);
    wp_facts_clear(&facts);
    wpi_builder out = { .facts = &facts };
    assert_non_null(wpi_fact_add(&out, WP_FACT_LOCK, at, 1, 1));
    count_all(w, (counting){ .stats = &stats }, &facts);
    char text[64];
    spell(&facts, text, sizeof text);
    assert_string_equal(text, "| 0.0.0.00:1/49/0@-1 ");
    wp_facts_free(&facts);
    wal_free(w);
}

/* A record that starts there belongs to the later part. */
static void ends_sums_at_given_places(void **state)
{
    (void)state;
    wp_lsn lsns[5];
    wal_builder *w = wal_new("15");
    for (size_t i = 0; i < COUNT(lsns); i++)
        lsns[i] = put_insert(w, 700, NULL);
    const wp_lsn parts[] = { 1, lsns[1], lsns[3] - 1, lsns[4] + 1, lsns[4] + 2 };
    const wp_stats stats = { .by = WP_STATS_TOGETHER, .parts = parts, .nparts = COUNT(parts) };
    wp_facts facts = { 0 };
    count_all(w, (counting){ .stats = &stats }, &facts);
    char text[128];
    spell(&facts, text, sizeof text);
    assert_string_equal(text, "| 0.0.0.00:1/49/0@-1 | 0.0.0.00:2/98/0@-1 | 0.0.0.00:2/98/0@-1 ");
    wp_facts_free(&facts);
    wal_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_another_fact_when_one_is_full),
        cmocka_unit_test(ends_sums_at_given_places),
        cmocka_unit_test(begins_anew_in_an_emptied_list),
    };
    int failed = cmocka_run_group_tests_name("describe_stats", tests, NULL, NULL);
    failed += RUN_CASES("describe_stats: groups", cases, sums_up);
    return failed != 0;
}
