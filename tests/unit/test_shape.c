/*
 * test_shape.c - records with something that no release of their major writes are told, and only those.
 *
 * (test_facts.c and the fixtures show that nothing is told of what servers do write.)
 */
#include "wal_builder.h"

#include "cases.h"

#define DB 16384u
#define TABLE 16400u
#define PG_CLASS 1259u

static const uint8_t zeros[512];

/* The bytes of a record's main data: zeros, but for one. */
typedef struct odd_case {
    const char *name;
    int since, until; /* odd from this version on, and before that one; 0: always */
    wp_oddity what;   /* 0: it is as it should be */
    uint32_t value;
    uint8_t rmid, info;
    const char *operation;
    uint16_t main_bytes, at;
    uint8_t byte;
    unsigned nblocks;
    wal_block blocks[3];
} odd_case;

#define PAGE(rel_)                                 \
    {                                              \
        .locator = { 1663, DB, rel_ }, .number = 3 \
    }
#define DATA .data = { zeros, 30 }
#define MORE(id_, fork_)                           \
    {                                              \
        .id = id_, .fork = fork_, .same_rel = true \
    }

// clang-format off
static const odd_case odd_cases[] = {
    /* heap: the blocks */
    { "DELETE as it should be", 0, 0, 0, 0, 10, 0x10, "DELETE", 8, 0, 0, 1, { PAGE(PG_CLASS) } },
    { "DELETE of a user's row, too", 0, 0, 0, 0, 10, 0x10, "DELETE", 8, 0, 0, 1, { PAGE(TABLE) } },
    { "DELETE with a page of the map, now", 1700, 0, 0, 0, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(PG_CLASS), MORE(1, 2) } },
    { "DELETE with a page of the map, then", 0, 1700, WP_ODD_BLOCK, 1, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(PG_CLASS), MORE(1, 2) } },
    { "DELETE with a page of the map under another id", 0, 0, WP_ODD_BLOCK, 2, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(PG_CLASS), MORE(2, 2) } },
    { "DELETE with a second page", 1700, 0, WP_ODD_FORK, 1, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(PG_CLASS), MORE(1, 0) } },
    { "DELETE of a user's row with a second page", 1700, 0, WP_ODD_FORK, 1, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(TABLE), MORE(1, 0) } },
    { "DELETE with a page of the free space map", 1700, 0, WP_ODD_FORK, 1, 10, 0x10, "DELETE", 8, 0, 0,
      2, { PAGE(PG_CLASS), MORE(1, 1) } },
    { "DELETE with data", 0, 0, WP_ODD_BLOCK_DATA, 0, 10, 0x10, "DELETE", 8, 0, 0,
      1, { { .locator = { 1663, DB, PG_CLASS }, DATA } } },
    { "UPDATE within a page, now", 1700, 0, 0, 0, 10, 0x20, "UPDATE", 14, 0, 0,
      2, { { .locator = { 1663, DB, PG_CLASS }, DATA }, MORE(3, 2) } },
    { "UPDATE to another page, now", 1700, 0, 0, 0, 10, 0x20, "UPDATE", 14, 0, 0,
      3, { { .locator = { 1663, DB, PG_CLASS }, DATA }, MORE(1, 0), MORE(2, 2) } },
    { "UPDATE with a fifth block", 0, 0, WP_ODD_BLOCK, 4, 10, 0x20, "UPDATE", 14, 0, 0,
      2, { { .locator = { 1663, DB, PG_CLASS }, DATA }, MORE(4, 2) } },
    { "UPDATE with its new page under another id", 0, 0, WP_ODD_NO_BLOCK, 0, 10, 0x20, "UPDATE", 14, 0, 0,
      1, { { .id = 1, .locator = { 1663, DB, PG_CLASS } } } },
    { "INSERT into a user's table, under another id", 0, 0, WP_ODD_BLOCK, 5, 10, 0x00, "INSERT", 3, 0, 0,
      1, { { .id = 5, .locator = { 1663, DB, TABLE } } } },
    { "INSERT into a user's table, in another fork", 0, 0, WP_ODD_FORK, 0, 10, 0x00, "INSERT", 3, 0, 0,
      1, { { .fork = 3, .locator = { 1663, DB, TABLE } } } },
    /* heap: flags and lengths */
    { "DELETE with a flag of the next version", 0, 0, WP_ODD_FLAGS, 0x80, 10, 0x10, "DELETE", 8, 7, 0x80,
      1, { PAGE(PG_CLASS) } },
    { "DELETE that moves a row", 1100, 0, 0, 0, 10, 0x10, "DELETE", 8, 7, 0x10, 1, { PAGE(PG_CLASS) } },
    { "DELETE that moves a row, before", 0, 1100, WP_ODD_FLAGS, 0x10, 10, 0x10, "DELETE", 8, 7, 0x10,
      1, { PAGE(PG_CLASS) } },
    { "DELETE with the old row", 0, 0, 0, 0, 10, 0x10, "DELETE", 100, 7, 0x02, 1, { PAGE(TABLE) } },
    { "DELETE that is longer, without the old row", 0, 0, WP_ODD_LENGTH, 100, 10, 0x10, "DELETE", 100, 0, 0,
      1, { PAGE(TABLE) } },
    { "UPDATE with a flag of the next version", 0, 0, WP_ODD_FLAGS, 0x80, 10, 0x40, "HOT_UPDATE", 14, 7, 0x80,
      1, { { .locator = { 1663, DB, PG_CLASS }, DATA } } },
    { "LOCK that is longer", 0, 0, WP_ODD_LENGTH, 9, 10, 0x60, "LOCK", 9, 0, 0, 1, { PAGE(PG_CLASS) } },
    { "INPLACE with what came in 18", 0, 1800, WP_ODD_LENGTH, 20, 10, 0x70, "INPLACE", 20, 0, 0,
      1, { { .locator = { 1663, DB, PG_CLASS }, DATA } } },
    { "INPLACE of 18", 1800, 0, 0, 0, 10, 0x70, "INPLACE", 36, 16, 1,
      1, { { .locator = { 1663, DB, PG_CLASS }, DATA } } },
    { "INPLACE with more than it counts", 1800, 0, WP_ODD_LENGTH, 40, 10, 0x70, "INPLACE", 40, 16, 1,
      1, { { .locator = { 1663, DB, PG_CLASS }, DATA } } },
    { "MULTI_INSERT with more than it counts", 0, 0, WP_ODD_LENGTH, 10, 9, 0x50, "MULTI_INSERT", 10, 2, 2,
      1, { { .locator = { 1663, DB, TABLE }, DATA } } },
    { "PRUNE with more than a conflict", 1700, 0, WP_ODD_LENGTH, 8, 9, 0x10, "PRUNE_ON_ACCESS", 8, 0, 0,
      1, { PAGE(PG_CLASS) } },
    { "TRUNCATE before there was one", 0, 1100, WP_ODD_KIND, 0x30, 10, 0x30, "", 16, 4, 1, 0, { { 0 } } },
    { "TRUNCATE with an unknown option", 1100, 0, WP_ODD_FLAGS, 0x04, 10, 0x30, "TRUNCATE", 12, 8, 0x04, 0, { { 0 } } },

    /* the ends of transactions */
    { "COMMIT", 0, 0, 0, 0, 1, 0x00, "COMMIT", 8, 0, 0, 0, { { 0 } } },
    { "COMMIT with a block", 0, 0, WP_ODD_BLOCK, 0, 1, 0x00, "COMMIT", 8, 0, 0, 1, { PAGE(TABLE) } },
    { "COMMIT that is longer", 0, 0, WP_ODD_REST, 4, 1, 0x00, "COMMIT", 12, 0, 0, 0, { { 0 } } },
    { "ABORT that is longer", 0, 0, WP_ODD_REST, 1, 1, 0xA0, "ABORT", 13, 0, 0, 0, { { 0 } } },
    { "COMMIT with flags in its header", 0, 0, WP_ODD_INFO, 0x04, 1, 0x04, "COMMIT", 8, 0, 0, 0, { { 0 } } },
    { "a transaction record of a new kind", 0, 0, WP_ODD_KIND, 0x70, 1, 0x70, "", 8, 0, 0, 0, { { 0 } } },
    { "ASSIGNMENT with more than it counts", 0, 0, WP_ODD_LENGTH, 16, 1, 0x50, "ASSIGNMENT", 16, 4, 1, 0, { { 0 } } },

    /* the small ones */
    { "restore point that is longer", 0, 0, WP_ODD_LENGTH, 73, 0, 0x70, "RESTORE_POINT", 73, 0, 0, 0, { { 0 } } },
    { "CHECKPOINT of the wrong length", 0, 0, WP_ODD_LENGTH, 100, 0, 0x10, "CHECKPOINT_ONLINE", 100, 0, 0, 0, { { 0 } } },
    { "END_OF_RECOVERY of before 17", 1700, 0, WP_ODD_LENGTH, 16, 0, 0x90, "END_OF_RECOVERY", 16, 0, 0, 0, { { 0 } } },
    { "a storage record of a new kind", 0, 0, WP_ODD_KIND, 0x30, 2, 0x30, "", 16, 0, 0, 0, { { 0 } } },
    { "storage TRUNCATE with a new flag", 906, 0, WP_ODD_FLAGS, 0x08, 2, 0x20, "TRUNCATE", 20, 16, 0x08, 0, { { 0 } } },
    { "storage CREATE that is longer", 0, 0, WP_ODD_LENGTH, 20, 2, 0x10, "CREATE", 20, 0, 0, 0, { { 0 } } },
    { "a database record of a new kind", 0, 0, WP_ODD_KIND, 0x40, 4, 0x40, "", 8, 0, 0, 0, { { 0 } } },
    { "database DROP with more than it counts", 1500, 0, WP_ODD_LENGTH, 16, 4, 0x20, "DROP", 16, 4, 1, 0, { { 0 } } },
    { "standby LOCK with more than it counts", 0, 0, WP_ODD_LENGTH, 20, 8, 0x00, "LOCK", 20, 0, 1, 0, { { 0 } } },
    { "a standby record of a new kind", 0, 0, WP_ODD_KIND, 0x30, 8, 0x30, "", 8, 0, 0, 0, { { 0 } } },
    { "tablespace DROP that is longer", 0, 0, WP_ODD_LENGTH, 8, 5, 0x10, "DROP", 8, 0, 0, 0, { { 0 } } },
    { "a map record of a new kind", 0, 0, WP_ODD_KIND, 0x10, 7, 0x10, "", 8, 0, 0, 0, { { 0 } } },

    /* what is nobody's business here */
    { "a custom resource manager", 1500, 0, 0, 0, 200, 0xF0, "", 50, 0, 0, 3, { PAGE(TABLE), MORE(7, 3), MORE(9, 1) } },
    { "an index record of any kind", 0, 0, 0, 0, 11, 0xF0, "", 50, 0, 0, 2, { PAGE(TABLE), MORE(7, 3) } },
    { "page images of any number", 0, 0, 0, 0, 0, 0xB0, "", 0, 0, 0, 3, { PAGE(PG_CLASS), MORE(1, 0), MORE(9, 0) } },
};
// clang-format on

