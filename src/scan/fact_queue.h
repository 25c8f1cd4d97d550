/*
 * fact_queue.h - facts from the threads that map segments to the one that reduces them, in LSN order.
 *
 * Segments are given out in order, so the one whose turn it is has always been claimed. Its worker
 * hands over what it has while it goes on; the workers ahead of it may keep a limited amount and then
 * wait. Memory is bounded by the limits below, whatever the size and number of segments.
 */
#ifndef PITR_FIND_FACT_QUEUE_H
#define PITR_FIND_FACT_QUEUE_H

#include <walparse/fact.h>

#include "file/holds.h"

/* Facts that wait to be reduced for the segment whose turn it is. */
#define HANDOVER_TURN_BYTES ((size_t)1 << 20)

/* A list of facts that changes hands. */
typedef struct batch {
    struct batch *next;
    wp_facts facts;
} batch;

/* How mapping a segment ended. */
typedef struct segment_end {
    bool is_failed;          /* message says why */
    bool is_absent;          /* there is no such segment: the one before was the last */
    bool is_foreign;         /* failed: it is of another cluster */
    bool is_cut;             /* the packed stream ended early */
    bool is_short;           /* fewer bytes than a segment has, or more */
    bool has_changed;        /* the file was written to, or replaced, while it was read */
    char holds[HOLDS_BYTES]; /* what it holds, if it begins with no segment of its name */
    char message[512];
} segment_end;

typedef struct handover handover;

/* ahead_bytes: facts of all segments whose turn has not come. NULL: out of memory. */
handover *handover_new(size_t nsegments, unsigned jobs, size_t ahead_bytes);
void handover_free(handover *h);

/* ---- workers ---- */

/* The next segment to map. False: there is none, or the run was cancelled. May wait. */
bool handover_claim(handover *h, size_t *segment);
/* An empty batch; NULL: out of memory. */
batch *handover_empty(handover *h);
/* Passes a batch on. May wait. False: the run was cancelled (the batch is taken all the same). */
bool handover_put(handover *h, size_t segment, batch *full);
/* After the last batch of a segment. */
void handover_finish(handover *h, size_t segment, const segment_end *end);

/* ---- the reducing thread ---- */

typedef enum handover_state {
    HANDOVER_BATCHES,  /* *out is a list of batches, to be given back one by one */
    HANDOVER_FINISHED, /* no further batch; *end says how, and the next segment has its turn now */
    HANDOVER_TIMEOUT
} handover_state;

/* What there is of the segment whose turn it is; waits for it at most timeout_ms. */
handover_state handover_take(handover *h, unsigned timeout_ms, batch **out, segment_end *end);
void handover_give_back(handover *h, batch *empty);
/* Makes all workers' calls return at once. */
void handover_cancel(handover *h);
bool handover_is_cancelled(handover *h);

#endif
