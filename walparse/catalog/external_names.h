/*
 * external_names.h - looking up names from outside the WAL, see <walparse/external_names.h>.
 */
#ifndef WPI_EXTERNAL_NAMES_H
#define WPI_EXTERNAL_NAMES_H

#include <walparse/external_names.h>
#include <walparse/mapper.h>

#include "catalog/catalog.h"

/* NULL when unknown, or when names is NULL. Borrowed. */
const wpi_row *wpi_external_object(const wp_external_names *names, wp_oid which, wp_oid db,
                                   wp_oid oid);
/* The relation whose file this is. */
const wpi_row *wpi_external_file(const wp_external_names *names, const wp_locator *locator);
/* The files of catalogs, in no order. Borrowed; names may be NULL. */
const wp_catalog_file *wpi_external_catalog_files(const wp_external_names *names, size_t *count);
/* Calls back with every row. names may be NULL. */
void wpi_external_names_each(const wp_external_names *names, wpi_on_row visit, void *context);

#endif
