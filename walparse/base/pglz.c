/*
 * pglz.c - unpacks PostgreSQL's own LZ format. Mirrors common/pg_lzcompress.c.
 *
 * A control byte says, lowest bit first, what the next eight items are: 0 a byte, 1 a match.
 *
 *     match    b0: oooo llll   b1: oooooooo   [b2: l]
 *     length   low half of b0, plus 3; if that makes 18, plus b2
 *     offset   high half of b0 and b1: how far back the copy starts; it may run into itself
 */
#include "base/pglz.h"

#include "base/cursor.h"

#define LENGTH_MIN 3
#define LENGTH_EXTENDED 18

/* Reads one match and lengthens raw, which holds done of raw_bytes bytes so far. */
static bool copy_match(wpi_cursor *in, uint8_t *raw, size_t *done, size_t raw_bytes)
{
    const uint8_t b0 = wpi_take_u8(in);
    const uint8_t b1 = wpi_take_u8(in);
    const size_t offset = (size_t)(b0 & 0xF0) << 4 | b1;
    size_t length = (size_t)(b0 & 0x0F) + LENGTH_MIN;
    if (length == LENGTH_EXTENDED)
        length += wpi_take_u8(in);
    if (in->overrun || offset == 0 || offset > *done || length > raw_bytes - *done)
        return false;

    uint8_t *to = raw + *done;
    const uint8_t *from = to - offset;
    for (size_t i = 0; i < length; i++)
        to[i] = from[i];
    *done += length;
    return true;
}

bool wpi_pglz_unpack(wp_view packed, uint8_t *raw, size_t raw_bytes)
{
    wpi_cursor in = wpi_cursor_of(packed);
    size_t done = 0;
    while (done < raw_bytes && wpi_left(&in) > 0) {
        uint8_t control = wpi_take_u8(&in);
        for (int item = 0; item < 8 && done < raw_bytes && wpi_left(&in) > 0; item++) {
            if (!(control & 1))
                raw[done++] = wpi_take_u8(&in);
            else if (!copy_match(&in, raw, &done, raw_bytes))
                return false;
            control >>= 1;
        }
    }
    return done == raw_bytes && wpi_left(&in) == 0;
}
