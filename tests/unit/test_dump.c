/*
 * test_dump.c - records that a mapper hands out: which ones, in which form, and what is said of broken ones.
 *
 * What pg_waldump and pg_walinspect print for real records is compared in tests/cli/dump.sh and tests/servers/dump.sh; here is what
 * they never print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <walparse/dump.h>

#include "each_record.h"

typedef struct dumped {
    wp_facts facts;
    char *text; /* of all WP_FACT_TEXT, NUL-terminated */
    size_t ndamages;
    wp_lsn last_end; /* of the last record handed out */
} dumped;

static const char *two_names[] = { "public.\"a\n,b\"", "pg_toast.t" };

typedef struct dumping {
    const wp_dump *dump;
    wp_lsn last_end;
} dumping;

static bool take(void *context, const wp_record *record, wp_facts *facts)
{
    dumping *d = context;
    d->last_end = record->end_lsn;
    return wp_dump_record(d->dump, record, facts) >= 0;
}

static dumped dump_all(wal_builder *w, const wp_dump *dump)
{
    dumped out = { 0 };
    dumping d = { .dump = dump };
    read_each_record(w, take, &d, &out.facts);
    out.last_end = d.last_end;

    size_t len = 0, pos = 0;
    const wp_fact *fact;
    while ((fact = wp_facts_next(&out.facts, &pos)) != NULL) {
        out.ndamages += fact->kind == WP_FACT_DAMAGE;
        if (fact->kind != WP_FACT_TEXT)
            continue;
        const wp_fact_text *text = (const void *)fact;
        out.text = realloc(out.text, len + text->text_bytes + 1);
        assert_non_null(out.text);
        memcpy(out.text + len, text + 1, text->text_bytes);
        len += text->text_bytes;
        out.text[len] = '\0';
    }
    return out;
}

static void dumped_free(dumped *d)
{
    wp_facts_free(&d->facts);
    free(d->text);
}

static size_t lines_of(const dumped *d)
{
    size_t lines = 0;
    for (const char *at = d->text; at && *at; at++)
        lines += *at == '\n';
    return lines;
}

static void quotes_json(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    wal_restore_point(w, "a\"b\\c\nd\xC3\xA9\xFF\xED\xA0\x80z", 0);
    const wp_dump dump = { .format = WP_DUMP_JSON, .block_size = 8192 };
    dumped d = dump_all(w, &dump);
    /* The escapes are those of RFC 8259; a byte that is not UTF-8 is U+FFFD, of a surrogate each of its three. */
    assert_non_null(strstr(
        d.text,
        "\"desc\":\"a\\\"b\\\\c\\u000ad\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD"
        "\xEF\xBF\xBD\xEF\xBF\xBDz\",\"block_ref\":null,\"time\":\"2000-01-01T00:00:00.000000Z\"}\n"));
    dumped_free(&d);
    wal_free(w);
}

static void quotes_csv(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    wal_restore_point(w, "a\"b, c", 0);
    wal_restore_point(w, "plain", 0);
    const wp_dump dump = { .format = WP_DUMP_CSV, .block_size = 8192 };
    dumped d = dump_all(w, &dump);
    assert_non_null(strstr(d.text, ",\"a\"\"b, c\",,2000-01-01T00:00:00.000000Z\n"));
    assert_non_null(strstr(d.text, ",plain,,2000-01-01T00:00:00.000000Z\n"));
    dumped_free(&d);
    wal_free(w);
}

/* File 1 is a table, 2 its TOAST table; 3 nobody knows. */
static void name_file(void *context, const wp_locator *file, wp_lsn lsn, wp_file_name *out)
{
    assert_ptr_equal(context, two_names);
    assert_true(lsn != 0);
    *out = (wp_file_name){ .database = "shop" };
    if (file->rel < 3)
        out->relation = two_names[file->rel - 1];
    if (file->rel == 2)
        out->toast_of = two_names[0];
}

