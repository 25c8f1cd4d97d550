/*
 * test_reducer.c - what committed transactions did, told by the WAL they leave.
 *
 * Each story is told on every server, at every wal_level, with and without full-page images: the events
 * must be the same.
 */
#include <stdio.h>

#include "story_case.h"

#include "cases.h"

/* A table that was there before, by a transaction of its own. */
static relation existing(story *s, wp_oid oid, const char *name)
{
    relation r = { .oid = oid, .name = name };
    begin(s, 700);
    create(s, &r);
    commit(s);
    return r;
}

/* ---- DROP TABLE ---- */

static void plain_drop(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    drop(s, &orders);
    commit(s);
}

static void rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    drop(s, &orders);
    rollback(s);
}

static void dropped_at_the_second_try(story *s)
{
    rolled_back(s);
    const relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 702);
    drop(s, &orders);
    commit(s);
}

static void savepoint_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    insert_rows(s, &orders, 2);
    savepoint(s, 702);
    drop(s, &orders);
    rollback_to(s);
    insert_rows(s, &orders, 1);
    commit(s);
}

static void savepoint_released(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    savepoint(s, 702);
    drop(s, &orders);
    release(s);
    commit(s);
}

static void savepoint_kept_until_commit(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    savepoint(s, 702);
    savepoint(s, 703);
    drop(s, &orders);
    commit(s);
}

static void inner_savepoint_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    const relation items = existing(s, 16410, "items");
    begin(s, 701);
    savepoint(s, 702);
    drop(s, &items);
    savepoint(s, 703);
    drop(s, &orders);
    rollback_to(s);
    release(s);
    commit(s);
}

static void released_then_outer_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    savepoint(s, 702);
    savepoint(s, 703);
    drop(s, &orders);
    release(s);
    rollback_to(s);
    insert_rows(s, &orders, 1);
    commit(s);
}

static void prepared_and_committed(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    const relation items = existing(s, 16410, "items");
    begin(s, 701);
    savepoint(s, 702);
    drop(s, &orders);
    prepare(s, "nightly job");
    begin(s, 703);
    insert_rows(s, &items, 1);
    commit(s);
    wal_checkpoint(story_wal(s), false, 704); /* outlives a restart */
    commit_prepared(s, "nightly job");
}

static void prepared_and_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    drop(s, &orders);
    prepare(s, "nightly job");
    rollback_prepared(s, "nightly job");
}

static void prepared_only(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    drop(s, &orders);
    prepare(s, "nightly job");
}

static void created_and_dropped(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    create(s, &orders);
    insert_rows(s, &orders, 3);
    drop(s, &orders);
    commit(s);
}

static void created_in_a_savepoint_and_dropped(story *s)
{
    relation orders = { .oid = 16400, .name = "orders" };
    begin(s, 701);
    savepoint(s, 702);
    create(s, &orders);
    release(s);
    savepoint(s, 703);
    drop(s, &orders);
    commit(s);
}

static void temporary(story *s)
{
    relation scratch = { .oid = 16400, .name = "scratch", .nsp = 16390, .persistence = 't' };
    begin(s, 700);
    create_schema(s, 16390, "pg_temp_3");
    create(s, &scratch);
    commit(s);
    begin(s, 701);
    drop(s, &scratch);
    commit(s);
}

static void unlogged(story *s)
{
    relation cache = { .oid = 16400, .name = "cache", .persistence = 'u' };
    begin(s, 700);
    create(s, &cache);
    commit(s);
    begin(s, 701);
    drop(s, &cache);
    commit(s);
}

static void with_all_that_hangs_on_it(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    checkpoint(s);
    begin(s, 701);
    drop_full(s, &orders);
    commit(s);
}

static void two_at_once(story *s)
{
    const relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    begin(s, 701);
    lock(s, b.oid);
    lock(s, a.oid);
    drop(s, &b);
    drop(s, &a);
    commit(s);
}

static void partitioned(story *s)
{
    relation parent = { .oid = 16400, .name = "sales", .kind = 'p' };
    relation one = { .oid = 16410, .name = "sales_2025", .is_partition = true };
    relation two = { .oid = 16420, .name = "sales_2026", .is_partition = true };
    relation index = { .oid = 16430, .name = "sales_pkey", .kind = 'I', .indexed = 16400 };
    begin(s, 700);
    create(s, &parent);
    create(s, &one);
    create(s, &two);
    create(s, &index);
    commit(s);
    begin(s, 701);
    drop(s, &index);
    drop(s, &one);
    drop(s, &two);
    drop(s, &parent);
    commit(s);
}