static void put(wal_builder *w, const odd_case *row)
{
    uint8_t main[512] = { 0 };
    wal_record record = { .rmid = row->rmid,
                          .info = row->info,
                          .xid = 700,
                          .nblocks = row->nblocks,
                          .main = { main, row->main_bytes } };
    main[row->at] = row->byte;
    memcpy(record.blocks, row->blocks, sizeof row->blocks);
    (void)wal_put(w, &record);
}

static void oddity_is_told(void **state)
{
    const odd_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        const int version = wal_version(w);
        if (version >= row->since && (row->until == 0 || version < row->until)) {
            put(w, row);
            put(w, row); /* told once */
            mapped m = map_all(w, &(run_options){ .piece = 0 });
            const wp_fact *any = nth_fact_of(&m, WP_FACT_UNEXPECTED, 0);
            assert_int_equal(count_facts(&m, WP_FACT_UNEXPECTED), row->what == 0 ? 0 : 1);
            if (row->what != 0) {
                const wp_fact_unexpected *got = (const void *)any;
                assert_int_equal(got->fact.op, row->what);
                assert_int_equal(got->value, row->value);
                assert_int_equal(got->rmid, row->rmid);
                assert_int_equal(got->info, row->info);
                assert_string_equal(got->operation, row->operation);
                assert_true(got->fact.lsn > 0 && got->fact.lsn < wal_last(w));
            }
            mapped_free(&m);
        }
        wal_free(w);
    }
    now_on(NULL);
}

