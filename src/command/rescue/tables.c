/* tables.c - see tables.h. */
#include "command/rescue/tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "command/rescue/object_name.h"
#include "rescue/ddl.h"

#define PG_INHERITS 2611
#define FIRST_NORMAL_OID 16384
/* Levels of partitions below partitions. */
#define PARTITION_LEVELS_MAX 64

typedef struct resolver {
    rescue_tables *tables;
    extract *extract;
    bool is_final;
    char *message;
} resolver;

/* ---- tables of one database ----------------------------------------------------------------- */

static bool has_rows(const dictionary_relation *r)
{
    return r->kind == 'r' || r->kind == 'm';
}

static bool add_table(resolver *r, extract_database *db, const dictionary_relation *relation,
                      const subject_item *item)
{
    rescue_tables *t = r->tables;
    for (size_t i = 0; i < t->count; i++) {
        rescue_table *known = &t->items[i];
        if (known->relation != relation)
            continue;
        if (known->rows != SUBJECT_ALL)
            known->rows = item->rows == SUBJECT_ALL ? SUBJECT_ALL : known->rows | item->rows;
        return true;
    }
    rescue_table *slot = GROW(t->items, t->count, t->room);
    if (slot == NULL)
        return message_no_memory(r->message);
    *slot = (rescue_table){
        .database = db, .relation = relation, .rows = item->rows, .told = item->told
    };
    return true;
}

/* Pairs of child and parent. */
typedef struct inheritance {
    struct child {
        wp_oid oid, parent;
    } * items;
    size_t count, room;
    bool failed;
} inheritance;

static bool take_child(void *context, const catalog_row *row)
{
    inheritance *all = context;
    struct child *slot = GROW(all->items, all->count, all->room);
    all->failed = slot == NULL;
    if (slot != NULL) {
        slot->oid = (wp_oid)catalog_row_number(row, "inhrelid");
        slot->parent = (wp_oid)catalog_row_number(row, "inhparent");
    }
    return !all->failed;
}

static bool add_leaves(resolver *r, extract_database *db, const inheritance *all, wp_oid parent,
                       const subject_item *item, int level)
{
    if (level > PARTITION_LEVELS_MAX)
        return message_fail(r->message,
                            "partitions are nested without end: the catalogs are damaged");
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].parent != parent)
            continue;
        const dictionary_relation *child =
            dictionary_relation_of(db->dictionary, all->items[i].oid);
        if (child == NULL)
            continue;
        if (child->kind == 'p' && !add_leaves(r, db, all, child->oid, item, level + 1))
            return false;
        if (has_rows(child) && !add_table(r, db, child, item))
            return false;
    }
    return true;
}

static bool add_partitions(resolver *r, extract_database *db, const dictionary_relation *parent,
                           const subject_item *item)
{
    inheritance all = { 0 };
    bool is_good = dictionary_catalog(db->dictionary, PG_INHERITS, take_child, &all, r->message);
    if (all.failed)
        is_good = message_no_memory(r->message);
    is_good = is_good && add_leaves(r, db, &all, parent->oid, item, 0);
    free(all.items);
    return is_good;
}

static bool add_relation(resolver *r, extract_database *db, const dictionary_relation *relation,
                         const subject_item *item)
{
    if (relation->kind == 'p')
        return add_partitions(r, db, relation, item);
    return !has_rows(relation) || add_table(r, db, relation, item);
}

/* ---- what a subject means ------------------------------------------------------------------- */

static const dictionary_relation *relation_of_file(const dictionary *d, const wp_locator *file)
{
    size_t count;
    const dictionary_relation *all = dictionary_relations(d, &count);
    for (size_t i = 0; file->rel != 0 && i < count; i++)
        if (all[i].file.rel == file->rel && all[i].file.spc == file->spc)
            return &all[i];
    return NULL;
}

