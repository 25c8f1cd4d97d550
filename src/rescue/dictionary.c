/*
 * dictionary.c - reading the catalogs of a database: pg_attribute by what the library knows of it, pg_class and all others by what pg_attribute
 * tells.
 */
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/dictionary_state.h"

/* catalog/pg_type.dat, pg_namespace.dat */
#define TYPLEN_VARLENA (-1)

typedef struct reader {
    dictionary *d;
    bool (*is_followed)(void *context, const wp_locator *file);
    void *context;
    dictionary_needs *needs;
    heap_sums *sums;
    char *message;
    bool has_failed; /* with a message */
} reader;

static bool fail_memory(reader *r)
{
    r->has_failed = true;
    return message_no_memory(r->message);
}

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
    reader *r = context;
    const wp_oid catalog = catalog_row_oid(row, "attrelid");
    const int64_t number = catalog_row_number(row, "attnum");
    if (catalog >= FIXED_OIDS_END || number < 1)
        return true;
    catalog_layout *l = layout_of(r->d, catalog);
    if (l == NULL)
        return fail_memory(r);
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
static bool check_layout(const reader *r, wp_oid catalog)
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
static bool check_whole(const reader *r, const catalog_layout *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->columns[i].typlen == 0)
            return message_fail(r->message,
                                "pg_attribute has no row of column %zu of the catalog with OID %u",
                                i + 1, l->oid);
    return true;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static wp_locator file_of(const dictionary *d, const catalog_row *row, char kind, char persistence)
{
    const wp_locator none = { 0, 0, 0 };
    if (strchr("rtmSi", kind) == NULL || persistence == 't')
        return none;
    const bool is_shared = catalog_row_number(row, "relisshared") != 0;
    const wp_oid spc = catalog_row_oid(row, "reltablespace");
    wp_locator file = { spc, is_shared ? 0 : d->db, catalog_row_oid(row, "relfilenode") };
    if (file.rel == 0)
        file.rel = catalog_map_file(is_shared ? &d->shared : &d->own, catalog_row_oid(row, "oid"));
    if (file.spc == 0)
        file.spc = is_shared ? GLOBAL_TABLESPACE : d->spc;
    return file.rel != 0 ? file : none;
}

static bool take_relation(void *context, const catalog_row *row)
{
    reader *r = context;
    dictionary_relation *to = GROW(r->d->relations, r->d->nrelations, r->d->relations_room);
    if (to == NULL)
        return fail_memory(r);
    *to = (dictionary_relation){ .oid = catalog_row_oid(row, "oid"),
                                 .schema = catalog_row_oid(row, "relnamespace"),
                                 .type = catalog_row_oid(row, "reltype"),
                                 .toast = catalog_row_oid(row, "reltoastrelid"),
                                 .access_method = catalog_row_oid(row, "relam"),
                                 .of_type = catalog_row_oid(row, "reloftype"),
                                 .kind = catalog_row_char(row, "relkind"),
                                 .persistence = catalog_row_char(row, "relpersistence"),
                                 .is_partition = catalog_row_number(row, "relispartition") != 0 };
    const int64_t natts = catalog_row_number(row, "relnatts");
    to->ncolumns = natts > 0 ? (size_t)natts : 0;
    to->file = file_of(r->d, row, to->kind, to->persistence);
    catalog_row_name(row, "relname", to->name);
    return true;
}

static bool take_type(void *context, const catalog_row *row)
{
    reader *r = context;
    dictionary_type *to = GROW(r->d->types, r->d->ntypes, r->d->types_room);
    if (to == NULL)
        return fail_memory(r);
    *to = (dictionary_type){ .oid = catalog_row_oid(row, "oid"),
                             .schema = catalog_row_oid(row, "typnamespace"),
                             .relation = catalog_row_oid(row, "typrelid"),
                             .array = catalog_row_oid(row, "typarray"),
                             .collation = catalog_row_oid(row, "typcollation"),
                             .category = catalog_row_char(row, "typcategory"),
                             .typmod = (int32_t)catalog_row_number(row, "typtypmod"),
                             .is_not_null = catalog_row_number(row, "typnotnull") != 0,
                             .modifiers_out = catalog_row_oid(row, "typmodout") };
    to->type = (wp_type){ .kind = catalog_row_char(row, "typtype"),
                          .typlen = (int16_t)catalog_row_number(row, "typlen"),
                          .align = catalog_row_char(row, "typalign"),
                          .delim = catalog_row_char(row, "typdelim"),
                          .element = catalog_row_oid(row, "typelem"),
                          .base = catalog_row_oid(row, "typbasetype") };
    catalog_row_name(row, "typname", to->name);
    return true;
}

