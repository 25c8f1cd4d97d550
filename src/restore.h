/*
 * restore.h - the restore_command that reads the archive the WAL was found in.
 */
#ifndef PITR_FIND_RESTORE_H
#define PITR_FIND_RESTORE_H

#include "archive.h"
#include "text.h"

/* Which names files of a directory have. */
typedef struct restore_layout {
    bool has_plain;        /* 000000010000000000000001 */
    bool has_gz;           /* 000000010000000000000001.gz */
    bool has_packed_plain; /* a file with a plain name is compressed */
} restore_layout;

/* The command for a directory of that layout. Pure. */
void restore_command_for(const char *directory, const restore_layout *layout, text *out);

/* Looks at the archive's first directory. Adds a warning when there are several. */
void restore_command_derive(const archive *wal, text *out, text_list *warnings);

#endif
