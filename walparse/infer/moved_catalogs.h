/*
 * moved_catalogs.h - the files that catalogs were seen to move to.
 */
#ifndef WPI_MOVED_CATALOGS_H
#define WPI_MOVED_CATALOGS_H

#include "infer/infer.h"

/* All zero: none. */
typedef struct wpi_moved {
    wp_catalog_file *files; /* sorted by (db, filenode) */
    size_t nfiles, room;
    bool
        is_followed; /* one of them is of a catalog that is followed: the mappers have missed what is in it */
    bool out_of_memory;
} wpi_moved;

/* A catalog lies in this file; one that lies where it was made is not noted. */
void wpi_moved_note(wpi_moved *moved, wp_oid db, wp_oid filenode, wp_oid catalog);
/* The same, ahead of the move: the mappers are told before they read what is in the file. */
void wpi_moved_expect(wpi_moved *moved, wp_oid db, wp_oid filenode, wp_oid catalog);
/* A file went; of a database all, filenode 0. */
void wpi_moved_forget(wpi_moved *moved, wp_oid db, wp_oid filenode);
void wpi_moved_save(const wpi_moved *moved, wpi_saver *saver);
void wpi_moved_load(wpi_moved *moved, wpi_loader *loader);
bool wpi_moved_has(const wpi_moved *moved, wp_oid db, wp_oid filenode);
/* A transaction committed with these works: notes the catalog that it moved, if it did. */
void wpi_moved_commit(wpi_moved *moved, const wpi_work *works, size_t n, const wp_fact_xact *fact);

#endif
