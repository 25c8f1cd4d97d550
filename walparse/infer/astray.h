/*
 * astray.h - catalogs that were changed, and not in the file where they were looked for.
 *
 * VACUUM FULL and CLUSTER give a catalog another file. What tells of that may have been written before the
 * WAL begins, and then its rows are taken for a user's. A commit names the catalogs it changed, wherever they
 * lie: one that is named and was not met in the transaction has been moved.
 */
#ifndef WPI_ASTRAY_H
#define WPI_ASTRAY_H

#include <walparse/profile.h>
#include <walparse/reducer.h>

typedef struct wpi_astray {
    wp_lost_catalog lost[WP_LOST_CATALOGS_MAX];
    size_t nlost;
    bool has_gap;
} wpi_astray;

/* What a transaction did, as far as it was met. */
typedef struct wpi_traces {
    uint32_t touched;   /* bit 1 << wp_watched */
    bool is_new;        /* it began in the WAL read */
    bool is_torn;       /* WAL was missed while it ran */
    bool has_new_file;  /* of a relation of its database */
    bool has_new_class; /* a row of pg_class */
} wpi_traces;

/* The bit of a catalog; 0: it is not watched. */
uint32_t wpi_watched_bit(wp_oid catalog);
/* i below WP_WATCHED_CATALOGS. */
wp_oid wpi_watched_catalog(unsigned i);
void wpi_astray_after_gap(wpi_astray *astray);
/* The catalogs (bits) that it changed, and of which it is not proven that they lie elsewhere: it may have begun before. */
uint32_t wpi_astray_commit(wpi_astray *astray, const wp_fact_xact *fact, const wpi_traces *traces);
/* A database was dropped, and not all that tells of it was met. */
void wpi_astray_database(wpi_astray *astray, const wp_fact_xact *fact);

#endif
