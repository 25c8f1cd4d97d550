/*
 * last_records.c - see last_records.h.
 *
 * A segment can be read forwards only. So the last few are read, and if they do not have enough, four times as many.
 */
#include "command/dump/last_records.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "scan/scan.h"

#define FIRST_SEGMENTS 2 /* the newest may have hardly any record */
#define WIDER 4

/* The starts of the last records. */
typedef struct ring {
    wp_lsn *lsns;
    size_t room, size; /* size: of those that are wanted */
    uint64_t seen;
    bool is_failed; /* memory is out */
} ring;

static bool has_room(ring *r)
{
    if (r->seen < r->room || r->room == r->size)
        return true;
    size_t room = r->room < 1024 ? 1024 : 2 * r->room;
    room = room < r->size ? room : r->size;
    wp_lsn *lsns = realloc(r->lsns, room * sizeof *lsns);
    if (lsns == NULL)
        return false;
    r->lsns = lsns;
    r->room = room;
    return true;
}

static void take_fact(void *context, const wp_fact *fact)
{
    ring *r = context;
    if (fact->kind != WP_FACT_TEXT || r->is_failed)
        return;
    r->is_failed = !has_room(r);
    if (!r->is_failed)
        r->lsns[r->seen++ % r->size] = fact->lsn;
}

static bool dump_record(void *context, const wp_record *record, wp_facts *facts)
{
    return wp_dump_record(context, record, facts) >= 0;
}

/* The segments from the n-th on. */
static archive tail_of(const archive *wal, size_t n)
{
    archive tail = *wal;
    tail.segments += n;
    tail.nsegments -= n;
    return tail;
}

static bool fill(const archive *wal, const wp_dump *what, unsigned jobs, ring *r,
                 char message[MESSAGE_BYTES])
{
    scan_result seen;
    wp_dump lines = *what;
    lines.with_images = false;
    lines.name_file = NULL;
    const scan_config config = { .jobs = jobs,
                                 .show_progress = !isatty(STDOUT_FILENO),
                                 .callbacks = { .context = r, .on_fact = take_fact },
                                 .stop = &r->is_failed,
                                 .on_record = dump_record,
                                 .record_context = &lines };
    r->seen = 0;
    const scan_outcome outcome = scan_once(wal, &config, &seen, message);
    return r->is_failed ? message_no_memory(message) : outcome != SCAN_FAILED;
}

/* Of the segments of LSNs from that one on; the one before it is looked at for a gap between them. */
static size_t segment_before(const archive *wal, wp_lsn lsn)
{
    size_t n = 0;
    while (n + 1 < wal->nsegments && wal->segments[n + 1].start_lsn <= lsn)
        n++;
    return n > 0 ? n - 1 : 0;
}

bool last_records_find(const archive *wal, const wp_dump *what, uint64_t count, unsigned jobs,
                       last_records *out, char message[MESSAGE_BYTES])
{
    ring r = { .size = (size_t)count };
    bool is_good = true;
    *out = (last_records){ .wal = *wal };
    /* Of what a command fetches nobody knows where it ends before it does. */
    size_t width = wal->remote != NULL ? wal->nsegments : FIRST_SEGMENTS;
    for (size_t first = wal->nsegments; is_good && first > 0 && r.seen < count; width *= WIDER) {
        first = width < wal->nsegments ? wal->nsegments - width : 0;
        const archive tail = tail_of(wal, first);
        is_good = fill(&tail, what, jobs, &r, message);
    }
    if (is_good && r.seen > 0) {
        out->last = r.lsns[(r.seen - 1) % r.size];
        out->first = r.lsns[r.seen > r.size ? r.seen % r.size : 0];
    }
    if (r.seen >= count && wal->remote == NULL)
        out->wal = tail_of(wal, segment_before(wal, out->first));
    free(r.lsns);
    return is_good;
}
