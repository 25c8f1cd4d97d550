/*
 * test_value.c - values as text: what is refused, and what catalogs may say that servers do not let in.
 *
 * What servers print of what they store is held against them in tests/cli/value.sh. What stands here of the text of odd bytes is
 * what the output functions in utils/adt make of them.
 */
#include <stdio.h>

#include <walparse/value.h>

#include "cases.h"
#include "blob.h"
#include "hex.h"

/* ---- a catalog ------------------------------------------------------------------------------ */

#define ROW_TYPE 20000
#define ENUM_TYPE 20001
#define LOOP_DOMAIN 20002
#define LOOP_RANGE 20003
#define FOREIGN_TYPE 20004
#define DOMAIN_TYPE 20005
#define FOREIGN_ARRAY 20006
#define FOREIGN_ROW 20007
#define LOOP_ROW 20008

static const wp_column row_columns[] = { { .typid = 23, .typlen = 4, .align = 'i' },
                                         { .typid = 25, .typlen = -1, .align = 'i' } };
static const wp_column foreign_columns[] = {
    { .typid = 23, .typlen = 4, .align = 'i' },
    { .typid = FOREIGN_TYPE, .typlen = -1, .align = 'i' },
};

static const wp_column loop_columns[] = {
    { .typid = LOOP_ROW, .typlen = -1, .align = 'd' },
    { .typid = LOOP_ROW, .typlen = -1, .align = 'd' },
};

static const wp_type types[] = {
    { .kind = 'c', .typlen = -1, .align = 'd', .columns = row_columns, .ncolumns = 2 },
    { .kind = 'e', .typlen = 4, .align = 'i' },
    { .kind = 'd', .typlen = -1, .align = 'i', .base = LOOP_DOMAIN },
    { .kind = 'r', .typlen = -1, .align = 'i', .base = LOOP_RANGE },
    { .kind = 'b', .typlen = -1, .align = 'i' },
    { .kind = 'd', .typlen = -1, .align = 'i', .base = 25 },
    { .kind = 'b', .typlen = -1, .align = 'i', .element = FOREIGN_TYPE },
    { .kind = 'c', .typlen = -1, .align = 'd', .columns = foreign_columns, .ncolumns = 2 },
    { .kind = 'c', .typlen = -1, .align = 'd', .columns = loop_columns, .ncolumns = 2 },
};

static const wp_type *find_type(void *context, wp_oid typid)
{
    (void)context;
    return typid >= ROW_TYPE && typid - ROW_TYPE < COUNT(types) ? &types[typid - ROW_TYPE] : NULL;
}

static bool find_label(void *context, wp_oid typid, wp_oid oid, wp_view *label)
{
    (void)context;
    *label = (wp_view){ (const uint8_t *)"a label", 7 };
    return typid == ENUM_TYPE && oid == 1;
}

static wp_value_config config_of(const char *major)
{
    return (wp_value_config){ .profile = wp_profile_by_major(major),
                              .max_align = 8,
                              .type = find_type,
                              .enum_label = find_label };
}

/* ---- values --------------------------------------------------------------------------------- */

typedef struct value_case {
    const char *name;
    const char *major;
    wp_oid typid;
    const char *bytes; /* in hex */
    wp_value_status status;
    const char *want;
} value_case;

#define OK WP_VALUE_OK
#define DAMAGED WP_VALUE_DAMAGED
#define NO_DECODER WP_VALUE_NO_DECODER
#define LIMIT WP_VALUE_LIMIT

#define ROW_HEAD "FFFFFFFF204E0000000000000000" /* typmod, type, ctid */