/* An image of a catalog's page that cannot be unpacked leaves rows unknown: that is told, too. */
static void unknown_packing_is_told(void **state)
{
    (void)state;
    static uint8_t page[WAL_PAGE_BYTES];
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        const wal_record record = { .rmid = 0,
                                    .info = 0xB0,
                                    .nblocks = 1,
                                    .blocks = { { .locator = { 1663, DB, PG_CLASS },
                                                  .page = page,
                                                  .packing = WAL_IMAGE_WHOLE } } };
        blob bytes = wal_record_bytes(w, &record, 0);
        bytes.at[24 + 4 + 4] |=
            0x40; /* bimg_info, behind id, flags, lengths and the hole's offset */
        wal_reseal(bytes.at, bytes.len);
        wal_put_bytes(w, view_of(&bytes));
        blob_free(&bytes);
        mapped m = map_all(w, &(run_options){ .piece = 0 });
        assert_int_equal(count_facts(&m, WP_FACT_UNEXPECTED), 1);
        mapped_free(&m);
        wal_free(w);
    }
    now_on(NULL);
}

/* Each segment tells it again: what a segment proves does not depend on others. */
static void told_in_each_segment(void **state)
{
    (void)state;
    wal_builder *w = wal_new("18");
    wal_put(w, &(wal_record){ .rmid = 1, .info = 0x70 });
    wal_switch(w);
    wal_put(w, &(wal_record){ .rmid = 1, .info = 0x70 });
    const wp_segment_info first = wal_info(w, 0), second = wal_info(w, 1);
    const run_options options = { .piece = 0 };
    mapped a = map_bytes(&first, wal_segment(w, 0), &options);
    mapped b = map_bytes(&second, wal_segment(w, 1), &options);
    assert_int_equal(count_facts(&a, WP_FACT_UNEXPECTED), 1);
    assert_int_equal(count_facts(&b, WP_FACT_UNEXPECTED), 1);
    mapped_free(&a);
    mapped_free(&b);
    wal_free(w);
}

int main(void)
{
    static const struct CMUnitTest list[] = {
        cmocka_unit_test(unknown_packing_is_told),
        cmocka_unit_test(told_in_each_segment),
    };
    int failed = RUN_CASES("shape: each oddity", odd_cases, oddity_is_told);
    failed += cmocka_run_group_tests_name("shape: more", list, NULL, NULL);
    return failed != 0;
}