static void tells_names(void **state)
{
    (void)state;
    static const char *const want[] = {
        [WP_DUMP_LINES] = "blk 9; rel 9/8/1 is public.\"a\\x0A,b\"; rel 9/8/2 is pg_toast.t "
                          "(public.\"a\\x0A,b\")\n",
        [WP_DUMP_JSON] =
            ",\"relations\":[{\"file\":\"9/8/1\",\"name\":\"public.\\\"a\\u000a,b\\\"\","
            "\"toast_of\":null,\"database\":\"shop\"},"
            "{\"file\":\"9/8/2\",\"name\":\"pg_toast.t\",\"toast_of\":\"public.\\\"a"
            "\\u000a,b\\\"\",\"database\":\"shop\"},"
            "{\"file\":\"9/8/3\",\"name\":null,\"toast_of\":null,\"database\":\"shop\"}]}\n",
        [WP_DUMP_CSV] = ",\"rel 9/8/1 is public.\"\"a\\x0A,b\"\"; rel 9/8/2 is pg_toast.t "
                        "(public.\"\"a\\x0A,b\"\")\"\n",
    };
    wal_builder *w = wal_new("15");
    const uint8_t insert[3] = { 1, 0, 0 };
    wal_put(w, &(wal_record){ .rmid = WP_RMGR_HEAP,
                              .xid = 700,
                              .nblocks = 4,
                              .blocks = { { .locator = { 9, 8, 1 }, .number = 7 },
                                          { .id = 1, .locator = { 9, 8, 1 }, .number = 8 },
                                          { .id = 2, .locator = { 9, 8, 2 }, .number = 1 },
                                          { .id = 3, .locator = { 9, 8, 3 }, .number = 9 } },
                              .main = { insert, sizeof insert } });
    wal_restore_point(w, "end", 0);
    for (int format = WP_DUMP_LINES; format <= WP_DUMP_CSV; format++) {
        const wp_dump dump = { .format = (wp_dump_format)format,
                               .block_size = 8192,
                               .name_file = name_file,
                               .name_context = two_names };
        dumped d = dump_all(w, &dump);
        if (strstr(d.text, want[format]) == NULL)
            fail_msg("no %s in %s", want[format], d.text);
        if (format == WP_DUMP_LINES)
            assert_non_null(strstr(d.text, "desc: RESTORE_POINT end\n"));
        dumped_free(&d);
    }
    wal_free(w);
}

/* What is kept of a file's text is never told of another: those that differ in one number only, and more than are kept. */
static void tells_files_apart(void **state)
{
    (void)state;
    static const wp_locator files[] = {
        { 0, 0, 0 }, { 9, 8, 1 }, { 1, 8, 1 }, { 9, 1, 1 }, { UINT32_MAX, UINT32_MAX, UINT32_MAX },
        { 9, 8, 5 }, { 9, 8, 2 }, { 9, 8, 3 }, { 9, 8, 4 },
    };
    const size_t nfiles = COUNT(files);
    wal_builder *w = wal_new("15");
    const uint8_t insert[3] = { 1, 0, 0 };
    for (size_t i = 0; i < nfiles * nfiles * 2; i++) /* each after each */
        wal_put(w, &(wal_record){
                       .rmid = WP_RMGR_HEAP,
                       .main = { insert, sizeof insert },
                       .blocks = { { .locator = files[i % 2 ? i / 2 % nfiles : i / 2 / nfiles],
                                     .number = (uint32_t)i } },
                       .nblocks = 1 });
    const wp_dump dump = { .block_size = 8192, .joins_lines = true };
    dumped d = dump_all(w, &dump);
    const char *at = d.text;
    for (size_t i = 0; i < nfiles * nfiles * 2; i++) {
        const wp_locator *file = &files[i % 2 ? i / 2 % nfiles : i / 2 / nfiles];
        char want[128];
        snprintf(want, sizeof want, "blkref #0: rel %u/%u/%u blk %zu\n", (unsigned)file->spc,
                 (unsigned)file->db, (unsigned)file->rel, i);
        at = strstr(at, "blkref");
        assert_non_null(at);
        assert_memory_equal(at, want, strlen(want));
        at += strlen(want);
    }
    dumped_free(&d);
    wal_free(w);
}

/* A record that goes on over three pages is handed out whole, and as one. */
static void joins_pages(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    char big[20000];
    memset(big, 'x', sizeof big);
    wal_message(w, 700, 16384, "test", (wp_view){ (const uint8_t *)big, sizeof big });
    const wp_lsn end = wal_end(w);
    const wp_dump dump = { .block_size = 8192 };
    dumped d = dump_all(w, &dump);
    assert_int_equal(lines_of(&d), 1);
    assert_int_equal(d.ndamages, 0);
    assert_int_equal(d.last_end, end);
    assert_non_null(strstr(d.text, "payload (20000 bytes): 78 78 "));
    dumped_free(&d);
    wal_free(w);
}

