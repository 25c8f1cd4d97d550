/*
 * scan.c - one pass over an archive: mapping on worker threads, reducing on the caller's, see scan.h.
 *
 *   worker:  claim segment -> segment_mapper -> batch of facts -> fact_queue
 *   caller:  fact_queue -> reducer -> callbacks, wal_gaps
 *
 * With one job there is no thread and no queue: the batch goes straight to the reducer.
 */
#include "scan/scan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/clusters.h"
#include "archive/fetched_archive.h"
#include "base/message.h"
#include "base/progress.h"
#include "scan/fact_queue.h"
#include "scan/segment_mapper.h"
#include "scan/wal_gaps.h"

struct scan {
    const archive *archive;
    const scan_seed *seed; /* NULL: none */
    wp_reducer *reducer;   /* of the last pass */
    wp_catalog_file *moved;
    size_t nmoved;
    wp_earlier_rows *earlier_rows;
    unsigned passes_again;
};

/* One pass. */
typedef struct run {
    scan *scan;
    const archive *archive;
    const scan_config *config;
    scan_result *out;
    wp_reducer *reducer;
    wal_gaps wal_gaps;
    progress progress;
    atomic_uint_least64_t done_bytes;
    fact_queue *fact_queue; /* NULL: one job */
    bool is_seeded;         /* or there is no seed */
    bool is_stopped;
    bool is_failed;
    char *message;
} run;

/* ---- reducing, on the caller's thread ------------------------------------------------------- */

static void on_event(void *context, const wp_event *event)
{
    const run *r = context;
    r->config->callbacks.on_event(r->config->callbacks.context, event);
}

static void on_possible(void *context, const wp_event *event)
{
    const run *r = context;
    r->config->callbacks.on_possible(r->config->callbacks.context, event);
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    const run *r = context;
    r->config->callbacks.on_xact_end(r->config->callbacks.context, end);
}

static void on_name(void *context, const char *quoted)
{
    const run *r = context;
    r->config->callbacks.on_name(r->config->callbacks.context, quoted);
}

static void on_object(void *context, const wp_named_object *object)
{
    const run *r = context;
    r->config->callbacks.on_object(r->config->callbacks.context, object);
}

static void on_nontransactional(void *context, wp_lsn lsn)
{
    const run *r = context;
    r->config->callbacks.on_nontransactional(r->config->callbacks.context, lsn);
}

static void on_fact(void *context, const wp_fact *fact)
{
    run *r = context;
    wal_gaps_fact(&r->wal_gaps, fact);
    if (r->config->callbacks.on_fact)
        r->config->callbacks.on_fact(r->config->callbacks.context, fact);
}

static bool make_reducer(run *r)
{
    const wp_callbacks *theirs = &r->config->callbacks;
    const wp_reducer_config config = {
        .profile = r->archive->info.profile,
        .max_align = r->archive->info.max_align,
        .include_temporary = r->config->include_temporary,
        .tells_cut_ends = r->config->tells_cut_ends,
        .moved = r->scan->moved,
        .nmoved = r->scan->nmoved,
        .earlier_rows = r->scan->earlier_rows,
        .external_names = r->config->external_names,
        .callbacks = { .context = r,
                       .on_event = theirs->on_event ? on_event : NULL,
                       .on_possible = theirs->on_possible ? on_possible : NULL,
                       .on_xact_end = theirs->on_xact_end ? on_xact_end : NULL,
                       .on_name = theirs->on_name ? on_name : NULL,
                       .on_object = theirs->on_object ? on_object : NULL,
                       .on_nontransactional =
                           theirs->on_nontransactional ? on_nontransactional : NULL,
                       .on_fact = on_fact },
    };
    wp_error err;
    wp_reducer_free(r->scan->reducer);
    r->scan->reducer = NULL;
    if (wp_reducer_new(&config, &r->scan->reducer, &err) < 0)
        return message_fail(r->message, "%s", err.text);
    r->reducer = r->scan->reducer;
    r->out->reducer = r->reducer;
    return true;
}

static bool is_stopped(const run *r)
{
    return r->config->stop && *r->config->stop;
}

