/*
 * codec.c - which format a file is in, see codec.h.
 *
 * The magic numbers are those of the formats' own specifications (RFC 1952, RFC 1950, RFC 4880, RFC 8878,
 * the frame formats of lz4, bzip2, xz, lzma, snappy, lzop and age).
 */
#include "codec/codec.h"

#include <string.h>

#include <walparse/segment.h>

/* What unpacks a format, and what to install where this build has nothing. */
#define NOT_READ NULL, NULL
#ifdef WITH_ISAL /* takes half of zlib's time */
#define GZIP &codec_gzip_isal, NULL
#define ZLIB &codec_zlib_isal, NULL
#else
#define GZIP &codec_gzip_zlib, NULL
#define ZLIB &codec_zlib_zlib, NULL
#endif
#ifdef WITH_LZ4
#define LZ4 &codec_lz4, NULL
#else
#define LZ4 NULL, "liblz4-dev"
#endif
#ifdef WITH_ZSTD
#define ZSTD &codec_zstd, NULL
#else
#define ZSTD NULL, "libzstd-dev"
#endif
#ifdef WITH_BZ2
#define BZ2 &codec_bzip2, NULL
#else
#define BZ2 NULL, "libbz2-dev"
#endif
#ifdef WITH_LZMA
#define XZ &codec_xz, NULL
#define LZMA &codec_lzma, NULL
#else
#define XZ NULL, "liblzma-dev"
#define LZMA NULL, "liblzma-dev"
#endif
#ifdef WITH_BROTLI
#define BROTLI &codec_brotli, NULL
#else
#define BROTLI NULL, "libbrotli-dev"
#endif
#define SNAPPY &codec_snappy, NULL
#ifdef WITH_CRYPTO /* salted.h: decrypted before any codec sees it */
#define SALTED NULL, NULL
#else
#define SALTED NULL, "libssl-dev"
#endif

#define DECRYPT "decrypt it first"