/* The end of XLOG_SWITCH is that of its segment, as pg_walinspect has it. */
static void ends_with_switch(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    wal_switch(w);
    const wp_dump dump = { .block_size = 8192 };
    dumped d = dump_all(w, &dump);
    assert_int_equal(d.last_end, wal_start(w) + wal_segment_size(w));
    dumped_free(&d);
    wal_free(w);
}

/* Of a record whose content is shorter than its own count there is no line, but damage; the next one has its line. */
static void tells_broken_content(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    const uint8_t short_truncate[8] = { 1, 0, 0, 0, 9, 0, 0, 0 };
    wal_put(w, &(wal_record){ .rmid = WP_RMGR_HEAP,
                              .info = 0x30, /* TRUNCATE */
                              .main = { short_truncate, sizeof short_truncate } });
    wal_restore_point(w, "after", 0);
    for (int format = WP_DUMP_LINES; format <= WP_DUMP_CSV; format++) {
        const wp_dump dump = { .format = (wp_dump_format)format, .block_size = 8192 };
        dumped d = dump_all(w, &dump);
        assert_int_equal(d.ndamages, 1);
        assert_int_equal(lines_of(&d), 1);
        assert_non_null(strstr(d.text, "after"));
        dumped_free(&d);
    }
    wal_free(w);
}

/* In one text or in many: up to what could not be read, the same lines. */
static void joins_lines(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    for (int i = 0; i < 8000; i++)
        wal_restore_point(w, i % 2 ? "odd" : "even one", 0);
    wal_put(w, &(wal_record){
                   .rmid = WP_RMGR_XLOG, .info = 0x70, .main = { (const uint8_t *)"x", 1 } });
    wal_restore_point(w, "after", 0);
    wp_dump dump = { .block_size = 8192 };
    dumped apart = dump_all(w, &dump);
    dump.joins_lines = true;
    dumped joined = dump_all(w, &dump);
    assert_int_equal(lines_of(&joined), lines_of(&apart));
    assert_string_equal(joined.text, apart.text);
    assert_int_equal(joined.ndamages, 1);
    size_t pos = 0, ntexts = 0;
    bool was_damage = false;
    const wp_fact *fact;
    while ((fact = wp_facts_next(&joined.facts, &pos)) != NULL) {
        if (fact->kind == WP_FACT_TEXT) {
            const wp_fact_text *text = (const void *)fact;
            assert_true(text->end_lsn > fact->lsn);
            assert_int_equal(((const char *)(text + 1))[text->text_bytes - 1], '\n');
            if (was_damage)
                assert_non_null(strstr((const char *)(text + 1), "after"));
            ntexts++;
        }
        was_damage = fact->kind == WP_FACT_DAMAGE;
    }
    assert_in_range(ntexts, 2, 20);
    dumped_free(&apart);
    dumped_free(&joined);
    wal_free(w);
}

static void tells_unknown_managers(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    wal_put(w, &(wal_record){
                   .rmid = 130, .info = 0x20, .xid = 7, .main = { (const uint8_t *)"abc", 3 } });
    const wp_dump dump = { .block_size = 8192 };
    dumped d = dump_all(w, &dump);
    /* pg_waldump 15: rmgrdesc.c, default_desc and default_identify. */
    assert_non_null(
        strstr(d.text, "rmgr: custom130   len (rec/tot):     29/    29, tx:          7, "));
    assert_non_null(strstr(d.text, "desc: UNKNOWN (20) rmid: 130\n"));
    dumped_free(&d);
    wal_free(w);
}

/* ---- filters ---- */

static const wp_locator two_files[] = { { 1663, 16384, 16400 }, { 1663, 16384, 16401 } };
static const wp_xid two_xids[] = { 700, 702 };

typedef struct filter_case {
    const char *name;
    wp_record_filter filter;
    size_t lines;
} filter_case;

#define FILES(...)                                    \
    .relations = (const wp_locator[]){ __VA_ARGS__ }, \
    .nrelations = sizeof((const wp_locator[]){ __VA_ARGS__ }) / sizeof(wp_locator)

