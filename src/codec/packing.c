/*
 * packing.c - the table of packings, and what a file is packed in: see packing.h.
 *
 * The magic numbers are those of the formats' own specifications (RFC 1952, RFC 1950, RFC 4880, RFC 8878,
 * the frame formats of lz4, bzip2, xz, lzma, snappy, lzop and age).
 */
#include "codec/packing.h"

#include <string.h>

#include <walparse/segment.h>

/* What unpacks a format; NULL where this build is without its library. */
#ifdef WITH_ISAL /* takes half of zlib's time */
#define GZIP_CODEC &codec_gzip_isal
#define ZLIB_CODEC &codec_zlib_isal
#else
#define GZIP_CODEC &codec_gzip_zlib
#define ZLIB_CODEC &codec_zlib_zlib
#endif
#ifdef WITH_LZ4
#define LZ4_CODEC &codec_lz4
#else
#define LZ4_CODEC NULL
#endif
#ifdef WITH_ZSTD
#define ZSTD_CODEC &codec_zstd
#else
#define ZSTD_CODEC NULL
#endif
#ifdef WITH_BZ2
#define BZIP2_CODEC &codec_bzip2
#else
#define BZIP2_CODEC NULL
#endif
#ifdef WITH_LZMA
#define XZ_CODEC &codec_xz
#define LZMA_CODEC &codec_lzma
#else
#define XZ_CODEC NULL
#define LZMA_CODEC NULL
#endif
#ifdef WITH_BROTLI
#define BROTLI_CODEC &codec_brotli
#else
#define BROTLI_CODEC NULL
#endif

#define MAGIC_AT(offset, text)         \
    {                                  \
        offset, sizeof(text) - 1, text \
    }
#define MAGIC(text) MAGIC_AT(0, text)

// clang-format off
static const packing packings[PACKINGS] = {
    [PACKING_PLAIN] = { .suffixes = { "" } },

    [PACKING_GZIP] = { "gzip-compressed", { ".gz" }, { MAGIC("\x1F\x8B\x08") }, GZIP_CODEC,
        .command = "gzip -d", .is_compressed = true, .may_repeat = true, .takes_zeros = true, .hands_on = true },
    [PACKING_LZ4] = { "lz4-compressed", { ".lz4" }, { MAGIC("\x04\x22\x4D\x18") }, LZ4_CODEC, "liblz4-dev",
        .command = "lz4 -d", .is_compressed = true, .may_repeat = true, .hands_on = true },
    [PACKING_ZSTD] = { "zstd-compressed", { ".zst", ".zstd" }, { MAGIC("\x28\xB5\x2F\xFD") }, ZSTD_CODEC, "libzstd-dev",
        .command = "zstd -d", .is_compressed = true, .may_repeat = true, .hands_on = true },
    [PACKING_BZIP2] = { "bzip2-compressed", { ".bz2" }, { MAGIC("BZh") }, BZIP2_CODEC, "libbz2-dev",
        .command = "bzip2 -d", .is_compressed = true, .may_repeat = true, .takes_zeros = true, .hands_on = true },
    [PACKING_XZ] = { "xz-compressed", { ".xz" }, { MAGIC("\xFD" "7zXZ\0") }, XZ_CODEC, "liblzma-dev",
        .command = "xz -d", .is_compressed = true, .may_repeat = true, .may_pad = true, .takes_zeros = true, .hands_on = true },
    [PACKING_LZMA] = { "lzma-compressed", { ".lzma" }, { MAGIC("\x5D\0\0") }, LZMA_CODEC, "liblzma-dev",
        .command = "xz -d", .is_compressed = true, .hands_on = true },
    [PACKING_BROTLI] = { "brotli-compressed", { ".br" }, .magics = { { 0 } }, BROTLI_CODEC, "libbrotli-dev",
        .command = "brotli -d", .is_compressed = true, .is_rare_command = true },
    [PACKING_SNAPPY] = { "snappy-compressed", { ".snappy" }, { MAGIC("\xFF\6\0\0sNaPpY") }, &codec_snappy,
        .command = "snzip -d", .is_compressed = true, .is_rare_command = true },
    [PACKING_ZLIB] = { "zlib-compressed", { NULL },
        { MAGIC("\x78\x01"), MAGIC("\x78\x5E"), MAGIC("\x78\x9C"), MAGIC("\x78\xDA") }, ZLIB_CODEC,
        .command = "pigz -d", .is_compressed = true, .is_rare_command = true },

    [PACKING_LZ4_OLD] = { "lz4-compressed in the old form", { NULL }, { MAGIC("\x02\x21\x4C\x18") },
        .advice = "unpack it first (lz4 -d)", .is_compressed = true },
    [PACKING_LZOP] = { "lzop-compressed", { ".lzo" }, { MAGIC("\x89LZO") },
        .advice = "unpack it first (lzop -d)", .is_compressed = true },
    [PACKING_COMPRESS] = { "compressed by compress(1)", { ".Z" }, { MAGIC("\x1F\x9D") },
        .advice = "unpack it first (gzip -d)", .is_compressed = true },
    [PACKING_TAR] = { "a tar archive", { NULL }, { MAGIC_AT(257, "ustar") },
        .advice = "unpack it first (tar -x)" },

    [PACKING_OPENSSL] = { "encrypted (OpenSSL)", { ".enc", ".aes" }, { MAGIC("Salted__") }, NULL, "libssl-dev",
        .command = "openssl enc -d; pgbackrest archive-get, where pgBackRest wrote it" },
    [PACKING_AGE] = { "encrypted (age)", { ".age" }, { MAGIC("age-encryption.org/v1"), MAGIC("-----BEGIN AGE ENCRYP") },
        .advice = "decrypt it first (age -d)" },
    [PACKING_PGHOARD] = { "encrypted (pghoard)", { NULL }, { MAGIC("pghoa1") },
        .advice = "fetch it with pghoard" },
    [PACKING_YANDEX_KMS] = { "encrypted (WAL-G, Yandex Cloud KMS)", { NULL }, { MAGIC("yckms"), MAGIC("envelope-yc-kms") },
        .advice = "fetch it with wal-g wal-fetch" },
    [PACKING_OPENPGP] = { "encrypted (OpenPGP)", { ".gpg", ".pgp" },
        { MAGIC("-----BEGIN PGP MESSAGE"), MAGIC("\x84"), MAGIC("\x85"), MAGIC("\xC1"), MAGIC("\x8C"), MAGIC("\xC3") },
        .advice = "decrypt it first (gpg -d)" },
};
// clang-format on

