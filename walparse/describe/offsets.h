/*
 * offsets.h - lists of line pointers, as descriptions have them from 16 on. Mirrors access/rmgrdesc/rmgrdesc_utils.c.
 */
#ifndef WPI_OFFSETS_H
#define WPI_OFFSETS_H

#include "describe/text.h"

/* " [1, 2, 3]" of n u16; no items: " []". Items NULL: they are not there, false. */
bool wpi_put_offsets(wpi_text *out, const uint8_t *items, size_t n);
/* " [1->2, 3->4]" of n pairs of u16. */
bool wpi_put_redirects(wpi_text *out, const uint8_t *items, size_t n);

#endif
