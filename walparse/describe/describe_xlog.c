/*
 * describe_xlog.c - checkpoints, settings, page images and what else the WAL says of itself. Mirrors
 * access/rmgrdesc/xlogdesc.c, xlog_desc; layouts from catalog/pg_control.h and access/xlog_internal.h.
 */
#include "base/cursor.h"
#include "describe/checksums.h"
#include "describe/describe.h"

#define CHECKPOINT_SHUTDOWN 0x00
#define CHECKPOINT_ONLINE 0x10
#define NOOP 0x20
#define NEXTOID 0x30
#define SWITCH 0x40
#define BACKUP_END 0x50
#define PARAMETER_CHANGE 0x60
#define RESTORE_POINT 0x70
#define FPW_CHANGE 0x80
#define END_OF_RECOVERY 0x90
#define FPI_FOR_HINT 0xA0
#define FPI 0xB0
#define FPI_MULTI 0xC0  /* 9.5 to 11, by minor releases of 2019 */
#define ASSIGN_LSN 0xC0 /* 19 */
#define OVERWRITE_CONTRECORD 0xD0
#define CHECKPOINT_REDO 0xE0
#define LOGICAL_DECODING_STATUS_CHANGE 0xF0

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

typedef struct operation {
    uint16_t first, last; /* majors that have it */
    const char *name;
    wpi_describer describe; /* NULL: nothing follows the name */
} operation;

static const operation operations[] = {
    [CHECKPOINT_SHUTDOWN >> 4] = { 905, UINT16_MAX, "CHECKPOINT_SHUTDOWN", describe_checkpoint },
    [CHECKPOINT_ONLINE >> 4] = { 905, UINT16_MAX, "CHECKPOINT_ONLINE", describe_checkpoint },
    [NOOP >> 4] = { 905, UINT16_MAX, "NOOP", NULL },
    [NEXTOID >> 4] = { 905, UINT16_MAX, "NEXTOID", describe_nextoid },
    [SWITCH >> 4] = { 905, UINT16_MAX, "SWITCH", NULL },
    [BACKUP_END >> 4] = { 905, UINT16_MAX, "BACKUP_END", describe_backup_end },
    [PARAMETER_CHANGE >> 4] = { 905, UINT16_MAX, "PARAMETER_CHANGE", describe_parameter_change },
    [RESTORE_POINT >> 4] = { 905, UINT16_MAX, "RESTORE_POINT", describe_restore_point },
    [FPW_CHANGE >> 4] = { 905, UINT16_MAX, "FPW_CHANGE", describe_switch },
    [END_OF_RECOVERY >> 4] = { 905, UINT16_MAX, "END_OF_RECOVERY", describe_end_of_recovery },
    [FPI_FOR_HINT >> 4] = { 905, UINT16_MAX, "FPI_FOR_HINT", NULL },
    [FPI >> 4] = { 905, UINT16_MAX, "FPI", NULL },
    [ASSIGN_LSN >> 4] = { 1900, UINT16_MAX, "ASSIGN_LSN", NULL },
    /* Minor releases of 2021 brought it to all majors but 9.5. */
    [OVERWRITE_CONTRECORD >> 4] = { 906, UINT16_MAX, "OVERWRITE_CONTRECORD",
                                    describe_overwrite_contrecord },
    [CHECKPOINT_REDO >> 4] = { 1700, UINT16_MAX, "CHECKPOINT_REDO", describe_checkpoint_redo },
    [LOGICAL_DECODING_STATUS_CHANGE >> 4] = { 1900, UINT16_MAX, "LOGICAL_DECODING_STATUS_CHANGE",
                                              describe_switch },
};

static const operation fpi_multi = { 905, 1100, "FPI_MULTI", NULL };

/* NULL: the major has none of that number. */
static const operation *operation_of(const wp_profile *profile, uint8_t info)
{
    const operation *op = &operations[info >> 4];
    if ((info & WPI_INFO_OP_MASK) == FPI_MULTI && profile->version <= fpi_multi.last)
        op = &fpi_multi;
    return profile->version >= op->first && profile->version <= op->last ? op : NULL;
}

bool wpi_describe_xlog(const wpi_record *record, wpi_text *out)
{
    const operation *op = operation_of(record->profile, record->info);
    return !op || !op->describe || op->describe(record, out);
}

const char *wpi_identify_xlog(const wp_profile *profile, uint8_t info)
{
    const operation *op = operation_of(profile, info);
    return op ? op->name : NULL;
}
