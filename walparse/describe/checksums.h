/*
 * checksums.h - states of the data checksums, as checkpoints and XLOG2 CHECKSUMS of 19 on name them. Mirrors
 * access/rmgrdesc/xlogdesc.c, get_checksum_state_string.
 */
#ifndef WPI_CHECKSUMS_H
#define WPI_CHECKSUMS_H

#include <stdint.h>

static inline const char *wpi_checksums_name(uint32_t state)
{
    static const char *const names[] = { "off", "on", "inprogress-off", "inprogress-on" };
    return state < sizeof names / sizeof *names ? names[state] : "?";
}

#endif
