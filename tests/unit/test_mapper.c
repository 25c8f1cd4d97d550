/*
 * test_mapper.c - pages and records of every major: joined, checked, and damage told from the end.
 */
#include <stdio.h>
#include <unistd.h>

#include "run.h"
#include "wal_builder.h"

#include "cases.h"

#define DB 16384u

static const run_options whole = { 0 };

/* The rest of a test for each server of the table. */
typedef void (*server_test)(const wal_config *server);

typedef struct server_case {
    const char *name;
    server_test run;
} server_case;

/* Where a failed assertion jumps out of the loop, the message says which server it was. */
static void run_on_each_server(void **state)
{
    const server_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        row->run(each_server(i));
    }
    now_on(NULL);
}

static const wp_fact_xact *nth_end(const mapped *m, size_t n)
{
    return (const wp_fact_xact *)(const void *)nth_fact_of(m, WP_FACT_XACT_END, n);
}

static const wp_fact_damage *first_damage(const mapped *m)
{
    return (const wp_fact_damage *)(const void *)fact_of(m, WP_FACT_DAMAGE);
}

static wp_lsn simple_commit(wal_builder *w, wp_xid xid)
{
    return wal_commit(w, &(wal_xact){ .xid = xid, .time = WAL_NOON });
}

static const wp_xid some_subxids[] = { 701, 702, 703 };
static const wp_locator some_rels[] = { { 1663, DB, 16400 }, { 1663, DB, 16403 } };
static const wp_oid some_oids[] = { 16400, 16403, 16404 };

/* A commit with every part its major has. */
static wal_xact rich_xact(wp_xid xid)
{
    return (wal_xact){ .xid = xid,
                       .time = WAL_NOON + xid,
                       .db = DB,
                       .subxids = some_subxids,
                       .nsubxids = COUNT(some_subxids),
                       .rels = some_rels,
                       .nrels = COUNT(some_rels),
                       .stats = some_oids,
                       .nstats = COUNT(some_oids),
                       .relcache = some_oids,
                       .nrelcache = COUNT(some_oids),
                       .gid = "gid of a prepared transaction",
                       .log_gid = true,
                       .has_origin = true };
}

/* Some of everything that gives facts. */
static void put_mixed_records(wal_builder *w, wp_xid xid)
{
    static uint8_t page[WAL_PAGE_BYTES];
    set_u16(page + 12, 24);
    set_u16(page + 14, WAL_PAGE_BYTES);
    set_u16(page + 18, 0x2004);
    const wal_tuple tuple = wal_any_tuple();
    const wal_heap table = { .xid = xid, .locator = some_rels[0], .offset = 1 };
    const wal_heap catalog = { .xid = xid, .locator = { 1663, DB, 1259 }, .offset = 1 };
    wal_heap imaged = catalog;
    imaged.page = page;
    imaged.packing = WAL_IMAGE_HOLE;
    wal_xact xact = rich_xact(xid);
    wal_checkpoint(w, true, xid);
    wal_lock(w, xid, xid, DB, 16400);
    wal_storage_create(w, xid, some_rels[0], 0);
    wal_heap_insert(w, &table, &tuple);
    wal_heap_insert(w, &catalog, &tuple);
    wal_heap_insert(w, &imaged, &tuple);
    wal_heap_delete(w, &table);
    wal_relmap(w, xid, DB, 1259, 20000);
    wal_restore_point(w, "before the release", WAL_NOON);
    wal_filler(w, 9000);
    wal_running_xacts(w, xid + 1, xid, some_subxids, 2);
    wal_commit(w, &xact);
    wal_prepare(w, &xact);
    wal_commit_prepared(w, &xact);
}

/* ---- reading ---- */

static void reads_a_commit(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    const wp_lsn at = simple_commit(w, 700);
    const wp_lsn end = wal_end(w);
    mapped m = map_all(w, &whole);
    const wp_fact_xact *commit = nth_end(&m, 0);
    assert_non_null(commit);
    assert_int_equal(commit->fact.lsn, at);
    assert_int_equal(at, wal_start(w) + (wal_max_align(w) == 8 ? 0x28 : 0x24));
    assert_int_equal(commit->end_lsn, end);
    assert_int_equal(commit->fact.xid, 700);
    assert_int_equal(commit->fact.op, WP_XACT_COMMIT);
    assert_int_equal(commit->time, WAL_NOON);
    assert_int_equal(m.stats.commits, 1);
    assert_int_equal(m.stats.records[WP_RMGR_XACT], 1);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    const wp_fact_end *e = segment_end(&m);
    assert_int_equal(e->records, 1);
    assert_int_equal(e->last_record, at);
    assert_int_equal(e->fact.lsn, end);
    assert_int_equal(e->fact.op, WP_END_ZEROS);
    mapped_free(&m);
    wal_free(w);
}

static void same_whatever_the_pieces(const wal_config *server)
{
    static const size_t pieces[] = { 7, 8191, 8192, 8193, 131072 };
    wal_builder *w = wal_new_with(server);
    put_mixed_records(w, 700);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 64);
    const wal_xact xact = rich_xact(710);
    wal_commit(w, &xact);
    put_mixed_records(w, 720);
    mapped want = map_all(w, &whole);
    assert_int_equal(count_facts(&want, WP_FACT_XACT_END), 5);
    assert_int_equal(count_facts(&want, WP_FACT_DAMAGE), 0);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        mapped got = map_all(w, &(run_options){ .piece = pieces[i] });
        assert_int_equal(got.facts.len, want.facts.len);
        assert_memory_equal(got.facts.bytes, want.facts.bytes, want.facts.len);
        mapped_free(&got);
    }
    mapped_free(&want);
    wal_free(w);
}

