/*
 * clusters.h - tells the WAL of one database cluster from that of another.
 */
#ifndef PITR_FIND_CLUSTERS_H
#define PITR_FIND_CLUSTERS_H

#include <walparse/walparse.h>

/* More than this many are not told apart any more: the message says "and others". */
#define CLUSTERS_MAX 4

typedef struct cluster {
    wp_segment_info info;
    size_t segments;
    char first[WP_SEGMENT_NAME_BYTES], last[WP_SEGMENT_NAME_BYTES];
} cluster;

/* Start with all zero. */
typedef struct clusters {
    cluster list[CLUSTERS_MAX];
    size_t n;
    bool has_others;
} clusters;

/* True when two segments can belong together: system identifier, version and sizes are the same. */
bool clusters_are_same(const wp_segment_info *a, const wp_segment_info *b);

/* Counts a segment of a timeline. */
void clusters_add(clusters *clusters, wp_tli tli, const wp_segment_info *info);

/* Writes the line that lists them all; always false, as a failing call wants it. */
bool clusters_fail(const clusters *clusters, char message[512]);
/* The same where one was asked for that is not among them. */
bool clusters_fail_missing(const clusters *clusters, uint64_t system_id, char message[512]);

#endif