static bool add_many(resolver *r, extract_database *db, const subject_item *item)
{
    size_t count;
    const dictionary_relation *all = dictionary_relations(db->dictionary, &count);
    for (size_t i = 0; i < count; i++) {
        const bool is_meant = item->scope == SUBJECT_SCHEMA ? all[i].schema == item->oid
                                                            : all[i].oid >= FIRST_NORMAL_OID;
        if (is_meant && !add_relation(r, db, &all[i], item))
            return false;
    }
    return true;
}

static bool add_item(resolver *r, const subject_item *item)
{
    extract_database *db = NULL;
    for (size_t i = 0; i < r->extract->ndatabases; i++)
        if (r->extract->databases[i].oid == item->db)
            db = &r->extract->databases[i];
    if (db == NULL || db->dictionary == NULL)
        return message_fail(r->message, "database %u is not in pg_database at that place",
                            item->db);
    if (item->scope != SUBJECT_RELATION)
        return add_many(r, db, item);
    const dictionary_relation *relation = item->oid != 0
                                              ? dictionary_relation_of(db->dictionary, item->oid)
                                              : relation_of_file(db->dictionary, &item->file);
    if (relation == NULL)
        return message_fail(
            r->message,
            "the table (OID %u, file %u) is not in pg_class of database %u at that place",
            item->oid, item->file.rel, item->db);
    return add_relation(r, db, relation, item);
}

/* ---- --table -------------------------------------------------------------------------------- */

static bool is_asked_database(const subject *s, const dictionary_database *row)
{
    char oid[16];
    (void)snprintf(oid, sizeof oid, "%u", row->oid);
    return s->database == NULL || row->name[0] == '\0' || strcmp(s->database, row->name) == 0
           || strcmp(s->database, oid) == 0;
}

static bool is_asked_table(const dictionary *d, const dictionary_relation *r,
                           const object_name *asked)
{
    const char *schema = dictionary_schema(d, r->schema);
    return strcmp(r->name, asked->name) == 0
           && (asked->schema[0] == '\0' ? r->oid >= FIRST_NORMAL_OID
                                        : schema != NULL && strcmp(schema, asked->schema) == 0);
}

/* Those of that name that can have rows. */
static bool add_named(resolver *r, extract_database *db, const object_name *asked, size_t *found)
{
    static const subject_item whole = { .rows = SUBJECT_ALL };
    size_t count;
    const dictionary_relation *all = dictionary_relations(db->dictionary, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_asked_table(db->dictionary, &all[i], asked)
            || !(has_rows(&all[i]) || all[i].kind == 'p'))
            continue;
        (*found)++;
        if (!add_relation(r, db, &all[i], &whole))
            return false;
    }
    return true;
}

static bool add_numbered(resolver *r, extract_database *db, wp_oid oid, size_t *found)
{
    static const subject_item whole = { .rows = SUBJECT_ALL };
    const dictionary_relation *relation = dictionary_relation_of(db->dictionary, oid);
    if (relation == NULL || !(has_rows(relation) || relation->kind == 'p'))
        return true;
    (*found)++;
    return add_relation(r, db, relation, &whole);
}

static bool is_number(const char *word)
{
    return word[strspn(word, "0123456789")] == '\0';
}

/* A database that is asked for, and was made after the backup: its catalogs are not followed yet. */
static bool add_new_databases(resolver *r, bool *more)
{
    const subject *s = r->tables->subject;
    for (size_t i = 0; s->database != NULL && i < r->extract->nrows; i++) {
        const dictionary_database *row = &r->extract->rows[i];
        const size_t before = r->extract->ndatabases;
        if (is_asked_database(s, row) && !extract_add_database(r->extract, row->oid))
            return message_no_memory(r->message);
        *more = *more || r->extract->ndatabases > before;
    }
    return true;
}

