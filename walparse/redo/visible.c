/*
 * visible.c - which rows are there: see <walparse/visible.h>. Mirrors HeapTupleSatisfiesMVCC() of access/heap/heapam_visibility.c, before 12
 * utils/time/tqual.c.
 */
#include "redo/fates.h"
#include "format/image.h"
#include "redo/page.h"

#define LOWER_AT 12
#define UPPER_AT 14
#define SPECIAL_AT 16
#define SIZE_AT 18
#define LAYOUT_VERSION 4
#define SEQUENCE_MAGIC 0x1717 /* commands/sequence.c */

/* The item of a t_ctid that is no place: the row is put in on trial. */
#define SPECULATIVE_ITEM 0xFFFE

/* ---- the rows of a page ----------------------------------------------------------------------- */

bool wp_page_next_row(wp_view page, uint16_t *item, wp_view *tuple)
{
    if (page.len < WPI_PAGE_HEADER_BYTES)
        return false;
    const uint16_t lower = wpi_u16(page.bytes + LOWER_AT), upper = wpi_u16(page.bytes + UPPER_AT);
    const uint16_t special = wpi_u16(page.bytes + SPECIAL_AT);
    const size_t end = lower < page.len ? lower : page.len;
    for (;;) {
        const size_t at = WPI_PAGE_HEADER_BYTES + (size_t)*item * WPI_POINTER_BYTES;
        if (at + WPI_POINTER_BYTES > end)
            return false;
        (*item)++;
        const wpi_pointer pointer = wpi_pointer_at(page.bytes + at);
        if (pointer.kind != WPI_POINTER_ROW)
            continue;
        const size_t row_end = (size_t)pointer.off + pointer.len;
        const bool is_within = pointer.off >= upper && row_end <= special && row_end <= page.len;
        *tuple = (wp_view){ page.bytes + pointer.off, pointer.len };
        if (!is_within)
            *tuple = (wp_view){ page.bytes, 0 };
        return true;
    }
}

/* Pages of tables have no special space, those of sequences a word in it. */
static bool has_right_special(wp_view page, uint8_t max_align)
{
    const uint16_t special = wpi_u16(page.bytes + SPECIAL_AT);
    if (special == page.len)
        return true;
    return special == page.len - max_align && wpi_u32(page.bytes + special) == SEQUENCE_MAGIC;
}

/* Marks the bytes of a row as taken, in units of the alignment. False: they are not aligned, or some are taken. */
static bool take_bytes(uint8_t *units, wpi_pointer pointer, uint8_t max_align)
{
    const size_t end = (size_t)pointer.off + pointer.len;
    if (pointer.off % max_align != 0)
        return false;
    for (size_t unit = (size_t)pointer.off / max_align; unit * max_align < end; unit++) {
        const uint8_t bit = (uint8_t)(1U << unit % 8);
        if (units[unit / 8] & bit)
            return false;
        units[unit / 8] |= bit;
    }
    return true;
}

static bool is_zero(wp_view page)
{
    return page.bytes[0] == 0 && memcmp(page.bytes, page.bytes + 1, page.len - 1) == 0;
}

bool wp_page_is_of_table(wp_view page, uint8_t max_align)
{
    uint8_t units[WPI_BLOCK_BYTES_MAX / 4 / 8] = { 0 };
    if (page.len < WPI_PAGE_HEADER_BYTES || page.len > WPI_BLOCK_BYTES_MAX)
        return false;
    if (is_zero(page)) /* a new one, as an image may have it */
        return true;
    const uint16_t lower = wpi_u16(page.bytes + LOWER_AT), upper = wpi_u16(page.bytes + UPPER_AT);
    const bool has_order = lower >= WPI_PAGE_HEADER_BYTES && lower <= upper && upper <= page.len;
    if (!has_order || (lower - WPI_PAGE_HEADER_BYTES) % WPI_POINTER_BYTES != 0
        || !has_right_special(page, max_align)
        || wpi_u16(page.bytes + SIZE_AT) != (page.len | LAYOUT_VERSION))
        return false;
    for (size_t at = WPI_PAGE_HEADER_BYTES; at < lower; at += WPI_POINTER_BYTES) {
        const wpi_pointer pointer = wpi_pointer_at(page.bytes + at);
        const bool is_within = (size_t)pointer.off + pointer.len <= page.len;
        const bool is_row = pointer.kind == WPI_POINTER_ROW;
        if (is_row ? is_within && !take_bytes(units, pointer, max_align) : pointer.len != 0)
            return false;
    }
    return true;
}

/* ---- a row ------------------------------------------------------------------------------------- */

typedef struct judge {
    wp_fates *fates;
    wp_redo *redo;
    wp_error *err;
    const uint8_t *row;
    uint16_t infomask;
} judge;

/* How a transaction ended, and which one it is. */
typedef struct end {
    wp_xid_fate fate;
    wp_xid xid;
    wp_row_doubt doubt; /* where the fate is not known */
} end;

static wp_status end_of(const judge *j, wp_xid xid, end *out)
{
    out->xid = xid;
    return wp_fates_of(j->fates, j->redo, xid, &out->fate, j->err);
}

/* A row that VACUUM FULL moved away, or to here, is there unless it did, or if. */
static wp_status end_of_mover(const judge *j, end *out)
{
    const wp_status status = end_of(j, wpi_u32(j->row + WPI_ROW_CID_AT), out);
    if (j->infomask & WPI_MOVED_OFF && out->fate != WP_XID_UNKNOWN)
        out->fate = out->fate == WP_XID_COMMITTED ? WP_XID_ABORTED : WP_XID_COMMITTED;
    return status;
}

