/*
 * crc32c.h - CRC-32C (Castagnoli), the checksum of WAL records and control files.
 *
 * The fastest way the processor offers is chosen at run time; without one, a table.
 */
#ifndef WPI_CRC32C_H
#define WPI_CRC32C_H

#include <walparse/types.h>

/* Goes on from an earlier state: start with 0xFFFFFFFF, and invert the last result. */
typedef uint32_t (*wpi_crc32c_fn)(uint32_t state, const void *bytes, size_t len);

/* The function to use on this processor. Cheap enough to ask once per mapper, not once per record. */
wpi_crc32c_fn wpi_crc32c_choose(void);

/* The ways there are, for tests: each gives the same result. NULL when this processor lacks it. */
wpi_crc32c_fn wpi_crc32c_table(void);
wpi_crc32c_fn wpi_crc32c_hardware(void);

#endif
