/*
 * lz4.c - lz4 frames by liblz4. Its memory is two of the frame's blocks, which have 4 MB at most.
 */
#include "codec/codec.h"

#ifdef WITH_LZ4

#include <string.h>

#include <lz4frame.h>

static void *open_it(void)
{
    LZ4F_dctx *d = NULL;
    return LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)) ? NULL : d;
}

static bool begin(void *state)
{
    LZ4F_resetDecompressionContext(state);
    return true;
}

static codec_status step(void *state, codec_io *io)
{
    size_t taken = io->in_len, written = io->out_room;
    const size_t hint = LZ4F_decompress(state, io->out, &written, io->in, &taken, NULL);
    if (LZ4F_isError(hint)) /* their numbers are for static linking only, their names are not */
        return strcmp(LZ4F_getErrorName(hint), "ERROR_allocation_failed") == 0 ? CODEC_NO_MEMORY
                                                                               : CODEC_DAMAGED;
    io->in += taken;
    io->in_len -= taken;
    io->out += written;
    io->out_room -= written;
    return hint == 0 ? CODEC_END : CODEC_OK;
}

static void close_it(void *state)
{
    (void)LZ4F_freeDecompressionContext(state);
}

const codec codec_lz4 = { open_it, begin, step, close_it };

#endif