static void one_partition(story *s)
{
    relation parent = { .oid = 16400, .name = "sales", .kind = 'p' };
    relation one = { .oid = 16410, .name = "sales_2025", .is_partition = true };
    begin(s, 700);
    create(s, &parent);
    create(s, &one);
    commit(s);
    begin(s, 701);
    lock(s, parent.oid);
    drop(s, &one);
    invalidate(s, parent.oid);
    commit(s);
}

static void detached_partition(story *s)
{
    relation parent = { .oid = 16400, .name = "sales", .kind = 'p' };
    relation one = { .oid = 16410, .name = "sales_2025", .is_partition = true };
    begin(s, 700);
    create(s, &parent);
    create(s, &one);
    commit(s);
    begin(s, 701);
    lock(s, parent.oid);
    one.is_partition = false;
    class_update(s, &one);
    commit(s);
}

static void schema_cascade(story *s)
{
    relation orders = { .oid = 16400, .name = "orders", .nsp = 16390 };
    relation report = { .oid = 16410, .name = "report", .nsp = 16390, .kind = 'v' };
    begin(s, 700);
    create_schema(s, 16390, "app");
    create(s, &orders);
    create(s, &report);
    commit(s);
    begin(s, 701);
    drop(s, &report);
    drop(s, &orders);
    drop_schema(s, 16390);
    commit(s);
}

static void schema_made_and_gone(story *s)
{
    begin(s, 701);
    create_schema(s, 16390, "app");
    drop_schema(s, 16390);
    commit(s);
}

static void other_kinds(story *s)
{
    relation view = { .oid = 16400, .name = "v", .kind = 'v' };
    relation matview = { .oid = 16410, .name = "mv", .kind = 'm' };
    relation sequence = { .oid = 16420, .name = "seq", .kind = 'S' };
    relation foreign = { .oid = 16430, .name = "ft", .kind = 'f' };
    relation composite = { .oid = 16440, .name = "ct", .kind = 'c' };
    relation table = { .oid = 16450, .name = "t" };
    relation index = { .oid = 16460, .name = "t_idx", .kind = 'i', .indexed = 16450 };
    relation *const all[] = { &view, &matview, &sequence, &foreign, &composite, &table, &index };
    begin(s, 700);
    for (size_t i = 0; i < COUNT(all); i++)
        create(s, all[i]);
    commit(s);
    begin(s, 701);
    drop(s, &index);
    drop(s, &view);
    drop(s, &matview);
    drop(s, &sequence);
    drop(s, &foreign);
    drop(s, &composite);
    commit(s);
}

static void owned_sequence_alone(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    drop(s, &orders.sequence);
    commit(s);
}

static void dropped_and_made_again(story *s)
{
    const relation old = existing(s, 16400, "orders");
    relation new = { .oid = 16500, .name = "orders" };
    begin(s, 701);
    drop(s, &old);
    create(s, &new);
    commit(s);
    begin(s, 702);
    drop(s, &new);
    commit(s);
}

/* ---- not drops ---- */

static void locked_only(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    lock(s, orders.oid);
    commit(s);
}

static void other_table_of_a_foreign_key(story *s)
{
    const relation orders = existing(s, 16400, "orders"), items = existing(s, 16410, "items");
    begin(s, 701);
    drop(s, &orders);
    lock(s, items.oid);
    invalidate(s, items.oid);
    class_update(s, &items);
    commit(s);
}

static void vacuum_full(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    rewrite_full(s, &orders, 16500);
    commit(s);
    begin(s, 702);
    insert_rows(s, &orders.table, 2);
    commit(s);
}

/* A rewriting ALTER TABLE logs the rows it puts into the new file one by one. */
static void altered_with_a_rewrite(story *s)
{
    relation orders = existing(s, 16400, "orders");
    relation transient = {
        .oid = 16500, .name = "pg_temp_16400", .filenode = 16500, .rewrites = 16400
    };
    begin(s, 701);
    lock(s, orders.oid);
    create_file(s, file_of(s, &transient));
    class_insert(s, &transient);
    insert_rows(s, &transient, 5);
    unlink_at_commit(s, file_of(s, &orders));
    transient.filenode = orders.filenode;
    orders.filenode = 16500;
    class_update(s, &orders);
    class_update(s, &transient);
    class_delete(s, &transient);
    commit(s);
}

static void refreshed_matview(story *s)
{
    relation mv = { .oid = 16400, .name = "mv", .kind = 'm' };
    begin(s, 700);
    create(s, &mv);
    commit(s);
    begin(s, 701);
    rewrite(s, &mv, 16500);
    commit(s);
}

