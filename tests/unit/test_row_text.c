/*
 * test_row_text.c - rows to texts: which columns are written, which types are refused, which rows are doubtful.
 *
 * The dictionary is one of this file. What servers print is held against what comes out in tests/servers/rescue.sh.
 */
#include "rescue/row_text.h"

#include "blob.h"
#include "cases.h"

/* ---- a dictionary --------------------------------------------------------------------------- */

#define TABLE 16400
#define TOAST_TABLE 16403
#define OTHER_SCHEMA 2200
#define PG_CATALOG 11

#define EXTENSION_TYPE 20000 /* a varlena of an extension, "geo metry" */
#define EXTENSION_ARRAY 20001
#define DOMAIN_OF_INT 20002
#define DOMAIN_OF_DOMAIN 20003
#define ENUM_TYPE 20004
#define PROC_ROW 20005 /* a composite type with a regproc */
#define PROC_ROW_ARRAY 20006
#define UNLEARNT_ROW 20007
#define DOMAIN_OF_PROC 20008
#define LOOP_ROW 20009

static const wp_column proc_columns[] = { { .typid = 23, .typlen = 4, .align = 'i' },
                                          { .typid = 24, .typlen = 4, .align = 'i' } };
static const wp_column loop_columns[] = { { .typid = LOOP_ROW, .typlen = -1, .align = 'd' } };

static const dictionary_type types[] = {
    { .oid = EXTENSION_TYPE,
      .name = "geo metry",
      .type = { .kind = 'b', .typlen = -1, .align = 'i' } },
    { .oid = EXTENSION_ARRAY,
      .name = "_geo metry",
      .type = { .kind = 'b', .typlen = -1, .align = 'i', .element = EXTENSION_TYPE } },
    { .oid = DOMAIN_OF_INT,
      .name = "d",
      .type = { .kind = 'd', .typlen = 4, .align = 'i', .base = 23 } },
    { .oid = DOMAIN_OF_DOMAIN,
      .name = "dd",
      .type = { .kind = 'd', .typlen = 4, .align = 'i', .base = DOMAIN_OF_INT } },
    { .oid = ENUM_TYPE, .name = "e", .type = { .kind = 'e', .typlen = 4, .align = 'i' } },
    { .oid = PROC_ROW,
      .name = "r",
      .type = { .kind = 'c', .typlen = -1, .align = 'd', .columns = proc_columns, .ncolumns = 2 } },
    { .oid = PROC_ROW_ARRAY,
      .name = "_r",
      .type = { .kind = 'b', .typlen = -1, .align = 'd', .element = PROC_ROW } },
    { .oid = UNLEARNT_ROW, .name = "u", .type = { .kind = 'c', .typlen = -1, .align = 'd' } },
    { .oid = DOMAIN_OF_PROC,
      .name = "dp",
      .type = { .kind = 'd', .typlen = 4, .align = 'i', .base = 24 } },
    { .oid = LOOP_ROW,
      .name = "l",
      .type = { .kind = 'c', .typlen = -1, .align = 'd', .columns = loop_columns, .ncolumns = 1 } },
};

static const dictionary_relation relations[] = {
    { .oid = TOAST_TABLE, .schema = 99, .name = "pg_toast_16400", .file = { 1663, 5, 16403 } },
    { .oid = 1259, .schema = PG_CATALOG, .name = "pg_class" },
    { .oid = 16500, .schema = OTHER_SCHEMA, .name = "My table" },
};

const dictionary_type *dictionary_type_of(const dictionary *d, wp_oid oid)
{
    (void)d;
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].oid == oid)
            return &types[i];
    return NULL;
}

const dictionary_relation *dictionary_relation_of(const dictionary *d, wp_oid oid)
{
    (void)d;
    for (size_t i = 0; i < COUNT(relations); i++)
        if (relations[i].oid == oid)
            return &relations[i];
    return NULL;
}

