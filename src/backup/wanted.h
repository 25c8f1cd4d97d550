/*
 * wanted.h - which files of a base backup are wanted: files by number, and databases of which all catalogs are.
 */
#ifndef PITR_FIND_WANTED_H
#define PITR_FIND_WANTED_H

#include "backup/place.h"

typedef struct wanted_files {
    wp_locator *files; /* in order, as the others are; those of tablespace 0 are logs */
    size_t n, room;
    wp_oid *catalogs; /* databases */
    size_t ncatalogs, catalogs_room;
    wp_locator *mapped; /* catalogs with a number of their own, of all databases */
    size_t nmapped, mapped_room;
    uint32_t
        catalog_version; /* folders in tablespaces are those of this one; 0: it is not known yet */
} wanted_files;

void wanted_free(wanted_files *w);

/* False: no memory. */
bool wanted_add_file(wanted_files *w, const wp_locator *file);
bool wanted_add_catalogs(wanted_files *w, wp_oid db);
bool wanted_add_mapped(wanted_files *w, const wp_locator *file);
/* To be called after adding: each is kept once. */
void wanted_sort(wanted_files *w);

/* A part of a relation's file, an increment of one, or one of a log. */
bool wanted_has(const wanted_files *w, const place *at);
bool wanted_has_catalogs(const wanted_files *w, wp_oid db);
bool wanted_has_file(const wanted_files *w, const wp_locator *file);
/* May there be any in the folder of a database, in a tablespace, of a log? */
bool wanted_has_database(const wanted_files *w, wp_oid spc, wp_oid db);
bool wanted_has_tablespace(const wanted_files *w, wp_oid spc);
/* Is a file of it wanted by its number? */
bool wanted_names_tablespace(const wanted_files *w, wp_oid spc);
bool wanted_has_log(const wanted_files *w, wp_oid log);

#endif
