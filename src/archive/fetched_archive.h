/*
 * fetched_archive.h - an archive whose segments a command fetches by name.
 *
 * It has the names that a server would ask for: those of the followed timeline's history from where it
 * begins, until the command has no further one.
 */
#ifndef PITR_FIND_FETCHED_ARCHIVE_H
#define PITR_FIND_FETCHED_ARCHIVE_H

#include "archive/archive_open.h"

typedef struct remote remote;

/*
 * As archive_open(), with limits->command. Sources: .backup files or backup_labels. Fetches history files and
 * the first segment.
 */
bool fetched_archive_open(char *const *sources, size_t nsources, const archive_limits *limits,
                          archive *out, char message[512]);

/*
 * A pass over the segments begins, with so many threads. It is interrupted, so that none of them waits for its next segment. When none reads any
 * more, it ends: the archive then has the segments that are known.
 */
bool fetched_archive_start(remote *r, unsigned readers, char message[512]);
void fetched_archive_interrupt(remote *r);
void fetched_archive_stop(remote *r); /* may be called twice */

#endif
