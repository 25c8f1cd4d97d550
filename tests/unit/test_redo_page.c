/*
 * test_redo_page.c - a page of a table: line pointers and rows come, go and move as storage/page/bufpage.c has them.
 *
 * What the server makes of whole records is held against its own pages in tests/cli/redo.sh; here is what its pages do not
 * show: all that a hostile page may say.
 */
#include "redo/page.h"

#include "cases.h"

#define SIZE 8192

typedef struct test_page {
    uint8_t bytes[SIZE];
    wpi_redo_page page;
} test_page;

static test_page *fresh(uint8_t max_align)
{
    test_page *t = malloc(sizeof *t); /* exactly as much, for the sanitizer */
    assert_non_null(t);
    t->page = (wpi_redo_page){ t->bytes, SIZE, max_align };
    wpi_redo_page_init(&t->page);
    return t;
}

/* A row of so many bytes: its last ones are of one value. */
static void add_row(test_page *t, uint16_t number, size_t len, uint8_t value)
{
    uint8_t row[SIZE] = { 0 };
    row[WPI_ROW_HOFF_AT] = 24;
    memset(row + 24, value, len - 24);
    assert_int_equal(wpi_redo_page_add(&t->page, number, row, len), WP_FAULT_NONE);
}

static void check_row(const test_page *t, uint16_t number, size_t off, size_t len, uint8_t value)
{
    wpi_row row;
    assert_int_equal(wpi_redo_page_row(&t->page, number, &row), WP_FAULT_NONE);
    assert_int_equal(row.bytes - t->bytes, off);
    assert_int_equal(row.len, len);
    assert_int_equal(row.hoff, 24);
    for (size_t i = 24; i < len; i++)
        assert_int_equal(row.bytes[i], value);
}

static uint16_t lower(const test_page *t)
{
    return wpi_u16(t->bytes + 12);
}

static uint16_t upper(const test_page *t)
{
    return wpi_u16(t->bytes + 14);
}

/* The bytes of PageInit() of a page without a special space, as a server's image of a first row has them. */
static void a_fresh_page_is_the_servers(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    static const uint8_t head[24] = { 0, 0, 0,    0, 0, 0,    0, 0,    0, 0,
                                      0, 0, 0x18, 0, 0, 0x20, 0, 0x20, 4, 0x20 };
    assert_memory_equal(t->bytes, head, sizeof head);
    assert_true(wpi_redo_page_is_sound(&t->page));
    assert_false(wpi_redo_page_is_new(&t->page));
    assert_int_equal(wpi_redo_page_pointers(&t->page), 0);
    memset(t->bytes, 0, SIZE);
    assert_true(wpi_redo_page_is_new(&t->page));
    assert_false(wpi_redo_page_is_sound(&t->page));
    free(t);
}

typedef struct header_case {
    const char *name;
    uint16_t lower, upper, special, size;
    bool is_sound;
} header_case;

static const header_case headers[] = {
    { "empty", 24, 8192, 8192, 0x2004, true },
    { "full", 400, 400, 8192, 0x2004, true },
    { "with a special space", 28, 8000, 8184, 0x2004, true },
    { "lower within the header", 20, 8192, 8192, 0x2004, false },
    { "lower beyond upper", 404, 400, 8192, 0x2004, false },
    { "upper beyond special", 24, 8192, 8184, 0x2004, false },
    { "special beyond the page", 24, 8192, 8200, 0x2004, false },
    { "special not aligned", 24, 8000, 8190, 0x2004, false },
    { "half a line pointer", 26, 8192, 8192, 0x2004, false },
    { "another page size", 24, 8192, 8192, 0x4004, false },
    { "another layout", 24, 8192, 8192, 0x2003, false },
};

static void header_is_judged(void **state)
{
    const header_case *row = *state;
    test_page *t = fresh(8);
    wpi_put_u16_at(t->bytes + 12, row->lower);
    wpi_put_u16_at(t->bytes + 14, row->upper);
    wpi_put_u16_at(t->bytes + 16, row->special);
    wpi_put_u16_at(t->bytes + 18, row->size);
    assert_int_equal(wpi_redo_page_is_sound(&t->page), row->is_sound);
    free(t);
}

