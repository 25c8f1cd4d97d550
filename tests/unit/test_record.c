/*
 * test_record.c - records taken apart, and payloads that are shorter than they say.
 *
 * Bytes are handed over in heap blocks of exactly their size, so that a sanitizer sees one read too many.
 */
#include "decode/decode.h"
#include "decode/decode_heap.h"
#include "format/record.h"
#include "wal_builder.h"

#include "cases.h"

static const wp_locator orders = { 1663, 16384, 16400 };
static const wp_locator pg_class = { 1663, 16384, 1259 };

/* A page with one item in the middle of it, so that there is a hole. */
static const uint8_t *some_page(void)
{
    static uint8_t page[WAL_PAGE_BYTES];
    for (size_t i = WAL_PAGE_BYTES - 600; i < WAL_PAGE_BYTES; i++)
        page[i] = (uint8_t)(i * 7);
    set_u16(page + 12, 28);
    set_u16(page + 14, WAL_PAGE_BYTES - 600);
    set_u16(page + 16, WAL_PAGE_BYTES);
    set_u16(page + 18, 0x2004);
    set_u32(page + 24, (WAL_PAGE_BYTES - 600) | UINT32_C(1) << 15 | UINT32_C(600) << 17);
    return page;
}

static wp_view text(const char *s)
{
    return (wp_view){ (const uint8_t *)s, strlen(s) };
}

/* Reads every byte of every view, and adds up their lengths. */
static size_t touch(const wpi_record *record)
{
    size_t total = 0;
    unsigned sum = 0;
    const wp_view *views[2 * WPI_BLOCKS_MAX + 1];
    size_t n = 0;
    for (unsigned i = 0; i < record->nblocks; i++) {
        if (record->blocks[i].has_image)
            views[n++] = &record->blocks[i].image.bytes;
        if (record->blocks[i].has_data)
            views[n++] = &record->blocks[i].data;
    }
    views[n++] = &record->main;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < views[i]->len; k++)
            sum += views[i]->bytes[k];
        total += views[i]->len;
    }
    assert_true(sum < UINT32_MAX);
    return total;
}

/* What is accepted must lie within the bytes. */
static bool decode(const wp_profile *profile, wp_view bytes, wpi_record *out)
{
    memset(out, 0xA5, sizeof *out); /* nothing may be left of what was there */
    out->profile = profile;
    out->lsn = 0x1000028;
    out->end_lsn = 0x1000028 + bytes.len;
    out->max_align = 8;
    uint8_t *exact = malloc(bytes.len ? bytes.len : 1);
    assert_non_null(exact);
    if (bytes.len > 0)
        memcpy(exact, bytes.bytes, bytes.len);
    const bool ok = wpi_record_decode((wp_view){ exact, bytes.len }, out);
    if (ok)
        assert_true(touch(out) + WPI_RECORD_HEADER_BYTES <= bytes.len);
    free(exact);
    return ok;
}

/* ---- records whose strict prefixes must all be refused ---- */

typedef struct record_case {
    const char *name;
    wal_record record;
    bool has_page[2]; /* blocks with an image: static rows cannot hold the pointer */
} record_case;

static const uint8_t ten[10] = "123456789";
static const uint8_t thousand[1000] = { 1, 2, 3 };

static const record_case record_cases[] = {
    { "main data only", { .rmid = 1, .main = { ten, 10 } }, { false, false } },
    { "long main data", { .rmid = 1, .main = { thousand, 1000 } }, { false, false } },
    { "origin and main data", { .rmid = 1, .origin = 7, .main = { ten, 10 } }, { false, false } },
    { "block with data",
      { .rmid = 10,
        .nblocks = 1,
        .blocks = { { .locator = { 1663, 5, 9 }, .number = 3, .data = { ten, 10 } } } },
      { false, false } },
    { "two blocks of one file, main data",
      { .rmid = 10,
        .nblocks = 2,
        .blocks = { { .locator = { 1663, 5, 9 }, .number = 3, .data = { ten, 10 } },
                    { .id = 1, .same_rel = true, .number = 4, .data = { thousand, 1000 } } },
        .main = { ten, 10 } },
      { false, false } },
    { "image with a hole",
      { .rmid = 10,
        .nblocks = 1,
        .blocks = { { .locator = { 1663, 5, 9 }, .packing = WAL_IMAGE_HOLE } },
        .main = { ten, 10 } },
      { true, false } },
    { "packed image with data",
      { .rmid = 10,
        .nblocks = 1,
        .blocks = { { .locator = { 1663, 5, 9 }, .packing = WAL_IMAGE_PGLZ, .data = { ten, 10 } } },
        .main = { ten, 10 } },
      { true, false } },
    { "two images",
      { .rmid = 0,
        .info = 0xB0,
        .nblocks = 2,
        .blocks = { { .locator = { 1663, 5, 9 }, .packing = WAL_IMAGE_HOLE },
                    { .id = 1, .locator = { 1663, 5, 10 }, .packing = WAL_IMAGE_WHOLE } } },
      { true, true } },
};

