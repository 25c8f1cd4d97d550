/*
 * live_wal.h - a folder that a server writes its own WAL to, or a copy of one, and no archive.
 *
 * There, files that were made ready for later lie beside the WAL: zeros, or old segments under new names.
 */
#ifndef PITR_FIND_LIVE_WAL_H
#define PITR_FIND_LIVE_WAL_H

#include <stdbool.h>

/* Does a file lie in a pg_wal, by the folder's name or by the server's notes (archive_status) in it? */
bool live_has_file(const char *path);

struct archive;

/* Does the newest segment lie in one: is the WAL that is not archived yet among the sources? */
bool live_has_newest(const struct archive *wal);
/* Does all WAL? */
bool live_is_all(const struct archive *wal);

#endif
