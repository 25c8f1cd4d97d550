/*
 * backup_label.h - files in which a base backup tells of itself: backup_label, or the .backup file in the archive.
 */
#ifndef PITR_FIND_BACKUP_LABEL_H
#define PITR_FIND_BACKUP_LABEL_H

#include <walparse/datadir.h>

/* One of either kind, with its timeline known. */
typedef struct label_file {
    char path[1024];
    wp_backup_label label;
} label_file;

/* Reads the text of either. False when it is none. */
bool backup_label_parse(wp_view text, wp_backup_label *out);

/* Reads backup_label: the path is the file, or a folder that holds it. False with a line in message. */
bool backup_label_read(const char *path, label_file *out, char message[512]);

typedef struct label_files {
    label_file *items; /* rising by start_lsn */
    size_t count, room;
} label_files;

/* The .backup files of folders. False with one line in message. Free with backup_labels_free(). */
bool backup_labels_read(char *const *directories, size_t ndirectories, label_files *out,
                        char message[512]);
void backup_labels_free(label_files *files);

#endif
