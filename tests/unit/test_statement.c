/*
 * test_statement.c - patterns that are statements, and what those match.
 */
#include "search/statement.h"

#include "search/pattern.h"

#include "cases.h"

typedef struct statement_case {
    const char *name, *pattern;
    const char *matches, *not ; /* texts of events; NULL: it is a pattern as it is */
} statement_case;

static const statement_case statements[] = {
    { "as pasted from psql", "DROP TABLE IF EXISTS \"orders\";", "DROP TABLE public.orders",
      "DROP TABLE public.orders_old" },
    { "in another schema", "drop table orders;", "DROP TABLE sales.orders",
      "DROP TABLE sales.reorders" },
    { "with its schema", "DROP TABLE sales.orders;", "DROP TABLE sales.orders",
      "DROP TABLE public.orders" },
    { "a schema that needs quotes", "DROP TABLE orders;", "DROP TABLE \"My. Schema\".orders",
      "DROP TABLE public.\"x.orders\"" },
    { "a name with blanks", "DROP TABLE \"Order Items\";", "DROP TABLE public.\"Order Items\"",
      "DROP TABLE public.\"Order Item\"" },
    { "a name with a quote", "DROP TABLE \"it\"\"s\" CASCADE", "DROP TABLE public.\"it\"\"s\"",
      "DROP TABLE public.\"its\"" },
    { "quotes that are not needed", "DROP TABLE \"public\".\"orders\"", "DROP TABLE public.orders",
      "DROP TABLE public.ordersx" },
    { "of several, the second", "DROP TABLE a, public.b CASCADE;", "DROP TABLE public.b",
      "DROP TABLE sales.b" },
    { "a dot is a dot", "DROP TABLE a.b;", "DROP TABLE a.b", "DROP TABLE axb" },
    { "TRUNCATE", "TRUNCATE ONLY orders * RESTART IDENTITY CASCADE;",
      "TRUNCATE TABLE public.orders", "DROP TABLE public.orders" },
    { "DELETE without WHERE", "delete\n  from orders;", "DELETE FROM public.orders",
      "DELETE FROM public.orders2" },
    { "a function with its arguments", "DROP FUNCTION total(int, text) RESTRICT;",
      "DROP FUNCTION public.total", "DROP FUNCTION public.total2" },
    { "a user", "DROP USER IF EXISTS bob", "DROP ROLE bob", "DROP ROLE bobby" },
    { "a database", "DROP DATABASE \"Shop\" WITH (FORCE);", "DROP DATABASE \"Shop\"",
      "DROP DATABASE \"Shop2\"" },
    { "concurrently", "DROP INDEX CONCURRENTLY i;", "DROP INDEX public.i", "DROP INDEX public.ii" },

    { "a column", "ALTER TABLE IF EXISTS orders DROP COLUMN IF EXISTS \"Note\" CASCADE;",
      "ALTER TABLE public.orders DROP COLUMN \"Note\"",
      "ALTER TABLE public.orders DROP COLUMN note2" },
    { "a constraint", "alter table only s.t drop constraint c;",
      "ALTER TABLE s.t DROP CONSTRAINT c", "ALTER TABLE s.t DROP COLUMN c" },

    { "another alteration", "ALTER TABLE orders ADD COLUMN x int;", NULL, NULL },
    { "a plain pattern", "DROP TABLE orders", NULL, NULL },
    { "a pattern with its end", "DROP TABLE public\\.orders$", NULL, NULL },
    { "alternatives", "DROP TABLE IF EXISTS (a|b);", NULL, NULL },
    { "a row that nobody can find", "DELETE FROM orders WHERE id = 7;", NULL, NULL },
    { "words that only begin like one", "DROP TABLES;", NULL, NULL },
    { "an open quote", "DROP TABLE \"orders;", NULL, NULL },
    { "an empty name", "DROP TABLE \"\";", NULL, NULL },
    { "no name", "DROP TABLE ;", NULL, NULL },
    { "three parts", "DROP TABLE a.b.c;", NULL, NULL },
    { "more behind the end", "DROP TABLE a; DROP TABLE b;", NULL, NULL },
    { "a schema in a schema", "DROP SCHEMA a.b;", NULL, NULL },
    { "nothing", "", NULL, NULL },
};

static void reads_statements(void **state)
{
    const statement_case *row = *state;
    text pattern = { 0 };
    char message[512];
    const bool is_one = statement_pattern(row->pattern, &pattern);
    assert_int_equal(is_one, row->matches != NULL);
    if (!is_one) {
        assert_int_equal(pattern.len, 0);
        return;
    }
    compiled_pattern *q = pattern_new(text_chars(&pattern), message);
    assert_non_null(q);
    assert_int_equal(pattern_match(q, 0, row->matches), PATTERN_YES);
    assert_int_equal(pattern_match(q, 1, row->not ), PATTERN_NO);
    pattern_free(q);
    text_free(&pattern);
}

int main(void)
{
    return RUN_CASES("statements", statements, reads_statements);
}
