/*
 * last_records.h - where the last N records of an archive begin that a dump prints.
 */
#ifndef PITR_FIND_LAST_RECORDS_H
#define PITR_FIND_LAST_RECORDS_H

#include <walparse/walparse.h>

#include "archive/archive.h"

/* So many at most: eight bytes are kept of each. */
#define LAST_RECORDS_MAX UINT64_C(10000000)

typedef struct last_records {
    wp_lsn first, last; /* where these two start; 0: there is none */
    archive wal; /* to read them from: segments of the archive, which it borrows. Not to be freed */
} last_records;

/* Reads the archive backwards from its end, as far as is needed. jobs: threads. False with one line in message. */
bool last_records_find(const archive *wal, const wp_dump *what, uint64_t count, unsigned jobs,
                       last_records *out, char message[512]);

#endif
