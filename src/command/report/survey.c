/*
 * survey.c - see survey.h.
 *
 * The buckets begin narrow. A time that does not fit doubles their width until it does, so that one pass is enough, whatever
 * the WAL spans, and memory stays the same.
 */
#include "command/report/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "search/question.h"

/* A microsecond would do, but so fine a picture has nothing in it. */
#define FIRST_WIDTH UINT64_C(1000)

/* ---- buckets -------------------------------------------------------------------------------- */

void survey_bucket_add(survey_bucket *to, const survey_bucket *from)
{
    to->commits += from->commits;
    to->rollbacks += from->rollbacks;
    to->rows += from->rows;
    to->ddl += from->ddl;
    to->destructive += from->destructive;
    to->checkpoints += from->checkpoints;
    to->wal_bytes += from->wal_bytes;
}

/* Microseconds from one to a later one, which may be more than a wp_time holds. */
static uint64_t between(wp_time from, wp_time until)
{
    return (uint64_t)until - (uint64_t)from;
}

/* Two become one. The first one is alone where the buckets are to get room before them. */
static void widen(survey *s, bool to_the_left)
{
    const size_t shift = to_the_left && s->nbuckets % 2 != 0 ? 1 : 0;
    survey_bucket merged[SURVEY_BUCKETS_MAX] = { 0 };
    for (size_t i = 0; i < s->nbuckets; i++)
        survey_bucket_add(&merged[(i + shift) / 2], &s->buckets[i]);
    if (shift != 0)
        s->start = (wp_time)((uint64_t)s->start - s->width);
    s->nbuckets = (s->nbuckets + shift + 1) / 2;
    s->width *= 2;
    memcpy(s->buckets, merged, sizeof merged);
}

/* Makes buckets before the first one until it is not after that time. */
static void reach_back(survey *s, wp_time time)
{
    for (;;) {
        const uint64_t wanted = (between(time, s->start) + s->width - 1) / s->width;
        if (wanted <= SURVEY_BUCKETS_MAX - s->nbuckets) {
            const size_t steps = (size_t)wanted;
            memmove(s->buckets + steps, s->buckets, s->nbuckets * sizeof *s->buckets);
            memset(s->buckets, 0, steps * sizeof *s->buckets);
            s->start = (wp_time)((uint64_t)s->start - steps * s->width);
            s->nbuckets += steps;
            return;
        }
        widen(s, true);
    }
}

survey_bucket *survey_bucket_at(survey *s, wp_time time)
{
    char chars[WP_TIME_TEXT_BYTES];
    wp_time_format(time, chars);
    if (time == WP_TIME_UNKNOWN || chars[0] < '0' || chars[0] > '9')
        return NULL;
    if (s->nbuckets == 0) {
        s->start = time;
        s->width = FIRST_WIDTH;
        s->nbuckets = 1;
    }
    if (time < s->start)
        reach_back(s, time);
    while (between(s->start, time) / s->width >= SURVEY_BUCKETS_MAX)
        widen(s, false);
    const size_t at = (size_t)(between(s->start, time) / s->width);
    if (at >= s->nbuckets)
        s->nbuckets = at + 1;
    return &s->buckets[at];
}

/* ---- the pass ------------------------------------------------------------------------------- */

/* What the transaction did that ends next. */
typedef struct passing {
    survey *out;
    const archive *wal;
    survey_bucket now;
    wp_lsn last_lsn; /* up to here WAL is counted */
    bool is_failed;
} passing;

static bool is_destructive(const wp_event *event)
{
    return series_is_of_it(event)
           || (event->kind == WP_EVENT_UPDATE && event->has_rows && event->rows >= SERIES_ROWS);
}

static void free_near(survey_near *near)
{
    for (size_t i = 0; i < SURVEY_NEAR; i++) {
        if (near->before != NULL)
            event_match_free(&near->before[i]);
        if (near->after != NULL)
            event_match_free(&near->after[i]);
    }
    free(near->before);
    free(near->after);
    *near = (survey_near){ 0 };
}

static bool restart(void *context, const archive *from)
{
    passing *p = context;
    survey *s = p->out;
    (void)from;
    free_near(&s->near);
    free(s->damages);
    *s = (survey){ .incident = s->incident,
                   .own_end = s->own_end,
                   .start = WP_TIME_UNKNOWN,
                   .first_time = WP_TIME_UNKNOWN,
                   .last_time = WP_TIME_UNKNOWN };
    p->now = (survey_bucket){ 0 };
    p->last_lsn = 0;
    s->near.before = calloc(SURVEY_NEAR, sizeof *s->near.before);
    s->near.after = calloc(SURVEY_NEAR, sizeof *s->near.after);
    p->is_failed = s->near.before == NULL || s->near.after == NULL;
    return !p->is_failed;
}

static bool keep_near(survey *s, const event_view *view)
{
    survey_near *near = &s->near;
    if (view->xact->lsn < s->incident) {
        const uint64_t number = near->nbefore++;
        return event_match_set(&near->before[number % SURVEY_NEAR], view, number + 1);
    }
    const uint64_t number = near->nafter++;
    return number >= SURVEY_NEAR || event_match_set(&near->after[number], view, number + 1);
}

