/*
 * zstd.c - zstd frames by libzstd. Its memory is the window a frame asks for.
 */
#include "codec/codec.h"

#ifdef WITH_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

static void *open_it(void)
{
    ZSTD_DCtx *d = ZSTD_createDCtx();
    if (d && !ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, CODEC_WINDOW_LOG_MAX)))
        return d;
    (void)ZSTD_freeDCtx(d);
    return NULL;
}

static bool begin(void *state)
{
    return !ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only));
}

static codec_status fail(size_t rc, codec_io *io)
{
    switch (ZSTD_getErrorCode(rc)) {
    case ZSTD_error_memory_allocation:
        return CODEC_NO_MEMORY;
    case ZSTD_error_frameParameter_windowTooLarge:
        io->why = "more than 128 MB of memory to be unpacked (zstd --long)";
        return CODEC_REFUSED;
    case ZSTD_error_dictionary_wrong:
        io->why = "a dictionary to be unpacked";
        return CODEC_REFUSED;
    default:
        return CODEC_DAMAGED;
    }
}

static codec_status step(void *state, codec_io *io)
{
    ZSTD_inBuffer in = { io->in, io->in_len, 0 };
    ZSTD_outBuffer out = { io->out, io->out_room, 0 };
    const size_t rc = ZSTD_decompressStream(state, &out, &in);
    if (ZSTD_isError(rc))
        return fail(rc, io);
    io->in += in.pos;
    io->in_len -= in.pos;
    io->out += out.pos;
    io->out_room -= out.pos;
    return rc == 0 ? CODEC_END : CODEC_OK;
}

static void close_it(void *state)
{
    (void)ZSTD_freeDCtx(state);
}

const codec codec_zstd = { open_it, begin, step, close_it };

#endif