static void same_byte_by_byte(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    put_mixed_records(w, 700);
    const wp_segment_info info = wal_info(w, 0);
    mapped want = map_bytes(&info, wal_written(w), &whole);
    mapped got = map_bytes(&info, wal_written(w), &(run_options){ .piece = 1 });
    assert_int_equal(count_facts(&want, WP_FACT_XACT_END), 2);
    assert_int_equal(got.facts.len, want.facts.len);
    assert_memory_equal(got.facts.bytes, want.facts.bytes, want.facts.len);
    mapped_free(&got);
    mapped_free(&want);
    wal_free(w);
}

static void assert_rich_end(const mapped *m, const wal_builder *w, wp_lsn at, wp_lsn end_lsn)
{
    assert_int_equal(count_facts(m, WP_FACT_DAMAGE), 0);
    assert_int_equal(count_facts(m, WP_FACT_XACT_END), 1);
    const wp_fact_xact *end = nth_end(m, 0);
    assert_int_equal(end->fact.lsn, at);
    assert_int_equal(end->end_lsn, end_lsn);
    assert_int_equal(end->time, WAL_NOON + 700);
    assert_int_equal(end->nsubxacts, COUNT(some_subxids));
    assert_int_equal(end->nrels, COUNT(some_rels));
    assert_memory_equal(wp_fact_xact_subxids(end), some_subxids, sizeof some_subxids);
    assert_memory_equal(wp_fact_xact_rels(end), some_rels, sizeof some_rels);
    assert_memory_equal(wp_fact_xact_relcache(end), some_oids, sizeof some_oids);
    if (wal_version(w) >= 1500)
        assert_memory_equal(wp_fact_xact_stats(end), some_oids, sizeof some_oids);
}

/*
 * A commit of some 250 bytes begins `before` bytes ahead of a page or segment boundary, for every
 * distance: its 24-byte header is split too, down to the length alone. 0: it begins right behind.
 */
static void slide_over(const wal_config *server, uint32_t boundary_from_start, bool segments)
{
    const wal_xact xact = rich_xact(700);
    const unsigned step = server->max_align == 4 ? 4 : 8;
    for (unsigned before = 0; before <= 320; before += step) {
        wal_builder *w = wal_new_with(server);
        const wp_lsn boundary = wal_start(w) + boundary_from_start;
        wal_filler(w, 32);
        wal_fill_to(w, boundary - (before == 0 ? 320 : before));
        if (before == 0)
            wal_filler(w, 320);
        const wp_lsn at = wal_commit(w, &xact);
        const wp_lsn end = wal_end(w);
        wal_filler(w, 48);
        const wp_segment_info info = wal_info(w, 0);
        mapped m = segments ? map_all(w, &whole) : map_bytes(&info, wal_written(w), &whole);
        assert_rich_end(&m, w, at, end);
        mapped_free(&m);
        wal_free(w);
    }
}

static void split_by_a_page(const wal_config *server)
{
    slide_over(server, 2 * WAL_PAGE_BYTES, false);
}

static void split_by_a_segment(void **state)
{
    (void)state;
    slide_over(&(wal_config){ .major = "9.5" }, UINT32_C(1) << 20, true);
    slide_over(&(wal_config){ .major = "18" }, UINT32_C(1) << 20, true);
    slide_over(&(wal_config){ .major = "18", .max_align = 4 }, UINT32_C(1) << 20, true);
}

static void keeps_a_record_of_many_pages(const wal_config *server)
{
    static wp_xid subxids[20000];
    for (uint32_t i = 0; i < COUNT(subxids); i++)
        subxids[i] = 1000 + i;
    wal_builder *w = wal_new_with(server);
    const wal_xact xact = {
        .xid = 700, .time = WAL_NOON, .subxids = subxids, .nsubxids = COUNT(subxids)
    };
    wal_commit(w, &xact);
    simple_commit(w, 701);
    mapped m = map_all(w, &(run_options){ .piece = 10000 });
    assert_int_equal(count_facts(&m, WP_FACT_XACT_END), 2);
    assert_int_equal(nth_end(&m, 0)->nsubxacts, COUNT(subxids));
    assert_memory_equal(wp_fact_xact_subxids(nth_end(&m, 0)), subxids, sizeof subxids);
    mapped_free(&m);
    wal_free(w);
}

static void record_over_three_segments(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    const wp_lsn long_one = wal_filler(w, 2500000);
    const wp_lsn next = simple_commit(w, 701);
    const wp_lsn end = wal_end(w);
    assert_int_equal(wal_segments(w), 3);
    mapped m = map_all(w, &(run_options){ .piece = 65536 });
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    assert_int_equal(count_facts(&m, WP_FACT_FIRST_RECORD), 2);
    assert_int_equal(m.stats.records[WP_RMGR_XLOG], 1);
    assert_int_equal(m.stats.commits, 1);
    const wp_fact_end *first = (const void *)nth_fact_of(&m, WP_FACT_SEGMENT_END, 0);
    const wp_fact_end *second = (const void *)nth_fact_of(&m, WP_FACT_SEGMENT_END, 1);
    const wp_fact_end *third = (const void *)nth_fact_of(&m, WP_FACT_SEGMENT_END, 2);
    assert_int_equal(first->fact.op, WP_END_FULL);
    assert_int_equal(first->last_record, long_one);
    assert_int_equal(first->records, 1);
    assert_int_equal(second->fact.op, WP_END_FULL);
    assert_int_equal(second->records, 0);
    assert_int_equal(third->last_record, next);
    assert_int_equal(third->fact.lsn, end);
    const wp_fact_first *entry = (const void *)nth_fact_of(&m, WP_FACT_FIRST_RECORD, 1);
    assert_int_equal(entry->fact.lsn, next);
    assert_int_equal(entry->prev, long_one);
    mapped_free(&m);
    wal_free(w);
}

