/*
 * infer_names.h - what names say: those that PostgreSQL itself gives, and the one a schema had at a moment.
 */
#ifndef WPI_INFER_NAMES_H
#define WPI_INFER_NAMES_H

#include "infer/infer_scratch.h"

/*
 * The table for which this is the row of a transient one; 0: it is none. VACUUM FULL and its like build the new file as
 * that of a table named after the old one's oid.
 */
wp_oid wpi_rewritten_oid(const wp_profile *profile, const wpi_row *row);
/*
 * REINDEX CONCURRENTLY names an index so for as long as it takes: "_ccnew", "_ccold1". suffix: "_ccnew" or "_ccold".
 */
bool wpi_is_reindex_name(const char *name, const char *suffix);
/* The name of a row, or the fixed one where there is no row. */
const char *wpi_name_of(const wpi_row *row, const char *fixed, wp_name_source *from);
/* The name of a schema that every database has; NULL: it is none of those. */
const char *wpi_fixed_schema_name(wp_oid oid);
/* The name a schema has at lsn, which this same transaction may have given it; NULL: unknown. */
const char *wpi_schema_name(const wpi_infer *in, wp_oid db, wp_oid oid, wp_lsn lsn,
                            wp_name_source *from);

#endif
