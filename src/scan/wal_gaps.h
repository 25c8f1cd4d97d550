/*
 * wal_gaps.h - watches the facts of all segments pass and says where the WAL is not whole.
 */
#ifndef PITR_FIND_WAL_GAPS_H
#define PITR_FIND_WAL_GAPS_H

#include "scan/fact_queue.h"
#include "scan/scan.h"

typedef struct wal_gaps {
    const archive *archive;
    const scan_config *config;
    scan_result *out;       /* damages are added here, end_lsn is moved on */
    size_t at;              /* segment whose facts pass */
    wp_lsn last_record;     /* the last one before; 0: not known */
    scan_cut cut;           /* how the segment before ended */
    bool has_damage;        /* something in this segment is reported */
    bool ends_with_segment; /* its WAL does, so that more should follow */
} wal_gaps;

wal_gaps wal_gaps_start(const archive *archive, const scan_config *config, scan_result *out);

/* The facts of a segment will pass next. Segments come in order. */
void wal_gaps_segment(wal_gaps *c, size_t segment);

/* One of its facts. */
void wal_gaps_fact(wal_gaps *c, const wp_fact *fact);

/* The facts of the segment have passed; the end says how its file was. */
void wal_gaps_segment_end(wal_gaps *c, const segment_end *end);

#endif
