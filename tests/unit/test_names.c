/*
 * test_names.c - the name an object had at that moment, from whichever record shows it.
 */
#include <stdio.h>

#include "story_case.h"

#include "cases.h"

/* ---- quoting ---- */

typedef struct quote_case {
    const char *name;
    const char *identifier, *want;
} quote_case;

static const quote_case quote_cases[] = {
    { "plain", "orders", "orders" },
    { "digits and underscores", "_t1_2", "_t1_2" },
    { "digit first", "1st", "\"1st\"" },
    { "capital", "Orders", "\"Orders\"" },
    { "space", "my orders", "\"my orders\"" },
    { "quote", "we\"ird", "\"we\"\"ird\"" },
    { "quotes only", "\"\"", "\"\"\"\"\"\"" },
    { "dollar", "a$b", "\"a$b\"" },
    { "dot", "a.b", "\"a.b\"" },
    { "not ASCII",
      "b\xC3\xBC"
      "cher",
      "\"b\xC3\xBC"
      "cher\"" },
    { "empty", "", "\"\"" },
    { "reserved word", "select", "\"select\"" },
    { "reserved word: user", "user", "\"user\"" },
    { "reserved word: order", "order", "\"order\"" },
    { "column-name word", "between", "\"between\"" },
    { "function-name word", "left", "\"left\"" },
    { "word that is free", "name", "name" },
    { "word that is free: value", "value", "value" },
    { "beginning like a reserved word", "selected", "selected" },
    { "63 characters", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
};

static void quotes(void **state)
{
    const quote_case *row = *state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        /* Exactly as much room as the result needs: one byte too many would be seen. */
        char *out = malloc(WP_QUOTED_BYTES);
        assert_non_null(out);
        assert_int_equal(wp_quote_ident(wp_profile_at(i), row->identifier, out), strlen(row->want));
        assert_string_equal(out, row->want);
        free(out);
    }
}

static void quotes_the_longest(void **state)
{
    (void)state;
    char name[WP_NAME_BYTES];
    memset(name, '"', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    char *out = malloc(WP_QUOTED_BYTES);
    assert_non_null(out);
    assert_int_equal(wp_quote_ident(wp_profile_at(0), name, out), WP_QUOTED_BYTES - 1);
    free(out);
}

/* ---- stories ---- */

static relation existing(story *s, wp_oid oid, const char *name)
{
    relation r = { .oid = oid, .name = name };
    begin(s, 700);
    create(s, &r);
    commit(s);
    return r;
}

static void drop_alone(story *s, wp_xid xid, const relation *r)
{
    begin(s, xid);
    drop(s, r);
    commit(s);
}

static void odd_names(story *s)
{
    relation a = existing(s, 16400, "Orders"), b = existing(s, 16410, "we\"ird. name");
    relation c = { .oid = 16420,
                   .name = "b\xC3\xBC"
                           "cher",
                   .nsp = 16390 };
    begin(s, 700);
    create_schema(s, 16390, "Order Desk");
    create(s, &c);
    commit(s);
    drop_alone(s, 701, &a);
    drop_alone(s, 702, &b);
    drop_alone(s, 703, &c);
}

static void renamed_earlier(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 1);
    commit(s);
    begin(s, 702);
    rename_to(s, &orders, "orders_old");
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 1);
    commit(s);
    drop_alone(s, 704, &orders);
}

static void renamed_in_the_same_transaction(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    rename_to(s, &orders, "doomed");
    drop(s, &orders);
    commit(s);
}

static void rename_rolled_back(story *s)
{
    relation orders = existing(s, 16400, "orders");
    const relation before = orders;
    begin(s, 701);
    rename_to(s, &orders, "doomed");
    rollback(s);
    drop_alone(s, 702, &before);
}

static void rename_rolled_back_to_a_savepoint(story *s)
{
    relation orders = existing(s, 16400, "orders");
    const relation before = orders;
    begin(s, 701);
    savepoint(s, 702);
    rename_to(s, &orders, "doomed");
    rollback_to(s);
    drop(s, &before);
    commit(s);
}

static void renamed_by_a_transaction_still_open(story *s)
{
    relation orders = existing(s, 16400, "orders");
    const relation before = orders;
    begin(s, 701);
    rename_to(s, &orders, "other");
    begin(s, 702);
    delete_rows(s, &before, 1);
    commit(s);
    switch_to(s, 701);
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 1);
    commit(s);
}

static void moved_to_a_schema(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    create_schema(s, 16390, "archive");
    commit(s);
    begin(s, 702);
    set_schema(s, &orders, 16390);
    commit(s);
    drop_alone(s, 703, &orders);
}

