/*
 * ddl_catalogs.c - reads catalogs, and finds in them.
 */
#include "rescue/ddl_catalogs.h"

#include <stdlib.h>

#include "base/message.h"
#include "rescue/ddl_take.h"

/* Labels in their order: as few as an enum has are sorted in no time, and files have them nearly so. */
static int compare_labels(const void *a, const void *b)
{
    const ddl_label *x = a, *y = b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_objects(const void *a, const void *b)
{
    const ddl_object *x = a, *y = b;
    return (x->oid > y->oid) - (x->oid < y->oid);
}

#define SORT(list, compare)                                                   \
    do {                                                                      \
        if ((list).count > 0)                                                 \
            qsort((list).items, (list).count, sizeof *(list).items, compare); \
    } while (0)

static bool read_those(ddl_catalogs *c, dictionary *d, bool is_link, char message[512])
{
    for (const ddl_take *t = ddl_takes; t->catalog != 0; t++) {
        if (t->is_link != is_link || (t->is_newer && !dictionary_relation_of(d, t->catalog)))
            continue;
        if (!dictionary_catalog(d, t->catalog, t->take, c, message))
            return false;
        if (c->is_out_of_memory)
            return message_no_memory(message);
    }
    return true;
}

bool ddl_catalogs_read_links(ddl_catalogs *c, dictionary *d, char message[512])
{
    c->has_links = c->has_links || read_those(c, d, true, message);
    return c->has_links;
}

bool ddl_catalogs_read(ddl_catalogs *c, dictionary *d, char message[512])
{
    if (c->has_rest)
        return true;
    if (!ddl_catalogs_read_links(c, d, message) || !read_those(c, d, false, message))
        return false;
    SORT(c->labels, compare_labels);
    SORT(c->functions, compare_objects);
    SORT(c->operators, compare_objects);
    SORT(c->opclasses, compare_objects);
    SORT(c->collations, compare_objects);
    SORT(c->access_methods, compare_objects);
    SORT(c->extensions, compare_objects);
    c->has_rest = true;
    return true;
}

const ddl_object *ddl_object_of(const ddl_object *items, size_t count, wp_oid oid)
{
    const ddl_object key = { .oid = oid };
    return count ? bsearch(&key, items, count, sizeof *items, compare_objects) : NULL;
}

const ddl_class *ddl_class_of(const ddl_catalogs *c, wp_oid oid)
{
    for (size_t i = 0; i < c->classes.count; i++)
        if (c->classes.items[i].oid == oid)
            return &c->classes.items[i];
    return NULL;
}

const ddl_index *ddl_index_of(const ddl_catalogs *c, wp_oid oid)
{
    for (size_t i = 0; i < c->indexes.count; i++)
        if (c->indexes.items[i].oid == oid)
            return &c->indexes.items[i];
    return NULL;
}

void ddl_catalogs_free(ddl_catalogs *c)
{
    for (size_t i = 0; i < c->defaults.count; i++)
        free(c->defaults.items[i].tree);
    for (size_t i = 0; i < c->constraints.count; i++) {
        free(c->constraints.items[i].keys);
        free(c->constraints.items[i].foreign_keys);
        free(c->constraints.items[i].deleted_keys);
        free(c->constraints.items[i].operators);
        free(c->constraints.items[i].tree);
    }
    for (size_t i = 0; i < c->indexes.count; i++) {
        ddl_index *x = &c->indexes.items[i];
        char *const texts[] = { x->keys,       x->classes,     x->options,
                                x->collations, x->expressions, x->predicate };
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            free(texts[j]);
    }
    for (size_t i = 0; i < c->domains.count; i++)
        free(c->domains.items[i].tree);
    for (size_t i = 0; i < c->comments.count; i++)
        free(c->comments.items[i].text);
    for (size_t i = 0; i < c->classes.count; i++)
        free(c->classes.items[i].options);
    void *const lists[] = { c->access_methods.items, c->opclasses.items,   c->collations.items,
                            c->extensions.items,     c->functions.items,   c->operators.items,
                            c->defaults.items,       c->constraints.items, c->indexes.items,
                            c->sequences.items,      c->owned.items,       c->members.items,
                            c->labels.items,         c->ranges.items,      c->domains.items,
                            c->named.items,          c->comments.items,    c->classes.items,
                            c->parents.items,        c->storages.items,    c->columns.items };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]);
    *c = (ddl_catalogs){ 0 };
}
