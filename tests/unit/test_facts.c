/*
 * test_facts.c - the list of facts, and what each kind of record puts into it, on every server.
 */
#include "decode/facts.h"
#include "wal_builder.h"

#include "cases.h"

#define DB 16384u

/* ---- the list ---- */

static void list_grows_and_is_walked(void **state)
{
    (void)state;
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    size_t pos = 0;
    assert_null(wp_facts_next(&facts, &pos));
    for (uint32_t i = 0; i < 5000; i++) {
        wp_fact *fact = wpi_fact_add(&out, WP_FACT_LOCK, sizeof(wp_fact) + i % 50, 1000 + i, i);
        assert_non_null(fact);
        assert_int_equal(fact->size % 8, 0);
        assert_true(fact->size >= sizeof(wp_fact) + i % 50);
        for (size_t k = sizeof(wp_fact); k < fact->size; k++)
            assert_int_equal(((const uint8_t *)fact)[k], 0);
        memset(fact + 1, 0xEE, fact->size - sizeof(wp_fact));
    }
    pos = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        const wp_fact *fact = wp_facts_next(&facts, &pos);
        assert_non_null(fact);
        assert_int_equal(fact->kind, WP_FACT_LOCK);
        assert_int_equal(fact->lsn, 1000 + i);
        assert_int_equal(fact->xid, i);
    }
    assert_null(wp_facts_next(&facts, &pos));
    const size_t room = facts.room;
    wp_facts_clear(&facts);
    assert_int_equal(facts.len, 0);
    assert_int_equal(facts.room, room);
    const wp_fact *again = wpi_fact_add(&out, WP_FACT_LOCK, 64, 1, 1);
    assert_non_null(again);
    for (size_t k = sizeof(wp_fact); k < again->size; k++)
        assert_int_equal(((const uint8_t *)again)[k], 0); /* not what was there before */
    wp_facts_free(&facts);
    assert_null(facts.bytes);
    wp_facts_free(&facts);
}

static void too_large_a_fact_is_out_of_memory(void **state)
{
    (void)state;
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_null(wpi_fact_add(&out, WP_FACT_LOCK, SIZE_MAX - 3, 1, 1));
    assert_true(out.out_of_memory);
    assert_null(wpi_fact_add(&out, WP_FACT_LOCK, 64, 1, 1)); /* remembered */
    assert_int_equal(facts.len, 0);
    wp_facts_free(&facts);
}

/* ---- each kind, through the mapper ---- */

typedef struct fact_case {
    const char *name;
    void (*check)(wal_builder *w);
} fact_case;

/* The n-th fact of a kind in what was written so far, copied: free it. */
static void *nth_of(wal_builder *w, wp_fact_kind kind, size_t n)
{
    const wp_segment_info info = wal_info(w, 0);
    mapped m = map_bytes(&info, wal_written(w), &(run_options){ .piece = 0 });
    assert_int_equal(m.status, WP_OK);
    assert_int_equal(count_facts(&m, WP_FACT_DAMAGE), 0);
    const wp_fact *fact = nth_fact_of(&m, kind, n);
    void *copy = NULL;
    if (fact) {
        copy = malloc(fact->size);
        assert_non_null(copy);
        memcpy(copy, fact, fact->size);
    }
    mapped_free(&m);
    return copy;
}

/* What a server of the major writes is never unexpected. */
static void on_each_server(void **state)
{
    const fact_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        row->check(w);
        assert_null(nth_of(w, WP_FACT_UNEXPECTED, 0));
        wal_free(w);
    }
    now_on(NULL);
}

static size_t count_of(wal_builder *w, wp_fact_kind kind)
{
    size_t n = 0;
    for (void *fact; (fact = nth_of(w, kind, n)) != NULL; n++)
        free(fact);
    return n;
}

/* The only fact of its kind, which must be there, with this place and xid. */
static void *only(wal_builder *w, wp_fact_kind kind, wp_lsn lsn, wp_xid xid)
{
    wp_fact *fact = nth_of(w, kind, 0);
    assert_non_null(fact);
    assert_int_equal(fact->lsn, lsn);
    assert_int_equal(fact->xid, xid);
    assert_int_equal(count_of(w, kind), 1);
    return fact;
}

