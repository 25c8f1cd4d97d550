/*
 * segment_mapper.c - see segment_mapper.h.
 */
#include "scan/segment_mapper.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "archive/clusters.h"
#include "archive/live_wal.h"
#include "archive/segment_fetcher.h"
#include "archive/timeline_history.h"
#include "base/message.h"
#include "file/filename.h"
#include "file/holds.h"

/* ---- the sink ------------------------------------------------------------------------------- */

static bool is_cancelled(const segment_mapper *m)
{
    return m->config.sink->is_cancelled(m->config.context);
}

static void note_bytes(const segment_mapper *m, uint64_t bytes)
{
    m->config.sink->on_bytes(m->config.context, bytes);
}

static bool fail_for_memory(segment_mapper *m)
{
    m->end.is_failed = true;
    return message_no_memory(m->end.message);
}

/* Passes on what the mapper has found so far. False: the run ends, or memory is out. */
static bool deliver(segment_mapper *m)
{
    if (!m->config.sink->deliver(m->config.context, m->segment, &m->batch))
        return false;
    return m->batch || fail_for_memory(m);
}

/* ---- the mapper ----------------------------------------------------------------------------- */

static bool fail_segment(segment_mapper *m, const wp_error *err)
{
    m->end.is_failed = true;
    return message_fail(m->end.message, "%s", err->text);
}

static bool read_window(segment_mapper *m, wp_view *out)
{
    if (input_read(m->in, out, m->end.message))
        return true;
    m->end.is_failed = true;
    return false;
}

static bool feed(segment_mapper *m, wp_view window)
{
    wp_error err;
    if (wp_mapper_feed(m->mapper, window, &m->batch->facts, &err) < 0)
        return fail_segment(m, &err);
    return m->batch->facts.len < SCAN_BATCH_BYTES || deliver(m);
}

/*
 * Feeds a window and what follows in the same input, at most *left bytes, until the mapper has enough. *seen:
 * bytes that the input gave.
 */
