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
#define FACT_QUEUE_TURN_BYTES ((size_t)1 << 20)

/* A list of facts that changes hands. */
typedef struct batch {
    struct batch *next;
    wp_facts facts;
} batch;

/* How mapping a segment ended. */
typedef struct segment_end {
    bool is_failed;  /* message says why */
    bool is_absent;  /* there is no such segment: the one before was the last */
    bool is_foreign; /* failed: it is of another cluster */
    bool is_cut;     /* the packed stream ended early */
    bool has_rest; /* something follows the packed stream that the command which unpacks it minds */
    bool is_short; /* fewer bytes than a segment has, or more */
    bool has_changed;        /* the file was written to, or replaced, while it was read */
    char holds[HOLDS_BYTES]; /* what it holds, if it begins with no segment of its name */
    char message[512];
} segment_end;

typedef struct fact_queue fact_queue;

/* ahead_bytes: facts of all segments whose turn has not come. NULL: out of memory. */
fact_queue *fact_queue_new(size_t nsegments, unsigned jobs, size_t ahead_bytes);
void fact_queue_free(fact_queue *h);

/* ---- workers ---- */

/* The next segment to map. False: there is none, or the run was cancelled. May wait. */
bool fact_queue_claim(fact_queue *h, size_t *segment);
/* An empty batch; NULL: out of memory. */
batch *fact_queue_empty(fact_queue *h);
/* Passes a batch on. May wait. False: the run was cancelled (the batch is taken all the same). */
bool fact_queue_put(fact_queue *h, size_t segment, batch *full);
/* After the last batch of a segment. */
void fact_queue_finish(fact_queue *h, size_t segment, const segment_end *end);

/* ---- the reducing thread ---- */

typedef enum fact_queue_state {
    FACT_QUEUE_BATCHES,  /* *out is a list of batches, to be given back one by one */
    FACT_QUEUE_FINISHED, /* no further batch; *end says how, and the next segment has its turn now */
    FACT_QUEUE_TIMEOUT
} fact_queue_state;

/* What there is of the segment whose turn it is; waits for it at most timeout_ms. */
fact_queue_state fact_queue_take(fact_queue *h, unsigned timeout_ms, batch **out, segment_end *end);
void fact_queue_give_back(fact_queue *h, batch *empty);
/* Makes all workers' calls return at once. */
void fact_queue_cancel(fact_queue *h);
bool fact_queue_is_cancelled(fact_queue *h);

#endif