static const filter_case filter_cases[] = {
    { "all", { 0 }, 5 },
    { "a manager", { .has_rmgrs = true, .rmgrs = { [WP_RMGR_SMGR] = true } }, 1 },
    { "no manager", { .has_rmgrs = true }, 0 },
    { "xids", { .xids = two_xids, .nxids = 2 }, 3 },
    { "a relation", { FILES({ 1663, 16384, 16400 }) }, 2 },
    { "another one", { FILES({ 1663, 16384, 16401 }) }, 0 },
    { "another database", { FILES({ 1663, 1, 16400 }) }, 0 },
    { "several files",
      { FILES({ 1663, 1, 16400 }, { 1663, 16384, 2 }, { 1663, 16384, 16400 }, { 9, 16385, 1 }) },
      2 },
    { "a file in two tablespaces", { FILES({ 9, 16384, 16400 }, { 1663, 16384, 16400 }) }, 2 },
    { "a file in another tablespace", { FILES({ 9, 16384, 16400 }) }, 0 },
    { "a file in whichever tablespace", { FILES({ 0, 16384, 16400 }) }, 2 },
    { "a file in whichever database", { FILES({ 0, 0, 16400 }) }, 2 },
    { "another file in whichever database", { FILES({ 0, 0, 16399 }, { 0, 0, 16401 }) }, 0 },
    { "a file in all databases, beside files of one",
      { FILES({ 0, 0, 16400 }, { 1663, 16384, 16401 }) },
      2 },
    { "a shared file", { FILES({ 1664, 0, 16400 }) }, 0 },
    { "no file", { .relations = two_files }, 0 },
    { "a block", { .has_block = true, .block = 8 }, 1 },
    { "a fork that is not there", { .has_fork = true, .fork = 1 }, 0 },
    { "the main fork", { .has_fork = true, .fork = 0 }, 2 },
    { "a block of the relation",
      { FILES({ 1663, 16384, 16400 }), .has_block = true, .block = 7 },
      1 },
    { "images", { .with_image = true }, 0 },
};

static void filters(void **state)
{
    const filter_case *row = *state;
    const wp_locator file = { 1663, 16384, 16400 };
    wal_builder *w = wal_new("15");
    wal_storage_create(w, 700, file, 0);
    const uint8_t insert[3] = { 1, 0, 0 };
    for (uint32_t block = 7; block < 9; block++)
        wal_put(w, &(wal_record){ .rmid = WP_RMGR_HEAP,
                                  .xid = 694 + block,
                                  .nblocks = 1,
                                  .blocks = { { .locator = file, .number = block } },
                                  .main = { insert, sizeof insert } });
    wal_commit(w, &(wal_xact){ .xid = 700 });
    wal_restore_point(w, "end", 0);
    const wp_dump dump = { .block_size = 8192, .filter = row->filter };
    dumped d = dump_all(w, &dump);
    assert_int_equal(lines_of(&d), row->lines);
    dumped_free(&d);
    wal_free(w);
}

/* ---- images ---- */

typedef struct image_case {
    const char *name;
    wal_packing packing;
    bool has_method; /* of the major */
    bool is_cut;     /* its bytes do not make a page */
} image_case;

static const image_case image_cases[] = {
    { "whole", WAL_IMAGE_WHOLE, false, false },
    { "with a hole", WAL_IMAGE_HOLE, false, false },
    { "pglz", WAL_IMAGE_PGLZ, false, false },
    { "lz4", WAL_IMAGE_LZ4, true, false },
    { "zstd", WAL_IMAGE_ZSTD, true, false },
    { "pglz that is cut", WAL_IMAGE_PGLZ, false, true },
    { "whole that is cut", WAL_IMAGE_WHOLE, false, true },
};

/* Line pointers, free space, rows: all but the free space differs from byte to byte. */
static void fill_page(uint8_t page[WAL_PAGE_BYTES], uint8_t seed)
{
    memset(page, 0, WAL_PAGE_BYTES);
    for (size_t i = 0; i < WAL_PAGE_BYTES; i++)
        if (i < 40 || i >= 5000)
            page[i] = (uint8_t)(seed + i / 3);
    const uint8_t bounds[] = { 40, 0, 5000 & 0xFF, 5000 >> 8 }; /* pd_lower, pd_upper */
    memcpy(page + 12, bounds, sizeof bounds);
}

static const wp_fact_image *next_image(const wp_facts *facts, size_t *pos)
{
    const wp_fact *fact;
    while ((fact = wp_facts_next(facts, pos)) != NULL)
        if (fact->kind == WP_FACT_IMAGE)
            return (const void *)fact;
    return NULL;
}