static void schema_renamed(story *s)
{
    relation orders = { .oid = 16400, .name = "orders", .nsp = 16390 };
    begin(s, 700);
    create_schema(s, 16390, "app");
    create(s, &orders);
    commit(s);
    begin(s, 701);
    delete_rows(s, &orders, 1);
    commit(s);
    begin(s, 702);
    rename_schema(s, 16390, "app_2025");
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 1);
    commit(s);
    drop_alone(s, 704, &orders);
}

static void public_renamed(story *s)
{
    /* Its row was made by initdb; the first the WAL shows of it is the new one. */
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    create_schema(s, 2200, "public");
    commit(s);
    begin(s, 702);
    rename_schema(s, 2200, "legacy");
    commit(s);
    drop_alone(s, 703, &orders);
}

static void updated_in_place(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    class_inplace(s, &orders);
    commit(s);
    begin(s, 702);
    rename_to(s, &orders, "orders_v2");
    class_inplace(s, &orders);
    commit(s);
    drop_alone(s, 703, &orders);
}

static void inserted_together(story *s)
{
    const relation a = { .oid = 16400, .name = "a" };
    const relation b = { .oid = 16410, .name = "b" };
    const relation c = { .oid = 16420, .name = "c" };
    const relation *const all[] = { &a, &b, &c };
    begin(s, 700);
    class_multi_insert(s, all, 3);
    commit(s);
    checkpoint(s);
    begin(s, 701);
    const relation d = { .oid = 16430, .name = "d" };
    const relation *const more[] = { &d };
    class_multi_insert(s, more, 1);
    commit(s);
    drop_alone(s, 702, &b);
    drop_alone(s, 703, &d);
}

static void line_pointer_used_again(story *s)
{
    const relation old = existing(s, 16400, "old_one");
    const relation stays = existing(s, 16410, "stays");
    drop_alone(s, 701, &old);
    begin(s, 702);
    prune_class_page_of(s, &stays);
    relation new = { .oid = 16500, .name = "new_one" };
    create(s, &new);
    commit(s);
    drop_alone(s, 703, &new);
    drop_alone(s, 704, &stays);
}

static void many_pages(story *s)
{
    static char names[200][16];
    relation tables[200];
    for (uint32_t i = 0; i < COUNT(tables); i++) {
        snprintf(names[i], sizeof names[i], "table_%03u", i);
        tables[i] = (relation){ .oid = 16400 + i, .name = names[i] };
        begin(s, 700);
        class_insert(s, &tables[i]);
        commit(s);
    }
    checkpoint(s);
    begin(s, 701);
    rename_to(s, &tables[3], "third"); /* its page is full: the row moves to another */
    commit(s);
    drop_alone(s, 702, &tables[3]);
    drop_alone(s, 703, &tables[0]);
    drop_alone(s, 704, &tables[121]);
    drop_alone(s, 705, &tables[199]);
}

static void creation_rolled_back(story *s)
{
    relation wrong = { .oid = 16400, .name = "wrong" };
    begin(s, 700);
    create(s, &wrong);
    rollback(s);
    relation right = { .oid = 16400, .name = "right_one" };
    begin(s, 701);
    create(s, &right);
    commit(s);
    begin(s, 702);
    delete_rows(s, &right, 1);
    commit(s);
    drop_alone(s, 703, &right);
}

static void truncated_and_renamed(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    new_file(s, &orders, 16500);
    commit(s);
    begin(s, 702);
    rename_to(s, &orders, "empty_orders");
    commit(s);
    begin(s, 703);
    insert_rows(s, &orders, 2);
    commit(s);
}

static void names_swapped(story *s)
{
    relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    begin(s, 701);
    rename_to(s, &a, "tmp");
    rename_to(s, &b, "a");
    rename_to(s, &a, "b");
    commit(s);
    begin(s, 702);
    insert_rows(s, &a, 1);
    insert_rows(s, &b, 2);
    commit(s);
}

static void pg_class_moved(story *s)
{
    const relation before = existing(s, 16400, "before");
    begin(s, 701);
    move_pg_class(s, 16999);
    commit(s);
    relation after = { .oid = 16410, .name = "after" };
    begin(s, 702);
    create(s, &after);
    commit(s);
    drop_alone(s, 703, &before);
    drop_alone(s, 704, &after);
}

static void unknown_file(story *s)
{
    const relation unseen = { .oid = 16400, .name = "unseen", .filenode = 16405 };
    begin(s, 701);
    delete_rows(s, &unseen, 3);
    commit(s);
}

static void unknown_schema(story *s)
{
    relation orders = { .oid = 16400, .name = "orders", .nsp = 16387 };
    begin(s, 700);
    create(s, &orders);
    commit(s);
    drop_alone(s, 701, &orders);
}