const packing *packing_at(packing_id id)
{
    return id < PACKINGS ? &packings[id] : NULL;
}

packing_id packing_id_of(const packing *row)
{
    return row ? (packing_id)(row - packings) : PACKING_PLAIN;
}

/* ---- endings -------------------------------------------------------------------------------- */

const char *packing_suffix(size_t i, packing_id *of)
{
    for (packing_id id = PACKING_PLAIN; id < PACKINGS; id++)
        for (size_t k = 0; k < PACKING_SUFFIXES && packings[id].suffixes[k]; k++)
            if (i-- == 0) {
                *of = id;
                return packings[id].suffixes[k];
            }
    return NULL;
}

size_t packing_suffix_len(const char *at, bool is_compressed)
{
    size_t longest = 0;
    for (packing_id id = PACKING_PLAIN; *at == '.' && id < PACKINGS; id++)
        for (size_t k = 0; k < PACKING_SUFFIXES && packings[id].suffixes[k]; k++) {
            const size_t len = strlen(packings[id].suffixes[k]);
            if (packings[id].is_compressed == is_compressed && len > longest
                && strncmp(at, packings[id].suffixes[k], len) == 0)
                longest = len;
        }
    return longest;
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

/* ---- content -------------------------------------------------------------------------------- */

/* Page magics are D0xx, D1xx (D3xx one day). */
bool packing_looks_like_wal(wp_view head)
{
    return head.len >= 2 && ((head.bytes[1] & 0xFC) == 0xD0 || (head.bytes[0] & 0xFC) == 0xD0);
}

size_t packing_magic_len(const packing *row, wp_view head)
{
    for (size_t i = 0; i < PACKING_MAGICS && row->magics[i].len > 0; i++) {
        const packing_magic *m = &row->magics[i];
        if (head.len >= m->offset + m->len && memcmp(head.bytes + m->offset, m->bytes, m->len) == 0)
            return m->len;
    }
    return 0;
}

/* Packed bytes without a magic may look like anything, so here WAL must be just that. */
static const packing *detect_by_name(wp_view head, const char *path)
{
    wp_segment_info info;
    wp_error err;
    for (packing_id id = PACKING_PLAIN + 1; head.len > 0 && id < PACKINGS; id++)
        if (packings[id].magics[0].len == 0 && has_suffix(path, packings[id].suffixes[0])
            && wp_segment_probe(head, &info, &err) != WP_OK)
            return &packings[id];
    return NULL;
}

const packing *packing_detect(wp_view head, const char *path)
{
    const packing *named = detect_by_name(head, path);
    if (named || packing_looks_like_wal(head))
        return named;
    for (packing_id id = PACKING_PLAIN + 1; id < PACKINGS; id++)
        if (packing_magic_len(&packings[id], head) > 0)
            return &packings[id];
    return NULL;
}

bool packing_goes_on(const packing *row, wp_view bytes)
{
    return row->may_repeat && packing_magic_len(row, bytes) > 0;
}

uint64_t packing_skippable_bytes(wp_view bytes)
{
    const uint8_t *b = bytes.bytes;
    if (bytes.len < 8 || (b[0] & 0xF0) != 0x50 || b[1] != 0x2A || b[2] != 0x4D || b[3] != 0x18)
        return 0;
    const uint64_t len = b[4] | (uint64_t)b[5] << 8 | (uint64_t)b[6] << 16 | (uint64_t)b[7] << 24;
    return 8 + len;
}
