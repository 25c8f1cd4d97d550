/*
 * test_relation_names.c - names for files: through renames, new files, drops and what was rolled back.
 *
 * Each story is told in WAL of several majors. What a file is called follows from the statements alone.
 */
#include <stdio.h>
#include <string.h>

#include "archive/archive_open.h"
#include "cases.h"
#include "folder.h"
#include "search/relation_names.h"
#include "story.h"

static const char *const majors[] = { "9.6", "13", "15", "18" };

typedef struct reading {
    folder where;
    archive wal;
    relation_names *names;
} reading;

static reading read_story(story *s, wp_external_names *server)
{
    wal_builder *w = story_wal(s);
    reading r = { .where = folder_new() };
    char path[128], *paths[] = { path }, message[512] = "";
    for (size_t i = 0; i < wal_segments(w); i++) {
        char name[WP_SEGMENT_NAME_BYTES];
        const wp_lsn start = wal_start(w) + i * wal_segment_size(w);
        put_file(&r.where, wp_segment_name_format(1, start, wal_segment_size(w), name),
                 wal_segment(w, i));
    }
    story_free(s);
    (void)snprintf(path, sizeof path, "%s", r.where.path);
    if (!archive_open(paths, 1, &(archive_limits){ 0 }, &r.wal, message))
        fail_msg("%s", message);
    const sources from = { .wal = &r.wal, .external_names = server };
    if (!relation_names_read(&(question){ .jobs = 1 }, &from, &r.names, message))
        fail_msg("%s", message);
    return r;
}

static void end(reading *r)
{
    relation_names_free(r->names);
    archive_free(&r->wal);
    folder_remove(&r->where);
}

static void is_called(const reading *r, wp_oid rel, wp_lsn lsn, const char *want)
{
    const wp_locator file = { 1663, STORY_DB, rel };
    const char *name = relation_names_of_file(r->names, &file, lsn);
    if (want == NULL)
        assert_null(name);
    else
        assert_string_equal(name ? name : "(null)", want);
}

static void files_are(const reading *r, const char *pattern, const char *database, const char *want)
{
    relation_files files = { 0 };
    char message[512] = "", got[200] = "";
    if (!relation_names_files(r->names, pattern, database, &files, message))
        fail_msg("%s", message);
    for (size_t i = 0; i < files.count; i++)
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%u/%u ", files.items[i].db,
                       files.items[i].rel);
    free(files.items);
    assert_string_equal(got, want);
}

static void through_renames(const char *major)
{
    story *s = story_new(&(story_options){ .wal.major = major });
    relation orders = { .oid = 16400, .name = "orders" },
             odd = { .oid = 16401, .name = "Odd \"1\"" };
    begin(s, 700);
    create_schema(s, 16390, "sales");
    orders.nsp = 16390;
    create(s, &orders);
    create(s, &odd);
    const wp_lsn made = commit(s);
    begin(s, 701);
    rename_to(s, &orders, "sold");
    const wp_lsn renamed = commit(s);
    begin(s, 702);
    rename_schema(s, 16390, "old_sales");
    const wp_lsn moved = commit(s);
    begin(s, 703);
    set_schema(s, &orders, 0);
    (void)rollback(s);
    begin(s, 704);
    drop(s, &orders);
    const wp_lsn dropped = commit(s);
    reading r = read_story(s, NULL);
    is_called(&r, 16400, 1, "sales.orders"); /* while it is made, too */
    is_called(&r, 16400, made, "sales.orders");
    is_called(&r, 16400, renamed - 1, "sales.orders");
    is_called(&r, 16400, renamed, "sales.sold");
    is_called(&r, 16400, moved - 1, "sales.sold");
    is_called(&r, 16400, moved, "old_sales.sold");
    is_called(&r, 16400, dropped + 1000, "old_sales.sold");
    is_called(&r, 16401, moved, "public.\"Odd \"\"1\"\"\"");
    is_called(&r, 16402, moved, NULL);
    assert_string_equal(relation_names_of_oid(r.names, STORY_DB, 16400, renamed), "sales.sold");
    files_are(&r, "^sales\\.orders$", NULL, "16384/16400 ");
    files_are(&r, "SOLD", NULL, "16384/16400 ");
    files_are(&r, "sold", "16384", "16384/16400 ");
    files_are(&r, "sold", "16385", "");
    files_are(&r, "no_such_name", NULL, "");
    end(&r);
}

