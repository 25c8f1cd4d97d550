/*
 * describe_commit_ts.c - the times of commits. Mirrors access/rmgrdesc/committsdesc.c; layouts from access/commit_ts.h
 * (17: 64-bit page numbers).
 */
#include "base/cursor.h"
#include "describe/ops.h"

/* i64 time, u16 origin, u32 xid at 12, then the subtransactions to the end. */
static bool put_set(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_time time = (wp_time)wpi_take_u64(&c);
    const uint16_t origin = wpi_take_u16(&c);
    wpi_align(&c, 4);
    const wp_xid xid = wpi_take_u32(&c);
    if (c.overrun)
        return false;
    wpi_put(out, "set ");
    wpi_put_time(out, time);
    wpi_put_char(out, '/');
    wpi_put_u32(out, origin);
    wpi_put(out, " for: ");
    wpi_put_u32(out, xid);
    while (wpi_left(&c) >= sizeof(wp_xid)) {
        wpi_put(out, ", ");
        wpi_put_u32(out, wpi_take_u32(&c));
    }
    return true;
}

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1700, "ZEROPAGE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x00, 1700, FOREVER, "ZEROPAGE"), FIELDS(FIELD(I64, "", 0)) },
    { OP(0x10, ALWAYS, 1000, "TRUNCATE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x10, 1000, 1700, "TRUNCATE"), FIELDS(FIELD(I32, "pageno ", 0), FIELD(U32, ", oldestXid ", 4)) },
    { OP(0x10, 1700, FOREVER, "TRUNCATE"), FIELDS(FIELD(I64, "pageno ", 0), FIELD(U32, ", oldestXid ", 8)) },
    { OP(0x20, ALWAYS, 1400, "SETTS"), REST(put_set) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, commit_ts, WPI_INFO_OP_MASK)
