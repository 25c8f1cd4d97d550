/*
 * pglz.h - PostgreSQL's own LZ format.
 */
#ifndef WPI_PGLZ_H
#define WPI_PGLZ_H

#include <walparse/types.h>

/* Unpacks a stream that must give exactly raw_bytes and use all of its input. False on damage. */
bool wpi_pglz_unpack(wp_view packed, uint8_t *raw, size_t raw_bytes);

#endif
