/*
 * test_relations.c - relations that come, change and stay; and what falls with what.
 *
 * Each story is told on every server, at every wal_level, with and without full-page images.
 */
#include <stdio.h>
#include <stdlib.h>

#include "story_case.h"

#include "cases.h"

#define PG_CLASS 1259u
#define PG_TYPE 1247u
#define PG_NAMESPACE 2615u
#define PG_REWRITE 2618u

static relation existing_kind(story *s, wp_oid oid, const char *name, char kind)
{
    relation r = { .oid = oid, .name = name, .kind = kind };
    begin(s, 700);
    create(s, &r);
    column_insert(s, &r, 1, "id");
    column_insert(s, &r, 2, "note");
    column_insert(s, &r, 3, "Total Sum");
    commit(s);
    return r;
}

static relation existing(story *s, wp_oid oid, const char *name)
{
    return existing_kind(s, oid, name, 'r');
}

/* ---- columns ---- */

static void column_dropped(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_drop(s, &orders, 2);
    commit(s);
    begin(s, 702);
    column_drop(s, &orders, 3);
    commit(s);
}

static void column_of_a_foreign_table(story *s)
{
    const relation far = existing_kind(s, 16400, "far", 'f');
    begin(s, 701);
    column_drop(s, &far, 2);
    commit(s);
}

static void column_drop_undone(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_drop(s, &orders, 2);
    rollback(s);
    begin(s, 702);
    savepoint(s, 703);
    column_drop(s, &orders, 2);
    rollback_to(s);
    column_rename(s, &orders, 1, "number");
    commit(s);
}

static void column_drop_prepared(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_drop(s, &orders, 2);
    prepare(s, "later");
    begin(s, 702);
    insert_rows(s, &orders, 1);
    commit(s);
    commit_prepared(s, "later");
}

static void column_of_a_new_table(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    create(s, &orders);
    column_insert(s, &orders, 1, "id");
    column_insert(s, &orders, 2, "note");
    column_rename(s, &orders, 1, "number");
    column_drop(s, &orders, 2);
    commit(s);
}

static void column_added_and_dropped(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_insert(s, &orders, 4, "fleeting");
    column_rename(s, &orders, 4, "flown");
    column_drop(s, &orders, 4);
    commit(s);
}

static void column_renamed_then_dropped(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_rename(s, &orders, 2, "remark");
    column_drop(s, &orders, 2);
    commit(s);
}

/* The table goes, too, and its columns are not told one by one. */
static void column_dropped_of_a_renamed_table(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_drop(s, &orders, 1);
    rename_to(s, &orders, "old_orders");
    column_drop(s, &orders, 2);
    commit(s);
}

static void column_of_a_view(story *s)
{
    const relation view = existing_kind(s, 16400, "open_orders", 'v');
    begin(s, 701);
    column_rename(s, &view, 2, "remark");
    commit(s);
}

static void column_of_a_type(story *s)
{
    const relation type = existing_kind(s, 16400, "pair", 'c');
    begin(s, 701);
    column_drop(s, &type, 2);
    commit(s);
}

static void column_of_a_catalog(story *s)
{
    const relation catalog = existing_kind(s, 2619, "pg_statistic", 'r');
    begin(s, 701);
    column_drop(s, &catalog, 2);
    commit(s);
}

static void column_of_a_temporary_table(story *s)
{
    relation scratch = { .oid = 16400, .name = "scratch", .nsp = 16390, .persistence = 't' };
    begin(s, 700);
    create_schema(s, 16390, "pg_temp_3");
    create(s, &scratch);
    column_insert(s, &scratch, 1, "id");
    commit(s);
    begin(s, 701);
    column_drop(s, &scratch, 1);
    rename_to(s, &scratch, "scratched");
    commit(s);
}

/* Reading begins at a later segment. */
static void next_segment(story *s)
{
    wal_switch(story_wal(s));
}

