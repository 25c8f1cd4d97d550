/*
 * test_row_writer.c - rows in the formats of `rescue`.
 *
 * What is wanted of COPY's text and CSV is what servers of 10, 15 and 18 print of these rows. The SQL was run by a server of 15, and gave
 * them back.
 */
#include <errno.h>
#include <stdio.h>

#include "rescue/row_writer.h"

#include "cases.h"

#define FIELDS_MAX 5

/* A field of NULL is NULL. */
typedef struct writer_case {
    const char *name;
    row_format format;
    const row_column *columns;
    const char *rows[3][FIELDS_MAX];
    size_t nrows;
    const char *want;
} writer_case;

static const row_column two[] = { { .name = "a,b", .base_type = 25 },
                                  { .name = "select", .base_type = 25 },
                                  { 0 } };
static const row_column one[] = { { .name = "a", .base_type = 25 }, { 0 } };
static const row_column odd[] = { { .name = "a\"b", .base_type = 25 }, { 0 } };
static const row_column dot[] = { { .name = "\\.", .base_type = 25 }, { 0 } };
static const row_column none[] = { { 0 } };
static const row_column numbers[] = {
    { .name = "i", .base_type = 23 },   { .name = "f", .base_type = 701 },
    { .name = "n", .base_type = 1700 }, { .name = "b", .base_type = 16 },
    { .name = "j", .base_type = 114 },  { 0 }
};
static const row_column keyed[] = {
    { .name = "Id", .base_type = 23, .is_key = true },
    { .name = "serial", .base_type = 20, .is_identity_always = true },
    { .name = "part", .base_type = 25, .is_key = true },
    { .name = "a", .base_type = 25 },
    { .name = "b", .base_type = 16 },
    { 0 },
};
static const row_column key_only[] = { { .name = "id", .base_type = 23, .is_key = true }, { 0 } };