static const value_case values[] = {
    { "a float is as short as it can be from 12 on", "12", 701, "9A9999999999B93F", OK, "0.1" },
    { "a float has 18 digits before 12", "11", 701, "9A9999999999B93F", OK,
      "0.100000000000000006" },
    { "a char above 127 is octal from 16 on", "16", 18, "80", OK, "\\200" },
    { "a char above 127 is a byte before 16", "15", 18, "80", OK, "\x80" },
    { "an interval may be infinite from 17 on", "17", 1186, "FFFFFFFFFFFFFF7FFFFFFF7FFFFFFF7F", OK,
      "infinity" },
    { "an interval is what its parts are before 17", "16", 1186, "FFFFFFFFFFFFFF7FFFFFFF7FFFFFFF7F",
      OK, "178956970 years 7 mons 2147483647 days 2562047788:00:54.775807" },
    { "an LSN has eight digits from 19 on", "19", 3220, "01000000FF000000", OK, "FF/00000001" },
    { "an LSN has as many as it needs before 19", "18", 3220, "01000000FF000000", OK, "FF/1" },
    { "too few bytes", "18", 23, "010203", DAMAGED, NULL },
    { "too many bytes", "18", 23, "0102030405", DAMAGED, NULL },
    { "money of an unknown locale", "18", 790, "0100000000000000", NO_DECODER, NULL },
    { "aclitem", "18", 1033, "00000000000000000000000000000000", NO_DECODER, NULL },
    { "a name of an object that nobody tells", "18", 2205, "EB040000", NO_DECODER, NULL },
    { "a name without an end", "18", 19,
      "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161",
      DAMAGED, NULL },
    { "a type of an extension", "18", FOREIGN_TYPE, "00", NO_DECODER, NULL },
    { "an array of an extension's type", "18", FOREIGN_ARRAY,
      "0100000000000000244E000001000000010000000561", NO_DECODER, NULL },
    { "a type that nobody knows", "18", 99999, "00", NO_DECODER, NULL },
    { "a domain", "18", DOMAIN_TYPE, "6162", OK, "ab" },
    { "a domain of itself", "18", LOOP_DOMAIN, "00", LIMIT, NULL },
    { "an enum", "18", ENUM_TYPE, "01000000", OK, "a label" },
    { "an enum without that label", "18", ENUM_TYPE, "02000000", DAMAGED, NULL },
    { "a numeric's digit above 9999", "18", 1700, "00811027", DAMAGED, NULL },
    { "half a numeric's digit", "18", 1700, "008101", DAMAGED, NULL },
    { "a numeric that is empty", "18", 1700, "", DAMAGED, NULL },
    { "a numeric of weight 2 with one digit", "18", 1700, "02800700", OK, "700000000" },
    { "a date after the last one", "18", 1082, "FEFFFF7F", DAMAGED, NULL },
    { "a timestamp before the first one", "18", 1114, "0100000000000080", DAMAGED, NULL },
    { "a time after 24:00", "18", 1083, "0160D71D14000000", DAMAGED, NULL },
    { "a bit string longer than its bytes", "18", 1560, "09000000FF", DAMAGED, NULL },
    { "an address of no family", "18", 869, "04200A000001", DAMAGED, NULL },
    { "an address with too many bits", "18", 869, "02210A000001", DAMAGED, NULL },
    { "an address of 4 bytes that says 16", "18", 869, "03800A000001", DAMAGED, NULL },
    { "an array of more dimensions than there are", "18", 1007, "070000000000000017000000", DAMAGED,
      NULL },
    { "an array of another type", "18", 1007, "000000000000000019000000", DAMAGED, NULL },
    { "an array without elements", "18", 1007, "000000000000000017000000", OK, "{}" },
    { "an array longer than its bytes", "18", 1007,
      "010000000000000017000000020000000100000007000000", DAMAGED, NULL },
    { "an array of two", "18", 1007, "01000000000000001700000002000000010000000700000008000000", OK,
      "{7,8}" },
    { "an array of more elements than may be", "18", 1007,
      "0100000000000000170000000000FF7F01000000", DAMAGED, NULL },
    { "an array whose last number is too large", "18", 1007,
      "01000000000000001700000002000000FFFFFF7F0700000008000000", DAMAGED, NULL },
    { "a jsonb that is neither", "18", 3802, "00000000", DAMAGED, NULL },
    { "a jsonb with an entry too many", "18", 3802, "0200004001000000", DAMAGED, NULL },
    { "a jsonb whose string ends after it", "18", 3802, "010000400500000061", DAMAGED, NULL },
    { "a jsonb in which an end goes back", "18", 3802,
      "020000400100000000000080"
      "61",
      DAMAGED, NULL },
    { "a jsonb", "18", 3802,
      "0100004001000000"
      "61",
      OK, "[\"a\"]" },
    { "a jsonb with a vertical tab", "18", 3802, "01000050010000000B", OK, "\"\\u000b\"" },
    { "a jsonb whose number ends before it is aligned", "18", 3802,
      "03000040"
      "010000000100001005000000"
      "6100"
      "0000070080",
      DAMAGED, NULL },
    { "a tsvector whose word lies outside", "18", 3614, "010000000620000061", DAMAGED, NULL },
    { "a tsquery without an operand", "18", 3615, "01000000020100000000000000000000", DAMAGED,
      NULL },
    { "a tsquery whose left operand is itself", "18", 3615, "01000000020200000000000000000000",
      DAMAGED, NULL },
    { "a polygon with more points than bytes", "18", 604,
      "010000000000000000000000000000000000000000000000000000000000000000000000", DAMAGED, NULL },
    { "a range of itself", "18", LOOP_RANGE,
      "234E0000"
      "0700000002"
      "02",
      DAMAGED, NULL },
    { "a range that ends before its bound", "18", 3904, "400F00000100000002", DAMAGED, NULL },
    { "a range", "18", 3904,
      "400F0000"
      "01000000"
      "0A000000"
      "02",
      OK, "[1,10)" },
    { "a range of another type", "18", 3904,
      "480F0000"
      "01000000"
      "0A000000"
      "02",
      DAMAGED, NULL },
    { "an empty multirange", "18", 4451,
      "63110000"
      "00000000",
      OK, "{}" },
    { "a multirange of another type", "18", 4451,
      "B4110000"
      "00000000",
      DAMAGED, NULL },
    { "a multirange of more ranges than bytes", "18", 4451, "6311000009000000", DAMAGED, NULL },
    { "a snapshot of more xids than bytes", "18", 2970, "0200000001000000000000000200000000000000",
      DAMAGED, NULL },
    { "a row with more columns than its type", "18", ROW_TYPE,
      ROW_HEAD "0300"
               "0000"
               "18"
               "00",
      DAMAGED, NULL },
    { "a row whose header goes beyond it", "18", ROW_TYPE,
      ROW_HEAD "0000"
               "0000"
               "FF"
               "00",
      DAMAGED, NULL },
    { "a row whose header is too short", "18", ROW_TYPE,
      ROW_HEAD "0000"
               "0000"
               "16"
               "00",
      DAMAGED, NULL },
    { "a row without columns yet", "18", ROW_TYPE,
      ROW_HEAD "0000"
               "0000"
               "18"
               "00",
      OK, "(,)" },
    { "a row", "18", ROW_TYPE,
      ROW_HEAD "0200"
               "0000"
               "18"
               "00"
               "07000000"
               "07612C",
      OK, "(7,\"a,\")" },
    { "a row of an extension's type", "18", FOREIGN_ROW,
      ROW_HEAD "0200"
               "0000"
               "18"
               "00"
               "07000000"
               "0761",
      DAMAGED, NULL },
};

