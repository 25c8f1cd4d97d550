/*
 * archiver.h - a target as the command by which an archiver restores a base backup and recovers to it.
 *
 * Each format is a row of the table in archiver.c. The command is one line for sh: what it is to restore into
 * is $PGDATA, and where that must be known and is not, sh says so and nothing is run. A command that could not be
 * given all it needs (repository, backup) is an error, and never a form to be filled in.
 */
#ifndef PITR_FIND_ARCHIVER_H
#define PITR_FIND_ARCHIVER_H

#include "target/render.h"

/* Is it one of an archiver's? */
bool archiver_has_format(target_format format);

/* The word of --format for an archive of that layout, into buf; NULL: there is none. */
const char *archiver_format_of(layout_kind layout, char buf[32]);

/* Before anything is searched: is this an archive of that archiver's? Else one line in message. */
bool archiver_check(const options *o, const archive *wal, char message[512]);

/* The backup to be restored, by the archiver's name; NULL with one line in message: none fits the target. */
const archive_backup *archiver_backup(const report *r, char message[512]);

/* The command keeps the copy from archiving; a few words say how. NULL: it does not. */
const char *archiver_quiets(const report *r);

void archiver_render(const report *r, text *out);

#endif
