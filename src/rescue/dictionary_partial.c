/*
 * dictionary_partial.c - what each database has, where the catalogs are not there as a whole: without a base backup there is only what the WAL has of
 * them.
 */
#include "base/grow.h"
#include "rescue/dictionary_state.h"

static bool is_whole(const catalog_layout *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->columns[i].typlen == 0)
            return false;
    return l->count > 0;
}

bool dictionary_complete_layouts(dictionary *d)
{
    static const wp_oid known[] = {
        PG_TYPE, PG_ATTRIBUTE, PG_CLASS, PG_NAMESPACE, PG_ENUM, PG_RANGE
    };
    size_t kept = 0;
    for (size_t i = 0; i < d->nlayouts; i++) {
        catalog_layout library;
        catalog_layout_known(d->heap->profile, d->layouts[i].oid, &library);
        if (library.count == 0 && is_whole(&d->layouts[i]))
            d->layouts[kept++] = d->layouts[i];
    }
    d->nlayouts = kept;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        catalog_layout *added = GROW(d->layouts, d->nlayouts, d->layouts_room);
        if (added == NULL)
            return false;
        catalog_layout_known(d->heap->profile, known[i], added);
    }
    return true;
}

static bool add_schema(dictionary *d, const dictionary_schema_row *schema)
{
    for (size_t i = 0; i < d->nschemas; i++)
        if (d->schemas[i].oid == schema->oid)
            return true;
    dictionary_schema_row *added = GROW(d->schemas, d->nschemas, d->schemas_room);
    if (added != NULL)
        *added = *schema;
    return added != NULL;
}

static bool add_type(dictionary *d, size_t nread, const dictionary_type *type)
{
    for (size_t i = 0; i < nread; i++)
        if (d->types[i].oid == type->oid)
            return true;
    dictionary_type *added = GROW(d->types, d->ntypes, d->types_room);
    if (added != NULL)
        *added = *type;
    return added != NULL;
}

bool dictionary_complete_rows(dictionary *d)
{
    static const dictionary_schema_row schemas[] = { { SCHEMA_PG_CATALOG, "pg_catalog" },
                                                     { 99, "pg_toast" },
                                                     { 2200, "public" } };
    // clang-format off
    static const dictionary_type types[] = {
#define TYPE(id, text, letter, bytes, alignment, delimiter, element_id, array_id, group, collation_id) \
        { .oid = id, .schema = SCHEMA_PG_CATALOG, .array = array_id, .name = text, .category = group, .typmod = -1, .collation = collation_id, \
          .type = { .kind = letter, .typlen = bytes, .align = alignment, .delim = delimiter, .element = element_id } },
#include "rescue/builtin_types.def"
#undef TYPE
    };
    // clang-format on
    const size_t nread = d->ntypes;
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++)
        if (!add_schema(d, &schemas[i]))
            return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (!add_type(d, nread, &types[i]))
            return false;
    return true;
}
