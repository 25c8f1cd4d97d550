/*
 * page.h - a page of a table: its header, line pointers and rows. Mirrors storage/bufpage.h and itemid.h,
 * access/htup_details.h and storage/page/bufpage.c.
 *
 *     u64 LSN (high half first) | u16 checksum | u16 flags | u16 lower | u16 upper | u16 special | u16 size and version |
 *     u32 prune xid | line pointers ... lower | free | upper ... rows | special                        24 bytes of header
 *
 * Whatever a page says is checked before it is followed.
 */
#ifndef WPI_REDO_PAGE_H
#define WPI_REDO_PAGE_H

#include <walparse/redo.h>

#include "base/cursor.h"

#define WPI_PAGE_HEADER_BYTES 24
#define WPI_POINTER_BYTES 4

/* Bits of the page's flags. */
#define WPI_PAGE_HAS_FREE_POINTERS 0x0001
#define WPI_PAGE_FULL 0x0002
#define WPI_PAGE_ALL_VISIBLE 0x0004
#define WPI_PAGE_FLAGS 0x0007 /* all that there are */

/* Kinds of line pointers. */
#define WPI_POINTER_UNUSED 0
#define WPI_POINTER_ROW 1
#define WPI_POINTER_REDIRECT 2
#define WPI_POINTER_DEAD 3

/* Where the parts of a row's header lie; from WPI_ROW_BITS_AT on come null bitmap and columns. */
#define WPI_ROW_XMIN_AT 0
#define WPI_ROW_XMAX_AT 4
#define WPI_ROW_CID_AT 8
#define WPI_ROW_CTID_AT 12
#define WPI_ROW_INFOMASK2_AT 18
#define WPI_ROW_INFOMASK_AT 20
#define WPI_ROW_HOFF_AT 22
#define WPI_ROW_BITS_AT 23

/* Bits of infomask and infomask2. */
#define WPI_XMAX_KEYSHR_LOCK 0x0010
#define WPI_COMBO_CID 0x0020
#define WPI_XMAX_EXCL_LOCK 0x0040
#define WPI_XMAX_LOCK_ONLY 0x0080
#define WPI_XMIN_COMMITTED 0x0100
#define WPI_XMIN_INVALID 0x0200 /* both: it is frozen */
#define WPI_XMAX_COMMITTED 0x0400
#define WPI_XMAX_INVALID 0x0800
#define WPI_XMAX_IS_MULTI 0x1000
#define WPI_XMAX_BITS 0x1CD0
#define WPI_MOVED_OFF 0x4000 /* by VACUUM FULL of servers before 9.0 */
#define WPI_MOVED_IN 0x8000
#define WPI_MOVED (WPI_MOVED_OFF | WPI_MOVED_IN)
#define WPI_KEYS_UPDATED 0x2000
#define WPI_HOT_UPDATED 0x4000

/* The ctid of a row that an UPDATE moved to another partition. */
#define WPI_MOVED_PARTITIONS_BLOCK UINT32_MAX
#define WPI_MOVED_PARTITIONS_ITEM 0xFFFD

static inline void wpi_put_u16_at(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void wpi_put_u32_at(uint8_t *p, uint32_t value)
{
    wpi_put_u16_at(p, (uint16_t)value);
    wpi_put_u16_at(p + 2, (uint16_t)(value >> 16));
}

/* Bytes of one page, and how it is laid out. */
typedef struct wpi_redo_page {
    uint8_t *bytes;
    uint32_t size;
    uint8_t max_align;
} wpi_redo_page;

typedef struct wpi_pointer {
    uint16_t off, len;
    uint8_t kind;
} wpi_pointer;

static inline wpi_pointer wpi_pointer_at(const uint8_t *p)
{
    const uint32_t bits = wpi_u32(p);
    return (wpi_pointer){ .off = bits & 0x7FFF,
                          .kind = (bits >> 15) & 3,
                          .len = (uint16_t)(bits >> 17) };
}

/* A row on a page; at least its header is there. */
typedef struct wpi_row {
    uint8_t *bytes;
    uint16_t len, hoff;
} wpi_row;

wp_lsn wpi_redo_page_lsn(const wpi_redo_page *page);
void wpi_redo_page_set_lsn(wpi_redo_page *page, wp_lsn lsn);
/* Where the special space begins; the page's size: it has none. */
uint16_t wpi_redo_page_special(const wpi_redo_page *page);
/* Has it no header yet? */
bool wpi_redo_page_is_new(const wpi_redo_page *page);
/* An empty page without a special space, as those of tables are. */
void wpi_redo_page_init(wpi_redo_page *page);
/* The same with so many bytes of special space (aligned), of zeros. */
void wpi_redo_page_init_special(wpi_redo_page *page, uint16_t special_bytes);
/* Does the server read a page with this header, be it of a table or of an index? Mirrors PageIsVerified(). */
bool wpi_redo_page_is_readable(const wpi_redo_page *page);
/* Are the header's numbers in order, as those of a table are? The functions below ask for it. */
bool wpi_redo_page_is_sound(const wpi_redo_page *page);

void wpi_redo_page_set_flags(wpi_redo_page *page, uint16_t clear, uint16_t set);
/* Notes that a transaction's end leaves something to prune. */
void wpi_redo_page_set_prunable(wpi_redo_page *page, wp_xid xid);

/* How many line pointers there are; they count from 1. */
uint16_t wpi_redo_page_pointers(const wpi_redo_page *page);
/* One of them. */
wpi_pointer wpi_redo_page_pointer(const wpi_redo_page *page, uint16_t number);
/* Makes it one without a row; off: of a redirection, the line pointer it leads to, else 0. */
wp_page_fault wpi_redo_page_set_pointer(wpi_redo_page *page, uint16_t number, uint8_t kind,
                                        uint16_t off);

/* The row of a line pointer. */
wp_page_fault wpi_redo_page_row(const wpi_redo_page *page, uint16_t number, wpi_row *out);
/* Puts a row at an unused line pointer, or at the one after the last. */
wp_page_fault wpi_redo_page_add(wpi_redo_page *page, uint16_t number, const uint8_t *row,
                                size_t len);

/*
 * Moves the rows together at the page's end: in order of their line pointers from the end on, else as they lie. drop_tail: and takes
 * away the unused line pointers after the last used one.
 */
wp_page_fault wpi_redo_page_compact(wpi_redo_page *page, bool by_pointer, bool drop_tail);
/* Takes away the unused line pointers at the end, but for the first one of the page. */
void wpi_redo_page_drop_pointers(wpi_redo_page *page);

/* Of a row's header. */
/* Does xmax lock the row, and no more? So do the forms of 9.2 and before. */
bool wpi_row_is_only_locked(uint16_t infomask);
void wpi_row_set_ctid(uint8_t *row, uint32_t block, uint16_t number);
void wpi_row_change_infomask(uint8_t *row, uint16_t clear, uint16_t set);
void wpi_row_change_infomask2(uint8_t *row, uint16_t clear, uint16_t set);

#endif
