/* wal_reach.c - see wal_reach.h. */
#include "search/wal_reach.h"

#include "archive/live_wal.h"
#include "base/log.h"
#include "base/message.h"
#include "base/time_text.h"
#include "scan/scan.h"

/* The newest may have hardly any record. */
#define LAST_SEGMENTS 2

typedef struct times {
    wp_lsn end; /* of records before it */
    bool is_known;
    wp_time first, last;
} times;

void wal_reach_take(wal_reach *reach, const wp_fact *fact)
{
    if (fact->kind == WP_FACT_FIRST_RECORD && reach->begin == 0)
        reach->begin = fact->lsn;
    if (fact->kind == WP_FACT_SEGMENT_END)
        reach->end = fact->lsn;
}

/* ---- times ---------------------------------------------------------------------------------- */

static bool decode_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context;
    return wp_xact_facts(record, facts) >= 0;
}

static void take_time(void *context, const wp_fact *fact)
{
    times *seen = context;
    if (fact->kind != WP_FACT_XACT_END && fact->kind != WP_FACT_PREPARE)
        return;
    const wp_time time = ((const wp_fact_xact *)(const void *)fact)->time;
    if (time == WP_TIME_UNKNOWN || fact->lsn >= seen->end)
        return;
    if (!seen->is_known)
        seen->first = time;
    seen->last = time;
    seen->is_known = true;
}

/* Of so many segments from the n-th on. What cannot be read has none. */
static void read_times(const archive *wal, size_t n, size_t count, unsigned jobs, times *out)
{
    char message[MESSAGE_BYTES];
    scan_result seen;
    archive part = *wal;
    part.segments += n;
    part.nsegments = count;
    const scan_config config = { .jobs = jobs,
                                 .callbacks = { .context = out, .on_fact = take_time },
                                 .on_record = decode_record };
    (void)scan_once(&part, &config, &seen, message);
}

/* What a command fetches would be fetched again. */
static void add_times(const archive *wal, wp_lsn end, unsigned jobs, text *line)
{
    const size_t n = wal->nsegments, tail = n < LAST_SEGMENTS ? n : LAST_SEGMENTS;
    times first = { .end = end }, last = { .end = end };
    if (wal->remote != NULL || n == 0)
        return;
    read_times(wal, n - tail, tail, jobs, &last);
    if (n > tail)
        read_times(wal, 0, 1, jobs, &first);
    else
        first = last;
    if (first.is_known) {
        text_add(line, "; its first transaction ends at ");
        time_text_add(line, first.first);
    }
    if (last.is_known) {
        text_add(line, first.is_known ? ", its last one at " : "; its last transaction ends at ");
        time_text_add(line, last.last);
    }
}

/* ---- the lines ------------------------------------------------------------------------------ */

static void add_range(const question_range *range, text *line)
{
    char from[WP_LSN_TEXT_BYTES], to[WP_LSN_TEXT_BYTES];
    (void)wp_lsn_format(range->from_lsn, from);
    (void)wp_lsn_format(range->to_lsn, to);
    if (range->from_lsn != 0 && range->to_lsn != 0)
        text_addf(line, " from %s to %s", from, to);
    else if (range->from_lsn != 0)
        text_addf(line, " from %s on", from);
    else if (range->to_lsn != 0)
        text_addf(line, " up to %s", to);
}

void wal_reach_tell_nothing(const wal_reach *reach, const archive *wal, const question *q,
                            const char *what)
{
    char begin[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES];
    text line = { 0 };
    text_addf(&line, "%s along timeline %u", what, wal->timeline);
    add_range(&q->range, &line);
    if (reach->begin == 0) {
        text_add(&line, ": no record could be read");
    } else {
        text_addf(&line, ": the WAL read begins at %s and ends at %s",
                  wp_lsn_format(reach->begin, begin), wp_lsn_format(reach->end, end));
        add_times(wal, reach->end, q->jobs, &line);
    }
    log_story("pitr-find: %s", text_chars(&line));
    text_free(&line);
    if (q->range.to_lsn == 0 && !live_has_newest(wal))
        log_story("pitr-find: if it was written later, its WAL may still lie in pg_wal of the "
                  "server, not archived yet: name that folder as one more SOURCE");
}