static void column_seen_late(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    next_segment(s);
    checkpoint(s);
    begin(s, 701);
    column_drop(s, &orders, 2);
    commit(s);
    begin(s, 702);
    rename_to(s, &(relation){ .oid = 16400, .name = "orders" }, "old_orders");
    commit(s);
}

/* Nothing of the row is in the WAL read but what the update changed. */
static void column_never_seen(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_rename(s, &orders, 1, "number");
    commit(s);
    next_segment(s);
    begin(s, 702);
    column_drop(s, &orders, 2);
    commit(s);
}

static void columns_never_seen_of_two_tables(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    const relation items = existing(s, 16410, "items");
    next_segment(s);
    begin(s, 702);
    column_drop(s, &orders, 2);
    column_drop(s, &items, 2);
    commit(s);
}

/* ---- names and schemas ---- */

static void renamed_by_kind(story *s)
{
    static const char kinds[] = "rpvmSfiI";
    for (size_t i = 0; kinds[i]; i++) {
        char name[16];
        snprintf(name, sizeof name, "old %c", kinds[i]);
        relation r = { .oid = (wp_oid)(16400 + i), .name = name, .kind = kinds[i] };
        begin(s, 700);
        create(s, &r);
        commit(s);
        begin(s, 701);
        rename_to(s, &r, "select");
        commit(s);
    }
}

static void moved_by_kind(story *s)
{
    static const char kinds[] = "rpvmSf";
    begin(s, 700);
    create_schema(s, 16390, "The Archive");
    commit(s);
    for (size_t i = 0; kinds[i]; i++) {
        char name[16];
        snprintf(name, sizeof name, "kind_%c", kinds[i]);
        relation r = { .oid = (wp_oid)(16400 + i), .name = name, .kind = kinds[i] };
        begin(s, 700);
        create(s, &r);
        commit(s);
        begin(s, 701);
        set_schema(s, &r, 16390);
        commit(s);
    }
}

static void moved_with_all_that_hangs_on_it(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_schema(s, 16390, "archive");
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    set_schema(s, &orders.table, 16390);
    set_schema(s, &orders.pkey, 16390);
    set_schema(s, &orders.sequence, 16390);
    commit(s);
}

static void moved_to_an_unknown_schema(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    set_schema(s, &orders, 16390);
    commit(s);
}

static void moved_to_a_new_schema(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    create_schema(s, 16390, "archive");
    set_schema(s, &orders, 16390);
    commit(s);
}

static void renamed_after_creation(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    create(s, &orders);
    rename_to(s, &orders, "invoices");
    new_file(s, &orders, 16410);
    rewrite(s, &orders, 16420);
    commit(s);
}

static void reindexed_concurrently(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    relation old = { .oid = 16410, .name = "orders_i", .kind = 'i', .indexed = 16400 };
    relation new = { .oid = 16411, .name = "orders_i_ccnew", .kind = 'i', .indexed = 16400 };
    (void)orders;
    begin(s, 700);
    create(s, &old);
    commit(s);
    begin(s, 701);
    create(s, &new);
    commit(s);
    begin(s, 702);
    rename_to(s, &old, "orders_i_ccold");
    rename_to(s, &new, "orders_i");
    commit(s);
    begin(s, 703);
    old.is_dying = true;
    index_update(s, &old);
    commit(s);
    begin(s, 704);
    drop(s, &old);
    commit(s);
}

/* ---- rewritten ---- */

static void rewritten_with_all_that_hangs_on_it(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    rewrite_full(s, &orders, 16500);
    commit(s);
}

static void rewritten_twice(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    rewrite(s, &orders, 16500);
    rewrite(s, &orders, 16510);
    commit(s);
    begin(s, 702);
    rewrite(s, &orders, 16520);
    rollback(s);
}

static void rewritten_then_truncated(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    rewrite(s, &orders, 16500);
    new_file(s, &orders, 16510);
    commit(s);
}