static const writer_case written[] = {
    { "copy: an empty text and NULL", ROWS_COPY, two, { { "", NULL } }, 1, "\t\\N\n" },
    { "copy: what looks like the end, and like NULL",
      ROWS_COPY,
      two,
      { { "\\.", "\\N" } },
      1,
      "\\\\.\t\\\\N\n" },
    { "copy: control characters",
      ROWS_COPY,
      two,
      { { "tab\there", "\b\f\v" }, { "l1\nl2", "c\rd" }, { "\x01\x7f", "\xC3\xA9" } },
      3,
      "tab\\there\t\\b\\f\\v\nl1\\nl2\tc\\rd\n\x01\x7f\t\xC3\xA9\n" },
    { "copy: a table without columns", ROWS_COPY, none, { { NULL } }, 2, "\n\n" },
    { "csv: an empty text and NULL",
      ROWS_CSV,
      two,
      { { "", NULL } },
      1,
      "\"a,b\",select\n\"\",\n" },
    { "csv: what looks like the end, among others",
      ROWS_CSV,
      two,
      { { "\\.", "\\N" } },
      1,
      "\"a,b\",select\n\\.,\\N\n" },
    { "csv: what looks like the end, alone",
      ROWS_CSV,
      one,
      { { "\\." }, { "\\.x" } },
      2,
      "a\n\"\\.\"\n\\.x\n" },
    { "csv: a column that is called so", ROWS_CSV, dot, { { "x" } }, 1, "\"\\.\"\nx\n" },
    { "csv: NULL alone is an empty line",
      ROWS_CSV,
      one,
      { { NULL }, { "" }, { " " } },
      3,
      "a\n\n\"\"\n \n" },
    { "csv: quotes, commas and line ends",
      ROWS_CSV,
      odd,
      { { "a\"b" }, { "c\rd" }, { "\n" } },
      3,
      "\"a\"\"b\"\n\"a\"\"b\"\n\"c\rd\"\n\"\n\"\n" },
    { "csv: blanks, tabs and backslashes are not quoted",
      ROWS_CSV,
      two,
      { { " lead", "trail " }, { "tab\t", "back\\slash" }, { "c,d", "'q'" } },
      3,
      "\"a,b\",select\n lead,trail \ntab\t,back\\slash\n\"c,d\",'q'\n" },
    { "csv: a table without columns", ROWS_CSV, none, { { NULL } }, 1, "\n\n" },
    { "sql: the rows between COPY and its end",
      ROWS_SQL,
      two,
      { { "a\\b", NULL } },
      1,
      "COPY public.t (\"a,b\", \"select\") FROM stdin;\na\\\\b\t\\N\n\\.\n" },
    { "sql: a table without columns",
      ROWS_SQL,
      none,
      { { NULL } },
      1,
      "COPY public.t FROM stdin;\n\n\\.\n" },
    { "json: numbers, booleans, json and NULL as they are",
      ROWS_JSON,
      numbers,
      { { "-5", "1e-05", "1.10", "t", "{\"a\"\n:\r\n1}" }, { NULL, NULL, NULL, NULL, NULL } },
      2,
      "{\"i\":-5,\"f\":1e-05,\"n\":1.10,\"b\":true,\"j\":{\"a\" :  1}}\n"
      "{\"i\":null,\"f\":null,\"n\":null,\"b\":null,\"j\":null}\n" },
    { "json: what is no number there is a string",
      ROWS_JSON,
      numbers,
      { { "0", "-Infinity", "NaN", "f", "\"\"" }, { "1", "-0", "Infinity", "f", "null" } },
      2,
      "{\"i\":0,\"f\":\"-Infinity\",\"n\":\"NaN\",\"b\":false,\"j\":\"\"}\n"
      "{\"i\":1,\"f\":-0,\"n\":\"Infinity\",\"b\":false,\"j\":null}\n" },
    { "json: texts",
      ROWS_JSON,
      odd,
      { { "\"\\\b\t\n\v\f\r\x1f\x7f/" },
        { "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and more" },
        { "" } },
      3,
      "{\"a\\\"b\":\"\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u001f\x7f/\"}\n"
      "{\"a\\\"b\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and more\"}\n{\"a\\\"b\":\"\"}\n" },
    { "json: a table without columns", ROWS_JSON, none, { { NULL } }, 1, "{}\n" },
    { "insert: literals",
      ROWS_INSERT,
      two,
      { { "it's", "a\\b'" }, { "", NULL } },
      2,
      "INSERT INTO public.t (\"a,b\", \"select\") VALUES ('it''s', E'a\\\\b''');\n"
      "INSERT INTO public.t (\"a,b\", \"select\") VALUES ('', NULL);\n" },
    { "insert: numbers, but no floats, are bare",
      ROWS_INSERT,
      numbers,
      { { "-5", "-0", "1.10", "t", "1" }, { "5", "NaN", "NaN", "f", "{}" } },
      2,
      "INSERT INTO public.t (i, f, n, b, j) VALUES (-5, '-0', 1.10, true, '1');\n"
      "INSERT INTO public.t (i, f, n, b, j) VALUES (5, 'NaN', 'NaN', false, '{}');\n" },
    { "insert: a column that is always generated as identity",
      ROWS_INSERT,
      keyed,
      { { "1", "2", "p", "a", "t" } },
      1,
      "INSERT INTO public.t (\"Id\", serial, part, a, b) OVERRIDING SYSTEM VALUE VALUES (1, 2, 'p', 'a', "
      "true);\n" },
    { "insert: a table without columns",
      ROWS_INSERT,
      none,
      { { NULL } },
      1,
      "INSERT INTO public.t DEFAULT VALUES;\n" },
    { "undo: all but the key and identity is set",
      ROWS_UNDO,
      keyed,
      { { "1", "2", "it's", "\\", NULL } },
      1,
      "UPDATE public.t SET a = E'\\\\', b = NULL WHERE \"Id\" = 1 AND part = 'it''s';\n" },
};

static size_t count_columns(const row_column *columns)
{
    size_t n = 0;
    while (columns[n].name)
        n++;
    return n;
}

static void fields_of(const char *const texts[FIELDS_MAX], row_field fields[FIELDS_MAX])
{
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        fields[i] = (row_field){ .is_null = !texts[i] };
        if (texts[i])
            fields[i].text = (wp_view){ (const uint8_t *)texts[i], strlen(texts[i]) };
    }
}

static void rows_as_wanted(void **state)
{
    const writer_case *const c = *state;
    char *got = NULL;
    size_t len = 0;
    FILE *const to = open_memstream(&got, &len);
    row_writer *const w =
        row_writer_begin(to, c->format, "public.t", c->columns, count_columns(c->columns));
    assert_non_null(w);
    for (size_t i = 0; i < c->nrows; i++) {
        row_field fields[FIELDS_MAX];
        fields_of(c->rows[i], fields);
        assert_true(row_writer_row(w, fields));
        assert_null(row_writer_refusal(w));
    }
    assert_true(row_writer_end(w, true));
    assert_int_equal(fclose(to), 0);
    assert_string_equal(got, c->want);
    assert_int_equal(len, strlen(c->want));
    free(got);
}

