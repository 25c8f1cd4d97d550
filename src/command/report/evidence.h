/*
 * evidence.h - the records that prove it: where each lies, what it says, its bytes.
 */
#ifndef PITR_FIND_EVIDENCE_H
#define PITR_FIND_EVIDENCE_H

#include "archive/archive.h"

/* So many of the first records, and of the last ones, are kept; of each so many bytes. */
#define EVIDENCE_FIRST 40
#define EVIDENCE_LAST 40
#define EVIDENCE_BYTES 256

typedef struct evidence_record {
    wp_lsn lsn;
    wp_xid xid;
    char *line; /* as pg_waldump prints it */
    uint32_t bytes_total;
    uint32_t nbytes; /* of them here */
    uint8_t bytes[EVIDENCE_BYTES];
    const char *path; /* of the file it begins in, borrowed from the archive */
    uint64_t offset;  /* there, once that is unpacked */
} evidence_record;

/* Start with all zero. */
typedef struct evidence {
    evidence_record *items; /* by rising LSN */
    size_t count, room;
    uint64_t total; /* may exceed count: then those after the first EVIDENCE_FIRST are left out */
} evidence;

/* Reads the WAL from one LSN to another twice. False with one line in message. Free with evidence_free() in any case. */
bool evidence_find(const archive *wal, unsigned jobs, const wp_record_filter *wanted, evidence *out,
                   char message[512]);

void evidence_free(evidence *e);

#endif
