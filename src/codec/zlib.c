/*
 * zlib.c - gzip members and zlib streams by zlib.
 */
#include "codec/codec.h"

#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

static void *open_with(int window_bits)
{
    z_stream *z = calloc(1, sizeof *z);
    if (z && inflateInit2(z, window_bits) == Z_OK)
        return z;
    free(z);
    return NULL;
}

/* 15: the largest window; 16 more: gzip framing only. */
static void *open_gzip(void)
{
    return open_with(15 + 16);
}

static void *open_zlib(void)
{
    return open_with(15);
}

static bool begin(void *state)
{
    return inflateReset(state) == Z_OK;
}

static codec_status step(void *state, codec_io *io)
{
    z_stream *z = state;
    z->next_in = io->in;
    z->avail_in = (uInt)io->in_len;
    z->next_out = io->out;
    z->avail_out = (uInt)io->out_room;
    const int rc = inflate(z, Z_NO_FLUSH);
    io->in += io->in_len - z->avail_in;
    io->in_len = z->avail_in;
    io->out += io->out_room - z->avail_out;
    io->out_room = z->avail_out;
    switch (rc) {
    case Z_OK:
    case Z_BUF_ERROR: /* no progress */
        return CODEC_OK;
    case Z_STREAM_END:
        return CODEC_END;
    case Z_MEM_ERROR:
        return CODEC_NO_MEMORY;
    default:
        return CODEC_DAMAGED;
    }
}

static void close_it(void *state)
{
    if (state)
        (void)inflateEnd(state);
    free(state);
}

const codec codec_gzip_zlib = { open_gzip, begin, step, close_it };
const codec codec_zlib_zlib = { open_zlib, begin, step, close_it };