static void reindexed(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    new_file(s, &orders.pkey, 16500);
    commit(s);
}

static void reindexed_concurrently(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    relation new = { .oid = 16500, .name = "orders_pkey_ccnew", .kind = 'i', .indexed = 16400 };
    relation *old = &orders.pkey;
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    create(s, &new);
    commit(s);
    begin(s, 702);
    new.name = "orders_pkey";
    old->name = "orders_pkey_ccold";
    class_update(s, &new);
    class_update(s, old);
    commit(s);
    begin(s, 703);
    old->is_dying = true;
    index_update(s, old);
    commit(s);
    begin(s, 704);
    drop(s, old);
    commit(s);
}

static void moved_to_a_tablespace(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    set_tablespace(s, &orders, 16390, 16500);
    commit(s);
    begin(s, 702);
    delete_rows(s, &orders, 1);
    commit(s);
}

static void sequence_restarted(story *s)
{
    relation seq = { .oid = 16400, .name = "seq", .kind = 'S' };
    begin(s, 700);
    create(s, &seq);
    commit(s);
    begin(s, 701);
    new_file(s, &seq, 16500);
    commit(s);
}

static void vacuum_cuts_the_tail(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    lock(s, orders.oid);
    wal_storage_truncate(story_wal(s), 701, file_of(s, &orders), 0);
    class_inplace(s, &orders);
    commit(s);
}

static void renamed_and_granted(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    rename_to(s, &orders, "orders_old");
    commit(s);
    begin(s, 702);
    class_update(s, &orders);
    commit(s);
}

/* ---- TRUNCATE ---- */

static void truncated(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    new_file(s, &orders, 16500);
    log_truncate(s, &orders);
    commit(s);
    begin(s, 702);
    insert_rows(s, &orders, 1);
    commit(s);
}

static void truncated_with_all(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    begin(s, 700);
    create_full(s, &orders);
    commit(s);
    begin(s, 701);
    truncate_full(s, &orders, 16500);
    new_file(s, &orders.sequence, 16510); /* RESTART IDENTITY */
    commit(s);
}

static void truncated_several(story *s)
{
    relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    begin(s, 701);
    new_file(s, &b, 16500);
    new_file(s, &a, 16510);
    commit(s);
}

static void truncated_and_filled(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    new_file(s, &orders, 16500);
    insert_rows(s, &orders, 4);
    commit(s);
}

static void truncated_twice(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    new_file(s, &orders, 16500);
    /* The second one empties the file that this transaction made. */
    lock(s, orders.oid);
    wal_storage_truncate(story_wal(s), 701, file_of(s, &orders), 0);
    commit(s);
}

static void truncate_rolled_back(story *s)
{
    relation orders = existing(s, 16400, "orders");
    const relation before = orders;
    begin(s, 701);
    new_file(s, &orders, 16500);
    rollback(s);
    begin(s, 702);
    delete_rows(s, &before, 1);
    commit(s);
}

static void truncated_in_a_savepoint(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    savepoint(s, 702);
    new_file(s, &orders, 16500);
    log_truncate(s, &orders);
    release(s);
    commit(s);
}

/* TRUNCATE locks the parent, which has no file, and then all its partitions; LOCK TABLE does so, too. */
static void truncate_after_locks(story *s, bool locks_another)
{
    relation parent = { .oid = 16400, .name = "sales", .kind = 'p' };
    relation one = { .oid = 16410, .name = "sales_2025", .is_partition = true };
    relation other = { .oid = 16420, .name = "sales_2026", .is_partition = true };
    begin(s, 700);
    create(s, &parent);
    create(s, &one);
    create(s, &other);
    commit(s);
    begin(s, 701);
    lock(s, parent.oid);
    lock(s, one.oid);
    if (locks_another)
        lock(s, other.oid);
    new_file(s, &one, 16500);
    commit(s);
}

static void truncated_parent(story *s)
{
    truncate_after_locks(s, false);
}

static void truncated_one_of_the_locked(story *s)
{
    truncate_after_locks(s, true);
}

/* ---- rows ---- */

static void rows_of_every_kind(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    insert_rows(s, &orders, 3);
    multi_insert_rows(s, &orders, 40);
    commit(s);
    begin(s, 702);
    update_rows(s, &orders, 7);
    commit(s);
    begin(s, 703);
    delete_rows(s, &orders, 43);
    commit(s);
}

