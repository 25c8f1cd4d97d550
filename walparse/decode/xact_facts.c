/*
 * xact_facts.c - of a single record, what it says of transaction ids that belong together, of timelines and of
 * checkpoints.
 */
#include <walparse/dump.h>

#include "decode/decode.h"

/* With wal_level logical, the first record of a subtransaction names the transaction. */
void wpi_add_toplevel(const wpi_record *record, wpi_builder *out)
{
    if (record->toplevel_xid == 0)
        return;
    wp_fact_assignment *fact =
        wpi_fact_add(out, WP_FACT_ASSIGNMENT, sizeof *fact + sizeof fact->subxids[0], record->lsn,
                     record->toplevel_xid);
    if (!fact)
        return;
    fact->nsubxacts = 1;
    fact->subxids[0] = record->xid;
}

/* What a record of the manager XLOG says, if it is of one of two operations. */
static wp_status xlog_facts(const wp_record *record, uint8_t one, uint8_t other, wp_facts *facts)
{
    const uint8_t op = wpi_record_info(record->bytes.bytes) & WPI_INFO_OP_MASK;
    wpi_record parts;
    if (wpi_record_rmid(record->bytes.bytes) != WP_RMGR_XLOG || (op != one && op != other)
        || !wpi_record_of(record, &parts))
        return WP_OK;
    wpi_builder out = { .facts = facts };
    (void)wpi_decode_xlog(&parts, &out);
    return out.out_of_memory ? WP_ERR_NOMEM : WP_OK;
}

wp_status wp_timeline_facts(const wp_record *record, wp_facts *facts)
{
    return xlog_facts(record, WPI_XLOG_CHECKPOINT_SHUTDOWN, WPI_XLOG_END_OF_RECOVERY, facts);
}

wp_status wp_checkpoint_facts(const wp_record *record, wp_facts *facts)
{
    return xlog_facts(record, WPI_XLOG_CHECKPOINT_SHUTDOWN, WPI_XLOG_CHECKPOINT_ONLINE, facts);
}

wp_status wp_xact_facts(const wp_record *record, wp_facts *facts)
{
    const bool is_xact = wpi_record_rmid(record->bytes.bytes) == WP_RMGR_XACT;
    if (!is_xact && !record->profile->has_toplevel_xid)
        return WP_OK;
    wpi_record parts;
    if (!wpi_record_of(record, &parts))
        return WP_OK;
    wpi_builder out = { .facts = facts };
    wpi_add_toplevel(&parts, &out);
    if (is_xact)
        (void)wpi_decode_xact(&parts, &out);
    return out.out_of_memory ? WP_ERR_NOMEM : WP_OK;
}
