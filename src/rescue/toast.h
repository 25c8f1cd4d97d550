/*
 * toast.h - values that are stored in a TOAST table, by their chunk_id.
 *
 * The first question reads the whole file once and makes an index of its chunks: 16 bytes for all chunks of a value that follow each other
 * on a page, which are four at most where chunks are full (40 MB for 20 GB of them). A value's chunks are then read from their pages.
 */
#ifndef PITR_FIND_TOAST_H
#define PITR_FIND_TOAST_H

#include <walparse/value.h>

#include "rescue/heap.h"

typedef struct toast toast;

typedef enum toast_status {
    TOAST_FOUND,
    TOAST_MISSING, /* chunks of it are not there, or not certain; or there are two of one number */
    TOAST_FAILED   /* one line in message */
} toast_status;

/* file: of the TOAST table. NULL: out of memory. Free with toast_free(). */
toast *toast_new(const heap *h, const wp_locator *file);

/* The value of an external datum, plain or packed. Its bytes lie in room, until that is used again. */
toast_status toast_read(toast *t, const wp_datum *external, wp_text *room, wp_datum *out,
                        char message[512]);

/*
 * What of the file is not certain, as far as it was read. A value that was found is right nevertheless: all its chunks are rows that are
 * there for certain.
 */
const heap_sums *toast_sums(const toast *t);

/* NULL is fine. */
void toast_free(toast *t);

#endif