static const wp_xid subxids[] = { 701, 702, 703 };
static const wp_locator rels[] = { { 1663, DB, 16400 }, { 1663, DB, 16401 } };
static const wp_oid dropped[] = { 16400, 16403 };
static const wp_oid touched[] = { 16400, 16403, 16390 };

static const wal_xact rich = { .xid = 700,
                               .time = WAL_NOON + 5,
                               .db = DB,
                               .subxids = subxids,
                               .nsubxids = 3,
                               .rels = rels,
                               .nrels = 2,
                               .stats = dropped,
                               .nstats = 2,
                               .relcache = touched,
                               .nrelcache = 3,
                               .gid = "transfer #1",
                               .log_gid = true,
                               .has_origin = true,
                               .locks = dropped,
                               .nlocks = 2 };

static void check_parts(const wal_builder *w, const wp_fact_xact *got, bool is_commit, bool has_gid)
{
    assert_int_equal(got->time, WAL_NOON + 5);
    assert_int_equal(got->nsubxacts, 3);
    assert_memory_equal(wp_fact_xact_subxids(got), subxids, sizeof subxids);
    assert_int_equal(got->nrels, 2);
    assert_memory_equal(wp_fact_xact_rels(got), rels, sizeof rels);
    assert_int_equal(got->nstats, wal_version(w) >= 1500 ? 2 : 0);
    if (got->nstats > 0)
        assert_memory_equal(wp_fact_xact_stats(got), dropped, sizeof dropped);
    assert_int_equal(got->nrelcache, is_commit ? 3 : 0);
    if (is_commit)
        assert_memory_equal(wp_fact_xact_relcache(got), touched, sizeof touched);
    assert_int_equal(got->ninvals, is_commit ? 4 : 0);
    if (is_commit || wal_version(w) >= 1100)
        assert_int_equal(got->db, DB);
    if (has_gid) {
        assert_non_null(wp_fact_xact_gid(got));
        assert_string_equal(wp_fact_xact_gid(got), "transfer #1");
    } else {
        assert_null(wp_fact_xact_gid(got));
    }
}

static void commit(wal_builder *w)
{
    const wp_lsn at = wal_commit(w, &rich);
    wp_fact_xact *got = only(w, WP_FACT_XACT_END, at, 700);
    assert_int_equal(got->fact.op, WP_XACT_COMMIT);
    assert_int_equal(got->end_lsn, wal_end(w));
    check_parts(w, got, true, false);
    free(got);
}

static void small_commit(wal_builder *w)
{
    const wp_lsn at = wal_commit(w, &(wal_xact){ .xid = 700, .time = -1 });
    wp_fact_xact *got = only(w, WP_FACT_XACT_END, at, 700);
    assert_int_equal(got->time, -1);
    assert_int_equal(got->xinfo, 0);
    assert_int_equal(got->db, 0);
    assert_int_equal(got->nrels + got->nsubxacts + got->nstats + got->nrelcache + got->ninvals, 0);
    assert_null(wp_fact_xact_gid(got));
    free(got);
}

static void abort_of(wal_builder *w)
{
    const wp_lsn at = wal_abort(w, &rich);
    wp_fact_xact *got = only(w, WP_FACT_XACT_END, at, 700);
    assert_int_equal(got->fact.op, WP_XACT_ABORT);
    check_parts(w, got, false, false);
    free(got);
}

static void commit_prepared(wal_builder *w)
{
    const wp_lsn at = wal_commit_prepared(w, &rich);
    wp_fact_xact *got = only(w, WP_FACT_XACT_END, at, 700); /* the record itself bears none */
    assert_int_equal(got->fact.op, WP_XACT_COMMIT_PREPARED);
    check_parts(w, got, true, wal_version(w) >= 1100);
    free(got);
}

