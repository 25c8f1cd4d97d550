/*
 * test_objects.c - functions, types, triggers, policies, rules, constraints, and what is named alone:
 * what came and went, and what is only a part of something else.
 *
 * Each story is told on every server, at every wal_level, with and without full-page images.
 */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/rows.h"
#include "story_case.h"
#include "story_objects.h"

#include "cases.h"

static relation table_of(story *s, wp_oid oid, const char *name, char kind)
{
    relation r = { .oid = oid, .name = name, .kind = kind };
    begin(s, 690);
    create(s, &r);
    commit(s);
    return r;
}

/* Made by one transaction, dropped by another. */
static void come_and_go(story *s, const object *o)
{
    begin(s, 700);
    object_insert(s, o);
    commit(s);
    begin(s, 701);
    object_delete(s, o);
    commit(s);
}

/* ---- functions ---- */

static const object function = { .catalog = PG_PROC, .oid = 16500, .name = "Sum Up" };

static void function_comes_and_goes(story *s)
{
    come_and_go(s, &function);
}

static void aggregate_comes_and_goes(story *s)
{
    come_and_go(s, &(object){ .catalog = PG_PROC, .oid = 16500, .name = "total", .kind = 'a' });
}

static void function_replaced(story *s)
{
    object f = function;
    f.more = 6000;
    begin(s, 700);
    object_insert(s, &f);
    commit(s);
    begin(s, 701);
    f.more = 900;
    object_update(s, &f);
    commit(s);
    begin(s, 702);
    f.name = "renamed";
    object_update(s, &f);
    commit(s);
    begin(s, 703);
    object_delete(s, &f);
    commit(s);
}

static void function_undone(story *s)
{
    begin(s, 700);
    object_insert(s, &function);
    rollback(s);
    const object other = { .catalog = PG_PROC, .oid = 16501, .name = "other" };
    begin(s, 701);
    object_insert(s, &other);
    savepoint(s, 702);
    object_delete(s, &other);
    rollback_to(s);
    commit(s);
}

static void function_passing(story *s)
{
    begin(s, 700);
    object_insert(s, &function);
    object_update(s, &function);
    object_delete(s, &function);
    commit(s);
}

static void function_dropped_and_made_anew(story *s)
{
    const object old = { .catalog = PG_PROC, .oid = 16500, .name = "f" };
    const object new = { .catalog = PG_PROC, .oid = 16501, .name = "f" };
    begin(s, 700);
    object_insert(s, &old);
    commit(s);
    begin(s, 701);
    object_delete(s, &old);
    object_insert(s, &new);
    commit(s);
}

static void function_of_an_unknown_schema(story *s)
{
    come_and_go(s, &(object){ .catalog = PG_PROC, .oid = 16500, .name = "f", .nsp = 16390 });
}

static void function_of_a_temporary_schema(story *s)
{
    begin(s, 699);
    create_schema(s, 16390, "pg_temp_3");
    commit(s);
    come_and_go(s, &(object){ .catalog = PG_PROC, .oid = 16500, .name = "f", .nsp = 16390 });
}

static void function_of_initdb(story *s)
{
    come_and_go(s, &(object){ .catalog = PG_PROC, .oid = 13400, .name = "f" });
}

static void function_dropped_by_a_prepared_transaction(story *s)
{
    begin(s, 700);
    object_insert(s, &function);
    commit(s);
    begin(s, 701);
    object_delete(s, &function);
    prepare(s, "later");
    commit_prepared(s, "later");
}

/* Reading begins behind the checkpoint: only the page's image shows what the row was. */
static void function_known_from_a_page(story *s)
{
    begin(s, 700);
    object_insert(s, &function);
    commit(s);
    wal_switch(story_wal(s));
    checkpoint(s);
    begin(s, 701);
    object_delete(s, &function);
    commit(s);
}

/* ---- types ---- */

