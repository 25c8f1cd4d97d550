/*
 * test_pattern.c - which texts a pattern matches, and when rows need not be counted for it.
 */
#include <stdio.h>
#include <time.h>

#include "search/pattern.h"

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

/* Texts with names that nobody knows: what could still match, whatever the names are. */
typedef struct maybe_case {
    const char *name, *pattern, *subject;
    pattern_answer want;
} maybe_case;

#define FILE_DELETE "DELETE FROM [filenode 16401]"
#define OTHER_SCHEMA "DROP TABLE [16445].orders"

static const maybe_case maybes[] = {
    { "any table", "DELETE FROM public\\.customers", FILE_DELETE, PATTERN_MAYBE },
    { "a dot as most people write it", "DELETE FROM public.customers", FILE_DELETE, PATTERN_MAYBE },
    { "with its end", "^DELETE FROM public\\.customers$", FILE_DELETE, PATTERN_MAYBE },
    { "a whole word", "\\bcustomers\\b", FILE_DELETE, PATTERN_MAYBE },
    { "a table alone", "customers", FILE_DELETE, PATTERN_MAYBE },
    { "a name with blanks", "Order Items", FILE_DELETE, PATTERN_MAYBE },
    { "a name with words of statements", "Table Of Contents", FILE_DELETE, PATTERN_MAYBE },
    { "a name in quotes", "DELETE FROM shop\\.\"Order Items\"", FILE_DELETE, PATTERN_MAYBE },
    { "beyond ASCII", "DELETE FROM public\\.\xC3\x96?rder", FILE_DELETE, PATTERN_MAYBE },
    { "a class", "DELETE FROM [a-z_]+\\.customers", FILE_DELETE, PATTERN_MAYBE },
    { "counted", "DELETE FROM shop\\.[a-z]{2,5}\\d{4}", FILE_DELETE, PATTERN_MAYBE },
    { "whatever lies between", "DELETE .*customers", FILE_DELETE, PATTERN_MAYBE },
    { "one of several", "DROP TABLE public\\.x|customers", FILE_DELETE, PATTERN_MAYBE },
    { "one of several in a group", "(TRUNCATE|DELETE).*public\\.(a|b|customers)$", FILE_DELETE,
      PATTERN_MAYBE },
    { "a name of a group", "DELETE FROM (?<s>shop)\\.(?'t'a|b)", FILE_DELETE, PATTERN_MAYBE },
    { "another way to write a letter", "DELETE FROM public\\.\\x63ustomers", FILE_DELETE,
      PATTERN_MAYBE },
    { "quoted", "DELETE FROM \\Qpublic.customers\\E", FILE_DELETE, PATTERN_MAYBE },
    { "a lookahead", "DELETE FROM public\\.(?=cust)\\w+$", FILE_DELETE, PATTERN_MAYBE },
    { "a lookbehind", "(?<=public\\.)customers", FILE_DELETE, PATTERN_MAYBE },
    { "negated, and it matches as it is", "DELETE FROM (?!public)", FILE_DELETE, PATTERN_YES },
    { "a reference back", "DELETE FROM (\\w+)\\.\\1", FILE_DELETE, PATTERN_MAYBE },
    { "a name like a verb", "drop_log", FILE_DELETE, PATTERN_MAYBE },
    { "a name like the kind of an object", "policy", FILE_DELETE, PATTERN_MAYBE },
    { "a name that begins like one", "type.*old", FILE_DELETE, PATTERN_MAYBE },
    { "a name that begins like a verb", "in.*log", FILE_DELETE, PATTERN_MAYBE },
    { "a part of a word", "tab", FILE_DELETE, PATTERN_MAYBE },
    { "what comes after a name", "ALTER TABLE public\\.t DROP COLUMN a",
      "ALTER TABLE [16392] DROP COLUMN a", PATTERN_MAYBE },

    { "another statement", "DROP TABLE public\\.customers", FILE_DELETE, PATTERN_NO },
    { "another statement, any name", "DROP TABLE .*customers", FILE_DELETE, PATTERN_NO },
    { "a verb alone", "drop", FILE_DELETE, PATTERN_NO },
    { "a verb as a word", "\\btruncate\\b", FILE_DELETE, PATTERN_NO },
    { "a part of a verb", "table public\\.customers", FILE_DELETE, PATTERN_NO },
    { "a kind and a name", "policy p", FILE_DELETE, PATTERN_NO },
    { "a verb and whatever follows", "DROP.*customers", FILE_DELETE, PATTERN_NO },
    { "verbs in a group", "(drop|truncate) (table|index).*", FILE_DELETE, PATTERN_NO },
    { "another kind of object", "DROP TABLE", "DROP INDEX [16445].orders_pkey", PATTERN_NO },
    { "another end of the text", "ALTER TABLE [a-z.]+ DROP COLUMN b",
      "ALTER TABLE [16392] DROP COLUMN a", PATTERN_NO },
    { "an anchor", "^customers", FILE_DELETE, PATTERN_NO },
    { "brackets inside a quoted name are a name", "DROP TABLE public\\.x",
      "DROP TABLE public.\"[1]\"", PATTERN_NO },

    { "a schema: that table", "DROP TABLE public\\.orders", OTHER_SCHEMA, PATTERN_MAYBE },
    { "a schema: a dot as most people write it", "DROP TABLE public.orders", OTHER_SCHEMA,
      PATTERN_MAYBE },
    { "a schema: without a verb", "shop\\.orders", OTHER_SCHEMA, PATTERN_MAYBE },
    { "a schema: of any table", "DROP TABLE shop\\.", OTHER_SCHEMA, PATTERN_MAYBE },
    { "a schema: a class and a part of it", "DROP TABLE arch\\w\\d+\\.orders", OTHER_SCHEMA,
      PATTERN_MAYBE },
    { "a schema: in quotes", "DROP TABLE \"My\\.Shop\"\\.orders", OTHER_SCHEMA, PATTERN_MAYBE },
    { "a schema: any dot", "DROP TABLE a.c\\.orders", OTHER_SCHEMA, PATTERN_MAYBE },
    { "a schema: another table", "DROP TABLE public\\.customers", OTHER_SCHEMA, PATTERN_NO },
    { "a schema: another table, sloppily", "DROP TABLE public.customers", OTHER_SCHEMA,
      PATTERN_NO },
    { "a schema: another table without a verb", "public\\.customers", OTHER_SCHEMA, PATTERN_NO },
    { "a schema: another table, any schema", "DROP TABLE \\w+\\.customers", OTHER_SCHEMA,
      PATTERN_NO },
    { "a schema: another table at the end", "customers$", OTHER_SCHEMA, PATTERN_NO },
    { "a schema: a longer name", "DROP TABLE public\\.orders_old", OTHER_SCHEMA, PATTERN_NO },
    { "a schema that is gone itself", "DROP SCHEMA shop", "DROP SCHEMA [16385]", PATTERN_MAYBE },
    { "a database", "DROP DATABASE shop$", "DROP DATABASE [16385]", PATTERN_MAYBE },
    { "a move to an unknown schema", "ALTER TABLE a\\.b SET SCHEMA c",
      "ALTER TABLE a.b SET SCHEMA [16385]", PATTERN_MAYBE },

    { "a name alone", "^public\\.orders$", "[16445].orders", PATTERN_MAYBE },
    { "a name alone that is like a verb", "^drop", "[filenode 3]", PATTERN_MAYBE },
    { "another name alone", "^public\\.customers$", "[16445].orders", PATTERN_NO },
};

