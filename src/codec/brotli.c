/*
 * brotli.c - brotli streams by libbrotlidec. Its memory is a window of 16 MB at most.
 */
#include "codec/codec.h"

#ifdef WITH_BROTLI

#include <stdlib.h>

#include <brotli/decode.h>

typedef struct state {
    BrotliDecoderState *decoder; /* cannot start over: each stream has a new one */
} state;

static void *open_it(void)
{
    return calloc(1, sizeof(state));
}

static void end(state *s)
{
    if (s->decoder)
        BrotliDecoderDestroyInstance(s->decoder);
    s->decoder = NULL;
}

static bool begin(void *any)
{
    state *s = any;
    end(s);
    s->decoder = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return s->decoder != NULL;
}

static bool is_out_of_memory(const state *s)
{
    const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(s->decoder);
    return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES
           && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
}

static codec_status step(void *any, codec_io *io)
{
    state *s = any;
    const BrotliDecoderResult rc = BrotliDecoderDecompressStream(s->decoder, &io->in_len, &io->in,
                                                                 &io->out_room, &io->out, NULL);
    if (rc == BROTLI_DECODER_RESULT_SUCCESS)
        return CODEC_END;
    if (rc != BROTLI_DECODER_RESULT_ERROR)
        return CODEC_OK;
    return is_out_of_memory(s) ? CODEC_NO_MEMORY : CODEC_DAMAGED;
}

static void close_it(void *any)
{
    if (any)
        end(any);
    free(any);
}

const codec codec_brotli = { open_it, begin, step, close_it };

#endif