const char *dictionary_schema(const dictionary *d, wp_oid oid)
{
    (void)d;
    return oid == PG_CATALOG ? "pg_catalog" : oid == OTHER_SCHEMA ? "Public" : NULL;
}

bool dictionary_label(const dictionary *d, wp_oid typid, wp_oid value, wp_view *label)
{
    (void)d;
    *label = (wp_view){ (const uint8_t *)"sad", 3 };
    return typid == ENUM_TYPE && value == 77;
}

bool dictionary_add_type(const dictionary *d, wp_oid typid, int32_t typmod, text *out)
{
    (void)typmod;
    const dictionary_type *const type = dictionary_type_of(d, typid);
    if (typid == 23)
        text_add(out, "integer");
    else if (type)
        text_addf(out, "public.\"%s\"", type->name);
    return typid == 23 || type;
}

bool dictionary_add_regtype(const dictionary *d, wp_oid typid, text *out)
{
    return dictionary_add_type(d, typid, -1, out);
}

static int authid_reads;

bool dictionary_catalog(dictionary *d, wp_oid catalog,
                        bool (*take)(void *context, const catalog_row *row), void *context,
                        char message[512])
{
    (void)d;
    (void)message;
    assert_int_equal(catalog, 1260);
    authid_reads++;
    return take(context, NULL);
}

int64_t catalog_row_number(const catalog_row *row, const char *column)
{
    (void)row;
    assert_string_equal(column, "oid");
    return 10;
}

bool catalog_row_text(const catalog_row *row, const char *column, wp_text *out)
{
    (void)row;
    assert_string_equal(column, "rolname");
    const wp_view name = { (const uint8_t *)"the owner", 9 };
    return wp_copy_escape(name, out) == WP_VALUE_OK;
}

bool heap_rows(const heap *h, const wp_locator *file, heap_take *take, void *context,
               heap_sums *sums, char message[512])
{
    (void)h, (void)file, (void)take, (void)context, (void)sums, (void)message;
    return true;
}

/* ---- columns that are refused --------------------------------------------------------------- */

static dictionary_relation relation_of(const wp_column *columns, const dictionary_column *details,
                                       size_t n)
{
    return (dictionary_relation){ .oid = TABLE,
                                  .toast = TOAST_TABLE,
                                  .name = "t",
                                  .columns = columns,
                                  .details = details,
                                  .ncolumns = n };
}

static heap a_heap(void)
{
    return (heap){ .profile = wp_profile_by_major("15"), .max_align = 8, .block_bytes = 8192 };
}

typedef struct type_case {
    const char *name;
    wp_oid typid;
    const char *refused; /* the message; NULL: it is not */
    wp_oid base_type;
} type_case;

#define REFUSED(type)                                                                         \
    "column a b of t: values of type " type " cannot be printed; --skip-column 'a b' leaves " \
    "it out, --raw prints the bytes"

static const type_case type_cases[] = {
    { "integer", 23, NULL, 23 },
    { "a domain of a domain", DOMAIN_OF_DOMAIN, NULL, 23 },
    { "an enum", ENUM_TYPE, NULL, ENUM_TYPE },
    { "regclass", 2205, NULL, 2205 },
    { "regrole", 4096, NULL, 4096 },
    { "an extension's type", EXTENSION_TYPE, REFUSED("public.\"geo metry\""), 0 },
    { "an array of it", EXTENSION_ARRAY, REFUSED("public.\"_geo metry\""), 0 },
    { "money", 790, REFUSED("790"), 0 },
    { "regproc", 24, REFUSED("24"), 0 },
    { "regcollation", 4191, REFUSED("4191"), 0 },
    { "a domain of regproc", DOMAIN_OF_PROC, REFUSED("public.\"dp\""), 0 },
    { "rows with a regproc", PROC_ROW, REFUSED("public.\"r\""), 0 },
    { "arrays of rows with a regproc", PROC_ROW_ARRAY, REFUSED("public.\"_r\""), 0 },
    { "rows whose columns are not learnt", UNLEARNT_ROW, REFUSED("public.\"u\""), 0 },
    { "rows of themselves", LOOP_ROW, REFUSED("public.\"l\""), 0 },
    { "a type that is not there", 29999, REFUSED("29999"), 0 },
};

