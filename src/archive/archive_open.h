/*
 * archive_open.h - from SOURCE arguments to an ordered list of segments.
 */
#ifndef PITR_FIND_ARCHIVE_OPEN_H
#define PITR_FIND_ARCHIVE_OPEN_H

#include "archive/archive.h"

/* Where to look. Zero means: not limited. */
typedef struct archive_limits {
    wp_tli timeline; /* 0: the latest one there is */
    bool has_since, has_until;
    wp_time since, until;
    wp_lsn from_lsn, to_lsn;
    bool
        reads_all; /* the limits say where to look, and what a name needs may lie elsewhere: all WAL is read */
    bool reads_on; /* with a command: no segment is the last because of to_lsn */
    bool
        reads_neighbours; /* the segments next to the limits, too: a gap or damage at their edge is seen */
    uint64_t system_id; /* other clusters' WAL is left out; 0: there must be none */
    const char *
        command; /* fetches segments (segment_fetcher.h); the sources are then .backup files. NULL: none */
    wp_lsn
        begin_lsn; /* with a command: where to begin, where neither from_lsn nor sources tell; 0: not known */
    wp_tli begin_tli; /* of there */
} archive_limits;

/*
 * Lists and orders the segments of the sources (files and directories), and narrows them to the limits
 * (reading as few first pages as needed). On failure returns false with one line in message (no
 * newline, no "error:"): empty folder, no WAL in it, several clusters (lists them by system
 * identifier), unreadable file, other byte order, unknown magic. Free with archive_free().
 */
bool archive_open(char *const *sources, size_t nsources, const archive_limits *limits, archive *out,
                  char message[512]);

#endif
