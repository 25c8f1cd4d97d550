/*
 * describe_database.c - databases. Mirrors access/rmgrdesc/dbasedesc.c (12: the tablespace before the database);
 * layouts from commands/dbcommands_xlog.h.
 */
#include "base/cursor.h"
#include "describe/ops.h"

/* u32 database, i32 count, the tablespaces. */
static bool put_dropped(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_oid database = wpi_take_u32(&c);
    uint32_t count;
    const uint8_t *spaces = wpi_take_array(&c, sizeof(wp_oid), &count);
    if (c.overrun)
        return false;
    wpi_put(out, "dir");
    for (uint32_t i = 0; i < count; i++) {
        wpi_put_char(out, ' ');
        wpi_put_u32(out, wpi_u32(spaces + i * sizeof(wp_oid)));
        wpi_put_char(out, '/');
        wpi_put_u32(out, database);
    }
    return true;
}

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1200, "CREATE"),
      FIELDS(FIELD(U32, "copy dir ", 8), FIELD(U32, "/", 12), FIELD(U32, " to ", 0), FIELD(U32, "/", 4)) },
    { OP(0x00, 1200, 1500, "CREATE"),
      FIELDS(FIELD(U32, "copy dir ", 12), FIELD(U32, "/", 8), FIELD(U32, " to ", 4), FIELD(U32, "/", 0)) },
    { OP(0x00, 1500, FOREVER, "CREATE_FILE_COPY"),
      FIELDS(FIELD(U32, "copy dir ", 12), FIELD(U32, "/", 8), FIELD(U32, " to ", 4), FIELD(U32, "/", 0)) },
    { OP(0x10, 1500, FOREVER, "CREATE_WAL_LOG"), FIELDS(FIELD(U32, "create dir ", 4), FIELD(U32, "/", 0)) },
    { OP(0x10, ALWAYS, 1200, "DROP"), FIELDS(FIELD(U32, "dir ", 0), FIELD(U32, "/", 4)) },
    { OP(0x10, 1200, 1300, "DROP"), FIELDS(FIELD(U32, "dir ", 4), FIELD(U32, "/", 0)) },
    { OP(0x10, 1300, 1500, "DROP"), REST(put_dropped) },
    { OP(0x20, 1500, FOREVER, "DROP"), REST(put_dropped) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, database, WPI_INFO_OP_MASK)
