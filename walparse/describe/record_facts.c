/*
 * record_facts.c - all that a single record says, each thing at its own LSN.
 *
 * The mapper makes facts for events: rows summed up over a stretch of WAL, and rows of catalogs taken apart. Here each record is for
 * itself.
 */
#include "decode/decode.h"
#include "decode/decode_heap.h"
#include "describe/filter.h"
#include "describe/tally.h"

/* Rows that come, change or go. False: the record is shorter than it says. */
static bool count_rows(const wpi_record *record, wpi_builder *out)
{
    const uint8_t op = record->info & WPI_HEAP_OP_MASK;
    const wpi_block *block = wpi_record_block(record, 0);
    int64_t inserted = 0, updated = 0, deleted = 0;
    bool is_good = true;
    if (block == NULL)
        return true;
    if (record->rmid == WP_RMGR_HEAP2) {
        if (op == WPI_HEAP2_MULTI_INSERT)
            is_good = wpi_count_multi_insert(record, &inserted);
    } else if (op == WPI_HEAP_DELETE) {
        is_good = wpi_count_delete(record, &deleted, &inserted);
    } else {
        inserted = op == WPI_HEAP_INSERT;
        updated = op == WPI_HEAP_UPDATE || op == WPI_HEAP_HOT_UPDATE;
    }
    if (!is_good || (inserted == 0 && updated == 0 && deleted == 0))
        return is_good;
    wp_fact_dml *fact = wpi_fact_add(out, WP_FACT_DML, sizeof *fact, record->lsn, record->xid);
    if (fact != NULL) {
        fact->locator = block->locator;
        fact->inserted = inserted;
        fact->updated = updated;
        fact->deleted = deleted;
    }
    return true;
}

static bool is_told_of_all(uint8_t rmid, uint8_t info)
{
    const uint8_t op = info & WPI_INFO_OP_MASK;
    if (rmid == WP_RMGR_XLOG)
        return op == WPI_XLOG_CHECKPOINT_SHUTDOWN || op == WPI_XLOG_CHECKPOINT_ONLINE
               || op == WPI_XLOG_END_OF_RECOVERY;
    return rmid == WP_RMGR_XACT || (rmid == WP_RMGR_STANDBY && op != WPI_STANDBY_LOCK);
}

/* Only of what is wanted or told of every record. Locks of records without a transaction id are those that are held, not those that are taken. */
static bool decode(const wpi_record *record, wpi_builder *out)
{
    switch (record->rmid) {
    case WP_RMGR_XACT:
        return wpi_decode_xact(record, out);
    case WP_RMGR_XLOG:
        return !is_told_of_all(record->rmid, record->info) || wpi_decode_xlog(record, out);
    case WP_RMGR_STANDBY:
        return (record->info & WPI_INFO_OP_MASK) == WPI_STANDBY_LOCK && record->xid == 0
                   ? true
                   : wpi_decode_standby(record, out);
    case WP_RMGR_HEAP:
        if ((record->info & WPI_HEAP_OP_MASK) == WPI_HEAP_TRUNCATE)
            return wpi_decode_heap_truncate(record, out);
        return count_rows(record, out);
    case WP_RMGR_HEAP2:
        return count_rows(record, out);
    case WP_RMGR_SMGR:
        return wpi_decode_smgr(record, out);
    case WP_RMGR_DATABASE:
        return wpi_decode_database(record, out);
    case WP_RMGR_TABLESPACE:
        return wpi_decode_tablespace(record, out);
    case WP_RMGR_RELMAP:
        return wpi_decode_relmap(record, out);
    case WP_RMGR_LOGICAL_MESSAGE:
        return wpi_decode_message(record, out);
    default:
        return true;
    }
}

/* One that is not wanted, for what is told of all. *is_there: the parts hold. */
static wp_status take_unwanted(const wp_record *record, wpi_record *parts, bool *is_there,
                               wp_facts *facts)
{
    const uint8_t *header = record->bytes.bytes;
    const bool is_told = is_told_of_all(wpi_record_rmid(header), wpi_record_info(header));
    *is_there = false;
    if (!is_told && !record->profile->has_toplevel_xid)
        return WP_OK;
    static const wp_record_filter all;
    return wpi_filter_take(&all, record, parts, is_there, facts);
}

wp_status wp_record_facts(const wp_record_filter *filter, const wp_record *record, wp_facts *facts)
{
    wpi_record parts;
    wpi_builder out = { .facts = facts, .tells_more = true };
    bool is_wanted, is_there = true;
    wp_status status = wpi_filter_take(filter, record, &parts, &is_wanted, facts);
    if (status >= 0 && is_wanted)
        status = wpi_tally_add(&parts, facts);
    else if (status >= 0)
        status = take_unwanted(record, &parts, &is_there, facts);
    if (status < 0 || !is_there)
        return status;
    wpi_add_toplevel(&parts, &out);
    const bool is_told = is_wanted || is_told_of_all(parts.rmid, parts.info);
    if (is_told && !decode(&parts, &out) && !out.out_of_memory)
        return wpi_filter_damage(record, WP_DAMAGE_PAYLOAD, facts);
    return out.out_of_memory ? WP_ERR_NOMEM : WP_OK;
}
