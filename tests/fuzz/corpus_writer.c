/*
 * corpus_writer.c - writes the inputs the fuzzers start from: records and segments of every kind.
 *
 *     corpus_writer FOLDER
 *
 * tests/fuzz/make-corpus builds and runs it. What it writes is the same each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "run.h"
#include "story.h"

static const char *folder;

/* The number by which fuzz_choose_server() finds this server. */
static uint8_t server_number(const wal_builder *w)
{
    for (uint8_t i = 0; i < 100; i++) {
        const fuzz_server s = fuzz_choose_server(i);
        if (s.profile == wal_profile(w) && s.max_align == wal_max_align(w))
            return i;
    }
    abort();
}

static void write_input(const char *fuzzer, const char *name, const wal_builder *w,
                        const blob *head, wp_view content)
{
    char path[1000], server[16];
    snprintf(server, sizeof server, "%s%s", wal_profile(w)->major,
             wal_max_align(w) == 4 ? "-i386" : "");
    snprintf(path, sizeof path, "%s/%s/%s-%s", folder, fuzzer, name, server);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(head->at, 1, head->len, f) != head->len
        || fwrite(content.bytes, 1, content.len, f) != content.len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

/* ---- records ---- */

static void write_last_record(wal_builder *w, const char *name)
{
    blob head = { 0 };
    put_u8(&head, server_number(w));
    uint32_t total;
    memcpy(&total, wal_at(w, wal_last(w)), sizeof total);
    /* Records here lie on one page. */
    write_input("fuzz_record", name, w, &head, (wp_view){ wal_at(w, wal_last(w)), total });
    blob_free(&head);
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
                               .has_origin = true,
                               .locks = oids,
                               .nlocks = 2 };

static void write_transactions(wal_builder *w)
{
    wal_commit(w, &rich);
    write_last_record(w, "commit");
    wal_abort(w, &rich);
    write_last_record(w, "abort");
    wal_prepare(w, &rich);
    write_last_record(w, "prepare");
    wal_commit_prepared(w, &rich);
    write_last_record(w, "commit_prepared");
    wal_abort_prepared(w, &rich);
    write_last_record(w, "abort_prepared");
}

static void write_others(wal_builder *w)
{
    wal_assignment(w, 700, subxids, 2);
    write_last_record(w, "assignment");
    wal_lock(w, 700, 700, 16384, 16400);
    write_last_record(w, "lock");
    wal_running_xacts(w, 710, 700, subxids, 2);
    write_last_record(w, "running_xacts");
    wal_storage_create(w, 700, rels[0], 0);
    write_last_record(w, "storage_create");
    wal_storage_truncate(w, 700, rels[0], 0);
    write_last_record(w, "storage_truncate");
    wal_checkpoint(w, true, 700);
    write_last_record(w, "checkpoint");
    wal_restore_point(w, "here", WAL_NOON);
    write_last_record(w, "restore_point");
    wal_parameters(w, 100, 1);
    write_last_record(w, "parameters");
    wal_relmap(w, 700, 16384, 1259, 20000);
    write_last_record(w, "relmap");
    wal_message(w, 700, 16384, "prefix", wal_any_tuple().body);
    write_last_record(w, "message");
    wal_database_drop(w, 700, 20000, 1663);
    write_last_record(w, "database_drop");
    wal_heap_truncate(w, 700, 16384, oids, 2, 1);
    write_last_record(w, "heap_truncate");
}

static void write_heap(wal_builder *w)
{
    static uint8_t page[WAL_PAGE_BYTES];
    set_u16(page + 12, 28);
    set_u16(page + 14, WAL_PAGE_BYTES - 64);
    set_u16(page + 16, WAL_PAGE_BYTES);
    set_u16(page + 18, 0x2004);
    set_u32(page + 24, (WAL_PAGE_BYTES - 64) | UINT32_C(1) << 15 | UINT32_C(64) << 17);
    const wal_tuple tuple = wal_any_tuple();
    const wal_tuple tuples[3] = { tuple, tuple, tuple };
    const uint16_t offsets[3] = { 4, 5, 6 };
    wal_heap at = { .xid = 700, .locator = { 1663, 16384, 1259 }, .block = 2, .offset = 4 };
    wal_heap_insert(w, &at, &tuple);
    write_last_record(w, "heap_insert");
    wal_heap_delete(w, &at);
    write_last_record(w, "heap_delete");
    wal_heap_update(w, &at, false, 7, 3, &tuple, 3, 3);
    write_last_record(w, "heap_update");
    wal_heap_multi_insert(w, &at, offsets, tuples, 3);
    write_last_record(w, "heap_multi_insert");
    wal_heap_prune(w, &at, offsets, 3);
    write_last_record(w, "heap_prune");
    wal_heap_inplace(w, &at, tuple.body);
    write_last_record(w, "heap_inplace");
    at.page = page;
    for (int packing = WAL_IMAGE_HOLE; packing <= WAL_IMAGE_ZSTD; packing++) {
        static const char *const names[] = { "",           "",          "image_hole",
                                             "image_pglz", "image_lz4", "image_zstd" };
        at.packing = (wal_packing)packing;
        wal_heap_delete(w, &at);
        write_last_record(w, names[packing]);
    }
}

static void write_records(void (*write)(wal_builder *w), const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    write(w);
    wal_free(w);
}

/* ---- segments ---- */

static void write_segment(story *s, const char *name, uint8_t choices)
{
    wal_builder *w = story_wal(s);
    blob head = { 0 };
    put_u8(&head, server_number(w));
    put_u8(&head, choices);
    const wp_view all = wal_written(w);
    const size_t used = (size_t)(wal_end(w) - wal_start(w));
    write_input("fuzz_segment", name, w, &head,
                (wp_view){ all.bytes, used < all.len ? used : all.len });
    blob_free(&head);
}

static void tell_table(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_schema(s, 16390, "app");
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    insert_rows(s, &orders.table, 2);
    multi_insert_rows(s, &orders.table, 5);
    update_rows(s, &orders.table, 2);
    speculative_row(s, &orders.table);
    commit(s);
    checkpoint(s);
    begin(s, 702);
    rename_to(s, &orders.table, "old_orders");
    set_schema(s, &orders.table, 16390);
    commit(s);
    begin(s, 703);
    truncate_full(s, &orders, 16500);
    commit(s);
    begin(s, 704);
    drop_full(s, &orders);
    commit(s);
}

static void tell_savepoints(story *s)
{
    relation a = { .oid = 16400, .name = "a" }, b = { .oid = 16410, .name = "b" };
    begin(s, 700);
    create(s, &a);
    create(s, &b);
    commit(s);
    begin(s, 701);
    savepoint(s, 702);
    drop(s, &a);
    rollback_to(s);
    savepoint(s, 703);
    drop(s, &b);
    release(s);
    prepare(s, "gid");
    begin(s, 704);
    rewrite(s, &a, 16500);
    commit(s);
    wal_restore_point(story_wal(s), "here", WAL_NOON);
    commit_prepared(s, "gid");
    begin(s, 705);
    move_pg_class(s, 16999);
    commit(s);
    begin(s, 706);
    drop(s, &a);
    rollback(s);
}

static void tell_overwritten(story *s)
{
    static const uint8_t main[9000];
    relation a = { .oid = 16400, .name = "a" };
    begin(s, 700);
    create(s, &a);
    commit(s);
    wal_put_overwritten(story_wal(s), &(wal_record){ .info = 0x20, .main = { main, sizeof main } });
    begin(s, 701);
    drop(s, &a);
    commit(s);
}

static void write_story(void (*tell)(story *s), const char *name, story_options options,
                        uint8_t choices)
{
    story *s = story_new(&options);
    tell(s);
    write_segment(s, name, choices);
    story_free(s);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: corpus_writer FOLDER\n", stderr);
        return 2;
    }
    folder = argv[1];
    static const wal_config few[] = {
        { .major = "9.5" }, { .major = "11" }, { .major = "15" }, { .major = "18", .max_align = 4 }
    };
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++)
        write_records(write_transactions, &few[i]);
    write_records(write_others, &(wal_config){ .major = "14" });
    write_records(write_others, &(wal_config){ .major = "17", .max_align = 4 });
    write_records(write_heap, &(wal_config){ .major = "13" });
    write_records(write_heap, &(wal_config){ .major = "18" });

    /* 3: headers and records are made right; high bits: size of the pieces. */
    for (size_t i = 0; each_server(i); i += 2) {
        const wal_config *server = each_server(i);
        write_story(tell_table, "table",
                    (story_options){ .wal = *server, .images = WAL_IMAGE_PGLZ },
                    (uint8_t)(0x03 | (i % 16) << 4));
        write_story(tell_savepoints, "savepoints",
                    (story_options){ .wal = *server, .level = LEVEL_LOGICAL },
                    (uint8_t)(0x0B | (15 - i % 16) << 4));
    }
    write_story(tell_table, "raw", (story_options){ .wal.major = "16", .images = WAL_IMAGE_HOLE },
                0x80);
    write_story(tell_overwritten, "overwritten", (story_options){ .wal.major = "15" }, 0x53);
    write_story(tell_savepoints, "small_pages", (story_options){ .wal.major = "17" }, 0x37);
    return 0;
}