/* Of records nothing is learnt that what comes after a stop could be needed for. */
static bool add_facts(run *r, const wp_facts *facts)
{
    wp_error err;
    if (r->config->on_record) {
        const wp_fact *fact;
        for (size_t pos = 0; !is_stopped(r) && (fact = wp_facts_next(facts, &pos)) != NULL;)
            on_fact(r, fact);
        return true;
    }
    if (wp_reducer_add(r->reducer, facts, &err) >= 0)
        return true;
    r->is_failed = true;
    return message_fail(r->message, "%s", err.text);
}

/* Adds the seed, and before it the facts of positions before it. *rest: what is left to be added. */
static bool add_seed(run *r, const wp_facts *facts, wp_facts *rest)
{
    const scan_seed *seed = r->scan->seed;
    size_t pos = 0, before = 0;
    const wp_fact *fact;
    while ((fact = wp_facts_next(facts, &pos)) && fact->lsn < seed->lsn)
        before = pos;
    const wp_facts head = { .bytes = facts->bytes, .len = before };
    *rest = (wp_facts){ .bytes = facts->bytes + before, .len = facts->len - before };
    if (!add_facts(r, &head) || !fact)
        return !r->is_failed;
    r->is_seeded = true;
    if (!add_facts(r, &seed->pages))
        return false;
    if (r->archive->segments[0].start_lsn > seed->lsn)
        wp_reducer_after_gap(
            r->reducer); /* the WAL between them is missing, or was not asked for */
    return true;
}

/* False: this run ends here. */
static bool reduce(run *r, const wp_facts *facts)
{
    wp_facts rest = *facts;
    if (!r->is_seeded && facts->len > 0 && !add_seed(r, facts, &rest))
        return false;
    if (!add_facts(r, &rest))
        return false;
    r->is_stopped = is_stopped(r);
    return !r->is_stopped;
}

/* A segment's facts are through. False: this run ends here. */
static bool end_segment(run *r, const segment_end *end)
{
    wal_gaps_segment_end(&r->wal_gaps, end);
    if (!end->is_failed)
        return true;
    r->is_failed = true;
    return end->is_foreign ? archive_fail_clusters(r->archive, r->message)
                           : message_fail(r->message, "%s", end->message);
}

static void show_progress(run *r)
{
    progress_update(&r->progress, atomic_load_explicit(&r->done_bytes, memory_order_relaxed));
}

/* ---- mapping -------------------------------------------------------------------------------- */

static segment_mapper_config mapper_config(run *r, const segment_sink *sink)
{
    return (segment_mapper_config){ .archive = r->archive,
                                    .scan = r->config,
                                    .moved = r->scan->moved,
                                    .nmoved = r->scan->nmoved,
                                    .sink = sink,
                                    .context = r };
}

static void add_statistics(scan_result *out, const wp_mapper_stats *stats)
{
    for (size_t i = 0; stats && i < WP_RMGR_COUNT; i++) {
        out->rmgr_records[i] += stats->records[i];
        out->records += stats->records[i];
    }
    if (stats) {
        out->commits += stats->commits;
        out->aborts += stats->aborts;
    }
}

static void end_mapping(run *r, segment_mapper *m)
{
    add_statistics(r->out, segment_mapper_statistics(m));
    segment_mapper_fini(m);
}

static void count_bytes(void *context, uint64_t bytes)
{
    run *r = context;
    atomic_fetch_add_explicit(&r->done_bytes, bytes, memory_order_relaxed);
}

/* ---- one job -------------------------------------------------------------------------------- */

static bool reduce_at_once(void *context, size_t segment, batch **full)
{
    (void)segment;
    const bool goes_on = reduce(context, &(*full)->facts);
    wp_facts_clear(&(*full)->facts);
    return goes_on;
}

static bool is_never_cancelled(void *context)
{
    (void)context;
    return false;
}

static void show_bytes(void *context, uint64_t bytes)
{
    count_bytes(context, bytes);
    show_progress(context);
}

static const segment_sink to_reducer = { .deliver = reduce_at_once,
                                         .is_cancelled = is_never_cancelled,
                                         .on_bytes = show_bytes };

static void run_alone(run *r)
{
    const segment_mapper_config config = mapper_config(r, &to_reducer);
    segment_mapper m;
    segment_mapper_init(&m, &config, calloc(1, sizeof(batch)));
    for (size_t n = 0; n < r->archive->nsegments; n++) {
        wal_gaps_segment(&r->wal_gaps, n);
        const bool goes_on = segment_mapper_map(&m, n);
        if (m.end.is_absent)
            break;
        if (r->is_failed || (!goes_on && !m.end.is_failed) || !end_segment(r, &m.end))
            break;
    }
    end_mapping(r, &m);
}

