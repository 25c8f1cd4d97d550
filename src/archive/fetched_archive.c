/* fetched_archive.c - see fetched_archive.h. */
#include "archive/fetched_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/clusters.h"
#include "base/grow.h"
#include "archive/backup_label.h"
#include "base/message.h"
#include "file/probe.h"
#include "archive/segment_fetcher.h"
#include "archive/timeline_file.h"
#include "archive/archive_open.h"

struct remote {
    archive *archive;
    segment_fetcher *segment_fetcher;
    size_t nsegments; /* that may be asked for */
    bool is_running;
};

typedef struct opening {
    remote *remote;
    const archive_limits *limits;
    archive *out;
    prober prober;
    wp_lsn start; /* where reading begins */
    wp_tli tli;   /* of there, at least */
    char *first;  /* path of the first segment */
    wp_segment_info info;
    char *message;
} opening;

/* ---- where to begin ------------------------------------------------------------------------- */

static void begin_at(opening *o, wp_lsn lsn, wp_tli tli)
{
    if (o->start == 0 || lsn < o->start) {
        o->start = lsn;
        o->tli = tli;
    }
}

static bool begin_at_label(opening *o, const char *path)
{
    label_file one;
    if (!backup_label_read(path, &one, o->message))
        return false;
    begin_at(o, one.label.start_lsn, one.label.timeline);
    return true;
}

static bool find_start(opening *o, char *const *sources, size_t nsources)
{
    for (size_t i = 0; i < nsources; i++)
        if (!begin_at_label(o, sources[i]))
            return false;
    if (o->start == 0 && o->limits->begin_lsn != 0)
        begin_at(o, o->limits->begin_lsn, o->limits->begin_tli);
    if (o->limits->from_lsn) {
        o->tli = o->limits->from_lsn >= o->start ? o->tli : 0;
        o->start = o->limits->from_lsn;
    }
    if (o->tli == 0)
        o->tli = 1;
    return o->start != 0
           || message_fail(o->message, "--from-command needs a place to begin: give --from-lsn, "
                                       "--backup, or a .backup file");
}

/* ---- timelines ------------------------------------------------------------------------------ */

typedef enum history_answer {
    HISTORY_READ,
    HISTORY_ABSENT,
    HISTORY_BAD,
    HISTORY_FAILED
} history_answer;

/* A timeline with a history file. Others than the followed one's count where a server looks for the latest. */
static bool note_history(opening *o, const timeline_history *history)
{
    const timeline_span *own = &history->spans[history->nspans - 1];
    branch *one = timeline_tree_add(&o->out->timeline_tree, own->tli);
    if (!one)
        return message_no_memory(o->message);
    one->parent = history->nspans > 1 ? own[-1].tli : 0;
    one->begin = own->begin;
    if (history->nspans > 1)
        (void)snprintf(one->reason, sizeof one->reason, "%s", own[-1].reason);
    one->has_history = true;
    return true;
}

/*
 * HISTORY_ABSENT: the command has no history file of that timeline. HISTORY_BAD: what it gives cannot be read, or is
 * none. BAD, FAILED: with a line in the message.
 */
static history_answer read_history(opening *o, wp_tli tli, timeline_history *out)
{
    char name[32], why[MESSAGE_BYTES], *path = NULL;
    (void)snprintf(name, sizeof name, "%08X.history", (unsigned)tli);
    const segment_fetcher_answer answer =
        segment_fetcher_file(o->remote->segment_fetcher, name, &path, why);
    if (answer != FETCHER_FILE) {
        (void)message_fail(o->message, "%s", why);
        return answer == FETCHER_END ? HISTORY_ABSENT : HISTORY_FAILED;
    }
    const timeline_answer read = timeline_read(&o->prober, path, tli, out, why);
    segment_fetcher_forget(path);
    if (read == TIMELINE_FAILED)
        (void)message_fail(o->message, "%s", why);
    if (read == TIMELINE_BAD)
        (void)message_fail(o->message, "%s from the command: %.300s", name, why);
    if (read != TIMELINE_READ)
        return HISTORY_BAD;
    if (note_history(o, out))
        return HISTORY_READ;
    timeline_free(out);
    return HISTORY_FAILED;
}