static void type_with_its_array(story *s)
{
    const object mood = { .catalog = PG_TYPE, .oid = 16500, .name = "mood", .kind = 'e' };
    const object array = { .catalog = PG_TYPE, .oid = 16499, .name = "_mood", .is_internal = true };
    begin(s, 700);
    object_insert(s, &array);
    object_insert(s, &mood);
    commit(s);
    begin(s, 701);
    object_delete(s, &array);
    object_delete(s, &mood);
    commit(s);
}

static void domain_comes_and_goes(story *s)
{
    const object check = { .catalog = PG_CONSTRAINT, .oid = 16501, .name = "positive" };
    const object domain = { .catalog = PG_TYPE, .oid = 16500, .name = "amount", .kind = 'd' };
    begin(s, 700);
    object_insert(s, &domain);
    object_insert(s, &check);
    commit(s);
    begin(s, 701);
    object_delete(s, &check);
    commit(s);
    begin(s, 702);
    object_delete(s, &domain);
    commit(s);
}

/* Only pg_depend tells that its functions are a part of it. */
static void range_with_its_functions(story *s)
{
    const object range = { .catalog = PG_TYPE, .oid = 16500, .name = "span", .kind = 'r' };
    const object multirange = { .catalog = PG_TYPE, .oid = 16501, .name = "spans", .kind = 'm' };
    const object constructor = { .catalog = PG_PROC, .oid = 16502, .name = "span" };
    begin(s, 700);
    object_insert(s, &range);
    object_insert(s, &multirange);
    object_insert(s, &constructor);
    depends(s, PG_PROC, constructor.oid, 0, PG_TYPE, range.oid, 'i');
    commit(s);
    begin(s, 701);
    depends_no_more(s, constructor.oid, 0, range.oid);
    object_delete(s, &constructor);
    object_delete(s, &multirange);
    object_delete(s, &range);
    commit(s);
}

static void composite_type(story *s)
{
    relation columns = { .oid = 16501, .name = "pair", .kind = 'c' };
    const object pair = {
        .catalog = PG_TYPE, .oid = 16500, .name = "pair", .kind = 'c', .table = columns.oid
    };
    begin(s, 700);
    create(s, &columns);
    object_insert(s, &pair);
    commit(s);
    begin(s, 701);
    object_delete(s, &pair);
    drop(s, &columns);
    commit(s);
}

static void row_type_of_a_table(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    const object rows = {
        .catalog = PG_TYPE, .oid = 16401, .name = "orders", .kind = 'c', .table = orders.oid
    };
    begin(s, 700);
    object_insert(s, &rows);
    create(s, &orders);
    commit(s);
    begin(s, 701);
    object_delete(s, &rows);
    drop(s, &orders);
    commit(s);
}

/* ---- triggers, policies, rules ---- */

static const object trigger = {
    .catalog = PG_TRIGGER, .oid = 16500, .name = "T one", .table = 16400
};
static const object policy = { .catalog = PG_POLICY, .oid = 16501, .name = "own", .table = 16400 };
static const object rule = {
    .catalog = PG_REWRITE, .oid = 16502, .name = "select", .table = 16400
};

static void parts_come_and_go(story *s)
{
    (void)table_of(s, 16400, "Order Items", 'r');
    const object *const parts[] = { &trigger, &policy, &rule };
    begin(s, 700);
    for (size_t i = 0; i < COUNT(parts); i++)
        object_insert(s, parts[i]);
    commit(s);
    begin(s, 701);
    for (size_t i = 0; i < COUNT(parts); i++)
        object_update(s, parts[i]);
    commit(s);
    begin(s, 702);
    for (size_t i = 0; i < COUNT(parts); i++)
        object_delete(s, parts[i]);
    commit(s);
}

