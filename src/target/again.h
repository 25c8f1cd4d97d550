/*
 * again.h - the command line that was typed, for another transaction.
 */
#ifndef PITR_FIND_AGAIN_H
#define PITR_FIND_AGAIN_H

#include "target/render.h"

/* "pitr-find --before-xid 597 --backup /backups/base /wal_archive", ready for a shell. Nothing that may hold a password. */
void again_before_xid(const report *r, wp_xid xid, text *out);

#endif
