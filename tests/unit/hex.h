/*
 * hex.h - bytes of real records, spelled in hex in tables of cases.
 */
#ifndef TEST_HEX_H
#define TEST_HEX_H

#include <stdlib.h>

#include "blob.h"

/* Appends the bytes of pairs of hex digits. */
static inline void put_hex(blob *out, const char *hex)
{
    for (; *hex; hex += 2) {
        const char pair[3] = { hex[0], hex[1], 0 };
        put_u8(out, (uint8_t)strtoul(pair, NULL, 16));
    }
}

#endif
