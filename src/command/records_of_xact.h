/*
 * records_of_xact.h - which records belong to a transaction: those of its subtransactions too, and the one that ends a prepared
 * one, which bears no transaction id of its own. They are those that `xact` counts.
 */
#ifndef PITR_FIND_RECORDS_OF_XACT_H
#define PITR_FIND_RECORDS_OF_XACT_H

#include "command/possible_parts.h"

/* Start with all zero; not to be copied. */
typedef struct records_of_xact {
    family
        family; /* of the transaction; asked for a subtransaction, of the one that it is part of */
    possible_parts possible; /* whose records may belong to it, too */
    bool is_open; /* it has records here, and no end, that would name all its subtransactions */
} records_of_xact;

/*
 * Reads the archive, several times, on so many threads; what a command fetches, to the transaction's end. False with one line in
 * message. Free with records_of_xact_free() in any case.
 */
bool records_of_xact_find(const archive *wal, wp_xid xid, unsigned jobs, records_of_xact *out,
                          char message[512]);

/* Narrows a filter to its records. What it then points to is out's. */
void records_of_xact_narrow(const records_of_xact *records, wp_record_filter *wanted);

void records_of_xact_free(records_of_xact *records);

#endif
