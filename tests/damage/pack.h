/*
 * pack.h - packs bytes in every format the program unpacks, by the formats' own libraries.
 */
#ifndef TEST_PACK_H
#define TEST_PACK_H

#include <stdbool.h>

#include "blob.h"

typedef struct packer {
    const char *name;
    const char *suffix; /* of files, "" where it is told by content */
    bool has_sum;       /* of what it holds, so that a changed bit shows */
    void (*pack)(wp_view bytes, blob *out);
} packer;

/* NULL behind the last. The first packs nothing. What was left out of the build is not among them. */
const packer *packer_at(size_t i);

#endif