static void type_as_wanted(void **state)
{
    const type_case *const c = *state;
    const wp_column column = { .typid = c->typid, .typlen = 4, .align = 'i' };
    const dictionary_column details = { .name = "a b", .typmod = -1, .identity = 'a' };
    const dictionary_relation r = relation_of(&column, &details, 1);
    const heap h = a_heap();
    row_text_config config = { .heap = &h, .relation = &r };
    char message[512] = "";
    row_text *t = NULL;
    size_t n;
    authid_reads = 0;
    assert_int_equal(row_text_new(&config, &t, message), c->refused == NULL);
    assert_string_equal(message, c->refused ? c->refused : "");
    assert_int_equal(authid_reads, c->typid == 4096);
    if (!c->refused) {
        assert_int_equal(row_text_columns(t, &n)->base_type, c->base_type);
        assert_int_equal(n, 1);
        assert_true(row_text_columns(t, &n)->is_identity_always);
    }
    row_text_free(t);

    config.is_raw = true;
    assert_true(row_text_new(&config, &t, message));
    assert_int_equal(row_text_columns(t, &n)->base_type, c->refused ? 17 : c->base_type);
    row_text_free(t);

    const char *const skipped[] = { "x", "a b" };
    config.is_raw = false;
    config.skipped = skipped;
    config.nskipped = 2;
    assert_false(row_text_new(&config, &t, message));
    assert_string_equal(message, "--skip-column leaves no column of t");
    row_text_free(t);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static const wp_column columns[] = {
    { .typid = 23, .typlen = 4, .align = 'i' },
    { .typid = 0, .typlen = -1, .align = 'i', .is_dropped = true },
    { .typid = 25, .typlen = -1, .align = 'i' },
    { .typid = 23, .typlen = 4, .align = 'i' },
    { .typid = 2205, .typlen = 4, .align = 'i' },
    { .typid = ENUM_TYPE, .typlen = 4, .align = 'i' },
    { .typid = EXTENSION_TYPE, .typlen = -1, .align = 'i' },
};
static const dictionary_column details[] = {
    { .name = "id" },   { .name = "...pg.dropped.2..." },
    { .name = "text" }, { .name = "made", .generated = 's' },
    { .name = "rel" },  { .name = "mood" },
    { .name = "geo" },
};

/* What a row has of the seven columns, each a run of bytes. */
typedef struct row_case {
    const char *name;
    const char *text; /* NULL: is NULL; "external": a pointer to the TOAST table */
    wp_oid rel, mood;
    bool is_cut;
    const char *want[5]; /* id, text, rel, mood, geo */
    const char *doubt;   /* NULL: the row is good */
    unsigned missing, damaged;
} row_case;

static const row_case row_cases[] = {
    { "a good row",
      "it",
      16500,
      77,
      false,
      { "5", "it", "\"Public\".\"My table\"", "sad", "\\x00ff" },
      NULL,
      0,
      0 },
    { "an empty text", "", 1259, 77, false, { "5", "", "pg_class", "sad", "\\x00ff" }, NULL, 0, 0 },
    { "NULL", NULL, 0, 77, false, { "5", NULL, "-", "sad", "\\x00ff" }, NULL, 0, 0 },
    { "an object that is not there",
      "a",
      12345,
      77,
      false,
      { "5", "a", "12345", "sad", "\\x00ff" },
      NULL,
      0,
      0 },
    { "a label that is not there",
      "a",
      0,
      78,
      false,
      { NULL },
      "block 3, item 4, column mood: its bytes contradict themselves",
      0,
      1 },
    { "a row that is cut",
      "a",
      0,
      77,
      true,
      { NULL },
      "block 3, item 4: its bytes contradict themselves",
      0,
      1 },
    { "chunks that are not there",
      "external",
      0,
      77,
      false,
      { NULL },
      "block 3, item 4, column text: chunks of value 777 are not in the TOAST table",
      1,
      0 },
};

static void put_text_value(blob *b, const char *value)
{
    if (strcmp(value, "external") == 0) {
        put_u8(b, 0x01);
        put_u8(b, 18);
        put_u32(b, 104);
        put_u32(b, 100);
        put_u32(b, 777);
        put_u32(b, TOAST_TABLE);
        return;
    }
    put_u8(b, (uint8_t)((strlen(value) + 1) << 1 | 1));
    put_raw(b, value, strlen(value));
}

static void put_row(blob *b, wp_oid id, const row_case *c)
{
    put_zeros(b, 18);
    put_u16(b, 7);
    put_u16(b, 0x0903); /* with NULLs */
    put_u8(b, 24);
    put_u8(b, c->text ? 0x7D : 0x79); /* the dropped one is NULL */
    put_u32(b, id);
    if (c->text)
        put_text_value(b, c->text);
    put_align(b, 4);
    put_u32(b, 1000);
    put_u32(b, c->rel);
    put_u32(b, c->mood);
    put_u8(b, 3 << 1 | 1);
    put_u8(b, 0x00);
    put_u8(b, 0xFF);
}

static void row_as_wanted(void **state)
{
    const row_case *const c = *state;
    const dictionary_relation r = relation_of(columns, details, COUNT(columns));
    const heap h = a_heap();
    const row_text_config config = { .heap = &h, .relation = &r, .is_raw = true };
    char message[512] = "";
    row_text *t = NULL;
    size_t n;
    assert_true(row_text_new(&config, &t, message));
    (void)row_text_columns(t, &n);
    assert_int_equal(n, 5);
    blob b = { 0 };
    put_row(&b, 5, c);
    const heap_row row = { .tuple = { b.at, b.len - c->is_cut }, .block = 3, .item = 4 };
    for (unsigned times = 1; times <= 2; times++) {
        const row_field *fields;
        assert_int_equal(row_text_row(t, &row, &fields, message),
                         c->doubt ? ROW_TEXT_DOUBTFUL : ROW_TEXT_GOOD);
        const row_text_sums *const sums = row_text_counts(t);
        assert_int_equal(sums->missing_chunks, times * c->missing);
        assert_int_equal(sums->damaged_values, times * c->damaged);
        assert_string_equal(sums->first, c->doubt ? c->doubt : "");
        for (size_t i = 0; !c->doubt && i < n; i++) {
            assert_int_equal(fields[i].is_null, c->want[i] == NULL);
            if (!c->want[i])
                continue;
            assert_int_equal(fields[i].text.len, strlen(c->want[i]));
            if (fields[i].text.len > 0)
                assert_memory_equal(fields[i].text.bytes, c->want[i], fields[i].text.len);
        }
    }
    blob_free(&b);
    row_text_free(t);
}

static void names_of_columns(void **state)
{
    (void)state;
    const dictionary_relation r = relation_of(columns, details, COUNT(columns));
    const heap h = a_heap();
    const char *const skipped[] = { "geo", "nobody" };
    const row_text_config config = {
        .heap = &h, .relation = &r, .skipped = skipped, .nskipped = COUNT(skipped)
    };
    char message[512] = "";
    row_text *t = NULL;
    size_t n;
    assert_true(row_text_has_column(&r, "geo"));
    assert_false(row_text_has_column(&r, "nobody"));
    assert_false(row_text_has_column(&r, "made"));
    assert_false(row_text_has_column(&r, "...pg.dropped.2..."));
    assert_true(row_text_new(&config, &t, message));
    const row_column *const written = row_text_columns(t, &n);
    assert_int_equal(n, 4);
    static const char *const want[] = { "id", "text", "rel", "mood" };
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(written[i].name, want[i]);
        assert_false(written[i].is_key);
    }
    assert_true(row_text_set_key(t, (const size_t[]){ 4, 0 }, 2));
    assert_true(written[0].is_key && !written[1].is_key && written[2].is_key && !written[3].is_key);
    assert_true(row_text_set_key(t, (const size_t[]){ 2 }, 1));
    assert_true(!written[0].is_key && written[1].is_key && !written[2].is_key);
    assert_false(row_text_set_key(t, (const size_t[]){ 0, 6 }, 2));
    row_text_free(t);
}