static void rows_fill_a_page_from_its_end(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    add_row(t, 1, 29, 0x11);
    add_row(t, 2, 32, 0x22);
    check_row(t, 1, 8160, 29, 0x11);
    check_row(t, 2, 8128, 32, 0x22);
    assert_int_equal(lower(t), 32);
    assert_int_equal(upper(t), 8128);
    free(t);
    t = fresh(4);
    add_row(t, 1, 29, 0x11);
    check_row(t, 1, 8160, 29, 0x11);
    add_row(t, 2, 33, 0x22);
    check_row(t, 2, 8124, 33, 0x22);
    free(t);
}

static void rows_are_refused(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    uint8_t row[SIZE] = { 0 };
    add_row(t, 1, 32, 1);
    test_page was = *t;
    assert_int_equal(wpi_redo_page_add(&t->page, 0, row, 32), WP_FAULT_POINTER);
    assert_int_equal(wpi_redo_page_add(&t->page, 3, row, 32), WP_FAULT_POINTER);
    assert_int_equal(wpi_redo_page_add(&t->page, UINT16_MAX, row, 32), WP_FAULT_POINTER);
    assert_int_equal(wpi_redo_page_add(&t->page, 1, row, 32), WP_FAULT_IN_USE);
    assert_int_equal(wpi_redo_page_add(&t->page, 2, row, 8129), WP_FAULT_NO_ROOM);
    assert_int_equal(wpi_redo_page_add(&t->page, 2, row, SIZE_MAX), WP_FAULT_NO_ROOM);
    assert_memory_equal(t->bytes, was.bytes, SIZE);
    assert_int_equal(wpi_redo_page_add(&t->page, 2, row, 8128), WP_FAULT_NONE);
    assert_int_equal(lower(t), upper(t));
    assert_int_equal(wpi_redo_page_add(&t->page, 3, row, 0), WP_FAULT_NO_ROOM);
    free(t);

    /* 8092 bytes are left, and a row begins at a multiple of eight: as in PageAddItemExtended(). */
    t = fresh(8);
    add_row(t, 1, 32, 1);
    add_row(t, 2, 32, 2);
    assert_int_equal(wpi_redo_page_add(&t->page, 3, row, 8089), WP_FAULT_NO_ROOM);
    assert_int_equal(wpi_redo_page_add(&t->page, 3, row, 8088), WP_FAULT_NONE);
    free(t);
}

static void an_unused_pointer_is_taken(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    for (uint16_t n = 1; n <= 3; n++)
        add_row(t, n, 32, (uint8_t)n);
    assert_int_equal(wpi_redo_page_set_pointer(&t->page, 2, WPI_POINTER_UNUSED, 0), WP_FAULT_NONE);
    add_row(t, 2, 40, 0x77);
    check_row(t, 2, 8056, 40, 0x77);
    assert_int_equal(lower(t), 36);

    /* One that has storage is not free, as in PageAddItemExtended(), until rows move together: PageRepairFragmentation(). */
    wpi_put_u32_at(t->bytes + 24, 8160 | 32U << 17);
    const uint8_t row[40] = { 0 };
    assert_int_equal(wpi_redo_page_add(&t->page, 1, row, sizeof row), WP_FAULT_IN_USE);
    assert_int_equal(wpi_redo_page_compact(&t->page, false, false), WP_FAULT_NONE);
    assert_int_equal(wpi_u32(t->bytes + 24), 0);
    assert_int_equal(wpi_redo_page_add(&t->page, 1, row, sizeof row), WP_FAULT_NONE);
    free(t);
}

typedef struct pointer_case {
    const char *name;
    uint8_t kind;
    uint16_t off, len, number;
    uint8_t hoff;
    wp_page_fault want;
} pointer_case;

