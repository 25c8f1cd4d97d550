/*
 * test_filter.c - which events are meant, may be meant, and are not, where names are not known.
 */
#include <string.h>

#include "search/filter.h"

#include "cases.h"

typedef struct filter_case {
    const char *name;
    const char *pattern, *relation, *database; /* NULL: not asked for */
    uint64_t min_rows;                         /* 0: not asked for */
    pattern_answer want;
    wp_event event;
} filter_case;

/* A drop of something that nobody knows, in a database of that name. */
#define UNKNOWN_DROP(base)                                                        \
    {                                                                             \
        .kind = WP_EVENT_DROP_TABLE, .text = "DROP TABLE [16400]", .name_at = 11, \
        .database = { 5, base }, .object = {                                      \
            16400,                                                                \
            NULL                                                                  \
        }                                                                         \
    }
#define UNKNOWN_DELETE                                                                  \
    {                                                                                   \
        .kind = WP_EVENT_DELETE, .text = "DELETE FROM [filenode 16400]", .name_at = 12, \
        .database = { 5, "app" }, .has_rows = true, .rows = 10                          \
    }
#define KNOWN_COLUMN                                                                            \
    {                                                                                           \
        .kind = WP_EVENT_TABLE_DROP_COLUMN, .text = "ALTER TABLE [16385].orders DROP COLUMN a", \
        .name_at = 12, .name_end = 26, .database = { 5, "app" }, .schema = { 16385, NULL },     \
        .object = {                                                                             \
            16400,                                                                              \
            "orders"                                                                            \
        }                                                                                       \
    }

static const filter_case filters[] = {
    { "a table", "DROP TABLE shop\\.a", NULL, NULL, 0, PATTERN_MAYBE, UNKNOWN_DROP("app") },
    { "a view that is told as a table", "DROP VIEW shop\\.a", NULL, NULL, 0, PATTERN_MAYBE,
      UNKNOWN_DROP("app") },
    { "no schema, though", "DROP SCHEMA shop", NULL, NULL, 0, PATTERN_NO, UNKNOWN_DROP("app") },
    { "in another database", "DROP TABLE shop\\.a", NULL, "old", 0, PATTERN_NO,
      UNKNOWN_DROP("app") },
    { "in that database", "DROP TABLE shop\\.a", NULL, "app", 0, PATTERN_MAYBE,
      UNKNOWN_DROP("app") },
    { "by its relation", "DROP", "^shop\\.", NULL, 0, PATTERN_MAYBE, UNKNOWN_DROP("app") },
    { "by its relation alone", NULL, "drop", NULL, 0, PATTERN_MAYBE, UNKNOWN_DELETE },
    { "any", "DROP", NULL, NULL, 0, PATTERN_YES, UNKNOWN_DROP("app") },
    { "enough rows", "shop\\.a", NULL, NULL, 10, PATTERN_MAYBE, UNKNOWN_DELETE },
    { "too few rows", "shop\\.a", NULL, NULL, 11, PATTERN_NO, UNKNOWN_DELETE },
    { "of the name a part is known", NULL, "shop\\.orders$", NULL, 0, PATTERN_MAYBE, KNOWN_COLUMN },
    { "and it is another", NULL, "shop\\.items$", NULL, 0, PATTERN_NO, KNOWN_COLUMN },
    { "both have to fit", "DROP COLUMN b$", "shop\\.orders$", NULL, 0, PATTERN_NO, KNOWN_COLUMN },
};

static void is_meant(void **state)
{
    const filter_case *row = *state;
    const wp_xact_end end = { .xid = 700, .lsn = 0x1000 };
    wp_event event = row->event;
    const question q = { .relation = row->relation,
                         .database = row->database,
                         .min_rows = row->min_rows };
    char message[512] = "";
    filter f;
    event.xact = &end;
    event.text_id = 0;
    if (!filter_init(&f, &q, row->pattern, message))
        fail_msg("%s", message);
    assert_int_equal(filter_match(&f, &event), row->want);
    filter_free(&f);
}

int main(void)
{
    return RUN_CASES("events without a name", filters, is_meant);
}