/* ---- several jobs --------------------------------------------------------------------------- */

typedef struct worker {
    run *run;
    pthread_t thread;
    segment_mapper mapper;
} worker;

static bool put_into_queue(void *context, size_t segment, batch **full)
{
    fact_queue *h = ((run *)context)->fact_queue;
    batch *given = *full;
    *full = NULL;
    if (!fact_queue_put(h, segment, given))
        return false;
    *full = fact_queue_empty(h);
    return true;
}

static bool is_queue_cancelled(void *context)
{
    return fact_queue_is_cancelled(((run *)context)->fact_queue);
}

/* The caller's thread shows how far it is. */
static const segment_sink to_queue = { .deliver = put_into_queue,
                                       .is_cancelled = is_queue_cancelled,
                                       .on_bytes = count_bytes };

static void *run_worker(void *context)
{
    worker *w = context;
    fact_queue *h = w->run->fact_queue;
    const segment_mapper_config config = mapper_config(w->run, &to_queue);
    segment_mapper_init(&w->mapper, &config, fact_queue_empty(h));
    for (size_t segment; fact_queue_claim(h, &segment);) {
        if (!segment_mapper_map(&w->mapper, segment) && !w->mapper.end.is_failed)
            break; /* cancelled */
        fact_queue_finish(h, segment, &w->mapper.end);
    }
    return NULL;
}

static bool reduce_batches(run *r, batch *list)
{
    bool goes_on = true;
    for (batch *next; list; list = next) {
        next = list->next;
        goes_on = goes_on && reduce(r, &list->facts);
        fact_queue_give_back(r->fact_queue, list);
    }
    return goes_on;
}

static void reduce_all(run *r)
{
    const size_t nsegments = r->archive->nsegments;
    segment_end end = { 0 };
    bool goes_on = true;
    wal_gaps_segment(&r->wal_gaps, 0);
    for (size_t n = 0; goes_on && n < nsegments; show_progress(r)) {
        batch *list = NULL;
        switch (fact_queue_take(r->fact_queue, PROGRESS_STEP_MS, &list, &end)) {
        case FACT_QUEUE_BATCHES:
            goes_on = reduce_batches(r, list);
            break;
        case FACT_QUEUE_FINISHED:
            goes_on = !end.is_absent && end_segment(r, &end);
            if (goes_on && ++n < nsegments)
                wal_gaps_segment(&r->wal_gaps, n);
            break;
        case FACT_QUEUE_TIMEOUT:
            break;
        }
    }
    fact_queue_cancel(r->fact_queue);
}

static void run_together(run *r, unsigned jobs)
{
    worker *workers = calloc(jobs, sizeof *workers);
    r->fact_queue = fact_queue_new(r->archive->nsegments, jobs,
                                   SCAN_AHEAD_BYTES_SHARED + jobs * SCAN_AHEAD_BYTES_PER_JOB);
    unsigned started = 0;
    while (workers && r->fact_queue && started < jobs) {
        workers[started] = (worker){ .run = r };
        if (pthread_create(&workers[started].thread, NULL, run_worker, &workers[started]) != 0)
            break;
        started++;
    }
    if (started > 0) {
        reduce_all(r);
    } else {
        r->is_failed = true;
        (void)message_fail(r->message, "cannot start a thread: try -j1");
    }
    if (r->archive->remote)
        fetched_archive_interrupt(r->archive->remote);
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    if (r->archive->remote)
        fetched_archive_stop(r->archive->remote);
    for (unsigned i = 0; i < started; i++)
        end_mapping(r, &workers[i].mapper);
    fact_queue_free(r->fact_queue);
    free(workers);
}

/* ---- passes --------------------------------------------------------------------------------- */

scan *scan_new(const archive *archive_, const scan_seed *seed)
{
    scan *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->archive = archive_;
    s->seed = seed;
    if (!seed || seed->nmoved == 0)
        return s;
    s->moved = malloc(seed->nmoved * sizeof *s->moved);
    if (!s->moved) {
        free(s);
        return NULL;
    }
    memcpy(s->moved, seed->moved, seed->nmoved * sizeof *s->moved);
    s->nmoved = seed->nmoved;
    return s;
}