static void through_new_files(const char *major)
{
    story *s = story_new(&(story_options){ .wal.major = major });
    full_table t;
    full_table_init(&t, 16400, "orders");
    relation gone = { .oid = 16500, .name = "gone" }, shortly = { .oid = 16501, .name = "shortly" };
    begin(s, 700);
    create_full(s, &t);
    (void)commit(s);
    begin(s, 701);
    truncate_full(s, &t, 16450);
    (void)commit(s);
    begin(s, 702);
    rewrite(s, &t.table, 16460);
    (void)commit(s);
    begin(s, 703);
    set_tablespace(s, &t.table, 16999, 16470);
    (void)commit(s);
    begin(s, 704);
    create(s, &gone);
    (void)rollback(s);
    begin(s, 705);
    create(s, &shortly);
    drop(s, &shortly);
    (void)commit(s);
    reading r = read_story(s, NULL);
    const wp_lsn last = UINT64_MAX;
    is_called(&r, 16400, last, "public.orders");
    is_called(&r, 16450, last, "public.orders");
    is_called(&r, 16460, last, "public.orders");
    is_called(&r, 16470, last, NULL); /* of another tablespace */
    const wp_locator in_space = { 16999, STORY_DB, 16470 };
    assert_string_equal(relation_names_of_file(r.names, &in_space, last), "public.orders");
    is_called(&r, 16403, last, "public.orders_pkey");
    is_called(&r, 16401, last, "pg_toast.pg_toast_16400");
    const wp_locator toast = { 1663, STORY_DB, 16401 }, index = { 1663, STORY_DB, 16402 },
                     table = { 1663, STORY_DB, 16400 };
    assert_string_equal(relation_names_of_toasted(r.names, &toast, last), "public.orders");
    assert_string_equal(relation_names_of_toasted(r.names, &index, last), "public.orders");
    assert_null(relation_names_of_toasted(r.names, &table, last));
    is_called(&r, 16500, last, "public.gone");
    is_called(&r, 16501, last, "public.shortly");
    files_are(&r, "^public[.]orders$", NULL, "16384/16400 16384/16450 16384/16460 16384/16470 ");
    end(&r);
}

static void catalogs_and_databases(const char *major)
{
    story *s = story_new(&(story_options){ .wal.major = major });
    relation first = { .oid = 16400, .name = "first" }, second = { .oid = 16401, .name = "second" };
    begin(s, 700);
    database_insert(s, STORY_DB, "Shop");
    create(s, &first);
    (void)commit(s);
    begin(s, 701);
    move_pg_class(s, 16800);
    (void)commit(s);
    begin(s, 702);
    create(s, &second);
    (void)commit(s);
    reading r = read_story(s, NULL);
    is_called(&r, 16400, UINT64_MAX, "public.first");
    is_called(&r, 16401, UINT64_MAX, "public.second");
    is_called(&r, 16800, UINT64_MAX, "pg_catalog.pg_class");
    is_called(&r, 1259, 1, "pg_catalog.pg_class");
    is_called(&r, 1249, 1, "pg_catalog.pg_attribute");
    is_called(&r, 1262, 1, NULL); /* all databases share it */
    const wp_locator shared = { 1664, 0, 1262 };
    assert_string_equal(relation_names_of_file(r.names, &shared, 1), "pg_catalog.pg_database");
    assert_string_equal(relation_names_of_database(r.names, STORY_DB), "Shop");
    assert_string_equal(relation_names_of_database(r.names, 1), "template1");
    assert_null(relation_names_of_database(r.names, 16385));
    files_are(&r, "pg_class$", "Shop", "16384/1259 16384/16800 ");
    files_are(&r, "pg_class$", NULL, "0/1259 16384/16800 ");
    files_are(&r, "^public", "Shop", "16384/16400 16384/16401 ");
    files_are(&r, "^public", "shop", "");
    end(&r);
}

