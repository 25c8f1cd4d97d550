/*
 * dictionary.c - reading the catalogs of a database: pg_attribute by what the library knows of it, pg_class and all others by what pg_attribute
 * tells.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/dictionary_state.h"

/* ---- columns of catalogs -------------------------------------------------------------------- */

static catalog_layout *layout_of(dictionary *d, wp_oid catalog)
{
    for (size_t i = d->nlayouts; i-- > 0;)
        if (d->layouts[i].oid == catalog)
            return &d->layouts[i];
    catalog_layout *added = GROW(d->layouts, d->nlayouts, d->layouts_room);
    if (added != NULL)
        *added = (catalog_layout){ .oid = catalog };
    return added;
}

static bool take_column(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    const wp_oid catalog = catalog_row_oid(row, "attrelid");
    const int64_t number = catalog_row_number(row, "attnum");
    if (catalog >= FIXED_OIDS_END || number < 1)
        return true;
    catalog_layout *l = layout_of(r->d, catalog);
    if (l == NULL)
        return dictionary_reader_no_memory(r);
    if (number > CATALOG_COLUMNS_MAX)
        return true; /* none that is read here, see check_layouts() */
    const size_t i = (size_t)number - 1;
    if (l->columns[i].typlen != 0) {
        r->has_failed = true;
        return message_fail(r->message, "pg_attribute has two rows of column %zu of OID %u", i + 1,
                            catalog);
    }
    catalog_row_name(row, "attname", l->names[i]);
    l->columns[i] = (wp_column){ .typid = catalog_row_oid(row, "atttypid"),
                                 .typlen = (int16_t)catalog_row_number(row, "attlen"),
                                 .align = catalog_row_char(row, "attalign"),
                                 .is_dropped = catalog_row_number(row, "attisdropped") != 0 };
    l->count = i + 1 > l->count ? i + 1 : l->count;
    return true;
}

static bool is_same_column(const catalog_layout *a, const catalog_layout *b, size_t i)
{
    const wp_column *one = &a->columns[i], *other = &b->columns[i];
    return strcmp(a->names[i], b->names[i]) == 0 && one->typid == other->typid
           && one->typlen == other->typlen && one->align == other->align
           && one->is_dropped == other->is_dropped;
}

/* Does pg_attribute say the same of a catalog as the library? */
static bool check_layout(const dictionary_reader *r, wp_oid catalog)
{
    catalog_layout known;
    catalog_layout_known(r->d->heap->profile, catalog, &known);
    const catalog_layout *found = dictionary_layout(r->d, catalog);
    if (found == NULL)
        return message_fail(r->message, "pg_attribute has no rows of the catalog with OID %u",
                            catalog);
    bool is_same = found->count == known.count;
    for (size_t i = 0; is_same && i < known.count; i++)
        is_same = is_same_column(found, &known, i);
    return is_same
           || message_fail(r->message,
                           "the catalog with OID %u has other columns than in PostgreSQL %s: it is "
                           "of another server, or damaged",
                           catalog, r->d->heap->profile->major);
}

/* Columns from 1 on, and none left out. */
static bool check_whole(const dictionary_reader *r, const catalog_layout *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->columns[i].typlen == 0)
            return message_fail(r->message,
                                "pg_attribute has no row of column %zu of the catalog with OID %u",
                                i + 1, l->oid);
    return true;
}

/* ---- reading -------------------------------------------------------------------------------- */

static int compare_oids(const void *one, const void *other)
{
    wp_oid a, b;
    memcpy(&a, one, sizeof a);
    memcpy(&b, other, sizeof b);
    return (a > b) - (a < b);
}

/* By their OID, which comes first in each. No two rows have one OID where the catalog is what it was. */
static bool sort(const dictionary_reader *r, const char *catalog, void *rows, size_t n,
                 size_t row_bytes)
{
    if (n == 0)
        return true;
    qsort(rows, n, row_bytes, compare_oids);
    for (size_t i = 1; i < n; i++) {
        const char *at = (const char *)rows + i * row_bytes;
        wp_oid oid;
        memcpy(&oid, at, sizeof oid);
        if (compare_oids(at - row_bytes, at) == 0)
            return message_fail(r->message, "%s has two rows of OID %u", catalog, oid);
    }
    return true;
}
#define SORT(r, catalog, rows, n) sort(r, catalog, rows, n, sizeof *(rows))

/* False, too, where replay did not follow it: it is in needs then. */
static bool is_readable(dictionary_reader *r, const wp_locator *file)
{
    if (r->is_followed(r->context, file))
        return true;
    r->has_needs = true;
    return dictionary_needs_add(r->needs, file) ? false : dictionary_reader_no_memory(r);
}

