/*
 * walk.c - whole records one after the other. See walparse/walk.h.
 *
 * Mirrors access/transam/xlogreader.c in what makes a record valid, but for its content.
 */
#include <walparse/walk.h>

#include <string.h>

#include <walparse/mapper.h>
#include <walparse/profile.h>
#include <walparse/rmgr.h>

#include "base/crc32c.h"
#include "decode/decode.h"
#include "format/page.h"
#include "format/record_head.h"

#define CRC_START UINT32_C(0xFFFFFFFF)

void wp_walk_begin(wp_walk *w, const wp_segment_info *segment, wp_lsn at)
{
    *w = (wp_walk){ .segment = *segment, .at = at, .sound = at };
}

void wp_walk_back(wp_walk *w)
{
    w->at = w->sound;
    w->record = 0;
    w->skip = 0;
}

static wp_lsn align_up(const wp_walk *w, wp_lsn lsn)
{
    const wp_lsn mask = (wp_lsn)w->segment.max_align - 1;
    return (lsn + mask) & ~mask;
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* Does what the header says of a record that goes on fit what lies before? */
static bool goes_on(wp_walk *w, const wpi_page_header *header)
{
    const bool is_open = w->record != 0 || w->skip > 0;
    if (header->is_overwrite) { /* a crash cut the record short: it is void */
        w->record = 0;
        w->skip = 0;
        return true;
    }
    if (!header->is_contrecord)
        return !is_open;
    if (!is_open && w->prev == 0 && w->sound == w->at) { /* it began before the walk */
        w->skip = header->rem_len;
        return header->rem_len <= WP_RECORD_MAX;
    }
    return is_open && header->rem_len == (w->record != 0 ? w->total - w->done : w->skip);
}

static wp_walk_end enter_page(wp_walk *w, wp_view bytes)
{
    const wpi_page_rules rules = { .info = w->segment };
    wpi_page_header header;
    const bool is_first = (w->at & (w->segment.segment_size - 1)) == 0;
    const size_t wanted = (w->segment.max_align == 8 ? 24U : 20U) + (is_first ? 16U : 0U);
    if (bytes.len < wanted)
        return WP_WALK_MORE;
    if (wpi_page_check(&rules, bytes.bytes, (uint32_t)wanted, w->at, &header) != WPI_PAGE_GOOD
        || !goes_on(w, &header))
        return WP_WALK_STOP;
    w->at += header.bytes;
    return WP_WALK_MORE;
}

/* ---- records -------------------------------------------------------------------------------- */

/* A record that was left in the file points to another one before it. */
static bool is_header_sound(const wp_walk *w)
{
    const wp_lsn prev = wpi_record_prev(w->header);
    return w->prev != 0 ? prev == w->prev : prev < w->record;
}

static wp_walk_end finish_record(wp_walk *w, wpi_crc32c_fn crc32c)
{
    const wp_lsn segment_end = (w->record | (w->segment.segment_size - 1)) + 1;
    if (~crc32c(w->crc, w->header, WPI_RECORD_CRC_AT) != wpi_record_crc(w->header))
        return WP_WALK_STOP;
    w->prev = w->record;
    w->record = 0;
    w->sound = align_up(w, w->at);
    if (wpi_record_rmid(w->header) != WP_RMGR_XLOG
        || (wpi_record_info(w->header) & WPI_INFO_OP_MASK) != WPI_XLOG_SWITCH)
        return WP_WALK_MORE;
    w->at = w->sound = segment_end;
    return WP_WALK_SWITCH;
}

/* Takes what there is of the record, which all lies on one page. */
static wp_walk_end take_record(wp_walk *w, wp_view bytes)
{
    const wpi_crc32c_fn crc32c = wpi_crc32c_choose();
    const uint32_t left = w->total - w->done;
    const uint32_t n = bytes.len < left ? (uint32_t)bytes.len : left;
    uint32_t head = 0;
    if (w->done < WP_WALK_HEADER_BYTES) {
        const uint32_t rest = WP_WALK_HEADER_BYTES - w->done;
        head = n < rest ? n : rest;
        memcpy(w->header + w->done, bytes.bytes, head);
        if (head == rest && !is_header_sound(w))
            return WP_WALK_STOP;
    }
    w->crc = crc32c(w->crc, bytes.bytes + head, n - head);
    w->done += n;
    w->at += n;
    return w->done < w->total ? WP_WALK_MORE : finish_record(w, crc32c);
}

static bool begin_record(wp_walk *w, wp_view bytes)
{
    w->record = w->at;
    w->total = wpi_record_total(bytes.bytes);
    w->done = 0;
    w->crc = CRC_START;
    return w->total >= WP_WALK_HEADER_BYTES && w->total <= WP_RECORD_MAX;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static uint32_t pass(wp_walk *w, wp_view bytes, uint32_t wanted)
{
    const uint32_t n = bytes.len < wanted ? (uint32_t)bytes.len : wanted;
    w->at += n;
    return n;
}

/* Bytes of one page, from after its header on. */
static wp_walk_end walk_page(wp_walk *w, wp_view bytes)
{
    const uint32_t padding = (uint32_t)(align_up(w, w->at) - w->at);
    if (w->skip > 0) {
        w->skip -= pass(w, bytes, w->skip);
        return WP_WALK_MORE;
    }
    if (w->record == 0 && padding > 0) {
        (void)pass(w, bytes, padding);
        return WP_WALK_MORE;
    }
    if (w->record == 0 && bytes.len < sizeof(uint32_t))
        return WP_WALK_MORE;
    if (w->record == 0 && !begin_record(w, bytes))
        return WP_WALK_STOP;
    return take_record(w, bytes);
}

wp_walk_end wp_walk_on(wp_walk *w, wp_view bytes)
{
    const uint32_t page_size = w->segment.page_size;
    while (bytes.len > 0) {
        const wp_lsn before = w->at;
        const uint32_t pos = (uint32_t)(before & (page_size - 1));
        const size_t room = bytes.len < page_size - pos ? bytes.len : page_size - pos;
        const wp_view here = { bytes.bytes, room };
        const wp_walk_end end = pos == 0 ? enter_page(w, here) : walk_page(w, here);
        if (end != WP_WALK_MORE || w->at == before)
            return end;
        bytes.bytes += w->at - before;
        bytes.len -= (size_t)(w->at - before);
    }
    return WP_WALK_MORE;
}