/* In a file of another tablespace or database than that of its kind nothing of the system lies. */
static void relations_of_the_system(const char *major)
{
    static const struct {
        wp_locator file;
        const char *name, *toast_of;
    } files[] = {
        { { 1663, STORY_DB, 2659 }, "pg_catalog.pg_attribute_relid_attnum_index", NULL },
        { { 1663, 5, 2619 }, "pg_catalog.pg_statistic", NULL },
        { { 16999, 16385, 2662 }, "pg_catalog.pg_class_oid_index", NULL },
        { { 1663, STORY_DB, 2840 }, "pg_toast.pg_toast_2619", "pg_catalog.pg_statistic" },
        { { 1663, STORY_DB, 2841 }, "pg_toast.pg_toast_2619_index", "pg_catalog.pg_statistic" },
        { { 1664, 0, 2846 }, "pg_toast.pg_toast_2396", "pg_catalog.pg_shdescription" },
        { { 1664, 0, 2672 }, "pg_catalog.pg_database_oid_index", NULL },
        { { 1663, STORY_DB, 2672 }, NULL, NULL },
        { { 1664, 0, 2659 }, NULL, NULL },
        { { 1664, STORY_DB, 2659 }, NULL, NULL },
        { { 1663, STORY_DB, 2 }, NULL, NULL },
        { { 1663, STORY_DB, 9999 }, NULL, NULL },
        { { 1663, STORY_DB, 12000 }, NULL, NULL },
    };
    story *s = story_new(&(story_options){ .wal.major = major });
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 700);
    database_insert(s, STORY_DB, "Shop");
    create(s, &orders);
    (void)commit(s);
    reading r = read_story(s, NULL);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const char *name = relation_names_of_file(r.names, &files[i].file, 1);
        const char *toast_of = relation_names_of_toasted(r.names, &files[i].file, 1);
        assert_string_equal(name ? name : "-", files[i].name ? files[i].name : "-");
        assert_string_equal(toast_of ? toast_of : "-", files[i].toast_of ? files[i].toast_of : "-");
    }
    files_are(&r, "pg_statistic_relid", NULL, "0/2696 ");
    files_are(&r, "pg_statistic_relid", "Shop", "16384/2696 ");
    files_are(&r, "pg_statistic_relid", "20000", "20000/2696 ");
    files_are(&r, "pg_statistic_relid", "template1", "1/2696 ");
    files_are(&r, "pg_statistic_relid", "shop", "");
    files_are(&r, "pg_database_oid", NULL, "0/2672 ");
    files_are(&r, "pg_database_oid", "0", "0/2672 ");
    files_are(&r, "pg_database_oid", "Shop", "");
    files_are(&r, "orders", NULL, "16384/16400 ");
    end(&r);
}

