/*
 * dictionary_state.h - what a dictionary is made of.
 */
#ifndef PITR_FIND_DICTIONARY_STATE_H
#define PITR_FIND_DICTIONARY_STATE_H

#include "rescue/catalog_files.h"
#include "rescue/catalog_rows.h"

/* catalog/pg_namespace.dat */
#define SCHEMA_PG_CATALOG 11

typedef struct dictionary_schema_row {
    wp_oid oid;
    char name[WP_NAME_BYTES];
} dictionary_schema_row;

typedef struct dictionary_label_row {
    wp_oid oid, type;
    char label[WP_NAME_BYTES];
} dictionary_label_row;

typedef struct dictionary_range_row {
    wp_oid range, subtype, multirange;
} dictionary_range_row;

/* Memory of one dictionary_learn() of one relation. */
typedef struct dictionary_learnt {
    wp_oid relation;
    size_t ncolumns;
    wp_column *columns;
    dictionary_column *details;
    wp_text *missing; /* as many: what the columns' missing values point to */
    bool *is_there;   /* as many: pg_attribute had its row */
} dictionary_learnt;

/* All by OID once they are read. */
struct dictionary {
    const heap *heap;
    wp_value_config config;
    wp_oid spc, db;
    catalog_map own, shared;
    heap_sums sums;
    wp_oid *summed; /* catalogs that are in sums */
    size_t nsummed, summed_room;
    catalog_layout *layouts; /* of the catalogs with fixed OIDs */
    size_t nlayouts, layouts_room;
    dictionary_relation *relations;
    size_t nrelations, relations_room;
    dictionary_type *types;
    size_t ntypes, types_room;
    dictionary_schema_row *schemas;
    size_t nschemas, schemas_room;
    dictionary_label_row *labels;
    size_t nlabels, labels_room;
    dictionary_range_row *ranges;
    size_t nranges, ranges_room;
    dictionary_learnt *learnt; /* by relation only within one scan */
    size_t nlearnt, learnt_room;
};

/* While one is read. */
typedef struct dictionary_reader {
    dictionary *d;
    bool (*is_followed)(void *context, const wp_locator *file);
    void *context;
    dictionary_needs *needs;
    heap_sums *sums;
    char *message;
    bool has_failed; /* with a message */
    bool has_needs;  /* something was not followed */
} dictionary_reader;

/* False, with a message. */
bool dictionary_reader_no_memory(dictionary_reader *r);

/*
 * Without a base backup, before they are sorted: leaves out the columns of catalogs that are not all there, and adds those that the library
 * knows; adds the schemas and types that each database has. False: out of memory.
 */
bool dictionary_complete_layouts(dictionary *d);
bool dictionary_complete_rows(dictionary *d);

/* For catalog_rows(), of a dictionary_reader: keep rows of pg_class, pg_type, pg_namespace, pg_enum, pg_range. */
bool dictionary_take_relation(void *context, const catalog_row *row);
bool dictionary_take_type(void *context, const catalog_row *row);
bool dictionary_take_schema(void *context, const catalog_row *row);
bool dictionary_take_label(void *context, const catalog_row *row);
bool dictionary_take_range(void *context, const catalog_row *row);
/* Once all have been read and sorted: what types are made of. */
void dictionary_link_types(dictionary *d);

/* As dictionary_relation_of(), to be changed. */
dictionary_relation *dictionary_find_relation(const dictionary *d, wp_oid oid);
dictionary_type *dictionary_find_type(const dictionary *d, wp_oid oid);
const catalog_layout *dictionary_layout(const dictionary *d, wp_oid catalog);
/* Is there only what the WAL has? Then rows of catalogs may be missing, and that is no contradiction. */
static inline bool dictionary_is_partial(const dictionary *d)
{
    return d->heap->base == NULL;
}

void dictionary_free_learnt(dictionary_learnt *l);

/* What the library asks of a dictionary about values; context is the dictionary. */
void dictionary_set_config(dictionary *d);

#endif