static void rows_of_several_kinds_at_once(story *s)
{
    const relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    begin(s, 701);
    insert_rows(s, &b, 2);
    delete_rows(s, &a, 1);
    insert_rows(s, &b, 1);
    commit(s);
}

static void rows_taken_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    insert_rows(s, &orders, 2);
    speculative_row(s, &orders);
    commit(s);
    begin(s, 702);
    speculative_row(s, &orders);
    commit(s);
}

static void rows_of_a_savepoint_rolled_back(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 2);
    savepoint(s, 702);
    delete_rows(s, &orders, 10);
    rollback_to(s);
    savepoint(s, 703);
    delete_rows(s, &orders, 3);
    commit(s);
}

static void rows_of_a_rolled_back_transaction(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 2);
    rollback(s);
}

static void rows_nobody_asks_for(story *s)
{
    full_table orders;
    full_table_init(&orders, 16400, "orders");
    relation mv = { .oid = 16450, .name = "mv", .kind = 'm' };
    begin(s, 700);
    create_full(s, &orders);
    create(s, &mv);
    commit(s);
    begin(s, 701);
    insert_rows(s, &orders.toast, 5);
    delete_rows(s, &orders.toast, 2);
    insert_rows(s, &mv, 5);
    delete_rows(s, &mv, 5);
    commit(s);
}

/* A rewrite puts the rows that stay into the new file. */
static void rows_around_a_rewrite(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 3);
    insert_rows(s, &orders, 2);
    rewrite_with_rows(s, &orders, 16500, 50);
    insert_rows(s, &orders, 7);
    update_rows(s, &orders, 1);
    delete_rows(s, &orders, 2);
    commit(s);
}

static void rows_around_a_rewrite_in_a_savepoint(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 2);
    savepoint(s, 702);
    rewrite_with_rows(s, &orders, 16500, 50);
    insert_rows(s, &orders, 1);
    release(s);
    insert_rows(s, &orders, 3);
    commit(s);
}

static void rows_of_a_passing_table(story *s)
{
    relation draft = { .oid = 16400, .name = "draft" };
    begin(s, 701);
    create(s, &draft);
    class_inplace(s, &draft);
    insert_rows(s, &draft, 1);
    drop(s, &draft);
    commit(s);
}

static void rows_around_a_truncate(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 1);
    new_file(s, &orders, 16500);
    insert_rows(s, &orders, 2);
    delete_rows(s, &orders, 2);
    commit(s);
}

static void rows_before_a_rewrite_undone(story *s)
{
    relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 3);
    savepoint(s, 702);
    relation inside = orders;
    rewrite_with_rows(s, &inside, 16500, 50);
    delete_rows(s, &inside, 9);
    rollback_to(s);
    delete_rows(s, &orders, 1);
    commit(s);
}

/* The page that the rewrite changes is the first to show the row. */
static void rows_of_a_table_never_seen(story *s)
{
    relation orders = existing(s, 16400, "orders");
    wal_switch(story_wal(s));
    checkpoint(s);
    begin(s, 701);
    delete_rows(s, &orders, 2);
    rewrite_with_rows(s, &orders, 16500, 50);
    commit(s);
}

static void rows_of_interleaved_transactions(story *s)
{
    const relation a = existing(s, 16400, "a"), b = existing(s, 16410, "b");
    begin(s, 701);
    begin(s, 702);
    delete_rows(s, &a, 1);
    switch_to(s, 701);
    delete_rows(s, &b, 1);
    switch_to(s, 702);
    delete_rows(s, &a, 1);
    commit(s);
    switch_to(s, 701);
    drop(s, &b);
    commit(s);
}

static void rows_prepared(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 2);
    savepoint(s, 702);
    delete_rows(s, &orders, 1);
    prepare(s, "p");
    begin(s, 703);
    insert_rows(s, &orders, 1);
    commit(s);
    commit_prepared(s, "p");
}

static void rows_across_segments(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 10);
    wal_filler(story_wal(s), 1 << 20);
    delete_rows(s, &orders, 5);
    wal_filler(story_wal(s), 1 << 20);
    commit(s);
}

/* ---- transactions without an end ---- */

static void xid_used_again_after_a_crash(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 5);
    /* The server crashes and recovers; what 701 did is void, and the number is given out again. */
    wal_checkpoint(story_wal(s), false, 701);
    begin(s, 701);
    insert_rows(s, &orders, 1);
    commit(s);
}

static void xid_used_again_after_promotion(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    delete_rows(s, &orders, 5);
    wal_end_of_recovery(story_wal(s), 2, 1);
    begin(s, 701);
    insert_rows(s, &orders, 1);
    commit(s);
}