static compiled_pattern *new_query(const char *pattern)
{
    char message[512] = "";
    compiled_pattern *made = pattern_new(pattern, message);
    if (made == NULL)
        fail_msg("%s", message);
    return made;
}

static void matches_as_wanted(void **state)
{
    const match_case *row = *state;
    compiled_pattern *q = new_query(row->pattern);
    assert_int_equal(pattern_match(q, 0, row->subject), row->want ? PATTERN_YES : PATTERN_NO);
    pattern_free(q);
}

static void may_match(void **state)
{
    const maybe_case *row = *state;
    compiled_pattern *q = new_query(row->pattern);
    assert_int_equal(pattern_match(q, 0, row->subject), row->want);
    assert_int_equal(pattern_match(q, 0, "remembered"), row->want);
    pattern_free(q);
}

/* Whatever is met that the outline does not know makes doubt, and is not passed over. */
static void no_text_is_missed(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "DELETE FROM public\\.orders",
        "orders",
        "\\borders\\b",
        "DELETE .*rs$",
        "s\\.o",
        "(\\w)\\1?.orders",
        "FROM (?>public|s)\\.o",
        "[^ ]+\\.orders",
        "(?i:S)\\.O",
        "(?s)FROM.+ders\\z",
        "(?#x)s\\.orders",
        "^(?:DELETE|DROP).{3,}o",
        "\\QFROM s.\\Eorders",
        "(?|(s)|(t))\\.or",
        "\\x73\\.orders",
        "\\p{L}\\.orders",
        "(?x) s \\. orders",
        "(?m)^DELETE FROM s",
        "s\\.(?1)?(o)",
        "(?=.*orders)DELETE",
        "\"Order Items\"",
        "er\\sIt",
        "\xC3\xB6|orders",
        "\xC3\xB6+",
        "DELETE FROM (?=s)s.o",
        "rs\\b",
        "[[:alpha:]]\\.or",
    };
    static const char *const names[] = { "public.orders", "s.orders", "s.\"Order Items\"",
                                         "s.\xC3\xB6\xC3\xB6", "\"a.b\".orders" };
    size_t matched = 0;
    for (size_t i = 0; i < COUNT(patterns) * COUNT(names); i++) {
        compiled_pattern *q = new_query(patterns[i / COUNT(names)]);
        char subject[200];
        snprintf(subject, sizeof subject, "DELETE FROM %s", names[i % COUNT(names)]);
        if (pattern_match(q, UINT32_MAX, subject) == PATTERN_YES) {
            matched++;
            if (pattern_match(q, UINT32_MAX, FILE_DELETE) == PATTERN_NO)
                fail_msg("\"%s\" matches \"%s\"", patterns[i / COUNT(names)], subject);
            snprintf(subject, sizeof subject, "DELETE FROM [16445]%s",
                     strrchr(names[i % COUNT(names)], '.'));
            if (pattern_match(q, UINT32_MAX, subject) == PATTERN_NO)
                fail_msg("\"%s\" may match \"%s\"", patterns[i / COUNT(names)], subject);
        }
        pattern_free(q);
    }
    assert_true(matched > COUNT(patterns));
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
    assert_null(pattern_new(row->pattern, message));
    assert_non_null(strstr(message, row->says));
    assert_non_null(strstr(message, "offset"));
    assert_null(strchr(message, '\n'));
}