static bool add(void *context, const event_view *view)
{
    passing *p = context;
    const wp_event *event = view->event;
    const bool is_row_event = event->kind == WP_EVENT_DELETE || event->kind == WP_EVENT_UPDATE
                              || event->kind == WP_EVENT_INSERT;
    if (is_row_event)
        p->now.rows += event->has_rows ? event->rows : 0;
    else
        p->now.ddl++;
    /* What a DROP took along is told with it. */
    if (event->taken_by != event->number || !is_destructive(event))
        return true;
    p->now.destructive++;
    return view->xact->lsn == p->out->own_end || keep_near(p->out, view);
}

/* Without what is missing between. */
static uint64_t wal_between(const archive *wal, wp_lsn from, wp_lsn until)
{
    uint64_t bytes = until - from;
    for (size_t i = 0; i < wal->ngaps; i++) {
        const archive_gap *gap = &wal->gaps[i];
        const wp_lsn a = gap->from > from ? gap->from : from;
        const wp_lsn b = gap->until < until ? gap->until : until;
        bytes -= b > a ? b - a : 0;
    }
    return bytes;
}

static void note_times(survey *s, wp_time time)
{
    if (s->first_time == WP_TIME_UNKNOWN || time < s->first_time)
        s->first_time = time;
    if (s->last_time == WP_TIME_UNKNOWN || time > s->last_time)
        s->last_time = time;
}

static void end(void *context, const wp_xact_end *end)
{
    passing *p = context;
    survey *s = p->out;
    const bool is_commit = end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED;
    if (is_commit)
        p->now.commits = 1;
    else
        p->now.rollbacks = 1;
    if (p->last_lsn == 0)
        p->last_lsn = p->wal->nsegments > 0 ? p->wal->segments[0].start_lsn : end->lsn;
    const wp_lsn until = end->end_lsn > end->lsn ? end->end_lsn : end->lsn;
    if (until > p->last_lsn) {
        p->now.wal_bytes = wal_between(p->wal, p->last_lsn, until);
        p->last_lsn = until;
    }
    survey_bucket *bucket = survey_bucket_at(s, end->time);
    if (bucket != NULL) {
        survey_bucket_add(bucket, &p->now);
        note_times(s, end->time);
    }
    s->timeless += bucket == NULL;
    survey_bucket_add(&s->sum, &p->now);
    p->now = (survey_bucket){ 0 };
}

static void fact(void *context, const wp_fact *fact)
{
    passing *p = context;
    survey *s = p->out;
    if (fact->kind != WP_FACT_CHECKPOINT)
        return;
    const wp_fact_checkpoint *it = (const void *)fact;
    const survey_checkpoint one = {
        .lsn = fact->lsn, .redo = it->redo, .time = it->time, .is_online = fact->op != 0
    };
    if (fact->lsn < s->incident)
        s->before[s->ncheckpoints_before++ % SURVEY_NEAR] = one;
    else if (s->ncheckpoints_after++ < SURVEY_NEAR)
        s->after[s->ncheckpoints_after - 1] = one;
    s->sum.checkpoints++;
    survey_bucket *bucket = survey_bucket_at(s, it->time);
    if (bucket != NULL)
        bucket->checkpoints++;
}

static bool keep_damages(survey *s, const scan_result *seen)
{
    s->damages_total = seen->ndamages;
    s->ndamages = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    s->damages = malloc((s->ndamages + 1) * sizeof *s->damages);
    if (s->damages == NULL)
        return false;
    memcpy(s->damages, seen->damages, s->ndamages * sizeof *s->damages);
    return true;
}

bool survey_make(const question *q, const sources *from, const archive *wal, wp_lsn incident,
                 wp_lsn own_end, survey *out, char message[MESSAGE_BYTES])
{
    const question all = {
        .kind = QUESTION_LIST, .jobs = q->jobs, .sources = q->sources, .nsources = q->nsources
    };
    *out = (survey){ .incident = incident, .own_end = own_end };
    passing p = { .out = out, .wal = wal };
    const search_sink sink = {
        .context = &p, .restart = restart, .add = add, .end = end, .fact = fact
    };
    search_result found;
    const search_status status =
        search_events(&all, wal, from->base, from->external_names, &sink, &found, message);
    bool is_good = status != SEARCH_FAILED;
    if (is_good) {
        out->start_lsn = found.scan.start_lsn;
        out->end_lsn = found.scan.end_lsn;
        out->unexpected = found.scan.unexpected;
        is_good = keep_damages(out, &found.scan) || message_no_memory(message);
    }
    search_free(&found);
    return is_good;
}

/* ---- what was kept -------------------------------------------------------------------------- */

size_t survey_before(const survey *s)
{
    return s->near.nbefore < SURVEY_NEAR ? (size_t)s->near.nbefore : SURVEY_NEAR;
}

const event_match *survey_before_at(const survey *s, size_t index)
{
    const uint64_t first = s->near.nbefore - survey_before(s);
    return &s->near.before[(first + index) % SURVEY_NEAR];
}

size_t survey_after(const survey *s)
{
    return s->near.nafter < SURVEY_NEAR ? (size_t)s->near.nafter : SURVEY_NEAR;
}

void survey_free(survey *s)
{
    free_near(&s->near);
    free(s->damages);
    *s = (survey){ 0 };
}