static void parts_go_with_their_table(story *s)
{
    const relation orders = table_of(s, 16400, "orders", 'r');
    const object *const parts[] = { &trigger, &policy, &rule };
    begin(s, 700);
    for (size_t i = 0; i < COUNT(parts); i++)
        object_insert(s, parts[i]);
    commit(s);
    begin(s, 701);
    for (size_t i = 0; i < COUNT(parts); i++)
        object_delete(s, parts[i]);
    drop(s, &orders);
    commit(s);
}

static void parts_of_an_unknown_table(story *s)
{
    come_and_go(s, &trigger);
}

static void trigger_of_a_renamed_table(story *s)
{
    relation orders = table_of(s, 16400, "orders", 'r');
    begin(s, 700);
    object_insert(s, &trigger);
    commit(s);
    begin(s, 701);
    rename_to(s, &orders, "bills");
    commit(s);
    begin(s, 702);
    object_delete(s, &trigger);
    commit(s);
}

static void parts_the_system_makes(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    const object foreign_key = { .catalog = PG_TRIGGER,
                                 .oid = 16510,
                                 .name = "RI_ConstraintTrigger_a_16510",
                                 .table = 16400,
                                 .is_internal = true };
    const object returning = {
        .catalog = PG_REWRITE, .oid = 16511, .name = "_RETURN", .table = 16400
    };
    const object copy = {
        .catalog = PG_TRIGGER, .oid = 16512, .name = "copied", .table = 16400, .parent = 16490
    };
    begin(s, 700);
    object_insert(s, &foreign_key);
    object_insert(s, &returning);
    object_insert(s, &copy);
    depends(s, PG_TRIGGER, copy.oid, 0, PG_TRIGGER, 16490, 'P');
    commit(s);
    begin(s, 701);
    object_delete(s, &foreign_key);
    object_delete(s, &returning);
    depends_no_more(s, copy.oid, 0, 16490);
    object_delete(s, &copy);
    commit(s);
}

static void trigger_of_a_temporary_table(story *s)
{
    relation scratch = { .oid = 16400, .name = "scratch", .nsp = 16390, .persistence = 't' };
    begin(s, 699);
    create_schema(s, 16390, "pg_temp_3");
    create(s, &scratch);
    commit(s);
    come_and_go(s, &trigger);
}

/* ---- constraints ---- */

static object constraint_of(wp_oid oid, const char *name, wp_oid table, char kind)
{
    return (
        object){ .catalog = PG_CONSTRAINT, .oid = oid, .name = name, .table = table, .kind = kind };
}

static void constraints_come_and_go(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    const char kinds[] = { 'c', 'f' };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const object o = constraint_of(16500, "Positive", 16400, kinds[i]);
        come_and_go(s, &o);
    }
}

static void constraint_of_a_foreign_table(story *s)
{
    (void)table_of(s, 16400, "far", 'f');
    const object o = constraint_of(16500, "positive", 16400, 'c');
    come_and_go(s, &o);
}

/* NOT NULL, and what a constraint trigger is made with. */
static void constraints_not_told(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    const object not_null = constraint_of(16500, "orders_id_not_null", 16400, 'n');
    come_and_go(s, &not_null);
    const object of_trigger = constraint_of(16501, "late", 16400, 't');
    come_and_go(s, &of_trigger);
}

static void primary_key_with_its_index(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    relation index = { .oid = 16410, .name = "orders_pkey", .kind = 'i', .indexed = 16400 };
    object key = constraint_of(16500, "orders_pkey", 16400, 'p');
    key.index = index.oid;
    begin(s, 700);
    create(s, &index);
    object_insert(s, &key);
    commit(s);
    begin(s, 701);
    object_delete(s, &key);
    drop(s, &index);
    commit(s);
}

/* The index a foreign key names is that of the other table. */
static void foreign_key_keeps_the_index(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    relation index = { .oid = 16410, .name = "customers_pkey", .kind = 'i', .indexed = 16390 };
    object key = constraint_of(16500, "orders_fkey", 16400, 'f');
    key.index = index.oid;
    begin(s, 700);
    create(s, &index);
    object_insert(s, &key);
    commit(s);
    begin(s, 701);
    object_delete(s, &key);
    drop(s, &index);
    commit(s);
}

