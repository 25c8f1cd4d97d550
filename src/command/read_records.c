/* read_records.c - see read_records.h. */
#include "command/read_records.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/message.h"
#include "base/plural.h"
#include "base/result.h"

typedef struct reading {
    const record_reader *reader;
    const scan_result *seen;
    uint32_t segment_size;
    const question_range *range;
    size_t looked_at; /* damages */
    wp_lsn
        last_end; /* of the last segment before those: where its last record begins, if that is cut */
    bool is_doubtful; /* one was told */
    bool is_stopped;
    forks forks;
} reading;

/*
 * May records that are asked for be missing for it, or be others? A segment may be wrong from one place on, so what is told of the one
 * that the range begins in counts.
 */
static bool is_in_range(const reading *r, wp_lsn from, wp_lsn until)
{
    const wp_lsn first = r->range->from_lsn & ~((wp_lsn)r->segment_size - 1);
    return until > first && (r->range->to_lsn == 0 || from <= r->range->to_lsn);
}

/* Of a file that a server refuses all may have been read: then nothing up to its end is left. */
static uint64_t skipped_bytes(const scan_damage *damage, uint32_t segment_size)
{
    const wp_lsn file_end = scan_damage_end(damage->barrier, 0, segment_size);
    const wp_lsn until = damage->until != 0 ? damage->until : file_end;
    return until > damage->from + 1 ? until - damage->from : 0; /* one byte: a place */
}

void read_records_tell(const scan_damage *damage, uint32_t segment_size)
{
    const uint64_t skipped = skipped_bytes(damage, segment_size);
    if (skipped > 0)
        log_warning("%s; %" PRIu64 " byte%s skipped", damage->text, skipped, plural(skipped));
    else
        log_warning("%s", damage->text);
}

/* Those not looked at yet. */
static void tell_damages(reading *r)
{
    const size_t listed =
        r->seen->ndamages < SCAN_DAMAGES_MAX ? r->seen->ndamages : SCAN_DAMAGES_MAX;
    if (r->looked_at < listed)
        (void)fflush(stdout);
    for (; r->looked_at < listed; r->looked_at++) {
        const scan_damage *damage = &r->seen->damages[r->looked_at];
        const wp_lsn until = scan_damage_end(damage->from, damage->until, r->segment_size);
        const bool is_gap = damage->path == NULL;
        /* A record that goes on in missing segments is lost with them. */
        const wp_lsn from = is_gap && r->last_end < damage->from ? r->last_end : damage->from;
        if (!is_in_range(r, from, until))
            continue;
        r->is_doubtful = true;
        if (r->reader->miss != NULL)
            r->reader->miss(r->reader->context, until);
        read_records_tell(damage, r->segment_size);
    }
}

static bool on_record(void *context, const wp_record *record, wp_facts *facts)
{
    const record_reader *reader = context;
    return reader->on_record(reader->record_context, record, facts)
           && wp_timeline_facts(record, facts) >= 0;
}

bool read_records_tell_forks(const forks *all, size_t first, const archive *wal)
{
    bool is_doubtful = false;
    for (size_t i = first; i < all->count; i++) {
        const fork_place *seen = &all->items[i];
        if (!forks_contradict(seen, timeline_tree_find(&wal->timeline_tree, seen->tli)))
            continue;
        text line = { 0 };
        forks_explain(all, seen, &wal->timeline_tree, &line);
        log_warning("%s", text_chars(&line));
        text_free(&line);
        is_doubtful = true;
    }
    return is_doubtful;
}

static void take_fact(void *context, const wp_fact *fact)
{
    reading *r = context;
    forks_note(&r->forks, fact);
    if (r->reader->reach != NULL)
        wal_reach_take(r->reader->reach, fact);
    const bool is_first = fact->kind == WP_FACT_FIRST_RECORD;
    const bool is_record = fact->kind == WP_FACT_TEXT || fact->kind == WP_FACT_TALLY
                           || fact->kind == WP_FACT_IMAGE || fact->kind == WP_FACT_STATS;
    if (fact->kind == WP_FACT_SEGMENT_END && r->looked_at == r->seen->ndamages)
        r->last_end = fact->lsn;
    const bool may_be_late = r->reader->miss != NULL && !is_record;
    if (is_first || is_record || may_be_late)
        tell_damages(r);
    /* Whole segments after the range: in its last one, facts do not quite rise. */
    if (is_first && r->range->to_lsn != 0 && fact->lsn > r->range->to_lsn)
        r->is_stopped = true;
    if ((is_record || r->reader->takes_all) && !r->is_stopped)
        r->is_stopped = !r->reader->take(r->reader->context, fact);
}

exit_code read_records(const question *q, const archive *wal, const record_reader *reader)
{
    scan_result seen;
    char message[MESSAGE_BYTES];
    reading r = {
        .reader = reader, .seen = &seen, .segment_size = wal->info.segment_size, .range = &q->range
    };
    record_reader each = *reader;
    const scan_config config = { .jobs = q->jobs,
                                 .show_progress = !isatty(STDOUT_FILENO),
                                 .callbacks = { .context = &r, .on_fact = take_fact },
                                 .stop = &r.is_stopped,
                                 .on_record = on_record,
                                 .record_context = &each };
    for (size_t i = 0; i < wal->nwarnings; i++)
        log_warning("%s", wal->warnings[i]);
    const scan_outcome outcome = scan_once(wal, &config, &seen, message);
    if (outcome == SCAN_FAILED)
        return result_trouble(message);
    tell_damages(&r);
    r.is_doubtful |= read_records_tell_forks(&r.forks, 0, wal);
    if (seen.ndamages > r.looked_at)
        log_warning("%zu more places could not be read", seen.ndamages - r.looked_at);
    const bool is_doubtful = r.is_doubtful || seen.ndamages > r.looked_at || wal->nconflicts > 0;
    return is_doubtful ? EXIT_DOUBT : EXIT_FOUND;
}