/* pg_repack: a copy, made by transactions before, and the table take each other's file. */
static void swapped(story *s)
{
    relation orders = existing(s, 16400, "orders"), copy = existing(s, 16410, "table_16400");
    begin(s, 701);
    swap_files(s, &orders, &copy);
    commit(s);
    begin(s, 702);
    drop(s, &copy);
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 2);
    new_file(s, &orders, 16420);
    commit(s);
}

/* pg_squeeze: the copy is of the same transaction. */
static void swapped_with_a_new_table(story *s)
{
    relation orders = existing(s, 16400, "orders"), copy = { .oid = 16410, .name = "copy" };
    begin(s, 701);
    create(s, &copy);
    insert_rows(s, &copy, 3);
    swap_files(s, &orders, &copy);
    drop(s, &copy);
    delete_rows(s, &orders, 1);
    commit(s);
}

static void swapped_then_truncated(story *s)
{
    relation orders = existing(s, 16400, "orders"), copy = existing(s, 16410, "table_16400");
    begin(s, 701);
    swap_files(s, &orders, &copy);
    new_file(s, &orders, 16420);
    commit(s);
}

/* Nobody saw the copy's row: that the old file stays is in the commit's list. */
static void swapped_with_the_unseen(story *s)
{
    relation copy = existing(s, 16410, "table_16400");
    wal_switch(story_wal(s));
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    swap_files(s, &orders, &copy);
    commit(s);
}

static void column_dropped_with_its_table(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    column_drop(s, &orders, 2);
    column_rename(s, &orders, 3, "sum");
    drop(s, &orders);
    commit(s);
}

static void moved_to_a_tablespace(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    set_tablespace(s, &orders, 16390, 16500);
    commit(s);
}

/* ---- created ---- */

static void created_by_kind(story *s)
{
    static const char kinds[] = "rpvmSfiIct";
    for (size_t i = 0; kinds[i]; i++) {
        char name[16];
        snprintf(name, sizeof name, "new_%c", kinds[i]);
        relation r = { .oid = (wp_oid)(16400 + i), .name = name, .kind = kinds[i] };
        begin(s, 701);
        create(s, &r);
        commit(s);
    }
}

static void created_with_all_that_hangs_on_it(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 701);
    create_full(s, &orders);
    commit(s);
    relation index = { .oid = 16410, .name = "orders_i", .kind = 'i', .indexed = 16400 };
    relation counter = { .oid = 16411, .name = "counter", .kind = 'S', .owner_table = 16400 };
    begin(s, 702);
    create(s, &index);
    create(s, &counter);
    commit(s);
}

static void created_and_filled(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    create(s, &orders);
    insert_rows(s, &orders, 3);
    commit(s);
}

static void creation_undone(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    create(s, &orders);
    rollback(s);
    relation items = { .oid = 16410, .name = "items" };
    begin(s, 702);
    create(s, &items);
    drop(s, &items);
    commit(s);
    relation mine = { .oid = 16420, .name = "mine", .persistence = 't' };
    begin(s, 703);
    create(s, &mine);
    commit(s);
}

static void created_by_the_server(story *s)
{
    relation catalog = { .oid = 9000, .name = "pg_new", .nsp = 11 };
    begin(s, 701);
    create(s, &catalog);
    commit(s);
}

static void index_rebuilt(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    const relation old = { .oid = 16410, .name = "orders_i", .kind = 'i', .indexed = 16400 };
    relation first = old, again = old;
    again.oid = 16411;
    (void)orders;
    begin(s, 700);
    create(s, &first);
    commit(s);
    begin(s, 701);
    drop(s, &first);
    create(s, &again);
    commit(s);
}

/* ---- incidents ---- */

static relation member(story *s, wp_oid oid, const char *name, char kind, wp_oid nsp)
{
    relation r = { .oid = oid, .name = name, .kind = kind, .nsp = nsp };
    create(s, &r);
    depends(s, PG_CLASS, oid, 0, PG_NAMESPACE, nsp, 'n');
    return r;
}

