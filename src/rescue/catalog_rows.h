/*
 * catalog_rows.h - rows of a catalog's file, by the columns that it is known to have.
 */
#ifndef PITR_FIND_CATALOG_ROWS_H
#define PITR_FIND_CATALOG_ROWS_H

#include "rescue/dictionary.h"
#include "rescue/toast.h"

/* A catalog has fewer columns than this; the server allows 1600. */
#define CATALOG_COLUMNS_MAX 64

/* A catalog: its columns by attnum. */
typedef struct catalog_layout {
    wp_oid oid;
    size_t count;
    char names[CATALOG_COLUMNS_MAX][WP_NAME_BYTES];
    wp_column columns[CATALOG_COLUMNS_MAX];
} catalog_layout;

/* Where the long values of a catalog lie. */
typedef struct catalog_toast {
    const heap *heap;
    wp_locator file; /* rel 0: it has no TOAST table */
    toast *values;   /* NULL until one is asked for */
    wp_text room;
} catalog_toast;

struct catalog_row {
    const wp_value_config *config;
    const catalog_layout *layout;
    const wp_datum *datums;
    wp_view tuple;        /* with its header */
    catalog_toast *toast; /* NULL: none */
};

typedef bool catalog_take(void *context, const catalog_row *row);

/* What the library knows of pg_attribute, pg_class or pg_database. */
void catalog_layout_known(const wp_profile *profile, wp_oid catalog, catalog_layout *out);

/* A file with rows of a catalog. */
typedef struct catalog_file {
    const heap *heap;
    const wp_value_config *config;
    const catalog_layout *layout;
    wp_locator file;
    wp_locator toast; /* rel 0: none, or none that is wanted */
} catalog_file;

/* Hands out the rows of a file that are there. False with one line in message: as heap_rows(), or a row contradicts the layout. */
bool catalog_rows(const catalog_file *file, catalog_take *take, void *context, heap_sums *sums,
                  char message[512]);

/* One row out of its bytes. False: they contradict the layout. */
bool catalog_row_of(const wp_value_config *config, const catalog_layout *layout, wp_view tuple,
                    wp_datum datums[CATALOG_COLUMNS_MAX], catalog_row *out);

/* A number that must be there, of an OID. */
static inline wp_oid catalog_row_oid(const catalog_row *row, const char *column)
{
    return (wp_oid)catalog_row_number(row, column);
}

/* Of type name; empty where it is not there. */
void catalog_row_name(const catalog_row *row, const char *column, char out[WP_NAME_BYTES]);
/* NULL: there is none, or it is NULL. */
const wp_datum *catalog_row_datum(const catalog_row *row, const char *column);

#endif
