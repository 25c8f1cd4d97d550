/*
 * restore_command.h - the restore_command that reads the archive the WAL was found in.
 */
#ifndef PITR_FIND_RESTORE_COMMAND_H
#define PITR_FIND_RESTORE_COMMAND_H

#include "archive/archive.h"
#include "base/text.h"
#include "codec/packing.h"

/* Which names files of a directory have. */
typedef struct restore_layout {
    unsigned suffixes; /* 1 << i: there are files that end in packing_suffix(i) */
    packing_id inside; /* what files under plain names are packed in, or some of them */
} restore_layout;

/* The command for a directory of that layout. Pure. */
void restore_command_for(const char *directory, const restore_layout *layout, text *out);

/* The archiver's own command, where it has one. */
bool restore_command_of_layout(const wal_layout *l, bool is_encrypted, text *out);

/* `pitr-find fetch`, which reads any archive. */
void restore_command_of_fetch(const archive *wal, text *out);

/* The WAL that a server replays, as far as it is known: [from, until). from 0: its start is not. */
typedef struct restore_range {
    wp_lsn from, until;
    bool
        has_rest; /* of a file something follows the packed data: what unpacks it may fail of that */
} restore_range;

/*
 * The archiver's own, else a copy or a pipeline where files have simple names and it hands over what was read here of
 * that range, else fetch. True: it also serves segments of which there is only a .partial.
 */
bool restore_command_derive(const archive *wal, const restore_range *range, text *out,
                            text_list *warnings);

#endif
