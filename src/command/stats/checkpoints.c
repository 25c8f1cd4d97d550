/* checkpoints.c - see checkpoints.h. */
#include "command/stats/checkpoints.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/message.h"
#include "scan/scan.h"

#define USECS_PER_SEC INT64_C(1000000)

typedef struct gathering {
    checkpoints *out;
    bool is_stopped, has_no_memory;
} gathering;

static bool decode_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context;
    return wp_checkpoint_facts(record, facts) >= 0;
}

static void add(gathering *g, const wp_fact_checkpoint *fact)
{
    const checkpoint *before = g->out->count > 0 ? &g->out->items[g->out->count - 1] : NULL;
    if (fact->redo > fact->fact.lsn || (before != NULL && fact->redo <= before->redo))
        return;
    checkpoint *place = NULL;
    if (g->out->count < CHECKPOINTS_MAX)
        place = GROW(g->out->items, g->out->count, g->out->room);
    g->has_no_memory = place == NULL && g->out->count < CHECKPOINTS_MAX;
    g->is_stopped = place == NULL;
    if (place != NULL)
        *place = (checkpoint){ .redo = fact->redo,
                               .lsn = fact->fact.lsn,
                               .time = fact->time,
                               .is_online = fact->fact.op == 1 };
}

static void take_fact(void *context, const wp_fact *fact)
{
    gathering *g = context;
    if (fact->kind == WP_FACT_CHECKPOINT)
        add(g, (const void *)fact);
}

const checkpoint *checkpoints_of(const checkpoints *all, wp_lsn lsn)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (all->items[middle].redo <= lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &all->items[low - 1] : NULL;
}

static void open(checkpoint *at, wp_lsn from)
{
    if (at->open_from == 0)
        at->open_from = from;
}

/* What cannot be read may have the records of any number of checkpoints. */
static void open_at_damages(checkpoints *all, const scan_result *seen)
{
    size_t at = 0; /* records begin before the damage: so many */
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++) {
        while (at < all->count && all->items[at].lsn < seen->damages[i].from)
            at++;
        if (at > 0)
            open(&all->items[at - 1], seen->damages[i].from);
    }
    for (size_t i = at > 0 ? at - 1 : 0; seen->ndamages > SCAN_DAMAGES_MAX && i < all->count; i++)
        open(&all->items[i], all->items[i].lsn);
}

bool checkpoints_find(const archive *wal, unsigned jobs, checkpoints *out,
                      char message[MESSAGE_BYTES])
{
    gathering g = { .out = out };
    scan_result seen;
    const scan_config config = { .jobs = jobs,
                                 .show_progress = true,
                                 .callbacks = { .context = &g, .on_fact = take_fact },
                                 .stop = &g.is_stopped,
                                 .on_record = decode_record };
    const scan_outcome outcome = scan_once(wal, &config, &seen, message);
    if (outcome == SCAN_FAILED)
        return false;
    if (g.has_no_memory)
        return message_no_memory(message);
    if (g.is_stopped)
        return message_fail(message, "there are more than %zu checkpoints in this WAL",
                            CHECKPOINTS_MAX);
    open_at_damages(out, &seen);
    return true;
}

checkpoint_stretch checkpoints_stretch(const checkpoints *all, const checkpoint *from)
{
    const checkpoint *next = from + 1;
    checkpoint_stretch out = { 0 };
    if (from->open_from != 0 || next == all->items + all->count)
        return out;
    out.has_distance = true;
    out.distance = next->redo - from->redo;
    out.has_seconds =
        from->time != WP_TIME_UNKNOWN && next->time != WP_TIME_UNKNOWN && next->time >= from->time;
    if (out.has_seconds)
        out.seconds = (uint64_t)((next->time - from->time) / USECS_PER_SEC);
    return out;
}

void checkpoints_free(checkpoints *all)
{
    free(all->items);
    *all = (checkpoints){ 0 };
}
