/* records_of_xact.c - see records_of_xact.h. */
#include "command/records_of_xact.h"

#include "base/message.h"
#include "command/record_pass.h"

typedef struct gathering {
    possible_parts *possible;
    bool is_done; /* nothing more is to be read */
} gathering;

static void take_fact(void *context, const wp_fact *fact)
{
    gathering *g = context;
    possible_parts_take(g->possible, fact);
    g->is_done =
        g->possible->is_failed || (g->possible->is_over && fact->kind == WP_FACT_SEGMENT_END);
}

static bool find_possible_parts(const archive *wal, unsigned jobs, records_of_xact *out,
                                char message[MESSAGE_BYTES])
{
    gathering g = { .possible = &out->possible };
    const wp_record_filter filter = family_filter(&out->family);
    const record_pass pass = { .wal = wal,
                               .jobs = jobs,
                               .filter = &filter,
                               .take = take_fact,
                               .context = &g,
                               .stop = &g.is_done };
    out->possible.of = &out->family;
    if (!record_pass_run(&pass, message))
        return false;
    if (out->possible.is_failed)
        return message_no_memory(message);
    if (out->possible.is_seen)
        return possible_parts_weigh(&out->possible, wal, jobs, message);
    possible_parts_free(&out->possible);
    return true;
}

bool records_of_xact_find(const archive *wal, wp_xid xid, unsigned jobs, records_of_xact *out,
                          char message[MESSAGE_BYTES])
{
    const family *of = &out->family;
    if (!family_find(wal, xid, jobs, &out->family, message)
        || !find_possible_parts(wal, jobs, out, message))
        return false;
    out->is_open =
        out->possible.is_seen && !of->has_end && of->prepare_lsn == 0 && of->lost_lsn == 0;
    return true;
}

void records_of_xact_narrow(const records_of_xact *records, wp_record_filter *wanted)
{
    const wp_record_filter own = family_filter(&records->family);
    wanted->xids = own.xids;
    wanted->nxids = own.nxids;
    wanted->lsns = own.lsns;
    wanted->nlsns = own.nlsns;
    if (own.to_lsn != 0 && (wanted->to_lsn == 0 || own.to_lsn < wanted->to_lsn))
        wanted->to_lsn = own.to_lsn;
}

void records_of_xact_free(records_of_xact *records)
{
    possible_parts_free(&records->possible);
    family_free(&records->family);
    *records = (records_of_xact){ 0 };
}
