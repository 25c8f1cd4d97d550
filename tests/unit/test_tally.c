/*
 * test_tally.c - what a record counts: its images, by file and by why they are there.
 *
 * Sums of whole archives are compared with those of pg_waldump in tests/cli/stats.sh, causes with the pages of servers in
 * tests/servers/dump.sh.
 */
#include <walparse/dump.h>

#include "each_record.h"

#define XLOG_FPI_FOR_HINT 0xA0
#define XLOG_FPI 0xB0

typedef struct cause_case {
    const char *name;
    const char *major;
    uint8_t rmid, info;
    bool for_check;
    wp_image_cause want;
} cause_case;

/* After access/transam/xloginsert.c, and who registers pages with REGBUF_FORCE_IMAGE. */
static const cause_case cause_cases[] = {
    { "heap", "15", WP_RMGR_HEAP, 0x00, false, WP_IMAGE_FIRST_CHANGE },
    { "heap of 9.5", "9.5", WP_RMGR_HEAP, 0x00, false, WP_IMAGE_FIRST_CHANGE },
    { "heap, to be compared with", "15", WP_RMGR_HEAP, 0x00, true, WP_IMAGE_CHECK },
    { "heap of 10, to be compared with", "10", WP_RMGR_HEAP, 0x00, true, WP_IMAGE_CHECK },
    { "hint bits", "15", WP_RMGR_XLOG, XLOG_FPI_FOR_HINT, false, WP_IMAGE_HINT },
    { "hint bits of 9.5", "9.5", WP_RMGR_XLOG, XLOG_FPI_FOR_HINT, false, WP_IMAGE_HINT },
    { "page", "18", WP_RMGR_XLOG, XLOG_FPI, false, WP_IMAGE_WHOLE },
    { "split of GIN", "15", WP_RMGR_GIN, 0x30, false, WP_IMAGE_WHOLE },
    { "vacuum of GIN", "15", WP_RMGR_GIN, 0x40, false, WP_IMAGE_WHOLE },
    { "insertion of GIN", "15", WP_RMGR_GIN, 0x20, false, WP_IMAGE_FIRST_CHANGE },
    { "split of hash", "15", WP_RMGR_HASH, 0x50, false, WP_IMAGE_WHOLE },
    { "insertion of hash", "15", WP_RMGR_HASH, 0x20, false, WP_IMAGE_FIRST_CHANGE },
    { "generic", "15", WP_RMGR_GENERIC, 0x00, false, WP_IMAGE_UNKNOWN },
    { "extension", "15", 130, XLOG_FPI, false, WP_IMAGE_UNKNOWN },
};

static bool tally(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_tally_record(context, record, facts) >= 0;
}

static wp_facts tally_all(wal_builder *w)
{
    wp_record_filter all = { 0 };
    wp_facts facts = { 0 };
    read_each_record(w, tally, &all, &facts);
    return facts;
}

static const wp_fact_tally *next_tally(const wp_facts *facts, size_t *pos)
{
    const wp_fact *fact;
    while ((fact = wp_facts_next(facts, pos)) != NULL)
        if (fact->kind == WP_FACT_TALLY)
            return (const void *)fact;
    return NULL;
}

static const wp_locator one_file = { 1663, 16384, 16400 }, other_file = { 1663, 16384, 16401 };

static void tells_causes(void **state)
{
    const cause_case *row = *state;
    wal_builder *w = wal_new(row->major);
    uint8_t page[WAL_PAGE_BYTES];
    memset(page, 7, sizeof page);
    wal_put(w, &(wal_record){ .rmid = row->rmid,
                              .info = row->info,
                              .nblocks = 1,
                              .blocks = { { .locator = one_file,
                                            .page = page,
                                            .packing = WAL_IMAGE_WHOLE,
                                            .for_check = row->for_check } } });
    wp_facts facts = tally_all(w);
    size_t pos = 0;
    const wp_fact_tally *got = next_tally(&facts, &pos);
    assert_non_null(got);
    assert_int_equal(got->cause, row->want);
    assert_int_equal(got->image_bytes, WAL_PAGE_BYTES);
    assert_null(next_tally(&facts, &pos));
    wp_facts_free(&facts);
    wal_free(w);
}

/* Images of another file, and of another cause, are told apart; the record counts once. */
static void tells_files_and_causes_apart(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    uint8_t page[WAL_PAGE_BYTES];
    memset(page, 7, sizeof page);
    const uint8_t data[] = { 1, 2, 3 };
    wal_put(w, &(wal_record){
                   .rmid = WP_RMGR_BTREE,
                   .nblocks = 4,
                   .blocks = {
                       { .id = 0, .locator = one_file, .number = 1, .data = { data, sizeof data } },
                       { .id = 1,
                         .locator = one_file,
                         .number = 2,
                         .page = page,
                         .packing = WAL_IMAGE_WHOLE },
                       { .id = 2,
                         .locator = one_file,
                         .number = 3,
                         .page = page,
                         .packing = WAL_IMAGE_WHOLE,
                         .for_check = true },
                       { .id = 3,
                         .locator = other_file,
                         .number = 4,
                         .page = page,
                         .packing = WAL_IMAGE_WHOLE } } });
    wal_restore_point(w, "no image", 0);
    static const struct {
        const wp_locator *file;
        uint8_t is_whole, cause;
        uint32_t image_bytes;
    } want[] = {
        { &one_file, 1, WP_IMAGE_FIRST_CHANGE, WAL_PAGE_BYTES },
        { &one_file, 0, WP_IMAGE_CHECK, WAL_PAGE_BYTES },
        { &other_file, 0, WP_IMAGE_FIRST_CHANGE, WAL_PAGE_BYTES },
        { NULL, 1, WP_IMAGE_NONE, 0 },
    };
    wp_facts facts = tally_all(w);
    size_t pos = 0;
    for (size_t i = 0; i < COUNT(want); i++) {
        const wp_fact_tally *got = next_tally(&facts, &pos);
        assert_non_null(got);
        assert_int_equal(got->is_whole, want[i].is_whole);
        assert_int_equal(got->cause, want[i].cause);
        assert_int_equal(got->image_bytes, want[i].image_bytes);
        if (want[i].file)
            assert_memory_equal(&got->file, want[i].file, sizeof got->file);
        if (!got->is_whole)
            assert_int_equal(got->record_bytes, 0);
    }
    assert_null(next_tally(&facts, &pos));
    wp_facts_free(&facts);
    wal_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells_files_and_causes_apart) };
    int failed = cmocka_run_group_tests_name("tally", tests, NULL, NULL);
    failed += RUN_CASES("tally: why images are there", cause_cases, tells_causes);
    return failed != 0;
}