static void reads_every_segment_size(void **state)
{
    (void)state;
    for (uint32_t size = WP_SEGMENT_SIZE_MIN; size != 0 && size <= WP_SEGMENT_SIZE_MAX; size *= 2) {
        wal_builder *w =
            wal_new_with(&(wal_config){ .major = "16", .segment_size = size, .segment = 3 });
        simple_commit(w, 700);
        wal_filler(w, 20000);
        const wp_lsn at = simple_commit(w, 701);
        wp_segment_info info;
        wp_error err;
        assert_int_equal(wp_segment_probe(wal_written(w), &info, &err), WP_OK);
        assert_int_equal(info.segment_size, size);
        assert_int_equal(info.start_lsn, (wp_lsn)3 * size);
        mapped m = map_bytes(&info, wal_written(w), &whole);
        assert_int_equal(m.stats.commits, 2);
        assert_int_equal(nth_end(&m, 1)->fact.lsn, at);
        assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
        mapped_free(&m);
        wal_free(w);
    }
}

static void crosses_a_16_mb_boundary(void **state)
{
    (void)state;
    wal_builder *w = wal_new_with(&(wal_config){ .major = "13", .segment_size = 16 << 20 });
    wal_fill_to(w, wal_start(w) + (16 << 20) - 40);
    const wp_lsn at = simple_commit(w, 700);
    const wp_lsn next = simple_commit(w, 701);
    assert_int_equal(wal_segments(w), 2);
    mapped m = map_all(w, &(run_options){ .piece = 262144 });
    assert_int_equal(nth_end(&m, 0)->fact.lsn, at);
    assert_int_equal(nth_end(&m, 1)->fact.lsn, next);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    mapped_free(&m);
    wal_free(w);
}

static void skips_the_padding_of_a_switch(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    simple_commit(w, 700);
    const wp_lsn at = wal_switch(w);
    const wp_lsn next = simple_commit(w, 701);
    mapped m = map_all(w, &(run_options){ .piece = 65536 });
    assert_int_equal(wal_segments(w), 2);
    assert_int_equal(m.stats.commits, 2);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    const wp_fact_end *end = segment_end(&m);
    assert_int_equal(end->fact.op, WP_END_SWITCH);
    assert_int_equal(end->last_record, at);
    assert_int_equal(end->records, 2);
    assert_int_equal(end->fact.lsn, wal_start(w) + wal_segment_size(w));
    const wp_fact_first *second = (const void *)nth_fact_of(&m, WP_FACT_FIRST_RECORD, 1);
    assert_int_equal(second->fact.lsn, next);
    assert_int_equal(second->prev, at);
    mapped_free(&m);
    wal_free(w);
}

/* The switch record itself may be the one that crosses into the next segment's padding. */
static void switch_on_the_last_page(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 24);
    wal_switch(w);
    simple_commit(w, 701);
    mapped m = map_all(w, &whole);
    assert_int_equal(m.stats.commits, 1);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    assert_int_equal(m.stats.records[WP_RMGR_XLOG], segment_end(&m)->records);
    mapped_free(&m);
    wal_free(w);
}

static void custom_managers_are_counted(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    const bool may_have_them = wal_profile(w)->has_custom_rmgrs;
    simple_commit(w, 700);
    wal_put(w, &(wal_record){ .rmid = 128, .info = 0x10, .xid = 5, .main = wal_any_tuple().body });
    wal_put(w, &(wal_record){ .rmid = 255, .info = 0x10, .xid = 5, .main = wal_any_tuple().body });
    simple_commit(w, 701);
    wal_filler(w, 2 * WAL_PAGE_BYTES);
    simple_commit(w, 702);
    mapped m = map_all(w, &whole);
    if (may_have_them) {
        assert_int_equal(m.stats.records[128], 1);
        assert_int_equal(m.stats.records[255], 1);
        assert_int_equal(m.stats.commits, 3);
        assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    } else {
        assert_int_equal(first_damage(&m)->fact.op, WP_DAMAGE_RMGR);
        assert_int_equal(m.stats.records[128], 0);
        assert_int_equal(m.stats.commits, 2); /* read on at the page where the filler ends */
    }
    mapped_free(&m);
    wal_free(w);
}

static void reset_starts_over(void **state)
{
    (void)state;
    wal_builder *w = wal_new("14");
    put_mixed_records(w, 700);
    const wp_mapper_config config = { .segment = wal_info(w, 0) };
    wp_mapper *mapper = NULL;
    wp_error err;
    wp_facts once = { 0 }, again = { 0 };
    assert_int_equal(wp_mapper_new(&config, &mapper, &err), WP_OK);
    const wp_view all = wal_segment(w, 0);
    assert_true(wp_mapper_feed(mapper, all, &once, &err) >= 0);
    assert_int_equal(wp_mapper_finish(mapper, &once, &err), WP_OK);
    assert_true(wp_mapper_is_done(mapper));
    const uint64_t commits = wp_mapper_statistics(mapper)->commits;
    /* Half a segment of something else in between. */
    assert_int_equal(wp_mapper_reset(mapper, &config, &err), WP_OK);
    assert_false(wp_mapper_is_done(mapper));
    wp_facts other = { 0 };
    assert_true(wp_mapper_feed(mapper, (wp_view){ all.bytes, 5000 }, &other, &err) >= 0);
    assert_int_equal(wp_mapper_position(mapper), wal_start(w) + 5000);
    wp_facts_free(&other);
    assert_int_equal(wp_mapper_reset(mapper, &config, &err), WP_OK);
    assert_true(wp_mapper_feed(mapper, all, &again, &err) >= 0);
    assert_int_equal(wp_mapper_finish(mapper, &again, &err), WP_OK);
    assert_int_equal(once.len, again.len);
    assert_memory_equal(once.bytes, again.bytes, once.len);
    assert_true(wp_mapper_statistics(mapper)->commits >= 2 * commits);
    wp_facts_free(&once);
    wp_facts_free(&again);
    wp_mapper_free(mapper);
    wal_free(w);
}