static bool make_single(opening *o, wp_tli tli)
{
    timeline_history *history = &o->out->history;
    *history = (timeline_history){ .spans = calloc(1, sizeof *history->spans), .nspans = 1 };
    if (!history->spans)
        return message_no_memory(o->message);
    history->spans[0] = (timeline_span){ .tli = tli, .end = UINT64_MAX };
    return true;
}

typedef struct latest_search {
    opening *opening;
    bool *is_good;
} latest_search;

/* Follows a timeline that the command has the history of, unless another one was asked for. */
static bool climb_to(const void *context, wp_tli tli)
{
    const latest_search *search = context;
    opening *o = search->opening;
    const bool is_asked = o->limits->timeline != 0;
    timeline_history history = { 0 };
    const history_answer answer = read_history(o, tli, &history);
    if (answer == HISTORY_READ && is_asked) {
        timeline_free(&history);
    } else if (answer == HISTORY_READ) {
        timeline_free(&o->out->history);
        o->out->history = history;
    } else {
        *search->is_good = answer == HISTORY_ABSENT || (answer == HISTORY_BAD && is_asked);
    }
    return answer == HISTORY_READ;
}

/* Where a timeline was asked for, only to know what latest would be. */
static bool find_latest(opening *o)
{
    bool is_good = true;
    const latest_search search = { .opening = o, .is_good = &is_good };
    (void)timeline_latest(o->tli, climb_to, &search);
    return is_good;
}

static bool find_history(opening *o)
{
    timeline_history *history = &o->out->history;
    const wp_tli asked = o->limits->timeline ? o->limits->timeline : o->tli;
    const history_answer answer = asked > 1 ? read_history(o, asked, history) : HISTORY_ABSENT;
    if (answer == HISTORY_BAD || answer == HISTORY_FAILED)
        return false;
    if (answer == HISTORY_ABSENT && asked != o->tli && asked > 1)
        return message_fail(o->message, "the command has no %08X.history", (unsigned)asked);
    if (answer == HISTORY_ABSENT && !make_single(o, asked))
        return false;
    return find_latest(o);
}

/* ---- segments ------------------------------------------------------------------------------- */

/* The timelines that a segment may be of, newest first. NULL: no more. */
static const timeline_span *span_of(const timeline_history *history, wp_lsn start, uint32_t size,
                                    unsigned choice)
{
    for (size_t i = history->nspans; i-- > 0;) {
        const timeline_span *span = &history->spans[i];
        if (span->begin < start + size && span->end > start && choice-- == 0)
            return span;
    }
    return NULL;
}

static wp_lsn start_of(const remote *r, size_t n)
{
    const wp_segment_info *info = &r->archive->info;
    return info->start_lsn + (wp_lsn)n * info->segment_size;
}

static bool name_segment(void *context, size_t n, unsigned choice, char buf[WP_SEGMENT_NAME_BYTES])
{
    const remote *r = context;
    const uint32_t size = r->archive->info.segment_size;
    const timeline_span *span = span_of(&r->archive->history, start_of(r, n), size, choice);
    if (span)
        (void)wp_segment_name_format(span->tli, start_of(r, n), size, buf);
    return span != NULL;
}

/* The file is known: so are its name, and how far it counts. */
static void note_segment(void *context, size_t n, unsigned choice)
{
    remote *r = context;
    const uint32_t size = r->archive->info.segment_size;
    archive_segment *segment = &r->archive->segments[n];
    const timeline_span *span = span_of(&r->archive->history, start_of(r, n), size, choice);
    if (span && segment->tli == span->tli)
        return; /* as it was listed: others may be looking at the list */
    if (segment->tli == 0)
        segment->start_lsn = start_of(r, n);
    segment->end_lsn = segment->start_lsn + size;
    if (span && span->end < segment->end_lsn)
        segment->end_lsn = span->end;
    segment->tli = span ? span->tli : 0;
    (void)wp_segment_name_format(segment->tli, segment->start_lsn, size, segment->path);
}