static bool feed_input(segment_mapper *m, wp_view window, bool is_own, uint64_t *left,
                       uint64_t *seen)
{
    *seen = window.len;
    while (window.len > 0 && !wp_mapper_is_done(m->mapper)) {
        window.len = window.len < *left ? window.len : (size_t)*left;
        *left -= window.len;
        if (is_cancelled(m) || !feed(m, window))
            return false;
        if (is_own)
            note_bytes(m, window.len);
        if (*left == 0 || wp_mapper_is_done(m->mapper))
            break;
        if (!read_window(m, &window))
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
static bool start_mapper(segment_mapper *m, const archive_segment *segment, wp_view head)
{
    const archive *a = m->config.archive;
    wp_mapper_config config = { .segment = a->info,
                                .moved = m->config.moved,
                                .nmoved = m->config.nmoved,
                                .skip_dml = m->config.scan->skip_dml,
                                .watch_lsn = m->config.scan->watch_lsn,
                                .on_record = m->config.scan->on_record,
                                .context = m->config.scan->record_context };
    wp_segment_info info;
    wp_error err;
    const bool is_wal = wp_segment_probe(head, &info, &err) == WP_OK;
    if (!is_wal || info.start_lsn != segment->start_lsn)
        (void)holds_words(head, input_is_damaged(m->in), m->end.holds);
    if (is_wal) {
        if (!clusters_are_same(&info, &a->info)) {
            m->end.is_failed = m->end.is_foreign = true;
            return false;
        }
        config.segment.page_tli = info.page_tli;
    }
    config.segment.start_lsn = segment->start_lsn;
    set_timelines(a, segment, &config);
    const wp_status status = m->mapper ? wp_mapper_reset(m->mapper, &config, &err)
                                       : wp_mapper_new(&config, &m->mapper, &err);
    return status >= 0 || fail_segment(m, &err);
}

/* ---- files ---------------------------------------------------------------------------------- */

/*
 * Where the n-th segment lies, to be let go of. *path NULL: there is none. False: it cannot be had.
 */
static bool hold(segment_mapper *m, size_t n, const char **path)
{
    const archive *a = m->config.archive;
    if (!a->segment_fetcher) {
        *path = n < a->nsegments ? a->segments[n].path : a->following.path;
        return true;
    }
    *path = NULL;
    m->end.is_failed =
        segment_fetcher_get(a->segment_fetcher, n, path, m->end.message) == FETCHER_FAILED;
    return !m->end.is_failed;
}

static void let_go(segment_mapper *m, size_t n)
{
    if (!m->config.archive->segment_fetcher)
        return;
    m->head_path = NULL; /* the file may be gone now */
    segment_fetcher_done(m->config.archive->segment_fetcher, n);
}

static bool fail_to_open(segment_mapper *m)
{
    m->end.is_failed = true;
    m->head_path = NULL;
    return false;
}

/* Often its head was the tail of the segment before: unpacking the first 4 MB twice, for one, costs. */
static bool open_own_file(segment_mapper *m, const char *path)
{
    const bool is_open = m->head_path == path && input_rewind(m->in);
    m->head_path = NULL;
    if (!is_open)
        m->in = input_open(path, m->in, m->end.message);
    if (!m->in)
        return fail_to_open(m);
    return true;
}

/* The rest of a file: that it can be unpacked to its end, or holds too much. *size: what of it was seen. */
static bool drain(segment_mapper *m, uint64_t *size)
{
    wp_view rest = { .len = 1 };
    while (rest.len > 0 && *size <= m->config.archive->info.segment_size) {
        if (is_cancelled(m) || !read_window(m, &rest))
            return false;
        *size += rest.len;
    }
    return true;
}

/*
 * A server refuses a segment that has not exactly its size, and one whose command fails: what is packed is
 * unpacked to its end, whatever of it holds records. size: bytes seen.
 */
static bool check_file(segment_mapper *m, const archive_segment *segment, const char *path,
                       uint64_t size)
{
    struct stat st;
    const bool is_plain =
        !input_is_compressed(m->in) && !input_is_encrypted(m->in) && stat(path, &st) == 0;
    if (!segment->is_partial && (!is_plain || m->config.scan->read_all) && !drain(m, &size))
        return false;
    if (is_plain)
        size = (uint64_t)st.st_size;
    m->end.is_cut = input_is_cut(m->in);
    m->end.has_rest = input_has_rest(m->in);
    m->end.is_short = !segment->is_partial && size != m->config.archive->info.segment_size;
    m->end.has_changed = !segment->is_partial && !m->config.archive->segment_fetcher
                         && input_has_changed(m->in) && !live_has_file(path);
    return true;
}

/* The segment's own file. *is_whole: all its bytes were there, or were not needed. */
static bool map_own_file(segment_mapper *m, const archive_segment *segment, const char *path,
                         bool *is_whole)
{
    const uint64_t size = segment->end_lsn - segment->start_lsn;
    uint64_t left = size, seen = 0;
    wp_view head;
    if (!open_own_file(m, path) || !read_window(m, &head) || !start_mapper(m, segment, head)
        || !feed_input(m, head, true, &left, &seen) || !check_file(m, segment, path, seen))
        return false;
    *is_whole = left == 0;
    note_bytes(m, left); /* what is left is not needed */
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

static bool map_rest(segment_mapper *m, const archive_segment *next, const char *path,
                     bool *goes_on)
{
    uint64_t left = next->end_lsn - next->start_lsn, seen;
    wp_view head;
    m->in = input_open_head(path, m->in, m->end.message);
    if (!m->in)
        return fail_to_open(m);
    m->head_path = path;
    if (!read_window(m, &head) || !feed_input(m, head, false, &left, &seen))
        return false;
    *goes_on = left == 0;
    return true;
}

/* The rest of the last record: the head of the next segment, of several when it is a huge one. */
static bool map_tail(segment_mapper *m)
{
    const archive *a = m->config.archive;
    const archive_segment *next;
    for (size_t n = m->segment; !wp_mapper_is_done(m->mapper) && (next = neighbour(a, n)); n++) {
        const char *path;
        bool goes_on = false;
        if (!hold(m, n + 1, &path))
            return false;
        if (!path)
            break;
        const bool is_good = map_rest(m, next, path, &goes_on);
        let_go(m, n + 1);
        if (!is_good)
            return false;
        if (!goes_on)
            break;
    }
    return true;
}

/* This segment and the head of the next are not wanted again; whether there is a next is asked soon. */
static void pass_on(segment_mapper *m)
{
    segment_fetcher *s = m->config.archive->segment_fetcher;
    if (!s)
        return;
    segment_fetcher_pass(s, m->segment);
    segment_fetcher_pass(s, m->segment + 1);
    (void)segment_fetcher_has(s, m->segment + 1);
}

/* ---- public --------------------------------------------------------------------------------- */

void segment_mapper_init(segment_mapper *m, const segment_mapper_config *config, batch *first)
{
    *m = (segment_mapper){ .config = *config, .batch = first };
}

bool segment_mapper_map(segment_mapper *m, size_t segment)
{
    const archive_segment *at = &m->config.archive->segments[segment];
    bool is_whole = false;
    wp_error err;
    const char *path;
    m->segment = segment;
    m->end = (segment_end){ 0 };
    if (!m->batch)
        return fail_for_memory(m);
    wp_facts_clear(&m->batch->facts); /* what a failed segment left */
    if (!hold(m, segment, &path))
        return false;
    m->end.is_absent = !path;
    if (m->end.is_absent)
        return true;
    const bool is_read = map_own_file(m, at, path, &is_whole);
    let_go(m, segment);
    if (!is_read || (is_whole && !map_tail(m)))
        return false;
    pass_on(m);
    if (wp_mapper_finish(m->mapper, &m->batch->facts, &err) < 0)
        return fail_segment(m, &err);
    return deliver(m);
}

const wp_mapper_stats *segment_mapper_statistics(const segment_mapper *m)
{
    return m->mapper ? wp_mapper_statistics(m->mapper) : NULL;
}

void segment_mapper_fini(segment_mapper *m)
{
    wp_mapper_free(m->mapper);
    input_free(m->in);
    if (m->batch)
        wp_facts_free(&m->batch->facts);
    free(m->batch);
}
