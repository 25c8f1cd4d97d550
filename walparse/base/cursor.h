/*
 * cursor.h - bounded little-endian reads.
 *
 * A cursor never reads past its end: what is not there reads as zero and sets `overrun`, so decoders
 * read all they need and test once. Bytes from outside are read through this and never by casting.
 */
#ifndef WPI_CURSOR_H
#define WPI_CURSOR_H

#include <string.h>

#include <walparse/types.h>

static inline uint16_t wpi_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t wpi_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t wpi_u64(const uint8_t *p)
{
    return (uint64_t)wpi_u32(p) | (uint64_t)wpi_u32(p + 4) << 32;
}

typedef struct wpi_cursor {
    const uint8_t *start, *pos, *end;
    bool overrun;
} wpi_cursor;

static inline wpi_cursor wpi_cursor_of(wp_view view)
{
    return (wpi_cursor){ view.bytes, view.bytes, view.bytes + view.len, false };
}

static inline size_t wpi_left(const wpi_cursor *c)
{
    return (size_t)(c->end - c->pos);
}

/* The next n bytes, or NULL (and overrun) when there are fewer. */
static inline const uint8_t *wpi_take(wpi_cursor *c, size_t n)
{
    if (n > wpi_left(c)) {
        c->overrun = true;
        c->pos = c->end;
        return NULL;
    }
    const uint8_t *p = c->pos;
    c->pos += n;
    return p;
}

static inline uint8_t wpi_take_u8(wpi_cursor *c)
{
    const uint8_t *p = wpi_take(c, 1);
    return p ? *p : 0;
}

static inline uint16_t wpi_take_u16(wpi_cursor *c)
{
    const uint8_t *p = wpi_take(c, 2);
    return p ? wpi_u16(p) : 0;
}

static inline uint32_t wpi_take_u32(wpi_cursor *c)
{
    const uint8_t *p = wpi_take(c, 4);
    return p ? wpi_u32(p) : 0;
}

static inline uint64_t wpi_take_u64(wpi_cursor *c)
{
    const uint8_t *p = wpi_take(c, 8);
    return p ? wpi_u64(p) : 0;
}

/*
 * A count followed by that many items: takes the i32 count, and then the items as one run. A negative
 * count, or one that the bytes left cannot hold, is an overrun with count 0.
 */
static inline const uint8_t *wpi_take_array(wpi_cursor *c, size_t item_bytes, uint32_t *count)
{
    const uint32_t n = wpi_take_u32(c);
    *count = 0;
    if (n > INT32_MAX || n > wpi_left(c) / item_bytes) {
        c->overrun = true;
        c->pos = c->end;
        return NULL;
    }
    *count = n;
    return wpi_take(c, n * item_bytes);
}

/* Skips to the next multiple of align (a power of two) counted from the cursor's start. */
static inline void wpi_align(wpi_cursor *c, size_t align)
{
    const size_t at = (size_t)(c->pos - c->start);
    (void)wpi_take(c, (align - (at & (align - 1))) & (align - 1));
}

#endif
