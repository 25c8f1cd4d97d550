/*
 * backup.h - what a base backup tells: which cluster, from where to where, and the names in its catalogs.
 *
 * Read straight from its files, in any layout of source_find.c.
 */
#ifndef PITR_FIND_BACKUP_H
#define PITR_FIND_BACKUP_H

#include "scan/scan.h"

typedef struct backup {
    const char *path; /* as it was given, borrowed */
    wp_backup_label label;
    wp_lsn stop_lsn; /* where it becomes consistent; 0: the backup does not tell */
    uint64_t system_identifier;
    wp_control_settings settings; /* of the server it was taken from */
    const wp_profile *profile;    /* of its major */
    scan_seed seed;
} backup;

/*
 * Reads a backup, for WAL that is read from wal_start on. False with one line in message: no backup, a file of it is missing or damaged, too
 * large. Free with backup_free() in either case.
 */
bool backup_open(const char *path, wp_lsn wal_start, backup *out, char message[512]);

/* Where a backup starts. False with one line in message. */
bool backup_begin(const char *path, wp_lsn *start, wp_tli *tli, char message[512]);

/* Is it one of the cluster that wrote this WAL? Otherwise one line in message. */
bool backup_fits(const backup *base, const archive *wal, char message[512]);

void backup_free(backup *base);

#endif
