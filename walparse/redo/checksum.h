/*
 * checksum.h - the checksum of a data page.
 */
#ifndef WPI_REDO_CHECKSUM_H
#define WPI_REDO_CHECKSUM_H

#include <walparse/types.h>

/* pd_checksum that a page of that block number should have. size: BLCKSZ. */
uint16_t wpi_page_checksum(const uint8_t *page, uint32_t size, uint32_t block);

/* Is that the one it has? */
bool wpi_page_checksum_is_right(const uint8_t *page, uint32_t size, uint32_t block);

#endif