/* What the command gave for a size must be the segment of that position, if it is of that size: by another, its name says another place. */
static bool check_first(opening *o, const char *name, wp_lsn start, uint32_t size)
{
    probe_result got;
    if (!probe_head(&o->prober, o->first, &got, o->message))
        return false;
    if (got.verdict != PROBE_SEGMENT)
        return message_fail(o->message, "what the command gives as %s is not a WAL segment: %.300s",
                            name, got.verdict == PROBE_UNUSED ? "nothing but zeros" : got.err.text);
    o->info = got.info;
    char page[WP_SEGMENT_NAME_BYTES];
    return got.info.start_lsn == start || got.info.segment_size != size
           || message_fail(o->message, "what the command gives as %s holds the WAL of %s", name,
                           wp_segment_name_format(got.info.page_tli, got.info.start_lsn,
                                                  got.info.segment_size, page));
}

/* Fetches the segment that holds the start, if segments have that size. */
static segment_fetcher_answer fetch_first(opening *o, uint32_t size, unsigned *choice)
{
    const wp_lsn start = o->start / size * size;
    segment_fetcher_answer answer = FETCHER_END;
    const timeline_span *span;
    for (*choice = 0; answer == FETCHER_END; ++*choice) {
        char name[WP_SEGMENT_NAME_BYTES];
        span = span_of(&o->out->history, start, size, *choice);
        if (!span)
            return FETCHER_END;
        (void)wp_segment_name_format(span->tli, start, size, name);
        segment_fetcher_forget(o->first);
        o->first = NULL;
        answer = segment_fetcher_file(o->remote->segment_fetcher, name, &o->first, o->message);
        if (answer == FETCHER_FILE && !check_first(o, name, start, size))
            return FETCHER_FAILED;
    }
    --*choice;
    return answer;
}

/* The usual size first; a segment says which one it is. */
static bool find_first(opening *o, unsigned *choice)
{
    static const unsigned megabytes[] = { 16, 1, 2, 4, 8, 32, 64, 128, 256, 512, 1024 };
    char lsn[WP_LSN_TEXT_BYTES], said[MESSAGE_BYTES] = "";
    for (size_t i = 0; i < sizeof megabytes / sizeof *megabytes; i++) {
        const uint32_t size = (uint32_t)megabytes[i] << 20;
        segment_fetcher_answer answer = fetch_first(o, size, choice);
        if (answer == FETCHER_FILE && o->info.segment_size != size)
            answer = fetch_first(o, o->info.segment_size, choice);
        if (answer == FETCHER_FAILED)
            return false;
        if (answer == FETCHER_FILE)
            return true;
        if (said[0] == '\0')
            memcpy(said, o->message, sizeof said);
    }
    return message_fail(o->message, "the command has no segment with %s: %.400s",
                        wp_lsn_format(o->start, lsn), said);
}

static size_t count_segments(const opening *o)
{
    const wp_lsn to = o->limits->to_lsn;
    if (!to || o->limits->reads_on)
        return FETCHER_SEGMENTS_MAX;
    /* One more, for the rest of the last record. */
    const uint64_t n =
        to < o->info.start_lsn ? 1 : (to - o->info.start_lsn) / o->info.segment_size + 2;
    return n < FETCHER_SEGMENTS_MAX ? (size_t)n : FETCHER_SEGMENTS_MAX;
}

static bool list_segments(opening *o)
{
    remote *r = o->remote;
    archive *out = o->out;
    r->nsegments = count_segments(o);
    out->segments = calloc(r->nsegments, sizeof *out->segments);
    if (!out->segments)
        return message_no_memory(o->message);
    for (; out->nsegments < r->nsegments; out->nsegments++) {
        archive_segment *segment = &out->segments[out->nsegments];
        segment->path = calloc(1, WP_SEGMENT_NAME_BYTES);
        if (!segment->path)
            return message_no_memory(o->message);
        note_segment(r, out->nsegments, 0);
    }
    return true;
}

/* A server that is sent to an ancestor asks for its history too. */
static bool find_ancestor(opening *o, branch *one)
{
    timeline_history history = { 0 };
    const wp_tli tli = one->tli;
    const history_answer answer = read_history(o, tli, &history);
    timeline_free(&history);
    if (answer == HISTORY_BAD)
        one->has_bad_history = true;
    return answer != HISTORY_FAILED;
}