static void still_running(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    const wp_xid running[] = { 701 };
    begin(s, 701);
    delete_rows(s, &orders, 5);
    wal_running_xacts(story_wal(s), 720, 701, running, 1);
    wal_checkpoint(story_wal(s), true, 720);
    commit(s);
}

static void never_ended(story *s)
{
    const relation orders = existing(s, 16400, "orders");
    begin(s, 701);
    drop(s, &orders);
}

/* ---- several databases ---- */

static void same_oids_in_two_databases(story *s)
{
    relation here = { .oid = 16400, .name = "orders" };
    relation there = { .oid = 16400, .name = "invoices" };
    begin(s, 700);
    database_insert(s, STORY_DB, "shop");
    database_insert(s, 16385, "books");
    create(s, &here);
    commit(s);
    in_database(s, 16385);
    begin(s, 701);
    create(s, &there);
    commit(s);
    begin(s, 702);
    drop(s, &there);
    commit(s);
    in_database(s, STORY_DB);
    begin(s, 703);
    delete_rows(s, &here, 2);
    drop(s, &here);
    commit(s);
}

static const story_case cases[] = {
    { .name = "plain DROP TABLE", .tell = plain_drop, .events = "701 DROP TABLE public.orders" },
    { .name = "rolled back", .tell = rolled_back, .events = "" },
    { .name = "rolled back, then dropped",
      .tell = dropped_at_the_second_try,
      .events = "702 DROP TABLE public.orders" },
    { .name = "savepoint rolled back",
      .tell = savepoint_rolled_back,
      .events = "701 INSERT INTO public.orders x3" },
    { .name = "savepoint released",
      .tell = savepoint_released,
      .events = "701 DROP TABLE public.orders" },
    { .name = "nested savepoints kept",
      .tell = savepoint_kept_until_commit,
      .events = "701 DROP TABLE public.orders" },
    { .name = "inner savepoint rolled back",
      .tell = inner_savepoint_rolled_back,
      .events = "701 DROP TABLE public.items" },
    { .name = "inner savepoint released, outer rolled back",
      .tell = released_then_outer_rolled_back,
      .events = "701 INSERT INTO public.orders x1" },
    { .name = "COMMIT PREPARED",
      .tell = prepared_and_committed,
      .events = "703 INSERT INTO public.items x1\n701 DROP TABLE public.orders" },
    { .name = "ROLLBACK PREPARED", .tell = prepared_and_rolled_back, .events = "" },
    { .name = "prepared, not decided", .tell = prepared_only, .events = "" },
    { .name = "created and dropped at once", .tell = created_and_dropped, .events = "" },
    { .name = "created in one savepoint, dropped in another",
      .tell = created_in_a_savepoint_and_dropped,
      .events = "" },
    { .name = "created in one savepoint, dropped in another: asked for",
      .tell = created_in_a_savepoint_and_dropped,
      .events = "701 DROP TABLE public.orders",
      .include_temporary = true },
    { .name = "temporary table", .tell = temporary, .events = "" },
    { .name = "temporary table: asked for",
      .tell = temporary,
      .events = "701 DROP TABLE pg_temp_3.scratch",
      .include_temporary = true },
    { .name = "unlogged table", .tell = unlogged, .events = "701 DROP TABLE public.cache" },
    { .name = "with toast, indexes and sequence",
      .tell = with_all_that_hangs_on_it,
      .events = "701 DROP TABLE public.orders" },
    { .name = "two tables",
      .tell = two_at_once,
      .events = "701 DROP TABLE public.b\n701 DROP TABLE public.a" },
    { .name = "partitioned table",
      .tell = partitioned,
      .events = "701 DROP TABLE public.sales_2025\n701 DROP TABLE public.sales_2026\n"
                "701 DROP TABLE public.sales" },
    { .name = "one partition",
      .tell = one_partition,
      .events = "701 DROP TABLE public.sales_2025" },
    { .name = "detached partition", .tell = detached_partition, .events = "" },
    { .name = "DROP SCHEMA CASCADE",
      .tell = schema_cascade,
      .events = "701 DROP VIEW app.report\n701 DROP TABLE app.orders\n701 DROP SCHEMA app" },
    { .name = "schema created and dropped at once", .tell = schema_made_and_gone, .events = "" },
    { .name = "index, view, materialized view, sequence, foreign table; no type",
      .tell = other_kinds,
      .events = "701 DROP INDEX public.t_idx\n701 DROP VIEW public.v\n"
                "701 DROP MATERIALIZED VIEW public.mv\n701 DROP SEQUENCE public.seq\n"
                "701 DROP FOREIGN TABLE public.ft" },
    { .name = "owned sequence alone",
      .tell = owned_sequence_alone,
      .events = "701 DROP SEQUENCE public.orders_id_seq" },
    { .name = "dropped and made again",
      .tell = dropped_and_made_again,
      .events = "701 DROP TABLE public.orders\n702 DROP TABLE public.orders" },

    { .name = "no drop: LOCK TABLE", .tell = locked_only, .events = "" },
    { .name = "no drop: the other table of a foreign key",
      .tell = other_table_of_a_foreign_key,
      .events = "701 DROP TABLE public.orders" },
    { .name = "no drop: VACUUM FULL, CLUSTER",
      .tell = vacuum_full,
      .events = "701 REWRITE TABLE public.orders\n702 INSERT INTO public.orders x2" },
    { .name = "no drop: rewriting ALTER TABLE",
      .tell = altered_with_a_rewrite,
      .events = "701 REWRITE TABLE public.orders" },
    { .name = "no drop: REFRESH MATERIALIZED VIEW",
      .tell = refreshed_matview,
      .events = "701 REWRITE MATERIALIZED VIEW public.mv" },
    { .name = "no drop: REINDEX", .tell = reindexed, .events = "" },
    { .name = "no drop: REINDEX CONCURRENTLY", .tell = reindexed_concurrently, .events = "" },
    { .name = "no drop: SET TABLESPACE",
      .tell = moved_to_a_tablespace,
      .events = "702 DELETE FROM public.orders x1" },
    { .name = "no drop: ALTER SEQUENCE RESTART", .tell = sequence_restarted, .events = "" },
    { .name = "no truncate: VACUUM cuts off empty pages",
      .tell = vacuum_cuts_the_tail,
      .events = "" },
    { .name = "no drop: RENAME, GRANT",
      .tell = renamed_and_granted,
      .events = "701 ALTER TABLE public.orders RENAME TO orders_old" },

    { .name = "TRUNCATE",
      .tell = truncated,
      .events = "701 TRUNCATE TABLE public.orders\n702 INSERT INTO public.orders x1" },
    { .name = "TRUNCATE with toast, indexes, RESTART IDENTITY",
      .tell = truncated_with_all,
      .events = "701 TRUNCATE TABLE public.orders" },
    { .name = "TRUNCATE of several tables",
      .tell = truncated_several,
      .events = "701 TRUNCATE TABLE public.b\n701 TRUNCATE TABLE public.a" },
    { .name = "TRUNCATE and INSERT",
      .tell = truncated_and_filled,
      .events = "701 TRUNCATE TABLE public.orders\n701 INSERT INTO public.orders x4" },
    { .name = "TRUNCATE twice",
      .tell = truncated_twice,
      .events = "701 TRUNCATE TABLE public.orders" },
    { .name = "TRUNCATE rolled back",
      .tell = truncate_rolled_back,
      .events = "702 DELETE FROM public.orders x1" },
    { .name = "TRUNCATE in a savepoint",
      .tell = truncated_in_a_savepoint,
      .events = "701 TRUNCATE TABLE public.orders" },
    { .name = "TRUNCATE of a partitioned table",
      .only_with_locks = true,
      .tell = truncated_parent,
      .events = "701 TRUNCATE TABLE public.sales\n701 TRUNCATE TABLE public.sales_2025" },
    { .name = "TRUNCATE of one partition of those that are locked",
      .tell = truncated_one_of_the_locked,
      .events = "701 TRUNCATE TABLE public.sales_2025" },

    { .name = "rows: INSERT, COPY, UPDATE, DELETE",
      .tell = rows_of_every_kind,
      .events = "701 INSERT INTO public.orders x43\n702 UPDATE public.orders x7\n"
                "703 DELETE FROM public.orders x43" },
    { .name = "rows: two tables in turn",
      .tell = rows_of_several_kinds_at_once,
      .events = "701 INSERT INTO public.b x3\n701 DELETE FROM public.a x1" },
    { .name = "rows: speculative inserts taken back",
      .tell = rows_taken_back,
      .events = "701 INSERT INTO public.orders x2" },
    { .name = "rows: savepoint rolled back",
      .tell = rows_of_a_savepoint_rolled_back,
      .events = "701 DELETE FROM public.orders x5" },
    { .name = "rows: transaction rolled back",
      .tell = rows_of_a_rolled_back_transaction,
      .events = "" },
    { .name = "rows: none of toast; of a materialized view REFRESH CONCURRENTLY",
      .tell = rows_nobody_asks_for,
      .events = "701 REWRITE MATERIALIZED VIEW public.mv" },
    { .name = "rows: before and after a rewrite",
      .tell = rows_around_a_rewrite,
      .events = "701 DELETE FROM public.orders x5\n701 INSERT INTO public.orders x9\n"
                "701 REWRITE TABLE public.orders\n701 UPDATE public.orders x1" },
    { .name = "rows: before and after a rewrite, in a savepoint",
      .tell = rows_around_a_rewrite_in_a_savepoint,
      .events = "701 DELETE FROM public.orders x2\n701 REWRITE TABLE public.orders\n"
                "701 INSERT INTO public.orders x4" },
    { .name = "rows: of a table that comes and goes",
      .tell = rows_of_a_passing_table,
      .events = "" },
    { .name = "rows: around a TRUNCATE, a row for each kind",
      .tell = rows_around_a_truncate,
      .events = "701 DELETE FROM public.orders x3\n701 TRUNCATE TABLE public.orders\n"
                "701 INSERT INTO public.orders x2" },
    { .name = "rows: before a rewrite that is rolled back",
      .tell = rows_before_a_rewrite_undone,
      .events = "701 DELETE FROM public.orders x4" },
    { .name = "rows: before a rewrite, row of the table unknown",
      .tell = rows_of_a_table_never_seen,
      .skip_segments = 1,
      .events = "701 DELETE FROM public.orders x2\n701 REWRITE TABLE public.orders",
      .events_without_images = "701 DELETE FROM [filenode 16400] x2" },
    { .name = "rows: interleaved transactions",
      .tell = rows_of_interleaved_transactions,
      .events = "702 DELETE FROM public.a x2\n701 DELETE FROM public.b x1\n"
                "701 DROP TABLE public.b" },
    { .name = "rows: of a prepared transaction",
      .tell = rows_prepared,
      .events = "703 INSERT INTO public.orders x1\n701 DELETE FROM public.orders x3" },
    { .name = "rows: summed across segments",
      .tell = rows_across_segments,
      .events = "701 DELETE FROM public.orders x15" },

    { .name = "xid used again after a crash",
      .tell = xid_used_again_after_a_crash,
      .events = "701 INSERT INTO public.orders x1" },
    { .name = "xid used again after a promotion",
      .tell = xid_used_again_after_promotion,
      .events = "701 INSERT INTO public.orders x1" },
    { .name = "xid that still runs",
      .tell = still_running,
      .events = "701 DELETE FROM public.orders x5" },
    { .name = "no end in sight", .tell = never_ended, .events = "" },
    { .name = "same OIDs in two databases",
      .tell = same_oids_in_two_databases,
      .events = "702 books: DROP TABLE public.invoices\n703 shop: DELETE FROM public.orders x2\n"
                "703 shop: DROP TABLE public.orders",
      .with_databases = true },
};