static void needs_a_probed_segment(void **state)
{
    (void)state;
    wp_mapper *mapper = NULL;
    wp_error err;
    assert_int_equal(wp_mapper_new(&(wp_mapper_config){ .skip_dml = true }, &mapper, &err),
                     WP_ERR_USAGE);
    assert_null(mapper);
    wp_mapper_free(NULL);
}

/* ---- row counts ---- */

static const wp_fact_dml *dml_of(const mapped *m, wp_xid xid, wp_oid rel)
{
    const wp_fact *fact;
    for (size_t n = 0; (fact = nth_fact_of(m, WP_FACT_DML, n)) != NULL; n++) {
        const wp_fact_dml *dml = (const void *)fact;
        if (fact->xid == xid && dml->locator.rel == rel)
            return dml;
    }
    return NULL;
}

static void counts_rows(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    const wal_tuple tuple = wal_any_tuple();
    const wal_tuple tuples[3] = { tuple, tuple, tuple };
    const uint16_t offsets[3] = { 1, 2, 3 };
    wal_heap a = { .xid = 700, .locator = { 1663, DB, 16400 }, .offset = 1 };
    wal_heap b = { .xid = 701, .locator = { 1663, DB, 16410 }, .offset = 1 };
    const wal_heap catalog = { .xid = 700, .locator = { 1663, DB, 1259 }, .offset = 1 };
    const wp_lsn first = wal_heap_insert(w, &a, &tuple);
    wal_heap_insert(w, &a, &tuple);
    wal_heap_multi_insert(w, &a, offsets, tuples, 3);
    wal_heap_multi_insert(w, &b, offsets, tuples, 3);
    wal_heap_update(w, &a, true, 0, 1, &tuple, 0, 0);
    wal_heap_update(w, &a, false, 7, 1, &tuple, 0, 0);
    wal_heap_delete(w, &b);
    wal_heap_insert(w, &catalog, &tuple);
    a.flags = 0x08; /* a speculative row is taken back */
    wal_heap_delete(w, &a);
    simple_commit(w, 700);
    simple_commit(w, 701);
    mapped m = map_all(w, &whole);
    const wp_fact_dml *got = dml_of(&m, 700, 16400);
    assert_non_null(got);
    assert_int_equal(got->fact.lsn, first);
    assert_int_equal(got->inserted, 4);
    assert_int_equal(got->updated, 2);
    assert_int_equal(got->deleted, 0);
    got = dml_of(&m, 701, 16410);
    assert_non_null(got);
    assert_int_equal(got->inserted, 3);
    assert_int_equal(got->deleted, 1);
    assert_int_equal(count_facts(&m, WP_FACT_DML), 2);
    assert_int_equal(count_facts(&m, WP_FACT_CATALOG_TUPLE), 1);
    mapped_free(&m);
    wal_free(w);
}

/* More files than sums are kept at a time: none gets lost. */
static void counts_rows_of_many_transactions(void **state)
{
    (void)state;
    enum { XACTS = 20000 };
    wal_builder *w = wal_new("15");
    const wal_tuple tuple = wal_any_tuple();
    for (uint32_t i = 0; i < XACTS; i++) {
        const wal_heap at = { .xid = 1000 + i,
                              .locator = { 1663, DB, 16400 + i % 7 },
                              .offset = 1 };
        wal_heap_insert(w, &at, &tuple);
    }
    mapped m = map_all(w, &(run_options){ .piece = 131072 });
    int64_t rows = 0;
    const wp_fact *fact;
    size_t pos = 0;
    while ((fact = wp_facts_next(&m.facts, &pos)) != NULL)
        if (fact->kind == WP_FACT_DML)
            rows += ((const wp_fact_dml *)(const void *)fact)->inserted;
    assert_int_equal(rows, XACTS);
    mapped_free(&m);
    wal_free(w);
}

static void leaves_out_rows_when_told(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    put_mixed_records(w, 700);
    const wp_mapper_config config = { .segment = wal_info(w, 0), .skip_dml = true };
    wp_mapper *mapper = NULL;
    wp_error err;
    mapped m = { .status = WP_OK };
    assert_int_equal(wp_mapper_new(&config, &mapper, &err), WP_OK);
    assert_true(wp_mapper_feed(mapper, wal_segment(w, 0), &m.facts, &err) >= 0);
    assert_int_equal(wp_mapper_finish(mapper, &m.facts, &err), WP_OK);
    assert_int_equal(count_facts(&m, WP_FACT_DML), 0);
    assert_int_equal(count_facts(&m, WP_FACT_CATALOG_TUPLE), 2);
    wp_mapper_free(mapper);
    mapped_free(&m);
    wal_free(w);
}

/* ---- the end of the WAL ---- */

static void end_all_zero(wal_builder *w)
{
    simple_commit(w, 700);
}

/* The last record ends where the page ends; nothing was written behind. */
static void end_at_page_end(wal_builder *w)
{
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + WAL_PAGE_BYTES - 48);
    wal_filler(w, 48);
}

static void end_in_recycled_file(wal_builder *w)
{
    simple_commit(w, 700);
    wal_recycled_tail(w);
}

static void end_at_page_end_recycled(wal_builder *w)
{
    end_at_page_end(w);
    wal_recycled_tail(w);
}

static void end_in_stale_records(wal_builder *w)
{
    simple_commit(w, 700);
    wal_recycled_rest(w);
}

static const uint8_t long_main[9000];

static void end_in_a_cut_record(wal_builder *w)
{
    simple_commit(w, 700);
    wal_put_cut(w, &(wal_record){ .info = 0x20, .main = { long_main, sizeof long_main } });
}

static void end_in_a_cut_record_recycled(wal_builder *w)
{
    end_in_a_cut_record(w);
    wal_recycled_tail(w);
}

static void end_with_a_switch(wal_builder *w)
{
    simple_commit(w, 700);
    wal_switch(w);
}

static void end_full(wal_builder *w)
{
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 48);
    wal_filler(w, 48);
}