/* An OID whose name changed, and relations that came and went, as servers of 10 to 18 have them in pg_class. */
static void test_relations_of_majors(void **state)
{
    (void)state;
    static const struct {
        const char *major;
        wp_oid oid;
        const char *name;
    } rows[] = {
        { "10", 2665, "pg_catalog.pg_constraint_conrelid_index" },
        { "11", 2665, "pg_catalog.pg_constraint_conrelid_contypid_conname_index" },
        { "14", 3433, "pg_catalog.pg_statistic_ext_data_stxoid_index" },
        { "15", 3433, "pg_catalog.pg_statistic_ext_data_stxoid_inh_index" },
        { "11", 3433, NULL },
        { "12", 1136, "pg_catalog.pg_pltemplate" },
        { "13", 1136, NULL },
        { "17", 4175, "pg_toast.pg_toast_1260" },
        { "18", 4175, NULL },
        { "17", 6351, NULL },
        { "18", 6351, "pg_toast.pg_toast_2610" },
        { "18", 0, NULL },
        { "18", UINT32_MAX, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const wp_system_relation *found =
            wp_profile_system_relation(wp_profile_by_major(rows[i].major), rows[i].oid);
        assert_string_equal(found ? found->name : "-", rows[i].name ? rows[i].name : "-");
    }
    for (size_t i = 0; wp_profile_at(i) != NULL; i++) {
        wp_oid last = 0;
        for (const wp_system_relation *it = NULL;
             (it = wp_profile_system_relation_after(wp_profile_at(i), last)) != NULL;
             last = it->oid) {
            assert_true(it->oid > last && it->oid < 10000);
            assert_ptr_equal(wp_profile_system_relation(wp_profile_at(i), it->oid), it);
        }
    }
}

/* What a server says counts where nothing else does. */
static void names_of_a_server(const char *major)
{
    story *s = story_new(&(story_options){ .wal.major = major });
    relation known = { .oid = 16400, .name = "known", .nsp = 16390 };
    wp_external_names *server;
    wp_error err;
    const wp_external_relation told[] = {
        { .db = STORY_DB,
          .oid = 16400,
          .schema = 16390,
          .filenode = 16400,
          .relkind = 'r',
          .name = "later" },
        { .db = STORY_DB,
          .oid = 16410,
          .schema = 16390,
          .filenode = 16410,
          .relkind = 'r',
          .name = "other" },
    };
    begin(s, 700);
    create(s, &known);
    (void)commit(s);
    assert_int_equal(wp_external_names_new(&server, &err), WP_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(wp_external_names_add_relation(server, &told[i], &err), WP_OK);
    reading r = read_story(s, server);
    is_called(&r, 16400, UINT64_MAX, "[16390].known");
    is_called(&r, 16410, 1, "[16390].other");
    end(&r);
    wp_external_names_free(server);
}

/* What every cluster calls template1 is called so until something tells another name. */
static void renames_a_database_of_initdb(const char *major)
{
    story *s = story_new(&(story_options){ .wal.major = major });
    reading r = read_story(s, NULL);
    assert_true(relation_names_have_database(r.names, "template1"));
    assert_true(relation_names_may_be_database(r.names, 1, "template1"));
    files_are(&r, "^pg_catalog\\.pg_proc$", "template1", "1/1255 ");
    end(&r);
    s = story_new(&(story_options){ .wal.major = major });
    begin(s, 700);
    database_insert(s, 1, "prod");
    (void)commit(s);
    r = read_story(s, NULL);
    assert_true(relation_names_have_database(r.names, "prod"));
    assert_true(relation_names_may_be_database(r.names, 1, "prod"));
    files_are(&r, "^pg_catalog\\.pg_proc$", "prod", "1/1255 ");
    assert_false(relation_names_have_database(r.names, "template1"));
    assert_false(relation_names_may_be_database(r.names, 1, "template1"));
    files_are(&r, "^pg_catalog\\.pg_proc$", "template1", "");
    assert_true(relation_names_may_be_database(r.names, 16500, "app"));
    assert_false(relation_names_may_be_database(r.names, 0, "app")); /* what all share is in none */
    end(&r);
}

#define IN_ALL_MAJORS(story)                                          \
    static void test_##story(void **state)                            \
    {                                                                 \
        (void)state;                                                  \
        for (size_t i = 0; i < sizeof majors / sizeof majors[0]; i++) \
            story(majors[i]);                                         \
    }

IN_ALL_MAJORS(through_renames)
IN_ALL_MAJORS(through_new_files)
IN_ALL_MAJORS(catalogs_and_databases)
IN_ALL_MAJORS(relations_of_the_system)
IN_ALL_MAJORS(names_of_a_server)
IN_ALL_MAJORS(renames_a_database_of_initdb)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_through_renames),
        cmocka_unit_test(test_through_new_files),
        cmocka_unit_test(test_catalogs_and_databases),
        cmocka_unit_test(test_relations_of_the_system),
        cmocka_unit_test(test_relations_of_majors),
        cmocka_unit_test(test_names_of_a_server),
        cmocka_unit_test(test_renames_a_database_of_initdb),
    };
    return cmocka_run_group_tests_name("relation names", tests, NULL, NULL);
}
