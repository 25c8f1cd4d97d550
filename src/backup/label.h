/*
 * label.h - what a base backup says of itself: backup_label, or the .backup file in the archive.
 */
#ifndef PITR_FIND_LABEL_H
#define PITR_FIND_LABEL_H

#include <walparse/types.h>

typedef struct label {
    char path[1024]; /* file it was read from */
    wp_lsn start;    /* redo position: START WAL LOCATION */
    wp_lsn stop;     /* STOP WAL LOCATION, only a .backup file has it; else 0 */
    wp_tli tli;      /* of the segment it starts in */
    bool is_from_standby;
    char name[256]; /* LABEL */
} label;

/* Reads the text of either. False when it is none. */
bool label_parse(wp_view text, label *out);

/* Reads backup_label: the path is the file, or a folder that holds it. False with a line in message. */
bool label_read(const char *path, label *out, char message[512]);

typedef struct label_list {
    label *items; /* rising by start */
    size_t count, room;
} label_list;

/* The .backup files of folders. False with one line in message. Free with label_list_free(). */
bool label_list_read(char *const *directories, size_t ndirectories, label_list *out,
                     char message[512]);
void label_list_free(label_list *list);

#endif
