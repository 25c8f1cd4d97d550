/*
 * segment_mapper.h - the facts of one segment after the other: opens its file, feeds the library's mapper, and reads
 * on in the files after it until the last record is whole. On any thread.
 */
#ifndef PITR_FIND_SEGMENT_MAPPER_H
#define PITR_FIND_SEGMENT_MAPPER_H

#include <walparse/mapper.h>

#include "file/input.h"
#include "scan/fact_queue.h"
#include "scan/scan.h"

/* Where facts go. Called on the thread that maps. */
typedef struct segment_sink {
    /*
     * Takes over *full, a batch of facts of a segment, and puts an empty one there; NULL: out of memory. False: the
     * run ends.
     */
    bool (*deliver)(void *context, size_t segment, batch **full);
    /* Is what is found wanted no more? */
    bool (*is_cancelled)(void *context);
    /* So many bytes of a segment are done with. */
    void (*on_bytes)(void *context, uint64_t bytes);
} segment_sink;

/* All of it is borrowed. */
typedef struct segment_mapper_config {
    const archive *archive;
    const scan_config *scan;
    const wp_catalog_file *moved; /* as in wp_mapper_config */
    size_t nmoved;
    const segment_sink *sink;
    void *context; /* of the sink */
} segment_mapper_config;

typedef struct segment_mapper {
    segment_end end; /* how the last segment ended */
    /* The rest is its own. */
    segment_mapper_config config;
    wp_mapper *mapper;
    input *in;             /* the segment's own file, and then the one its last record goes on in */
    const char *head_path; /* of that one, while it is open and nothing else was read; else NULL */
    batch *batch;
    size_t segment;
} segment_mapper;

/* first: an empty batch, taken over; NULL: memory is out, and every segment will say so. */
void segment_mapper_init(segment_mapper *m, const segment_mapper_config *config, batch *first);

/* Delivers the facts of one segment; m->end says how that ended. False: it failed, or the run ends. */
bool segment_mapper_map(segment_mapper *m, size_t segment);

/* Of all segments so far; NULL: there was none. Borrowed until segment_mapper_fini(). */
const wp_mapper_stats *segment_mapper_statistics(const segment_mapper *m);

void segment_mapper_fini(segment_mapper *m);

#endif
