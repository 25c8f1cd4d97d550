/*
 * test_toast.c - values out of a TOAST table whose pages are made here.
 *
 * Those of servers are held against what they print in tests/servers/rescue.sh; here is what no server leaves: chunks that are
 * missing, twice there, or of another length.
 */
#include "redo/page.h"

#include "rescue/toast.h"

#include "blob.h"
#include "cases.h"

#define BLOCK_BYTES 8192
#define BLOCKS_MAX 40
#define CHUNK_BYTES 1996
#define FULL CHUNK_BYTES
#define VALUE 16400
#define VALUE_BYTES (2 * FULL + 10)

/* ---- a TOAST table -------------------------------------------------------------------------- */

/* A chunk: each byte of its data tells its value and number. */
typedef struct row {
    uint32_t block;
    wp_oid value;
    uint32_t seq;
    size_t len;
    bool is_invisible;
} row;

typedef struct table {
    const row *rows;
    size_t nrows;
    uint8_t pages[BLOCKS_MAX][BLOCK_BYTES];
    uint16_t items[1024]; /* of the rows */
    uint32_t nblocks;
    unsigned reads; /* of pages, by redo */
} table;

static const wp_locator toast_file = { 1663, 5, 16390 };
static table *current; /* that heap_rows() reads */

static uint8_t data_byte(wp_oid value, uint32_t seq)
{
    return (uint8_t)(value * 7 + seq);
}

static void put_chunk(blob *b, const row *r)
{
    put_zeros(b, 18);
    put_u16(b, 3);      /* three columns */
    put_u16(b, 0x0902); /* they vary in length, the maker committed, nobody removed it */
    put_u8(b, 24);
    put_u8(b, 0);
    put_u32(b, r->value);
    put_u32(b, r->seq);
    put_u32(b, (uint32_t)(r->len + 4) << 2);
    for (size_t i = 0; i < r->len; i++)
        put_u8(b, data_byte(r->value, r->seq));
}

static table *make_table(const row *rows, size_t nrows)
{
    table *const t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->rows = rows;
    t->nrows = nrows;
    for (uint32_t i = 0; i < BLOCKS_MAX; i++) {
        wpi_redo_page page = { t->pages[i], BLOCK_BYTES, 8 };
        wpi_redo_page_init(&page);
        set_u32(t->pages[i] + 4, 0x1000); /* its LSN */
    }
    for (size_t i = 0; i < nrows; i++) {
        wpi_redo_page page = { t->pages[rows[i].block], BLOCK_BYTES, 8 };
        blob b = { 0 };
        put_chunk(&b, &rows[i]);
        t->items[i] = (uint16_t)(wpi_redo_page_pointers(&page) + 1);
        assert_int_equal(wpi_redo_page_add(&page, t->items[i], b.at, b.len), WP_FAULT_NONE);
        blob_free(&b);
        if (t->nblocks <= rows[i].block)
            t->nblocks = rows[i].block + 1;
    }
    return t;
}

/* In place of that of heap.c: all rows are there but those that are said not to be. */
bool heap_rows(const heap *h, const wp_locator *file, heap_take *take, void *context,
               heap_sums *sums, char message[512])
{
    (void)h;
    (void)message;
    assert_int_equal(file->rel, toast_file.rel);
    for (uint32_t block = 0; block < current->nblocks; block++) {
        const wp_view page = { current->pages[block], BLOCK_BYTES };
        uint16_t item = 0;
        wp_view tuple;
        while (wp_page_next_row(page, &item, &tuple)) {
            bool is_there = true;
            for (size_t i = 0; i < current->nrows; i++)
                if (current->rows[i].block == block && current->items[i] == item)
                    is_there = !current->rows[i].is_invisible;
            const heap_row found = { .tuple = tuple, .block = block, .item = item };
            sums->rows += is_there;
            if (is_there && !take(context, &found))
                return true;
        }
    }
    return true;
}

static wp_status read_backup(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    table *const t = context;
    if (file->rel != toast_file.rel || block >= t->nblocks)
        return WP_END;
    t->reads++;
    memcpy(page, t->pages[block], BLOCK_BYTES);
    return WP_OK;
}

static wp_redo *make_redo(table *t)
{
    wp_redo *redo = NULL;
    wp_error err;
    const wp_redo_config config = { .profile = wp_profile_by_major("15"),
                                    .max_align = 8,
                                    .block_bytes = BLOCK_BYTES,
                                    .read_backup = read_backup,
                                    .context = t };
    assert_int_equal(wp_redo_new(&config, &redo, &err), WP_OK);
    return redo;
}

/* ---- values --------------------------------------------------------------------------------- */

typedef struct value_case {
    const char *name;
    row rows[8];
    size_t nrows;
    size_t bytes; /* as the pointer says */
    toast_status want;
} value_case;