static void constraint_comes_and_goes_with_its_table(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    const object check = constraint_of(16500, "positive", 16400, 'c');
    begin(s, 700);
    create(s, &orders);
    object_insert(s, &check);
    commit(s);
    begin(s, 701);
    object_delete(s, &check);
    drop(s, &orders);
    commit(s);
}

static void foreign_key_goes_with_the_other_table(story *s)
{
    const relation customers = table_of(s, 16390, "customers", 'r');
    (void)table_of(s, 16400, "orders", 'r');
    const object key = constraint_of(16500, "orders_fkey", 16400, 'f');
    begin(s, 700);
    object_insert(s, &key);
    depends(s, PG_CONSTRAINT, key.oid, 0, PG_CLASS, customers.oid, 'n');
    commit(s);
    begin(s, 701);
    lock(s, customers.oid);
    depends_no_more(s, key.oid, 0, customers.oid);
    object_delete(s, &key);
    drop(s, &customers);
    commit(s);
}

static void constraint_made_anew(story *s)
{
    (void)table_of(s, 16400, "orders", 'r');
    const object old = constraint_of(16500, "positive", 16400, 'c');
    const object new = constraint_of(16501, "positive", 16400, 'c');
    const object other = constraint_of(16502, "positive", 16390, 'c');
    begin(s, 700);
    object_insert(s, &old);
    commit(s);
    begin(s, 701);
    object_delete(s, &old);
    object_insert(s, &new);
    commit(s);
    begin(s, 702);
    object_delete(s, &new);
    object_insert(s, &other);
    commit(s);
}

/* conparentid is there from 11 on; before, nothing is copied. */
static void constraints_of_partitions(story *s)
{
    (void)table_of(s, 16400, "parent", 'p');
    (void)table_of(s, 16401, "leaf", 'r');
    const object parent = constraint_of(16500, "key", 16400, 'p');
    object leaf = constraint_of(16501, "leaf_key", 16401, 'p');
    leaf.parent = parent.oid;
    begin(s, 700);
    object_insert(s, &parent);
    object_insert(s, &leaf);
    commit(s);
    begin(s, 701);
    object_delete(s, &leaf);
    object_delete(s, &parent);
    commit(s);
}

/* ---- members of an extension; what is named alone ---- */

static void extension_with_members(story *s)
{
    const object extension = { .catalog = PG_EXTENSION, .oid = 16600, .name = "hstore" };
    const object type = { .catalog = PG_TYPE, .oid = 16601, .name = "hstore" };
    relation view = { .oid = 16602, .name = "hstore_stats", .kind = 'v' };
    begin(s, 700);
    object_insert(s, &extension);
    object_insert(s, &type);
    depends(s, PG_TYPE, type.oid, 0, PG_EXTENSION, extension.oid, 'e');
    object_insert(s, &function);
    depends(s, PG_PROC, function.oid, 0, PG_EXTENSION, extension.oid, 'e');
    create(s, &view);
    depends(s, PG_CLASS, view.oid, 0, PG_EXTENSION, extension.oid, 'e');
    commit(s);
    begin(s, 701);
    depends_no_more(s, function.oid, 0, extension.oid);
    object_delete(s, &function);
    depends_no_more(s, type.oid, 0, extension.oid);
    object_delete(s, &type);
    object_delete(s, &extension);
    commit(s);
}

static void named_come_and_go(story *s)
{
    const object role = { .catalog = PG_AUTHID, .oid = 16700, .name = "Clerk" };
    const object space = { .catalog = PG_TABLESPACE, .oid = 16701, .name = "fast" };
    begin(s, 700);
    object_insert(s, &role);
    object_update(s, &role);
    object_insert(s, &space);
    create_schema(s, 16702, "Doomed");
    database_insert(s, 16703, "shop");
    commit(s);
    begin(s, 701);
    object_delete(s, &role);
    drop_schema(s, 16702);
    commit(s);
    begin(s, 702);
    object_insert(s, &role);
    object_delete(s, &role);
    commit(s);
}