/* Of WAL on other branches nothing is known: nobody lists what a command could fetch. */
static bool list_branches(opening *o)
{
    timeline_tree *all = &o->out->timeline_tree;
    const timeline_history *history = &o->out->history;
    for (size_t i = 0; i < history->nspans; i++) {
        const timeline_span *span = &history->spans[i];
        branch *one = timeline_tree_add(all, span->tli);
        if (!one)
            return message_no_memory(o->message);
        /* No target lies on one that ends before the WAL begins. */
        const bool may_be_target = span->tli > 1 && span->end > o->info.start_lsn;
        if (may_be_target && !one->has_history && !find_ancestor(o, one))
            return false;
        one->parent = i > 0 ? history->spans[i - 1].tli : 0;
        one->begin = i > 0 ? span->begin : 0;
        one->has_segments = one->is_followed = true;
        one->diverges = span->end;
    }
    timeline_tree_sort(all);
    return true;
}

static bool fill_out(opening *o, unsigned choice)
{
    remote *r = o->remote;
    archive *out = o->out;
    const timeline_history *history = &r->archive->history;
    out->info = o->info;
    out->block_size = o->info.page_size;
    out->first_lsn = o->info.start_lsn;
    out->timeline = history->spans[history->nspans - 1].tli;
    out->timelines = calloc(history->nspans, sizeof *out->timelines);
    if (!out->timelines)
        return message_no_memory(o->message);
    for (; out->ntimelines < history->nspans; out->ntimelines++)
        out->timelines[out->ntimelines] = history->spans[out->ntimelines].tli;
    if (!list_branches(o) || !list_segments(o))
        return false;
    note_segment(r, 0, choice);
    const segment_fetcher_plan plan = { .context = r, .name = name_segment, .note = note_segment };
    char *first = o->first;
    o->first = NULL;
    return segment_fetcher_begin(r->segment_fetcher, r->nsegments, &plan, first, o->message);
}

static bool check_cluster(const opening *o)
{
    return !o->limits->system_id || o->info.system_identifier == o->limits->system_id
           || message_fail(o->message,
                           "the command gives WAL of the cluster with system identifier %llu",
                           (unsigned long long)o->info.system_identifier);
}

void fetched_archive_interrupt(remote *r)
{
    if (r->is_running)
        segment_fetcher_interrupt(r->segment_fetcher);
}

/* The names of the segments that were not fetched stay, for a pass that goes further. */
void fetched_archive_stop(remote *r)
{
    if (r->is_running)
        r->archive->nsegments = segment_fetcher_stop(r->segment_fetcher);
    r->is_running = false;
}

static void fetched_archive_close(archive *a)
{
    remote *r = a->remote;
    if (!r)
        return;
    fetched_archive_stop(r);
    if (a->segments)
        a->nsegments = r->nsegments;
    segment_fetcher_free(r->segment_fetcher);
    free(r);
    a->remote = NULL;
    a->segment_fetcher = NULL;
}

bool fetched_archive_open(char *const *sources, size_t nsources, const archive_limits *limits,
                          archive *out, char message[MESSAGE_BYTES])
{
    *out = (archive){ 0 };
    opening o = { .limits = limits, .out = out, .message = message };
    unsigned choice = 0;
    out->remote = o.remote = calloc(1, sizeof *o.remote);
    out->close_remote = fetched_archive_close;
    if (!o.remote)
        return message_no_memory(message);
    o.remote->archive = out;
    out->segment_fetcher = o.remote->segment_fetcher =
        segment_fetcher_new(limits->command, message);
    const bool is_good = out->segment_fetcher && find_start(&o, sources, nsources)
                         && find_history(&o) && find_first(&o, &choice) && check_cluster(&o)
                         && fill_out(&o, choice);
    segment_fetcher_forget(o.first);
    probe_free(&o.prober);
    if (!is_good)
        archive_free(out);
    return is_good;
}

bool fetched_archive_start(remote *r, unsigned readers, char message[MESSAGE_BYTES])
{
    r->archive->nsegments = r->nsegments;
    r->is_running = segment_fetcher_start(r->segment_fetcher, readers, message);
    return r->is_running;
}
