/*
 * about.h - what the small files of a base backup tell of it: label, pg_control, manifest.
 */
#ifndef PITR_FIND_ABOUT_H
#define PITR_FIND_ABOUT_H

#include <stdint.h>

#include <walparse/datadir.h>

struct backup_files;

/* What the backup tells of itself. */
typedef struct backup_about {
    wp_backup_label label;
    wp_lsn stop_lsn; /* where it becomes consistent; 0: it does not tell */
    wp_control control;
    bool has_checksums; /* data_checksum_version of pg_control is 1 */
    const wp_profile *profile;
} backup_about;

/*
 * folder: where a backup_manifest lies, if there is one. *manifest_bytes: of it that were read. False with one line in files->message: a file
 * is missing or damaged, the backup is incremental.
 */
bool backup_about_read(const struct backup_files *files, const char *folder, backup_about *out,
                       uint64_t *manifest_bytes);

#endif