static const value_case values[] = {
    { "on one page",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, FULL, 0 }, { 0, VALUE, 2, 10, 0 } },
      3,
      VALUE_BYTES,
      TOAST_FOUND },
    { "on three pages, others between",
      { { 0, 7, 0, 5, 0 },
        { 0, VALUE, 0, FULL, 0 },
        { 1, VALUE, 1, FULL, 0 },
        { 1, 20000, 0, 5, 0 },
        { 2, VALUE, 2, 10, 0 } },
      5,
      VALUE_BYTES,
      TOAST_FOUND },
    { "on two pages, at line pointers that follow each other",
      { { 0, VALUE, 0, FULL, 0 },
        { 1, 7, 0, 5, 0 },
        { 1, VALUE, 1, FULL, 0 },
        { 1, VALUE, 2, 10, 0 } },
      4,
      VALUE_BYTES,
      TOAST_FOUND },
    { "not in the order of pages",
      { { 0, VALUE, 2, 10, 0 }, { 1, VALUE, 1, FULL, 0 }, { 2, VALUE, 0, FULL, 0 } },
      3,
      VALUE_BYTES,
      TOAST_FOUND },
    { "not in the order of line pointers",
      { { 0, VALUE, 2, 10, 0 }, { 0, VALUE, 1, FULL, 0 }, { 0, VALUE, 0, FULL, 0 } },
      3,
      VALUE_BYTES,
      TOAST_FOUND },
    { "the last chunk is full",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, FULL, 0 } },
      2,
      2 * (size_t)FULL,
      TOAST_FOUND },
    { "one chunk", { { 3, VALUE, 0, 10, 0 } }, 1, 10, TOAST_FOUND },
    { "a chunk that is not there any more lies between",
      { { 0, VALUE, 0, FULL, 0 },
        { 0, VALUE, 1, FULL, 1 },
        { 0, VALUE, 1, FULL, 0 },
        { 0, VALUE, 2, 10, 0 } },
      4,
      VALUE_BYTES,
      TOAST_FOUND },
    { "a value of that number was there before",
      { { 0, VALUE, 0, FULL, 1 },
        { 0, VALUE, 1, 77, 1 },
        { 0, VALUE, 0, FULL, 0 },
        { 1, VALUE, 1, FULL, 0 },
        { 1, VALUE, 2, 10, 0 } },
      5,
      VALUE_BYTES,
      TOAST_FOUND },
    { "there is none", { { 0, VALUE + 1, 0, FULL, 0 } }, 1, VALUE_BYTES, TOAST_MISSING },
    { "the table is empty", { { 0, 0, 0, 0, 0 } }, 0, VALUE_BYTES, TOAST_MISSING },
    { "the first chunk is missing",
      { { 0, VALUE, 1, FULL, 0 }, { 0, VALUE, 2, FULL, 0 }, { 0, VALUE, 3, 10, 0 } },
      3,
      VALUE_BYTES,
      TOAST_MISSING },
    { "a chunk is missing",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 2, 10, 0 } },
      2,
      FULL + 10,
      TOAST_MISSING },
    { "the last chunk is missing",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, FULL, 0 } },
      2,
      VALUE_BYTES,
      TOAST_MISSING },
    { "a chunk is not there",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, FULL, 1 }, { 0, VALUE, 2, 10, 0 } },
      3,
      VALUE_BYTES,
      TOAST_MISSING },
    { "a chunk is there twice",
      { { 0, VALUE, 0, FULL, 0 },
        { 0, VALUE, 1, FULL, 0 },
        { 1, VALUE, 1, FULL, 0 },
        { 1, VALUE, 2, 10, 0 } },
      4,
      VALUE_BYTES,
      TOAST_MISSING },
    { "all of it is there twice",
      { { 0, VALUE, 0, FULL, 0 },
        { 0, VALUE, 1, 10, 0 },
        { 1, VALUE, 0, FULL, 0 },
        { 1, VALUE, 1, 10, 0 } },
      4,
      FULL + 10,
      TOAST_MISSING },
    { "a chunk too many",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, FULL, 0 }, { 0, VALUE, 2, 10, 0 } },
      3,
      2 * (size_t)FULL,
      TOAST_MISSING },
    { "a short chunk in the midst",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, 10, 0 }, { 0, VALUE, 2, FULL, 0 } },
      3,
      VALUE_BYTES,
      TOAST_MISSING },
    { "a chunk longer than the first one",
      { { 0, VALUE, 0, 100, 0 }, { 0, VALUE, 1, 101, 0 } },
      2,
      201,
      TOAST_MISSING },
    { "an empty chunk",
      { { 0, VALUE, 0, FULL, 0 }, { 0, VALUE, 1, 0, 0 } },
      2,
      FULL,
      TOAST_MISSING },
};

static size_t chunk_of(size_t at)
{
    return at / FULL;
}

