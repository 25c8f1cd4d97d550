/*
 * label_of_backup.h - what the label of a base backup tells, wherever it lies.
 */
#ifndef PITR_FIND_LABEL_OF_BACKUP_H
#define PITR_FIND_LABEL_OF_BACKUP_H

#include "archive/backup_label.h"

/*
 * Of a backup in any layout of source_find.c; label.stop_lsn: where it becomes consistent, 0 if it does not tell. Reads the small files, for which an
 * archive that is packed as a whole is read through. False with one line in message.
 */
bool label_of_backup(const char *path, label_file *out, char message[512]);

#endif