static void schema_goes_with_its_functions(story *s)
{
    const object inside = { .catalog = PG_PROC, .oid = 16500, .name = "f", .nsp = 16390 };
    begin(s, 700);
    create_schema(s, 16390, "doomed");
    object_insert(s, &inside);
    commit(s);
    begin(s, 701);
    object_delete(s, &inside);
    drop_schema(s, 16390);
    commit(s);
}

static const story_case cases[] = {
    { .name = "function",
      .tell = function_comes_and_goes,
      .events = "700 CREATE FUNCTION public.\"Sum Up\"\n701 DROP FUNCTION public.\"Sum Up\"",
      .with_creates = true },
    { .name = "aggregate",
      .tell = aggregate_comes_and_goes,
      .events = "700 CREATE AGGREGATE public.total\n701 DROP AGGREGATE public.total",
      .with_creates = true },
    { .name = "function: replaced, renamed",
      .tell = function_replaced,
      .events = "700 CREATE FUNCTION public.\"Sum Up\"\n703 DROP FUNCTION public.renamed",
      .with_creates = true },
    { .name = "function: undone",
      .tell = function_undone,
      .events = "701 CREATE FUNCTION public.other",
      .with_creates = true },
    { .name = "function: made and dropped at once",
      .tell = function_passing,
      .events = "",
      .with_creates = true },
    { .name = "function: made and dropped at once, asked for",
      .tell = function_passing,
      .events = "700 CREATE FUNCTION public.\"Sum Up\"\n700 DROP FUNCTION public.\"Sum Up\"",
      .with_creates = true,
      .include_temporary = true },
    { .name = "function: dropped and made anew",
      .tell = function_dropped_and_made_anew,
      .events = "700 CREATE FUNCTION public.f\n701 DROP FUNCTION public.f\n"
                "701 CREATE FUNCTION public.f",
      .with_creates = true },
    { .name = "function: schema unknown",
      .tell = function_of_an_unknown_schema,
      .events = "701 DROP FUNCTION [16390].f" },
    { .name = "function: temporary",
      .tell = function_of_a_temporary_schema,
      .events = "",
      .with_creates = true },
    { .name = "function: temporary, asked for",
      .tell = function_of_a_temporary_schema,
      .events = "701 DROP FUNCTION pg_temp_3.f",
      .include_temporary = true },
    { .name = "function: of initdb",
      .tell = function_of_initdb,
      .events = "",
      .with_creates = true },
    { .name = "function: prepared transaction",
      .tell = function_dropped_by_a_prepared_transaction,
      .events = "701 DROP FUNCTION public.\"Sum Up\"" },
    { .name = "function: known from a page image",
      .tell = function_known_from_a_page,
      .events = "701 DROP FUNCTION public.\"Sum Up\"",
      .events_without_images = "",
      .skip_segments = 1 },

    { .name = "type: its array is folded",
      .tell = type_with_its_array,
      .events = "700 CREATE TYPE public.mood\n701 DROP TYPE public.mood",
      .with_creates = true },
    { .name = "type: domain, its constraints are not told",
      .tell = domain_comes_and_goes,
      .events = "700 CREATE TYPE public.amount\n702 DROP TYPE public.amount",
      .with_creates = true },
    { .name = "type: range, its functions and multirange are folded",
      .tell = range_with_its_functions,
      .events = "700 CREATE TYPE public.span\n701 DROP TYPE public.span",
      .with_creates = true },
    { .name = "type: composite",
      .tell = composite_type,
      .events = "700 CREATE TYPE public.pair\n701 DROP TYPE public.pair",
      .with_creates = true },
    { .name = "type: of a table's rows",
      .tell = row_type_of_a_table,
      .events = "700 CREATE TABLE public.orders\n701 DROP TABLE public.orders",
      .with_creates = true },

    { .name = "trigger, policy, rule",
      .tell = parts_come_and_go,
      .events = "690 CREATE TABLE public.\"Order Items\"\n"
                "700 CREATE TRIGGER \"T one\" ON public.\"Order Items\"\n"
                "700 CREATE POLICY own ON public.\"Order Items\"\n"
                "700 CREATE RULE \"select\" ON public.\"Order Items\"\n"
                "702 DROP TRIGGER \"T one\" ON public.\"Order Items\"\n"
                "702 DROP POLICY own ON public.\"Order Items\"\n"
                "702 DROP RULE \"select\" ON public.\"Order Items\"",
      .with_creates = true },
    { .name = "trigger, policy, rule: with their table",
      .tell = parts_go_with_their_table,
      .events = "701 DROP TABLE public.orders" },
    { .name = "trigger: table unknown",
      .tell = parts_of_an_unknown_table,
      .events = "701 DROP TRIGGER \"T one\" ON [16400]" },
    { .name = "trigger: table renamed",
      .tell = trigger_of_a_renamed_table,
      .events = "701 ALTER TABLE public.orders RENAME TO bills\n"
                "702 DROP TRIGGER \"T one\" ON public.bills" },
    { .name = "trigger, rule: made by the system",
      .tell = parts_the_system_makes,
      .events = "690 CREATE TABLE public.orders",
      .with_creates = true },
    { .name = "trigger: of a temporary table",
      .tell = trigger_of_a_temporary_table,
      .events = "",
      .with_creates = true },

    { .name = "constraint",
      .tell = constraints_come_and_go,
      .events = "700 ALTER TABLE public.orders ADD CONSTRAINT \"Positive\"\n"
                "701 ALTER TABLE public.orders DROP CONSTRAINT \"Positive\"\n"
                "700 ALTER TABLE public.orders ADD CONSTRAINT \"Positive\"\n"
                "701 ALTER TABLE public.orders DROP CONSTRAINT \"Positive\"" },
    { .name = "constraint: foreign table",
      .tell = constraint_of_a_foreign_table,
      .events = "700 ALTER FOREIGN TABLE public.far ADD CONSTRAINT positive\n"
                "701 ALTER FOREIGN TABLE public.far DROP CONSTRAINT positive" },
    { .name = "constraint: NOT NULL, constraint trigger",
      .tell = constraints_not_told,
      .events = "" },
    { .name = "constraint: its index is folded",
      .tell = primary_key_with_its_index,
      .events = "690 CREATE TABLE public.orders\n"
                "700 ALTER TABLE public.orders ADD CONSTRAINT orders_pkey\n"
                "701 ALTER TABLE public.orders DROP CONSTRAINT orders_pkey",
      .with_creates = true },
    { .name = "constraint: foreign key has no index of its own",
      .tell = foreign_key_keeps_the_index,
      .events = "700 ALTER TABLE public.orders ADD CONSTRAINT orders_fkey\n"
                "701 ALTER TABLE public.orders DROP CONSTRAINT orders_fkey\n"
                "701 DROP INDEX public.customers_pkey" },
    { .name = "constraint: with its table",
      .tell = constraint_comes_and_goes_with_its_table,
      .events = "701 DROP TABLE public.orders" },
    { .name = "constraint: foreign key to a dropped table",
      .tell = foreign_key_goes_with_the_other_table,
      .events = "700 ALTER TABLE public.orders ADD CONSTRAINT orders_fkey\n"
                "701 ALTER TABLE public.orders DROP CONSTRAINT orders_fkey (by 1)\n"
                "701 DROP TABLE public.customers",
      .with_incidents = true },
    { .name = "constraint: made anew",
      .tell = constraint_made_anew,
      .events = "700 ALTER TABLE public.orders ADD CONSTRAINT positive\n"
                "702 ALTER TABLE public.orders DROP CONSTRAINT positive\n"
                "702 ALTER TABLE [16390] ADD CONSTRAINT positive" },
    { .name = "constraint: of a partition, with that of its parent",
      .tell = constraints_of_partitions,
      .events = "700 ALTER TABLE public.parent ADD CONSTRAINT key\n"
                "700 ALTER TABLE public.leaf ADD CONSTRAINT leaf_key\n"
                "701 ALTER TABLE public.leaf DROP CONSTRAINT leaf_key\n"
                "701 ALTER TABLE public.parent DROP CONSTRAINT key" },

    { .name = "extension: members are folded",
      .tell = extension_with_members,
      .events = "700 CREATE EXTENSION hstore\n701 DROP EXTENSION hstore",
      .with_creates = true },
    { .name = "role, tablespace, schema, database",
      .tell = named_come_and_go,
      .events = "700 CREATE ROLE \"Clerk\"\n700 CREATE TABLESPACE fast\n"
                "700 CREATE SCHEMA \"Doomed\"\n700 CREATE DATABASE shop\n"
                "701 DROP ROLE \"Clerk\"\n701 DROP SCHEMA \"Doomed\"",
      .with_creates = true },
    { .name = "incident: DROP SCHEMA takes functions along",
      .tell = schema_goes_with_its_functions,
      .events = "701 DROP FUNCTION doomed.f (by 1)\n701 DROP SCHEMA doomed",
      .with_incidents = true },
};

