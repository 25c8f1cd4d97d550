/*
 * lzma.c - xz streams and lzma files by liblzma. Their memory is the dictionary they ask for.
 */
#include "codec/codec.h"

#ifdef WITH_LZMA

#include <stdlib.h>

#include <lzma.h>

static void *open_it(void)
{
    lzma_stream *z = malloc(sizeof *z);
    if (z)
        *z = (lzma_stream)LZMA_STREAM_INIT;
    return z;
}

/* What the stream before had allocated is used again. */
static bool begin_xz(void *state)
{
    return lzma_stream_decoder(state, CODEC_MEMORY_BYTES_MAX, 0) == LZMA_OK;
}

static bool begin_lzma(void *state)
{
    return lzma_alone_decoder(state, CODEC_MEMORY_BYTES_MAX) == LZMA_OK;
}

static codec_status step(void *state, codec_io *io)
{
    lzma_stream *z = state;
    z->next_in = io->in;
    z->avail_in = io->in_len;
    z->next_out = io->out;
    z->avail_out = io->out_room;
    const lzma_ret rc = lzma_code(z, LZMA_RUN);
    io->in = z->next_in;
    io->in_len = z->avail_in;
    io->out = z->next_out;
    io->out_room = z->avail_out;
    switch (rc) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* no progress */
        return CODEC_OK;
    case LZMA_STREAM_END:
        return CODEC_END;
    case LZMA_MEM_ERROR:
        return CODEC_NO_MEMORY;
    case LZMA_MEMLIMIT_ERROR:
        io->why = "more than 128 MB of memory to be unpacked";
        return CODEC_REFUSED;
    default:
        return CODEC_DAMAGED;
    }
}

static void close_it(void *state)
{
    if (state)
        lzma_end(state);
    free(state);
}

const codec codec_xz = { open_it, begin_xz, step, close_it };
const codec codec_lzma = { open_it, begin_lzma, step, close_it };

#endif