static void abort_prepared(wal_builder *w)
{
    const wp_lsn at = wal_abort_prepared(w, &rich);
    wp_fact_xact *got = only(w, WP_FACT_XACT_END, at, 700);
    assert_int_equal(got->fact.op, WP_XACT_ABORT_PREPARED);
    check_parts(w, got, false, wal_version(w) >= 1100);
    free(got);
}

static void prepare(wal_builder *w)
{
    const wp_lsn at = wal_prepare(w, &rich);
    wp_fact_xact *got = only(w, WP_FACT_PREPARE, at, 700);
    assert_int_equal(got->end_lsn, wal_end(w));
    check_parts(w, got, true, true);
    free(got);
    assert_int_equal(count_of(w, WP_FACT_XACT_END), 0);
}

static void assignment(wal_builder *w)
{
    const wp_lsn at = wal_assignment(w, 700, subxids, 3);
    wp_fact_assignment *got = only(w, WP_FACT_ASSIGNMENT, at, 700);
    assert_int_equal(got->nsubxacts, 3);
    assert_memory_equal(got->subxids, subxids, sizeof subxids);
    free(got);
}

static void lock(wal_builder *w)
{
    const wp_lsn at = wal_lock(w, 0, 700, DB, 16400);
    wp_fact_lock *got = only(w, WP_FACT_LOCK, at, 700); /* the holder's xid */
    assert_int_equal(got->db, DB);
    assert_int_equal(got->rel, 16400);
    free(got);
}

static void running_xacts(wal_builder *w)
{
    const wp_lsn at = wal_running_xacts(w, 720, 701, subxids, 3);
    wp_fact_running *got = only(w, WP_FACT_RUNNING_XACTS, at, 0);
    assert_int_equal(got->next_xid, 720);
    assert_int_equal(got->oldest_running, 701);
    assert_int_equal(got->latest_completed, 719);
    assert_int_equal(got->overflowed, 0);
    free(got);
}

static void storage(wal_builder *w)
{
    wp_lsn at = wal_storage_create(w, 700, rels[0], 3);
    wp_fact_storage *got = only(w, WP_FACT_STORAGE_CREATE, at, 700);
    assert_int_equal(got->fact.op, 3);
    assert_memory_equal(&got->locator, &rels[0], sizeof rels[0]);
    free(got);
    at = wal_storage_truncate(w, 700, rels[1], 12);
    got = only(w, WP_FACT_STORAGE_TRUNCATE, at, 700);
    assert_int_equal(got->block, 12);
    assert_int_equal(got->fact.op, wal_version(w) >= 906 ? 7 : 0);
    assert_memory_equal(&got->locator, &rels[1], sizeof rels[1]);
    free(got);
}

static void heap_truncate(wal_builder *w)
{
    if (!wal_profile(w)->has_heap_truncate)
        return;
    const wp_lsn at = wal_heap_truncate(w, 700, DB, dropped, 2, 3);
    wp_fact_heap_truncate *got = only(w, WP_FACT_HEAP_TRUNCATE, at, 700);
    assert_int_equal(got->fact.op, 3);
    assert_int_equal(got->db, DB);
    assert_int_equal(got->nrels, 2);
    assert_memory_equal(got->rels, dropped, sizeof dropped);
    free(got);
}

static void databases(wal_builder *w)
{
    wp_lsn at = wal_database_create(w, 700, 20000, 1663, false);
    wp_fact_database *got = only(w, WP_FACT_DATABASE_CREATE, at, 700);
    assert_int_equal(got->db, 20000);
    assert_int_equal(got->fact.op, 0);
    assert_int_equal(got->ntablespaces, 1);
    assert_int_equal(got->tablespaces[0], 1663);
    free(got);
    at = wal_database_drop(w, 701, 20000, 1663);
    got = only(w, WP_FACT_DATABASE_DROP, at, 701);
    assert_int_equal(got->db, 20000);
    assert_int_equal(got->ntablespaces, 1);
    assert_int_equal(got->tablespaces[0], 1663);
    free(got);
    if (wal_version(w) < 1500)
        return;
    at = wal_database_create(w, 702, 20001, 1663, true);
    got = nth_of(w, WP_FACT_DATABASE_CREATE, 1);
    assert_non_null(got);
    assert_int_equal(got->fact.lsn, at);
    assert_int_equal(got->db, 20001);
    assert_int_equal(got->fact.op, 1);
    free(got);
}