/* Exactly as much, for the sanitizer. */
static uint8_t *bytes_of(const char *hex, size_t *len)
{
    blob b = { 0 };
    put_hex(&b, hex);
    uint8_t *exact = malloc(b.len ? b.len : 1);
    assert_non_null(exact);
    if (b.len)
        memcpy(exact, view_of(&b).bytes, b.len);
    *len = b.len;
    blob_free(&b);
    return exact;
}

static void value_is_told(void **state)
{
    const value_case *c = *state;
    wp_value_config config = config_of(c->major);
    size_t len;
    uint8_t *const exact = bytes_of(c->bytes, &len);
    const wp_datum datum = { .kind = WP_DATUM_PLAIN, .bytes = { exact, len } };
    wp_text text = { 0 };
    assert_int_equal(wp_value_text(&config, c->typid, &datum, &text), c->status);
    if (c->want) {
        assert_int_equal(text.len, strlen(c->want));
        assert_memory_equal(text.bytes, c->want, text.len);
    } else if (c->status != OK) {
        assert_int_equal(text.len, 0);
    }
    wp_text_free(&text);
    free(exact);
}

/* ---- rows ----------------------------------------------------------------------------------- */

typedef struct row_case {
    const char *name;
    const char *bytes; /* in hex, from t_infomask2 on */
    wp_value_status status;
    wp_datum_kind kind; /* of the second column; the first is an int4 */
    uint32_t raw_bytes, external_bytes;
} row_case;