static void hands_out_images(void **state)
{
    const image_case *row = *state;
    for (size_t i = 0; wp_profile_at(i) != NULL; i++) {
        wal_builder *w = wal_new(wp_profile_at(i)->major);
        if (row->has_method && wal_version(w) < 1500) {
            wal_free(w);
            continue;
        }
        const wp_locator one = { 1663, 16384, 16400 }, other = { 1664, 0, 1262 };
        uint8_t pages[2][WAL_PAGE_BYTES], page[WAL_PAGE_BYTES];
        fill_page(pages[0], 1);
        fill_page(pages[1], 77);
        const wp_lsn at = wal_put(w, &(wal_record){ .rmid = WP_RMGR_XLOG,
                                                    .info = 0xB0, /* FPI */
                                                    .nblocks = 2,
                                                    .blocks = { { .id = 0,
                                                                  .locator = one,
                                                                  .number = 7,
                                                                  .page = pages[0],
                                                                  .packing = row->packing },
                                                                { .id = 1,
                                                                  .fork = 1,
                                                                  .locator = other,
                                                                  .number = UINT32_MAX - 1,
                                                                  .page = pages[1],
                                                                  .packing = row->packing } } });
        wp_dump dump = { .block_size = WAL_PAGE_BYTES };
        size_t pos = 0;
        dumped none = dump_all(w, &dump);
        assert_null(next_image(&none.facts, &pos));
        dump.with_images = true;
        dumped d = dump_all(w, &dump);
        assert_string_equal(d.text, none.text);
        pos = 0;
        for (unsigned n = 0; n < 2; n++) {
            const wp_fact_image *got = next_image(&d.facts, &pos);
            assert_non_null(got);
            assert_int_equal(got->fact.lsn, at);
            assert_int_equal(got->fork, n);
            assert_int_equal(got->block, n ? UINT32_MAX - 1 : 7);
            assert_memory_equal(&got->locator, n ? &other : &one, sizeof one);
            wp_fact_image *copy = malloc(got->fact.size);
            assert_non_null(copy);
            memcpy(copy, got, got->fact.size);
            copy->bytes -= row->is_cut;
            const wp_status status = wp_image_restore(wal_profile(w), copy, page, sizeof page);
            if (status == WP_ERR_LIMIT)
                assert_true(row->has_method); /* built without that method */
            else
                assert_int_equal(status, row->is_cut ? WP_ERR_DAMAGE : WP_OK);
            if (status == WP_OK && !row->is_cut)
                assert_memory_equal(page, pages[n], sizeof page);
            free(copy);
        }
        /* They come before the text, so that whoever stops after a text has them all. */
        const wp_fact *last = wp_facts_next(&d.facts, &pos);
        assert_int_equal(last->kind, WP_FACT_TEXT);
        assert_null(next_image(&d.facts, &pos));
        dumped_free(&none);
        dumped_free(&d);
        wal_free(w);
    }
}

/* No record has a line or images, but all of them or neither. */
static void keeps_images_of_broken_content_back(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    uint8_t page[WAL_PAGE_BYTES];
    fill_page(page, 3);
    const uint8_t short_truncate[8] = { 1, 0, 0, 0, 9, 0, 0, 0 };
    wal_put(w, &(wal_record){ .rmid = WP_RMGR_HEAP,
                              .info = 0x30, /* TRUNCATE */
                              .nblocks = 1,
                              .blocks = { { .page = page, .packing = WAL_IMAGE_WHOLE } },
                              .main = { short_truncate, sizeof short_truncate } });
    const wp_dump dump = { .block_size = WAL_PAGE_BYTES, .with_images = true };
    dumped d = dump_all(w, &dump);
    size_t pos = 0;
    assert_int_equal(d.ndamages, 1);
    assert_int_equal(lines_of(&d), 0);
    assert_null(next_image(&d.facts, &pos));
    dumped_free(&d);
    wal_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_json),
        cmocka_unit_test(quotes_csv),
        cmocka_unit_test(tells_names),
        cmocka_unit_test(tells_files_apart),
        cmocka_unit_test(joins_pages),
        cmocka_unit_test(ends_with_switch),
        cmocka_unit_test(joins_lines),
        cmocka_unit_test(tells_broken_content),
        cmocka_unit_test(tells_unknown_managers),
        cmocka_unit_test(keeps_images_of_broken_content_back),
    };
    int failed = cmocka_run_group_tests_name("dump", tests, NULL, NULL);
    failed += RUN_CASES("dump: filters", filter_cases, filters);
    failed += RUN_CASES("dump: images", image_cases, hands_out_images);
    return failed != 0;
}
