/*
 * source.h - where the files of a base backup come from: a folder, archives, what an archiver made of them.
 *
 * A row a layout: each finds the files by their names, reads the small ones, and says where the bytes of the wanted ones lie, or
 * unpacks them to the scratch file.
 */
#ifndef PITR_FIND_SOURCE_H
#define PITR_FIND_SOURCE_H

#include "backup/about.h"
#include "backup/backup_tars.h"
#include "backup/parts.h"
#include "backup/wanted.h"

typedef struct source source;

/* One reading. */
typedef struct reading {
    backup_files *whole; /* to take small files; NULL: they were read before */
    /* Whole files of catalogs, too, by backup_files_wants(), and no parts. */
    bool takes_catalogs;
    const wanted_files *wanted; /* to be added to parts, unless they are there */
    backup_parts *parts;        /* which counts what is read, in any case */
    char *message;              /* of MESSAGE_BYTES */
} reading;

struct source {
    /* False with one line in message. */
    bool (*read)(source *s, const reading *r);
    /* Is all there that the small files tell of? NULL: there is no telling. False with one line in files->message. */
    bool (*check)(const source *s, const backup_files *files);
    void (*free)(source *s);
    char *folder;     /* where a backup_manifest would lie */
    char label[1024]; /* backup_label, where it is no file of the backup; "": it is one */
    wp_lsn stop_lsn;  /* where the backup becomes consistent; 0: told elsewhere, or nowhere */
    /* Why a tablespace was not read, of which nothing was asked for by name; "": there is none. */
    char missing[512];
};

/* Finds the layout. NULL with one line in message. */
source *source_open(const char *path, char message[512]);

/*
 * The layouts. NULL with one line in message. beside: where Barman has folders of tablespaces, named by their numbers; NULL: nowhere. The
 * archives are taken over unless it fails; has_map: each tablespace that their tablespace_map names must be there.
 */
source *source_folder_open(const char *path, const char *beside, char message[512]);
source *source_tars_open(const backup_tars *tars, const char *folder, bool has_map,
                         char message[512]);

source *source_pgbackrest_open(const char *path, char message[512]);

/* What a layout does with a file that it has come to. */
typedef enum source_use { SOURCE_SKIP, SOURCE_WHOLE, SOURCE_PART, SOURCE_FAILED } source_use;

/* SOURCE_FAILED: with one line in message. */
source_use source_use_of(const reading *r, const place *at);

/* Takes so many bytes of a file from an offset, whole. name: for messages. False with one line in message. */
bool source_take_whole(const reading *r, const place *at, const char *name, const char *path,
                       uint64_t offset, uint64_t bytes);

/* After the small files were read: what they tell. False with one line in files->message. */
bool source_about(const source *s, backup_files *files, backup_about *out, uint64_t *bytes_read);

#endif
