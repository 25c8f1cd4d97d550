/*
 * test_query.c - which texts a pattern matches, and when rows need not be counted for it.
 */
#include <stdio.h>
#include <time.h>

#include "query.h"

#include "cases.h"

typedef struct match_case {
    const char *name;
    const char *pattern, *subject;
    bool want;
} match_case;

static const match_case matches[] = {
    { "found anywhere", "orders", "DROP TABLE public.orders", true },
    { "any case", "drop table", "DROP TABLE public.orders", true },
    { "any case beyond ASCII", "\xC3\x96RDER", "DROP TABLE public.\"\xC3\xB6rder\"", true },
    { "anchored", "^TABLE", "DROP TABLE public.orders", false },
    { "a space matches any run of white space", "A B", "a \n\t b", true },
    { "a run of spaces matches one", "DROP   TABLE", "DROP TABLE x", true },
    { "a space needs white space", "DROP TABLE", "DROPTABLE", false },
    { "a tab counts as a space", "DROP\tTABLE", "DROP TABLE", true },
    { "a quantifier behind a space", "DROP ?TABLE", "DROPTABLE", true },
    { "a counted space", "a {2}b", "a  b", true },
    { "a space in a class is a space", "a[ ]b", "a\tb", false },
    { "a class that begins with its bracket", "a[] ]b", "a b", true },
    { "a class that begins with a negated bracket", "a[^] ]b", "a\tb", true },
    { "a named class", "a[[:space:] x]b", "a\nb", true },
    { "an escaped bracket in a class", "a[\\] ]b", "a\tb", false },
    { "an escaped bracket opens no class", "a\\[ b", "a[\n b", true },
    { "an escaped space is a space", "a\\ b", "a\tb", false },
    { "quoted text is taken as it is", "\\Qa b\\E c", "a b\tc", true },
    { "quoted text keeps its space", "\\Qa b\\E", "a\tb", false },
    { "extended patterns keep their rules", "(?x) a b # c", "ab", true },
    { "extended among other flags", "(?ix: a b )", "AB", true },
    { "dots do not match newlines in names", "a.b", "a\nb", false },
    { "a space in a lookbehind", "(?<=TABLE )orders", "DROP TABLE orders", true },
    { "a space behind a lookbehind", "(?<!x )TABLE orders", "DROP TABLE \t orders", true },
    { "a group in a lookbehind", "(?<=(E) )o s", "DROP TABLE o  s", true },
    { "a lookahead", "DROP TABLE (?!public\\.)", "DROP TABLE shop.t", true },
    { "a text that is no UTF-8", "DROP TABLE .*rder", "DROP TABLE public.\"\xF6rder\"", true },
    { "a pattern that is no UTF-8 matches bytes", "\"\xF6rder", "DROP TABLE public.\"\xF6rder\"",
      true },
    { "a pattern that is UTF-8 does not match other bytes", "\xC3\xB6rder",
      "DROP TABLE \"\xF6rder\"", false },
};

static query *new_query(const char *pattern)
{
    char message[512] = "";
    query *made = query_new(pattern, message);
    if (made == NULL)
        fail_msg("%s", message);
    return made;
}

static void matches_as_wanted(void **state)
{
    const match_case *row = *state;
    query *q = new_query(row->pattern);
    assert_int_equal(query_match(q, 0, row->subject), row->want ? QUERY_YES : QUERY_NO);
    query_free(q);
}

typedef struct bad_case {
    const char *name;
    const char *pattern, *says;
} bad_case;

static const bad_case bad[] = {
    { "an open group", "DROP (", "missing closing parenthesis" },
    { "an open class", "[a", "missing terminating ]" },
    { "nothing to repeat", "*", "quantifier does not follow a repeatable item" },
    { "single bytes of characters", "\\C", "using \\C is disabled" },
    { "too large", "((a{1,65535}){1,65535}){1,65535}", "too large" },
};