static void end_goes_on(wal_builder *w)
{
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 48);
    wal_put_cut(w, &(wal_record){ .info = 0x20, .main = { long_main, sizeof long_main } });
}

typedef struct end_case {
    const char *name;
    void (*build)(wal_builder *w);
    wp_end_reason want;
    bool at_cut_record; /* the position is that of the last, incomplete record */
} end_case;

static const end_case end_cases[] = {
    { "end: zeros behind the last record", end_all_zero, WP_END_ZEROS, false },
    { "end: zero page behind a page's last record", end_at_page_end, WP_END_ZEROS, false },
    { "end: zeros, then pages of a recycled file", end_in_recycled_file, WP_END_ZEROS, false },
    { "end: recycled page behind a page's last record", end_at_page_end_recycled, WP_END_RECYCLED,
      false },
    { "end: stale records behind the last one", end_in_stale_records, WP_END_RECYCLED, false },
    { "end: zero page inside a record", end_in_a_cut_record, WP_END_TORN, true },
    { "end: recycled page inside a record", end_in_a_cut_record_recycled, WP_END_TORN, true },
    { "end: switch", end_with_a_switch, WP_END_SWITCH, false },
    { "end: segment full", end_full, WP_END_FULL, false },
    { "end: last record goes on in a segment not at hand", end_goes_on, WP_END_RECORD_CUT, true },
};

static void is_an_end(void **state)
{
    const end_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        wal_config config = *each_server(i);
        now_on(&config);
        config.segment = 9;
        wal_builder *w = wal_new_with(&config);
        row->build(w);
        const wp_segment_info info = wal_info(w, 0);
        mapped m = map_bytes(&info, wal_segment(w, 0), &(run_options){ .piece = 131072 });
        const wp_fact_end *end = segment_end(&m);
        assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
        assert_int_equal(m.stats.commits, 1);
        assert_int_equal(end->fact.op, row->want);
        assert_int_equal(end->last_record, wal_last(w));
        if (row->at_cut_record)
            assert_true(end->fact.lsn >= wal_end(w));
        else if (end->fact.lsn
                 != wal_end(w)) /* or behind the header of the page that begins there */
            assert_int_equal(end->fact.lsn % WAL_PAGE_BYTES == 0 ? end->fact.lsn : 0, wal_end(w));
        mapped_free(&m);
        wal_free(w);
    }
    now_on(NULL);
}

/* However few bytes of a segment there are, what is read of them is right. */
static void any_cut_of_the_input(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    put_mixed_records(w, 700);
    const wp_segment_info info = wal_info(w, 0);
    const wp_view all = wal_written(w);
    mapped full = map_bytes(&info, all, &whole);
    size_t seen = 0;
    for (size_t len = 0; len <= all.len; len += len < 300 ? 1 : 37) {
        mapped m = map_bytes(&info, (wp_view){ all.bytes, len }, &whole);
        const size_t n = count_facts(&m, WP_FACT_XACT_END);
        assert_true(n >= seen);
        seen = n;
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(nth_end(&m, i)->fact.size, nth_end(&full, i)->fact.size);
            assert_memory_equal(nth_end(&m, i), nth_end(&full, i), nth_end(&m, i)->fact.size);
        }
        assert_non_null(segment_end(&m));
        mapped_free(&m);
    }
    assert_true(seen <= 2);
    mapped_free(&full);
    wal_free(w);
}

/* ---- what only looks like an end ---- */

static uint8_t *page_at(uint8_t *segment, size_t number)
{
    return segment + number * WAL_PAGE_BYTES;
}

static void spoil_with_text_behind(uint8_t *segment)
{
    memset(page_at(segment, 60), 'x', 3 * WAL_PAGE_BYTES);
}

static void spoil_with_one_byte_behind(uint8_t *segment)
{
    page_at(segment, 128)[-1] = 1;
}

static void spoil_rest_of_page(uint8_t *segment)
{
    page_at(segment, 41)[-1] = 1;
}

/* A page of this place in the next segment. */
static void spoil_with_later_page(uint8_t *segment)
{
    memcpy(page_at(segment, 60), page_at(segment, 3), WAL_PAGE_BYTES);
    set_u64(page_at(segment, 60) + 8, (10u << 20) + 60 * WAL_PAGE_BYTES);
}

/* Lower, but of no earlier use of this place. */
static void spoil_with_earlier_page(uint8_t *segment)
{
    memcpy(page_at(segment, 60), page_at(segment, 3), WAL_PAGE_BYTES);
}

static void spoil_with_page_in_its_place(uint8_t *segment)
{
    memcpy(page_at(segment, 60), page_at(segment, 3), WAL_PAGE_BYTES);
    set_u64(page_at(segment, 60) + 8, (9u << 20) + 60 * WAL_PAGE_BYTES);
}

static void spoil_by_zeroing_the_first_page(uint8_t *segment)
{
    memset(segment, 0, WAL_PAGE_BYTES);
}

static void spoil_by_zeroing_a_page(uint8_t *segment)
{
    memset(page_at(segment, 20), 0, WAL_PAGE_BYTES);
}

static void spoil_by_swapping_pages(uint8_t *segment)
{
    uint8_t kept[WAL_PAGE_BYTES];
    memcpy(kept, page_at(segment, 39), sizeof kept);
    memcpy(page_at(segment, 39), page_at(segment, 40), sizeof kept);
    memcpy(page_at(segment, 40), kept, sizeof kept);
}

/* The last page of WAL is one too far. */
static void spoil_by_shifting(uint8_t *segment)
{
    memmove(page_at(segment, 41), page_at(segment, 40), WAL_PAGE_BYTES);
}

static void spoil_previous_link(uint8_t *segment)
{
    uint8_t *record = page_at(segment, 40) + 24;
    set_u64(record + 8, 4096);
}

static void spoil_timeline_of_first_page(uint8_t *segment)
{
    segment[4] = 7;
}

