/* fact_queue.c - see fact_queue.h. */
#include "scan/fact_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* Segments in the works or waiting, for each thread. */
#define SLOTS_PER_JOB 4
/* A batch that grew beyond this (one huge record) is not kept. */
#define KEPT_ROOM ((size_t)256 << 10)

typedef struct slot {
    batch *first, **last; /* *last is where the next one is hung in */
    size_t bytes;
    bool is_finished;
    segment_end end;
} slot;

struct fact_queue {
    pthread_mutex_t lock;
    pthread_cond_t for_reducer, for_workers;
    size_t nsegments, turn, claimed;
    slot *slots; /* a ring: segment n is in slots[n % nslots] */
    size_t nslots;
    size_t ahead_bytes, ahead_max; /* of all segments after the turn */
    batch *empty;
    atomic_bool is_cancelled;
};

/* ---- making --------------------------------------------------------------------------------- */

/* Waiting with a timeout must not depend on somebody setting the clock. */
static void init_reducer_cond(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

static void clear_slot(slot *s)
{
    s->first = NULL;
    s->last = &s->first;
    s->bytes = 0;
    s->is_finished = false;
}

fact_queue *fact_queue_new(size_t nsegments, unsigned jobs, size_t ahead_bytes)
{
    fact_queue *h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    h->nslots = (size_t)jobs * SLOTS_PER_JOB;
    h->slots = calloc(h->nslots, sizeof *h->slots);
    if (!h->slots) {
        free(h);
        return NULL;
    }
    for (size_t i = 0; i < h->nslots; i++)
        clear_slot(&h->slots[i]);
    h->nsegments = nsegments;
    h->ahead_max = ahead_bytes;
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->for_workers, NULL);
    init_reducer_cond(&h->for_reducer);
    atomic_init(&h->is_cancelled, false);
    return h;
}

static void free_batches(batch *list)
{
    while (list) {
        batch *next = list->next;
        wp_facts_free(&list->facts);
        free(list);
        list = next;
    }
}

void fact_queue_free(fact_queue *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->nslots; i++)
        free_batches(h->slots[i].first);
    free_batches(h->empty);
    free(h->slots);
    pthread_cond_destroy(&h->for_reducer);
    pthread_cond_destroy(&h->for_workers);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static slot *slot_of(fact_queue *h, size_t segment)
{
    return &h->slots[segment % h->nslots];
}

/* ---- workers -------------------------------------------------------------------------------- */

bool fact_queue_claim(fact_queue *h, size_t *segment)
{
    pthread_mutex_lock(&h->lock);
    while (!h->is_cancelled && h->claimed < h->nsegments && h->claimed - h->turn >= h->nslots)
        pthread_cond_wait(&h->for_workers, &h->lock);
    const bool is_claimed = !h->is_cancelled && h->claimed < h->nsegments;
    if (is_claimed)
        *segment = h->claimed++;
    pthread_mutex_unlock(&h->lock);
    return is_claimed;
}

batch *fact_queue_empty(fact_queue *h)
{
    pthread_mutex_lock(&h->lock);
    batch *got = h->empty;
    if (got)
        h->empty = got->next;
    pthread_mutex_unlock(&h->lock);
    if (!got)
        return calloc(1, sizeof *got);
    got->next = NULL;
    return got;
}

static bool must_wait(fact_queue *h, size_t segment)
{
    return segment == h->turn ? slot_of(h, segment)->bytes > FACT_QUEUE_TURN_BYTES
                              : h->ahead_bytes > h->ahead_max;
}

bool fact_queue_put(fact_queue *h, size_t segment, batch *full)
{
    slot *s = slot_of(h, segment);
    pthread_mutex_lock(&h->lock);
    while (!h->is_cancelled && must_wait(h, segment))
        pthread_cond_wait(&h->for_workers, &h->lock);
    full->next = NULL;
    *s->last = full;
    s->last = &full->next;
    s->bytes += full->facts.room;
    if (segment == h->turn)
        pthread_cond_signal(&h->for_reducer);
    else
        h->ahead_bytes += full->facts.room;
    const bool goes_on = !h->is_cancelled;
    pthread_mutex_unlock(&h->lock);
    return goes_on;
}

void fact_queue_finish(fact_queue *h, size_t segment, const segment_end *end)
{
    pthread_mutex_lock(&h->lock);
    slot *s = slot_of(h, segment);
    s->is_finished = true;
    s->end = *end;
    if (segment == h->turn)
        pthread_cond_signal(&h->for_reducer);
    pthread_mutex_unlock(&h->lock);
}

/* ---- the reducing thread -------------------------------------------------------------------- */

static struct timespec deadline_in(unsigned ms)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    t.tv_sec += (time_t)(ms / 1000) + t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* The turn goes to the next segment: what it holds is no longer ahead. */
static void next_turn(fact_queue *h)
{
    clear_slot(slot_of(h, h->turn));
    h->turn++;
    h->ahead_bytes -= slot_of(h, h->turn)->bytes;
    pthread_cond_broadcast(&h->for_workers);
}

static fact_queue_state take_locked(fact_queue *h, batch **out, segment_end *end)
{
    slot *s = slot_of(h, h->turn);
    if (s->first) {
        const bool was_full = s->bytes > FACT_QUEUE_TURN_BYTES;
        *out = s->first;
        s->first = NULL;
        s->last = &s->first;
        s->bytes = 0;
        if (was_full)
            pthread_cond_broadcast(&h->for_workers);
        return FACT_QUEUE_BATCHES;
    }
    *end = s->end;
    next_turn(h);
    return FACT_QUEUE_FINISHED;
}

fact_queue_state fact_queue_take(fact_queue *h, unsigned timeout_ms, batch **out, segment_end *end)
{
    const struct timespec deadline = deadline_in(timeout_ms);
    fact_queue_state state = FACT_QUEUE_TIMEOUT;
    int rc = 0;
    pthread_mutex_lock(&h->lock);
    const slot *s = slot_of(h, h->turn);
    while (!s->first && !s->is_finished && rc == 0)
        rc = pthread_cond_timedwait(&h->for_reducer, &h->lock, &deadline);
    if (s->first || s->is_finished)
        state = take_locked(h, out, end);
    pthread_mutex_unlock(&h->lock);
    return state;
}

void fact_queue_give_back(fact_queue *h, batch *empty)
{
    wp_facts_clear(&empty->facts);
    if (empty->facts.room > KEPT_ROOM)
        wp_facts_free(&empty->facts);
    pthread_mutex_lock(&h->lock);
    empty->next = h->empty;
    h->empty = empty;
    pthread_mutex_unlock(&h->lock);
}

void fact_queue_cancel(fact_queue *h)
{
    pthread_mutex_lock(&h->lock);
    h->is_cancelled = true;
    pthread_cond_broadcast(&h->for_workers);
    pthread_mutex_unlock(&h->lock);
}

bool fact_queue_is_cancelled(fact_queue *h)
{
    return atomic_load_explicit(&h->is_cancelled, memory_order_relaxed);
}