static void refuses(void **state)
{
    const bad_case *row = *state;
    char message[512] = "";
    assert_null(query_new(row->pattern, message));
    assert_non_null(strstr(message, row->says));
    assert_non_null(strstr(message, "offset"));
    assert_null(strchr(message, '\n'));
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stops_what_backtracks_without_end(void **state)
{
    (void)state;
    static const char *const patterns[] = { "(a+)+$", "(a|aa)+$", "(a*)*b", "(?:(?:a*)*)*b" };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        query *q = new_query(patterns[i]);
        const double start = seconds_now();
        const query_answer answer = query_match(
            q, 0, "DROP x aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
        assert_true(seconds_now() - start < 5);
        /* PCRE2 may see for itself that there is no b. */
        if (answer != QUERY_NO) {
            assert_int_equal(answer, QUERY_FAILED);
            assert_non_null(strstr(query_failure(q), "backtracks too much"));
        } else {
            assert_non_null(strchr(patterns[i], 'b'));
        }
        query_free(q);
    }
}

static void remembers_answers_by_id(void **state)
{
    (void)state;
    query *q = new_query("yes");
    static const uint32_t ids[] = { 0, 1, 2, 3, 4, 4095, 4096, 100000, 5000000, UINT32_MAX };
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_int_equal(query_match(q, ids[i], i % 2 == 0 ? "yes" : "no"),
                         i % 2 == 0 ? QUERY_YES : QUERY_NO);
    /* The last id is the library's "without number": never remembered. All others are not looked at again. */
    for (size_t i = 0; i + 1 < COUNT(ids); i++)
        assert_int_equal(query_match(q, ids[i], "?"), i % 2 == 0 ? QUERY_YES : QUERY_NO);
    assert_int_equal(query_match(q, UINT32_MAX, "yes"), QUERY_YES);
    query_forget(q);
    assert_int_equal(query_match(q, 0, "no"), QUERY_NO);
    assert_int_equal(query_match(q, 1, "yes"), QUERY_YES);
    query_free(q);
}

typedef struct dml_case {
    const char *name; /* the pattern */
    bool spares;
} dml_case;

static const dml_case dml[] = {
    { "DROP TABLE", true },
    { "drop table public\\.orders", true },
    { "^DROP TABLE", true },
    { "\\bdrop\\b", true },
    { "truncate table [a-z]+", true },
    { "(DROP|TRUNCATE) TABLE", true },
    { "DROP TABLE|DELETE FROM", false },
    { "drop|update", false },
    { "drop|into", false },
    { "orders", false },       /* speaks of no drop at all */
    { "DROP TABLE|$", false }, /* matches the end of anything */
    { "DROP TABLE|", false },  /* matches nothing, everywhere */
    { ".*drop", false },       /* may begin anywhere */
    { "(?<=m )drop_log", false },
    { "drop.*|\\[16392\\]", false },
    { "drop|6392\\]", false },
    { "drop|public\\.orders", false },
    { "drop|\\.orders", false },
    { "(?=.*drop)", false },
    { "drop(*ACCEPT)", false },
};

static void spares_dml_when_it_is_safe(void **state)
{
    const dml_case *row = *state;
    query *q = new_query(row->name);
    assert_int_equal(query_spares_dml(q), row->spares);
    query_free(q);
}

typedef struct name_case {
    const char *name, *pattern, *piece;
    bool may;
} name_case;

static const name_case names[] = {
    { "another name", "DROP TABLE", "orders", false },
    { "a name that begins like the pattern", "DROP TABLE", "\"drop table\"", true },
    { "a table's name that ends in a beginning: nothing follows", "DROP TABLE", "backdrop", false },
    { "a schema's name that ends in a beginning", "DROP.ORDERS", "backdrop.", true },
    { "a name with another end", "DROP TABLE", "dropping", false },
    { "a name that holds the pattern", "drop_old", "my_drop_old", true },
    { "an anchored pattern", "^DROP", "drop", false },
    { "a whole word inside a name", "\\bdrop\\b", "my_drop_x", false },
    { "a whole word that is the name", "\\bdrop\\b", "drop", true },
    { "a schema", "drop\\.x", "drop.", true },
};

static void begins_in_names(void **state)
{
    const name_case *row = *state;
    query *q = new_query(row->pattern);
    assert_int_equal(query_may_begin_in_name(q, row->piece), row->may);
    query_free(q);
}

/*
 * The promise behind it, tried on all texts that can be made of some names: where no piece may begin a
 * match, no text of DML matches.
 */
static void spared_patterns_match_no_dml(void **state)
{
    (void)state;
    static const char *const patterns[] = { "DROP TABLE",        "\\bdrop\\b", "drop \\S+",
                                            "truncate",          "drop_old",   "^drop",
                                            "DROP TABLE .*drop", "drop\\b.*x" };
    static const char *const verbs[] = { "DELETE FROM ", "UPDATE ", "INSERT INTO " };
    static const char *const schemas[] = { "public.", "drop.", "[16387].", "\"a drop\".", "" };
    static const char *const tables[] = { "orders",         "drop",    "backdrop",
                                          "\"drop table\"", "[16392]", "my_drop_old",
                                          "[filenode 3]",   "dropx",   "x-drop-x" };
    size_t matched = 0;
    for (size_t p = 0; p < COUNT(patterns); p++) {
        query *q = new_query(patterns[p]);
        uint32_t id = 0;
        for (size_t i = 0; i < COUNT(verbs) * COUNT(schemas) * COUNT(tables); i++) {
            const char *schema = schemas[i / COUNT(verbs) % COUNT(schemas)];
            const char *table = tables[i / COUNT(verbs) / COUNT(schemas)];
            char subject[200];
            snprintf(subject, sizeof subject, "%s%s%s", verbs[i % COUNT(verbs)], schema, table);
            if (query_match(q, id++, subject) != QUERY_YES)
                continue;
            matched++;
            if (query_spares_dml(q) && !query_may_begin_in_name(q, schema)
                && !query_may_begin_in_name(q, table))
                fail_msg("\"%s\" matches \"%s\"", patterns[p], subject);
        }
        query_free(q);
    }
    assert_true(matched > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_what_backtracks_without_end),
        cmocka_unit_test(remembers_answers_by_id),
        cmocka_unit_test(spared_patterns_match_no_dml),
    };
    int failed = RUN_CASES("matching", matches, matches_as_wanted);
    failed += RUN_CASES("patterns that are refused", bad, refuses);
    failed += RUN_CASES("patterns that need no row counts", dml, spares_dml_when_it_is_safe);
    failed += RUN_CASES("names a match may begin in", names, begins_in_names);
    failed += cmocka_run_group_tests_name("queries", tests, NULL, NULL);
    return failed;
}