#define ROW_START "000000000000000000000000000000000000" /* xmin, xmax, cid, ctid */

// clang-format off
/* t_infomask2, t_infomask, t_hoff, padding, and 7 as the first of two columns */
#define TWO_COLUMNS "0200" "0000" "18" "00" "07000000"

static const row_case rows[] = {
    { "plain", TWO_COLUMNS "0561", .kind = WP_DATUM_PLAIN },
    { "null", "0200" "0100" "18" "01" "07000000", .kind = WP_DATUM_NULL },
    { "not there yet", "0100" "0000" "18" "00" "07000000", .kind = WP_DATUM_NULL },
    { "more columns than known", "0300" "0000" "18" "00" "07000000" "0561" "0561", .status = DAMAGED },
    { "a bitmap beyond the header", "0900" "0100" "18" "01" "07000000", .status = DAMAGED },
    { "a header that is not aligned", "0200" "0000" "19" "0000" "07000000" "0561", .status = DAMAGED },
    { "bytes after the last column", TWO_COLUMNS "0561" "00", .status = DAMAGED },
    { "bytes after a null", "0200" "0100" "18" "01" "07000000" "00000000", .status = DAMAGED },
    { "bytes after the first of two columns", "0100" "0000" "18" "00" "07000000" "0561", .status = DAMAGED },
    { "a column that is cut off", "0200" "0000" "18" "00" "0700", .status = DAMAGED },
    { "no second column", TWO_COLUMNS, .status = DAMAGED },
    { "a short one longer than the row", TWO_COLUMNS "0961", .status = DAMAGED },
    { "a long one longer than the row", TWO_COLUMNS "24000000" "61", .status = DAMAGED },
    { "a long one shorter than its header", TWO_COLUMNS "0C000000" "61", .status = DAMAGED },
    { "packed by pglz", TWO_COLUMNS "26000000" "0A000000" "00", .kind = WP_DATUM_PGLZ, .raw_bytes = 10 },
    { "packed by lz4", TWO_COLUMNS "26000000" "0A000040" "00", .kind = WP_DATUM_LZ4, .raw_bytes = 10 },
    { "packed by nothing known", TWO_COLUMNS "26000000" "0A000080" "00", .status = DAMAGED },
    { "a gigabyte out of one byte", TWO_COLUMNS "26000000" "FFFFFF3F" "00", .status = DAMAGED },
    { "external", TWO_COLUMNS "0112" "14000000" "0A000000" "01000000" "02000000", .kind = WP_DATUM_EXTERNAL, .raw_bytes = 16, .external_bytes = 10 },
    { "external, longer than it is unpacked", TWO_COLUMNS "0112" "14000000" "11000000" "01000000" "02000000", .status = DAMAGED },
    { "external, shorter than a header", TWO_COLUMNS "0112" "03000000" "0A000000" "01000000" "02000000", .status = DAMAGED },
    { "external in memory", TWO_COLUMNS "0101" "14000000" "0A000000" "01000000" "02000000", .status = DAMAGED },
    { "external, cut off", TWO_COLUMNS "0112" "14000000" "0A000000" "01000000" "0200", .status = DAMAGED },
};
// clang-format on

