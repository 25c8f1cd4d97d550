/*
 * scan.c - one pass over an archive: mapping on worker threads, reducing on the caller's, see scan.h.
 *
 *   worker:  claim segment -> input -> mapper -> batch of facts -> fact_queue
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
#include <sys/stat.h>

#include "archive/clusters.h"
#include "scan/wal_gaps.h"
#include "file/filename.h"
#include "scan/fact_queue.h"
#include "file/holds.h"
#include "file/input.h"
#include "archive/timeline_history.h"
#include "archive/live_wal.h"
#include "base/message.h"
#include "base/progress.h"
#include "archive/fetched_archive.h"
#include "archive/segment_fetcher.h"

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

typedef struct worker {
    run *run;
    pthread_t thread;
    wp_mapper *mapper;
    input *in;             /* the segment's own file, and then the one its last record goes on in */
    const char *head_path; /* of that one, while it is open and nothing else was read; else NULL */
    batch *batch;
    size_t segment;
    segment_end end;
} worker;

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

static bool add_facts(run *r, const wp_facts *facts)
{
    wp_error err;
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
    r->is_stopped = r->config->stop && *r->config->stop;
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

/* Bytes of a segment are done with; on any thread, but only the caller's draws. */
static void note_progress(run *r, uint64_t bytes)
{
    atomic_fetch_add_explicit(&r->done_bytes, bytes, memory_order_relaxed);
    if (!r->fact_queue)
        show_progress(r);
}

/* ---- mapping, on any thread ----------------------------------------------------------------- */

static bool is_cancelled(const worker *w)
{
    return w->run->fact_queue && fact_queue_is_cancelled(w->run->fact_queue);
}

/* Passes on what the mapper has found so far. False: the run ends, or (end.is_failed) memory is out. */
static bool deliver(worker *w)
{
    run *r = w->run;
    if (!r->fact_queue) {
        const bool goes_on = reduce(r, &w->batch->facts);
        wp_facts_clear(&w->batch->facts);
        return goes_on;
    }
    batch *full = w->batch;
    w->batch = NULL;
    if (!fact_queue_put(r->fact_queue, w->segment, full))
        return false;
    w->batch = fact_queue_empty(r->fact_queue);
    w->end.is_failed = !w->batch;
    return w->batch || message_no_memory(w->end.message);
}

static bool fail_segment(worker *w, const wp_error *err)
{
    w->end.is_failed = true;
    return message_fail(w->end.message, "%s", err->text);
}

static bool read_window(worker *w, wp_view *out)
{
    if (input_read(w->in, out, w->end.message))
        return true;
    w->end.is_failed = true;
    return false;
}

static bool feed(worker *w, wp_view window)
{
    wp_error err;
    if (wp_mapper_feed(w->mapper, window, &w->batch->facts, &err) < 0)
        return fail_segment(w, &err);
    return w->batch->facts.len < SCAN_BATCH_BYTES || deliver(w);
}

/*
 * Feeds a window and what follows in the same input, at most *left bytes, until the mapper has enough. *seen:
 * bytes that the input gave.
 */
static bool feed_input(worker *w, wp_view window, bool is_own, uint64_t *left, uint64_t *seen)
{
    *seen = window.len;
    while (window.len > 0 && !wp_mapper_is_done(w->mapper)) {
        window.len = window.len < *left ? window.len : (size_t)*left;
        *left -= window.len;
        if (is_cancelled(w) || !feed(w, window))
            return false;
        if (is_own)
            note_progress(w->run, window.len);
        if (*left == 0 || wp_mapper_is_done(w->mapper))
            break;
        if (!read_window(w, &window))
            return false;
        *seen += window.len;
    }
    return true;
}

/* A page must be of the segment's timeline, or of one that it comes from: the one it begins in, or later. */
static void set_timelines(const archive *a, const archive_segment *segment,
                          wp_mapper_config *config)
{
    if (!segment->path || filename_parse(filename_base(segment->path)).kind == FILENAME_SEGMENT)
        config->tli = segment->tli;
    const timeline_history *history = &a->history;
    const int last = timeline_history_find(history, segment->tli);
    if (config->tli == 0 || !a->lineage || last < 0)
        return;
    size_t first = 0;
    while (first < (size_t)last && history->spans[first].end <= segment->start_lsn)
        first++;
    config->lineage = a->lineage + first;
    config->nlineage = (size_t)last + 1 - first;
}

/*
 * The head says whose segment this is. One that cannot be read is damage in a place that is known, so
 * the mapper is told what should be there; another cluster's segment is a reason to stop.
 */
static bool start_mapper(worker *w, const archive_segment *segment, wp_view head)
{
    const run *r = w->run;
    wp_mapper_config config = { .segment = r->archive->info,
                                .moved = r->scan->moved,
                                .nmoved = r->scan->nmoved,
                                .skip_dml = r->config->skip_dml,
                                .watch_lsn = r->config->watch_lsn };
    wp_segment_info info;
    wp_error err;
    const bool is_wal = wp_segment_probe(head, &info, &err) == WP_OK;
    if (!is_wal || info.start_lsn != segment->start_lsn)
        (void)holds_words(head, input_is_damaged(w->in), w->end.holds);
    if (is_wal) {
        if (!clusters_are_same(&info, &r->archive->info)) {
            w->end.is_failed = w->end.is_foreign = true;
            return false;
        }
        config.segment.page_tli = info.page_tli;
    }
    config.segment.start_lsn = segment->start_lsn;
    set_timelines(r->archive, segment, &config);
    const wp_status status = w->mapper ? wp_mapper_reset(w->mapper, &config, &err)
                                       : wp_mapper_new(&config, &w->mapper, &err);
    return status >= 0 || fail_segment(w, &err);
}

/*
 * Where the n-th segment lies, to be let go of. *path NULL: there is none. False: it cannot be had.
 */
static bool hold(worker *w, size_t n, const char **path)
{
    const archive *a = w->run->archive;
    if (!a->segment_fetcher) {
        *path = n < a->nsegments ? a->segments[n].path : a->following.path;
        return true;
    }
    *path = NULL;
    w->end.is_failed =
        segment_fetcher_get(a->segment_fetcher, n, path, w->end.message) == FETCHER_FAILED;
    return !w->end.is_failed;
}

static void let_go(worker *w, size_t n)
{
    if (!w->run->archive->segment_fetcher)
        return;
    w->head_path = NULL; /* the file may be gone now */
    segment_fetcher_done(w->run->archive->segment_fetcher, n);
}

static bool fail_to_open(worker *w)
{
    w->end.is_failed = true;
    w->head_path = NULL;
    return false;
}

/* Often its head was the tail of the segment before: unpacking the first 4 MB twice, for one, costs. */
static bool open_own_file(worker *w, const char *path)
{
    const bool is_open = w->head_path == path && input_rewind(w->in);
    w->head_path = NULL;
    if (!is_open)
        w->in = input_open(path, w->in, w->end.message);
    if (!w->in)
        return fail_to_open(w);
    return true;
}

/* The rest of a file: that it can be unpacked to its end, or holds too much. *size: what of it was seen. */
static bool drain(worker *w, uint64_t *size)
{
    wp_view rest = { .len = 1 };
    while (rest.len > 0 && *size <= w->run->archive->info.segment_size) {
        if (is_cancelled(w) || !read_window(w, &rest))
            return false;
        *size += rest.len;
    }
    return true;
}

/*
 * A server refuses a segment that has not exactly its size, and one whose command fails: what is packed is
 * unpacked to its end, whatever of it holds records. size: bytes seen.
 */
static bool check_file(worker *w, const archive_segment *segment, const char *path, uint64_t size)
{
    struct stat st;
    const bool is_plain =
        !input_is_compressed(w->in) && !input_is_encrypted(w->in) && stat(path, &st) == 0;
    if (!segment->is_partial && (!is_plain || w->run->config->read_all) && !drain(w, &size))
        return false;
    if (is_plain)
        size = (uint64_t)st.st_size;
    w->end.is_cut = input_is_cut(w->in);
    w->end.is_short = !segment->is_partial && size != w->run->archive->info.segment_size;
    w->end.has_changed = !segment->is_partial && !w->run->archive->segment_fetcher
                         && input_has_changed(w->in) && !live_has_file(path);
    return true;
}

/* The segment's own file. *is_whole: all its bytes were there, or were not needed. */
static bool map_own_file(worker *w, const archive_segment *segment, const char *path,
                         bool *is_whole)
{
    const uint64_t size = segment->end_lsn - segment->start_lsn;
    uint64_t left = size, seen = 0;
    wp_view head;
    if (!open_own_file(w, path) || !read_window(w, &head) || !start_mapper(w, segment, head)
        || !feed_input(w, head, true, &left, &seen) || !check_file(w, segment, path, seen))
        return false;
    *is_whole = left == 0;
    note_progress(w->run, left); /* what is left is not needed */
    return true;
}

/* The segment that goes on where the n-th ends; NULL: none. */
static const archive_segment *neighbour(const archive *a, size_t n)
{
    const archive_segment *next = n + 1 < a->nsegments                         ? &a->segments[n + 1]
                                  : n + 1 == a->nsegments && a->following.path ? &a->following
                                                                               : NULL;
    return next && n < a->nsegments && a->segments[n].end_lsn == next->start_lsn ? next : NULL;
}

static bool map_rest(worker *w, const archive_segment *next, const char *path, bool *goes_on)
{
    uint64_t left = next->end_lsn - next->start_lsn, seen;
    wp_view head;
    w->in = input_open_head(path, w->in, w->end.message);
    if (!w->in)
        return fail_to_open(w);
    w->head_path = path;
    if (!read_window(w, &head) || !feed_input(w, head, false, &left, &seen))
        return false;
    *goes_on = left == 0;
    return true;
}

/* The rest of the last record: the head of the next segment, of several when it is a huge one. */
static bool map_tail(worker *w)
{
    const archive *a = w->run->archive;
    const archive_segment *next;
    for (size_t n = w->segment; !wp_mapper_is_done(w->mapper) && (next = neighbour(a, n)); n++) {
        const char *path;
        bool goes_on = false;
        if (!hold(w, n + 1, &path))
            return false;
        if (!path)
            break;
        const bool is_good = map_rest(w, next, path, &goes_on);
        let_go(w, n + 1);
        if (!is_good)
            return false;
        if (!goes_on)
            break;
    }
    return true;
}

/* This segment and the head of the next are not wanted again; whether there is a next is asked soon. */
static void pass_on(worker *w)
{
    segment_fetcher *s = w->run->archive->segment_fetcher;
    if (!s)
        return;
    segment_fetcher_pass(s, w->segment);
    segment_fetcher_pass(s, w->segment + 1);
    (void)segment_fetcher_has(s, w->segment + 1);
}

/* Facts of one segment; w->end says how it went. False: the run ends. */
static bool map_segment(worker *w)
{
    const archive_segment *segment = &w->run->archive->segments[w->segment];
    bool is_whole = false;
    wp_error err;
    const char *path;
    w->end = (segment_end){ 0 };
    if (!hold(w, w->segment, &path))
        return false;
    w->end.is_absent = !path;
    if (w->end.is_absent)
        return true;
    const bool is_read = map_own_file(w, segment, path, &is_whole);
    let_go(w, w->segment);
    if (!is_read || (is_whole && !map_tail(w)))
        return false;
    pass_on(w);
    if (wp_mapper_finish(w->mapper, &w->batch->facts, &err) < 0)
        return fail_segment(w, &err);
    return deliver(w);
}

static void fini_worker(worker *w)
{
    const wp_mapper_stats *stats = w->mapper ? wp_mapper_statistics(w->mapper) : NULL;
    scan_result *out = w->run->out;
    for (size_t i = 0; stats && i < WP_RMGR_COUNT; i++) {
        out->rmgr_records[i] += stats->records[i];
        out->records += stats->records[i];
    }
    if (stats) {
        out->commits += stats->commits;
        out->aborts += stats->aborts;
    }
    wp_mapper_free(w->mapper);
    input_free(w->in);
    if (w->batch)
        wp_facts_free(&w->batch->facts);
    free(w->batch);
}

/* ---- one job -------------------------------------------------------------------------------- */

static void run_alone(run *r)
{
    worker w = { .run = r, .batch = calloc(1, sizeof *w.batch) };
    if (!w.batch) {
        r->is_failed = true;
        (void)message_no_memory(r->message);
    }
    for (; w.batch && w.segment < r->archive->nsegments; w.segment++) {
        wal_gaps_segment(&r->wal_gaps, w.segment);
        const bool goes_on = map_segment(&w);
        if (w.end.is_absent)
            break;
        if (r->is_failed || (!goes_on && !w.end.is_failed) || !end_segment(r, &w.end))
            break;
    }
    fini_worker(&w);
}

/* ---- several jobs --------------------------------------------------------------------------- */

static void *run_worker(void *context)
{
    worker *w = context;
    fact_queue *h = w->run->fact_queue;
    w->batch = fact_queue_empty(h);
    while (fact_queue_claim(h, &w->segment)) {
        const bool goes_on = w->batch && map_segment(w);
        if (!w->batch) {
            w->end.is_failed = true;
            (void)message_no_memory(w->end.message);
        }
        if (!goes_on && !w->end.is_failed)
            break; /* cancelled */
        if (w->batch)
            wp_facts_clear(&w->batch->facts); /* what a failed segment left */
        fact_queue_finish(h, w->segment, &w->end);
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
        fetched_archive_stop(
            r->archive->remote); /* or workers would wait for their next segments */
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < started; i++)
        fini_worker(&workers[i]);
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
