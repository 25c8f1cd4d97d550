/*
 * describe_multixact.c - MultiXacts. Mirrors access/rmgrdesc/mxactdesc.c; layouts from access/multixact.h (17: 64-bit
 * page numbers; 19: 64-bit offsets, what TRUNCATE_ID tells). No tool of 19 was seen to print a TRUNCATE_ID.
 */
#include "base/cursor.h"
#include "describe/ops.h"

#define MEMBER_BYTES 8 /* u32 xid, i32 status */
#define MEMBERS_AT 12
#define MEMBERS_AT_19 20
#define MEMBERS_AT_19_32 16

/* MultiXactStatus. */
static const char *const status_words[] = {
    "(keysh) ", "(sh) ", "(fornokeyupd) ", "(forupd) ", "(nokeyupd) ", "(upd) ",
};

#define STATUSES (sizeof status_words / sizeof *status_words)

/* i32 count, the members. */
static bool put_members(const wpi_record *record, size_t at, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    (void)wpi_take(&c, at - sizeof(uint32_t));
    const int32_t count = (int32_t)wpi_take_u32(&c);
    if (c.overrun || (count > 0 && (size_t)count > wpi_left(&c) / MEMBER_BYTES))
        return false;
    wpi_put(out, " nmembers ");
    wpi_put_i32(out, count);
    wpi_put(out, ": ");
    for (int32_t i = 0; i < count; i++) {
        wpi_put_u32(out, wpi_take_u32(&c));
        wpi_put_char(out, ' ');
        const uint32_t status = wpi_take_u32(&c);
        wpi_put(out, status < STATUSES ? status_words[status] : "(unk) ");
    }
    return true;
}

static bool put_members_18(const wpi_record *record, wpi_text *out)
{
    return put_members(record, MEMBERS_AT, out);
}

static bool put_members_19(const wpi_record *record, wpi_text *out)
{
    return put_members(record, record->max_align == 4 ? MEMBERS_AT_19_32 : MEMBERS_AT_19, out);
}

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1700, "ZERO_OFF_PAGE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x00, 1700, FOREVER, "ZERO_OFF_PAGE"), FIELDS(FIELD(I64, "", 0)) },
    { OP(0x10, ALWAYS, 1700, "ZERO_MEM_PAGE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x10, 1700, FOREVER, "ZERO_MEM_PAGE"), FIELDS(FIELD(I64, "", 0)) },
    { OP(0x20, ALWAYS, 1900, "CREATE_ID"),
      FIELDS(FIELD(U32, "", 0), FIELD(U32, " offset ", 4)), REST(put_members_18) },
    { OP(0x20, 1900, FOREVER, "CREATE_ID"),
      FIELDS(FIELD(U32, "", 0), FIELD_32(U64, " offset ", 8, 4)), REST(put_members_19) },
    { OP(0x30, ALWAYS, 1900, "TRUNCATE_ID"),
      FIELDS(FIELD(U32, "offsets [", 4), FIELD(U32, ", ", 8), FIELD(U32, "), members [", 12),
             FIELD(U32, ", ", 16), WORDS(")")) },
    { OP(0x30, 1900, FOREVER, "TRUNCATE_ID"),
      FIELDS(FIELD(U32, "oldestMulti ", 4), FIELD(U64, ", oldestOffset ", 8)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, multixact, WPI_INFO_OP_MASK)