static blob build(const wal_builder *w, const record_case *row)
{
    wal_record record = row->record;
    for (unsigned i = 0; i < 2; i++)
        if (row->has_page[i])
            record.blocks[i].page = some_page();
    return wal_record_bytes(w, &record, 0x1000000);
}

static void every_prefix_is_refused(void **state)
{
    const record_case *row = *state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        wal_builder *w = wal_new(wp_profile_at(i)->major);
        blob b = build(w, row);
        wpi_record got;
        assert_true(decode(wal_profile(w), view_of(&b), &got));
        for (size_t len = 0; len < b.len; len += len < 2500 ? 1 : 97) {
            assert_false(decode(wal_profile(w), (wp_view){ b.at, len }, &got));
            /*
             * With a length that claims to be right, a prefix may happen to be a record of its own; what
             * decode() checks holds even then.
             */
            blob shorter = { 0 };
            put_raw(&shorter, b.at, len);
            if (len >= 4)
                set_u32(shorter.at, (uint32_t)len);
            const bool ok = decode(wal_profile(w), view_of(&shorter), &got);
            assert_false(ok && len < WPI_RECORD_HEADER_BYTES);
            blob_free(&shorter);
        }
        put_u8(&b, 0);
        assert_false(decode(wal_profile(w), view_of(&b), &got));
        set_u32(b.at, (uint32_t)b.len);
        assert_false(decode(wal_profile(w), view_of(&b), &got));
        blob_free(&b);
        wal_free(w);
    }
}

/* ---- what is found in them ---- */

static void finds_all_parts(void **state)
{
    (void)state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        wal_builder *w = wal_new(wp_profile_at(i)->major);
        const wp_profile *p = wal_profile(w);
        blob b = wal_record_bytes(
            w,
            &(wal_record){ .rmid = 10,
                           .info = 0x23,
                           .xid = 700,
                           .origin = 3,
                           .toplevel_xid = 699,
                           .nblocks = 3,
                           .blocks = { { .id = 0,
                                         .locator = orders,
                                         .number = 7,
                                         .will_init = true,
                                         .data = text("new row") },
                                       { .id = 1, .same_rel = true, .number = 8, .fork = 2 },
                                       { .id = 4,
                                         .locator = pg_class,
                                         .number = 9,
                                         .page = some_page(),
                                         .packing = WAL_IMAGE_PGLZ } },
                           .main = text("main") },
            0x1234568);
        /* Borrowed views must point into these very bytes. */
        wpi_record got = { .profile = p, .max_align = 8 };
        assert_true(wpi_record_decode(view_of(&b), &got));
        assert_int_equal(got.total_bytes, b.len);
        assert_int_equal(got.prev, 0x1234568);
        assert_int_equal(got.xid, 700);
        assert_int_equal(got.info, 0x23);
        assert_int_equal(got.rmid, 10);
        assert_int_equal(got.toplevel_xid, p->has_toplevel_xid ? 699 : 0);
        assert_int_equal(got.nblocks, 3);
        assert_int_equal(got.main.len, 4);
        assert_ptr_equal(got.main.bytes, b.at + b.len - 4);

        assert_memory_equal(&got.blocks[0].locator, &orders, sizeof orders);
        assert_int_equal(got.blocks[0].number, 7);
        assert_int_equal(got.blocks[0].fork, 0);
        assert_true(got.blocks[0].will_init);
        assert_true(got.blocks[0].has_data);
        assert_false(got.blocks[0].has_image);
        assert_int_equal(got.blocks[0].data.len, 7);
        assert_memory_equal(got.blocks[0].data.bytes, "new row", 7);

        assert_memory_equal(&got.blocks[1].locator, &orders, sizeof orders);
        assert_int_equal(got.blocks[1].number, 8);
        assert_int_equal(got.blocks[1].fork, 2);
        assert_false(got.blocks[1].has_data);
        assert_false(got.blocks[1].will_init);

        assert_int_equal(got.blocks[2].id, 4);
        assert_memory_equal(&got.blocks[2].locator, &pg_class, sizeof pg_class);
        assert_true(got.blocks[2].has_image);
        assert_int_equal(got.blocks[2].image.hole_offset, 28);
        assert_int_equal(got.blocks[2].image.hole_length, WAL_PAGE_BYTES - 600 - 28);
        uint8_t page[WAL_PAGE_BYTES];
        assert_int_equal(wpi_image_restore(p, &got.blocks[2].image, page, sizeof page), WP_OK);
        assert_memory_equal(page, some_page(), sizeof page);
        blob_free(&b);
        wal_free(w);
    }
}

