/*
 * xact_facts.c - of a single record, what it says of transaction ids that belong together.
 */
#include <walparse/dump.h>

#include "decode/decode.h"

/* With wal_level logical, the first record of a subtransaction names the transaction. */
static void add_toplevel(const wpi_record *record, wpi_builder *out)
{
    wp_fact_assignment *fact =
        wpi_fact_add(out, WP_FACT_ASSIGNMENT, sizeof *fact + sizeof fact->subxids[0], record->lsn,
                     record->toplevel_xid);
    if (!fact)
        return;
    fact->nsubxacts = 1;
    fact->subxids[0] = record->xid;
}

wp_status wp_xact_facts(const wp_record *record, wp_facts *facts)
{
    const bool is_xact = wpi_record_rmid(record->bytes.bytes) == WP_RMGR_XACT;
    if (!is_xact && !record->profile->has_toplevel_xid)
        return WP_OK;
    wpi_record parts;
    parts.profile = record->profile;
    parts.lsn = record->lsn;
    parts.end_lsn = record->end_lsn;
    parts.max_align = record->max_align;
    if (!wpi_record_decode(record->bytes, &parts))
        return WP_OK;
    wpi_builder out = { .facts = facts };
    if (parts.toplevel_xid != 0)
        add_toplevel(&parts, &out);
    if (is_xact)
        (void)wpi_decode_xact(&parts, &out);
    return out.out_of_memory ? WP_ERR_NOMEM : WP_OK;
}