/* ---- stories that reading enters late: in front of the switch nothing is seen ---- */

static void seen_only_from_here(story *s)
{
    wal_switch(story_wal(s));
    checkpoint(s);
}

static void late_drop(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    seen_only_from_here(s);
    drop_alone(s, 701, &orders);
}

static void late_drop_of_several(story *s)
{
    const relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    const relation c = existing(s, 16420, "c");
    seen_only_from_here(s);
    drop_alone(s, 701, &b);
    begin(s, 702);
    drop(s, &c);
    drop(s, &a);
    commit(s);
}

static void late_rename(story *s)
{
    relation orders = existing(s, 16400, "orders");
    seen_only_from_here(s);
    begin(s, 701);
    rename_to(s, &orders, "orders_v2");
    commit(s);
    begin(s, 702);
    rename_to(s, &orders, "orders_v3");
    commit(s);
    drop_alone(s, 703, &orders);
}

static void late_rows(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    relation other = existing(s, 16410, "other");
    seen_only_from_here(s);
    begin(s, 701);
    delete_rows(s, &orders, 1);
    commit(s);
    /* A row beside it changes, and the page that holds both is logged whole. */
    begin(s, 702);
    class_inplace(s, &other);
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 2);
    commit(s);
}

static void late_schema(story *s)
{
    relation orders = { .oid = 16400, .name = "orders", .nsp = 16390 };
    begin(s, 700);
    create_schema(s, 16390, "app");
    create(s, &orders);
    commit(s);
    seen_only_from_here(s);
    drop_alone(s, 701, &orders);
}

static void late_full_table(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    seen_only_from_here(s);
    begin(s, 701);
    lock(s, orders.table.oid);
    drop_full(s, &orders);
    commit(s);
}

static void late_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    seen_only_from_here(s);
    begin(s, 701);
    drop(s, &orders);
    rollback(s);
}

static void late_truncate(story *s)
{
    relation orders = existing(s, 16400, "orders");
    seen_only_from_here(s);
    begin(s, 702);
    new_file(s, &orders, 16500);
    log_truncate(s, &orders);
    commit(s);
}

/* A transaction that was at it when reading began left its change on the page, then rolled back. */
static void late_change_rolled_back(story *s)
{
    relation orders = existing(s, 16400, "orders");
    const relation before = orders;
    begin(s, 701);
    rename_to(s, &orders, "never_so");
    seen_only_from_here(s);
    wal_running_xacts(story_wal(s), 710, 701, (const wp_xid[]){ 701 }, 1);
    relation other = { .oid = 16410, .name = "other" };
    begin(s, 702);
    create(s, &other);
    commit(s);
    switch_to(s, 701);
    rollback(s);
    drop_alone(s, 703, &before);
}