static void tablespaces(wal_builder *w)
{
    wp_lsn at = wal_tablespace_create(w, 700, 20000, "/elsewhere");
    wp_fact_tablespace *got = only(w, WP_FACT_TABLESPACE_CREATE, at, 700);
    assert_int_equal(got->tablespace, 20000);
    free(got);
    at = wal_tablespace_drop(w, 701, 20000);
    got = only(w, WP_FACT_TABLESPACE_DROP, at, 701);
    assert_int_equal(got->tablespace, 20000);
    free(got);
}

static void relation_map(wal_builder *w)
{
    const wp_lsn at = wal_relmap(w, 700, DB, 1259, 20000);
    wp_fact_relmap *got = only(w, WP_FACT_RELMAP, at, 700);
    assert_int_equal(got->db, DB);
    assert_int_equal(got->nentries, 1);
    assert_int_equal(got->entries[0].catalog, 1259);
    assert_int_equal(got->entries[0].filenode, 20000);
    free(got);
}

static void checkpoints(wal_builder *w)
{
    const wp_lsn redo = wal_next(w);
    wp_lsn at = wal_checkpoint(w, true, 700);
    wp_fact_checkpoint *got = only(w, WP_FACT_CHECKPOINT, at, 0);
    assert_int_equal(got->fact.op, 1);
    assert_int_equal(got->redo, redo);
    assert_int_equal(got->time, WAL_NOON);
    assert_int_equal(got->tli, 1);
    assert_int_equal(got->previous_tli, 1);
    assert_int_equal(got->next_xid, 700);
    assert_int_equal(got->next_epoch, 0);
    assert_int_equal(got->oldest_active_xid, 700);
    assert_int_equal(got->full_page_writes, 1);
    free(got);
    at = wal_checkpoint(w, false, 710);
    got = nth_of(w, WP_FACT_CHECKPOINT, 1);
    assert_non_null(got);
    assert_int_equal(got->fact.op, 0);
    assert_int_equal(got->redo, at);
    assert_int_equal(got->next_xid, 710);
    assert_int_equal(got->oldest_active_xid, 0);
    free(got);
}

static void end_of_recovery(wal_builder *w)
{
    const wp_lsn at = wal_end_of_recovery(w, 3, 2);
    wp_fact_checkpoint *got = only(w, WP_FACT_END_OF_RECOVERY, at, 0);
    assert_int_equal(got->tli, 3);
    assert_int_equal(got->previous_tli, 2);
    assert_int_equal(got->time, WAL_NOON);
    free(got);
}

static void small_ones(wal_builder *w)
{
    wp_lsn at = wal_restore_point(w, "before the release", WAL_NOON + 7);
    wp_fact_restore_point *point = only(w, WP_FACT_RESTORE_POINT, at, 0);
    assert_string_equal(point->name, "before the release");
    assert_int_equal(point->time, WAL_NOON + 7);
    free(point);

    at = wal_backup_end(w, 0x3000028);
    wp_fact_backup_end *backup = only(w, WP_FACT_BACKUP_END, at, 0);
    assert_int_equal(backup->start, 0x3000028);
    assert_int_equal(backup->end_lsn, wal_end(w));
    free(backup);

    at = wal_parameters(w, 123, 1);
    wp_fact_parameters *p = only(w, WP_FACT_PARAMETERS, at, 0);
    assert_int_equal(p->max_connections, 123);
    assert_int_equal(p->max_worker_processes, 8);
    assert_int_equal(p->max_wal_senders, wal_version(w) >= 1200 ? 10 : -1);
    assert_int_equal(p->max_prepared_xacts, 5);
    assert_int_equal(p->max_locks_per_xact, 64);
    assert_int_equal(p->wal_log_hints, 1);
    assert_int_equal(p->track_commit_timestamp, 0);
    free(p);

    at = wal_full_page_writes(w, true);
    wp_fact_switch *fpw = only(w, WP_FACT_FULL_PAGE_WRITES, at, 0);
    assert_int_equal(fpw->fact.op, 1);
    free(fpw);
}