static void bare_header_is_a_record(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    blob b = wal_record_bytes(w, &(wal_record){ .info = 0x40 }, 0);
    wpi_record got;
    assert_int_equal(b.len, 24);
    assert_true(decode(wal_profile(w), view_of(&b), &got));
    assert_int_equal(got.nblocks, 0);
    assert_int_equal(got.main.len, 0);
    blob_free(&b);
    wal_free(w);
}

/* A record header with a body of one's own, its length right. */
static blob handmade(wp_view body)
{
    blob b = { 0 };
    put_zeros(&b, 24);
    put_view(&b, body);
    set_u32(b.at, (uint32_t)b.len);
    return b;
}

static bool accepts(const char *major, wp_view body)
{
    blob b = handmade(body);
    wpi_record got;
    const bool ok = decode(wp_profile_by_major(major), view_of(&b), &got);
    blob_free(&b);
    return ok;
}

static void put_block_header(blob *b, uint8_t id, uint8_t flags, uint16_t data_len)
{
    put_u8(b, id);
    put_u8(b, flags);
    put_u16(b, data_len);
    if (!(flags & 0x80))
        put_locator(b, orders);
    put_u32(b, 0);
}

static void all_block_ids_at_once(void **state)
{
    (void)state;
    blob b = { 0 };
    for (uint8_t id = 0; id <= 32; id++)
        put_block_header(&b, id, 0, 0);
    assert_true(accepts("15", view_of(&b)));
    put_block_header(&b, 33, 0, 0);
    assert_false(accepts("15", view_of(&b)));
    blob_free(&b);
}

static void refuses_contradictions(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t ids[2], flags[2];
        uint16_t lens[2];
        bool want;
    } rows[] = {
        { "rising ids", { 0, 1 }, { 0, 0 }, { 0, 0 }, true },
        { "an id twice", { 1, 1 }, { 0, 0 }, { 0, 0 }, false },
        { "ids falling", { 2, 1 }, { 0, 0 }, { 0, 0 }, false },
        { "same file as the one before", { 0, 1 }, { 0, 0x80 }, { 0, 0 }, true },
        { "same file as none", { 0, 1 }, { 0x80, 0 }, { 0, 0 }, false },
        { "data without length", { 0, 1 }, { 0x20, 0 }, { 0, 0 }, false },
        { "length without data", { 0, 1 }, { 0, 0 }, { 4, 0 }, false },
        { "data that is not there", { 0, 1 }, { 0x20, 0 }, { 4, 0 }, false },
        { "an unknown id", { 0, 40 }, { 0, 0 }, { 0, 0 }, false },
        { "an unknown id near the known", { 0, 251 }, { 0, 0 }, { 0, 0 }, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        blob b = { 0 };
        put_block_header(&b, rows[i].ids[0], rows[i].flags[0], rows[i].lens[0]);
        put_block_header(&b, rows[i].ids[1], rows[i].flags[1], rows[i].lens[1]);
        if (accepts("15", view_of(&b)) != rows[i].want)
            fail_msg("%s", rows[i].what);
        blob_free(&b);
    }
}