/* A view's rule is a part of it, and needs what the view reads. */
static void reads(story *s, wp_oid rule, wp_oid view, wp_oid table)
{
    depends(s, PG_REWRITE, rule, 0, PG_CLASS, view, 'i');
    depends(s, PG_REWRITE, rule, 0, PG_CLASS, table, 'n');
}

static void no_longer_reads(story *s, wp_oid rule, wp_oid view, wp_oid table)
{
    depends_no_more(s, rule, 0, view);
    depends_no_more(s, rule, 0, table);
}

static void schema_cascade(story *s)
{
    begin(s, 700);
    create_schema(s, 16390, "doomed");
    const relation a = member(s, 16400, "a", 'r', 16390);
    const relation v = member(s, 16402, "v", 'v', 2200);
    const relation other = member(s, 16403, "other", 'r', 2200);
    reads(s, 16405, 16402, 16400);
    commit(s);
    begin(s, 701);
    drop(s, &other);
    depends_no_more(s, 16403, 0, 2200);
    lock(s, a.oid);
    no_longer_reads(s, 16405, 16402, 16400);
    drop(s, &v);
    depends_no_more(s, 16402, 0, 2200);
    drop(s, &a);
    depends_no_more(s, 16400, 0, 16390);
    drop_schema(s, 16390);
    commit(s);
}

/* The rows of pg_depend were never seen: what lay in the schema is known by its own row. */
static void schema_without_depend(story *s)
{
    begin(s, 700);
    create_schema(s, 16390, "doomed");
    relation a = { .oid = 16400, .name = "a", .nsp = 16390 };
    relation b = { .oid = 16401, .name = "b", .nsp = 16390 };
    create(s, &a);
    create(s, &b);
    commit(s);
    begin(s, 701);
    drop(s, &a);
    drop(s, &b);
    drop_schema(s, 16390);
    commit(s);
}

static void partitions(story *s)
{
    begin(s, 700);
    const relation parent = member(s, 16400, "parent", 'p', 2200);
    const relation part = member(s, 16401, "part", 'p', 2200);
    const relation leaf = member(s, 16402, "leaf", 'r', 2200);
    depends(s, PG_CLASS, 16401, 0, PG_CLASS, 16400, 'a');
    depends(s, PG_CLASS, 16402, 0, PG_CLASS, 16401, 'a');
    commit(s);
    begin(s, 701);
    lock(s, parent.oid);
    lock(s, part.oid);
    depends_no_more(s, 16402, 0, 16401);
    drop(s, &leaf);
    depends_no_more(s, 16401, 0, 16400);
    drop(s, &part);
    drop(s, &parent);
    commit(s);
}

/* Two statements: the view went before the table was even locked. */
static void one_after_the_other(story *s)
{
    begin(s, 700);
    const relation table = member(s, 16400, "orders", 'r', 2200);
    const relation view = member(s, 16401, "open_orders", 'v', 2200);
    reads(s, 16405, 16401, 16400);
    commit(s);
    begin(s, 701);
    drop(s, &view);
    no_longer_reads(s, 16405, 16401, 16400);
    drop(s, &table);
    commit(s);
}

static void unrelated(story *s)
{
    begin(s, 700);
    const relation a = member(s, 16400, "a", 'r', 2200);
    const relation b = member(s, 16401, "b", 'r', 2200);
    commit(s);
    begin(s, 701);
    lock(s, a.oid);
    lock(s, b.oid);
    drop(s, &a);
    drop(s, &b);
    commit(s);
}

/* a needs a type that is a part of b, which needs a. */
static void needs_in_a_circle(story *s)
{
    begin(s, 700);
    const relation a = member(s, 16400, "a", 'r', 2200);
    const relation b = member(s, 16401, "b", 'r', 2200);
    depends(s, PG_CLASS, 16400, 0, PG_TYPE, 16410, 'n');
    depends(s, PG_TYPE, 16410, 0, PG_CLASS, 16401, 'i');
    depends(s, PG_CLASS, 16401, 0, PG_CLASS, 16400, 'n');
    commit(s);
    begin(s, 701);
    lock(s, a.oid);
    lock(s, b.oid);
    depends_no_more(s, 16400, 0, 16410);
    depends_no_more(s, 16410, 0, 16401);
    depends_no_more(s, 16401, 0, 16400);
    drop(s, &a);
    drop(s, &b);
    commit(s);
}

