/*
 * offsets.c - see offsets.h.
 */
#include "describe/offsets.h"

#include "base/cursor.h"
#include "describe/digits.h"

/* ", 65535->65535". */
#define ITEM_CHARS_MAX 16
#define LIST_CHARS 4 /* " [" and "]" */

/* " [a, b]", each item of so many u16 with that between them. */
static bool put_list(wpi_text *out, const uint8_t *items, size_t n, bool is_redirects)
{
    if (!items && n)
        return false;
    char *start = wpi_text_reserve(out, LIST_CHARS + n * ITEM_CHARS_MAX);
    if (!start)
        return true;
    char *at = wpi_add(start, " [");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            at = wpi_add(at, ", ");
        at = wpi_add_u32(at, wpi_u16(items));
        items += 2;
        if (is_redirects) {
            at = wpi_add(at, "->");
            at = wpi_add_u32(at, wpi_u16(items));
            items += 2;
        }
    }
    *at++ = ']';
    out->len += (size_t)(at - start);
    return true;
}

bool wpi_put_offsets(wpi_text *out, const uint8_t *items, size_t n)
{
    return put_list(out, items, n, false);
}

bool wpi_put_redirects(wpi_text *out, const uint8_t *items, size_t n)
{
    return put_list(out, items, n, true);
}