static void logical_message(wal_builder *w)
{
    if (wal_version(w) < 906)
        return;
    static const uint8_t content[300] = { 1 };
    const wp_lsn at = wal_message(w, 700, DB, "audit", (wp_view){ content, sizeof content });
    wp_fact_message *got = only(w, WP_FACT_LOGICAL_MESSAGE, at, 700);
    assert_int_equal(got->fact.op, 1);
    assert_int_equal(got->db, DB);
    assert_int_equal(got->message_bytes, 300);
    assert_string_equal(got->prefix, "audit");
    free(got);
    wal_message(w, 0, DB,
                "a prefix that is longer than the sixty-three bytes there is room for in a fact",
                (wp_view){ content, 1 });
    got = nth_of(w, WP_FACT_LOGICAL_MESSAGE, 1);
    assert_non_null(got);
    assert_int_equal(got->fact.op, 0);
    assert_string_equal(got->prefix,
                        "a prefix that is longer than the sixty-three bytes there is roo");
    free(got);
}

/* ---- catalog rows ---- */

static const wp_locator pg_class = { 1663, DB, 1259 };

static void catalog_rows(wal_builder *w)
{
    const wal_tuple tuple = wal_any_tuple();
    wal_heap at = { .xid = 700, .locator = pg_class, .block = 9, .offset = 4 };
    wp_lsn lsn = wal_heap_insert(w, &at, &tuple);
    wp_fact_tuple *got = only(w, WP_FACT_CATALOG_TUPLE, lsn, 700);
    assert_int_equal(got->fact.op, WP_TUPLE_INSERT);
    assert_int_equal(got->fact.flags, 0);
    assert_int_equal(got->catalog, 1259);
    assert_int_equal(got->block, 9);
    assert_int_equal(got->offset, 4);
    assert_int_equal(got->hoff, tuple.hoff);
    assert_int_equal(got->infomask, tuple.infomask);
    assert_int_equal(got->infomask2, tuple.infomask2);
    assert_int_equal(got->bytes, tuple.body.len);
    assert_memory_equal(got->data, tuple.body.bytes, tuple.body.len);
    free(got);

    lsn = wal_heap_update(w, &at, false, 7, 2, &tuple, 3, 2);
    got = nth_of(w, WP_FACT_CATALOG_TUPLE, 1);
    assert_non_null(got);
    assert_int_equal(got->fact.lsn, lsn);
    assert_int_equal(got->fact.op, WP_TUPLE_UPDATE);
    assert_int_equal(got->fact.flags, WP_TUPLE_PREFIX | WP_TUPLE_SUFFIX);
    assert_int_equal(got->prefix, 3);
    assert_int_equal(got->suffix, 2);
    assert_int_equal(got->block, 9);
    assert_int_equal(got->old_block, 7);
    assert_int_equal(got->old_offset, 2);
    assert_int_equal(got->bytes, tuple.body.len - 5);
    free(got);

    wal_heap_update(w, &at, true, 9, 3, &tuple, 0, 0);
    got = nth_of(w, WP_FACT_CATALOG_TUPLE, 2);
    assert_non_null(got);
    assert_int_equal(got->fact.flags, 0);
    assert_int_equal(got->old_block, 9);
    assert_int_equal(got->old_offset, 3);
    free(got);

    wal_heap_delete(w, &at);
    got = nth_of(w, WP_FACT_CATALOG_TUPLE, 3);
    assert_non_null(got);
    assert_int_equal(got->fact.op, WP_TUPLE_DELETE);
    assert_int_equal(got->offset, 4);
    free(got);

    wal_heap_inplace(w, &at, tuple.body);
    got = nth_of(w, WP_FACT_CATALOG_TUPLE, 4);
    assert_non_null(got);
    assert_int_equal(got->fact.op, WP_TUPLE_INPLACE);
    assert_int_equal(got->bytes, tuple.body.len);
    assert_memory_equal(got->data, tuple.body.bytes, tuple.body.len);
    free(got);
}