/* A column needed something that a table has: the column goes with that, its table does not. */
static void column_taken_along(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 700);
    const relation pair = member(s, 16410, "pair", 'r', 2200);
    depends(s, PG_TYPE, 16411, 0, PG_CLASS, 16410, 'i');
    depends(s, PG_CLASS, 16400, 2, PG_TYPE, 16411, 'n');
    commit(s);
    begin(s, 701);
    lock(s, pair.oid);
    depends_no_more(s, 16400, 2, 16411);
    column_drop(s, &orders, 2);
    depends_no_more(s, 16411, 0, 16410);
    drop(s, &pair);
    commit(s);
}

static const story_case cases[] = {
    { .name = "DROP COLUMN",
      .tell = column_dropped,
      .events = "701 ALTER TABLE public.orders DROP COLUMN note\n"
                "702 ALTER TABLE public.orders DROP COLUMN \"Total Sum\"" },
    { .name = "DROP COLUMN: foreign table",
      .tell = column_of_a_foreign_table,
      .events = "701 ALTER FOREIGN TABLE public.far DROP COLUMN note" },
    { .name = "DROP COLUMN: rolled back",
      .tell = column_drop_undone,
      .events = "702 ALTER TABLE public.orders RENAME COLUMN id TO number" },
    { .name = "DROP COLUMN: prepared",
      .tell = column_drop_prepared,
      .events =
          "702 INSERT INTO public.orders x1\n701 ALTER TABLE public.orders DROP COLUMN note" },
    { .name = "DROP COLUMN: of a new table", .tell = column_of_a_new_table, .events = "" },
    { .name = "DROP COLUMN: just added", .tell = column_added_and_dropped, .events = "" },
    { .name = "DROP COLUMN: renamed before",
      .tell = column_renamed_then_dropped,
      .events = "701 ALTER TABLE public.orders RENAME COLUMN note TO remark\n"
                "701 ALTER TABLE public.orders DROP COLUMN remark" },
    { .name = "DROP COLUMN: table renamed between",
      .tell = column_dropped_of_a_renamed_table,
      .events = "701 ALTER TABLE public.orders DROP COLUMN id\n"
                "701 ALTER TABLE public.orders RENAME TO old_orders\n"
                "701 ALTER TABLE public.old_orders DROP COLUMN note" },
    { .name = "RENAME COLUMN: view",
      .tell = column_of_a_view,
      .events = "701 ALTER VIEW public.open_orders RENAME COLUMN note TO remark" },
    { .name = "columns: composite type", .tell = column_of_a_type, .events = "" },
    { .name = "columns: catalog", .tell = column_of_a_catalog, .events = "" },
    { .name = "columns: temporary table", .tell = column_of_a_temporary_table, .events = "" },
    { .name = "columns: temporary table, asked for",
      .tell = column_of_a_temporary_table,
      .events = "701 ALTER TABLE pg_temp_3.scratch DROP COLUMN id\n"
                "701 ALTER TABLE pg_temp_3.scratch RENAME TO scratched",
      .include_temporary = true },
    { .name = "late: column",
      .tell = column_seen_late,
      .skip_segments = 1,
      .events = "701 ALTER TABLE [16400] DROP COLUMN note\n"
                "702 ALTER TABLE public.orders RENAME TO old_orders",
      .events_without_images = "701 ALTER TABLE [16400] DROP COLUMN [2]" },
    { .name = "late: column never seen",
      .tell = column_never_seen,
      .skip_segments = 1,
      .events = "702 ALTER TABLE [16400] DROP COLUMN [2]" },
    { .name = "late: columns of two tables",
      .tell = columns_never_seen_of_two_tables,
      .skip_segments = 1,
      .events = "" },

    { .name = "RENAME: each kind",
      .tell = renamed_by_kind,
      .events = "701 ALTER TABLE public.\"old r\" RENAME TO \"select\"\n"
                "701 ALTER TABLE public.\"old p\" RENAME TO \"select\"\n"
                "701 ALTER VIEW public.\"old v\" RENAME TO \"select\"\n"
                "701 ALTER MATERIALIZED VIEW public.\"old m\" RENAME TO \"select\"\n"
                "701 ALTER SEQUENCE public.\"old S\" RENAME TO \"select\"\n"
                "701 ALTER FOREIGN TABLE public.\"old f\" RENAME TO \"select\"\n"
                "701 ALTER INDEX public.\"old i\" RENAME TO \"select\"\n"
                "701 ALTER INDEX public.\"old I\" RENAME TO \"select\"" },
    { .name = "SET SCHEMA: each kind",
      .tell = moved_by_kind,
      .events = "701 ALTER TABLE public.kind_r SET SCHEMA \"The Archive\"\n"
                "701 ALTER TABLE public.kind_p SET SCHEMA \"The Archive\"\n"
                "701 ALTER VIEW public.kind_v SET SCHEMA \"The Archive\"\n"
                "701 ALTER MATERIALIZED VIEW public.kind_m SET SCHEMA \"The Archive\"\n"
                "701 ALTER SEQUENCE public.\"kind_S\" SET SCHEMA \"The Archive\"\n"
                "701 ALTER FOREIGN TABLE public.kind_f SET SCHEMA \"The Archive\"" },
    { .name = "SET SCHEMA: with all that hangs on it",
      .tell = moved_with_all_that_hangs_on_it,
      .events = "701 ALTER TABLE public.orders SET SCHEMA archive" },
    { .name = "SET SCHEMA: schema unknown",
      .tell = moved_to_an_unknown_schema,
      .events = "701 ALTER TABLE public.orders SET SCHEMA [16390]" },
    { .name = "SET SCHEMA: schema made just now",
      .tell = moved_to_a_new_schema,
      .events = "701 ALTER TABLE public.orders SET SCHEMA archive" },
    { .name = "created, then renamed, truncated and rewritten",
      .tell = renamed_after_creation,
      .events = "701 CREATE TABLE public.invoices",
      .with_creates = true },
    { .name = "REINDEX CONCURRENTLY",
      .tell = reindexed_concurrently,
      .events = "700 CREATE TABLE public.orders\n700 CREATE INDEX public.orders_i",
      .with_creates = true },

    { .name = "REWRITE: with all that hangs on it",
      .tell = rewritten_with_all_that_hangs_on_it,
      .events = "701 REWRITE TABLE public.orders" },
    { .name = "REWRITE: twice, rolled back",
      .tell = rewritten_twice,
      .events = "701 REWRITE TABLE public.orders" },
    { .name = "REWRITE, then TRUNCATE",
      .tell = rewritten_then_truncated,
      .events = "701 REWRITE TABLE public.orders\n701 TRUNCATE TABLE public.orders" },
    { .name = "REWRITE: swapped with another table",
      .tell = swapped,
      .events = "701 REWRITE TABLE public.orders\n702 DROP TABLE public.table_16400\n"
                "703 DELETE FROM public.orders x2\n703 TRUNCATE TABLE public.orders" },
    { .name = "REWRITE: swapped with a new table",
      .tell = swapped_with_a_new_table,
      .events = "701 REWRITE TABLE public.orders\n701 DELETE FROM public.orders x1" },
    { .name = "REWRITE: swapped, then TRUNCATE",
      .tell = swapped_then_truncated,
      .events = "701 REWRITE TABLE public.orders\n701 TRUNCATE TABLE public.orders" },
    { .name = "no TRUNCATE: swapped with a table never seen",
      .tell = swapped_with_the_unseen,
      .skip_segments = 1,
      .events = "" },
    { .name = "DROP COLUMN: and the table",
      .tell = column_dropped_with_its_table,
      .events = "701 DROP TABLE public.orders" },
    { .name = "SET TABLESPACE is no rewrite", .tell = moved_to_a_tablespace, .events = "" },

    { .name = "CREATE: each kind",
      .tell = created_by_kind,
      .events = "701 CREATE TABLE public.new_r\n701 CREATE TABLE public.new_p\n"
                "701 CREATE VIEW public.new_v\n701 CREATE MATERIALIZED VIEW public.new_m\n"
                "701 CREATE SEQUENCE public.\"new_S\"\n701 CREATE FOREIGN TABLE public.new_f\n"
                "701 CREATE INDEX public.new_i\n701 CREATE INDEX public.\"new_I\"",
      .with_creates = true },
    { .name = "CREATE: with all that hangs on it, and more later",
      .tell = created_with_all_that_hangs_on_it,
      .events = "701 CREATE TABLE public.orders\n702 CREATE INDEX public.orders_i\n"
                "702 CREATE SEQUENCE public.counter",
      .with_creates = true },
    { .name = "CREATE TABLE AS",
      .tell = created_and_filled,
      .events = "701 CREATE TABLE public.orders\n701 INSERT INTO public.orders x3",
      .with_creates = true },
    { .name = "CREATE: rolled back, dropped, temporary",
      .tell = creation_undone,
      .events = "",
      .with_creates = true },
    { .name = "CREATE: what initdb makes",
      .tell = created_by_the_server,
      .events = "",
      .with_creates = true },
    { .name = "CREATE: index made anew by ALTER TYPE",
      .tell = index_rebuilt,
      .events = "700 CREATE TABLE public.orders\n700 CREATE INDEX public.orders_i",
      .with_creates = true },

    { .name = "incident: DROP SCHEMA CASCADE",
      .tell = schema_cascade,
      .events = "701 DROP TABLE public.other\n701 DROP VIEW public.v (by 3)\n"
                "701 DROP TABLE doomed.a (by 3)\n701 DROP SCHEMA doomed",
      .with_incidents = true },
    { .name = "incident: schema, by the rows of its tables",
      .tell = schema_without_depend,
      .events = "701 DROP TABLE doomed.a (by 2)\n701 DROP TABLE doomed.b (by 2)\n"
                "701 DROP SCHEMA doomed",
      .with_incidents = true },
    { .name = "incident: partitions",
      .tell = partitions,
      .events = "701 DROP TABLE public.leaf (by 2)\n701 DROP TABLE public.part (by 2)\n"
                "701 DROP TABLE public.parent",
      .with_incidents = true },
    { .name = "incident: unrelated tables",
      .tell = unrelated,
      .events = "701 DROP TABLE public.a\n701 DROP TABLE public.b",
      .with_incidents = true },
    { .name = "incident: needs in a circle",
      .tell = needs_in_a_circle,
      .events = "701 DROP TABLE public.a\n701 DROP TABLE public.b (by 0)", /* the first began it */
      .with_incidents = true },
    { .name = "incident: a column",
      .tell = column_taken_along,
      .events = "701 ALTER TABLE public.orders DROP COLUMN note (by 1)\n701 DROP TABLE public.pair",
      .with_incidents = true },
};

/* Locks are not in the WAL of wal_level minimal: there, both statements look like one. */
static void two_statements(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        story *s = story_new(&(story_options){ .wal = *each_server(i) });
        one_after_the_other(s);
        char *got = events_of(story_wal(s), &(run_options){ .with_incidents = true });
        assert_string_equal(got, "701 DROP VIEW public.open_orders\n701 DROP TABLE public.orders");
        free(got);
        story_free(s);
    }
    now_on(NULL);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test_teardown(two_statements, say_where),
    };
    int failed = RUN_CASES("relations: stories", cases, tell_story);
    failed += cmocka_run_group_tests_name("relations", others, NULL, NULL);
    return failed != 0;
}
