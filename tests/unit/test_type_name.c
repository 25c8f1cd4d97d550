/*
 * test_type_name.c - names of types as format_type() of a server of 18 prints them, and SQL's quotes as quote_ident() and quote_literal() set them.
 */
#include "rescue/dictionary_state.h"

#include "cases.h"

static dictionary_type types[] = {
    { .oid = 16, .schema = 11, .name = "bool" },
    { .oid = 18, .schema = 11, .name = "char" },
    { .oid = 19, .schema = 11, .name = "name" },
    { .oid = 20, .schema = 11, .name = "int8" },
    { .oid = 21, .schema = 11, .name = "int2" },
    { .oid = 22, .schema = 11, .name = "int2vector" },
    { .oid = 23, .schema = 11, .name = "int4" },
    { .oid = 25, .schema = 11, .name = "text" },
    { .oid = 30, .schema = 11, .name = "oidvector" },
    { .oid = 114, .schema = 11, .name = "json" },
    { .oid = 600, .schema = 11, .name = "point" },
    { .oid = 700, .schema = 11, .name = "float4" },
    { .oid = 701, .schema = 11, .name = "float8" },
    { .oid = 1009, .schema = 11, .name = "_text", .type = { .element = 25 } },
    { .oid = 1014, .schema = 11, .name = "_bpchar", .type = { .element = 1042 } },
    { .oid = 1015, .schema = 11, .name = "_varchar", .type = { .element = 1043 } },
    { .oid = 1017, .schema = 11, .name = "_point", .type = { .element = 600 } },
    { .oid = 1042, .schema = 11, .name = "bpchar" },
    { .oid = 1043, .schema = 11, .name = "varchar" },
    { .oid = 1083, .schema = 11, .name = "time" },
    { .oid = 1114, .schema = 11, .name = "timestamp" },
    { .oid = 1115, .schema = 11, .name = "_timestamp", .type = { .element = 1114 } },
    { .oid = 1184, .schema = 11, .name = "timestamptz" },
    { .oid = 1185, .schema = 11, .name = "_timestamptz", .type = { .element = 1184 } },
    { .oid = 1186, .schema = 11, .name = "interval" },
    { .oid = 1187, .schema = 11, .name = "_interval", .type = { .element = 1186 } },
    { .oid = 1231, .schema = 11, .name = "_numeric", .type = { .element = 1700 } },
    { .oid = 1266, .schema = 11, .name = "timetz" },
    { .oid = 1270, .schema = 11, .name = "_timetz", .type = { .element = 1266 } },
    { .oid = 1560, .schema = 11, .name = "bit" },
    { .oid = 1561, .schema = 11, .name = "_bit", .type = { .element = 1560 } },
    { .oid = 1562, .schema = 11, .name = "varbit" },
    { .oid = 1563, .schema = 11, .name = "_varbit", .type = { .element = 1562 } },
    { .oid = 1700, .schema = 11, .name = "numeric" },
    { .oid = 2249, .schema = 11, .name = "record" },
    { .oid = 2287, .schema = 11, .name = "_record", .type = { .element = 2249 } },
    { .oid = 2950, .schema = 11, .name = "uuid" },
    { .oid = 3802, .schema = 11, .name = "jsonb" },
    { .oid = 16385, .schema = 16384, .name = "_color", .type = { .element = 16386 } },
    { .oid = 16386, .schema = 16384, .name = "color" },
    { .oid = 16390, .schema = 2200, .name = "vector" },
    { .oid = 16391, .schema = 2200, .name = "geometry", .modifiers_out = 16400 },
    { .oid = 16392, .schema = 2200, .name = "json_table" },
};

static dictionary_schema_row schemas[] = {
    { 11, "pg_catalog" },
    { 2200, "public" },
    { 16384, "Odd" },
};

static heap of_16 = { 0 }; /* which has fewer key words */

static const dictionary types_only = { .heap = &of_16,
                                       .types = types,
                                       .ntypes = COUNT(types),
                                       .schemas = schemas,
                                       .nschemas = COUNT(schemas) };

typedef struct type_case {
    const char *want;
    wp_oid type;
    int32_t typmod;
} type_case;

