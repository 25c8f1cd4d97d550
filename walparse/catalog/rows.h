/*
 * rows.h - rows of catalogs as they lie on a page.
 */
#ifndef WPI_ROWS_H
#define WPI_ROWS_H

#include "catalog/catalog.h"

/* pg_attribute begins with attrelid and attname, in every version. */
#define WPI_ATTNAME_AT 4

/*
 * Fills in a row of row->catalog from its columns, the user part of the tuple. row->oid is that of the tuple's header
 * where the version keeps it there. False: the bytes are no row of that catalog.
 */
bool wpi_parse_row(const wp_catalog_layout *layout, wp_view columns, wpi_row *row);

#endif