/* ---- rows that are refused ------------------------------------------------------------------ */

typedef struct refused_case {
    const char *name;
    row_format format;
    const row_column *columns;
    const char *row[FIELDS_MAX];
    const char *want;
} refused_case;

static const row_column latin1[] = { { .name = "gr\xF6\xDF", .base_type = 25 }, { 0 } };

static const refused_case refused[] = {
    { "a Latin-1 byte",
      ROWS_JSON,
      two,
      { "a", "twelve bytes\xF6" },
      "column select: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "a cut character",
      ROWS_JSON,
      one,
      { "a\xE2\x82" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "an overlong form",
      ROWS_JSON,
      one,
      { "\xC0\xAF" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "an overlong form of three bytes",
      ROWS_JSON,
      one,
      { "\xE0\x9F\xBF" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "an overlong form of four bytes",
      ROWS_JSON,
      one,
      { "\xF0\x8F\xBF\xBF" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "a surrogate",
      ROWS_JSON,
      one,
      { "\xED\xA0\x80" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "beyond Unicode",
      ROWS_JSON,
      one,
      { "\xF4\x90\x80\x80" },
      "column a: a text is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "a column's name in Latin-1",
      ROWS_JSON,
      latin1,
      { "a" },
      "column gr\\xF6\\xDF: the name of a column is not in UTF-8, as JSON must be: the other formats have it as it is" },
    { "undo without a key", ROWS_UNDO, two, { "a", "b" }, "there is no key" },
    { "undo of nothing but the key",
      ROWS_UNDO,
      key_only,
      { "1" },
      "there is no column but those of the key" },
    { "undo by a key of NULL",
      ROWS_UNDO,
      keyed,
      { "1", "2", NULL, "a", "t" },
      "a column of the key is NULL" },
};

static void row_is_refused(void **state)
{
    const refused_case *const c = *state;
    char *got = NULL;
    size_t len = 0;
    FILE *const to = open_memstream(&got, &len);
    row_writer *const w =
        row_writer_begin(to, c->format, "public.t", c->columns, count_columns(c->columns));
    assert_non_null(w);
    row_field fields[FIELDS_MAX];
    fields_of(c->row, fields);
    assert_false(row_writer_row(w, fields));
    assert_non_null(row_writer_refusal(w));
    assert_string_equal(row_writer_refusal(w), c->want);
    assert_true(row_writer_end(w, true));
    assert_int_equal(fclose(to), 0);
    assert_int_equal(len, 0);
    free(got);
}

static void undo_inserts_what_was_removed(void **state)
{
    (void)state;
    char *got = NULL;
    size_t len = 0;
    FILE *const to = open_memstream(&got, &len);
    row_writer *const w = row_writer_begin(to, ROWS_UNDO, "public.t", key_only, 1);
    assert_non_null(w);
    const row_field field = { .text = { (const uint8_t *)"1", 1 } };
    assert_true(row_writer_insert(w, &field));
    assert_true(row_writer_end(w, true));
    assert_int_equal(fclose(to), 0);
    assert_string_equal(got, "INSERT INTO public.t (id) VALUES (1);\n");
    free(got);
}

/* ---- ends ----------------------------------------------------------------------------------- */

typedef struct end_case {
    const char *name;
    row_format format;
    const row_column *columns;
    const char *want;
} end_case;

static const end_case ends[] = {
    { "sql: a line of a column too many", ROWS_SQL, two,
      "COPY public.t (\"a,b\", \"select\") FROM stdin;\na\tb\n"
      "\t\tpitr-find: this is where the rows end early\n\\.\n" },
    { "sql: a line of a column in a table of none", ROWS_SQL, none,
      "COPY public.t FROM stdin;\n\npitr-find: this is where the rows end early\n\\.\n" },
    { "insert: a statement that fails", ROWS_INSERT, one,
      "INSERT INTO public.t (a) VALUES ('a');\n"
      "SELECT 'pitr-find: this is where the rows end early'::int4;\n" },
    { "undo: a statement that fails", ROWS_UNDO, keyed,
      "UPDATE public.t SET a = 'd', b = true WHERE \"Id\" = 'a' AND part = 'c';\n"
      "SELECT 'pitr-find: this is where the rows end early'::int4;\n" },
    { "copy: nothing", ROWS_COPY, two, "a\tb\n" },
};

static void ends_early(void **state)
{
    static const char *const row[FIELDS_MAX] = { "a", "b", "c", "d", "t" };
    const end_case *const c = *state;
    char *got = NULL;
    size_t len = 0;
    FILE *const to = open_memstream(&got, &len);
    row_writer *const w =
        row_writer_begin(to, c->format, "public.t", c->columns, count_columns(c->columns));
    assert_non_null(w);
    row_field fields[FIELDS_MAX];
    fields_of(row, fields);
    assert_true(row_writer_row(w, fields));
    assert_true(row_writer_end(w, false));
    assert_int_equal(fclose(to), 0);
    assert_string_equal(got, c->want);
    free(got);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

/* Values longer than any buffer: each second byte is one that is doubled or escaped. */
static void long_values_are_whole(void **state)
{
    (void)state;
    static const struct {
        row_format format;
        const char *before, *pair, *twice, *after;
    } formats[] = {
        { ROWS_COPY, "", "a\\", "a\\\\", "\n" },
        { ROWS_COPY, "", "a\n", "a\\n", "\n" },
        { ROWS_CSV, "a\n\"", "a\"", "a\"\"", "\"\n" },
        { ROWS_CSV, "a\n", "ab", "ab", "\n" },
        { ROWS_JSON, "{\"a\":\"", "a\"", "a\\\"", "\"}\n" },
        { ROWS_INSERT, "INSERT INTO public.t (a) VALUES ('", "a'", "a''", "');\n" },
    };
    static const size_t pairs[] = { 32767, 32768, 65535, 65536, 131071, 131072, 131073, 700001 };
    for (size_t f = 0; f < COUNT(formats); f++) {
        for (size_t p = 0; p < COUNT(pairs); p++) {
            const size_t twice = strlen(formats[f].twice);
            char *const value = malloc(2 * pairs[p]);
            assert_non_null(value);
            for (size_t i = 0; i < pairs[p]; i++)
                memcpy(value + 2 * i, formats[f].pair, 2);
            char *got = NULL;
            size_t len = 0;
            FILE *const to = open_memstream(&got, &len);
            row_writer *const w = row_writer_begin(to, formats[f].format, "public.t", one, 1);
            assert_non_null(w);
            const row_field field = { .text = { (const uint8_t *)value, 2 * pairs[p] } };
            assert_true(row_writer_row(w, &field));
            assert_true(row_writer_end(w, true));
            assert_int_equal(fclose(to), 0);
            const size_t before = strlen(formats[f].before);
            assert_int_equal(len, before + pairs[p] * twice + strlen(formats[f].after));
            assert_memory_equal(got, formats[f].before, before);
            for (size_t i = 0; i < pairs[p]; i++)
                if (memcmp(got + before + i * twice, formats[f].twice, twice) != 0)
                    fail_msg("format %d, %zu pairs: byte %zu", (int)formats[f].format, pairs[p], i);
            assert_string_equal(got + before + pairs[p] * twice, formats[f].after);
            free(got);
            free(value);
        }
    }
}

static void full_disk_is_told(void **state)
{
    (void)state;
    FILE *const to = fopen("/dev/full", "w");
    if (!to)
        skip();
    row_writer *const w = row_writer_begin(to, ROWS_COPY, "public.t", one, 1);
    const row_field field = { .text = { (const uint8_t *)"a", 1 } };
    bool is_good = true;
    for (int i = 0; is_good && i < 1000000; i++)
        is_good = row_writer_row(w, &field);
    assert_false(is_good);
    assert_null(row_writer_refusal(w));
    assert_false(row_writer_end(w, true));
    assert_int_equal(errno, ENOSPC);
    (void)fclose(to);
}

int main(void)
{
    static const struct CMUnitTest others[] = { cmocka_unit_test(undo_inserts_what_was_removed),
                                                cmocka_unit_test(long_values_are_whole),
                                                cmocka_unit_test(full_disk_is_told) };
    int failed = RUN_CASES("rows", written, rows_as_wanted);
    failed += RUN_CASES("refused", refused, row_is_refused);
    failed += RUN_CASES("ends", ends, ends_early);
    failed += cmocka_run_group_tests_name("row_writer", others, NULL, NULL);
    return failed;
}