static bool add_asked(resolver *r)
{
    const subject *s = r->tables->subject;
    size_t found = 0, searched = 0;
    bool more = false;
    if (r->is_final && !add_new_databases(r, &more))
        return false;
    if (more)
        return true;
    /* As it is written first, then as SQL reads it. */
    for (int as_it_is = 1; as_it_is >= 0 && found == 0; as_it_is--) {
        object_name asked;
        const bool is_oid = is_number(s->table);
        if (!is_oid && !object_name_parse(s->table, as_it_is, &asked))
            return message_fail(
                r->message, "--table takes a name like public.orders (not \"%.100s\")", s->table);
        for (size_t i = 0; i < r->extract->ndatabases; i++) {
            extract_database *db = &r->extract->databases[i];
            if (db->dictionary == NULL || !is_asked_database(s, db->row))
                continue;
            searched += (size_t)as_it_is;
            if (!(is_oid ? add_numbered(r, db, (wp_oid)strtoul(s->table, NULL, 10), &found)
                         : add_named(r, db, &asked, &found)))
                return false;
        }
    }
    r->tables->is_missing = r->is_final && found == 0;
    if (found == 1)
        return true;
    if (searched == 0)
        return message_fail(r->message, "there is no database \"%.100s\" at that place",
                            s->database != NULL ? s->database : "");
    return message_fail(r->message,
                        found == 0
                            ? "there is no table %.100s at that place"
                            : "there is more than one table %.100s at that place: name it with "
                              "its schema, and with --database",
                        s->table);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool add_files(resolver *r, const rescue_table *table, ddl *how, dictionary_needs *needs)
{
    const dictionary *d = table->database->dictionary;
    const dictionary_relation *toast = dictionary_relation_of(d, table->relation->toast);
    bool is_good =
        table->relation->file.rel == 0 || dictionary_needs_add(needs, &table->relation->file);
    if (toast != NULL && toast->file.rel != 0)
        is_good = is_good && dictionary_needs_add(needs, &toast->file);
    return is_good ? ddl_files(how, table->relation, needs, r->message)
                   : message_no_memory(r->message);
}

/* Those of all tables, which are of one database. */
static bool add_all_files(resolver *r, dictionary_needs *needs)
{
    const rescue_tables *t = r->tables;
    if (t->count == 0)
        return true;
    for (size_t i = 1; i < t->count; i++)
        if (t->items[i].database != t->items[0].database)
            return message_fail(r->message,
                                "tables of several databases: name one with --database");
    ddl *how = ddl_new(t->items[0].database->dictionary, &r->extract->replay.heap);
    bool is_good = how != NULL || message_no_memory(r->message);
    for (size_t i = 0; is_good && i < t->count; i++)
        is_good = add_files(r, &t->items[i], how, needs);
    ddl_free(how);
    return is_good;
}

static int compare_tables(const void *a, const void *b)
{
    const rescue_table *x = a, *y = b;
    const char *xs = dictionary_schema(x->database->dictionary, x->relation->schema);
    const char *ys = dictionary_schema(y->database->dictionary, y->relation->schema);
    const int order = strcmp(xs != NULL ? xs : "", ys != NULL ? ys : "");
    return order != 0 ? order : strcmp(x->relation->name, y->relation->name);
}

bool rescue_tables_resolve(void *context, extract *e, bool is_final, dictionary_needs *needs,
                           char message[MESSAGE_BYTES])
{
    rescue_tables *t = context;
    resolver r = { .tables = t, .extract = e, .is_final = is_final, .message = message };
    t->count = 0;
    t->is_missing = false;
    bool is_good = t->subject->table == NULL || add_asked(&r);
    for (size_t i = 0; is_good && i < t->subject->count; i++)
        is_good = add_item(&r, &t->subject->items[i]);
    is_good = is_good && add_all_files(&r, needs);
    if (is_good && t->count > 1)
        qsort(t->items, t->count, sizeof *t->items, compare_tables);
    return is_good;
}

void rescue_tables_free(rescue_tables *t)
{
    free(t->items);
    *t = (rescue_tables){ 0 };
}
