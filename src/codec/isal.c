/*
 * isal.c - gzip members and zlib streams by ISA-L: half of zlib's time, and its memory is the state.
 */
#include "codec/codec.h"

#ifdef WITH_ISAL

#include <stdlib.h>

#include <isa-l/igzip_lib.h>

static void *open_with(uint32_t framing)
{
    struct inflate_state *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    isal_inflate_init(s);
    s->crc_flag = framing;
    return s;
}

static void *open_gzip(void)
{
    return open_with(ISAL_GZIP);
}

static void *open_zlib(void)
{
    return open_with(ISAL_ZLIB);
}

/* The framing stays as it is. */
static bool begin(void *state)
{
    isal_inflate_reset(state);
    return true;
}

static codec_status step(void *state, codec_io *io)
{
    struct inflate_state *s = state;
    const uint8_t *const in = io->in;
    s->next_in = (uint8_t *)(uintptr_t)in; /* it is only read */
    s->avail_in = (uint32_t)io->in_len;
    s->next_out = io->out;
    s->avail_out = (uint32_t)io->out_room;
    const int rc = isal_inflate(s);
    /* On damaged data it may count bits it never had: avail_in then wraps below zero. */
    const size_t left = s->avail_in <= io->in_len ? s->avail_in : 0;
    io->in += io->in_len - left;
    io->in_len = left;
    io->out = s->next_out;
    io->out_room = s->avail_out;
    if (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT && rc != ISAL_OUT_OVERFLOW)
        return CODEC_DAMAGED;
    return s->block_state == ISAL_BLOCK_FINISH ? CODEC_END : CODEC_OK;
}

const codec codec_gzip_isal = { open_gzip, begin, step, free };
const codec codec_zlib_isal = { open_zlib, begin, step, free };

#endif
