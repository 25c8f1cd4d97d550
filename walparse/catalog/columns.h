/*
 * columns.h - columns of a catalog row by offset: of fixed width, at the start of its user part.
 *
 * A column that the row ends before, or the version does not have (offset -1), is 0.
 */
#ifndef WPI_COLUMNS_H
#define WPI_COLUMNS_H

#include <string.h>

#include <walparse/types.h>

#include "base/cursor.h"

static inline uint32_t wpi_column_u32(wp_view row, int at)
{
    return at >= 0 && (size_t)at + 4 <= row.len ? wpi_u32(row.bytes + at) : 0;
}

static inline char wpi_column_char(wp_view row, int at)
{
    return at >= 0 && (size_t)at < row.len ? (char)row.bytes[at] : '\0';
}

/* False: there is no name. */
static inline bool wpi_column_name(wp_view row, int at, char out[WP_NAME_BYTES])
{
    if (at < 0 || (size_t)at + WP_NAME_BYTES > row.len)
        return false;
    memcpy(out, row.bytes + at, WP_NAME_BYTES);
    out[WP_NAME_BYTES - 1] = '\0';
    return out[0] != '\0';
}

#endif