/* ---- what else the reducer tells ---- */

typedef struct told {
    wp_event event;
    wp_object_name database, schema, object;
    char text[200];
    wp_xact_end event_end, end;
    char gid[64];
    unsigned events, ends, points;
} told;

static void on_event(void *context, const wp_event *event)
{
    told *t = context;
    t->event = *event;
    t->event_end = *event->xact;
    t->events++;
    strncpy(t->text, event->text, sizeof t->text - 1);
}

static void on_end(void *context, const wp_xact_end *end)
{
    told *t = context;
    t->end = *end;
    t->ends++;
    if (end->gid)
        strncpy(t->gid, end->gid, sizeof t->gid - 1);
}

static void on_fact(void *context, const wp_fact *fact)
{
    told *t = context;
    t->points += fact->kind == WP_FACT_RESTORE_POINT;
}

static told reduce_story(story *s, wp_reducer **reducer)
{
    told t = { .events = 0 };
    wal_builder *w = story_wal(s);
    mapped m = map_all(w, &(run_options){ .piece = 131072 });
    const wp_reducer_config config = { .profile = wal_profile(w),
                                       .max_align = wal_max_align(w),
                                       .callbacks = { .context = &t,
                                                      .on_event = on_event,
                                                      .on_xact_end = on_end,
                                                      .on_fact = on_fact } };
    wp_error err;
    assert_int_equal(wp_reducer_new(&config, reducer, &err), WP_OK);
    assert_int_equal(wp_reducer_add(*reducer, &m.facts, &err), WP_OK);
    mapped_free(&m);
    return t;
}