static void spoil_timeline_of_last_page(uint8_t *segment)
{
    page_at(segment, 40)[4] = 2;
}

static void spoil_timeline_back_and_forth(uint8_t *segment)
{
    page_at(segment, 20)[4] = 1;
}

typedef struct no_end_case {
    const char *name;
    void (*spoil)(uint8_t *segment);
    wp_tli tli; /* of name and pages */
    bool reads_all;
} no_end_case;

static const no_end_case no_end_cases[] = {
    { "no end: text behind it", spoil_with_text_behind, 1, true },
    { "no end: one byte at the end of the segment", spoil_with_one_byte_behind, 1, true },
    { "no end: one byte on the page", spoil_rest_of_page, 1, true },
    { "no end: a later page behind it", spoil_with_later_page, 1, true },
    { "no end: an earlier page that was never there", spoil_with_earlier_page, 1, true },
    { "no end: a page that may be there", spoil_with_page_in_its_place, 1, true },
    { "no end: the first page is zero", spoil_by_zeroing_the_first_page, 1, false },
    { "no end: a page is zero", spoil_by_zeroing_a_page, 1, false },
    { "no end: the last two pages are swapped", spoil_by_swapping_pages, 1, false },
    { "no end: the last page is one too far", spoil_by_shifting, 1, false },
    { "no end: a record that points far back, and is none", spoil_previous_link, 1, false },
    { "no end: the first page's timeline", spoil_timeline_of_first_page, 1, true },
    { "no end: the last page's timeline", spoil_timeline_of_last_page, 1, true },
    { "no end: a timeline that falls", spoil_timeline_back_and_forth, 2, true },
};

/* 40 pages of records, one more that ends in zeros; then something is wrong. */
static void is_no_end(void **state)
{
    const no_end_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        wal_config config = *each_server(i);
        now_on(&config);
        config.segment = 9;
        config.tli = row->tli;
        wal_builder *w = wal_new_with(&config);
        simple_commit(w, 700);
        wal_fill_to(w, wal_start(w) + 40 * WAL_PAGE_BYTES - 48);
        wal_filler(w, 48);
        simple_commit(w, 701);
        const wp_segment_info info = wal_info(w, 0);
        const wp_view built = wal_segment(w, 0);
        uint8_t *segment = malloc(built.len);
        assert_non_null(segment);
        memcpy(segment, built.bytes, built.len);
        const run_options options = { .piece = 131072, .tli = row->tli };
        mapped m = map_bytes(&info, (wp_view){ segment, built.len }, &options);
        assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
        assert_int_equal(segment_end(&m)->fact.op, WP_END_ZEROS);
        mapped_free(&m);
        row->spoil(segment);
        m = map_bytes(&info, (wp_view){ segment, built.len }, &options);
        assert_true(count_facts(&m, WP_FACT_DAMAGE) > 0);
        if (row->reads_all)
            assert_int_equal(m.stats.commits, 2);
        mapped_free(&m);
        free(segment);
        wal_free(w);
    }
    now_on(NULL);
}

/* ---- damage ---- */

typedef struct damage_case {
    const char *name;
    wal_fault fault;
    wp_damage want;
    bool on_page; /* a page's header is broken, not a record */
} damage_case;

static const damage_case damage_cases[] = {
    { "damage: xl_prev", WAL_FAULT_PREV, WP_DAMAGE_PREV_LINK, false },
    { "damage: checksum", WAL_FAULT_CRC, WP_DAMAGE_CRC, false },
    { "damage: length", WAL_FAULT_LENGTH, WP_DAMAGE_LENGTH, false },
    { "damage: resource manager", WAL_FAULT_RMGR, WP_DAMAGE_RMGR, false },
    { "damage: page magic", WAL_FAULT_MAGIC, WP_DAMAGE_PAGE_HEADER, true },
    { "damage: page address", WAL_FAULT_PAGE_ADDRESS, WP_DAMAGE_PAGE_HEADER, true },
    { "damage: page flags", WAL_FAULT_PAGE_FLAGS, WP_DAMAGE_PAGE_HEADER, true },
    { "damage: length of what is continued", WAL_FAULT_REM_LEN, WP_DAMAGE_CONTRECORD, true },
    { "damage: page does not continue", WAL_FAULT_NOT_CONTINUED, WP_DAMAGE_CONTRECORD, true },
};

/* One thing is broken on page 1; the record on page 0 and those from page 3 on are read. */
static void is_damage(void **state)
{
    const damage_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        simple_commit(w, 700);
        wp_lsn broken;
        if (row->on_page) {
            wal_fill_to(w, wal_start(w) + WAL_PAGE_BYTES - 48);
            wal_break(w, row->fault);
            broken = simple_commit(w, 701);
            const wal_xact crossing = rich_xact(702);
            if (wal_end(w) % WAL_PAGE_BYTES == 0 || wal_end(w) < wal_start(w) + WAL_PAGE_BYTES)
                broken = wal_commit(w, &crossing);
        } else {
            wal_fill_to(w, wal_start(w) + WAL_PAGE_BYTES + 256);
            wal_break(w, row->fault);
            broken = simple_commit(w, 701);
        }
        wal_filler(w, 2 * WAL_PAGE_BYTES);
        const wp_lsn next = simple_commit(w, 703);
        mapped m = map_all(w, &whole);

        const wp_fact_damage *damage = first_damage(&m);
        assert_non_null(damage);
        assert_int_equal(damage->fact.op, row->want);
        if (row->fault
            != WAL_FAULT_NOT_CONTINUED) /* there, the rest reads as one bad record more */
            assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 1);
        assert_int_equal(damage->fact.lsn, broken);
        assert_true(damage->until > broken && damage->until <= next);
        const wp_fact_xact *last = nth_end(&m, count_facts(&m, WP_FACT_XACT_END) - 1);
        assert_int_equal(last->fact.lsn, next);
        assert_int_equal(last->fact.xid, 703);
        const wp_fact *fact;
        for (size_t n = 0; (fact = nth_fact_of(&m, WP_FACT_XACT_END, n)) != NULL; n++)
            assert_int_not_equal(fact->lsn, broken);
        assert_int_equal(segment_end(&m)->fact.op, WP_END_ZEROS);
        mapped_free(&m);
        wal_free(w);
    }
    now_on(NULL);
}

