/*
 * describe_generic.c - records of extensions, from 9.6 on. Mirrors access/rmgrdesc/genericdesc.c, which describes
 * the record's own data: the changes lie with the blocks, so that there is none.
 */
#include "base/cursor.h"
#include "describe/describe.h"

bool wpi_describe_generic(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    while (wpi_left(&c) > 0) {
        const uint16_t offset = wpi_take_u16(&c);
        const uint16_t length = wpi_take_u16(&c);
        (void)wpi_take(&c, length);
        if (c.overrun)
            return false;
        wpi_put(out, "offset ");
        wpi_put_u32(out, offset);
        wpi_put(out, ", length ");
        wpi_put_u32(out, length);
        if (wpi_left(&c) > 0)
            wpi_put(out, "; ");
    }
    return true;
}

const char *wpi_identify_generic(const wp_profile *profile, uint8_t info)
{
    (void)profile;
    (void)info;
    return "Generic";
}
