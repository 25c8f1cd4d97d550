/*
 * dictionary_find.c - what a dictionary says when it is asked.
 */
#include <string.h>

#include "rescue/dictionary_state.h"

/* All rows that are searched begin with their OID. */
static void *find(wp_oid oid, const void *rows, size_t n, size_t row_bytes)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const char *row = (const char *)rows + mid * row_bytes;
        wp_oid at;
        memcpy(&at, row, sizeof at);
        if (at == oid) {
            void *found;
            memcpy(&found, &row, sizeof found); /* the dictionary's own rows are no constants */
            return found;
        }
        if (at < oid)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
#define FIND(oid, rows, n) find(oid, rows, n, sizeof *(rows))

dictionary_relation *dictionary_find_relation(const dictionary *d, wp_oid oid)
{
    return FIND(oid, d->relations, d->nrelations);
}

dictionary_type *dictionary_find_type(const dictionary *d, wp_oid oid)
{
    return FIND(oid, d->types, d->ntypes);
}

const catalog_layout *dictionary_layout(const dictionary *d, wp_oid catalog)
{
    return FIND(catalog, d->layouts, d->nlayouts);
}

const dictionary_relation *dictionary_relation_of(const dictionary *d, wp_oid oid)
{
    return dictionary_find_relation(d, oid);
}

const dictionary_type *dictionary_type_of(const dictionary *d, wp_oid oid)
{
    return dictionary_find_type(d, oid);
}

const char *dictionary_schema(const dictionary *d, wp_oid oid)
{
    const dictionary_schema_row *row = FIND(oid, d->schemas, d->nschemas);
    return row != NULL ? row->name : NULL;
}

bool dictionary_label(const dictionary *d, wp_oid typid, wp_oid value, wp_view *label)
{
    const dictionary_label_row *row = FIND(value, d->labels, d->nlabels);
    if (row == NULL || row->type != typid)
        return false;
    *label = (wp_view){ (const uint8_t *)row->label, strlen(row->label) };
    return true;
}

const dictionary_relation *dictionary_relation_named(const dictionary *d, const char *schema,
                                                     const char *name)
{
    for (size_t i = 0; i < d->nrelations; i++) {
        const dictionary_relation *r = &d->relations[i];
        const char *in = strcmp(r->name, name) == 0 ? dictionary_schema(d, r->schema) : NULL;
        if (in != NULL && strcmp(in, schema) == 0)
            return r;
    }
    return NULL;
}

const dictionary_relation *dictionary_relations(const dictionary *d, size_t *count)
{
    *count = d->nrelations;
    return d->relations;
}

void dictionary_add_name(const dictionary *d, const dictionary_relation *r, text *out)
{
    const char *schema = dictionary_schema(d, r->schema);
    if (schema != NULL) {
        quote_identifier(schema, out);
        text_add(out, ".");
    }
    quote_identifier(r->name, out);
}

const heap_sums *dictionary_sums(const dictionary *d)
{
    return &d->sums;
}

/* ---- what the library asks ------------------------------------------------------------------ */

static const wp_type *tell_type(void *context, wp_oid typid)
{
    const dictionary_type *t = dictionary_type_of(context, typid);
    return t == NULL || (t->type.kind == 'c' && t->type.columns == NULL) ? NULL : &t->type;
}

static bool tell_label(void *context, wp_oid typid, wp_oid value, wp_view *label)
{
    return dictionary_label(context, typid, value, label);
}

/* regproc and the like: as numbers. */
static bool tell_no_name(void *context, wp_oid typid, wp_oid object, wp_view *name)
{
    (void)context, (void)typid, (void)object, (void)name;
    return false;
}

void dictionary_set_config(dictionary *d)
{
    d->config = (wp_value_config){ .profile = d->heap->profile,
                                   .max_align = d->heap->max_align,
                                   .type = tell_type,
                                   .enum_label = tell_label,
                                   .object_name = tell_no_name,
                                   .context = d };
}
