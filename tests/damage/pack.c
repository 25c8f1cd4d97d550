/* pack.c - see pack.h. */
#include "pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#ifdef WITH_LZ4
#include <lz4frame.h>
#endif
#ifdef WITH_ZSTD
#include <zstd.h>
#endif
#ifdef WITH_BZ2
#include <bzlib.h>
#endif
#ifdef WITH_LZMA
#include <lzma.h>
#endif
#ifdef WITH_BROTLI
#include <brotli/encode.h>
#endif

#include "folder.h"
#include "wal_builder.h"

static void need(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "cannot pack: %s\n", what);
    abort();
}

static void pack_nothing(wp_view bytes, blob *out)
{
    put_view(out, bytes);
}

static void pack_gzip(wp_view bytes, blob *out)
{
    put_gzip(out, bytes);
}

/* Room for n bytes more, which the caller counts. */
static uint8_t *room_for(blob *out, size_t n)
{
    put_zeros(out, n);
    out->len -= n;
    return out->at + out->len;
}

static void pack_zlib(wp_view bytes, blob *out)
{
    uLongf len = compressBound((uLong)bytes.len);
    need(compress(room_for(out, len), &len, bytes.bytes, (uLong)bytes.len) == Z_OK, "zlib");
    out->len += len;
}

#ifdef WITH_LZ4
static void pack_lz4(wp_view bytes, blob *out)
{
    const LZ4F_preferences_t as_the_tool = { .frameInfo = { .contentChecksumFlag =
                                                                LZ4F_contentChecksumEnabled } };
    const size_t room = LZ4F_compressFrameBound(bytes.len, &as_the_tool);
    const size_t n =
        LZ4F_compressFrame(room_for(out, room), room, bytes.bytes, bytes.len, &as_the_tool);
    need(!LZ4F_isError(n), "lz4");
    out->len += n;
}
#endif

#ifdef WITH_ZSTD
static void pack_zstd(wp_view bytes, blob *out)
{
    const size_t room = ZSTD_compressBound(bytes.len);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    need(context != NULL, "zstd");
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1); /* as the tool does */
    const size_t n = ZSTD_compress2(context, room_for(out, room), room, bytes.bytes, bytes.len);
    need(!ZSTD_isError(n), "zstd");
    (void)ZSTD_freeCCtx(context);
    out->len += n;
}
#endif

#ifdef WITH_BZ2
static void pack_bzip2(wp_view bytes, blob *out)
{
    unsigned len = (unsigned)(bytes.len + bytes.len / 100 + 600);
    uint8_t *copy = malloc(bytes.len + 1); /* which it asks for without const */
    need(copy != NULL, "bzip2");
    memcpy(copy, bytes.bytes, bytes.len);
    need(BZ2_bzBuffToBuffCompress((char *)room_for(out, len), &len, (char *)copy,
                                  (unsigned)bytes.len, 1, 0, 0)
             == BZ_OK,
         "bzip2");
    free(copy);
    out->len += len;
}
#endif

#ifdef WITH_LZMA
static void pack_xz(wp_view bytes, blob *out)
{
    const size_t room = lzma_stream_buffer_bound(bytes.len);
    size_t len = 0;
    need(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, bytes.bytes, bytes.len,
                                 room_for(out, room), &len, room)
             == LZMA_OK,
         "xz");
    out->len += len;
}

static void pack_lzma(wp_view bytes, blob *out)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    const size_t room = bytes.len + bytes.len / 8 + 1024;
    /* With a dictionary of the usual size: its header tells the format. */
    need(!lzma_lzma_preset(&options, 0), "lzma");
    options.dict_size = 1 << 23;
    need(lzma_alone_encoder(&stream, &options) == LZMA_OK, "lzma");
    stream.next_in = bytes.bytes;
    stream.avail_in = bytes.len;
    stream.next_out = room_for(out, room);
    stream.avail_out = room;
    need(lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END, "lzma");
    out->len += room - stream.avail_out;
    lzma_end(&stream);
}
#endif

#ifdef WITH_BROTLI
static void pack_brotli(wp_view bytes, blob *out)
{
    size_t len = BrotliEncoderMaxCompressedSize(bytes.len) + 16;
    need(BrotliEncoderCompress(1, 20, BROTLI_MODE_GENERIC, bytes.len, bytes.bytes, &len,
                               room_for(out, len))
             == BROTLI_TRUE,
         "brotli");
    out->len += len;
}
#endif

/* ---- snappy: its framing format, where runs of one byte are copies and the rest is literal ---- */

static void put_length(blob *out, size_t n)
{
    for (; n >= 0x80; n >>= 7)
        put_u8(out, (uint8_t)(n | 0x80));
    put_u8(out, (uint8_t)n);
}

static void put_literal(blob *out, const uint8_t *at, size_t len)
{
    if (len == 0)
        return;
    put_u8(out, 61 << 2); /* two bytes of length follow */
    put_u16(out, (uint16_t)(len - 1));
    put_raw(out, at, len);
}

/* `len` times the byte before. */
static void put_copies(blob *out, size_t len)
{
    while (len > 0) {
        const size_t n = len < 64 ? len : 64;
        put_u8(out, (uint8_t)((n - 1) << 2 | 2));
        put_u16(out, 1);
        len -= n;
    }
}

static void put_snappy_data(blob *out, const uint8_t *at, size_t len)
{
    size_t from = 0, i = 1;
    put_length(out, len);
    while (i < len) {
        size_t n = 0;
        while (i + n < len && at[i + n] == at[i - 1])
            n++;
        if (n >= 8) {
            put_literal(out, at + from, i - from);
            put_copies(out, n);
            from = i + n;
        }
        i += n > 0 ? n : 1;
    }
    if (from < len)
        put_literal(out, at + from, len - from);
}

static void put_chunk(blob *out, const uint8_t *at, size_t len)
{
    blob packed = { 0 };
    const uint32_t crc = wal_crc32c(at, len);
    put_snappy_data(&packed, at, len);
    put_u8(out, 0);
    put_u8(out, (uint8_t)(packed.len + 4));
    put_u16(out, (uint16_t)((packed.len + 4) >> 8));
    put_u32(out, (crc >> 15 | crc << 17) + 0xA282EAD8u);
    put_view(out, view_of(&packed));
    blob_free(&packed);
}

static void pack_snappy(wp_view bytes, blob *out)
{
    put_raw(out, "\xff\x06\x00\x00sNaPpY", 10);
    for (size_t at = 0; at < bytes.len; at += 65536)
        put_chunk(out, bytes.bytes + at, bytes.len - at < 65536 ? bytes.len - at : 65536);
}

/* ---- all ---------------------------------------------------------------------------------------- */

static const packer packers[] = {
    { "plain", "", false, pack_nothing }, { "gz", ".gz", true, pack_gzip },
    { "zlib", "", true, pack_zlib },      { "snappy", ".snappy", true, pack_snappy },
#ifdef WITH_LZ4
    { "lz4", ".lz4", true, pack_lz4 },
#endif
#ifdef WITH_ZSTD
    { "zst", ".zst", true, pack_zstd },
#endif
#ifdef WITH_BZ2
    { "bz2", ".bz2", true, pack_bzip2 },
#endif
#ifdef WITH_LZMA
    { "xz", ".xz", true, pack_xz },       { "lzma", ".lzma", false, pack_lzma },
#endif
#ifdef WITH_BROTLI
    { "br", ".br", false, pack_brotli },
#endif
};

const packer *packer_at(size_t i)
{
    return i < sizeof packers / sizeof *packers ? &packers[i] : NULL;
}