static void toplevel_xid_only_where_there_is_one(void **state)
{
    (void)state;
    static const uint8_t body[] = { 252, 1, 0, 0, 0, 255, 1, 9 };
    for (size_t i = 0; wp_profile_at(i); i++)
        assert_int_equal(accepts(wp_profile_at(i)->major, (wp_view){ body, sizeof body }),
                         wp_profile_at(i)->has_toplevel_xid);
}

/* ---- decoders: a payload cut short anywhere ---- */

static wpi_decoder decoder_of(const wpi_record *record)
{
    switch (record->rmid) {
    case WP_RMGR_XLOG:
        return wpi_decode_xlog;
    case WP_RMGR_XACT:
        return wpi_decode_xact;
    case WP_RMGR_SMGR:
        return wpi_decode_smgr;
    case WP_RMGR_DATABASE:
        return wpi_decode_database;
    case WP_RMGR_TABLESPACE:
        return wpi_decode_tablespace;
    case WP_RMGR_RELMAP:
        return wpi_decode_relmap;
    case WP_RMGR_STANDBY:
        return wpi_decode_standby;
    case WP_RMGR_LOGICAL_MESSAGE:
        return wpi_decode_message;
    default:
        return wpi_decode_heap_truncate;
    }
}

static bool decodes(wpi_record *record, wp_facts *facts)
{
    wpi_builder out = { .facts = facts };
    const bool ok = decoder_of(record)(record, &out);
    assert_false(out.out_of_memory);
    return ok;
}

static const wp_xid subxids[] = { 701, 702 };
static const wp_locator rels[] = { { 1663, 16384, 16400 }, { 1663, 16384, 16401 } };
static const wp_oid oids[] = { 16400, 16401 };
static const wal_xact rich = { .xid = 700,
                               .time = WAL_NOON,
                               .db = 16384,
                               .subxids = subxids,
                               .nsubxids = 2,
                               .rels = rels,
                               .nrels = 2,
                               .stats = oids,
                               .nstats = 2,
                               .relcache = oids,
                               .nrelcache = 2,
                               .gid = "some gid",
                               .log_gid = true,
                               .has_origin = true };

static void put_commit(wal_builder *w)
{
    wal_commit(w, &rich);
}

static void put_abort(wal_builder *w)
{
    wal_abort(w, &rich);
}

static void put_prepare(wal_builder *w)
{
    wal_prepare(w, &rich);
}

static void put_commit_prepared(wal_builder *w)
{
    wal_commit_prepared(w, &rich);
}

static void put_abort_prepared(wal_builder *w)
{
    wal_abort_prepared(w, &rich);
}

static void put_assignment(wal_builder *w)
{
    wal_assignment(w, 700, subxids, 2);
}

static void put_lock(wal_builder *w)
{
    wal_lock(w, 700, 700, 16384, 16400);
}

static void put_running(wal_builder *w)
{
    wal_running_xacts(w, 710, 700, subxids, 2);
}

static void put_create(wal_builder *w)
{
    wal_storage_create(w, 700, orders, 0);
}

static void put_truncate(wal_builder *w)
{
    wal_storage_truncate(w, 700, orders, 0);
}

static void put_checkpoint(wal_builder *w)
{
    wal_checkpoint(w, true, 700);
}

static void put_end_of_recovery(wal_builder *w)
{
    wal_end_of_recovery(w, 2, 1);
}

static void put_restore_point(wal_builder *w)
{
    wal_restore_point(w, "here", WAL_NOON);
}

static void put_backup_end(wal_builder *w)
{
    wal_backup_end(w, 0x1000028);
}

static void put_parameters(wal_builder *w)
{
    wal_parameters(w, 100, 1);
}

static void put_relmap(wal_builder *w)
{
    wal_relmap(w, 700, 16384, 1259, 20000);
}

static void put_message(wal_builder *w)
{
    wal_message(w, 700, 16384, "prefix", text("content"));
}

static void put_database_create(wal_builder *w)
{
    wal_database_create(w, 700, 20000, 1663, false);
}

static void put_database_create_logged(wal_builder *w)
{
    wal_database_create(w, 700, 20000, 1663, true);
}

static void put_database_drop(wal_builder *w)
{
    wal_database_drop(w, 700, 20000, 1663);
}

static void put_tablespace_create(wal_builder *w)
{
    wal_tablespace_create(w, 700, 20000, "/elsewhere");
}

static void put_tablespace_drop(wal_builder *w)
{
    wal_tablespace_drop(w, 700, 20000);
}

