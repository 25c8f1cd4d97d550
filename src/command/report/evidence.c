/*
 * evidence.c - see evidence.h.
 *
 * Two passes: only when all records were met is it known which are the last ones. The second one takes their bytes, each into
 * a place of its own, on whichever thread.
 */
#include "command/report/evidence.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/message.h"
#include "scan/scan.h"

typedef struct gathering {
    evidence *out;
    wp_dump dump;
    bool is_failed;
} gathering;

/* The local zone, as dump has it. */
static void zone_at(void *context, int64_t unix_seconds, wp_zone *out)
{
    (void)context;
    const time_t moment = (time_t)unix_seconds;
    struct tm local;
    if (localtime_r(&moment, &local) == NULL)
        return;
    out->offset = (int32_t)local.tm_gmtoff;
    const size_t len = strnlen(local.tm_zone, sizeof out->abbreviation - 1);
    memcpy(out->abbreviation, local.tm_zone, len);
    out->abbreviation[len] = '\0';
}

/* ---- which ---------------------------------------------------------------------------------- */

static bool write_line(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_dump_record(context, record, facts) >= 0;
}

/* After the first ones, the last ones are a ring. */
static evidence_record *slot_of(evidence *e)
{
    const size_t most = EVIDENCE_FIRST + EVIDENCE_LAST;
    const uint64_t number = e->total++;
    if (number >= most) {
        evidence_record *slot =
            &e->items[EVIDENCE_FIRST + (number - EVIDENCE_FIRST) % EVIDENCE_LAST];
        free(slot->line);
        return slot;
    }
    return &e->items[e->count++];
}

static void take_line(void *context, const wp_fact *fact)
{
    gathering *g = context;
    if (fact->kind != WP_FACT_TEXT)
        return;
    const wp_fact_text *line = (const void *)fact;
    const size_t len = line->text_bytes > 0 ? (size_t)line->text_bytes - 1 : 0; /* its newline */
    evidence_record *slot = slot_of(g->out);
    *slot = (evidence_record){ .lsn = fact->lsn, .xid = fact->xid };
    slot->line = strndup((const char *)(line + 1), len);
    g->is_failed |= slot->line == NULL;
}

static int by_lsn(const void *a, const void *b)
{
    const wp_lsn x = ((const evidence_record *)a)->lsn, y = ((const evidence_record *)b)->lsn;
    return (x > y) - (x < y);
}

/* ---- their bytes ---------------------------------------------------------------------------- */

static bool take_bytes(void *context, const wp_record *record, wp_facts *facts)
{
    evidence *e = context;
    const evidence_record key = { .lsn = record->lsn };
    evidence_record *it = bsearch(&key, e->items, e->count, sizeof *e->items, by_lsn);
    (void)facts;
    if (it == NULL)
        return true;
    it->bytes_total = (uint32_t)record->bytes.len;
    it->nbytes = it->bytes_total < EVIDENCE_BYTES ? it->bytes_total : EVIDENCE_BYTES;
    memcpy(it->bytes, record->bytes.bytes, it->nbytes);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The segments in which records of that range begin, and the next one, in which the last of them may go on. */
static archive part_of(const archive *wal, wp_lsn from, wp_lsn until)
{
    archive part = *wal;
    while (part.nsegments > 1 && part.segments[1].start_lsn <= from) {
        part.segments++;
        part.nsegments--;
    }
    size_t n = 0;
    while (n < part.nsegments && (until == 0 || part.segments[n].start_lsn <= until))
        n++;
    if (n < part.nsegments)
        part.nsegments = n + 1;
    return part;
}

static bool pass(const archive *wal, const scan_config *config, char message[MESSAGE_BYTES])
{
    scan_result seen;
    return scan_once(wal, config, &seen, message) != SCAN_FAILED;
}

static void place(const archive *wal, evidence_record *one)
{
    const archive_segment *segment = archive_segment_of(wal, one->lsn);
    if (segment == NULL)
        return;
    one->path = segment->path;
    one->offset = one->lsn - segment->start_lsn;
}

bool evidence_find(const archive *wal, unsigned jobs, const wp_record_filter *wanted, evidence *out,
                   char message[MESSAGE_BYTES])
{
    const archive part = part_of(wal, wanted->from_lsn, wanted->to_lsn);
    gathering g = { .out = out,
                    .dump = { .format = WP_DUMP_LINES,
                              .block_size = wal->block_size,
                              .filter = *wanted,
                              .zone_at = zone_at } };
    const scan_config lines = { .jobs = jobs,
                                .callbacks = { .context = &g, .on_fact = take_line },
                                .on_record = write_line,
                                .record_context = &g.dump };
    const scan_config bytes = { .jobs = jobs, .on_record = take_bytes, .record_context = out };
    out->items = calloc(EVIDENCE_FIRST + EVIDENCE_LAST, sizeof *out->items);
    tzset();
    if (out->items == NULL || !pass(&part, &lines, message) || g.is_failed)
        return (out->items != NULL && !g.is_failed) ? false : message_no_memory(message);
    qsort(out->items, out->count, sizeof *out->items, by_lsn);
    for (size_t i = 0; i < out->count; i++)
        place(wal, &out->items[i]);
    return pass(&part, &bytes, message);
}

void evidence_free(evidence *e)
{
    for (size_t i = 0; i < e->count; i++)
        free(e->items[i].line);
    free(e->items);
    *e = (evidence){ 0 };
}
