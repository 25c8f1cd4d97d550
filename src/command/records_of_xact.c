/* records_of_xact.c - see records_of_xact.h. */
#include "command/records_of_xact.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/message.h"
#include "scan/scan.h"

typedef struct gathering {
    records_of_xact *out;
    wp_xid xid;
    wp_record_filter own; /* records that bear its id */
    bool is_failed;       /* memory is out */
    bool is_seen;         /* a record of it is */
    bool has_subxacts;    /* all are known, or it is one itself */
    bool is_fetched;      /* the WAL is: then its end will do */
    bool is_done;         /* nothing more is to be read */
} gathering;

static void add_xids(gathering *g, const wp_xid *xids, size_t n)
{
    records_of_xact *out = g->out;
    for (size_t i = 0; i < n && !g->is_failed; i++) {
        wp_xid *place = GROW(out->xids, out->nxids, out->xids_room);
        g->is_failed = place == NULL;
        if (place != NULL)
            *place = xids[i];
    }
}

static void add_lsn(gathering *g, wp_lsn lsn)
{
    records_of_xact *out = g->out;
    wp_lsn *place = g->is_failed ? NULL : GROW(out->lsns, out->nlsns, out->lsns_room);
    g->is_failed = place == NULL;
    if (place != NULL)
        *place = lsn;
}

static bool decode_record(void *context, const wp_record *record, wp_facts *facts)
{
    const gathering *g = context;
    return wp_xact_facts(record, facts) >= 0 && wp_tally_record(&g->own, record, facts) >= 0;
}

/* Is it named as a subtransaction of another one? */
static void look_for_it(gathering *g, const wp_xid *xids, size_t n)
{
    for (size_t i = 0; !g->has_subxacts && i < n; i++)
        g->has_subxacts = xids[i] == g->xid;
}

static void take_other(gathering *g, const wp_fact *fact)
{
    if (fact->kind == WP_FACT_XACT_END || fact->kind == WP_FACT_PREPARE) {
        const wp_fact_xact *end = (const void *)fact;
        look_for_it(g, wp_fact_xact_subxids(end), end->nsubxacts);
    } else if (fact->kind == WP_FACT_ASSIGNMENT) {
        const wp_fact_assignment *assignment = (const void *)fact;
        look_for_it(g, assignment->subxids, assignment->nsubxacts);
    }
    g->is_done |= g->is_fetched && g->has_subxacts;
}

static void take_own(gathering *g, const wp_fact *fact)
{
    if (fact->kind == WP_FACT_XACT_END || fact->kind == WP_FACT_PREPARE) {
        const wp_fact_xact *end = (const void *)fact;
        add_xids(g, wp_fact_xact_subxids(end), end->nsubxacts);
        g->has_subxacts = true;
        g->is_done |= g->is_fetched && fact->kind == WP_FACT_XACT_END;
        if (fact->kind == WP_FACT_XACT_END
            && (fact->op == WP_XACT_COMMIT_PREPARED || fact->op == WP_XACT_ABORT_PREPARED))
            add_lsn(g, fact->lsn);
    } else if (fact->kind == WP_FACT_ASSIGNMENT) {
        const wp_fact_assignment *assignment = (const void *)fact;
        add_xids(g, assignment->subxids, assignment->nsubxacts);
    }
}

static void take_fact(void *context, const wp_fact *fact)
{
    gathering *g = context;
    if (fact->kind == WP_FACT_TALLY)
        g->is_seen |= fact->xid == g->xid; /* times of other commits come along */
    else if (fact->xid == g->xid)
        take_own(g, fact);
    else
        take_other(g, fact);
    g->is_done |= g->is_failed;
}

static int compare_xids(const void *a, const void *b)
{
    const wp_xid x = *(const wp_xid *)a, y = *(const wp_xid *)b;
    return (x > y) - (x < y);
}

static void sort_xids(records_of_xact *out)
{
    qsort(out->xids, out->nxids, sizeof *out->xids, compare_xids);
    size_t kept = 0;
    for (size_t i = 0; i < out->nxids; i++)
        if (kept == 0 || out->xids[kept - 1] != out->xids[i])
            out->xids[kept++] = out->xids[i];
    out->nxids = kept;
}

bool records_of_xact_find(const archive *wal, wp_xid xid, unsigned jobs, records_of_xact *out,
                          char message[MESSAGE_BYTES])
{
    gathering g = { .out = out,
                    .xid = xid,
                    .own = { .xids = &xid, .nxids = 1 },
                    .is_fetched = wal->segment_fetcher != NULL };
    scan_result seen;
    const scan_config config = { .jobs = jobs,
                                 .show_progress = true,
                                 .callbacks = { .context = &g, .on_fact = take_fact },
                                 .stop = &g.is_done,
                                 .on_record = decode_record,
                                 .record_context = &g };
    add_xids(&g, &xid, 1);
    scan *s = scan_new(wal, NULL);
    if (s == NULL)
        return message_no_memory(message);
    const scan_outcome outcome = scan_run(s, &config, &seen, message);
    scan_free(s);
    if (outcome == SCAN_FAILED)
        return false;
    if (g.is_failed)
        return message_no_memory(message);
    sort_xids(out);
    out->is_open = g.is_seen && !g.has_subxacts;
    return true;
}

void records_of_xact_free(records_of_xact *records)
{
    free(records->xids);
    free(records->lsns);
    *records = (records_of_xact){ 0 };
}
