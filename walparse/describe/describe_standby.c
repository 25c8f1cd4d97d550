/*
 * describe_standby.c - locks, running transactions and invalidations that standbys replay. Mirrors
 * access/rmgrdesc/standbydesc.c; layouts from storage/standbydefs.h.
 */
#include "base/cursor.h"
#include "describe/describe.h"
#include "describe/inval.h"

#define LOCK 0x00
#define RUNNING_XACTS 0x10
#define INVALIDATIONS 0x20 /* 9.6 on */

#define LOCK_BYTES 12

/* i32 count, { u32 xid, database, relation } each. */
static bool describe_lock(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    uint32_t count;
    const uint8_t *lock = wpi_take_array(&c, LOCK_BYTES, &count);
    for (uint32_t i = 0; i < count; i++, lock += LOCK_BYTES) {
        wpi_put(out, "xid ");
        wpi_put_u32(out, wpi_u32(lock));
        wpi_put(out, " db ");
        wpi_put_u32(out, wpi_u32(lock + 4));
        wpi_put(out, " rel ");
        wpi_put_u32(out, wpi_u32(lock + 8));
        wpi_put_char(out, ' ');
    }
    return !c.overrun;
}

static void put_xids(wpi_text *out, const char *title, wpi_cursor *c, uint32_t count)
{
    wpi_put(out, "; ");
    wpi_put_u32(out, count);
    wpi_put(out, title);
    for (uint32_t i = 0; i < count; i++) {
        wpi_put_char(out, ' ');
        wpi_put_u32(out, wpi_take_u32(c));
    }
}

/*
 * i32 count of transactions, i32 of subtransactions, u8 overflowed, u32 next xid, oldest running, latest completed,
 * the xids. Tools up to 15 leave the subtransactions out.
 */
static bool describe_running_xacts(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const bool is_told_whole = record->profile->dump.tells_running_subxacts;
    const uint32_t count = wpi_take_u32(&c);
    const uint32_t subxacts = wpi_take_u32(&c);
    const bool is_overflowed = wpi_take_u8(&c) != 0;
    wpi_align(&c, 4);
    const wp_xid next = wpi_take_u32(&c);
    const wp_xid oldest_running = wpi_take_u32(&c);
    const wp_xid latest_completed = wpi_take_u32(&c);
    if (c.overrun || (uint64_t)count + subxacts > wpi_left(&c) / sizeof(wp_xid))
        return false;

    wpi_put(out, "nextXid ");
    wpi_put_u32(out, next);
    wpi_put(out, " latestCompletedXid ");
    wpi_put_u32(out, latest_completed);
    wpi_put(out, " oldestRunningXid ");
    wpi_put_u32(out, oldest_running);
    if (count)
        put_xids(out, " xacts:", &c, count);
    if (is_overflowed)
        wpi_put(out, is_told_whole ? "; subxid overflowed" : "; subxid ovf");
    if (is_told_whole && subxacts)
        put_xids(out, " subxacts:", &c, subxacts);
    return true;
}

bool wpi_describe_standby(const wpi_record *record, wpi_text *out)
{
    const uint8_t op = record->info & WPI_INFO_OP_MASK;
    if (op == LOCK)
        return describe_lock(record, out);
    if (op == RUNNING_XACTS)
        return describe_running_xacts(record, out);
    if (op != INVALIDATIONS || !record->profile->dump.has_standby_invals)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_invals invals = wpi_take_invals(&c);
    invals.is_told_empty = record->profile->dump.tells_empty_invals;
    wpi_put_invals(out, record->profile, &invals);
    return !c.overrun;
}

const char *wpi_identify_standby(const wp_profile *profile, uint8_t info)
{
    switch (info & WPI_INFO_OP_MASK) {
    case LOCK:
        return "LOCK";
    case RUNNING_XACTS:
        return "RUNNING_XACTS";
    case INVALIDATIONS:
        return profile->dump.has_standby_invals ? "INVALIDATIONS" : NULL;
    default:
        return NULL;
    }
}
