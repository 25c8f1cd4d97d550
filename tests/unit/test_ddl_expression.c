/*
 * test_ddl_expression.c - expressions as servers store them, against what their pg_get_expr() says of them (tests/fixtures/ddl, recorded by
 * tests/servers/ddl.sh), and trees that no server has written.
 */
#include <stdio.h>

#include "rescue/ddl_expression.h"

#include "cases.h"

/* A line of a recording: kind, number or tree, name or text. */
typedef struct line {
    char *kind, *key, *value;
} line;

typedef struct recording {
    const wp_profile *profile;
    char *bytes;
    line lines[1000];
    size_t count;
} recording;

/* COPY's escapes, in place. */
static void unescape(char *at)
{
    char *to = at;
    for (; *at; at++) {
        if (*at == '\\' && at[1])
            *to++ = *++at == 'n' ? '\n' : *at == 't' ? '\t' : *at;
        else
            *to++ = *at;
    }
    *to = '\0';
}

static recording *read_recording(const char *major)
{
    char path[100];
    snprintf(path, sizeof path, "tests/fixtures/ddl/%s.txt", major);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    recording *r = calloc(1, sizeof *r);
    r->profile = wp_profile_by_major(major);
    r->bytes = calloc(1, 200000);
    assert_true(fread(r->bytes, 1, 199999, in) > 10000);
    fclose(in);
    for (char *at = r->bytes, *end; (end = strchr(at, '\n')) && r->count < 1000; at = end + 1) {
        *end = '\0';
        line *l = &r->lines[r->count++];
        l->kind = at;
        l->key = strchr(at, '\t') + 1;
        l->value = strchr(l->key, '\t') + 1;
        l->key[-1] = l->value[-1] = '\0';
        unescape(l->key);
        unescape(l->value);
    }
    return r;
}

static void free_recording(recording *r)
{
    free(r->bytes);
    free(r);
}

static bool add_named(const recording *r, const char *kind, int64_t number, text *out)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->lines[i].kind, kind) != 0 || strtoll(r->lines[i].key, NULL, 10) != number)
            continue;
        text_add(out, r->lines[i].value);
        return true;
    }
    return false;
}

static bool add_type(void *context, wp_oid type, int32_t typmod, text *out)
{
    return typmod == -1 && add_named(context, "type", type, out);
}

static bool add_value(void *context, wp_oid type, const wp_datum *datum, wp_text *out)
{
    const recording *r = context;
    const wp_value_config config = { .profile = r->profile, .max_align = 8 };
    return wp_value_text(&config, type, datum, out) == WP_VALUE_OK;
}

static bool add_function(void *context, wp_oid function, text *out)
{
    return add_named(context, "function", function, out);
}

static bool add_operator(void *context, wp_oid op, text *out)
{
    return add_named(context, "operator", op, out);
}

static bool add_relation(void *context, wp_oid relation, text *out)
{
    return add_named(context, "relation", relation, out);
}

static bool add_column(void *context, int64_t number, text *out)
{
    return add_named(context, "column", number, out);
}

static bool add_collation(void *context, wp_oid collation, text *out)
{
    (void)context;
    text_add(out, collation == 951 ? "\"POSIX\"" : "\"C\"");
    return true;
}

/* The tree's text lies in a block of its own size, so that a byte too many is found. */
static bool tell(recording *r, const char *tree, size_t len, text *out, char why[160])
{
    const ddl_expression_names names = { .type = add_type,
                                         .value = add_value,
                                         .function = add_function,
                                         .operator_name = add_operator,
                                         .relation = add_relation,
                                         .column = add_column,
                                         .collation = add_collation,
                                         .context = r };
    uint8_t *copy = malloc(len + !len);
    memcpy(copy, tree, len);
    text_clear(out);
    const bool is_told = ddl_expression_add(&names, ddl_node_of((wp_view){ copy, len }), out, why);
    free(copy);
    return is_told;
}

/* White space, and what says how a literal is written, does not matter: B'101', E'\\x'. */
static void squeeze(char *chars)
{
    char *to = chars;
    for (const char *at = chars; *at; at++) {
        const bool is_space = *at == ' ' || *at == '\n';
        if ((*at == 'E' || *at == 'B') && at[1] == '\'' && (at == chars || at[-1] == ' '))
            continue;
        if (!is_space)
            *to++ = *at;
        else if (to > chars && to[-1] != ' ' && to[-1] != ':')
            *to++ = ' ';
    }
    *to = '\0';
}

static void test_recorded(void **state)
{
    recording *r = read_recording(*(const char *const *)*state);
    text out = { 0 };
    char why[160];
    size_t told = 0;
    for (size_t i = 0; i < r->count; i++) {
        line *l = &r->lines[i];
        if (strcmp(l->kind, "expression") != 0)
            continue;
        if (!tell(r, l->key, strlen(l->key), &out, why))
            fail_msg("%s: not told: %s", l->value, why);
        squeeze(l->value);
        squeeze(out.bytes);
        assert_string_equal(out.bytes, l->value);
        told++;
    }
    assert_true(told >= 55);
    text_free(&out);
    free_recording(r);
}

/* A tree that is cut is not told, wherever. */
static void test_cut(void **state)
{
    recording *r = read_recording(*(const char *const *)*state);
    text out = { 0 };
    char why[160];
    for (size_t i = 0; i < r->count; i++) {
        const char *tree = r->lines[i].key;
        if (strcmp(r->lines[i].kind, "expression") != 0)
            continue;
        for (size_t len = 0; len < strlen(tree); len++)
            if (tell(r, tree, len, &out, why))
                fail_msg("%zu bytes of %s", len, tree);
    }
    text_free(&out);
    free_recording(r);
}

