/*
 * decode_xlog.c - checkpoints, restore points, timeline changes and settings.
 *
 * Mirrors access/rmgrdesc/xlogdesc.c; layouts from catalog/pg_control.h and access/xlog_internal.h.
 */
#include <string.h>

#include "decode/decode.h"

/* Operations of the XLOG resource manager: catalog/pg_control.h. */
#define XLOG_BACKUP_END 0x50
#define XLOG_PARAMETER_CHANGE 0x60
#define XLOG_RESTORE_POINT 0x70
#define XLOG_FPW_CHANGE 0x80
#define XLOG_END_OF_RECOVERY 0x90

#define UNIX_SECONDS_2000 INT64_C(946684800)
#define USECS_PER_SEC INT64_C(1000000)

/* Checkpoints count Unix seconds, everything else microseconds since 2000. */
static wp_time time_from_unix(int64_t seconds)
{
    const int64_t limit = INT64_MAX / USECS_PER_SEC - UNIX_SECONDS_2000;
    if (seconds > limit || seconds < -limit)
        return WP_TIME_UNKNOWN;
    return (seconds - UNIX_SECONDS_2000) * USECS_PER_SEC;
}

/*
 * A copy of the CheckPoint struct with the writing server's alignment; 64-bit fields lie on
 * multiples of max_align:
 *
 *     u64 redo, u32 tli, u32 previous tli, u8 full_page_writes, [i32 wal_level], [u8 logical decoding],
 *     next xid: u64, or u32 epoch and u32 xid; u32 next oid, next multi, its offset (u32 or u64),
 *     oldest xid, its database, oldest multi, its database; i64 time;
 *     u32 oldest and newest commit timestamp xid, u32 oldest active xid, [u32 state of checksums]
 */
