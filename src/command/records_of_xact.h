/*
 * records_of_xact.h - which records belong to a transaction: those of its subtransactions too, and the one that ends a prepared
 * one, which bears no transaction id of its own.
 */
#ifndef PITR_FIND_RECORDS_OF_XACT_H
#define PITR_FIND_RECORDS_OF_XACT_H

#include "archive/archive.h"

/* Start with all zero. */
typedef struct records_of_xact {
    wp_xid *xids; /* rising, each once; with the transaction's own */
    size_t nxids, xids_room;
    wp_lsn *lsns; /* rising: of COMMIT PREPARED and ROLLBACK PREPARED */
    size_t nlsns, lsns_room;
    bool is_open; /* it has records here, and no end, that would name all its subtransactions */
} records_of_xact;

/*
 * Reads the archive through on so many threads; what a command fetches, to the transaction's end. A subtransaction is known where its transaction's end or an assignment names it: one that was
 * rolled back alone may not be. False with one line in message. Free with records_of_xact_free() in any case.
 */
bool records_of_xact_find(const archive *wal, wp_xid xid, unsigned jobs, records_of_xact *out,
                          char message[512]);

void records_of_xact_free(records_of_xact *records);

#endif