static uint64_t total_bytes(const archive *a)
{
    uint64_t total = 0;
    for (size_t i = 0; i < a->nsegments; i++)
        total += a->segments[i].end_lsn - a->segments[i].start_lsn;
    return total;
}

/* Keeps what the next pass must know. */
static scan_outcome again(scan *s, char *message)
{
    size_t n = 0;
    const wp_catalog_file *moved = wp_reducer_moved(s->reducer, &n);
    wp_catalog_file *copy = malloc((n ? n : 1) * sizeof *copy);
    if (!copy) {
        (void)message_no_memory(message);
        return SCAN_FAILED;
    }
    if (n > 0)
        memcpy(copy, moved, n * sizeof *copy);
    wp_error err;
    wp_earlier_rows *earlier_rows = NULL;
    if (wp_reducer_earlier_rows(s->reducer, &earlier_rows, &err) < 0) {
        free(copy);
        (void)message_no_memory(message);
        return SCAN_FAILED;
    }
    free(s->moved);
    s->moved = copy;
    s->nmoved = n;
    wp_earlier_rows_free(s->earlier_rows);
    s->earlier_rows = earlier_rows;
    s->passes_again++;
    return SCAN_AGAIN;
}

static void keep_lost(run *r)
{
    scan_result *out = r->out;
    out->unnamed = wp_reducer_unnamed(r->reducer, &out->first_unnamed);
    const wp_lost_catalog *lost = wp_reducer_lost(r->reducer, &out->nlost);
    for (size_t i = 0; i < out->nlost; i++) {
        const char *name = wp_reducer_database_name(r->reducer, lost[i].db);
        out->lost[i] = (scan_lost){ .what = lost[i] };
        (void)snprintf(out->lost[i].database, WP_NAME_BYTES, "%s", name ? name : "");
    }
}

static scan_outcome outcome_of(run *r)
{
    if (r->is_failed)
        return SCAN_FAILED;
    r->out->warnings = wp_reducer_warnings(r->reducer);
    r->out->reducer = r->reducer;
    if ((r->out->warnings & (WP_WARN_CATALOG_MOVED | WP_WARN_NAMES_LEARNT))
        && r->scan->passes_again < SCAN_AGAIN_MAX)
        return again(r->scan, r->message);
    keep_lost(r);
    return r->is_stopped ? SCAN_STOPPED : SCAN_DONE;
}

scan_outcome scan_run(scan *s, const scan_config *config, scan_result *out,
                      char message[MESSAGE_BYTES])
{
    const archive *a = s->archive;
    if (a->remote && !fetched_archive_start(a->remote, config->jobs, message))
        return SCAN_FAILED;
    *out = (scan_result){ .start_lsn = a->nsegments ? a->segments[0].start_lsn : 0 };
    out->end_lsn = out->start_lsn;
    run r = { .scan = s,
              .archive = a,
              .config = config,
              .out = out,
              .wal_gaps = wal_gaps_start(a, config, out),
              .progress = progress_start(config->show_progress && !a->remote,
                                         a->remote ? 0 : total_bytes(a)),
              .is_seeded = s->seed == NULL,
              .message = message };
    if (!make_reducer(&r)) {
        if (a->remote)
            fetched_archive_stop(a->remote);
        return SCAN_FAILED;
    }
    const unsigned jobs = config->jobs < a->nsegments ? config->jobs : (unsigned)a->nsegments;
    if (jobs > 1)
        run_together(&r, jobs);
    else
        run_alone(&r);
    progress_end(&r.progress);
    if (a->remote)
        fetched_archive_stop(a->remote);
    return outcome_of(&r);
}

void scan_free(scan *s)
{
    if (!s)
        return;
    wp_reducer_free(s->reducer);
    wp_earlier_rows_free(s->earlier_rows);
    free(s->moved);
    free(s);
}

scan_outcome scan_once(const archive *archive_, const scan_config *config, scan_result *out,
                       char message[MESSAGE_BYTES])
{
    scan *s = scan_new(archive_, NULL);
    if (!s) {
        (void)message_no_memory(message);
        return SCAN_FAILED;
    }
    const scan_outcome outcome = scan_run(s, config, out, message);
    scan_free(s);
    out->reducer = NULL;
    return outcome;
}