/* The next segment is of another cluster: the record that goes on in it is not made up. */
static void foreign_next_segment(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 48);
    wal_break(w, WAL_FAULT_SYSTEM_ID);
    const wal_xact xact = rich_xact(701);
    wal_commit(w, &xact);
    const wp_segment_info info = wal_info(w, 0);
    mapped m = map_bytes(&info, wal_written(w), &whole);
    assert_int_equal(count_facts(&m, WP_FACT_XACT_END), 1);
    assert_int_equal(nth_end(&m, 0)->fact.xid, 700);
    mapped_free(&m);
    wal_free(w);
}

static bool has_same_fact(const mapped *m, const wp_fact *wanted)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&m->facts, &pos)) != NULL;)
        if (fact->lsn == wanted->lsn && fact->kind == wanted->kind && fact->size == wanted->size
            && memcmp(fact, wanted, fact->size) == 0)
            return true;
    return false;
}

/* Whatever was read of the damaged bytes is in the facts of the sound ones. */
static void assert_nothing_made_up(const mapped *got, const mapped *sound)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&got->facts, &pos)) != NULL;)
        if (fact->kind != WP_FACT_DAMAGE && fact->kind != WP_FACT_SEGMENT_END
            && fact->kind != WP_FACT_FIRST_RECORD && !has_same_fact(sound, fact))
            fail_msg("kind %u at %llX is made up", fact->kind, (unsigned long long)fact->lsn);
}

static bool has_record_at(const mapped *m, wp_lsn lsn)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&m->facts, &pos)) != NULL;)
        if (fact->lsn == lsn && fact->kind != WP_FACT_DAMAGE && fact->kind != WP_FACT_SEGMENT_END)
            return true;
    return false;
}

/* Each bit of two records, one with an image, is flipped in turn. */
static void any_flipped_bit_of_a_record(const wal_config *server)
{
    static uint8_t page[WAL_PAGE_BYTES];
    set_u16(page + 12, 40);
    set_u16(page + 14, WAL_PAGE_BYTES - 16);
    const wal_tuple tuple = wal_any_tuple();
    const wal_heap catalog = { .xid = 700,
                               .locator = { 1663, DB, 1259 },
                               .offset = 1,
                               .page = page,
                               .packing = WAL_IMAGE_HOLE };
    const wal_xact xact = rich_xact(700);
    wal_builder *w = wal_new_with(server);
    wal_lock(w, 700, 700, DB, 16400);
    const wp_lsn from = wal_heap_insert(w, &catalog, &tuple);
    const wp_lsn at = wal_commit(w, &xact);
    const wp_lsn to = wal_end(w);
    wal_filler(w, 10000);
    simple_commit(w, 705);
    const wp_segment_info info = wal_info(w, 0);
    const wp_view all = wal_written(w);
    mapped sound = map_bytes(&info, all, &whole);
    assert_int_equal(count_facts(&sound, WP_FACT_DAMAGE), 0);
    for (wp_lsn lsn = from; lsn < to; lsn++) {
        uint32_t total;
        memcpy(&total, wal_at(w, lsn < at ? from : at), sizeof total);
        if (lsn >= (lsn < at ? from : at) + total)
            continue; /* the gap behind the record belongs to nobody */
        for (int bit = 0; bit < 8; bit++) {
            *wal_at(w, lsn) ^= (uint8_t)(1 << bit);
            mapped m = map_bytes(&info, all, &whole);
            assert_nothing_made_up(&m, &sound);
            if (has_record_at(&m, lsn < at ? from : at))
                fail_msg("bit %d of byte %llu was not missed", bit,
                         (unsigned long long)(lsn - from));
            assert_true(count_facts(&m, WP_FACT_DAMAGE) > 0
                        || segment_end(&m)->fact.op != WP_END_INPUT);
            mapped_free(&m);
            *wal_at(w, lsn) ^= (uint8_t)(1 << bit);
        }
    }
    mapped_free(&sound);
    wal_free(w);
}

/* Page headers have no checksum: a flipped bit may cost the page, it may not invent anything. */
static void any_flipped_bit_of_a_page_header(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    const wal_xact xact = rich_xact(700);
    wal_fill_to(w, wal_start(w) + WAL_PAGE_BYTES - 64);
    wal_commit(w, &xact);
    simple_commit(w, 704);
    wal_filler(w, 10000);
    simple_commit(w, 705);
    const wp_segment_info info = wal_info(w, 0);
    const wp_view all = wal_written(w);
    mapped sound = map_bytes(&info, all, &whole);
    assert_int_equal(count_facts(&sound, WP_FACT_XACT_END), 3);
    for (unsigned bit = 0; bit < 24 * 8; bit++) {
        *wal_at(w, wal_start(w) + WAL_PAGE_BYTES + bit / 8) ^= (uint8_t)(1 << bit % 8);
        mapped m = map_bytes(&info, all, &whole);
        assert_nothing_made_up(&m, &sound);
        assert_true(count_facts(&m, WP_FACT_XACT_END) >= 1);
        mapped_free(&m);
        *wal_at(w, wal_start(w) + WAL_PAGE_BYTES + bit / 8) ^= (uint8_t)(1 << bit % 8);
    }
    mapped_free(&sound);
    wal_free(w);
}

/* ---- continuation records overwritten after a crash ---- */

