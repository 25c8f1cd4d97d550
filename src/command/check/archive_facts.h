/*
 * archive_facts.h - the archive and the base backups, as `verify` sees them.
 */
#ifndef PITR_FIND_ARCHIVE_FACTS_H
#define PITR_FIND_ARCHIVE_FACTS_H

#include "verification/verification.h"

/* A base backup by itself, where there is no archive to judge it by. */
typedef struct lone_backup {
    const char *path;
    bool is_read;
    wp_backup_label label;
    uint64_t system_identifier;
    char why[512]; /* where it cannot be read */
} lone_backup;

#define LONE_BACKUPS_MAX 16

typedef struct archive_facts {
    bool is_asked; /* --archive */
    bool is_read;
    char why[512]; /* where it cannot be read */
    verification seen;
    lone_backup backups[LONE_BACKUPS_MAX]; /* each of --backup */
    size_t nbackups;
} archive_facts;

typedef struct archive_order {
    const char *const *archives, *const *backups;
    size_t narchives, nbackups;
    uint64_t system_id; /* of the server; 0: not known */
    unsigned jobs;
} archive_order;

/* What cannot be read is told in it. Free with archive_facts_free(). */
void archive_facts_gather(const archive_order *order, archive_facts *out);
void archive_facts_free(archive_facts *f);

#endif
