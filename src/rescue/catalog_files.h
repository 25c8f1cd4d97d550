/*
 * catalog_files.h - in which files the catalogs lie.
 */
#ifndef PITR_FIND_CATALOG_FILES_H
#define PITR_FIND_CATALOG_FILES_H

#include <walparse/datadir.h>

#include "rescue/dictionary.h"

#define PG_TYPE 1247
#define PG_ATTRIBUTE 1249
#define PG_CLASS 1259
#define PG_DATABASE 1262
#define PG_NAMESPACE 2615
#define PG_ENUM 3501
#define PG_RANGE 3541

#define DEFAULT_TABLESPACE 1663
#define GLOBAL_TABLESPACE 1664

/* access/transam.h, FirstGenbkiObjectId: OIDs that each server has the same are below. */
#define FIXED_OIDS_END 10000

/* A pg_filenode.map. */
typedef struct catalog_map {
    wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
    size_t count;
    bool is_known; /* else each catalog is taken to lie in the file that initdb gave it */
} catalog_map;

/* The map as the base backup has it; without a backup, or where it has none, none is known. db 0: the shared one, in GLOBAL_TABLESPACE. */
bool catalog_map_of_backup(const heap *h, wp_oid spc, wp_oid db, catalog_map *out,
                           char message[512]);
/* As of where replay has come to. False, too: the database was copied as files, and nothing tells. */
bool catalog_map_now(const heap *h, wp_oid spc, wp_oid db, catalog_map *out, char message[512]);

/* The number of the file of a mapped catalog; 0: it is not in the map. */
wp_oid catalog_map_file(const catalog_map *map, wp_oid catalog);

/* Those of the catalogs in the map that are wanted, with indexes left out. False: out of memory. */
bool catalog_map_add_files(const heap *h, const catalog_map *map, wp_oid spc, wp_oid db,
                           dictionary_needs *out);

/* Is it a catalog, or the TOAST table of one, whose rows are of use here? It is not where it only describes values, or objects for people. */
bool catalog_is_wanted(wp_oid oid);

#endif