/* Of this process only: others may need the processor, too. */
static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void stops_what_backtracks_without_end(void **state)
{
    (void)state;
    static const char *const patterns[] = { "(a+)+$", "(a|aa)+$", "(a*)*b", "(?:(?:a*)*)*b" };
    for (size_t i = 0; i < COUNT(patterns); i++) {
        compiled_pattern *q = new_query(patterns[i]);
        const double start = seconds_now();
        const pattern_answer answer = pattern_match(
            q, 0, "DROP x aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
        assert_true(seconds_now() - start < 5);
        /* PCRE2 may see for itself that there is no b. */
        if (answer != PATTERN_NO) {
            assert_int_equal(answer, PATTERN_FAILED);
            assert_non_null(strstr(pattern_failure(q), "backtracks too much"));
        } else {
            assert_non_null(strchr(patterns[i], 'b'));
        }
        pattern_free(q);
    }
}

static void remembers_answers_by_id(void **state)
{
    (void)state;
    compiled_pattern *q = new_query("yes");
    static const uint32_t ids[] = { 0, 1, 2, 3, 4, 4095, 4096, 100000, 5000000, UINT32_MAX };
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_int_equal(pattern_match(q, ids[i], i % 2 == 0 ? "yes" : "no"),
                         i % 2 == 0 ? PATTERN_YES : PATTERN_NO);
    /* The last id is the library's "without number": never remembered. All others are not looked at again. */
    for (size_t i = 0; i + 1 < COUNT(ids); i++)
        assert_int_equal(pattern_match(q, ids[i], "?"), i % 2 == 0 ? PATTERN_YES : PATTERN_NO);
    assert_int_equal(pattern_match(q, UINT32_MAX, "yes"), PATTERN_YES);
    pattern_forget(q);
    assert_int_equal(pattern_match(q, 0, "no"), PATTERN_NO);
    assert_int_equal(pattern_match(q, 1, "yes"), PATTERN_YES);
    pattern_free(q);
}

typedef struct dml_case {
    const char *name; /* the pattern */
    bool spares;
} dml_case;

static const dml_case dml[] = {
    { "DROP TABLE", true },
    { "drop table public\\.orders", true },
    { "^DROP TABLE", true },
    { "\\bdrop\\b",
      false }, /* a trigger of a moved catalog is dropped by rows of an unknown file */
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
    { "DROP TABLE|old_drop", false }, /* a table nobody names may have that name */
    { "drop_log", false },
};

static void spares_dml_when_it_is_safe(void **state)
{
    const dml_case *row = *state;
    compiled_pattern *q = new_query(row->name);
    assert_int_equal(pattern_spares_dml(q), row->spares);
    pattern_free(q);
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
    compiled_pattern *q = new_query(row->pattern);
    assert_int_equal(pattern_may_begin_in_name(q, row->piece), row->may);
    pattern_free(q);
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
        compiled_pattern *q = new_query(patterns[p]);
        uint32_t id = 0;
        for (size_t i = 0; i < COUNT(verbs) * COUNT(schemas) * COUNT(tables); i++) {
            const char *schema = schemas[i / COUNT(verbs) % COUNT(schemas)];
            const char *table = tables[i / COUNT(verbs) / COUNT(schemas)];
            char subject[200];
            snprintf(subject, sizeof subject, "%s%s%s", verbs[i % COUNT(verbs)], schema, table);
            if (pattern_match(q, id++, subject) != PATTERN_YES)
                continue;
            matched++;
            if (pattern_spares_dml(q) && !pattern_may_begin_in_name(q, schema)
                && !pattern_may_begin_in_name(q, table))
                fail_msg("\"%s\" matches \"%s\"", patterns[p], subject);
        }
        pattern_free(q);
    }
    assert_true(matched > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_what_backtracks_without_end),
        cmocka_unit_test(remembers_answers_by_id),
        cmocka_unit_test(no_text_is_missed),
        cmocka_unit_test(spared_patterns_match_no_dml),
    };
    int failed = RUN_CASES("matching", matches, matches_as_wanted);
    failed += RUN_CASES("texts with unknown names", maybes, may_match);
    failed += RUN_CASES("patterns that are refused", bad, refuses);
    failed += RUN_CASES("patterns that need no row counts", dml, spares_dml_when_it_is_safe);
    failed += RUN_CASES("names a match may begin in", names, begins_in_names);
    failed += cmocka_run_group_tests_name("queries", tests, NULL, NULL);
    return failed;
}