// clang-format off
static const codec_format formats[] = {
    /* name                       suffix  at len  magic                                  codec, package  advice  compressed, repeats, pads */
    { "gzip-compressed",            NULL, 0,   3, { 0x1F, 0x8B, 0x08 },                    GZIP,   NULL,              true, true,  false },
    { "lz4-compressed",             NULL, 0,   4, { 0x04, 0x22, 0x4D, 0x18 },              LZ4,    "lz4 -d",          true, true,  false },
    { "zstd-compressed",            NULL, 0,   4, { 0x28, 0xB5, 0x2F, 0xFD },              ZSTD,   "zstd -d",         true, true,  false },
    { "bzip2-compressed",           NULL, 0,   3, "BZh",                                   BZ2,    "bzip2 -d",        true, true,  false },
    { "xz-compressed",              NULL, 0,   6, { 0xFD, '7', 'z', 'X', 'Z', 0 },         XZ,     "xz -d",           true, true,  true  },
    { "lzma-compressed",            NULL, 0,   3, { 0x5D, 0, 0 },                          LZMA,   "xz -d",           true, false, false },
    { "snappy-compressed",          NULL, 0,  10, { 0xFF, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y' }, SNAPPY, NULL,      true, false, false },
    { "zlib-compressed",            NULL, 0,   2, { 0x78, 0x01 },                          ZLIB,   NULL,              true, false, false },
    { "zlib-compressed",            NULL, 0,   2, { 0x78, 0x5E },                          ZLIB,   NULL,              true, false, false },
    { "zlib-compressed",            NULL, 0,   2, { 0x78, 0x9C },                          ZLIB,   NULL,              true, false, false },
    { "zlib-compressed",            NULL, 0,   2, { 0x78, 0xDA },                          ZLIB,   NULL,              true, false, false },
    { "brotli-compressed",        ".br",  0,   0, { 0 },                                   BROTLI, "brotli -d",       true, false, false },
    { "lz4-compressed in the old form", NULL, 0, 4, { 0x02, 0x21, 0x4C, 0x18 }, NOT_READ, "unpack it first (lz4 -d)", true, false, false },
    { "lzop-compressed",            NULL, 0,   4, { 0x89, 'L', 'Z', 'O' },    NOT_READ, "unpack it first (lzop -d)",   true, false, false },
    { "compressed by compress(1)",  NULL, 0,   2, { 0x1F, 0x9D },             NOT_READ, "unpack it first (gzip -d)",   true, false, false },
    { "a tar archive",              NULL, 257, 5, "ustar",                    NOT_READ, "unpack it first (tar -x)",    false, false, false },
    { "encrypted (OpenSSL)",        NULL, 0,   8, "Salted__",                 SALTED, "openssl enc -d; pgbackrest archive-get, where pgBackRest wrote it", false, false, false },
    { "encrypted (age)",            NULL, 0,  21, "age-encryption.org/v1",    NOT_READ, DECRYPT " (age -d)",             false, false, false },
    { "encrypted (age)",            NULL, 0,  21, "-----BEGIN AGE ENCRYP",    NOT_READ, DECRYPT " (age -d)",             false, false, false },
    { "encrypted (pghoard)",        NULL, 0,   6, "pghoa1",                   NOT_READ, "fetch it with pghoard",         false, false, false },
    { "encrypted (WAL-G, Yandex Cloud KMS)", NULL, 0, 5, "yckms",             NOT_READ, "fetch it with wal-g wal-fetch", false, false, false },
    { "encrypted (WAL-G, Yandex Cloud KMS)", NULL, 0, 15, "envelope-yc-kms",  NOT_READ, "fetch it with wal-g wal-fetch", false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,  22, "-----BEGIN PGP MESSAGE",   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,   1, { 0x84 },                   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,   1, { 0x85 },                   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,   1, { 0xC1 },                   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,   1, { 0x8C },                   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
    { "encrypted (OpenPGP)",        NULL, 0,   1, { 0xC3 },                   NOT_READ, DECRYPT " (gpg -d)",             false, false, false },
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof *(array))

const codec_format *codec_format_at(size_t i)
{
    return i < COUNT(formats) ? &formats[i] : NULL;
}

/* Page magics are D0xx, D1xx (D3xx one day). */
bool codec_looks_like_wal(wp_view head)
{
    return head.len >= 2 && ((head.bytes[1] & 0xFC) == 0xD0 || (head.bytes[0] & 0xFC) == 0xD0);
}

static bool has_magic(const codec_format *format, wp_view head)
{
    return format->len > 0 && head.len >= format->offset + format->len
           && memcmp(head.bytes + format->offset, format->magic, format->len) == 0;
}

/* NAME.br, NAME.br.partial */
static bool has_suffix(const char *path, const char *suffix)
{
    static const char partial[] = ".partial";
    size_t len = strlen(path);
    if (len >= sizeof partial && strcmp(path + len - (sizeof partial - 1), partial) == 0)
        len -= sizeof partial - 1;
    const size_t suffix_len = strlen(suffix);
    return len > suffix_len && memcmp(path + len - suffix_len, suffix, suffix_len) == 0;
}

/* Packed bytes without a magic may look like anything, so here WAL must be just that. */
static const codec_format *detect_by_name(wp_view head, const char *path)
{
    wp_segment_info info;
    wp_error err;
    for (size_t i = 0; head.len > 0 && i < COUNT(formats); i++)
        if (formats[i].suffix && has_suffix(path, formats[i].suffix)
            && wp_segment_probe(head, &info, &err) != WP_OK)
            return &formats[i];
    return NULL;
}

const codec_format *codec_detect(wp_view head, const char *path)
{
    const codec_format *named = detect_by_name(head, path);
    if (named || codec_looks_like_wal(head))
        return named;
    for (size_t i = 0; i < COUNT(formats); i++)
        if (has_magic(&formats[i], head))
            return &formats[i];
    return NULL;
}

bool codec_goes_on(const codec_format *format, wp_view bytes)
{
    return format->may_repeat && has_magic(format, bytes);
}

uint64_t codec_skippable_bytes(wp_view bytes)
{
    const uint8_t *b = bytes.bytes;
    if (bytes.len < 8 || (b[0] & 0xF0) != 0x50 || b[1] != 0x2A || b[2] != 0x4D || b[3] != 0x18)
        return 0;
    const uint64_t len = b[4] | (uint64_t)b[5] << 8 | (uint64_t)b[6] << 16 | (uint64_t)b[7] << 24;
    return 8 + len;
}
