/*
 * describe_tablespace.c - tablespaces. Mirrors access/rmgrdesc/tblspcdesc.c; layouts from commands/tablespace.h.
 */
#include "base/cursor.h"
#include "describe/ops.h"

#define PATH_AT 4

/* The path is terminated. */
static bool put_location(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    (void)wpi_take(&c, PATH_AT);
    const uint8_t *end = wpi_left(&c) ? memchr(c.pos, 0, wpi_left(&c)) : NULL;
    if (!end)
        return false;
    wpi_put(out, " \"");
    wpi_put_bytes(out, c.pos, (size_t)(end - c.pos));
    wpi_put_char(out, '"');
    return true;
}

static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, FOREVER, "CREATE"), FIELDS(FIELD(U32, "", 0)), REST(put_location) },
    { OP(0x10, ALWAYS, FOREVER, "DROP"), FIELDS(FIELD(U32, "", 0)) },
};

WPI_DESCRIBED_BY(ops, tablespace, WPI_INFO_OP_MASK)
