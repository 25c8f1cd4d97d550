/*
 * segment.c - names of segments, and what the long header of their first page says.
 *
 * Mirrors access/xlog_internal.h: XLogFileName, XLogLongPageHeaderData.
 *
 *            64-bit                        32-bit x86 (u64 aligned to 4)
 *     0   2  xlp_magic                     0   2
 *     2   2  xlp_info                      2   2
 *     4   4  xlp_tli                       4   4
 *     8   8  xlp_pageaddr                  8   8
 *    16   4  xlp_rem_len                  16   4
 *    20   4  padding
 *    24   8  xlp_sysid                    20   8
 *    32   4  xlp_seg_size                 28   4
 *    36   4  xlp_xlog_blcksz              32   4
 */
#include <walparse/profile.h>
#include <walparse/segment.h>

#include <stdio.h>

#include "base/cursor.h"
#include "base/fail.h"

#define PAGE_LONG_HEADER 0x0002
#define PAGE_SIZE_MIN (UINT32_C(1) << 10)
#define PAGE_SIZE_MAX (UINT32_C(1) << 16)

static int upper_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool wp_segment_name_parse(const char *text, wp_segment_name *out)
{
    uint32_t number[3] = { 0 };
    for (int i = 0; i < WP_SEGMENT_NAME_CHARS; i++) {
        const int digit = upper_hex_digit(text[i]);
        if (digit < 0)
            return false;
        number[i / 8] = number[i / 8] << 4 | (uint32_t)digit;
    }
    *out = (wp_segment_name){ .tli = number[0], .log = number[1], .seg = number[2] };
    return true;
}

char *wp_segment_name_format(wp_tli tli, wp_lsn lsn, uint32_t segment_size,
                             char buf[WP_SEGMENT_NAME_BYTES])
{
    snprintf(buf, WP_SEGMENT_NAME_BYTES, "%08X%08X%08X", (unsigned)tli, (unsigned)(lsn >> 32),
             (unsigned)((lsn & UINT32_MAX) / segment_size));
    return buf;
}

static bool is_power_of_two_in(uint32_t n, uint32_t min, uint32_t max)
{
    return n >= min && n <= max && (n & (n - 1)) == 0;
}

static bool is_segment_size(uint32_t n)
{
    return is_power_of_two_in(n, WP_SEGMENT_SIZE_MIN, WP_SEGMENT_SIZE_MAX);
}

bool wp_segment_name_start(const wp_segment_name *name, uint32_t segment_size, wp_lsn *out)
{
    if (!is_segment_size(segment_size) || name->seg > UINT32_MAX / segment_size)
        return false;
    *out = (wp_lsn)name->log << 32 | (wp_lsn)name->seg * segment_size;
    return true;
}

static bool is_all_zero(wp_view view)
{
    for (size_t i = 0; i < view.len; i++)
        if (view.bytes[i] != 0)
            return false;
    return true;
}

static const char *newest_major(void)
{
    size_t newest = 0;
    while (wp_profile_at(newest + 1))
        newest++;
    return wp_profile_at(newest)->major;
}

/* Why a page magic is none of ours. */
static wp_status refuse_magic(uint16_t magic, wp_error *err)
{
    const uint16_t swapped = (uint16_t)(magic >> 8 | magic << 8);
    const wp_profile *other = wp_profile_by_magic(swapped);
    if (other)
        return wpi_fail(err, WP_ERR_BYTEORDER, 0,
                        "page magic %04X is that of PostgreSQL %s in the other byte order", magic,
                        other->major);
    bool is_beta;
    const char *unreleased = wp_profile_unreleased(magic, &is_beta);
    if (unreleased)
        return wpi_fail(err, WP_ERR_VERSION, 0,
                        "page magic %04X is that of %s of PostgreSQL %s, which is not supported",
                        magic, is_beta ? "a beta" : "a development version", unreleased);
    /* Every release so far lies between D058 and D121, rising. */
    if (magic >= 0xD000 && magic <= 0xD2FF)
        return wpi_fail(err, WP_ERR_VERSION, 0,
                        "page magic %04X belongs to no PostgreSQL version from %s to %s", magic,
                        wp_profile_at(0)->major, newest_major());
    return wpi_fail(err, WP_ERR_NOT_WAL, 0,
                    "begins with %04X, which is not a page magic of PostgreSQL WAL", magic);
}

/* Fills in what depends on the alignment; false when the sizes there are impossible. */
static bool read_geometry(const uint8_t *head, uint8_t max_align, wp_segment_info *out)
{
    const uint8_t *at = head + (max_align == 8 ? 24 : 20);
    const uint32_t segment_size = wpi_u32(at + 8);
    const uint32_t page_size = wpi_u32(at + 12);
    if (!is_segment_size(segment_size)
        || !is_power_of_two_in(page_size, PAGE_SIZE_MIN, PAGE_SIZE_MAX))
        return false;
    out->system_identifier = wpi_u64(at);
    out->segment_size = segment_size;
    out->page_size = page_size;
    out->max_align = max_align;
    return true;
}

wp_status wp_segment_probe(wp_view head, wp_segment_info *out, wp_error *err)
{
    if (head.len < WP_PROBE_BYTES)
        return wpi_fail(err, WP_ERR_NOT_WAL, 0,
                        "only %zu bytes, a segment begins with a header of %d", head.len,
                        WP_PROBE_BYTES);
    if (is_all_zero((wp_view){ head.bytes, head.len < PAGE_SIZE_MIN ? head.len : PAGE_SIZE_MIN }))
        return WP_END;

    const uint8_t *p = head.bytes;
    const uint16_t magic = wpi_u16(p);
    const uint16_t flags = wpi_u16(p + 2);
    wp_segment_info info = { .profile = wp_profile_by_magic(magic),
                             .page_tli = wpi_u32(p + 4),
                             .start_lsn = wpi_u64(p + 8) };
    if (!info.profile)
        return refuse_magic(magic, err);
    if ((flags & ~info.profile->page_flags) != 0 || !(flags & PAGE_LONG_HEADER))
        return wpi_fail(err, WP_ERR_NOT_WAL, info.start_lsn,
                        "page flags %04X are not those of the first page of a segment", flags);
    if (!read_geometry(p, 8, &info) && !read_geometry(p, 4, &info))
        return wpi_fail(err, WP_ERR_GEOMETRY, info.start_lsn,
                        "impossible segment size %u with page size %u", (unsigned)wpi_u32(p + 32),
                        (unsigned)wpi_u32(p + 36));
    if (info.start_lsn % info.segment_size != 0) {
        char lsn[WP_LSN_TEXT_BYTES];
        return wpi_fail(err, WP_ERR_GEOMETRY, info.start_lsn,
                        "page address %s is not a multiple of the segment size %u",
                        wp_lsn_format(info.start_lsn, lsn), (unsigned)info.segment_size);
    }
    *out = info;
    return WP_OK;
}