static void event_says_all(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        story *s = story_new(&(story_options){ .wal = *each_server(i) });
        const relation orders = existing(s, 16400, "orders");
        begin(s, 701);
        const wp_lsn from = wal_next(story_wal(s));
        savepoint(s, 702);
        drop(s, &orders);
        wal_restore_point(story_wal(s), "here", WAL_NOON);
        story_time(s, WAL_NOON + 123456);
        const wp_lsn at = commit(s);
        const wp_lsn end = wal_end(story_wal(s));
        wp_reducer *reducer = NULL;
        const told t = reduce_story(s, &reducer);
        assert_int_equal(t.events, 2); /* CREATE comes first */
        assert_int_equal(t.ends, 2);
        assert_int_equal(t.points, 1);
        assert_int_equal(t.event.kind, WP_EVENT_DROP_TABLE);
        assert_string_equal(t.text, "DROP TABLE public.orders");
        assert_int_equal(t.event.database.oid, STORY_DB);
        assert_int_equal(t.event.schema.oid, 2200);
        assert_int_equal(t.event.object.oid, 16400);
        assert_int_equal(t.event.locator.rel, 16400);
        assert_int_equal(t.event.locator.db, STORY_DB);
        assert_int_equal(t.event.relkind, 'r');
        assert_false(t.event.is_temporary);
        assert_false(t.event.has_rows);
        assert_true(t.event.lsn >= from && t.event.lsn < at);
        assert_int_equal(t.event_end.op, WP_XACT_COMMIT);
        assert_int_equal(t.event_end.xid, 701);
        assert_int_equal(t.event_end.lsn, at);
        assert_int_equal(t.event_end.end_lsn, end);
        assert_int_equal(t.event_end.time, WAL_NOON + 123456);
        assert_int_equal(t.event_end.nsubxids, 1);
        assert_int_equal(wp_reducer_warnings(reducer), 0);
        wp_reducer_free(reducer);
        story_free(s);
    }
    now_on(NULL);
}