static wp_status end_of_maker(const judge *j, end *out)
{
    *out = (end){ .fate = WP_XID_COMMITTED, .doubt = WP_ROW_DOUBT_MAKER };
    if (j->infomask & WPI_XMIN_COMMITTED)
        return WP_OK;
    if (j->infomask & WPI_XMIN_INVALID) {
        out->fate = WP_XID_ABORTED;
        return WP_OK;
    }
    if (j->infomask & WPI_MOVED)
        return end_of_mover(j, out);
    return end_of(j, wpi_u32(j->row + WPI_ROW_XMIN_AT), out);
}

static wp_status end_of_updater(const judge *j, wp_xid multi, end *out)
{
    bool is_known;
    wp_xid updater;
    const wp_status status = wpi_multixacts_updater(wpi_fates_multixacts(j->fates), j->redo, multi,
                                                    &is_known, &updater, j->err);
    if (status < 0)
        return status;
    if (!is_known) {
        *out = (end){ WP_XID_UNKNOWN, multi, WP_ROW_DOUBT_MULTIXACT };
        return WP_OK;
    }
    return end_of(j, updater, out);
}

/* Aborted: nobody removed it. */
static wp_status end_of_remover(const judge *j, end *out)
{
    const wp_xid xmax = wpi_u32(j->row + WPI_ROW_XMAX_AT);
    *out = (end){ .fate = WP_XID_ABORTED, .doubt = WP_ROW_DOUBT_REMOVER };
    if (j->infomask & WPI_XMAX_INVALID || wpi_row_is_only_locked(j->infomask))
        return WP_OK;
    if (j->infomask & WPI_XMAX_IS_MULTI)
        return end_of_updater(j, xmax, out);
    if (j->infomask & WPI_XMAX_COMMITTED) {
        out->fate = WP_XID_COMMITTED;
        return WP_OK;
    }
    return end_of(j, xmax, out);
}

/*
 * Nobody can remove a row that he does not see: its maker had committed, if it was not the remover itself. So are rows known that the WAL's
 * transactions removed, where nothing tells of those that made them.
 */
static bool was_seen_by(const judge *j, const end *maker, const end *remover)
{
    return !(j->infomask & WPI_MOVED) && remover->xid != 0 && remover->fate != WP_XID_UNKNOWN
           && wpi_fates_are_apart(j->fates, maker->xid, remover->xid);
}

static void doubt(wp_row_verdict *out, wp_row_doubt doubt, wp_xid xid)
{
    out->state = WP_ROW_IN_DOUBT;
    out->doubt = doubt;
    out->xid = xid;
}

/* Where t_ctid leads. */
static void follow(const uint8_t *row, wp_row_place at, wp_row_verdict *out)
{
    const uint8_t *ctid = row + WPI_ROW_CTID_AT;
    const wp_row_place to = { .block = (uint32_t)wpi_u16(ctid) << 16 | wpi_u16(ctid + 2),
                              .item = wpi_u16(ctid + 4) };
    const bool is_itself = to.block == at.block && to.item == at.item;
    out->is_replaced = !is_itself && to.item != SPECULATIVE_ITEM;
    out->is_moved = to.block == WPI_MOVED_PARTITIONS_BLOCK && to.item == WPI_MOVED_PARTITIONS_ITEM;
    if (out->is_replaced && !out->is_moved)
        out->newer = to;
}

static bool has_header(wp_view tuple)
{
    return tuple.len >= WPI_ROW_BITS_AT && tuple.bytes[WPI_ROW_HOFF_AT] >= WPI_ROW_BITS_AT
           && tuple.bytes[WPI_ROW_HOFF_AT] <= tuple.len;
}

wp_status wp_row_judge(wp_fates *fates, wp_redo *redo, wp_view tuple, wp_row_place at,
                       wp_row_verdict *out, wp_error *err)
{
    *out = (wp_row_verdict){ .state = WP_ROW_NOT_THERE };
    if (!has_header(tuple)) {
        doubt(out, WP_ROW_DOUBT_HEADER, 0);
        return WP_OK;
    }
    const judge j = { fates, redo, err, tuple.bytes, wpi_u16(tuple.bytes + WPI_ROW_INFOMASK_AT) };
    end maker, remover;
    wp_status status = end_of_maker(&j, &maker);
    if (status < 0)
        return status;
    if (maker.fate == WP_XID_ABORTED)
        return WP_OK;
    status = end_of_remover(&j, &remover);
    if (status < 0 || remover.fate == WP_XID_COMMITTED)
        return status;
    if (maker.fate == WP_XID_UNKNOWN && was_seen_by(&j, &maker, &remover))
        maker.fate = WP_XID_COMMITTED;
    if (maker.fate != WP_XID_NOT_ENDED)
        out->state = WP_ROW_THERE;
    if (maker.fate == WP_XID_UNKNOWN)
        doubt(out, maker.doubt, maker.xid);
    else if (remover.fate == WP_XID_UNKNOWN && maker.fate != WP_XID_NOT_ENDED)
        doubt(out, remover.doubt, remover.xid);
    if (remover.fate == WP_XID_NOT_ENDED) {
        out->remover = remover.xid;
        follow(tuple.bytes, at, out);
    }
    return WP_OK;
}
