/*
 * inval.h - invalidation messages of the caches, as commits, Standby INVALIDATIONS, Transaction INVALIDATION and
 * Heap INPLACE (18 on) carry them. Mirrors storage/sinval.h and access/rmgrdesc/standbydesc.c,
 * standby_desc_invalidations.
 */
#ifndef WPI_INVAL_H
#define WPI_INVAL_H

#include <walparse/profile.h>

#include "base/cursor.h"
#include "describe/text.h"

#define WPI_INVAL_BYTES 16

typedef struct wpi_invals {
    bool has_init_file; /* the file the relation caches of db start from goes, too */
    wp_oid db, tablespace;
    const uint8_t *messages; /* count of WPI_INVAL_BYTES each; a view into the record */
    uint32_t count;
    bool is_told_empty; /* also with no message */
} wpi_invals;

/*
 * Takes what Standby INVALIDATIONS is and Heap INPLACE ends with, from a multiple of four bytes on: database,
 * tablespace, init file, messages. A count that the bytes left cannot hold is an overrun, and no message.
 */
wpi_invals wpi_take_invals(wpi_cursor *c);

/* Appends "; inval msgs: catcache 55 relcache 16384 ...", and before it what is said of an init file. */
void wpi_put_invals(wpi_text *out, const wp_profile *profile, const wpi_invals *invals);

#endif