/* Pages of the visibility map come behind, and do not take the place of the old page. */
static void catalog_rows_of_visible_pages(wal_builder *w)
{
    const wal_tuple tuple = wal_any_tuple();
    const wal_heap at = {
        .xid = 700, .locator = pg_class, .block = 9, .offset = 4, .clears_map = true
    };
    static const uint32_t old_blocks[] = { 9, 7 };
    for (size_t i = 0; i < sizeof old_blocks / sizeof *old_blocks; i++) {
        wal_heap_update(w, &at, i == 0, old_blocks[i], 2, &tuple, 3, 2);
        wp_fact_tuple *got = nth_of(w, WP_FACT_CATALOG_TUPLE, i);
        assert_non_null(got);
        assert_int_equal(got->fact.op, WP_TUPLE_UPDATE);
        assert_int_equal(got->block, 9);
        assert_int_equal(got->old_block, old_blocks[i]);
        assert_int_equal(got->old_offset, 2);
        free(got);
    }
}

static void catalog_rows_together(wal_builder *w)
{
    const uint16_t offsets[] = { 3, 8, 11 };
    wal_tuple tuples[3] = { wal_any_tuple(), wal_any_tuple(), wal_any_tuple() };
    tuples[1].body.len -= 1; /* an odd length: what follows is aligned */
    const wal_heap at = { .xid = 700, .locator = pg_class, .block = 1 };
    wal_heap fresh = at;
    fresh.init = true;
    wal_heap_multi_insert(w, &at, offsets, tuples, 3);
    wal_heap_multi_insert(w, &fresh, NULL, tuples, 3);
    for (size_t i = 0; i < 6; i++) {
        wp_fact_tuple *got = nth_of(w, WP_FACT_CATALOG_TUPLE, i);
        assert_non_null(got);
        assert_int_equal(got->fact.op, WP_TUPLE_INSERT);
        assert_int_equal(got->offset, i < 3 ? offsets[i] : i - 2);
        assert_int_equal(got->bytes, tuples[i % 3].body.len);
        assert_memory_equal(got->data, tuples[i % 3].body.bytes, got->bytes);
        free(got);
    }
}

static void catalog_pages(wal_builder *w)
{
    static uint8_t page[WAL_PAGE_BYTES];
    set_u16(page + 12, 28);
    set_u16(page + 14, WAL_PAGE_BYTES - 48);
    set_u16(page + 16, WAL_PAGE_BYTES);
    set_u16(page + 18, 0x2004);
    for (size_t i = WAL_PAGE_BYTES - 48; i < WAL_PAGE_BYTES; i++)
        page[i] = (uint8_t)i;
    size_t n = 0;
    for (int packing = WAL_IMAGE_WHOLE; packing <= WAL_IMAGE_PGLZ; packing++) {
        const wal_heap at = { .xid = 700,
                              .locator = pg_class,
                              .block = 5,
                              .offset = 1,
                              .page = page,
                              .packing = (wal_packing)packing };
        const wp_lsn lsn = wal_heap_delete(w, &at);
        wp_fact_page *got = nth_of(w, WP_FACT_CATALOG_PAGE, n++);
        assert_non_null(got);
        assert_int_equal(got->fact.lsn, lsn);
        assert_int_equal(got->catalog, 1259);
        assert_int_equal(got->block, 5);
        assert_int_equal(got->bytes, WAL_PAGE_BYTES);
        assert_memory_equal(got->page, page, sizeof page);
        free(got);
    }
    /* Without a heap record around it, too. */
    wal_image(w, 0, pg_class, 6, page, WAL_IMAGE_HOLE);
    wp_fact_page *got = nth_of(w, WP_FACT_CATALOG_PAGE, n);
    assert_non_null(got);
    assert_int_equal(got->block, 6);
    free(got);
    /* A row that is on the image is not told twice. */
    const wal_tuple tuple = wal_any_tuple();
    const wal_heap at = {
        .xid = 700, .locator = pg_class, .offset = 1, .page = page, .packing = WAL_IMAGE_HOLE
    };
    wal_heap_insert(w, &at, &tuple);
    wp_fact_tuple *row = nth_of(w, WP_FACT_CATALOG_TUPLE, 3);
    assert_non_null(row);
    assert_int_equal(row->fact.flags, WP_TUPLE_ON_PAGE);
    assert_int_equal(row->bytes, 0);
    free(row);
}

