/*
 * catalog_columns.c - the columns of the first catalogs that are read (catalog_columns.def).
 */
#include "format/catalogs.h"
#include "format/versions.h"

#include <walparse/value.h>

/* One that there is in these versions. */
typedef struct known_column {
    wp_oid catalog;
    wpi_versions versions;
    wp_catalog_column column;
} known_column;

static const known_column columns[] = {
#define COLUMN(oid, since, until, text, type, bytes, letter) \
    { oid, { since, until }, { text, { .typid = type, .typlen = bytes, .align = letter } } },
#include "catalog/catalog_columns.def"
#undef COLUMN
};

size_t wp_catalog_columns(const wp_profile *profile, wp_oid catalog,
                          wp_catalog_column out[WP_CATALOG_COLUMNS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0] && n < WP_CATALOG_COLUMNS_MAX; i++)
        if (columns[i].catalog == catalog && wpi_is_of_versions(profile, columns[i].versions))
            out[n++] = columns[i].column;
    return n;
}
