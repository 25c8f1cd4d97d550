/*
 * page.c - page headers. Mirrors XLogPageHeaderData of access/xlog_internal.h.
 *
 *     off 8-aligned: 0 magic, 2 info, 4 tli, 8 pageaddr, 16 rem_len | long: 24 sysid, 32 segsz, 36 blcksz
 *     off 4-aligned: 0 magic, 2 info, 4 tli, 8 pageaddr, 16 rem_len | long: 20 sysid, 28 segsz, 32 blcksz
 */
#include "format/page.h"

#include <string.h>

#include "base/cursor.h"

#define INFO_CONTRECORD 0x0001
#define INFO_LONG_HEADER 0x0002

static uint32_t short_header_bytes(const wp_segment_info *info)
{
    return info->max_align == 8 ? 24 : 20;
}

static bool long_header_fits(const wp_segment_info *info, const uint8_t *page)
{
    const uint8_t *more = page + short_header_bytes(info);
    return wpi_u64(more) == info->system_identifier && wpi_u32(more + 8) == info->segment_size
           && wpi_u32(more + 12) == info->page_size;
}

bool wpi_is_all_zero(const uint8_t *page, uint32_t len)
{
    return len > 0 && page[0] == 0 && memcmp(page, page + 1, len - 1) == 0;
}

/* A server takes old segments for new ones as they are: what is left of them lies whole segments back. */
static bool is_of_earlier_segment(const wp_segment_info *info, wp_lsn address, wp_lsn lsn)
{
    return address < lsn && ((lsn - address) & (info->segment_size - 1)) == 0;
}

wpi_page_fault wpi_page_check(const wpi_page_rules *rules, const uint8_t *page, uint32_t len,
                              wp_lsn lsn, wpi_page_header *out)
{
    const wp_segment_info *info = &rules->info;
    const bool is_first = (lsn & (info->segment_size - 1)) == 0;
    *out = (wpi_page_header){ .magic = len >= 2 ? wpi_u16(page) : 0 };
    out->bytes = short_header_bytes(info) + (is_first ? 16 : 0);
    if (wpi_is_all_zero(page, len))
        return WPI_PAGE_ZERO;
    if (len < out->bytes || out->magic != info->profile->page_magic)
        return WPI_PAGE_BAD;

    const uint16_t flags = wpi_u16(page + 2);
    if ((flags & ~info->profile->page_flags) != 0)
        return WPI_PAGE_BAD;
    const bool is_long = flags & INFO_LONG_HEADER;
    if (is_long != is_first || (is_long && !long_header_fits(info, page)))
        return WPI_PAGE_BAD;
    const wp_lsn address = wpi_u64(page + 8);
    if (address != lsn)
        return is_of_earlier_segment(info, address, lsn) ? WPI_PAGE_STALE : WPI_PAGE_BAD;
    out->tli = wpi_u32(page + 4);
    out->is_contrecord = flags & INFO_CONTRECORD;
    out->is_overwrite = flags & info->profile->page_overwrite;
    out->rem_len = wpi_u32(page + 16);
    return WPI_PAGE_GOOD;
}
