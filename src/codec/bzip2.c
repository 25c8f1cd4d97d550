/*
 * bzip2.c - bzip2 streams by libbz2, 4 MB of memory.
 */
#include "codec/codec.h"

#ifdef WITH_BZ2

#include <stdlib.h>

#include <bzlib.h>

typedef struct state {
    bz_stream z;
    bool is_begun; /* libbz2 cannot start over: each stream is a new beginning */
} state;

static void *open_it(void)
{
    return calloc(1, sizeof(state));
}

static void end(state *s)
{
    if (s->is_begun)
        (void)BZ2_bzDecompressEnd(&s->z);
    *s = (state){ 0 };
}

static bool begin(void *any)
{
    state *s = any;
    end(s);
    s->is_begun = BZ2_bzDecompressInit(&s->z, 0, 0) == BZ_OK;
    return s->is_begun;
}

static codec_status step(void *any, codec_io *io)
{
    bz_stream *z = &((state *)any)->z;
    z->next_in = (char *)(uintptr_t)io->in; /* it is only read */
    z->avail_in = (unsigned)io->in_len;
    z->next_out = (char *)io->out;
    z->avail_out = (unsigned)io->out_room;
    const int rc = BZ2_bzDecompress(z);
    io->in += io->in_len - z->avail_in;
    io->in_len = z->avail_in;
    io->out += io->out_room - z->avail_out;
    io->out_room = z->avail_out;
    switch (rc) {
    case BZ_OK:
        return CODEC_OK;
    case BZ_STREAM_END:
        return CODEC_END;
    case BZ_MEM_ERROR:
        return CODEC_NO_MEMORY;
    default:
        return CODEC_DAMAGED;
    }
}

static void close_it(void *any)
{
    if (any)
        end(any);
    free(any);
}

const codec codec_bzip2 = { open_it, begin, step, close_it };

#endif