static void row_is_read(void **state)
{
    const row_case *c = *state;
    const wp_value_config config = config_of("18");
    char hex[400];
    size_t len;
    (void)snprintf(hex, sizeof hex, "%s%s", ROW_START, c->bytes);
    uint8_t *const bytes = bytes_of(hex, &len);
    wp_datum datums[2];
    assert_int_equal(wp_tuple_deform(&config, (wp_view){ bytes, len }, row_columns, 2, datums),
                     c->status);
    if (c->status == OK) {
        assert_int_equal(datums[0].kind, WP_DATUM_PLAIN);
        assert_int_equal(datums[0].bytes.bytes[0], 7);
        assert_int_equal(datums[1].kind, c->kind);
        assert_int_equal(datums[1].raw_bytes, c->raw_bytes);
        assert_int_equal(datums[1].external_bytes, c->external_bytes);
    }
    free(bytes);
}

static void rows_want_an_alignment(void **state)
{
    (void)state;
    wp_value_config config = config_of("18");
    size_t len;
    uint8_t *const bytes = bytes_of(ROW_START TWO_COLUMNS "0561", &len);
    wp_datum datums[2];
    config.max_align = 0;
    assert_int_equal(wp_tuple_deform(&config, (wp_view){ bytes, len }, row_columns, 2, datums),
                     DAMAGED);
    free(bytes);
}

static bool name_any(void *context, wp_oid typid, wp_oid object, wp_view *name)
{
    (void)context, (void)typid, (void)object;
    *name = (wp_view){ (const uint8_t *)"any", 3 };
    return true;
}

/* 0 is nobody's: what the output functions of utils/adt/regproc.c print of it. */
static void nobody_is_a_dash(void **state)
{
    (void)state;
    static const struct {
        wp_oid typid;
        const char *want;
    } names[] = {
        { 24, "-" },   { 2202, "-" }, { 2203, "0" }, { 2204, "0" }, { 2205, "-" }, { 2206, "-" },
        { 3734, "-" }, { 3769, "-" }, { 4089, "-" }, { 4096, "-" }, { 4191, "-" },
    };
    wp_value_config config = config_of("18");
    config.object_name = name_any;
    const uint8_t zero[4] = { 0 };
    const wp_datum datum = { .kind = WP_DATUM_PLAIN, .bytes = { zero, sizeof zero } };
    for (size_t i = 0; i < COUNT(names); i++) {
        wp_text text = { 0 };
        assert_int_equal(wp_value_text(&config, names[i].typid, &datum, &text), OK);
        assert_int_equal(text.len, 1);
        assert_int_equal(text.bytes[0], names[i].want[0]);
        wp_text_free(&text);
    }
}

/* A dropped column has no value, whether the row still has one or its table had a default. */
static void dropped_columns_are_null(void **state)
{
    (void)state;
    const wp_value_config config = config_of("18");
    static const uint8_t missing[] = { 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0,
                                       0, 0, 1, 0, 0, 0, 9, 0, 0,  0, 9, 0, 0, 0 };
    wp_column columns[3] = { row_columns[0], row_columns[1], row_columns[0] };
    columns[2].missing = (wp_view){ missing, sizeof missing };
    size_t len;
    uint8_t *const bytes = bytes_of(ROW_START TWO_COLUMNS "0561", &len);
    const wp_view row = { bytes, len };
    wp_datum datums[3];
    assert_int_equal(wp_tuple_deform(&config, row, columns, 3, datums), OK);
    assert_int_equal(datums[1].kind, WP_DATUM_PLAIN);
    assert_int_equal(datums[2].kind, WP_DATUM_PLAIN);
    columns[1].is_dropped = columns[2].is_dropped = true;
    assert_int_equal(wp_tuple_deform(&config, row, columns, 3, datums), OK);
    assert_int_equal(datums[0].bytes.bytes[0], 7);
    assert_int_equal(datums[1].kind, WP_DATUM_NULL);
    assert_int_equal(datums[2].kind, WP_DATUM_NULL);
    free(bytes);
}