static bool decode_checkpoint(const wpi_record *record, uint8_t op, wpi_builder *out)
{
    const wp_profile *profile = record->profile;
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_lsn redo = wpi_take_u64(&c);
    const wp_tli tli = wpi_take_u32(&c);
    const wp_tli previous_tli = wpi_take_u32(&c);
    const uint8_t full_page_writes = wpi_take_u8(&c);
    wpi_align(&c, 4);
    if (profile->checkpoint_has_wal_level)
        (void)wpi_take_u32(&c);
    if (profile->checkpoint_has_logical)
        (void)wpi_take_u8(&c); /* what lies between it and the next xid is not cleared */

    uint32_t next_epoch;
    wp_xid next_xid;
    if (profile->checkpoint_full_next_xid) {
        wpi_align(&c, record->max_align);
        const uint64_t next_full_xid = wpi_take_u64(&c);
        next_epoch = (uint32_t)(next_full_xid >> 32);
        next_xid = (wp_xid)(next_full_xid & UINT32_MAX);
    } else {
        next_epoch = wpi_take_u32(&c);
        next_xid = wpi_take_u32(&c);
    }
    /* Next OID, next MultiXact and its offset; the oldest xid and MultiXact, with their databases. */
    (void)wpi_take(&c, (profile->checkpoint_has_logical ? 8 : 7) * sizeof(uint32_t));
    wpi_align(&c, record->max_align);
    const int64_t seconds = (int64_t)wpi_take_u64(&c);
    (void)wpi_take(&c, 2 * sizeof(uint32_t));
    const wp_xid oldest_active = wpi_take_u32(&c);
    if (c.overrun)
        return false;

    wp_fact_checkpoint *fact =
        wpi_fact_add(out, WP_FACT_CHECKPOINT, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->fact.op = op;
    fact->redo = redo;
    fact->time = time_from_unix(seconds);
    fact->tli = tli;
    fact->previous_tli = previous_tli;
    fact->next_xid = next_xid;
    fact->next_epoch = next_epoch;
    fact->oldest_active_xid = oldest_active;
    fact->full_page_writes = full_page_writes != 0;
    return true;
}

static bool decode_end_of_recovery(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_time time = (wp_time)wpi_take_u64(&c);
    const wp_tli tli = wpi_take_u32(&c);
    const wp_tli previous_tli = wpi_take_u32(&c);
    if (c.overrun)
        return false;
    wp_fact_checkpoint *fact =
        wpi_fact_add(out, WP_FACT_END_OF_RECOVERY, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->time = time;
    fact->tli = tli;
    fact->previous_tli = previous_tli;
    return true;
}

static bool decode_restore_point(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_time time = (wp_time)wpi_take_u64(&c);
    const uint8_t *name = wpi_take(&c, WP_NAME_BYTES);
    const uint8_t *nul = name ? memchr(name, 0, WP_NAME_BYTES) : NULL;
    if (!nul)
        return false;
    wp_fact_restore_point *fact =
        wpi_fact_add(out, WP_FACT_RESTORE_POINT, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->time = time;
    fact->end_lsn = record->end_lsn;
    memcpy(fact->name, name, (size_t)(nul - name));
    return true;
}

static bool decode_backup_end(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_lsn start = wpi_take_u64(&c);
    if (c.overrun)
        return false;
    wp_fact_backup_end *fact =
        wpi_fact_add(out, WP_FACT_BACKUP_END, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->start = start;
    fact->end_lsn = record->end_lsn;
    return true;
}

static bool decode_parameters(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wp_fact_parameters got = { .max_wal_senders = -1 };
    got.max_connections = (int32_t)wpi_take_u32(&c);
    got.max_worker_processes = (int32_t)wpi_take_u32(&c);
    if (record->profile->parameters_have_wal_senders)
        got.max_wal_senders = (int32_t)wpi_take_u32(&c);
    got.max_prepared_xacts = (int32_t)wpi_take_u32(&c);
    got.max_locks_per_xact = (int32_t)wpi_take_u32(&c);
    got.wal_level = (int32_t)wpi_take_u32(&c);
    got.wal_log_hints = wpi_take_u8(&c);
    got.track_commit_timestamp = wpi_take_u8(&c);
    if (c.overrun)
        return false;
    wp_fact_parameters *fact =
        wpi_fact_add(out, WP_FACT_PARAMETERS, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    got.fact = fact->fact;
    *fact = got;
    return true;
}

static bool decode_full_page_writes(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const bool is_on = wpi_take_u8(&c) != 0;
    if (c.overrun)
        return false;
    wp_fact_switch *fact =
        wpi_fact_add(out, WP_FACT_FULL_PAGE_WRITES, sizeof *fact, record->lsn, record->xid);
    if (fact)
        fact->fact.op = is_on;
    return true;
}

static bool decode_overwritten(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_lsn overwritten = wpi_take_u64(&c);
    const wp_time time = (wp_time)wpi_take_u64(&c);
    if (c.overrun)
        return false;
    wp_fact_overwritten *fact =
        wpi_fact_add(out, WP_FACT_OVERWRITTEN, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return true;
    fact->overwritten = overwritten;
    fact->time = time;
    return true;
}

bool wpi_decode_xlog(const wpi_record *record, wpi_builder *out)
{
    switch (record->info & WPI_INFO_OP_MASK) {
    case WPI_XLOG_CHECKPOINT_SHUTDOWN:
        return decode_checkpoint(record, 0, out);
    case WPI_XLOG_CHECKPOINT_ONLINE:
        return decode_checkpoint(record, 1, out);
    case XLOG_BACKUP_END:
        return decode_backup_end(record, out);
    case XLOG_PARAMETER_CHANGE:
        return decode_parameters(record, out);
    case XLOG_RESTORE_POINT:
        return decode_restore_point(record, out);
    case XLOG_FPW_CHANGE:
        return decode_full_page_writes(record, out);
    case XLOG_END_OF_RECOVERY:
        return decode_end_of_recovery(record, out);
    case WPI_XLOG_OVERWRITE_CONTRECORD:
        return decode_overwritten(record, out);
    default:
        return true;
    }
}
