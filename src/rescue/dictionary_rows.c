/*
 * dictionary_rows.c - rows of the catalogs that a dictionary keeps.
 */
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/dictionary_state.h"

#define TYPLEN_VARLENA (-1)

bool dictionary_reader_no_memory(dictionary_reader *r)
{
    r->has_failed = true;
    return message_no_memory(r->message);
}

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

bool dictionary_take_relation(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    dictionary_relation *to = GROW(r->d->relations, r->d->nrelations, r->d->relations_room);
    if (to == NULL)
        return dictionary_reader_no_memory(r);
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

bool dictionary_take_type(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    dictionary_type *to = GROW(r->d->types, r->d->ntypes, r->d->types_room);
    if (to == NULL)
        return dictionary_reader_no_memory(r);
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

bool dictionary_take_schema(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    dictionary_schema_row *to = GROW(r->d->schemas, r->d->nschemas, r->d->schemas_room);
    if (to == NULL)
        return dictionary_reader_no_memory(r);
    to->oid = catalog_row_oid(row, "oid");
    catalog_row_name(row, "nspname", to->name);
    return true;
}

bool dictionary_take_label(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    dictionary_label_row *to = GROW(r->d->labels, r->d->nlabels, r->d->labels_room);
    if (to == NULL)
        return dictionary_reader_no_memory(r);
    to->oid = catalog_row_oid(row, "oid");
    to->type = catalog_row_oid(row, "enumtypid");
    catalog_row_name(row, "enumlabel", to->label);
    return true;
}

bool dictionary_take_range(void *context, const catalog_row *row)
{
    dictionary_reader *r = context;
    dictionary_range_row *to = GROW(r->d->ranges, r->d->nranges, r->d->ranges_room);
    if (to == NULL)
        return dictionary_reader_no_memory(r);
    *to = (dictionary_range_row){ .range = catalog_row_oid(row, "rngtypid"),
                                  .subtype = catalog_row_oid(row, "rngsubtype"),
                                  .multirange = catalog_row_oid(row, "rngmultitypid") };
    return true;
}

/* pg_type.typelem is of types without elements on disk, too: name, point, oidvector ... */
static bool is_array(const dictionary *d, const dictionary_type *t)
{
    const dictionary_type *element = dictionary_type_of(d, t->type.element);
    return (t->type.kind == 'b' || t->type.kind == 'p') && t->type.typlen == TYPLEN_VARLENA
           && element != NULL && element->array == t->oid;
}

void dictionary_link_types(dictionary *d)
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
