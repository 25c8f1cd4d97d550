/*
 * test_accounted.c - what is said of rows that nobody saw, which a transaction deleted that dropped relations, too: did
 * they go with those, or may they have been something else?
 *
 * Reading begins late. With full-page images all is seen; without them only rows that came after that. How many rows
 * of which catalog a statement deletes, and which relations its commit names, is as servers of 11 to 18 do it.
 */
#include "story_case.h"
#include "story_objects.h"

#include "cases.h"

enum { ORDERS = 16400, KEEP = 16410, PARENT = 16420, POINT = 16430, REPORT = 16440 };

static relation orders, keep, parent, point, report;

static const object orders_type = { PG_TYPE, 16401, "orders", .table = ORDERS, .kind = 'c' };
static const object orders_array = { PG_TYPE, 16402, "_orders", .is_internal = true };
static const object mood = { PG_TYPE, 16501, "mood", .kind = 'e' };
static const object mood_array = { PG_TYPE, 16500, "_mood", .is_internal = true };
static const object email = { PG_TYPE, 16504, "email", .kind = 'd' };
static const object email_array = { PG_TYPE, 16503, "_email", .is_internal = true };
static const object point_type = { PG_TYPE, 16431, "point_3d", .table = POINT, .kind = 'c' };
static const object point_array = { PG_TYPE, 16432, "_point_3d", .is_internal = true };
static const object report_type = { PG_TYPE, 16441, "report", .table = REPORT, .kind = 'c' };
static const object report_array = { PG_TYPE, 16442, "_report", .is_internal = true };
static const object report_rule = { PG_REWRITE, 16443, "_RETURN", .table = REPORT };
static const object keep_rule = { PG_REWRITE, 16444, "audit", .table = KEEP };
static const object orders_policy = { PG_POLICY, 16510, "owner", .table = ORDERS };
static const object keep_policy = { PG_POLICY, 16511, "owner", .table = KEEP };
static const object orders_trigger = { PG_TRIGGER, 16512, "stamp", .table = ORDERS };
static const object keep_trigger = { PG_TRIGGER, 16513, "stamp", .table = KEEP };
static const object orders_check = { PG_CONSTRAINT, 16520, "orders_check", .table = ORDERS };
static const object foreign_key = { PG_CONSTRAINT, 16521, "fkey", .table = ORDERS, .kind = 'f' };

static void insert_all(story *s, const object *const *objects, size_t n)
{
    begin(s, 690);
    for (size_t i = 0; i < n; i++)
        object_insert(s, objects[i]);
    commit(s);
}

static void make(story *s, wp_xid xid, relation *r, wp_oid oid, const char *name, char kind)
{
    *r = (relation){ .oid = oid, .name = name, .kind = kind };
    begin(s, xid);
    create(s, r);
    commit(s);
}

/* Objects of before; then reading begins, and rows of the relations come, which are seen. */
#define BEFORE(s, ...)                                                                   \
    insert_all(s, (const object *const[]){ __VA_ARGS__ },                                \
               sizeof((const object *const[]){ __VA_ARGS__ }) / sizeof(const object *)); \
    wal_switch(story_wal(s));                                                            \
    checkpoint(s);                                                                       \
    make(s, 691, &orders, ORDERS, "orders", 'r');                                        \
    make(s, 692, &keep, KEEP, "keep", 'r')

static void begin_drop_of_orders(story *s)
{
    begin(s, 701);
    drop(s, &orders);
}

static void delete_type_of_orders(story *s)
{
    object_delete(s, &orders_array);
    object_delete(s, &orders_type);
}

/* ---- types -------------------------------------------------------------------------------- */

static void table_alone(story *s)
{
    BEFORE(s, &orders_type, &orders_array);
    begin_drop_of_orders(s);
    delete_type_of_orders(s);
    commit(s);
}

static void table_and_type(story *s)
{
    BEFORE(s, &orders_type, &orders_array, &mood, &mood_array);
    begin_drop_of_orders(s);
    delete_type_of_orders(s);
    object_delete(s, &mood_array);
    object_delete(s, &mood);
    commit(s);
}

