/*
 * tar.h - the members of a tar archive, plain or compressed, one after the other.
 *
 * ustar with the long names of GNU tar and of pax. What it says of itself is checked, and the first thing
 * that is wrong ends the reading.
 */
#ifndef PITR_FIND_TAR_H
#define PITR_FIND_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <walparse/types.h>

/* Longer names are cut: no file of a data directory has one. */
#define TAR_NAME_BYTES 1024
#define TAR_BLOCK_BYTES 512

typedef struct tar tar;

typedef struct tar_member {
    char name[TAR_NAME_BYTES]; /* without a leading "./" */
    bool has_dot;              /* that stood there */
    bool is_file;
    uint64_t size;      /* of a file */
    uint64_t header_at; /* where its header begins in the (unpacked) archive; the content follows */
} tar_member;

/* After TAR_END: as stream_has_rest(). */
bool tar_has_rest(tar *t);

/* After TAR_END: reads on to the end. Does a packed archive unpack to there, with the checksums that it has? */
bool tar_is_whole(tar *t);

typedef enum tar_step { TAR_MEMBER, TAR_END, TAR_FAILED } tar_step;

/* NULL with one line in message. The path is borrowed. */
tar *tar_open(const char *path, char message[512]);
/* The same for a caller who looks at headers and takes few members: no more is read than a little where members are skipped. */
tar *tar_open_headers(const char *path, char message[512]);

/* The next member; what was not read of the one before is skipped. */
tar_step tar_next(tar *t, tar_member *out, char message[512]);

/* The next n bytes of the member, of which there must be as many left. */
bool tar_read(tar *t, void *buf, size_t n, char message[512]);

/* Where the content of the member begins in the archive, or what is left of it. */
uint64_t tar_at(const tar *t);

/* The next bytes of the member, at most `most`, borrowed until the next call; len 0: there are no more. */
bool tar_read_some(tar *t, size_t most, wp_view *out, char message[512]);

/* Of the file, packed ones as they lie there. */
uint64_t tar_bytes_read(const tar *t);

/* Is it packed, so that it can be read forwards only? */
bool tar_is_packed(const tar *t);

void tar_close(tar *t); /* NULL is fine */

/* Size of the content after a header. False when it is none. */
bool tar_header_size(const uint8_t block[TAR_BLOCK_BYTES], uint64_t *out);

/* "ARCHIVE:NAME@OFFSET": a path that leads input_open() to a member. NULL: no memory. */
char *tar_path_make(const char *archive, const tar_member *m);

/* Takes one apart, archive having room for PATH_MAX. False when it is none. */
bool tar_path_split(const char *path, char *archive, uint64_t *header_at);

#endif
