/*
 * describe_xlog2.c - changes of the data checksums, 19 on. Mirrors access/rmgrdesc/xlogdesc.c, xlog2_desc.
 */
#include "base/cursor.h"
#include "describe/checksums.h"
#include "describe/describe.h"

#define CHECKSUMS 0x00

bool wpi_describe_xlog2(const wpi_record *record, wpi_text *out)
{
    if ((record->info & WPI_INFO_OP_MASK) != CHECKSUMS)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put(out, wpi_checksums_name(wpi_take_u32(&c)));
    return !c.overrun;
}

const char *wpi_identify_xlog2(const wp_profile *profile, uint8_t info)
{
    (void)profile;
    return (info & WPI_INFO_OP_MASK) == CHECKSUMS ? "CHECKSUMS" : NULL;
}
