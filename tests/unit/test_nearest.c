/*
 * test_nearest.c - which events come near a pattern, and in which order.
 */
#include "search/nearest.h"

#include "cases.h"

static const wp_xact_end commit = { .op = WP_XACT_COMMIT, .xid = 7, .lsn = 0x100 };

#define TABLE_EVENT(event_kind, words, table)                                            \
    {                                                                                    \
        .kind = (event_kind), .text = words " public." table, .database = { 5, "shop" }, \
        .schema = { 2200, "public" }, .object = {                                        \
            16400,                                                                       \
            table                                                                        \
        }                                                                                \
    }

static const wp_event events[] = {
    TABLE_EVENT(WP_EVENT_CREATE_TABLE, "CREATE TABLE", "orders"),
    TABLE_EVENT(WP_EVENT_DROP_TABLE, "DROP TABLE", "orders"),
    TABLE_EVENT(WP_EVENT_TRUNCATE, "TRUNCATE TABLE", "orders"),
    TABLE_EVENT(WP_EVENT_INSERT, "INSERT INTO", "orders"),
    TABLE_EVENT(WP_EVENT_DROP_TABLE, "DROP TABLE", "orders_2025"),
    TABLE_EVENT(WP_EVENT_DROP_TABLE, "DROP TABLE", "customers"),
    TABLE_EVENT(WP_EVENT_INSERT, "INSERT INTO", "orders"),
    TABLE_EVENT(WP_EVENT_CREATE_TABLE, "CREATE TABLE", "made"),
    TABLE_EVENT(WP_EVENT_TABLE_RENAME, "ALTER TABLE RENAME TO", "made"),
    TABLE_EVENT(WP_EVENT_REWRITE_TABLE, "REWRITE TABLE", "made"),
};

static const struct near_case {
    const char *name; /* the pattern */
    const char *want[NEAREST_MAX];
} patterns[] = {
    { "DROP TABLE orders",
      { "DROP TABLE public.orders", "TRUNCATE TABLE public.orders",
        "DROP TABLE public.orders_2025" } },
    { "drop table sales\\.orders$",
      { "DROP TABLE public.orders", "TRUNCATE TABLE public.orders",
        "DROP TABLE public.orders_2025" } },
    { "DROP TABLE ordres",
      { "DROP TABLE public.orders", "TRUNCATE TABLE public.orders",
        "DROP TABLE public.customers" } },
    { "DELETE FROM orders WHERE customers = 1",
      { "TRUNCATE TABLE public.orders", "DROP TABLE public.orders",
        "DROP TABLE public.orders_2025" } },
    { "TRUNCATE ONLY orders",
      { "TRUNCATE TABLE public.orders", "DROP TABLE public.orders",
        "DROP TABLE public.orders_2025" } },
    { "INSERT INTO sales.orders",
      { "INSERT INTO public.orders", "TRUNCATE TABLE public.orders", "DROP TABLE public.orders" } },
    { "DROP TABLE made",
      { "ALTER TABLE RENAME TO public.made", "DROP TABLE public.customers",
        "DROP TABLE public.orders_2025" } },
    { "DROP TABLE nothing_like_it",
      { "DROP TABLE public.customers", "DROP TABLE public.orders_2025",
        "DROP TABLE public.orders" } },
    { "customer", { "DROP TABLE public.customers" } },
    { "DROP VIEW \"customers\";",
      { "DROP TABLE public.customers", "DROP TABLE public.orders_2025",
        "DROP TABLE public.orders" } },
    { "zzz", { NULL } },
    { "", { NULL } },
    { "\\", { NULL } },
};

static void comes_near(void **state)
{
    const struct near_case *row = *state;
    nearest near;
    nearest_init(&near, row->name);
    for (int pass = 0; pass < 2; pass++) { /* a scan that begins again leaves nothing behind */
        nearest_restart(&near);
        for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
            const event_view view = { &events[i], &commit, 1 };
            assert_true(nearest_add(&near, &view, false, 0));
        }
    }
    for (size_t i = 0; i < NEAREST_MAX; i++) {
        if (row->want[i] == NULL) {
            assert_int_equal(near.count, i);
            break;
        }
        assert_true(i < near.count);
        assert_string_equal(near.best[i].pick.event.text, row->want[i]);
    }
    assert_int_equal(near.ndatabases, 1);
    nearest_restart(&near);
}

static void what_matches_comes_first(void **state)
{
    (void)state;
    nearest near;
    nearest_init(&near, "DROP TABLE public.orders");
    const event_view views[] = { { &events[5], &commit, 1 },
                                 { &events[1], &commit, 1 },
                                 { &events[2], &commit, 1 } };
    assert_true(nearest_add(&near, &views[1], false, 0));
    assert_true(nearest_add(&near, &views[0], true, 1));
    assert_true(nearest_add(&near, &views[2], false, 0));
    assert_int_equal(near.best[0].how, NEAREST_LEFT_OUT);
    assert_string_equal(near.best[0].pick.event.text, "DROP TABLE public.customers");
    nearest_restart(&near);
}

/* The later one is left out by an option, and of the same text or not. */
static void what_is_not_left_out_comes_first(void **state)
{
    (void)state;
    nearest near;
    nearest_init(&near, "DROP TABLE ordrs");
    wp_event other = events[1];
    other.database = (wp_object_name){ 6, "prueba" };
    const event_view views[] = { { &events[1], &commit, 1 }, { &other, &commit, 1 } };
    assert_true(nearest_add(&near, &views[0], false, 0));
    assert_true(nearest_add(&near, &views[1], false, 1));
    assert_true(nearest_add(&near, &views[0], false, 1));
    assert_int_equal(near.count, 2);
    assert_int_equal(near.best[0].left_out, 0);
    assert_string_equal(near.best[0].pick.event.database.name, "shop");
    assert_int_equal(near.best[1].left_out, 1);
    nearest_restart(&near);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(what_matches_comes_first),
                                               cmocka_unit_test(what_is_not_left_out_comes_first) };
    int failed = RUN_CASES("patterns", patterns, comes_near);
    failed += cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
    return failed;
}
