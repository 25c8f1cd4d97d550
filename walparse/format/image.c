/*
 * image.c - full-page images: unpacks them and puts the hole back. Mirrors RestoreBlockImage() of
 * access/transam/xlogreader.c.
 *
 * A page has a hole of zero bytes between its line pointers and its rows, which is not stored:
 *
 *     | before the hole | hole | after the hole |      page_bytes
 *     | before the hole | after the hole |             stored, maybe packed
 */
#include "format/image.h"

#include <string.h>

#include "base/pglz.h"
#include "format/record_head.h"

#ifdef WP_WITH_LZ4
#include <lz4.h>
#endif
#ifdef WP_WITH_ZSTD
#include <zstd.h>
#endif

static wp_status status_of(bool unpacked)
{
    return unpacked ? WP_OK : WP_ERR_DAMAGE;
}

static wp_status unpack_lz4(wp_view packed, uint8_t *raw, size_t raw_bytes)
{
#ifdef WP_WITH_LZ4
    const int got = LZ4_decompress_safe((const char *)packed.bytes, (char *)raw, (int)packed.len,
                                        (int)raw_bytes);
    return status_of(got >= 0 && (size_t)got == raw_bytes);
#else
    (void)packed, (void)raw, (void)raw_bytes;
    return WP_ERR_LIMIT;
#endif
}

static wp_status unpack_zstd(wp_view packed, uint8_t *raw, size_t raw_bytes)
{
#ifdef WP_WITH_ZSTD
    /* An error is a number greater than any size asked for. */
    return status_of(ZSTD_decompress(raw, raw_bytes, packed.bytes, packed.len) == raw_bytes);
#else
    (void)packed, (void)raw, (void)raw_bytes;
    return WP_ERR_LIMIT;
#endif
}

static wp_status unpack(const wp_profile *profile, uint8_t method, wp_view packed, uint8_t *raw,
                        size_t raw_bytes)
{
    if (method == profile->image_pglz)
        return status_of(wpi_pglz_unpack(packed, raw, raw_bytes));
    if (method == profile->image_lz4)
        return unpack_lz4(packed, raw, raw_bytes);
    if (method == profile->image_zstd)
        return unpack_zstd(packed, raw, raw_bytes);
    return WP_ERR_DAMAGE; /* two methods at once */
}

wp_status wpi_image_restore(const wp_profile *profile, const wpi_image *image, uint8_t *page,
                            size_t page_bytes)
{
    const unsigned methods = profile->image_pglz | profile->image_lz4 | profile->image_zstd;
    const unsigned known = WPI_IMAGE_HAS_HOLE | profile->image_apply | methods;
    const uint8_t method = (uint8_t)(image->info & methods);
    const bool has_hole = image->info & WPI_IMAGE_HAS_HOLE;
    const size_t stored = image->bytes.len;
    if ((image->info & ~known) != 0)
        return WP_ERR_LIMIT;
    if (page_bytes > WPI_BLOCK_BYTES_MAX || stored == 0 || stored > page_bytes)
        return WP_ERR_DAMAGE;

    size_t hole = 0;
    if (has_hole)
        hole = method ? image->hole_length : page_bytes - stored;
    const size_t before = hole ? image->hole_offset : 0;
    if (hole > page_bytes || before > page_bytes - hole)
        return WP_ERR_DAMAGE;

    const size_t raw_bytes = page_bytes - hole;
    if (method) {
        const wp_status status = unpack(profile, method, image->bytes, page, raw_bytes);
        if (status != WP_OK)
            return status;
    } else if (stored != raw_bytes) {
        return WP_ERR_DAMAGE;
    } else {
        memcpy(page, image->bytes.bytes, stored);
    }
    memmove(page + before + hole, page + before, raw_bytes - before);
    memset(page + before, 0, hole);
    return WP_OK;
}