static void catalog_prunes(wal_builder *w)
{
    const uint16_t unused[] = { 2, 7, 8 };
    const wal_heap at = { .xid = 700, .locator = pg_class, .block = 3 };
    const wp_lsn lsn = wal_heap_prune(w, &at, unused, 3);
    wp_fact_prune *got = nth_of(w, WP_FACT_CATALOG_PRUNE, 0);
    assert_non_null(got);
    assert_int_equal(got->fact.lsn, lsn);
    assert_int_equal(got->block, 3);
    assert_int_equal(got->noffsets, 3);
    assert_memory_equal(got->offsets, unused, sizeof unused);
    free(got);
}

/* A catalog is told by its file: the shared ones lie in no database, the others in one. */
static void other_files_are_no_catalogs(wal_builder *w)
{
    const wal_tuple tuple = wal_any_tuple();
    static const wp_locator files[] = {
        { 1664, 0, 1259 }, { 1663, DB, 1262 }, { 1663, DB, 2619 }, { 1663, DB, 16400 }
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        const wal_heap at = { .xid = 700, .locator = files[i], .offset = 1 };
        wal_heap_insert(w, &at, &tuple);
    }
    assert_int_equal(count_of(w, WP_FACT_CATALOG_TUPLE), 0);
    const wal_heap database = { .xid = 700, .locator = { 1664, 0, 1262 }, .offset = 1 };
    const wp_lsn lsn = wal_heap_insert(w, &database, &tuple);
    wp_fact_tuple *got = only(w, WP_FACT_CATALOG_TUPLE, lsn, 700);
    assert_int_equal(got->catalog, 1262);
    free(got);
}

static const fact_case fact_cases[] = {
    { "COMMIT with every part", commit },
    { "COMMIT with none", small_commit },
    { "ABORT with every part", abort_of },
    { "COMMIT PREPARED with every part", commit_prepared },
    { "ABORT PREPARED with every part", abort_prepared },
    { "PREPARE with every part", prepare },
    { "ASSIGNMENT", assignment },
    { "LOCK", lock },
    { "RUNNING_XACTS", running_xacts },
    { "storage CREATE, TRUNCATE", storage },
    { "heap TRUNCATE", heap_truncate },
    { "database CREATE, DROP", databases },
    { "tablespace CREATE, DROP", tablespaces },
    { "RelMap UPDATE", relation_map },
    { "CHECKPOINT online, shutdown", checkpoints },
    { "END_OF_RECOVERY", end_of_recovery },
    { "restore point, backup end, parameters, full_page_writes", small_ones },
    { "logical message", logical_message },
    { "catalog rows", catalog_rows },
    { "catalog rows of all-visible pages", catalog_rows_of_visible_pages },
    { "catalog rows of a multi-insert", catalog_rows_together },
    { "catalog pages", catalog_pages },
    { "catalog prunes", catalog_prunes },
    { "files that are no catalogs", other_files_are_no_catalogs },
};

int main(void)
{
    static const struct CMUnitTest list[] = {
        cmocka_unit_test(list_grows_and_is_walked),
        cmocka_unit_test(too_large_a_fact_is_out_of_memory),
    };
    int failed = cmocka_run_group_tests_name("facts: the list", list, NULL, NULL);
    failed += RUN_CASES("facts: of each record", fact_cases, on_each_server);
    return failed != 0;
}
