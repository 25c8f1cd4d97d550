/*
 * backup_folder.h - reads the wanted files of a base backup that is a folder, as pg_basebackup leaves it.
 */
#ifndef PITR_FIND_BACKUP_FOLDER_H
#define PITR_FIND_BACKUP_FOLDER_H

#include "backup/backup_files.h"

/* Reads those that are wanted and not read yet. False with one line in files->message. */
bool backup_folder_read(backup_files *files);

#endif