static void value_as_wanted(void **state)
{
    const value_case *const c = *state;
    char message[512] = "";
    current = make_table(c->rows, c->nrows);
    wp_redo *const redo = make_redo(current);
    const heap h = { .profile = wp_profile_by_major("15"),
                     .redo = redo,
                     .max_align = 8,
                     .block_bytes = BLOCK_BYTES };
    toast *const t = toast_new(&h, &toast_file);
    assert_non_null(t);
    const wp_datum external = { .kind = WP_DATUM_EXTERNAL,
                                .raw_bytes = (uint32_t)c->bytes,
                                .external_bytes = (uint32_t)c->bytes,
                                .value_oid = VALUE };
    wp_text room = { 0 };
    for (int again = 0; again < 2; again++) {
        wp_datum datum;
        assert_int_equal(toast_read(t, &external, &room, &datum, message), c->want);
        if (c->want != TOAST_FOUND)
            continue;
        assert_int_equal(datum.kind, WP_DATUM_PLAIN);
        assert_int_equal(datum.bytes.len, c->bytes);
        for (size_t i = 0; i < c->bytes; i++)
            if (datum.bytes.bytes[i] != data_byte(VALUE, (uint32_t)chunk_of(i)))
                fail_msg("byte %zu", i);
    }
    wp_text_free(&room);
    toast_free(t);
    wp_redo_free(redo);
    free(current);
}

/* A value of hundred chunks, and one of each page, out of order: pages are not read for each chunk. */
static void pages_are_kept(void **state)
{
    (void)state;
    static row rows[130];
    for (uint32_t i = 0; i < 100; i++)
        rows[i] = (row){ .block = i / 4, .value = VALUE, .seq = i, .len = FULL };
    for (uint32_t i = 0; i < 30; i++)
        rows[100 + i] = (row){ .block = 30 + i / 4, .value = 30000 - i, .seq = 0, .len = 100 };
    char message[512] = "";
    current = make_table(rows, COUNT(rows));
    wp_redo *const redo = make_redo(current);
    const heap h = { .profile = wp_profile_by_major("15"),
                     .redo = redo,
                     .max_align = 8,
                     .block_bytes = BLOCK_BYTES };
    toast *const t = toast_new(&h, &toast_file);
    assert_non_null(t);
    wp_text room = { 0 };
    wp_datum datum;
    const wp_datum large = { .kind = WP_DATUM_EXTERNAL,
                             .raw_bytes = 100 * FULL,
                             .external_bytes = 100 * FULL,
                             .value_oid = VALUE };
    current->reads = 0;
    assert_int_equal(toast_read(t, &large, &room, &datum, message), TOAST_FOUND);
    assert_int_equal(current->reads, 25);
    for (size_t i = 0; i < datum.bytes.len; i++)
        if (datum.bytes.bytes[i] != data_byte(VALUE, (uint32_t)chunk_of(i)))
            fail_msg("byte %zu", i);
    current->reads = 0;
    for (wp_oid value = 29971; value <= 30000; value++) {
        const wp_datum small = {
            .kind = WP_DATUM_EXTERNAL, .raw_bytes = 100, .external_bytes = 100, .value_oid = value
        };
        assert_int_equal(toast_read(t, &small, &room, &datum, message), TOAST_FOUND);
        assert_int_equal(datum.bytes.bytes[99], data_byte(value, 0));
    }
    assert_int_equal(current->reads, 8);
    assert_int_equal(toast_sums(t)->rows, 130);
    wp_text_free(&room);
    toast_free(t);
    wp_redo_free(redo);
    free(current);
}

/* A packed value begins with the length that it unpacks to. */
static void packed_value_of_another_length_is_missing(void **state)
{
    (void)state;
    static const row rows[] = { { 0, VALUE, 0, 50, 0 } };
    char message[512] = "";
    current = make_table(rows, 1);
    wp_redo *const redo = make_redo(current);
    const heap h = { .profile = wp_profile_by_major("15"),
                     .redo = redo,
                     .max_align = 8,
                     .block_bytes = BLOCK_BYTES };
    toast *const t = toast_new(&h, &toast_file);
    assert_non_null(t);
    wp_text room = { 0 };
    wp_datum datum;
    const wp_datum external = {
        .kind = WP_DATUM_EXTERNAL, .raw_bytes = 200, .external_bytes = 50, .value_oid = VALUE
    };
    assert_int_equal(toast_read(t, &external, &room, &datum, message), TOAST_MISSING);
    wp_text_free(&room);
    toast_free(t);
    wp_redo_free(redo);
    free(current);
}

int main(void)
{
    static const struct CMUnitTest others[] = { cmocka_unit_test(pages_are_kept),
                                                cmocka_unit_test(
                                                    packed_value_of_another_length_is_missing) };
    int failed = RUN_CASES("values", values, value_as_wanted);
    failed += cmocka_run_group_tests_name("toast", others, NULL, NULL);
    return failed;
}
