/*
 * rows.c - see rows.h. Mirrors fix_infomask_from_infobits() of access/heap/heapam_xlog.c, before 18 heapam.c.
 */
#include "redo/rows.h"

wpi_stored *wpi_run_row_page(wpi_run *run)
{
    return run->record->info & WPI_HEAP_INIT_PAGE ? wpi_run_new_page(run, 0) : wpi_run_page(run, 0);
}

void wpi_new_row_begin(wpi_new_row *row, const wpi_record *record, const uint8_t *head,
                       uint32_t block, uint16_t number)
{
    memset(row->bytes, 0, WPI_ROW_BITS_AT);
    wpi_put_u32_at(row->bytes + WPI_ROW_XMIN_AT, record->xid);
    wpi_row_set_ctid(row->bytes, block, number);
    memcpy(row->bytes + WPI_ROW_INFOMASK2_AT, head, WPI_ROW_HEAD_BYTES);
    wpi_row_change_infomask(row->bytes, WPI_COMBO_CID, 0);
    row->len = WPI_ROW_BITS_AT;
}

bool wpi_new_row_append(wpi_new_row *row, const uint8_t *bytes, size_t len)
{
    if (len > sizeof row->bytes - row->len)
        return false;
    if (len > 0)
        memcpy(row->bytes + row->len, bytes, len);
    row->len += len;
    return true;
}

wp_page_fault wpi_new_row_add(const wpi_new_row *row, wpi_redo_page *page, uint16_t number)
{
    const uint8_t hoff = row->bytes[WPI_ROW_HOFF_AT];
    if (hoff < WPI_ROW_BITS_AT || hoff > row->len)
        return WP_FAULT_RECORD;
    return wpi_redo_page_add(page, number, row->bytes, row->len);
}

void wpi_row_set_infobits(uint8_t *row, uint8_t infobits)
{
    static const struct {
        uint8_t infobit;
        uint16_t infomask;
    } bits[] = {
        { 0x01, WPI_XMAX_IS_MULTI },
        { 0x02, WPI_XMAX_LOCK_ONLY },
        { 0x04, WPI_XMAX_EXCL_LOCK },
        { 0x08, WPI_XMAX_KEYSHR_LOCK },
    };
    uint16_t set = 0;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (infobits & bits[i].infobit)
            set |= bits[i].infomask;
    wpi_row_change_infomask(row, WPI_XMAX_BITS | WPI_MOVED, set);
    wpi_row_change_infomask2(row, WPI_KEYS_UPDATED, infobits & 0x10 ? WPI_KEYS_UPDATED : 0);
}
