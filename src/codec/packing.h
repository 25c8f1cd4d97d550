/*
 * packing.h - how a file may be packed. One row a packing: the bytes and the endings it is known by, what
 * unpacks it here, and by which command a user does.
 *
 * The content has the last word: an ending only says what a file may be, but for a packing that has no magic.
 */
#ifndef PITR_FIND_PACKING_H
#define PITR_FIND_PACKING_H

#include "codec/codec.h"

/* The order is that of looking for magics, and of the endings in a restore_command. */
typedef enum packing_id {
    PACKING_PLAIN,
    PACKING_GZIP,
    PACKING_LZ4,
    PACKING_ZSTD,
    PACKING_BZIP2,
    PACKING_XZ,
    PACKING_LZMA,
    PACKING_BROTLI,
    PACKING_SNAPPY,
    PACKING_ZLIB,
    PACKING_LZ4_OLD,
    PACKING_LZOP,
    PACKING_COMPRESS,
    PACKING_TAR,
    PACKING_OPENSSL,
    PACKING_AGE,
    PACKING_PGHOARD,
    PACKING_YANDEX_KMS,
    PACKING_OPENPGP,
    PACKINGS
} packing_id;

/* packing_detect() can tell every packing from so many first bytes. */
#define PACKING_HEAD_BYTES 512
#define PACKING_MAGIC_BYTES 22
#define PACKING_MAGICS 6
#define PACKING_SUFFIXES 2

typedef struct packing_magic {
    size_t offset, len; /* len 0: none */
    uint8_t bytes[PACKING_MAGIC_BYTES];
} packing_magic;

typedef struct packing {
    const char *name;                       /* "gzip-compressed"; NULL: plain */
    const char *suffixes[PACKING_SUFFIXES]; /* NULL after the last */
    packing_magic magics[PACKING_MAGICS];   /* a packing without one is known by its suffix alone */
    const codec *codec;  /* NULL: not read by this program, or not by this build */
    const char *package; /* Debian's: a build needs it to read this; NULL: all builds do, or none */
    const char *command; /* "gzip -d"; with -c from its input to its output; NULL: see advice */
    const char *advice;  /* of what no build reads: the way out; else NULL */
    bool is_compressed;
    bool may_repeat;      /* several streams make a file */
    bool may_pad;         /* with zeros after each */
    bool takes_zeros;     /* the command does not mind zeros after the last stream */
    bool hands_on;        /* the command, with -f, hands on what is not packed as it is */
    bool is_rare_command; /* a server's machine may not have it */
} packing;

/* The row of a packing; NULL past the end. */
const packing *packing_at(packing_id id);
packing_id packing_id_of(const packing *row);

/*
 * What a file that begins with these bytes (PACKING_HEAD_BYTES, or all it has) is packed in; NULL: nothing
 * that is known, so it is WAL or anything else. The path counts only where a packing has no magic.
 */
const packing *packing_detect(wp_view head, const char *path);

/* How long the magic of this packing is that the bytes begin with; 0: they have none of it. */
size_t packing_magic_len(const packing *row, wp_view head);

/* Does another stream of this packing begin here? Needs 10 bytes, or as many as are left. */
bool packing_goes_on(const packing *row, wp_view bytes);

/* The endings of all packings, the empty one of plain files first; NULL past the end. *of: whose it is. */
const char *packing_suffix(size_t i, packing_id *of);

/*
 * The longest ending a text begins with, of what is compressed or, if not is_compressed, of what is
 * encrypted: how many characters it has. 0: none.
 */
size_t packing_suffix_len(const char *at, bool is_compressed);

/*
 * Frames that carry no data, of lz4 and zstd files: the bytes of the one that begins here, 0 when none
 * does. Needs 8 bytes.
 */
uint64_t packing_skippable_bytes(wp_view bytes);

/* Could these bytes begin a WAL page, in either byte order? No magic of the table looks like it. */
bool packing_looks_like_wal(wp_view head);

#endif
