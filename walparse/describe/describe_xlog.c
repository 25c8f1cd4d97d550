/*
 * describe_xlog.c - checkpoints, settings, page images and what else the WAL says of itself. Mirrors
 * access/rmgrdesc/xlogdesc.c, xlog_desc; layouts from catalog/pg_control.h and access/xlog_internal.h.
 */
#include "base/cursor.h"
#include "describe/checksums.h"
#include "describe/ops.h"

#define CHECKPOINT_SHUTDOWN 0x00
#define RESTORE_POINT_NAME_BYTES 64 /* MAXFNAMELEN */

/* `before` a number, and `between` before its name: "; tli 1". */
static void put_number(wpi_text *out, const char *before, uint64_t number)
{
    wpi_put(out, before);
    wpi_put_u64(out, number);
}

static const char *wal_level_name(const wp_profile *profile, uint32_t level)
{
    static const char *const names_95[] = { "minimal", "archive", "hot_standby", "logical" };
    static const char *const names[] = { "minimal", "replica", "logical" };
    if (profile->dump.has_words_of_9_5)
        return level < sizeof names_95 / sizeof *names_95 ? names_95[level] : "?";
    return level < sizeof names / sizeof *names ? names[level] : "?";
}

/* decode_xlog.c draws the layout. */
static bool describe_checkpoint(const wpi_record *record, wpi_text *out)
{
    const wp_profile *profile = record->profile;
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put(out, "redo ");
    wpi_put_lsn_of(out, profile, wpi_take_u64(&c));
    put_number(out, "; tli ", wpi_take_u32(&c));
    put_number(out, "; prev tli ", wpi_take_u32(&c));
    wpi_put(out, "; fpw ");
    wpi_put_bool(out, wpi_take_u8(&c) != 0);
    wpi_align(&c, 4);
    if (profile->checkpoint_has_wal_level) {
        wpi_put(out, "; wal_level ");
        wpi_put(out, wal_level_name(profile, wpi_take_u32(&c)));
    }
    if (profile->checkpoint_has_logical) {
        wpi_put(out, "; logical decoding ");
        wpi_put_bool(out, wpi_take_u8(&c) != 0);
    }

    uint32_t epoch, next_xid;
    if (profile->checkpoint_full_next_xid) {
        wpi_align(&c, record->max_align);
        const uint64_t next_full_xid = wpi_take_u64(&c);
        epoch = (uint32_t)(next_full_xid >> 32);
        next_xid = (uint32_t)(next_full_xid & UINT32_MAX);
    } else {
        epoch = wpi_take_u32(&c);
        next_xid = wpi_take_u32(&c);
    }
    put_number(out, "; xid ", epoch);
    wpi_put_char(out, profile->dump.has_words_of_9_5 ? '/' : ':');
    wpi_put_u32(out, next_xid);
    put_number(out, "; oid ", wpi_take_u32(&c));
    put_number(out, "; multi ", wpi_take_u32(&c));
    put_number(out, "; offset ",
               profile->checkpoint_has_logical ? wpi_take_u64(&c) : wpi_take_u32(&c));
    put_number(out, "; oldest xid ", wpi_take_u32(&c));
    put_number(out, " in DB ", wpi_take_u32(&c));
    put_number(out, "; oldest multi ", wpi_take_u32(&c));
    put_number(out, " in DB ", wpi_take_u32(&c));
    wpi_align(&c, record->max_align);
    (void)wpi_take_u64(&c); /* its time */
    put_number(out, "; oldest/newest commit timestamp xid: ", wpi_take_u32(&c));
    put_number(out, "/", wpi_take_u32(&c));
    put_number(out, "; oldest running xid ", wpi_take_u32(&c));
    if (profile->dump.tells_checksums) {
        wpi_put(out, "; checksums ");
        wpi_put(out, wpi_checksums_name(wpi_take_u32(&c)));
    }
    const bool is_shutdown = (record->info & WPI_INFO_OP_MASK) == CHECKPOINT_SHUTDOWN;
    wpi_put(out, is_shutdown ? "; shutdown" : "; online");
    return !c.overrun;
}

static bool describe_nextoid(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put_u32(out, wpi_take_u32(&c));
    return !c.overrun;
}

static bool describe_backup_end(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put_lsn_of(out, record->profile, wpi_take_u64(&c));
    return !c.overrun;
}

static void put_setting(wpi_text *out, const char *before, wpi_cursor *c)
{
    wpi_put(out, before);
    wpi_put_i32(out, (int32_t)wpi_take_u32(c));
}