static void gid_of_a_prepared_transaction(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        story *s = story_new(&(story_options){ .wal = *each_server(i) });
        const relation orders = existing(s, 16400, "orders");
        begin(s, 701);
        drop(s, &orders);
        prepare(s, "nightly job");
        const wp_lsn at = commit_prepared(s, "nightly job");
        wp_reducer *reducer = NULL;
        const told t = reduce_story(s, &reducer);
        assert_int_equal(t.events, 2); /* CREATE comes first */
        assert_int_equal(t.event_end.op, WP_XACT_COMMIT_PREPARED);
        assert_int_equal(t.event_end.xid, 701);
        assert_int_equal(t.event_end.lsn, at);
        assert_string_equal(t.gid, "nightly job");
        wp_reducer_free(reducer);
        story_free(s);
    }
    now_on(NULL);
}

static void note_gid(void *context, wp_xid xid, const char *gid)
{
    char *to = context;
    snprintf(to + strlen(to), 100, "%u %s;", xid, gid);
}

static void prepared_in_doubt(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        story *s = story_new(&(story_options){ .wal = *each_server(i) });
        const relation orders = existing(s, 16400, "orders");
        begin(s, 701);
        delete_rows(s, &orders, 1);
        prepare(s, "decided");
        begin(s, 702);
        savepoint(s, 703);
        delete_rows(s, &orders, 1);
        prepare(s, "in doubt");
        begin(s, 704);
        commit_prepared(s, "decided");
        wp_reducer *reducer = NULL;
        (void)reduce_story(s, &reducer);
        char got[300] = "";
        wp_reducer_each_prepared(reducer, note_gid, got);
        assert_string_equal(got, "702 in doubt;");
        wp_reducer_free(reducer);
        story_free(s);
    }
    now_on(NULL);
}

static void text_numbers(void **state)
{
    (void)state;
    wp_reducer_free(NULL);
    wp_reducer *reducer = NULL;
    wp_error err;
    assert_int_equal(wp_reducer_new(&(wp_reducer_config){ .max_align = 8 }, &reducer, &err),
                     WP_ERR_USAGE);
    for (int kind = 0; kind < WP_EVENT_KINDS; kind++)
        assert_true(strlen(wp_event_kind_name((wp_event_kind)kind)) > 3);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test_teardown(event_says_all, say_where),
        cmocka_unit_test_teardown(gid_of_a_prepared_transaction, say_where),
        cmocka_unit_test_teardown(prepared_in_doubt, say_where),
        cmocka_unit_test(text_numbers),
    };
    int failed = RUN_CASES("reducer: stories", cases, tell_story);
    failed += cmocka_run_group_tests_name("reducer", others, NULL, NULL);
    return failed != 0;
}
