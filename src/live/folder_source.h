/*
 * folder_source.h - WAL of a folder that grows: an archive, a folder of pg_receivewal, or a server's pg_wal.
 *
 * A segment that is still being written to is read as far as its records are whole, and again when there is more. What lies
 * after that is never taken for damage until later WAL is there.
 */
#ifndef PITR_FIND_FOLDER_SOURCE_H
#define PITR_FIND_FOLDER_SOURCE_H

#include "live/source.h"

typedef struct folder_source_config {
    const char *folder;
    wp_lsn from;     /* 0: from the end of the WAL there is */
    wp_tli from_tli; /* 0: of the history of the latest timeline */
    uint64_t
        system_identifier; /* of the cluster; 0: that of the WAL there is, which must be of one */
} folder_source_config;

/*
 * Looks what there is. False with one line in message: no WAL there, that of another cluster, none any more where `from` is. The
 * folder's path is copied.
 */
bool folder_source_open(const folder_source_config *config, live_source **out,
                        char message[MESSAGE_BYTES]);

#endif
