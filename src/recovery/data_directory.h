/*
 * data_directory.h - a restored data directory that settings are to be written into.
 */
#ifndef PITR_FIND_DATA_DIRECTORY_H
#define PITR_FIND_DATA_DIRECTORY_H

#include <sys/types.h>

#include "archive/archive.h"
#include "base/text.h"

/* A configuration file of more bytes than this is not read. */
#define DATADIR_FILE_BYTES_MAX ((size_t)1 << 20)

typedef struct data_directory {
    const char *path; /* as it was given, borrowed */
    int fd;           /* of the directory; -1: not open */
    uid_t owner;
    gid_t group;
    mode_t file_mode; /* of files the server makes there */
    wp_control control;
    bool has_label; /* a backup_label: it is a base backup nobody has started yet */
} data_directory;

/*
 * Opens a data directory of the cluster that wrote this WAL. False with one line in message: there is none,
 * a server runs in it, it is another cluster's or major's, or not ours to write. Close in either case.
 */
bool data_directory_open(const char *path, const archive *wal, data_directory *out,
                         char message[512]);
void data_directory_close(data_directory *dir);

/* True when there is an entry of that name. */
bool data_directory_has(const data_directory *dir, const char *name);

/*
 * Reads a file; *is_there false: there is none. An absolute name is read where it is. Where follows_links is
 * false a symbolic link is an error: as root, nothing is to be shown or copied that the link's owner may
 * not read. False with a line in message: it cannot be read, is too large, or is no file.
 */
bool data_directory_read(const data_directory *dir, const char *name, bool follows_links, text *out,
                         bool *is_there, char message[512]);

/* A file to be written: whole, in place of one of that name. */
typedef struct data_directory_file {
    const char *name;
    text content;
} data_directory_file;

/*
 * Puts files into place one after the other, so that whatever happens each is there whole or as it was: all
 * are written and synced under other names before the first is renamed. False with a line in message.
 */
bool data_directory_write(const data_directory *dir, const data_directory_file *files, size_t n,
                          char message[512]);

#endif
