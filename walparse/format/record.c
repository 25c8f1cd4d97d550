/*
 * record.c - takes a record's header fragments apart.
 *
 *     24-byte header | block header 0 .. n | origin? | top-level xid? | main header | images and data | main
 *
 * Fragment headers are not aligned. The payload lengths they announce must add up to exactly what is
 * left of the record.
 */
#include "format/record.h"

#include <assert.h>

#define ID_MAIN_SHORT 255
#define ID_MAIN_LONG 254
#define ID_ORIGIN 253
#define ID_TOPLEVEL_XID 252

/* Flags and length, after the id; tablespace, database and file. */
#define BLOCK_HEAD_BYTES 3
#define LOCATOR_BYTES 12

static void take_image_header(wpi_cursor *c, const wp_profile *profile, wpi_image *image)
{
    image->bytes.len = wpi_take_u16(c);
    image->hole_offset = wpi_take_u16(c);
    image->info = wpi_take_u8(c);
    if (wpi_image_says_hole(profile, image->info))
        image->hole_length = wpi_take_u16(c);
}

/* False: contradicts itself, or is cut off. Overruns of the image's header are left for the caller to see in the cursor. */
static bool take_block_header(wpi_cursor *c, uint8_t id, wpi_record *out)
{
    if (out->nblocks == WPI_BLOCKS_MAX)
        return false;
    const wpi_block *before = out->nblocks ? &out->blocks[out->nblocks - 1] : NULL;
    if (before && id <= before->id)
        return false;

    wpi_block *block = &out->blocks[out->nblocks];
    *block = (wpi_block){ .id = id };
    const uint8_t *head = wpi_take(c, BLOCK_HEAD_BYTES);
    if (!head)
        return false;
    const uint8_t flags = head[0];
    block->fork = flags & WPI_BLOCK_FORK_MASK;
    block->has_image = flags & WPI_BLOCK_HAS_IMAGE;
    block->has_data = flags & WPI_BLOCK_HAS_DATA;
    block->will_init = flags & WPI_BLOCK_WILL_INIT;
    block->data.len = wpi_u16(head + 1);
    if (block->has_data != (block->data.len > 0))
        return false;
    if (block->has_image)
        take_image_header(c, out->profile, &block->image);
    const bool is_same = flags & WPI_BLOCK_SAME_REL;
    const uint8_t *place = wpi_take(c, is_same ? 4 : 4 + LOCATOR_BYTES);
    if (!place || (is_same && !before))
        return false;
    if (is_same) {
        block->locator = before->locator;
    } else {
        block->locator.spc = wpi_u32(place);
        block->locator.db = wpi_u32(place + 4);
        block->locator.rel = wpi_u32(place + 8);
        place += LOCATOR_BYTES;
    }
    block->number = wpi_u32(place);
    out->nblocks++;
    return true;
}

/* Reads fragment headers up to the one of the main data, which is last when there is one. */
static bool take_fragment_headers(wpi_cursor *c, wpi_record *out)
{
    size_t announced = 0;
    while (wpi_left(c) > announced && !c->overrun) {
        const uint8_t id = wpi_take_u8(c);
        if (id == ID_MAIN_SHORT || id == ID_MAIN_LONG) {
            out->main.len = id == ID_MAIN_SHORT ? wpi_take_u8(c) : wpi_take_u32(c);
            return true;
        }
        if (id == ID_ORIGIN) {
            out->origin = wpi_take_u16(c);
        } else if (id == ID_TOPLEVEL_XID && out->profile->has_toplevel_xid) {
            out->toplevel_xid = wpi_take_u32(c);
        } else if (id <= WPI_BLOCK_ID_MAX) {
            if (!take_block_header(c, id, out))
                return false;
            const wpi_block *block = &out->blocks[out->nblocks - 1];
            announced += block->image.bytes.len + block->data.len;
        } else {
            return false;
        }
    }
    return true;
}

/* Hands each announced length its bytes; true when they use up exactly what is left. */
static bool take_payload(wpi_cursor *c, wpi_record *out)
{
    for (unsigned i = 0; i < out->nblocks; i++) {
        wpi_block *block = &out->blocks[i];
        block->image.bytes.bytes = wpi_take(c, block->image.bytes.len);
        block->data.bytes = wpi_take(c, block->data.len);
    }
    out->main.bytes = wpi_take(c, out->main.len);
    return !c->overrun && wpi_left(c) == 0;
}

bool wpi_record_decode(wp_view bytes, wpi_record *out)
{
    assert(out->profile != NULL);
    if (bytes.len < WPI_RECORD_HEADER_BYTES || wpi_record_total(bytes.bytes) != bytes.len)
        return false;
    const uint8_t *h = bytes.bytes;
    out->xid = wpi_record_xid(h);
    out->prev = wpi_record_prev(h);
    out->info = wpi_record_info(h);
    out->rmid = wpi_record_rmid(h);
    out->nblocks = 0;
    out->main = (wp_view){ NULL, 0 };
    out->toplevel_xid = 0;
    out->origin = 0;

    wpi_cursor c = wpi_cursor_of(
        (wp_view){ h + WPI_RECORD_HEADER_BYTES, bytes.len - WPI_RECORD_HEADER_BYTES });
    out->total_bytes = (uint32_t)bytes.len;
    return take_fragment_headers(&c, out) && !c.overrun && take_payload(&c, out);
}

bool wpi_record_of(const wp_record *record, wpi_record *out)
{
    out->profile = record->profile;
    out->lsn = record->lsn;
    out->end_lsn = record->end_lsn;
    out->max_align = record->max_align;
    return wpi_record_decode(record->bytes, out);
}

const wpi_block *wpi_record_block(const wpi_record *record, uint8_t id)
{
    for (unsigned i = 0; i < record->nblocks && record->blocks[i].id <= id; i++)
        if (record->blocks[i].id == id)
            return &record->blocks[i];
    return NULL;
}