/* Of a page with one row, at 8152, of 40 bytes. */
static const pointer_case pointers[] = {
    { "a row", WPI_POINTER_ROW, 8152, 40, 1, 24, WP_FAULT_NONE },
    { "no number", WPI_POINTER_ROW, 8152, 40, 0, 24, WP_FAULT_POINTER },
    { "a number beyond the last", WPI_POINTER_ROW, 8152, 40, 2, 24, WP_FAULT_POINTER },
    { "unused", WPI_POINTER_UNUSED, 0, 0, 1, 24, WP_FAULT_POINTER },
    { "redirected", WPI_POINTER_REDIRECT, 1, 0, 1, 24, WP_FAULT_POINTER },
    { "dead", WPI_POINTER_DEAD, 0, 0, 1, 24, WP_FAULT_POINTER },
    { "before the rows", WPI_POINTER_ROW, 8151, 40, 1, 24, WP_FAULT_ROW },
    { "in the header", WPI_POINTER_ROW, 0, 40, 1, 24, WP_FAULT_ROW },
    { "beyond the page", WPI_POINTER_ROW, 8152, 41, 1, 24, WP_FAULT_ROW },
    { "far beyond the page", WPI_POINTER_ROW, 0x7FFF, 0x7FFF, 1, 24, WP_FAULT_ROW },
    { "shorter than a header", WPI_POINTER_ROW, 8152, 22, 1, 24, WP_FAULT_ROW },
    { "header longer than the row", WPI_POINTER_ROW, 8152, 40, 1, 41, WP_FAULT_ROW },
    { "header shorter than a header", WPI_POINTER_ROW, 8152, 40, 1, 22, WP_FAULT_ROW },
    { "header as long as the row", WPI_POINTER_ROW, 8152, 40, 1, 40, WP_FAULT_NONE },
};

static void pointer_is_followed(void **state)
{
    const pointer_case *c = *state;
    test_page *t = fresh(8);
    add_row(t, 1, 40, 9);
    t->bytes[8152 + WPI_ROW_HOFF_AT] = c->hoff;
    wpi_put_u32_at(t->bytes + 24, c->off | (uint32_t)c->kind << 15 | (uint32_t)c->len << 17);
    wpi_row row;
    assert_int_equal(wpi_redo_page_row(&t->page, c->number, &row), c->want);
    free(t);
}

/* Rows 1 to 4 of 32 bytes, of which row 1 was moved to the front by an update of its pointer. */
static test_page *shuffled(void)
{
    test_page *t = fresh(8);
    for (uint16_t n = 1; n <= 3; n++)
        add_row(t, n, 32, (uint8_t)n);
    (void)wpi_redo_page_set_pointer(&t->page, 1, WPI_POINTER_UNUSED, 0);
    add_row(t, 1, 40, 0x41);
    (void)wpi_redo_page_set_pointer(&t->page, 2, WPI_POINTER_DEAD, 0);
    add_row(t, 4, 48, 4);
    add_row(t, 5, 32, 5);
    (void)wpi_redo_page_set_pointer(&t->page, 5, WPI_POINTER_UNUSED, 0);
    return t;
}

static void rows_move_together_as_they_lie(void **state)
{
    (void)state;
    test_page *t = shuffled();
    assert_int_equal(wpi_redo_page_compact(&t->page, false, false), WP_FAULT_NONE);
    check_row(t, 3, 8160, 32, 3);
    check_row(t, 1, 8120, 40, 0x41);
    check_row(t, 4, 8072, 48, 4);
    assert_int_equal(upper(t), 8072);
    assert_int_equal(lower(t), 44);
    assert_int_equal(wpi_redo_page_pointer(&t->page, 2).kind, WPI_POINTER_DEAD);
    free(t);
}

static void rows_move_together_by_pointer(void **state)
{
    (void)state;
    test_page *t = shuffled();
    assert_int_equal(wpi_redo_page_compact(&t->page, true, true), WP_FAULT_NONE);
    check_row(t, 1, 8152, 40, 0x41);
    check_row(t, 3, 8120, 32, 3);
    check_row(t, 4, 8072, 48, 4);
    assert_int_equal(lower(t), 40);
    for (uint16_t n = 1; n <= 4; n++)
        (void)wpi_redo_page_set_pointer(&t->page, n, WPI_POINTER_UNUSED, 0);
    assert_int_equal(wpi_redo_page_compact(&t->page, true, true), WP_FAULT_NONE);
    assert_int_equal(upper(t), 8192);
    assert_int_equal(lower(t), 24);
    free(t);
}

