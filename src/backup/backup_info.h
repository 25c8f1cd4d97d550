/*
 * backup_info.h - what Barman's and pgmoneta's backup.info says of a backup.
 */
#ifndef PITR_FIND_BACKUP_INFO_H
#define PITR_FIND_BACKUP_INFO_H

#include <stdbool.h>

#include <walparse/types.h>

typedef struct backup_info {
    char status[32];  /* "": it has none, or there is no backup.info */
    wp_lsn stop_lsn;  /* 0: not told */
    char label[1024]; /* backup_label, where it is kept there; "": it is not */
} backup_info;

/* That of a backup in the folder: there, or, of Barman from 3.13.2 on, in meta beside the folder of all backups. */
void backup_info_read(const char *folder, backup_info *out);

/* Pure: any text. */
void backup_info_parse(wp_view text, backup_info *out);

/* Has the backup ended as it should? */
bool backup_info_is_done(const backup_info *info);

#endif
