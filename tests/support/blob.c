/*
 * blob.c - a growing run of little-endian bytes.
 */
#include "blob.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *more(blob *b, size_t len)
{
    if (b->room - b->len < len) {
        size_t room = b->room ? b->room * 2 : 256;
        while (room - b->len < len)
            room *= 2;
        b->at = realloc(b->at, room);
        if (!b->at) {
            fputs("# out of memory\n", stderr);
            abort();
        }
        b->room = room;
    }
    uint8_t *at = b->at + b->len;
    b->len += len;
    return at;
}

void set_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void set_u32(uint8_t *at, uint32_t value)
{
    set_u16(at, (uint16_t)value);
    set_u16(at + 2, (uint16_t)(value >> 16));
}

void set_u64(uint8_t *at, uint64_t value)
{
    set_u32(at, (uint32_t)value);
    set_u32(at + 4, (uint32_t)(value >> 32));
}

void put_u8(blob *b, uint8_t value)
{
    *more(b, 1) = value;
}

void put_u16(blob *b, uint16_t value)
{
    set_u16(more(b, 2), value);
}

void put_u32(blob *b, uint32_t value)
{
    set_u32(more(b, 4), value);
}

void put_u64(blob *b, uint64_t value)
{
    set_u64(more(b, 8), value);
}

void put_raw(blob *b, const void *from, size_t len)
{
    if (len > 0)
        memcpy(more(b, len), from, len);
}

void put_zeros(blob *b, size_t len)
{
    if (len > 0)
        memset(more(b, len), 0, len);
}

void put_align(blob *b, size_t align)
{
    put_zeros(b, (align - b->len % align) % align);
}

void put_name(blob *b, const char *text)
{
    uint8_t name[WP_NAME_BYTES] = { 0 };
    const size_t len = strlen(text);
    memcpy(name, text, len < sizeof name ? len : sizeof name - 1);
    put_raw(b, name, sizeof name);
}

void put_view(blob *b, wp_view view)
{
    put_raw(b, view.bytes, view.len);
}

void put_locator(blob *b, wp_locator locator)
{
    put_u32(b, locator.spc);
    put_u32(b, locator.db);
    put_u32(b, locator.rel);
}

wp_view view_of(const blob *b)
{
    return (wp_view){ b->at, b->len };
}

void blob_free(blob *b)
{
    free(b->at);
    *b = (blob){ 0 };
}