static void put_heap_truncate(wal_builder *w)
{
    wal_heap_truncate(w, 700, 16384, oids, 2, 1);
}

typedef struct payload_case {
    const char *name;
    void (*put)(wal_builder *w);
    bool has_tail; /* the end of the payload tells nothing, and is not read */
} payload_case;

static const payload_case payload_cases[] = {
    { "payload: COMMIT", put_commit, false },
    { "payload: ABORT", put_abort, false },
    { "payload: PREPARE", put_prepare, true },
    { "payload: COMMIT PREPARED", put_commit_prepared, false },
    { "payload: ABORT PREPARED", put_abort_prepared, false },
    { "payload: ASSIGNMENT", put_assignment, false },
    { "payload: LOCK", put_lock, false },
    { "payload: RUNNING_XACTS", put_running, true },
    { "payload: storage CREATE", put_create, false },
    { "payload: storage TRUNCATE", put_truncate, true },
    { "payload: CHECKPOINT", put_checkpoint, true },
    { "payload: END_OF_RECOVERY", put_end_of_recovery, true },
    { "payload: RESTORE_POINT", put_restore_point, true },
    { "payload: BACKUP_END", put_backup_end, false },
    { "payload: PARAMETER_CHANGE", put_parameters, true },
    { "payload: RelMap UPDATE", put_relmap, true },
    { "payload: logical message", put_message, true },
    { "payload: database CREATE", put_database_create, true },
    { "payload: database CREATE_WAL_LOG", put_database_create_logged, true },
    { "payload: database DROP", put_database_drop, false },
    { "payload: tablespace CREATE", put_tablespace_create, true },
    { "payload: tablespace DROP", put_tablespace_drop, false },
    { "payload: heap TRUNCATE", put_heap_truncate, false },
};

/* However short the payload: refused, or, where its end is of no interest, the same facts. */
static void payload_cut_short(void **state)
{
    const payload_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        row->put(w);
        uint32_t total;
        memcpy(&total, wal_at(w, wal_last(w)), sizeof total);
        wpi_record record = { .profile = wal_profile(w),
                              .lsn = wal_last(w),
                              .end_lsn = wal_end(w),
                              .max_align = wal_max_align(w) };
        assert_true(wpi_record_decode((wp_view){ wal_at(w, wal_last(w)), total }, &record));
        const wp_view main = record.main;
        wp_facts whole = { 0 };
        assert_true(decodes(&record, &whole));
        const bool is_known = record.rmid != WP_RMGR_HEAP || wal_profile(w)->has_heap_truncate;
        assert_int_equal(whole.len > 0, is_known);
        for (size_t len = 0; len < main.len && is_known; len++) {
            uint8_t *exact = malloc(len ? len : 1);
            assert_non_null(exact);
            memcpy(exact, main.bytes, len);
            record.main = (wp_view){ exact, len };
            wp_facts facts = { 0 };
            if (decodes(&record, &facts)) {
                if (!row->has_tail)
                    fail_msg("%zu of %zu bytes were enough", len, main.len);
                assert_int_equal(facts.len, whole.len);
            }
            wp_facts_free(&facts);
            free(exact);
        }
        wp_facts_free(&whole);
        wal_free(w);
    }
    now_on(NULL);
}

/* Counts that promise more than there is, up to the largest. */
static void payload_counts_too_large(void **state)
{
    const payload_case *row = *state;
    static const uint32_t counts[] = { 3, 1000, 0x10000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        row->put(w);
        uint32_t total;
        memcpy(&total, wal_at(w, wal_last(w)), sizeof total);
        wpi_record record = { .profile = wal_profile(w), .max_align = wal_max_align(w) };
        assert_true(wpi_record_decode((wp_view){ wal_at(w, wal_last(w)), total }, &record));
        const wp_view main = record.main;
        uint8_t *exact = malloc(main.len + 1);
        assert_non_null(exact);
        for (size_t at = 0; at + 4 <= main.len; at++)
            for (size_t k = 0; k < COUNT(counts); k++) {
                memcpy(exact, main.bytes, main.len);
                set_u32(exact + at, counts[k]);
                record.main = (wp_view){ exact, main.len };
                wp_facts facts = { 0 };
                (void)decodes(&record, &facts);
                /* Whatever it makes of it, it is no more than the bytes can hold. */
                assert_true(facts.len <= 65536);
                wp_facts_free(&facts);
            }
        free(exact);
        wal_free(w);
    }
    now_on(NULL);
}

