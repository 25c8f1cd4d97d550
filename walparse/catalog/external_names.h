/*
 * external_names.h - looking up names that came from elsewhere, see <walparse/known.h>.
 */
#ifndef WPI_EXTERNAL_NAMES_H
#define WPI_EXTERNAL_NAMES_H

#include <walparse/known.h>

#include "catalog/catalog.h"

/* NULL when unknown, or when known is NULL. Borrowed. */
const wpi_row *wpi_known_object(const wp_known *known, wp_oid which, wp_oid db, wp_oid oid);
/* The relation whose file this is. */
const wpi_row *wpi_known_file(const wp_known *known, const wp_locator *locator);
/* Calls back with every row. known may be NULL. */
void wpi_known_each(const wp_known *known, wpi_on_row visit, void *context);

#endif
