/*
 * restorable.h - can a server that is given this archive get to the target? That an event was found does not say
 * so: reading goes on after damage, replay does not.
 */
#ifndef PITR_FIND_RESTORABLE_H
#define PITR_FIND_RESTORABLE_H

#include "target/render.h"

/* Where replay from the base backup begins, --backup or the best in the archive; 0: none is known. */
wp_lsn restorable_start(const report *r);

/* Is --backup newer than the target? A server also refuses one whose end is in WAL that is missing. */
bool restorable_is_too_new(const report *r);

/* The next place before the target that replay cannot get past, from the backup's start on; begin with *at = 0. NULL: no more. */
const scan_damage *restorable_damage(const report *r, size_t *at);

/* From where on all damage before the target is passed: there a base backup may begin that gets to it. 0: nowhere before it. */
wp_lsn restorable_way_out(const report *r);

/* The last place before the target that replay cannot get past, from the backup's start on; 0: none is known. */
wp_lsn restorable_barrier(const report *r);

/*
 * A server that is sent to a timeline other than the first asks for its history file. The target's timeline, where there
 * is none; else NULL.
 */
const branch *restorable_without_history(const report *r);

/*
 * Was wal_level minimal between the backup's start and the target? Servers refuse to go on there, or what was written meanwhile
 * is missing.
 */
bool restorable_is_minimal(const report *r);

/* Yes only when a backup is known, and all WAL from its start to the target was read. */
restorable restorable_judge(const report *r);

/*
 * The base backup to restore for the target, as far as history files in the archive tell: the newest that
 * is complete before it; NULL: none. *too_new: the oldest that is not; NULL: none.
 */
const archive_backup *restorable_backup_for(const report *r, const archive_backup **too_new);

#endif