static bool describe_parameter_change(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    put_setting(out, "max_connections=", &c);
    put_setting(out, " max_worker_processes=", &c);
    if (record->profile->parameters_have_wal_senders)
        put_setting(out, " max_wal_senders=", &c);
    put_setting(out, " max_prepared_xacts=", &c);
    put_setting(out, " max_locks_per_xact=", &c);
    wpi_put(out, " wal_level=");
    wpi_put(out, wal_level_name(record->profile, wpi_take_u32(&c)));
    wpi_put(out, " wal_log_hints=");
    wpi_put(out, wpi_take_u8(&c) ? "on" : "off");
    wpi_put(out, " track_commit_timestamp=");
    wpi_put(out, wpi_take_u8(&c) ? "on" : "off");
    return !c.overrun;
}

static bool describe_restore_point(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    (void)wpi_take_u64(&c); /* its time */
    const uint8_t *name = wpi_take(&c, RESTORE_POINT_NAME_BYTES);
    const uint8_t *nul = name ? memchr(name, 0, RESTORE_POINT_NAME_BYTES) : NULL;
    if (!nul)
        return false;
    wpi_put_bytes(out, name, (size_t)(nul - name));
    return true;
}

static bool describe_switch(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put_bool(out, wpi_take_u8(&c) != 0);
    return !c.overrun;
}

static bool describe_end_of_recovery(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_time time = (wp_time)wpi_take_u64(&c);
    put_number(out, "tli ", wpi_take_u32(&c));
    put_number(out, "; prev tli ", wpi_take_u32(&c));
    wpi_put(out, "; time ");
    wpi_put_time(out, time);
    if (record->profile->end_of_recovery_has_wal_level) {
        wpi_put(out, "; wal_level ");
        wpi_put(out, wal_level_name(record->profile, wpi_take_u32(&c)));
    }
    return !c.overrun;
}

static bool describe_overwrite_contrecord(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put(out, "lsn ");
    wpi_put_lsn_of(out, record->profile, wpi_take_u64(&c));
    wpi_put(out, "; time ");
    wpi_put_time(out, (wp_time)wpi_take_u64(&c));
    return !c.overrun;
}

static bool describe_checkpoint_redo(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put(out, "wal_level ");
    wpi_put(out, wal_level_name(record->profile, wpi_take_u32(&c)));
    if (record->profile->dump.tells_checksums) {
        wpi_put(out, "; checksums ");
        wpi_put(out, wpi_checksums_name(wpi_take_u32(&c)));
    }
    return !c.overrun;
}

// clang-format off
static const wpi_op ops[] = {
    { OP(0xA0, ALWAYS, FOREVER, "FPI_FOR_HINT") },
    { OP(0xB0, ALWAYS, FOREVER, "FPI") },
    { OP(CHECKPOINT_SHUTDOWN, ALWAYS, FOREVER, "CHECKPOINT_SHUTDOWN"), REST(describe_checkpoint) },
    { OP(0x10, ALWAYS, FOREVER, "CHECKPOINT_ONLINE"), REST(describe_checkpoint) },
    { OP(0x20, ALWAYS, FOREVER, "NOOP") },
    { OP(0x30, ALWAYS, FOREVER, "NEXTOID"), REST(describe_nextoid) },
    { OP(0x40, ALWAYS, FOREVER, "SWITCH") },
    { OP(0x50, ALWAYS, FOREVER, "BACKUP_END"), REST(describe_backup_end) },
    { OP(0x60, ALWAYS, FOREVER, "PARAMETER_CHANGE"), REST(describe_parameter_change) },
    { OP(0x70, ALWAYS, FOREVER, "RESTORE_POINT"), REST(describe_restore_point) },
    { OP(0x80, ALWAYS, FOREVER, "FPW_CHANGE"), REST(describe_switch) },
    { OP(0x90, ALWAYS, FOREVER, "END_OF_RECOVERY"), REST(describe_end_of_recovery) },
    { OP(0xC0, ALWAYS, 1200, "FPI_MULTI") }, /* by minor releases of 2019 */
    { OP(0xC0, 1900, FOREVER, "ASSIGN_LSN") },
    /* Minor releases of 2021 brought it to all majors but 9.5. */
    { OP(0xD0, 906, FOREVER, "OVERWRITE_CONTRECORD"), REST(describe_overwrite_contrecord) },
    { OP(0xE0, 1700, FOREVER, "CHECKPOINT_REDO"), REST(describe_checkpoint_redo) },
    { OP(0xF0, 1900, FOREVER, "LOGICAL_DECODING_STATUS_CHANGE"), REST(describe_switch) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, xlog, WPI_INFO_OP_MASK)
