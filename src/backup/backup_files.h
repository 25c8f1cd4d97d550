/*
 * backup_files.h - the files of a base backup that are wanted, with their bytes: a few small ones, the maps, and those
 * in which catalogs lie that the library follows.
 */
#ifndef PITR_FIND_BACKUP_FILES_H
#define PITR_FIND_BACKUP_FILES_H

#include <walparse/reducer.h>

#include "backup/place.h"

/* Catalogs of more bytes than this are not taken from a backup. */
#define BACKUP_BYTES_MAX ((size_t)1 << 30)
/* All but those of relations are refused when they are larger. */
#define SMALL_FILE_BYTES_MAX ((uint64_t)64 << 10)

typedef struct backup_file {
    place at;
    uint8_t *bytes;
    size_t len;
} backup_file;

typedef struct backup_files {
    const char *path; /* of the backup, borrowed */
    char *message;    /* one line where something fails, borrowed */
    wp_oid *followed; /* catalogs */
    size_t nfollowed, followed_room;
    wp_catalog_file *moved; /* where catalogs lie that have moved */
    size_t nmoved, moved_room;
    backup_file *files;
    size_t nfiles, files_room;
    size_t bytes; /* of all files */
} backup_files;

/* None yet. False: out of memory; to be freed in either case. */
bool backup_files_init(backup_files *f, const char *path, char message[512]);
void backup_files_free(backup_files *f);

/* NULL: it is not there, or not read yet. Borrowed until the next one is added. */
const backup_file *backup_files_find(const backup_files *f, place at);

/* Is it of use, and not read yet? */
bool backup_files_wants(const backup_files *f, const place *at);

/*
 * Makes room for a file of so many bytes, to be filled by the caller. NULL with one line in message: it is too large,
 * or memory is out. Borrowed until the next one is added.
 */
backup_file *backup_files_add(backup_files *f, place at, uint64_t size, const char *name);

/* A catalog lies in another file than the one of its oid. False: out of memory. */
bool backup_files_add_moved(backup_files *f, wp_catalog_file moved);

/* All of them, by database and file node, given to the caller to be freed. NULL: there is none. */
wp_catalog_file *backup_files_take_moved(backup_files *f, size_t *n);

/* The catalog that lies in a file, followed or not. */
wp_oid backup_files_catalog(const backup_files *f, const place *at);

wp_view backup_file_view(const backup_file *f);

/* What is wrong with one of them, in message. Returns false. */
bool backup_files_fail(const backup_files *f, const char *name, const wp_error *err);

/* Gives them an order of their own, whatever that of folders and archives was. */
void backup_files_sort(backup_files *f);

#endif