static bool read_file(dictionary_reader *r, const catalog_layout *layout, const wp_locator *file,
                      catalog_take *take)
{
    const catalog_file from = {
        .heap = r->d->heap, .config = &r->d->config, .layout = layout, .file = *file
    };
    if (!catalog_rows(&from, take, r, r->sums, r->message))
        r->has_failed = true;
    return !r->has_failed;
}

/* Where a catalog lies; rel 0: it is not there. */
static wp_locator file_of_catalog(const dictionary *d, wp_oid catalog)
{
    const dictionary_relation *r = dictionary_relation_of(d, catalog);
    const wp_system_relation *known = wp_profile_system_relation(d->heap->profile, catalog);
    const wp_locator none = { 0, 0, 0 };
    if (r != NULL)
        return r->file;
    if (!dictionary_is_partial(d) || known == NULL)
        return none;
    return known->is_shared ? (wp_locator){ GLOBAL_TABLESPACE, 0, catalog }
                            : (wp_locator){ d->spc, d->db, catalog }; /* where initdb made it */
}

static bool read_catalog(dictionary_reader *r, wp_oid catalog, const char *name, catalog_take *take)
{
    const wp_locator file = file_of_catalog(r->d, catalog);
    const catalog_layout *layout = dictionary_layout(r->d, catalog);
    if (layout == NULL || file.rel == 0) {
        r->has_failed = true;
        return message_fail(r->message, "pg_class has no row of %s", name);
    }
    return is_readable(r, &file) && read_file(r, layout, &file, take);
}

/* Those of the maps in one go: each pass over the WAL takes its time. */
static bool follow_mapped(dictionary_reader *r)
{
    const dictionary *d = r->d;
    dictionary_needs mapped = { 0 };
    if (!catalog_map_add_files(d->heap, &d->own, d->spc, d->db, &mapped)
        || !catalog_map_add_files(d->heap, &d->shared, GLOBAL_TABLESPACE, 0, &mapped))
        (void)dictionary_reader_no_memory(r);
    for (size_t i = 0; i < mapped.count; i++)
        (void)is_readable(r, &mapped.items[i]);
    free(mapped.items);
    return !r->has_needs && !r->has_failed;
}

static bool read_attributes(dictionary_reader *r)
{
    dictionary *d = r->d;
    catalog_layout known;
    catalog_layout_known(d->heap->profile, PG_ATTRIBUTE, &known);
    const wp_locator file = { d->spc, d->db, catalog_map_file(&d->own, PG_ATTRIBUTE) };
    if (file.rel == 0)
        return message_fail(r->message, "pg_filenode.map has no pg_attribute");
    if (!is_readable(r, &file) || !read_file(r, &known, &file, take_column))
        return false;
    const bool is_partial = dictionary_is_partial(d);
    if (is_partial && !dictionary_complete_layouts(d))
        return dictionary_reader_no_memory(r);
    if (!SORT(r, "pg_attribute", d->layouts, d->nlayouts))
        return false;
    for (size_t i = 0; i < d->nlayouts; i++)
        if (!check_whole(r, &d->layouts[i]))
            return false;
    return is_partial
           || (check_layout(r, PG_ATTRIBUTE) && check_layout(r, PG_CLASS)
               && check_layout(r, PG_DATABASE));
}

static bool read_relations(dictionary_reader *r)
{
    dictionary *d = r->d;
    const wp_locator file = { d->spc, d->db, catalog_map_file(&d->own, PG_CLASS) };
    if (file.rel == 0)
        return message_fail(r->message, "pg_filenode.map has no pg_class");
    return is_readable(r, &file)
           && read_file(r, dictionary_layout(d, PG_CLASS), &file, dictionary_take_relation)
           && SORT(r, "pg_class", d->relations, d->nrelations);
}

/* Those that are read later, too: in one go. */
static bool follow_all(dictionary_reader *r)
{
    for (size_t i = 0; i < r->d->nrelations; i++) {
        const dictionary_relation *c = &r->d->relations[i];
        if ((c->kind == 'r' || c->kind == 't') && c->file.rel != 0 && catalog_is_wanted(c->oid))
            (void)is_readable(r, &c->file);
    }
    return !r->has_needs && !r->has_failed;
}

static bool read_all(dictionary_reader *r)
{
    dictionary *d = r->d;
    if (!catalog_map_now(d->heap, d->spc, d->db, &d->own, r->message)
        || !catalog_map_now(d->heap, GLOBAL_TABLESPACE, 0, &d->shared, r->message))
        return false;
    if (!follow_mapped(r) || !read_attributes(r) || !read_relations(r) || !follow_all(r)
        || !read_catalog(r, PG_NAMESPACE, "pg_namespace", dictionary_take_schema)
        || !read_catalog(r, PG_TYPE, "pg_type", dictionary_take_type)
        || !read_catalog(r, PG_ENUM, "pg_enum", dictionary_take_label)
        || !read_catalog(r, PG_RANGE, "pg_range", dictionary_take_range))
        return false;
    if (dictionary_is_partial(d) && !dictionary_complete_rows(d))
        return dictionary_reader_no_memory(r);
    if (!SORT(r, "pg_namespace", d->schemas, d->nschemas)
        || !SORT(r, "pg_type", d->types, d->ntypes) || !SORT(r, "pg_enum", d->labels, d->nlabels)
        || !SORT(r, "pg_range", d->ranges, d->nranges))
        return false;
    dictionary_link_types(d);
    return true;
}

