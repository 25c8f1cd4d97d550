/*
 * backup_blocks.h - blocks of relations, and of the logs of transactions, in a base backup, wherever it lies and however it is packed.
 *
 * No more is read than was asked for: the files of a table out of a backup of any size. What is packed as a whole, and cannot be entered in
 * its midst, is unpacked once for the files that are wanted, into a scratch file.
 */
#ifndef PITR_FIND_BACKUP_BLOCKS_H
#define PITR_FIND_BACKUP_BLOCKS_H

#include <walparse/redo.h>
#include <walparse/walparse.h>

#include "backup/about.h"
#include "backup/manifest.h"

typedef struct backup_blocks backup_blocks;

/* Files to be made ready. */
typedef struct backup_wants {
    const wp_locator *
        files; /* those of tablespace 0 are logs of transactions (see redo.h), all of whose files are meant */
    size_t nfiles;
    /*
     * Databases whose catalogs are wanted, 0: the shared ones. Of each, files with a number below 16384 and those that its map gives;
     * other ones to which a catalog has moved are known by its pg_class alone.
     */
    const wp_oid *catalogs;
    size_t ncatalogs;
} backup_wants;

/*
 * A data directory as pg_basebackup leaves it, base.tar (packed or not) with its tablespaces' archives, or the folder of these, or a
 * backup in the layout of an archiver. wants: made ready at once, as by backup_blocks_fetch(); NULL: none. False with one line in
 * message: there is none, it is incremental, not whole. Free with backup_blocks_free() in either case. The path is borrowed.
 */
bool backup_blocks_open(const char *path, const backup_wants *wants, backup_blocks **out,
                        char message[512]);
const backup_about *backup_blocks_about(const backup_blocks *b);
/* Where it ends, learned elsewhere (about.stop_lsn is taken anyway): a page that was changed later is none of the backup's, and reading it fails. */
void backup_blocks_set_stop(backup_blocks *b, wp_lsn stop);

/*
 * Makes files ready to be read, all at once. A file that is not there is no failure. Call it as seldom as can be, and rather hand over what is
 * known to be wanted when it is opened: an archive that is packed as a whole is read through for each call.
 */
bool backup_blocks_fetch(backup_blocks *b, const backup_wants *wants, char message[512]);

/* Tablespace and OID (rel 0) of each database: of each pg_filenode.map but the shared one. Borrowed. */
const wp_locator *backup_blocks_databases(const backup_blocks *b, size_t *count);

/* Is the file's main fork there, be it empty? It must have been fetched. */
bool backup_blocks_has(const backup_blocks *b, const wp_locator *file);
/* Blocks of the file's main fork; 0: it is not there. Of a log of transactions: 0. The file must have been fetched. */
uint32_t backup_blocks_count(const backup_blocks *b, const wp_locator *file);

/*
 * Is or was there more of the file than these blocks: a part of one, files after one that is not full, or no file after one that is? The
 * server was just adding or cutting it, and then the WAL tells; or bytes of the backup are lost. A table may well fill a file to its last
 * block and end there, but hardly ever does. Of a log: no.
 */
bool backup_blocks_has_rest(const backup_blocks *b, const wp_locator *file);

typedef enum backup_block_status {
    BACKUP_BLOCK_READ,
    BACKUP_BLOCK_ABSENT, /* the file ends before it, or is not there */
    BACKUP_BLOCK_FAILED  /* one line in message: it cannot be read, or was not fetched */
} backup_block_status;

/* Into page, of BLCKSZ bytes. A block that the file has in part only is absent: the server was just adding it. */
backup_block_status backup_blocks_read(backup_blocks *b, const wp_locator *file, uint32_t block,
                                       uint8_t *page, char message[512]);

/* pg_filenode.map of a database, or of db 0 in tablespace 1664. bytes NULL: it is not there. Borrowed. */
wp_view backup_blocks_map(const backup_blocks *b, wp_oid spc, wp_oid db);

/* Holds all files that were fetched against the backup_manifest, if there is one. False with one line in message. */
bool backup_blocks_check(backup_blocks *b, manifest_check *out, char message[512]);

/* Bytes that were read of files of the backup, packed ones as they lie there. */
uint64_t backup_blocks_bytes_read(const backup_blocks *b);

void backup_blocks_free(backup_blocks *b);

#endif
