/*
 * object_rows.h - rows of the catalogs of functions, triggers, policies, rules and constraints.
 */
#ifndef WPI_OBJECT_ROWS_H
#define WPI_OBJECT_ROWS_H

#include "catalog/catalog.h"

/*
 * Fills in what is behind the oid, by row->catalog; columns: the user part of the row. False: the bytes
 * are no row of that catalog, or it is not one of these.
 */
bool wpi_parse_object(const wp_catalog_layout *layout, wp_view columns, wpi_row *row);

#endif