static void chunks_must_be_whole(void **state)
{
    (void)state;
    const uint8_t chunks[16] = { 10, 0, 0, 0 };
    wp_datum external = { .kind = WP_DATUM_EXTERNAL, .raw_bytes = 10, .external_bytes = 10 }, out;
    assert_int_equal(wp_datum_of_chunks(&external, (wp_view){ chunks, 10 }, &out), OK);
    assert_int_equal(out.kind, WP_DATUM_PLAIN);
    assert_int_equal(wp_datum_of_chunks(&external, (wp_view){ chunks, 9 }, &out), DAMAGED);
    external.external_bytes = 8;
    assert_int_equal(wp_datum_of_chunks(&external, (wp_view){ chunks, 8 }, &out), OK);
    assert_int_equal(out.kind, WP_DATUM_PGLZ);
    external.raw_bytes = 11; /* not what the chunks say */
    assert_int_equal(wp_datum_of_chunks(&external, (wp_view){ chunks, 8 }, &out), DAMAGED);
}

static void external_values_are_asked_for(void **state)
{
    (void)state;
    const wp_value_config config = config_of("18");
    const wp_datum datum = { .kind = WP_DATUM_EXTERNAL, .raw_bytes = 10, .external_bytes = 10 };
    wp_text text = { 0 };
    assert_int_equal(wp_value_text(&config, 25, &datum, &text), WP_VALUE_EXTERNAL);
    wp_text_free(&text);
}

static void text_has_a_limit(void **state)
{
    (void)state;
    wp_value_config config = config_of("18");
    config.text_bytes_max = 100;
    /* A long header, weight 32767, and a digit: 131069 digits before the point. */
    static const uint8_t numeric[] = { 0x00, 0x00, 0xFF, 0x7F, 0x01, 0x00 };
    const wp_datum datum = { .kind = WP_DATUM_PLAIN, .bytes = { numeric, sizeof numeric } };
    wp_text text = { 0 };
    assert_int_equal(wp_copy_escape((wp_view){ (const uint8_t *)"before", 6 }, &text), OK);
    assert_int_equal(wp_value_text(&config, 1700, &datum, &text), LIMIT);
    assert_int_equal(text.len, 6);
    config.text_bytes_max = 131069;
    assert_int_equal(wp_value_text(&config, 1700, &datum, &text), OK);
    assert_int_equal(text.len, 6 + 131069);
    wp_text_free(&text);
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    const wp_value_config config = config_of("18");
    enum { DEPTH = 5000 };
    static uint8_t json[DEPTH * 8 + 4];
    for (size_t i = 0; i < DEPTH; i++) {
        const uint32_t len = (uint32_t)(sizeof json - i * 8 - 8);
        const uint8_t level[8] = { 1, 0, 0, 0x40, (uint8_t)len, (uint8_t)(len >> 8), 0, 0x50 };
        memcpy(json + i * 8, level, sizeof level);
    }
    json[DEPTH * 8 + 3] = 0x40;
    wp_datum datum = { .kind = WP_DATUM_PLAIN, .bytes = { json, sizeof json } };
    wp_text text = { 0 };
    assert_int_equal(wp_value_text(&config, 3802, &datum, &text), LIMIT);
    datum.bytes = (wp_view){ json + (DEPTH - 900) * 8, sizeof json - (DEPTH - 900) * 8 };
    assert_int_equal(wp_value_text(&config, 3802, &datum, &text), OK);
    assert_int_equal(text.len, 2 * 901);
    wp_text_free(&text);
}

/* One literal, after which nothing comes. Builds without LZ4 refuse both. */
static void packed_values_must_be_whole(void **state)
{
    (void)state;
    const wp_value_config config = config_of("18");
    static const uint8_t packed[] = { 0x10, 'a' };
    wp_datum datum = { .kind = WP_DATUM_LZ4, .bytes = { packed, sizeof packed }, .raw_bytes = 1 };
    wp_text text = { 0 };
    const wp_value_status whole = wp_value_text(&config, 25, &datum, &text);
    assert_true(whole == OK || whole == LIMIT);
    datum.raw_bytes = 2;
    assert_int_equal(wp_value_text(&config, 25, &datum, &text), whole == OK ? DAMAGED : LIMIT);
    wp_text_free(&text);
}

