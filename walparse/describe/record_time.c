/* record_time.c - see record_time.h. Layouts from access/xact.h, access/xlog_internal.h and access/transam/twophase.c. */
#include "describe/record_time.h"

#include "decode/decode.h"

#define XLOG_RESTORE_POINT 0x70
#define NO_TIME SIZE_MAX

/* Where in the main data of a record other than a checkpoint's the time lies. */
static size_t place_of_time(const wpi_record *record)
{
    if (record->rmid == WP_RMGR_XACT)
        switch (record->info & WPI_XACT_OP_MASK) {
        case WPI_XACT_COMMIT:
        case WPI_XACT_COMMIT_PREPARED:
        case WPI_XACT_ABORT:
        case WPI_XACT_ABORT_PREPARED:
            return 0;
        case WPI_XACT_PREPARE:
            return 16; /* u32 magic, u32 length, u32 xid, u32 database */
        default:
            return NO_TIME;
        }
    if (record->rmid == WP_RMGR_XLOG)
        switch (record->info & WPI_INFO_OP_MASK) {
        case XLOG_RESTORE_POINT:
        case WPI_XLOG_END_OF_RECOVERY:
            return 0;
        case WPI_XLOG_OVERWRITE_CONTRECORD:
            return 8; /* u64 LSN */
        default:
            return NO_TIME;
        }
    return NO_TIME;
}

static wp_time checkpoint_time(const wpi_record *record)
{
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    size_t pos = 0;
    (void)wpi_decode_xlog(record, &out);
    const wp_fact *fact = wp_facts_next(&facts, &pos);
    const bool is_told = fact != NULL && fact->kind == WP_FACT_CHECKPOINT;
    const wp_time time =
        is_told ? ((const wp_fact_checkpoint *)(const void *)fact)->time : WP_TIME_UNKNOWN;
    wp_facts_free(&facts);
    return time;
}

wp_time wpi_record_time(const wpi_record *record)
{
    const uint8_t op = record->info & WPI_INFO_OP_MASK;
    if (record->rmid == WP_RMGR_XLOG
        && (op == WPI_XLOG_CHECKPOINT_SHUTDOWN || op == WPI_XLOG_CHECKPOINT_ONLINE))
        return checkpoint_time(record);
    const size_t at = place_of_time(record);
    return at != NO_TIME && record->main.len >= at + 8 ? (wp_time)wpi_u64(record->main.bytes + at)
                                                       : WP_TIME_UNKNOWN;
}