/* ---- rows ---- */

/* prokind has come with 11; what there was before only tells aggregates. */
static void kinds_of_functions(void **state)
{
    (void)state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        const wp_catalog_layout *l = &wp_profile_at(i)->catalog;
        const bool has_kinds = l->prokind_at >= 0;
        uint8_t bytes[160] = { 0 };
        bytes[0] = 1; /* the oid, where that is a column */
        bytes[l->proname_at] = 'f';
        for (const char *kind = "fpaw"; *kind; kind++) {
            bytes[has_kinds ? l->prokind_at : l->proisagg_at] =
                has_kinds ? (uint8_t)*kind : *kind == 'a';
            wpi_row row = { .catalog = PG_PROC, .oid = 1 };
            assert_true(wpi_parse_row(l, (wp_view){ bytes, sizeof bytes }, &row));
            assert_int_equal(row.kind, has_kinds || *kind == 'a' ? *kind : 'f');
        }
    }
}

/* Rows that end too early: no byte behind the end is read, and no row comes of it that lacks its name. */
static void short_rows(void **state)
{
    (void)state;
    const wp_oid catalogs[] = {
        PG_CLASS, PG_PROC, PG_TRIGGER, PG_POLICY, PG_REWRITE, PG_CONSTRAINT
    };
    for (size_t i = 0; wp_profile_at(i); i++)
        for (size_t k = 0; k < COUNT(catalogs); k++)
            for (size_t len = 0; len < 160; len++) {
                uint8_t *bytes = malloc(len + !len);
                assert_non_null(bytes);
                memset(bytes, 'x', len);
                wpi_row row = { .catalog = catalogs[k], .oid = 1 };
                const bool is_row =
                    wpi_parse_row(&wp_profile_at(i)->catalog, (wp_view){ bytes, len }, &row);
                assert_true(!is_row || (len >= 68 && strlen(row.name) == WP_NAME_BYTES - 1));
                free(bytes);
            }
    wpi_row row = { .catalog = PG_CLASS, .oid = 1 };
    assert_false(wpi_parse_row(&wp_profile_at(0)->catalog, (wp_view){ NULL, 0 }, &row));
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(kinds_of_functions),
        cmocka_unit_test(short_rows),
    };
    int failed = RUN_CASES("objects: stories", cases, tell_story);
    failed += cmocka_run_group_tests_name("objects: rows", others, NULL, NULL);
    return failed != 0;
}
