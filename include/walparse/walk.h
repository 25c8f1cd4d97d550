/*
 * walk.h - how far WAL that is still being written can be relied on.
 *
 * A server writes whole pages, over zeros or over old WAL of the same file. So what lies after the last whole record may be
 * old, or half of a record, and may become something else; what lies before stays as it is. A walk looks at pages and
 * record headers and takes checksums, and nothing else:
 *
 *     record | record | record | half a rec              record | record | record | record | record |
 *                              ^ sound   ^ at                                                       ^ sound
 *
 * The struct is plain: a copy is a place to go back to. Bytes that were not sound are handed to a copy again once there are
 * more of them.
 */
#ifndef WALPARSE_WALK_H
#define WALPARSE_WALK_H

#include <walparse/segment.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of every record since 9.5. */
#define WP_WALK_HEADER_BYTES 24

typedef enum wp_walk_end {
    WP_WALK_MORE, /* all bytes were taken, but for the part of a header that ends them */
    WP_WALK_STOP, /* what lies at wp_walk.at goes on nothing before it: zeros, old, half-written or damaged */
    WP_WALK_SWITCH /* a record ended the segment: what is left of it is padding */
} wp_walk_end;

typedef struct wp_walk {
    wp_segment_info segment; /* of any segment of the cluster */
    wp_lsn at;               /* the next byte wanted */
    wp_lsn sound;         /* after the last whole record; where the walk began, if there was none */
    wp_lsn prev;          /* where that record starts; 0: not known */
    uint32_t skip;        /* bytes to come of a record that began before the walk */
    wp_lsn record;        /* a record that is not whole yet; 0: none */
    uint32_t total, done; /* of it: all bytes, and those seen */
    uint32_t crc;
    uint8_t header[WP_WALK_HEADER_BYTES];
} wp_walk;

/** Begins at the start of a page. */
WP_API void wp_walk_begin(wp_walk *walk, const wp_segment_info *segment, wp_lsn at);

/**
 * Walks over bytes from walk->at on, into the next segment too. After WP_WALK_STOP the walk is of no use any more: go on
 * with a copy, or with wp_walk_back().
 */
WP_API wp_walk_end wp_walk_on(wp_walk *walk, wp_view bytes);

/** Goes back to walk->sound. */
WP_API void wp_walk_back(wp_walk *walk);

#ifdef __cplusplus
}
#endif
#endif