static void decoders_are_known_before(void **state)
{
    (void)state;
    wp_value_config config = config_of("18");
    static const wp_oid known[] = { 16,   1000, 1700,     3802,      3904,
                                    4451, 6150, ROW_TYPE, ENUM_TYPE, DOMAIN_TYPE };
    static const wp_oid unknown[] = { 0,        790,          1033,          2205,
                                      2210,     99999,        LOOP_DOMAIN,   LOOP_RANGE,
                                      LOOP_ROW, FOREIGN_TYPE, FOREIGN_ARRAY, FOREIGN_ROW };
    for (size_t i = 0; i < COUNT(known); i++)
        assert_true(wp_value_has_decoder(&config, known[i]));
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_false(wp_value_has_decoder(&config, unknown[i]));
    config.lc_monetary_is_c = true;
    config.enum_label = NULL;
    assert_true(wp_value_has_decoder(&config, 790));
    assert_false(wp_value_has_decoder(&config, ENUM_TYPE));
}

/* Each row type has two columns of the next one: all of them together are a million. */
#define WIDE_ROW 30000
#define WIDE_DEPTH 20

static const wp_type *find_wide_type(void *context, wp_oid typid)
{
    static wp_column columns[WIDE_DEPTH][2];
    static wp_type found[WIDE_DEPTH];
    (void)context;
    const wp_oid level = typid - WIDE_ROW;
    if (level >= WIDE_DEPTH)
        return NULL;
    const wp_oid next = level + 1 < WIDE_DEPTH ? typid + 1 : 23;
    columns[level][0] = columns[level][1] = (wp_column){ .typid = next };
    found[level] = (wp_type){ .kind = 'c', .columns = columns[level], .ncolumns = 2 };
    return &found[level];
}

static void types_looked_at_have_a_limit(void **state)
{
    (void)state;
    wp_value_config config = config_of("18");
    config.type = find_wide_type;
    assert_true(wp_value_has_decoder(&config, WIDE_ROW + WIDE_DEPTH - 5));
    assert_false(wp_value_has_decoder(&config, WIDE_ROW));
}

static void fields_of_copy_are_escaped(void **state)
{
    (void)state;
    static const uint8_t field[] = "a\\b\b\f\n\r\t\v\a\x7f\xc3\xb1";
    static const char want[] = "a\\\\b\\b\\f\\n\\r\\t\\v\a\x7f\xc3\xb1";
    wp_text text = { 0 };
    assert_int_equal(wp_copy_escape((wp_view){ field, sizeof field - 1 }, &text), OK);
    assert_int_equal(text.len, sizeof want - 1);
    assert_memory_equal(text.bytes, want, text.len);
    wp_text_free(&text);
}

/* CopyAttributeOutText(): a backslash before these, and no others, wherever they stand. */
static void each_byte_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    static const char escaped[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";
    for (size_t at = 0; at < 20; at++)
        for (unsigned c = 1; c < 256; c++) {
            uint8_t field[20];
            wp_text text = { 0 };
            memset(field, 'a', sizeof field);
            field[at] = (uint8_t)c;
            const char *const found = strchr(escaped, (int)c);
            assert_int_equal(wp_copy_escape((wp_view){ field, sizeof field }, &text), OK);
            assert_int_equal(text.len, sizeof field + (found != NULL));
            if (found) {
                assert_int_equal(text.bytes[at], '\\');
                assert_int_equal(text.bytes[at + 1], letters[found - escaped]);
            } else {
                assert_memory_equal(text.bytes, field, sizeof field);
            }
            wp_text_free(&text);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropped_columns_are_null),
        cmocka_unit_test(rows_want_an_alignment),
        cmocka_unit_test(nobody_is_a_dash),
        cmocka_unit_test(chunks_must_be_whole),
        cmocka_unit_test(external_values_are_asked_for),
        cmocka_unit_test(text_has_a_limit),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(packed_values_must_be_whole),
        cmocka_unit_test(decoders_are_known_before),
        cmocka_unit_test(types_looked_at_have_a_limit),
        cmocka_unit_test(fields_of_copy_are_escaped),
        cmocka_unit_test(each_byte_is_escaped_wherever_it_stands),
    };
    int failed = RUN_CASES("value", values, value_is_told);
    failed += RUN_CASES("row", rows, row_is_read);
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
