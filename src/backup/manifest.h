/*
 * manifest.h - holds files of a backup against its backup_manifest: their sizes, and their checksums (CRC-32C, as pg_basebackup writes
 * them by default).
 */
#ifndef PITR_FIND_MANIFEST_H
#define PITR_FIND_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

struct backup_parts;

typedef struct manifest_check {
    bool is_there;      /* a backup_manifest */
    uint64_t files;     /* that were held against it */
    uint64_t differing; /* of them, and those that it names and the backup lacks */
    char first[256];    /* path of the first that differs */
} manifest_check;

/*
 * Reads each file that is among parts; folder: where the manifest would lie. What it reads does not count as bytes read. False with one
 * line in message: a file cannot be read, no memory.
 */
bool manifest_check_parts(const char *folder, struct backup_parts *parts, manifest_check *out,
                          char message[512]);

/*
 * Of a backup that is a folder of files: is each file that the manifest names there, with its size? No file is read. Where
 * there is no manifest, or there are tar archives, is_there is false. False with one line in message: no memory.
 */
bool manifest_check_sizes(const char *folder, manifest_check *out, char message[512]);

#endif