static void tables_of_other_methods_are_refused(void **state)
{
    (void)state;
    const heap h = a_heap();
    dictionary_relation r = relation_of(columns, details, COUNT(columns));
    const row_text_config config = { .heap = &h, .relation = &r, .is_raw = true };
    static const wp_oid methods[] = { 0, 2, 16500 };
    for (size_t i = 0; i < COUNT(methods); i++) {
        char message[512] = "";
        row_text *t = NULL;
        r.access_method = methods[i];
        assert_int_equal(row_text_new(&config, &t, message), methods[i] != 16500);
        assert_string_equal(message, methods[i] != 16500
                                         ? ""
                                         : "t is stored by the access method with OID 16500: only "
                                           "rows of heap can be read");
        row_text_free(t);
    }
}

/* ---- keys ----------------------------------------------------------------------------------- */

typedef struct key_case {
    const char *name;
    wp_oid id, rel;
    const char *text;
    heap_newest newest;
    const char *doubt; /* NULL: the key is the same */
} key_case;

#define CHANGED "block 3, item 4: its key was changed"

/* The key is id and text; the row is { 5, "it" }. */
static const key_case key_cases[] = {
    { "another column was changed", 5, 1259, "it", { .is_known = true }, NULL },
    { "a number was changed", 6, 0, "it", { .is_known = true }, CHANGED },
    { "a text was changed", 5, 0, "is", { .is_known = true }, CHANGED },
    { "a text is longer", 5, 0, "it ", { .is_known = true }, CHANGED },
    { "a text is in the TOAST table now", 5, 0, "external", { .is_known = true }, CHANGED },
    { "a text is NULL now", 5, 0, NULL, { .is_known = true }, CHANGED },
    { "nobody knows where it is",
      5,
      0,
      "it",
      { .is_known = false },
      "block 3, item 4: its newer version is not known" },
    { "it is in another partition",
      5,
      0,
      "it",
      { .is_known = true, .is_moved = true },
      "block 3, item 4: its newer version is in another partition" },
};