static const type_case type_cases[] = {
    { "boolean", 16, -1 },
    { "\"char\"", 18, -1 },
    { "name", 19, -1 },
    { "bigint", 20, -1 },
    { "smallint", 21, -1 },
    { "int2vector", 22, -1 },
    { "integer", 23, -1 },
    { "oidvector", 30, -1 },
    { "json", 114, -1 },
    { "real", 700, -1 },
    { "double precision", 701, -1 },
    { "bpchar", 1042, -1 },
    { "character", 1042, 4 },
    { "character(1)", 1042, 5 },
    { "character(10)", 1042, 14 },
    { "character(10)[]", 1014, 14 },
    { "bpchar[]", 1014, -1 },
    { "character varying", 1043, -1 },
    { "character varying(20)", 1043, 24 },
    { "character varying(20)[]", 1015, 24 },
    { "time without time zone", 1083, -1 },
    { "time(3) without time zone", 1083, 3 },
    { "timestamp without time zone", 1114, -1 },
    { "timestamp(0) without time zone", 1114, 0 },
    { "timestamp(6) without time zone", 1114, 6 },
    { "timestamp(3) without time zone[]", 1115, 3 },
    { "timestamp with time zone", 1184, -1 },
    { "timestamp(3) with time zone", 1184, 3 },
    { "timestamp with time zone[]", 1185, -1 },
    { "interval", 1186, -1 },
    { "interval(3)", 1186, 2147418115 },
    { "interval", 1186, 2147483647 },
    { "interval year", 1186, 327679 },
    { "interval month", 1186, 196607 },
    { "interval day(3)", 1186, 524291 },
    { "interval second(3)", 1186, 268435459 },
    { "interval year to month", 1186, 458751 },
    { "interval day", 1186, 589823 },
    { "interval hour", 1186, 67174399 },
    { "interval minute", 1186, 134283263 },
    { "interval second", 1186, 268500991 },
    { "interval second(2)", 1186, 268435458 },
    { "interval day to hour", 1186, 67698687 },
    { "interval day to minute", 1186, 201916415 },
    { "interval day to second", 1186, 470351871 },
    { "interval day to second(6)", 1186, 470286342 },
    { "interval hour to minute", 1186, 201392127 },
    { "interval hour to second(0)", 1186, 469762048 },
    { "interval minute to second", 1186, 402718719 },
    { "interval day to second(6)[]", 1187, 470286342 },
    { "time with time zone", 1266, -1 },
    { "time(0) with time zone", 1266, 0 },
    { "time(2) with time zone[]", 1270, 2 },
    { "\"bit\"", 1560, -1 },
    { "bit(3)", 1560, 3 },
    { "bit(4)[]", 1561, 4 },
    { "\"bit\"[]", 1561, -1 },
    { "bit varying", 1562, -1 },
    { "bit varying(7)", 1562, 7 },
    { "bit varying(7)[]", 1563, 7 },
    { "numeric", 1700, -1 },
    { "numeric(0,0)", 1700, 4 },
    { "numeric(5,0)", 1700, 327684 },
    { "numeric(10,2)", 1700, 655366 },
    { "numeric(1000,1000)", 1700, 65537004 },
    { "numeric(6,3)[]", 1231, 393223 },
    { "numeric(3,-2)", 1700, 198658 },
    { "numeric(2,10)", 1700, 131086 },
    { "point", 600, -1 },
    { "point[]", 1017, -1 },
    { "text", 25, -1 },
    { "text[]", 1009, -1 },
    { "record", 2249, -1 },
    { "record[]", 2287, -1 },
    { "uuid", 2950, -1 },
    { "jsonb", 3802, -1 },
    { "\"Odd\".color", 16386, -1 },
    { "\"Odd\".color[]", 16385, -1 },
    { "public.vector(3)", 16390, 3 },
};

static void name_type(void **state)
{
    const type_case *row = *state;
    text out = { 0 };
    assert_true(dictionary_add_type(&types_only, row->type, row->typmod, &out));
    assert_string_equal(text_chars(&out), row->want);
    text_free(&out);
}

static void no_name(void **state)
{
    text out = { 0 };
    (void)state;
    assert_false(dictionary_add_type(&types_only, 17, -1, &out));   /* there is none */
    assert_false(dictionary_add_type(&types_only, 16391, 5, &out)); /* a function prints it */
    assert_true(dictionary_add_type(&types_only, 16391, -1, &out));
    text_free(&out);
}

/* What regtype printed of the same OIDs. */
static void regtype(void **state)
{
    static const struct {
        wp_oid type;
        const char *want;
    } rows[] = {
        { 1560, "bit" },
        { 1561, "bit[]" },
        { 1042, "character" },
        { 1014, "character[]" },
        { 1043, "character varying" },
        { 1700, "numeric" },
        { 1186, "interval" },
        { 1114, "timestamp without time zone" },
        { 18, "\"char\"" },
        { 16385, "\"Odd\".color[]" },
        { 16392, "public.json_table" },
    };
    text out = { 0 };
    (void)state;
    of_16.profile = wp_profile_by_major("16");
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(dictionary_add_regtype(&types_only, rows[i].type, &out));
        assert_string_equal(text_chars(&out), rows[i].want);
        text_clear(&out);
    }
    assert_true(dictionary_add_type(&types_only, 16392, -1, &out));
    assert_string_equal(text_chars(&out), "public.\"json_table\""); /* for servers of 17, too */
    text_free(&out);
}

/* ---- quotes ---- */

typedef struct quote_case {
    const char *name;
    const char *in, *identifier, *literal;
} quote_case;

static const quote_case quote_cases[] = {
    { "plain", "plain", "plain", "'plain'" },
    { "empty", "", "\"\"", "''" },
    { "quote", "it's", "\"it's\"", "'it''s'" },
    { "backslash", "back\\slash", "\"back\\slash\"", "E'back\\\\slash'" },
    { "both", "\\'both", "\"\\'both\"", "E'\\\\''both'" },
    { "only a quote", "'", "\"'\"", "''''" },
    { "key word", "select", "\"select\"", "'select'" },
    { "key word since 17", "json_table", "\"json_table\"", "'json_table'" },
    { "unreserved key word", "abort", "abort", "'abort'" },
    { "double quote", "a\"b", "\"a\"\"b\"", "'a\"b'" },
};

static void quote(void **state)
{
    const quote_case *row = *state;
    text out = { 0 };
    quote_identifier(row->in, &out);
    assert_string_equal(text_chars(&out), row->identifier);
    text_clear(&out);
    quote_literal((wp_view){ (const uint8_t *)row->in, strlen(row->in) }, &out);
    assert_string_equal(text_chars(&out), row->literal);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_name), cmocka_unit_test(regtype) };
    return RUN_CASES("type", type_cases, name_type) + RUN_CASES("quote", quote_cases, quote)
           + cmocka_run_group_tests_name("no name", tests, NULL, NULL);
}
