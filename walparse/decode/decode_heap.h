/*
 * decode_heap.h - what heap records say about rows.
 */
#ifndef WPI_DECODE_HEAP_H
#define WPI_DECODE_HEAP_H

#include "decode/decode.h"

#define WPI_HEAP_OP_MASK 0x70
#define WPI_HEAP_INSERT 0x00
#define WPI_HEAP_DELETE 0x10
#define WPI_HEAP_UPDATE 0x20
#define WPI_HEAP_TRUNCATE 0x30
#define WPI_HEAP_HOT_UPDATE 0x40
#define WPI_HEAP_INPLACE 0x70
#define WPI_HEAP2_MULTI_INSERT 0x50

/* Flag of the last byte of an INSERT's main data: a speculative row, taken back by a super-delete. */
#define WPI_DELETE_IS_SUPER 0x08

/* Which catalog a file belongs to: its OID, or 0 for a file that is not followed. */
typedef struct wpi_catalog_files {
    const wp_catalog_file *moved;
    size_t nmoved;
} wpi_catalog_files;

wp_oid wpi_catalog_of(const wpi_catalog_files *files, const wp_locator *locator);

/*
 * Pages and rows of followed catalogs in a record of any resource manager: one page fact per image, then
 * the row facts. page: room for WPI_BLOCK_BYTES_MAX. False when the payload contradicts itself or an
 * image does not unpack.
 */
bool wpi_decode_catalog(const wpi_record *record, const wpi_catalog_files *files, size_t page_bytes,
                        uint8_t *page, wpi_builder *out);

/* Rows counted in a DELETE or MULTI_INSERT, the two that need more than the head of the record. */
bool wpi_count_delete(const wpi_record *record, int64_t *deleted, int64_t *inserted);
bool wpi_count_multi_insert(const wpi_record *record, int64_t *inserted);

#endif
