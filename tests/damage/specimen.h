/*
 * specimen.h - the unpacked files of a fixture, and where the records in them lie.
 */
#ifndef TEST_SPECIMEN_H
#define TEST_SPECIMEN_H

#include <stdbool.h>
#include <stddef.h>

#include "blob.h"

#define SPECIMEN_FILES_MAX 24

typedef struct specimen_file {
    char name[64]; /* less what says that it is packed */
    bool is_segment;
    uint8_t *bytes; /* of a segment: within specimen.wal, if that is one run */
    size_t len;
    size_t used; /* up to the end of the last record in it; not a segment: all */
} specimen_file;

/* A record of specimen.wal. */
typedef struct specimen_record {
    size_t at, end; /* behind it, with its padding */
    uint32_t len;
} specimen_record;

typedef struct specimen {
    char name[64];
    specimen_file files[SPECIMEN_FILES_MAX]; /* by name */
    size_t nfiles;
    size_t page_size, segment_size;
    unsigned align;
    uint64_t start_lsn; /* of wal */
    blob wal;           /* all segments, one after the other; empty: they are not one run */
    specimen_record *records;
    size_t nrecords, records_room;
} specimen;

/* Reads FOLDER/wal/ *.gz. Whatever fails ends the program. */
void specimen_read(specimen *s, const char *folder, const char *name);
void specimen_free(specimen *s);

/* Bytes of the page header at a position of wal. */
size_t specimen_header(const specimen *s, size_t at);

/* Copies a record's bytes out of the pages, or back into them. */
void specimen_take(const specimen *s, const specimen_record *r, const uint8_t *wal, uint8_t *to);
void specimen_put(const specimen *s, const specimen_record *r, const uint8_t *from, uint8_t *wal);

#endif
