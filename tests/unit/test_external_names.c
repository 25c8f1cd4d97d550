/*
 * test_external_names.c - names from outside the WAL: used where the WAL has none, and only there; and where each
 * name of an event comes from.
 */
#include <walparse/external_names.h>

#include <stdio.h>

#include "cases.h"
#include "run.h"
#include "story.h"

typedef struct names_case {
    const char *name;
    wp_external_relation relation; /* what the server says of file 16400; oid 0: nothing */
    const char *schema;            /* of 16390; NULL: nothing */
    const char *database;          /* NULL: nothing */
    bool is_in_wal;                /* the WAL has the table's row, under the name "orders" */
    /* TEXT, and the sources of database, schema and object: w, s, f, or - where there is no name */
    const char *want;
} names_case;

/* Of pg_class: database, schema, file, tablespace, relkind. */
#define TABLE(db, schema, file, space, kind) \
    .relation = { (db), 16400, (schema), (file), (space), (kind), "wares" }

static const names_case cases[] = {
    { .name = "nothing is known", .want = "DELETE FROM [filenode 16400] ---" },
    { TABLE(STORY_DB, 16390, 16400, 0, 'r'), .name = "a table, its schema and database",
      .schema = "Sales", .database = "shop", .want = "DELETE FROM \"Sales\".wares sss" },
    { TABLE(STORY_DB, 16390, 16400, 0, 'r'), .name = "a table alone",
      .want = "DELETE FROM [16390].wares --s" },
    { TABLE(STORY_DB, 2200, 16400, 0, 'r'), .name = "a schema every server has",
      .want = "DELETE FROM public.wares -fs" },
    { TABLE(STORY_DB, 16390, 16400, 16999, 'r'), .name = "a file of another tablespace",
      .want = "DELETE FROM [filenode 16400] ---" },
    { TABLE(16385, 16390, 16400, 0, 'r'), .name = "a file of another database", .schema = "sales",
      .want = "DELETE FROM [filenode 16400] ---" },
    { TABLE(STORY_DB, 16390, 16401, 0, 'r'), .name = "a table that has another file now",
      .want = "DELETE FROM [filenode 16400] ---" },
    { TABLE(STORY_DB, 16390, 16400, 0, 't'), .name = "rows of a toast table are told of nobody",
      .want = "" },
    { TABLE(STORY_DB, 16390, 16400, 0, 'r'), .name = "the WAL comes first", .schema = "sales",
      .database = "shop", .is_in_wal = true, .want = "DELETE FROM sales.orders ssw" },
};

static char letter(const wp_object_name *name, wp_name_source from)
{
    return name->name ? "wbsf"[from] : '-';
}

typedef struct line {
    char chars[200];
} line;

static void note(void *context, const wp_event *event)
{
    line *out = context;
    if (event->kind == WP_EVENT_DELETE)
        (void)snprintf(out->chars, sizeof out->chars, "%s %c%c%c", event->text,
                       letter(&event->database, event->database_from),
                       letter(&event->schema, event->schema_from),
                       letter(&event->object, event->object_from));
}

static wp_external_names *say(const names_case *row)
{
    wp_external_names *server = NULL;
    wp_error err;
    const wp_external_relation *told = &row->relation;
    assert_int_equal(wp_external_names_new(&server, &err), WP_OK);
    if (told->oid)
        assert_int_equal(wp_external_names_add_relation(server, told, &err), WP_OK);
    if (row->schema)
        assert_int_equal(wp_external_names_add_schema(server, STORY_DB, 16390, row->schema, &err),
                         WP_OK);
    if (row->database)
        assert_int_equal(wp_external_names_add_database(server, STORY_DB, row->database, &err),
                         WP_OK);
    return server;
}

static void is_named(void **state)
{
    const names_case *row = *state;
    for (size_t i = 0; each_server(i); i++) {
        story *s = story_new(&(story_options){ .wal = *each_server(i) });
        relation orders = { .oid = 16400, .name = "orders", .nsp = 16390 };
        if (row->is_in_wal) {
            begin(s, 700);
            create(s, &orders);
            commit(s);
        }
        begin(s, 701);
        delete_rows(s, &orders, 2);
        commit(s);

        mapped m = map_all(story_wal(s), &(run_options){ 0 });
        wp_external_names *server = say(row);
        line got = { "" };
        const wp_reducer_config config = { .profile = wal_profile(story_wal(s)),
                                           .max_align = wal_max_align(story_wal(s)),
                                           .external_names = server,
                                           .callbacks = { .context = &got, .on_event = note } };
        wp_reducer *reducer = NULL;
        wp_error err;
        assert_int_equal(wp_reducer_new(&config, &reducer, &err), WP_OK);
        assert_int_equal(wp_reducer_add(reducer, &m.facts, &err), WP_OK);
        assert_string_equal(got.chars, row->want);
        wp_reducer_free(reducer);
        wp_external_names_free(server);
        mapped_free(&m);
        story_free(s);
    }
}

static void note_name(void *context, const char *quoted)
{
    line *names = context;
    strncat(names->chars, quoted, sizeof names->chars - strlen(names->chars) - 1);
    strncat(names->chars, " ", sizeof names->chars - strlen(names->chars) - 1);
}

/* A search for one of these names must not do without the events that bear them. */
static void names_are_told_before_all(void **state)
{
    (void)state;
    wp_external_names *server = say(&cases[1]);
    line names = { "" };
    const wp_reducer_config config = { .profile = wp_profile_by_major("15"),
                                       .max_align = 8,
                                       .external_names = server,
                                       .callbacks = { .context = &names, .on_name = note_name } };
    wp_reducer *reducer = NULL;
    wp_error err;
    assert_int_equal(wp_reducer_new(&config, &reducer, &err), WP_OK);
    assert_non_null(strstr(names.chars, "\"Sales\". "));
    assert_non_null(strstr(names.chars, "wares "));
    assert_string_equal(wp_reducer_database_name(reducer, STORY_DB), "shop");
    wp_reducer_free(reducer);
    wp_external_names_free(server);
}

static void a_name_that_is_none_is_refused(void **state)
{
    (void)state;
    char longest[WP_NAME_BYTES + 1];
    memset(longest, 'x', sizeof longest);
    longest[WP_NAME_BYTES] = '\0';
    wp_external_names *server = NULL;
    wp_error err;
    assert_int_equal(wp_external_names_new(&server, &err), WP_OK);
    assert_int_equal(wp_external_names_add_database(server, 5, longest, &err), WP_ERR_USAGE);
    assert_int_equal(wp_external_names_add_database(server, 5, "", &err), WP_ERR_USAGE);
    longest[WP_NAME_BYTES - 1] = '\0';
    assert_int_equal(wp_external_names_add_database(server, 5, longest, &err), WP_OK);
    assert_int_equal(wp_external_names_add_database(server, 5, "again", &err), WP_OK);
    wp_external_names_free(server);
    wp_external_names_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest others[] = { cmocka_unit_test(names_are_told_before_all),
                                                cmocka_unit_test(a_name_that_is_none_is_refused) };
    int failed = RUN_CASES("external names", cases, is_named);
    failed += cmocka_run_group_tests_name("external names", others, NULL, NULL);
    return failed != 0;
}
