/*
 * warnings.h - what should be known about a result, one line each.
 */
#ifndef PITR_FIND_WARNINGS_H
#define PITR_FIND_WARNINGS_H

#include "command/target/render.h"

/* About what was read, whether anything was found or not. */
void warnings_of_search(const options *o, const archive *wal, const search_result *found,
                        text_list *out);

/* About recovering to the target. */
void warnings_of_target(const report *r, text_list *out);

/* Those of them that say why a target is not exact. */
void warnings_of_inexact(const report *r, text_list *out);

/*
 * The base backup to restore for the target, as far as history files in the archive tell: the newest that
 * is complete before it; NULL: none. *too_new: the oldest that is not; NULL: none.
 */
const archive_backup *warnings_backup_for(const report *r, const archive_backup **too_new);

#endif