/* What contradicts itself does so because it is not whole. */
static bool fail_doubtful(const dictionary_reader *r)
{
    const heap_sums *s = r->sums;
    char contradiction[MESSAGE_BYTES];
    (void)snprintf(contradiction, sizeof contradiction, "%s", r->message);
    if (dictionary_is_partial(r->d))
        return message_fail(r->message,
                            "the WAL alone does not have the catalogs of the database with OID %u: "
                            "name a base backup with --backup (%.200s)",
                            r->d->db, contradiction);
    return message_fail(r->message,
                        "the catalogs of the database with OID %u are not known: %" PRIu64
                        " blocks of them are missing%s, %" PRIu64 " are damaged, %" PRIu64
                        " rows are in doubt; was it copied as files after the backup began, or "
                        "does the backup lack files? (%.200s)",
                        r->d->db, s->unknown_blocks, s->may_have_more ? " or more" : "",
                        s->damaged_blocks, s->in_doubt, contradiction);
}

bool dictionary_read(const heap *h, wp_oid db_spc, wp_oid db,
                     bool (*is_followed)(void *context, const wp_locator *file), void *context,
                     dictionary_needs *needs, dictionary **out, heap_sums *sums, char message[512])
{
    *out = NULL;
    dictionary *d = calloc(1, sizeof *d);
    if (d == NULL)
        return message_no_memory(message);
    d->heap = h;
    d->spc = db_spc;
    d->db = db;
    dictionary_set_config(d);
    heap_sums own = { 0 };
    dictionary_reader r = { .d = d,
                            .is_followed = is_followed,
                            .context = context,
                            .needs = needs,
                            .sums = &own,
                            .message = message };
    if (read_all(&r)) {
        heap_sums_add(sums, &own);
        *out = d;
        return true;
    }
    const bool is_good = r.has_needs && !r.has_failed;
    if (!is_good && !heap_sums_are_certain(&own))
        (void)fail_doubtful(&r);
    dictionary_free(d);
    return is_good;
}

/* Adds what is not certain of a catalog, the first time that all of it is read. */
static bool add_sums(dictionary *d, wp_oid catalog, const heap_sums *sums)
{
    static const wp_oid kept[] = {
        PG_ATTRIBUTE, PG_CLASS, PG_NAMESPACE, PG_TYPE, PG_ENUM, PG_RANGE
    };
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (kept[i] == catalog)
            return true;
    for (size_t i = 0; i < d->nsummed; i++)
        if (d->summed[i] == catalog)
            return true;
    wp_oid *added = GROW(d->summed, d->nsummed, d->summed_room);
    if (added == NULL)
        return false;
    *added = catalog;
    heap_sums_add(&d->sums, sums);
    return true;
}

typedef struct taker {
    catalog_take *take;
    void *context;
    bool has_ended; /* take wants no more */
} taker;

static bool take_row(void *context, const catalog_row *row)
{
    taker *t = context;
    t->has_ended = !t->take(t->context, row);
    return !t->has_ended;
}

bool dictionary_catalog(dictionary *d, wp_oid catalog,
                        bool (*take)(void *context, const catalog_row *row), void *context,
                        char message[512])
{
    const dictionary_relation *relation = dictionary_relation_of(d, catalog);
    const dictionary_relation *toasts =
        relation != NULL ? dictionary_relation_of(d, relation->toast) : NULL;
    const catalog_file file = { .heap = d->heap,
                                .config = &d->config,
                                .layout = dictionary_layout(d, catalog),
                                .file = file_of_catalog(d, catalog),
                                .toast = toasts != NULL ? toasts->file : (wp_locator){ 0, 0, 0 } };
    if (file.layout == NULL || file.file.rel == 0) {
        d->sums.may_have_more = dictionary_is_partial(d);
        return d->sums.may_have_more
               || message_fail(message, "there is no catalog with OID %u", catalog);
    }
    heap_sums sums = { 0 };
    taker t = { .take = take, .context = context };
    return catalog_rows(&file, take_row, &t, &sums, message)
           && (t.has_ended || add_sums(d, catalog, &sums) || message_no_memory(message));
}

void dictionary_free(dictionary *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->nlearnt; i++)
        dictionary_free_learnt(&d->learnt[i]);
    free(d->learnt);
    free(d->layouts);
    free(d->relations);
    free(d->types);
    free(d->schemas);
    free(d->labels);
    free(d->ranges);
    free(d->summed);
    free(d);
}