static const story_case cases[] = {
    { .name = "quoted, not ASCII",
      .tell = odd_names,
      .events = "701 DROP TABLE public.\"Orders\"\n702 DROP TABLE public.\"we\"\"ird. name\"\n"
                "703 DROP TABLE \"Order Desk\".\"b\xC3\xBC"
                "cher\"" },
    { .name = "renamed earlier",
      .tell = renamed_earlier,
      .events = "701 DELETE FROM public.orders x1\n"
                "702 ALTER TABLE public.orders RENAME TO orders_old\n"
                "703 DELETE FROM public.orders_old x1\n"
                "704 DROP TABLE public.orders_old" },
    { .name = "renamed and dropped at once",
      .tell = renamed_in_the_same_transaction,
      .events = "701 ALTER TABLE public.orders RENAME TO doomed\n701 DROP TABLE public.doomed" },
    { .name = "rename rolled back",
      .tell = rename_rolled_back,
      .events = "702 DROP TABLE public.orders" },
    { .name = "rename rolled back to a savepoint",
      .tell = rename_rolled_back_to_a_savepoint,
      .events = "701 DROP TABLE public.orders" },
    { .name = "rename not committed yet",
      .tell = renamed_by_a_transaction_still_open,
      .events = "702 DELETE FROM public.orders x1\n701 ALTER TABLE public.orders RENAME TO other\n"
                "703 DELETE FROM public.other x1" },
    { .name = "moved to another schema",
      .tell = moved_to_a_schema,
      .events = "702 ALTER TABLE public.orders SET SCHEMA archive\n703 DROP TABLE archive.orders" },
    { .name = "schema renamed",
      .tell = schema_renamed,
      .events = "701 DELETE FROM app.orders x1\n703 DELETE FROM app_2025.orders x1\n"
                "704 DROP TABLE app_2025.orders" },
    { .name = "schema public renamed",
      .tell = public_renamed,
      .events = "703 DROP TABLE legacy.orders" },
    { .name = "row updated in place",
      .tell = updated_in_place,
      .events = "702 ALTER TABLE public.orders RENAME TO orders_v2\n"
                "703 DROP TABLE public.orders_v2" },
    { .name = "rows of a multi-insert",
      .tell = inserted_together,
      .events = "702 DROP TABLE public.b\n703 DROP TABLE public.d" },
    { .name = "line pointer pruned and used again",
      .tell = line_pointer_used_again,
      .events = "701 DROP TABLE public.old_one\n703 DROP TABLE public.new_one\n"
                "704 DROP TABLE public.stays" },
    { .name = "rows on many pages",
      .tell = many_pages,
      .events =
          "701 ALTER TABLE public.table_003 RENAME TO third\n702 DROP TABLE public.third\n703 DROP TABLE public.table_000\n"
          "704 DROP TABLE public.table_121\n705 DROP TABLE public.table_199" },
    { .name = "creation rolled back, OID used again",
      .tell = creation_rolled_back,
      .events = "702 DELETE FROM public.right_one x1\n703 DROP TABLE public.right_one" },
    { .name = "truncated, then renamed",
      .tell = truncated_and_renamed,
      .events =
          "701 TRUNCATE TABLE public.orders\n"
          "702 ALTER TABLE public.orders RENAME TO empty_orders\n703 INSERT INTO public.empty_orders x2" },
    { .name = "two names swapped",
      .tell = names_swapped,
      .events = "701 ALTER TABLE public.a RENAME TO tmp\n701 ALTER TABLE public.b RENAME TO a\n"
                "701 ALTER TABLE public.tmp RENAME TO b\n702 INSERT INTO public.b x1\n"
                "702 INSERT INTO public.a x2" },
    { .name = "VACUUM FULL pg_class",
      .tell = pg_class_moved,
      .events = "703 DROP TABLE public.before\n704 DROP TABLE public.after" },
    { .name = "unknown file",
      .tell = unknown_file,
      .events = "701 DELETE FROM [filenode 16405] x3" },
    { .name = "unknown schema", .tell = unknown_schema, .events = "701 DROP TABLE [16387].orders" },

    { .name = "late: drop",
      .tell = late_drop,
      .skip_segments = 1,
      .events = "701 DROP TABLE public.orders",
      .events_without_images = "701 DROP TABLE [16400]" },
    { .name = "late: drops on one page",
      .tell = late_drop_of_several,
      .skip_segments = 1,
      .events = "701 DROP TABLE public.b\n702 DROP TABLE public.c\n702 DROP TABLE public.a",
      .events_without_images = "701 DROP TABLE [16410]\n702 DROP TABLE [16420]" },
    { .name = "late: renamed twice",
      .tell = late_rename,
      .skip_segments = 1,
      .events = "701 ALTER TABLE public.orders RENAME TO orders_v2\n"
                "702 ALTER TABLE public.orders_v2 RENAME TO orders_v3\n"
                "703 DROP TABLE public.orders_v3",
      .events_without_images = "703 DROP TABLE [16400]" },
    { .name = "late: rows",
      .tell = late_rows,
      .skip_segments = 1,
      .events = "701 DELETE FROM [filenode 16400] x1\n703 DELETE FROM public.orders x2",
      .events_without_images =
          "701 DELETE FROM [filenode 16400] x1\n703 DELETE FROM [filenode 16400] x2" },
    { .name = "late: schema not seen",
      .tell = late_schema,
      .skip_segments = 1,
      .events = "701 DROP TABLE [16390].orders",
      .events_without_images = "701 DROP TABLE [16400]" },
    { .name = "late: table with all that hangs on it",
      .tell = late_full_table,
      .skip_segments = 1,
      .events = "701 DROP TABLE public.orders",
      .events_without_images = "701 DROP TABLE [16400]" },
    { .name = "late: rolled back",
      .tell = late_rolled_back,
      .skip_segments = 1,
      .events = "",
      .events_without_images = "" },
    { .name = "late: TRUNCATE",
      .tell = late_truncate,
      .skip_segments = 1,
      .only_with_images = true,
      .events = "702 TRUNCATE TABLE public.orders" },
    { .name = "late: change on the page rolled back",
      .tell = late_change_rolled_back,
      .skip_segments = 1,
      .events = "703 DROP TABLE public.orders",
      .events_without_images = "703 DROP TABLE [16400]" },
};

int main(void)
{
    static const struct CMUnitTest others[] = { cmocka_unit_test(quotes_the_longest) };
    int failed = RUN_CASES("names: quoting", quote_cases, quotes);
    failed += RUN_CASES("names: stories", cases, tell_story);
    failed += cmocka_run_group_tests_name("names", others, NULL, NULL);
    return failed != 0;
}