/* One row each, before 11. */
static void table_and_domain(story *s)
{
    BEFORE(s, &orders_type, &orders_array, &email);
    begin_drop_of_orders(s);
    delete_type_of_orders(s);
    object_delete(s, &email);
    commit(s);
}

static void types_of_which_one_is_seen(story *s)
{
    BEFORE(s, &orders_type, &orders_array);
    begin(s, 693);
    object_insert(s, &email_array);
    object_insert(s, &email);
    commit(s);
    begin_drop_of_orders(s);
    delete_type_of_orders(s);
    object_delete(s, &email_array);
    object_delete(s, &email);
    commit(s);
}

/* Its relation is seen, and the type of its rows is not. */
static void composite_type(story *s)
{
    BEFORE(s, &orders_type, &orders_array, &point_type, &point_array);
    make(s, 693, &point, POINT, "point_3d", 'c');
    begin_drop_of_orders(s);
    delete_type_of_orders(s);
    object_delete(s, &point_array);
    object_delete(s, &point_type);
    drop(s, &point);
    commit(s);
}

/* Of both only the relation's own row was there before; as servers do it, all is locked before rows go. */
static void begin_drop_of_unseen(story *s)
{
    make(s, 680, &orders, ORDERS, "orders", 'r');
    make(s, 681, &point, POINT, "point_3d", 'c');
    wal_switch(story_wal(s));
    checkpoint(s);
    insert_all(s, (const object *const[]){ &orders_array, &orders_type, &point_array, &point_type },
               4);
    begin(s, 701);
    lock(s, orders.oid);
    delete_type_of_orders(s);
    class_delete(s, &orders);
    unlink_at_commit(s, file_of(s, &orders));
}

static void unseen_table(story *s)
{
    begin_drop_of_unseen(s);
    commit(s);
}

/* It goes before the type of its rows, a table after that. */
static void unseen_table_and_composite_type(story *s)
{
    begin_drop_of_unseen(s);
    lock(s, point.oid);
    object_delete(s, &point_array);
    class_delete(s, &point);
    object_delete(s, &point_type);
    commit(s);
}

/* ---- rules -------------------------------------------------------------------------------- */

static void drop_report(story *s)
{
    object_delete(s, &report_array);
    object_delete(s, &report_type);
    object_delete(s, &report_rule);
    drop(s, &report);
}

static void view_while_a_table_stays(story *s)
{
    BEFORE(s, &report_type, &report_array, &report_rule);
    make(s, 693, &report, REPORT, "report", 'v');
    begin(s, 701);
    drop_report(s);
    invalidate(s, keep.oid);
    commit(s);
}

static void view_and_rule(story *s)
{
    BEFORE(s, &report_type, &report_array, &report_rule, &keep_rule);
    make(s, 693, &report, REPORT, "report", 'v');
    begin(s, 701);
    drop_report(s);
    object_delete(s, &keep_rule);
    invalidate(s, keep.oid);
    commit(s);
}

/* ---- policies, triggers, constraints ------------------------------------------------------ */

static void table_with_its_parts(story *s)
{
    BEFORE(s, &orders_policy, &orders_trigger, &orders_check);
    begin_drop_of_orders(s);
    object_delete(s, &orders_policy);
    object_delete(s, &orders_trigger);
    object_delete(s, &orders_check);
    commit(s);
}

static void table_and_policy(story *s)
{
    BEFORE(s, &keep_policy);
    begin_drop_of_orders(s);
    object_delete(s, &keep_policy);
    invalidate(s, keep.oid);
    commit(s);
}

static void table_and_trigger(story *s)
{
    BEFORE(s, &orders_trigger, &keep_trigger);
    begin_drop_of_orders(s);
    object_delete(s, &orders_trigger);
    object_delete(s, &keep_trigger);
    invalidate(s, keep.oid);
    commit(s);
}

