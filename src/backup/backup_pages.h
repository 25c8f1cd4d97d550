/*
 * backup_pages.h - where the catalogs of a base backup lie, and their pages as facts.
 *
 * A base backup is copied while the server writes. Only pages that were last changed before it starts are
 * taken: they show what was there at the start. One that was changed later is in the WAL as well, whole,
 * with its first change, since full_page_writes is in force while a backup runs. Where that WAL is not
 * read, pages that were last changed before the WAL that is read will do: they show names of some time before.
 */
#ifndef PITR_FIND_BACKUP_PAGES_H
#define PITR_FIND_BACKUP_PAGES_H

#include "backup/backup_files.h"
#include "scan/scan.h"

typedef struct backup_pages {
    backup_files *files; /* borrowed */
    const wp_profile *profile;
    uint32_t blocks_per_file, block_bytes;
} backup_pages;

/* Learns from maps and pg_class where catalogs have moved to. False with one line in files->message. */
bool backup_pages_follow(const backup_pages *p);

/* Does every database have all the catalogs? Otherwise one line in files->message. */
bool backup_pages_check(const backup_pages *p);

/*
 * The seed of a backup that starts at start: pages that were last changed before latest. False with one line in
 * files->message; the pages are to be freed in either case.
 */
bool backup_pages_seed(const backup_pages *p, wp_lsn start, wp_lsn latest, scan_seed *out);

#endif
