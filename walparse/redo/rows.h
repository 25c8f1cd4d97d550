/*
 * rows.h - what records of Heap and Heap2 have in common: rows as the WAL has them, and what they say of xmax.
 */
#ifndef WPI_REDO_ROWS_H
#define WPI_REDO_ROWS_H

#include "redo/run.h"

/* Bits of the flags of INSERT and MULTI_INSERT. */
#define WPI_INSERT_ALL_VISIBLE_CLEARED 0x01
#define WPI_INSERT_ALL_FROZEN_SET 0x20

/* Bit of xl_info: the first row on a fresh page. */
#define WPI_HEAP_INIT_PAGE 0x80
#define WPI_HEAP_OP_MASK 0x70

/* The header of a row in the WAL: u16 infomask2, u16 infomask, u8 hoff. */
#define WPI_ROW_HEAD_BYTES 5

/* The page of block 0, as wpi_run_page(), or as wpi_run_new_page() where the record begins it anew. */
wpi_stored *wpi_run_row_page(wpi_run *run);

/* A row that is put together: room for the largest. */
typedef struct wpi_new_row {
    uint8_t bytes[WPI_BLOCK_BYTES_MAX];
    size_t len;
} wpi_new_row;

/* Begins a row with its head. Its xmin is the record's xid, its ctid is itself. */
void wpi_new_row_begin(wpi_new_row *row, const wpi_record *record, const uint8_t *head,
                       uint32_t block, uint16_t number);
/* False: the row is longer than a page. */
bool wpi_new_row_append(wpi_new_row *row, const uint8_t *bytes, size_t len);
/* Puts it on the page, when its header is in order. */
wp_page_fault wpi_new_row_add(const wpi_new_row *row, wpi_redo_page *page, uint16_t number);

/* Sets the bits of xmax as a record's infobits say. */
void wpi_row_set_infobits(uint8_t *row, uint8_t infobits);

#endif