/* The row of pg_depend is seen: for the table that went. */
static void table_with_foreign_key(story *s)
{
    BEFORE(s, &foreign_key);
    make(s, 693, &parent, PARENT, "parent", 'r');
    begin(s, 694);
    depends(s, PG_CONSTRAINT, foreign_key.oid, 0, PG_CLASS, ORDERS, 'a');
    depends(s, PG_CONSTRAINT, foreign_key.oid, 0, PG_CLASS, PARENT, 'n');
    commit(s);
    begin_drop_of_orders(s);
    object_delete(s, &foreign_key);
    depends_no_more(s, foreign_key.oid, 0, ORDERS);
    depends_no_more(s, foreign_key.oid, 0, PARENT);
    invalidate(s, parent.oid);
    commit(s);
}

/* DROP TABLE parent CASCADE: the key belongs to a table that stays. */
static void table_that_a_foreign_key_needs(story *s)
{
    BEFORE(s, &foreign_key);
    make(s, 693, &parent, PARENT, "parent", 'r');
    begin(s, 694);
    depends(s, PG_CONSTRAINT, foreign_key.oid, 0, PG_CLASS, ORDERS, 'a');
    depends(s, PG_CONSTRAINT, foreign_key.oid, 0, PG_CLASS, PARENT, 'n');
    commit(s);
    begin(s, 701);
    drop(s, &parent);
    object_delete(s, &foreign_key);
    depends_no_more(s, foreign_key.oid, 0, ORDERS);
    depends_no_more(s, foreign_key.oid, 0, PARENT);
    invalidate(s, orders.oid);
    commit(s);
}

#define STORY(of, seen, unseen)                                                   \
    {                                                                             \
        .name = #of, .tell = of, .events = seen, .events_without_images = unseen, \
        .with_possible = true, .skip_segments = 1                                 \
    }
#define TABLE "701 DROP TABLE public.orders"

static const story_case cases[] = {
    STORY(table_alone, TABLE, TABLE),
    STORY(table_and_type, TABLE "\n701 DROP TYPE public.mood", TABLE "\n701 maybe DROP TYPE [?]"),
    STORY(table_and_domain, TABLE "\n701 DROP TYPE public.email",
          TABLE "\n701 maybe DROP TYPE [?]"),
    STORY(types_of_which_one_is_seen, TABLE "\n701 DROP TYPE public.email",
          TABLE "\n701 DROP TYPE public.email"),
    STORY(composite_type, TABLE "\n701 DROP TYPE public.point_3d",
          TABLE "\n701 maybe DROP TYPE [?]"),
    STORY(unseen_table, TABLE, "701 DROP TABLE [16400]"),
    STORY(unseen_table_and_composite_type, TABLE "\n701 DROP TYPE public.point_3d",
          "701 DROP TABLE [16400]\n701 maybe DROP TYPE [?]"),
    STORY(view_while_a_table_stays, "701 DROP VIEW public.report", "701 DROP VIEW public.report"),
    STORY(view_and_rule, "701 DROP VIEW public.report\n701 DROP RULE audit ON public.keep",
          "701 DROP VIEW public.report\n701 maybe DROP RULE [?] ON [?]"),
    STORY(table_with_its_parts, TABLE, TABLE),
    STORY(table_and_policy, TABLE "\n701 DROP POLICY owner ON public.keep",
          TABLE "\n701 maybe DROP POLICY [?] ON [?]"),
    STORY(table_and_trigger, TABLE "\n701 DROP TRIGGER stamp ON public.keep",
          TABLE "\n701 maybe DROP TRIGGER [?] ON [?]"),
    STORY(table_with_foreign_key, TABLE, TABLE),
    STORY(table_that_a_foreign_key_needs,
          "701 DROP TABLE public.parent\n701 ALTER TABLE public.orders DROP CONSTRAINT fkey",
          "701 DROP TABLE public.parent\n701 maybe ALTER TABLE [?] DROP CONSTRAINT [?]\n"
          "701 maybe ALTER FOREIGN TABLE [?] DROP CONSTRAINT [?]"),
};

int main(void)
{
    return RUN_CASES("rows accounted for", cases, tell_story) != 0;
}
