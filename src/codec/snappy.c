/*
 * snappy.c - the snappy framing format, which python-snappy writes for Barman and pghoard.
 *
 *   chunk:  type u8 | length u24 | body
 *           0x00        masked CRC-32C u32 | snappy data of at most 65536 bytes
 *           0x01        masked CRC-32C u32 | those bytes as they are
 *           0xFF        "sNaPpY", before the first chunk and where streams were put together
 *           0x80-0xFE   to be skipped
 *
 * No library: libsnappy would bring the C++ runtime into every start of the program for what is some
 * fifty lines. A chunk is unpacked as a whole, so its memory is two chunks.
 */
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_HEADER_BYTES 4u
#define CRC_BYTES 4u
#define CONTENT_BYTES_MAX 65536u
/* Snappy data is not longer than this. */
#define PACKED_BYTES_MAX (32 + CONTENT_BYTES_MAX + CONTENT_BYTES_MAX / 6)

enum { CHUNK_PACKED = 0x00, CHUNK_PLAIN = 0x01, CHUNK_SKIPPED = 0x80, CHUNK_BEGIN = 0xFF };

typedef struct state {
    uint32_t crc_tables[8][256];
    uint8_t chunk[CHUNK_HEADER_BYTES + CRC_BYTES + PACKED_BYTES_MAX];
    size_t have; /* bytes of it */
    size_t skip; /* bytes of the input to be passed over */
    uint8_t content[CONTENT_BYTES_MAX];
    size_t len, given; /* of content: all of it, what is handed out */
} state;

/* ---- checksum ------------------------------------------------------------------------------- */

#define CRC32C_POLYNOMIAL 0x82F63B78u

static uint32_t get_le(const uint8_t *at, size_t nbytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < nbytes; i++)
        value |= (uint32_t)at[i] << 8 * i;
    return value;
}

/* tables[k][b]: the checksum of byte b with k zeros after it. */
static void make_tables(uint32_t tables[8][256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
        tables[0][i] = crc;
    }
    for (size_t k = 1; k < 8; k++)
        for (size_t i = 0; i < 256; i++)
            tables[k][i] = tables[k - 1][i] >> 8 ^ tables[0][tables[k - 1][i] & 0xFF];
}

/* Eight bytes at a time. */
static uint32_t masked_crc(const uint32_t tables[8][256], const uint8_t *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (; len >= 8; bytes += 8, len -= 8) {
        const uint32_t low = crc ^ get_le(bytes, 4);
        crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF]
              ^ tables[4][low >> 24] ^ tables[3][bytes[4]] ^ tables[2][bytes[5]]
              ^ tables[1][bytes[6]] ^ tables[0][bytes[7]];
    }
    for (; len > 0; bytes++, len--)
        crc = crc >> 8 ^ tables[0][(crc ^ *bytes) & 0xFF];
    crc = ~crc;
    return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

/* ---- snappy data ---------------------------------------------------------------------------- */

/* The unpacked length, seven bits a byte; false when it is none or too large. */
static bool read_length(wp_view *in, size_t *out)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 21 && in->len > 0; shift += 7) {
        const uint8_t byte = *in->bytes++;
        in->len--;
        value |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *out = value;
            return value <= CONTENT_BYTES_MAX;
        }
    }
    return false;
}

/* What one tag says: `len` bytes, from the input (distance 0) or from so far back. */
typedef struct element {
    size_t len, distance;
} element;

static bool read_element(wp_view *in, element *out)
{
    const uint8_t tag = in->bytes[0];
    const size_t six = tag >> 2;
    const size_t is_long = (tag & 3) == 0 && six >= 60 ? six - 59 : 0;
    static const uint8_t following[] = { 0, 1, 2, 4 };
    const size_t nbytes = is_long ? is_long : following[tag & 3];
    if (in->len < 1 + nbytes)
        return false;
    const uint32_t value = get_le(in->bytes + 1, nbytes);
    in->bytes += 1 + nbytes;
    in->len -= 1 + nbytes;
    switch (tag & 3) {
    case 0:
        *out = (element){ (size_t)(is_long ? value : six) + 1, 0 };
        return out->len <= in->len;
    case 1:
        *out = (element){ 4 + (six & 7), (size_t)(tag >> 5) << 8 | value };
        return out->distance > 0;
    default:
        *out = (element){ six + 1, value };
        return out->distance > 0;
    }
}

