/*
 * archiver_catalog.h - what an archiver's own files say: which base backups there are, of which cluster.
 */
#ifndef PITR_FIND_ARCHIVER_CATALOG_H
#define PITR_FIND_ARCHIVER_CATALOG_H

#include "archive/layout.h"
#include "file/probe.h"

/* More clusters than this are not told apart. */
#define ARCHIVER_CATALOG_CLUSTERS_MAX 8

/* A base backup that was finished. */
typedef struct archiver_catalog_backup {
    char *path;                      /* of the file that tells of it */
    char id[LAYOUT_BACKUP_ID_BYTES]; /* by which the archiver's own restore knows it */
    wp_lsn start, stop;
    wp_tli tli;
    uint64_t cluster;   /* system identifier; 0: not said */
    wp_time time;       /* when it began; WP_TIME_UNKNOWN: not said, or without a zone */
    char time_text[64]; /* as it stands there */
} archiver_catalog_backup;

/* Start with all zero. */
typedef struct catalogue {
    archiver_catalog_backup *backups;
    size_t nbackups, room;
    uint64_t clusters[ARCHIVER_CATALOG_CLUSTERS_MAX]; /* system identifiers, each once */
    size_t nclusters;
    char passphrase[LAYOUT_BACKUP_ID_BYTES]; /* of the WAL, where archive.info has one */
    char complaint[512];                     /* about the first file that cannot be read */
} catalogue;

/* Adds what one file says, told by its name. What makes no sense is left out. Pure. False: no memory. */
bool archiver_catalog_parse(layout_kind kind, const char *path, wp_view bytes, catalogue *out);

/*
 * Reads all files of a layout's catalogue, and adds a passphrase found to the keyring. False with one
 * line in message: no memory. Free with archiver_catalog_free() in either case.
 */
bool archiver_catalog_read(const wal_layout *l, prober *p, catalogue *out, char message[512]);

void archiver_catalog_free(catalogue *c);

#endif
