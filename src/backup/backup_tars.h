/*
 * backup_tars.h - the archives of a base backup that is a base.tar, with those of tablespaces (OID.tar) beside it.
 */
#ifndef PITR_FIND_BACKUP_TARS_H
#define PITR_FIND_BACKUP_TARS_H

#include "backup/backup_files.h"

typedef struct backup_tars {
    char **paths; /* base.tar first, then OID.tar */
    size_t n, room;
} backup_tars;

/*
 * The archives that the backup at path is made of; none of them: it is a folder. False with one line in message: it
 * cannot be opened. Free with backup_tars_free() in either case.
 */
bool backup_tars_find(const char *path, backup_tars *out, char message[512]);

/* Adds an archive, whose path is taken over; NULL: out of memory. */
bool backup_tars_add(backup_tars *tars, char *path, char message[512]);
/* Adds those of tablespaces in a folder. */
bool backup_tars_add_tablespaces(backup_tars *tars, const char *folder, char message[512]);

/* Has every tablespace an archive of its own? Otherwise one line in files->message. */
bool backup_tars_check_tablespaces(const backup_tars *tars, const backup_files *files);

/* Tablespace whose archive this is: "16385.tar.gz", "16385_0001.tar"; 0: the main one. */
wp_oid backup_tars_tablespace(const char *path);

/* Where they lie, to be freed. NULL: out of memory. At least one. */
char *backup_tars_folder(const backup_tars *tars);

void backup_tars_free(backup_tars *tars);

#endif
