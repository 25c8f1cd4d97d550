/*
 * unpack.h - files of a base backup that are packed one by one, each as a file of its own or as a stretch of a larger one.
 */
#ifndef PITR_FIND_UNPACK_H
#define PITR_FIND_UNPACK_H

#include "backup/source.h"
#include "codec/sha1.h"
#include "file/stream.h"

#define UNPACK_NOT_TOLD UINT64_MAX

typedef struct packed_file {
    const char *path;
    uint64_t at;           /* where it begins in that file */
    uint64_t packed_bytes; /* UNPACK_NOT_TOLD: to its end */
    uint64_t bytes;        /* unpacked; UNPACK_NOT_TOLD: all there are */
    bool is_packed;        /* else it may be encrypted at most */
    sha1 *sums;            /* to take one with; NULL: none is taken */
    const uint8_t *sum;    /* SHA-1 of what it unpacks to */
} packed_file;

/* To the scratch file, or whole into r->whole. The stream is used for it. False with one line in r->message: it is not whole, of another size or sum. */
bool unpack_part(const packed_file *f, const place *at, stream *in, const reading *r);
bool unpack_whole(const packed_file *f, const place *at, stream *in, const reading *r);

#endif