/* Any byte may be another: nothing but the answer may differ. */
static void test_changed(void **state)
{
    static const char others[] = " {}()[]\\<>\":09-x";
    recording *r = read_recording(*(const char *const *)*state);
    text out = { 0 };
    char why[160];
    for (size_t i = 0; i < r->count; i++) {
        char *tree = r->lines[i].key;
        const size_t len = strlen(tree);
        if (strcmp(r->lines[i].kind, "expression") != 0)
            continue;
        for (size_t at = 0; at < len; at++) {
            const char was = tree[at];
            tree[at] = others[(at + i) % (sizeof others - 1)];
            if (!tell(r, tree, len, &out, why))
                assert_true(*why != '\0');
            tree[at] = was;
        }
    }
    text_free(&out);
    free_recording(r);
}

typedef struct untold_case {
    const char *name, *tree, *why;
} untold_case;

#define INT4(bytes)                                                                                                                           \
    "{CONST :consttype 23 :consttypmod -1 :constcollid 0 :constlen 4 :constbyval true :constisnull false :location -1 :constvalue 4 [ " bytes \
    " ]}"
#define TEXT(told, bytes)                                                                                                                    \
    "{CONST :consttype 25 :consttypmod -1 :constcollid 100 :constlen -1 :constbyval false :constisnull false :location -1 :constvalue " told \
    " [ " bytes " ]}"

static const untold_case untold[] = {
    { "nothing", "", "an expression of kind unknown" },
    { "null", "<>", "an expression of kind unknown" },
    { "no label", "{}", "an expression of kind unknown" },
    { "a list", "({CONST})", "an expression of kind unknown" },
    { "another node", "{SUBLINK :x 1}", "an expression of kind SUBLINK" },
    { "an integer of two bytes", INT4("1 0"), "a constant of a type that cannot be told" },
    { "a byte of 256", INT4("256 0 0 0"), "a constant that cannot be read" },
    { "a byte that is none", INT4("1 0 x 0"), "a constant that cannot be read" },
    { "a text shorter than its header says", TEXT("7", "32 0 0 0 97 98 99"),
      "a constant of a type that cannot be told" },
    { "a text of fewer bytes than told", TEXT("8", "28 0 0 0 97 98 99"),
      "a constant of a type that cannot be told" },
    { "a text in TOAST", TEXT("18", "1 18 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"),
      "a constant of a type that cannot be told" },
    { "a packed text", TEXT("8", "34 0 0 0 97 98 99 0"),
      "a constant of a type that cannot be told" },
    { "a function of nobody", "{FUNCEXPR :funcid 99999 :funcformat 0 :args <>}", "function 99999" },
    { "an operator of nobody", "{OPEXPR :opno 99999 :args (" INT4("1 0 0 0") ")}",
      "operator 99999" },
    { "a cast of nothing", "{FUNCEXPR :funcid 1299 :funcformat 2 :args <>}", "a cast of nothing" },
    { "a whole row", "{VAR :varno 1 :varattno 0 :varlevelsup 0}",
      "a whole row, or a system column" },
    { "a column of another table", "{VAR :varno 2 :varattno 1 :varlevelsup 0}",
      "a whole row, or a system column" },
    { "a column that is not there", "{VAR :varno 1 :varattno 9999 :varlevelsup 0}",
      "a column that is not restored" },
    { "an unknown connective", "{BOOLEXPR :boolop xor :args <>}", "an unknown connective" },
    { "an unknown test", "{NULLTEST :arg " INT4("1 0 0 0") " :nulltesttype 2 :argisrow false}",
      "an unknown test" },
    { "an unknown value of SQL", "{SQLVALUEFUNCTION :op 15 :type 19 :typmod -1}",
      "an unknown SQLValueFunction" },
    { "brackets that do not fit", "{NULLTEST :arg {)} :nulltesttype 0}",
      "an expression of kind unknown" },
};

static void test_untold(void **state)
{
    const untold_case *row = *state;
    recording *r = read_recording("18");
    text out = { 0 };
    char why[160];
    assert_false(tell(r, row->tree, strlen(row->tree), &out, why));
    assert_string_equal(why, row->why);
    text_free(&out);
    free_recording(r);
}

/* NOT NOT ... true, so many levels deep. */
static bool is_told_of_depth(size_t depth)
{
    recording *r = read_recording("18");
    text tree = { 0 }, out = { 0 };
    char why[160];
    for (size_t i = 0; i < depth; i++)
        text_add(&tree, "{BOOLEXPR :boolop not :args (");
    text_add(&tree, INT4("1 0 0 0"));
    for (size_t i = 0; i < depth; i++)
        text_add(&tree, ")}");
    const bool is_told = tell(r, tree.bytes, tree.len, &out, why);
    if (!is_told)
        assert_string_equal(why, "an expression that is nested too deep");
    text_free(&tree);
    text_free(&out);
    free_recording(r);
    return is_told;
}

static void test_depth(void **state)
{
    (void)state;
    assert_true(is_told_of_depth(99));
    assert_false(is_told_of_depth(100));
    assert_false(is_told_of_depth(3000));
}

int main(void)
{
    static const struct {
        const char *major;
    } majors[] = { { "10" }, { "18" } };
    const struct CMUnitTest alone[] = { cmocka_unit_test(test_depth) };
    int failed = RUN_CASES("recorded", majors, test_recorded);
    failed += RUN_CASES("cut", majors, test_cut);
    failed += RUN_CASES("changed", majors, test_changed);
    failed += RUN_CASES("untold", untold, test_untold);
    failed += cmocka_run_group_tests(alone, NULL, NULL);
    return failed;
}
