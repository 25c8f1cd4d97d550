/*
 * filename.h - what a file's name says it may be. Content has the last word (input.h, probe.h). The endings of
 * packed files stand in the table of packings (codec/packing.h).
 */
#ifndef PITR_FIND_FILENAME_H
#define PITR_FIND_FILENAME_H

#include <walparse/segment.h>

/* WAL-G puts the dot, and then no suffix, where it does not pack. */
#define FILENAME_BARE_DOT "."

typedef enum filename_kind {
    FILENAME_OTHER,
    FILENAME_SEGMENT, /* 24 hex digits; .partial, pgBackRest's -SHA1 and packing suffixes may follow */
    FILENAME_HISTORY, /* 8 hex digits and .history; packing suffixes may follow */
    FILENAME_BACKUP   /* a backup history file: SEGMENT.OFFSET.backup */
} filename_kind;

typedef struct filename {
    filename_kind kind;
    wp_segment_name segment; /* of a HISTORY only the timeline */
    bool is_partial;
    bool is_packed; /* the suffix says compressed or encrypted */
} filename;

/* Takes a name without folder apart. Temporary files of archivers (.tmp, .part ...) are OTHER. */
filename filename_parse(const char *base);

/* The part of a path after its last slash. */
const char *filename_base(const char *path);

#endif