static void overwritten_record(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + WAL_PAGE_BYTES - 64);
    const wp_lsn lost = wal_put_overwritten(
        w, &(wal_record){ .info = 0x20, .main = { long_main, sizeof long_main } });
    const wp_lsn next = simple_commit(w, 701);
    mapped m = map_all(w, &whole);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    assert_int_equal(m.stats.commits, 2);
    assert_int_equal(nth_end(&m, 1)->fact.lsn, next);
    const wp_fact_overwritten *note = (const void *)fact_of(&m, WP_FACT_OVERWRITTEN);
    assert_non_null(note);
    assert_int_equal(note->overwritten, lost);
    assert_int_equal(note->time, WAL_NOON);
    mapped_free(&m);
    wal_free(w);
}

static void overwritten_at_a_segment_end(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    simple_commit(w, 700);
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 64);
    const wp_lsn lost = wal_put_overwritten(
        w, &(wal_record){ .info = 0x20, .main = { long_main, sizeof long_main } });
    simple_commit(w, 701);
    mapped m = map_all(w, &whole);
    assert_int_equal(wal_segments(w), 2);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    assert_int_equal(m.stats.commits, 2);
    const wp_fact_overwritten *note = (const void *)fact_of(&m, WP_FACT_OVERWRITTEN);
    assert_non_null(note);
    assert_int_equal(note->overwritten, lost);
    mapped_free(&m);
    wal_free(w);
}

/* ---- against the server's own tool ---- */

#define PG_WALDUMP "/usr/lib/postgresql/15/bin/pg_waldump"

static void write_segment(const char *folder, unsigned number, wp_view bytes)
{
    char path[300];
    snprintf(path, sizeof path, "%s/0000000100000000%08X", folder, number);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.bytes, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

/* Counts the tool's lines per resource manager into counts; returns how many there were. */
static uint64_t waldump_counts(const char *folder, uint64_t counts[WP_RMGR_COUNT])
{
    char command[400], line[4096], name[WP_RMGR_NAME_BYTES], want[WP_RMGR_NAME_BYTES];
    snprintf(command, sizeof command,
             PG_WALDUMP " -p %s 000000010000000000000001 000000010000000000000002 2>/dev/null",
             folder);
    FILE *out = popen(command, "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(out);
    uint64_t n = 0;
    while (fgets(line, sizeof line, out)) {
        if (sscanf(line, "rmgr: %23s", name) != 1)
            continue;
        for (unsigned id = 0; id < WP_RMGR_COUNT; id++)
            if (strcmp(name, wp_rmgr_name((uint8_t)id, want)) == 0)
                counts[id]++;
        n++;
    }
    pclose(out);
    return n;
}

static void pg_waldump_reads_the_same(void **state)
{
    (void)state;
    if (access(PG_WALDUMP, X_OK) != 0)
        skip();
    wal_builder *w = wal_new_with(&(wal_config){ .major = "15", .segment_size = 16 << 20 });
    for (unsigned i = 0; i < 200; i++) {
        put_mixed_records(w, 700 + i);
        if (i % 10 == 0)
            wal_put(w, &(wal_record){ .rmid = 130, .main = wal_any_tuple().body });
    }
    wal_fill_to(w, wal_start(w) + (16 << 20) - 40);
    put_mixed_records(w, 5000);
    char folder[] = "/tmp/walparse-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_segment(folder, 1, wal_segment(w, 0));
    write_segment(folder, 2, wal_segment(w, 1));
    uint64_t want[WP_RMGR_COUNT] = { 0 };
    const uint64_t n = waldump_counts(folder, want);
    mapped m = map_all(w, &(run_options){ .piece = 131072 });
    assert_true(n > 2000);
    for (unsigned id = 0; id < WP_RMGR_COUNT; id++)
        assert_int_equal(m.stats.records[id], want[id]);
    mapped_free(&m);
    wal_free(w);
    char path[300];
    for (unsigned i = 1; i <= 2; i++) {
        snprintf(path, sizeof path, "%s/0000000100000000%08X", folder, i);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    static const server_case on_each_server[] = {
        { "every server: a commit is read", reads_a_commit },
        { "every server: same facts whatever the pieces fed", same_whatever_the_pieces },
        { "every server: a page boundary anywhere in a record", split_by_a_page },
        { "every server: a kept record of many pages", keeps_a_record_of_many_pages },
        { "every server: a record over three segments", record_over_three_segments },
        { "every server: padding behind a switch", skips_the_padding_of_a_switch },
        { "every server: a switch on the last page", switch_on_the_last_page },
        { "every server: custom resource managers", custom_managers_are_counted },
        { "every server: rows are counted", counts_rows },
        { "every server: the next segment is another cluster's", foreign_next_segment },
        { "every server: any flipped bit of a record", any_flipped_bit_of_a_record },
        { "every server: any flipped bit of a page header", any_flipped_bit_of_a_page_header },
        { "every server: overwritten continuation record", overwritten_record },
        { "every server: the same at the end of a segment", overwritten_at_a_segment_end },
    };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(same_byte_by_byte),
        cmocka_unit_test(split_by_a_segment),
        cmocka_unit_test(reads_every_segment_size),
        cmocka_unit_test(crosses_a_16_mb_boundary),
        cmocka_unit_test(reset_starts_over),
        cmocka_unit_test(needs_a_probed_segment),
        cmocka_unit_test(counts_rows_of_many_transactions),
        cmocka_unit_test(leaves_out_rows_when_told),
        cmocka_unit_test(any_cut_of_the_input),
        cmocka_unit_test(pg_waldump_reads_the_same),
    };
    int failed = RUN_CASES("mapper: servers", on_each_server, run_on_each_server);
    failed += RUN_CASES("mapper: ends", end_cases, is_an_end);
    failed += RUN_CASES("mapper: no end", no_end_cases, is_no_end);
    failed += RUN_CASES("mapper: damage", damage_cases, is_damage);
    failed += cmocka_run_group_tests_name("mapper", others, NULL, NULL);
    return failed != 0;
}