static void hostile_rows_do_not_move(void **state)
{
    (void)state;
    test_page *t = shuffled();
    wpi_put_u32_at(t->bytes + 24, 0x7FFF | 1U << 15 | 0x7FFFU << 17);
    assert_int_equal(wpi_redo_page_compact(&t->page, true, true), WP_FAULT_ROW);
    assert_int_equal(wpi_redo_page_compact(&t->page, false, false), WP_FAULT_ROW);
    free(t);

    /* Two line pointers may not share so many bytes that there is no room for both. */
    t = fresh(8);
    add_row(t, 1, 6000, 1);
    add_row(t, 2, 32, 2);
    memcpy(t->bytes + 28, t->bytes + 24, 4);
    assert_int_equal(wpi_redo_page_compact(&t->page, true, true), WP_FAULT_ROW);
    free(t);
}

static void the_first_pointer_stays(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    for (uint16_t n = 1; n <= 4; n++)
        add_row(t, n, 32, 1);
    (void)wpi_redo_page_set_pointer(&t->page, 3, WPI_POINTER_UNUSED, 0);
    (void)wpi_redo_page_set_pointer(&t->page, 4, WPI_POINTER_UNUSED, 0);
    wpi_redo_page_drop_pointers(&t->page);
    assert_int_equal(wpi_redo_page_pointers(&t->page), 2);
    (void)wpi_redo_page_set_pointer(&t->page, 1, WPI_POINTER_UNUSED, 0);
    (void)wpi_redo_page_set_pointer(&t->page, 2, WPI_POINTER_UNUSED, 0);
    wpi_redo_page_drop_pointers(&t->page);
    assert_int_equal(wpi_redo_page_pointers(&t->page), 1);
    assert_int_equal(wpi_redo_page_set_pointer(&t->page, 2, WPI_POINTER_DEAD, 0), WP_FAULT_POINTER);
    assert_int_equal(wpi_redo_page_set_pointer(&t->page, 1, WPI_POINTER_REDIRECT, 0x8000),
                     WP_FAULT_POINTER);
    free(t);
}

static void numbers_are_the_servers(void **state)
{
    (void)state;
    test_page *t = fresh(8);
    wpi_redo_page_set_lsn(&t->page, UINT64_C(0x123456789ABCDEF0));
    static const uint8_t lsn[8] = { 0x78, 0x56, 0x34, 0x12, 0xF0, 0xDE, 0xBC, 0x9A };
    assert_memory_equal(t->bytes, lsn, sizeof lsn);
    assert_true(wpi_redo_page_lsn(&t->page) == UINT64_C(0x123456789ABCDEF0));

    wpi_redo_page_set_prunable(&t->page, 700);
    wpi_redo_page_set_prunable(&t->page, 800);
    assert_int_equal(wpi_u32(t->bytes + 20), 700);
    wpi_redo_page_set_prunable(&t->page, 4000000000U); /* older: ids wrap around */
    assert_true(wpi_u32(t->bytes + 20) == 4000000000U);

    wpi_redo_page_set_flags(&t->page, 0, WPI_PAGE_ALL_VISIBLE | WPI_PAGE_FULL);
    wpi_redo_page_set_flags(&t->page, WPI_PAGE_FULL, 0);
    assert_int_equal(wpi_u16(t->bytes + 10), WPI_PAGE_ALL_VISIBLE);

    uint8_t row[24] = { 0 };
    wpi_row_set_ctid(row, 0x00123456, 0x0789);
    static const uint8_t ctid[6] = { 0x12, 0x00, 0x56, 0x34, 0x89, 0x07 };
    assert_memory_equal(row + 12, ctid, sizeof ctid);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_page_is_the_servers),
        cmocka_unit_test(rows_fill_a_page_from_its_end),
        cmocka_unit_test(rows_are_refused),
        cmocka_unit_test(an_unused_pointer_is_taken),
        cmocka_unit_test(rows_move_together_as_they_lie),
        cmocka_unit_test(rows_move_together_by_pointer),
        cmocka_unit_test(hostile_rows_do_not_move),
        cmocka_unit_test(the_first_pointer_stays),
        cmocka_unit_test(numbers_are_the_servers),
    };
    int failed = RUN_CASES("headers", headers, header_is_judged);
    failed += RUN_CASES("line pointers", pointers, pointer_is_followed);
    return failed + cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
