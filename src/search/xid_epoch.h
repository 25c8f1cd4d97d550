/*
 * xid_epoch.h - transaction ids with their epoch, as txid_current() gives them: records have the lower half only, and the epoch is told by
 * checkpoints.
 */
#ifndef PITR_FIND_XID_EPOCH_H
#define PITR_FIND_XID_EPOCH_H

#include "archive/archive.h"
#include "base/log.h"

/*
 * May a transaction of that id be in this WAL? An id without an epoch may. One with an epoch has to be less than half the ids away from the next one of a
 * checkpoint; the WAL is read up to the first checkpoint that says so. True: *code is EXIT_FOUND, or EXIT_DOUBT, after a warning, where no checkpoint
 * can be read. False: *code is EXIT_NOTHING, EXIT_DOUBT where some WAL could not be read, or EXIT_TROUBLE, after a line that says why.
 */
bool xid_epoch_is_here(const archive *wal, uint64_t xid, unsigned jobs, exit_code *code);

#endif