static bool take_schema(void *context, const catalog_row *row)
{
    reader *r = context;
    dictionary_schema_row *to = GROW(r->d->schemas, r->d->nschemas, r->d->schemas_room);
    if (to == NULL)
        return fail_memory(r);
    to->oid = catalog_row_oid(row, "oid");
    catalog_row_name(row, "nspname", to->name);
    return true;
}

static bool take_label(void *context, const catalog_row *row)
{
    reader *r = context;
    dictionary_label_row *to = GROW(r->d->labels, r->d->nlabels, r->d->labels_room);
    if (to == NULL)
        return fail_memory(r);
    to->oid = catalog_row_oid(row, "oid");
    to->type = catalog_row_oid(row, "enumtypid");
    catalog_row_name(row, "enumlabel", to->label);
    return true;
}

static bool take_range(void *context, const catalog_row *row)
{
    reader *r = context;
    dictionary_range_row *to = GROW(r->d->ranges, r->d->nranges, r->d->ranges_room);
    if (to == NULL)
        return fail_memory(r);
    *to = (dictionary_range_row){ .range = catalog_row_oid(row, "rngtypid"),
                                  .subtype = catalog_row_oid(row, "rngsubtype"),
                                  .multirange = catalog_row_oid(row, "rngmultitypid") };
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
static bool sort(const reader *r, const char *catalog, void *rows, size_t n, size_t row_bytes)
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
static bool is_readable(reader *r, const wp_locator *file)
{
    if (r->is_followed(r->context, file))
        return true;
    if (!dictionary_needs_add(r->needs, file))
        return fail_memory(r);
    return false;
}

static bool read_file(reader *r, const catalog_layout *layout, const wp_locator *file,
                      catalog_take *take)
{
    const catalog_file from = {
        .heap = r->d->heap, .config = &r->d->config, .layout = layout, .file = *file
    };
    if (!catalog_rows(&from, take, r, r->sums, r->message))
        r->has_failed = true;
    return !r->has_failed;
}

static bool read_catalog(reader *r, wp_oid catalog, const char *name, catalog_take *take)
{
    const dictionary_relation *relation = dictionary_relation_of(r->d, catalog);
    const catalog_layout *layout = dictionary_layout(r->d, catalog);
    if (relation == NULL || layout == NULL || relation->file.rel == 0) {
        r->has_failed = true;
        return message_fail(r->message, "pg_class has no row of %s", name);
    }
    return is_readable(r, &relation->file) && read_file(r, layout, &relation->file, take);
}

static bool read_attributes(reader *r)
{
    dictionary *d = r->d;
    catalog_layout known;
    catalog_layout_known(d->heap->profile, PG_ATTRIBUTE, &known);
    const wp_locator file = { d->spc, d->db, catalog_map_file(&d->own, PG_ATTRIBUTE) };
    if (file.rel == 0)
        return message_fail(r->message, "pg_filenode.map has no pg_attribute");
    if (!is_readable(r, &file) || !read_file(r, &known, &file, take_column))
        return false;
    if (!SORT(r, "pg_attribute", d->layouts, d->nlayouts))
        return false;
    for (size_t i = 0; i < d->nlayouts; i++)
        if (!check_whole(r, &d->layouts[i]))
            return false;
    return check_layout(r, PG_ATTRIBUTE) && check_layout(r, PG_CLASS)
           && check_layout(r, PG_DATABASE);
}

static bool read_relations(reader *r)
{
    dictionary *d = r->d;
    const wp_locator file = { d->spc, d->db, catalog_map_file(&d->own, PG_CLASS) };
    if (file.rel == 0)
        return message_fail(r->message, "pg_filenode.map has no pg_class");
    return is_readable(r, &file)
           && read_file(r, dictionary_layout(d, PG_CLASS), &file, take_relation)
           && SORT(r, "pg_class", d->relations, d->nrelations);
}

/* Those that are read later, too: in one go. */
static bool follow_all(reader *r)
{
    for (size_t i = 0; i < r->d->nrelations; i++) {
        const dictionary_relation *c = &r->d->relations[i];
        if ((c->kind == 'r' || c->kind == 't') && c->file.rel != 0 && catalog_is_wanted(c->oid))
            (void)is_readable(r, &c->file);
    }
    return r->needs->count == 0 && !r->has_failed;
}

/* ---- what types are made of ----------------------------------------------------------------- */

/* pg_type.typelem is of types without elements on disk, too: name, point, oidvector ... */
static bool is_array(const dictionary *d, const dictionary_type *t)
{
    const dictionary_type *element = dictionary_type_of(d, t->type.element);
    return (t->type.kind == 'b' || t->type.kind == 'p') && t->type.typlen == TYPLEN_VARLENA
           && element != NULL && element->array == t->oid;
}

static void link_types(dictionary *d)
{
    for (size_t i = 0; i < d->ntypes; i++)
        if (!is_array(d, &d->types[i]))
            d->types[i].type.element = 0;
    for (size_t i = 0; i < d->nranges; i++) {
        const dictionary_range_row *row = &d->ranges[i];
        dictionary_type *range = dictionary_find_type(d, row->range);
        dictionary_type *multirange = dictionary_find_type(d, row->multirange);
        if (range != NULL)
            range->type.base = row->subtype;
        if (multirange != NULL)
            multirange->type.base = row->range;
    }
}

static bool read_all(reader *r)
{
    dictionary *d = r->d;
    if (!catalog_map_now(d->heap, d->spc, d->db, &d->own, r->message)
        || !catalog_map_now(d->heap, GLOBAL_TABLESPACE, 0, &d->shared, r->message))
        return false;
    if (!read_attributes(r) || !read_relations(r) || !follow_all(r)
        || !read_catalog(r, PG_NAMESPACE, "pg_namespace", take_schema)
        || !read_catalog(r, PG_TYPE, "pg_type", take_type)
        || !read_catalog(r, PG_ENUM, "pg_enum", take_label)
        || !read_catalog(r, PG_RANGE, "pg_range", take_range)
        || !SORT(r, "pg_namespace", d->schemas, d->nschemas)
        || !SORT(r, "pg_type", d->types, d->ntypes) || !SORT(r, "pg_enum", d->labels, d->nlabels)
        || !SORT(r, "pg_range", d->ranges, d->nranges))
        return false;
    link_types(d);
    return true;
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
    const size_t before = needs->count;
    reader r = { .d = d,
                 .is_followed = is_followed,
                 .context = context,
                 .needs = needs,
                 .sums = sums,
                 .message = message };
    if (read_all(&r)) {
        *out = d;
        return true;
    }
    dictionary_free(d);
    return needs->count > before && !r.has_failed;
}

bool dictionary_catalog(dictionary *d, wp_oid catalog,
                        bool (*take)(void *context, const catalog_row *row), void *context,
                        char message[512])
{
    const dictionary_relation *relation = dictionary_relation_of(d, catalog);
    const catalog_layout *layout = dictionary_layout(d, catalog);
    if (relation == NULL || layout == NULL || relation->file.rel == 0)
        return message_fail(message, "there is no catalog with OID %u", catalog);
    const dictionary_relation *toasts = dictionary_relation_of(d, relation->toast);
    const catalog_file file = { .heap = d->heap,
                                .config = &d->config,
                                .layout = layout,
                                .file = relation->file,
                                .toast = toasts != NULL ? toasts->file : (wp_locator){ 0, 0, 0 } };
    return catalog_rows(&file, take, context, &d->sums, message);
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
    free(d);
}