/* ---- heap records on a catalog, cut short in main data and block data ---- */

static void put_insert(wal_builder *w, const wal_heap *at)
{
    const wal_tuple tuple = wal_any_tuple();
    wal_heap_insert(w, at, &tuple);
}

static void put_delete(wal_builder *w, const wal_heap *at)
{
    wal_heap_delete(w, at);
}

static void put_update(wal_builder *w, const wal_heap *at)
{
    const wal_tuple tuple = wal_any_tuple();
    wal_heap_update(w, at, false, 7, 3, &tuple, 3, 3);
}

static void put_multi_insert(wal_builder *w, const wal_heap *at)
{
    const wal_tuple tuples[3] = { wal_any_tuple(), wal_any_tuple(), wal_any_tuple() };
    const uint16_t offsets[3] = { 4, 5, 6 };
    wal_heap_multi_insert(w, at, offsets, tuples, 3);
}

static void put_inplace(wal_builder *w, const wal_heap *at)
{
    wal_heap_inplace(w, at, (wp_view){ thousand, 140 });
}

static void put_prune(wal_builder *w, const wal_heap *at)
{
    const uint16_t unused[4] = { 1, 2, 3, 9 };
    wal_heap_prune(w, at, unused, 4);
}

typedef struct heap_case {
    const char *name;
    void (*put)(wal_builder *w, const wal_heap *at);
} heap_case;

static const heap_case heap_cases[] = {
    { "heap: INSERT", put_insert },   { "heap: DELETE", put_delete },
    { "heap: UPDATE", put_update },   { "heap: MULTI_INSERT", put_multi_insert },
    { "heap: INPLACE", put_inplace }, { "heap: PRUNE", put_prune },
};

/* Any view of the record ends early: no crash, and no fact longer than what is left. */
static void heap_record_cut_short(void **state)
{
    const heap_case *row = *state;
    static uint8_t page[WPI_BLOCK_BYTES_MAX];
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = wal_new_with(each_server(i));
        row->put(w, &(wal_heap){ .xid = 700, .locator = pg_class, .block = 2, .offset = 4 });
        uint32_t total;
        memcpy(&total, wal_at(w, wal_last(w)), sizeof total);
        wpi_record record = { .profile = wal_profile(w), .max_align = wal_max_align(w) };
        assert_true(wpi_record_decode((wp_view){ wal_at(w, wal_last(w)), total }, &record));
        wp_view *const views[] = { &record.main, &record.blocks[0].data };
        for (size_t k = 0; k < COUNT(views); k++) {
            const wp_view full = *views[k];
            for (size_t len = 0; len <= full.len; len++) {
                uint8_t *exact = malloc(len ? len : 1);
                assert_non_null(exact);
                if (len > 0)
                    memcpy(exact, full.bytes, len);
                *views[k] = (wp_view){ exact, len };
                wp_facts facts = { 0 };
                wpi_builder out = { .facts = &facts };
                const wpi_catalog_files files = { .nmoved = 0 };
                const bool ok = wpi_decode_catalog(&record, &files, WAL_PAGE_BYTES, page, &out);
                if (len == full.len)
                    assert_true(ok && facts.len > 0);
                wp_facts_free(&facts);
                free(exact);
            }
            *views[k] = full;
        }
        wal_free(w);
    }
    now_on(NULL);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(finds_all_parts),
        cmocka_unit_test(bare_header_is_a_record),
        cmocka_unit_test(all_block_ids_at_once),
        cmocka_unit_test(refuses_contradictions),
        cmocka_unit_test(toplevel_xid_only_where_there_is_one),
    };
    int failed = RUN_CASES("record: every strict prefix", record_cases, every_prefix_is_refused);
    failed += cmocka_run_group_tests_name("record", others, NULL, NULL);
    failed += RUN_CASES("record: payload cut short", payload_cases, payload_cut_short);
    failed += RUN_CASES("record: counts too large", payload_cases, payload_counts_too_large);
    failed += RUN_CASES("record: heap record cut short", heap_cases, heap_record_cut_short);
    return failed != 0;
}