static void key_as_wanted(void **state)
{
    const key_case *const c = *state;
    const dictionary_relation r = relation_of(columns, details, COUNT(columns));
    const heap h = a_heap();
    const row_text_config config = { .heap = &h, .relation = &r, .is_raw = true };
    char message[512] = "";
    row_text *t = NULL;
    assert_true(row_text_new(&config, &t, message));
    assert_true(row_text_set_key(t, (const size_t[]){ 0, 2 }, 2));
    blob old = { 0 }, new = { 0 };
    put_row(&old, 5, &(row_case){ .text = "it" });
    put_row(&new, c->id, &(row_case){ .text = c->text, .rel = c->rel });
    const heap_row row = { .tuple = { old.at, old.len }, .block = 3, .item = 4 };
    heap_newest newest = c->newest;
    newest.tuple = (wp_view){ new.at, new.len };
    assert_int_equal(row_text_check_key(t, &row, &newest, message),
                     c->doubt ? ROW_TEXT_DOUBTFUL : ROW_TEXT_GOOD);
    assert_string_equal(row_text_counts(t)->first, c->doubt ? c->doubt : "");
    blob_free(&old);
    blob_free(&new);
    row_text_free(t);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(names_of_columns), cmocka_unit_test(tables_of_other_methods_are_refused)
    };
    int failed = RUN_CASES("types", type_cases, type_as_wanted);
    failed += RUN_CASES("rows", row_cases, row_as_wanted);
    failed += RUN_CASES("keys", key_cases, key_as_wanted);
    failed += cmocka_run_group_tests_name("row_text", others, NULL, NULL);
    return failed;
}