/* A copy may reach into itself: then its bytes repeat. */
static void copy_back(uint8_t *at, element e)
{
    const uint8_t *const from = at - e.distance;
    if (e.distance >= e.len) {
        memcpy(at, from, e.len);
        return;
    }
    for (size_t i = 0; i < e.len; i++)
        at[i] = from[i];
}

static bool unpack(wp_view in, uint8_t *out, size_t *out_len)
{
    size_t wanted, len = 0;
    if (!read_length(&in, &wanted))
        return false;
    while (in.len > 0) {
        element e;
        if (!read_element(&in, &e) || e.len > wanted - len || e.distance > len)
            return false;
        if (e.distance > 0) {
            copy_back(out + len, e);
        } else {
            memcpy(out + len, in.bytes, e.len);
            in.bytes += e.len;
            in.len -= e.len;
        }
        len += e.len;
    }
    *out_len = len;
    return len == wanted;
}

/* ---- chunks --------------------------------------------------------------------------------- */

static void *open_it(void)
{
    state *s = malloc(sizeof *s);
    if (s)
        make_tables(s->crc_tables);
    return s;
}

static bool begin(void *any)
{
    state *s = any;
    s->have = s->skip = s->len = s->given = 0;
    return true;
}

/* Takes input until so many bytes of the chunk are there; false: not yet. */
static bool gather(state *s, size_t want, codec_io *io)
{
    const size_t missing = want > s->have ? want - s->have : 0;
    const size_t n = missing < io->in_len ? missing : io->in_len;
    memcpy(s->chunk + s->have, io->in, n);
    s->have += n;
    io->in += n;
    io->in_len -= n;
    return n == missing;
}

/* The chunk is whole: its content. */
static bool open_chunk(state *s)
{
    const uint8_t *const body = s->chunk + CHUNK_HEADER_BYTES + CRC_BYTES;
    const size_t len = s->have - CHUNK_HEADER_BYTES - CRC_BYTES;
    s->have = s->given = 0;
    if (s->chunk[0] == CHUNK_PACKED) {
        if (!unpack((wp_view){ body, len }, s->content, &s->len))
            return false;
    } else {
        memcpy(s->content, body, len);
        s->len = len;
    }
    return masked_crc((const uint32_t(*)[256])s->crc_tables, s->content, s->len)
           == get_le(s->chunk + CHUNK_HEADER_BYTES, CRC_BYTES);
}

/* With a chunk's header there: what it is, and then its content. False: damage. */
static bool read_chunk(state *s, codec_io *io)
{
    const uint8_t type = s->chunk[0];
    const size_t len = get_le(s->chunk + 1, 3);
    if (type >= CHUNK_SKIPPED && type != CHUNK_BEGIN) {
        s->skip = len;
        s->have = 0;
        return true;
    }
    const bool is_begin = type == CHUNK_BEGIN;
    const size_t most = CRC_BYTES + (type == CHUNK_PACKED ? PACKED_BYTES_MAX : CONTENT_BYTES_MAX);
    if (is_begin ? len != 6 : type > CHUNK_PLAIN || len < CRC_BYTES || len > most)
        return false;
    if (!gather(s, CHUNK_HEADER_BYTES + len, io))
        return true;
    if (!is_begin)
        return open_chunk(s);
    s->have = 0;
    return memcmp(s->chunk + CHUNK_HEADER_BYTES, "sNaPpY", 6) == 0;
}

static void skip_input(state *s, codec_io *io)
{
    const size_t n = s->skip < io->in_len ? s->skip : io->in_len;
    s->skip -= n;
    io->in += n;
    io->in_len -= n;
}

static void hand_out(state *s, codec_io *io)
{
    const size_t left = s->len - s->given;
    const size_t n = left < io->out_room ? left : io->out_room;
    memcpy(io->out, s->content + s->given, n);
    s->given += n;
    io->out += n;
    io->out_room -= n;
}

static codec_status step(void *any, codec_io *io)
{
    state *s = any;
    hand_out(s, io);
    while (s->given == s->len && io->in_len > 0) {
        if (s->skip > 0)
            skip_input(s, io);
        else if (gather(s, CHUNK_HEADER_BYTES, io) && !read_chunk(s, io)) {
            s->len = s->given = 0;
            return CODEC_DAMAGED;
        }
        hand_out(s, io);
    }
    io->may_end = s->have == 0 && s->skip == 0 && s->given == s->len;
    return CODEC_OK;
}

const codec codec_snappy = { open_it, begin, step, free };
