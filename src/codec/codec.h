/*
 * codec.h - packed bytes in, unpacked bytes out, for every format a WAL archive may be packed in.
 *
 * A format is one row of the table in codec.c, known by its first bytes. What unpacks it is a codec: one
 * small file each, NAME.c, which knows its library and nothing of files. Reading on behind the
 * end of a stream, and what to do when one ends early, is file/stream.c.
 */
#ifndef PITR_FIND_CODEC_H
#define PITR_FIND_CODEC_H

#include <walparse/types.h>

/* The most memory a file may ask for to be unpacked. It is what the zstd command allows by default. */
#define CODEC_WINDOW_LOG_MAX 27
#define CODEC_MEMORY_BYTES_MAX ((uint64_t)1 << CODEC_WINDOW_LOG_MAX)
/* codec_detect() can tell every format from so many first bytes. */
#define CODEC_HEAD_BYTES 512

/* Like a z_stream: a codec takes bytes from the one end and writes to the other. */
typedef struct codec_io {
    const uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_room;
    const char *why; /* CODEC_REFUSED: what the stream asks for that it does not get */
    bool
        may_end; /* of a format whose streams have no end mark: the file may end behind these bytes */
} codec_io;

typedef enum codec_status {
    CODEC_OK,      /* some bytes were taken or written; none of both: more input is needed */
    CODEC_END,     /* the stream has ended; io->in is behind it */
    CODEC_DAMAGED, /* these bytes cannot be unpacked */
    CODEC_REFUSED, /* they could, but not here: io->why */
    CODEC_NO_MEMORY
} codec_status;

/* What unpacks one format. A state is used for one stream after the other, of as many files as there are. */
typedef struct codec {
    void *(*open)(void); /* NULL: no memory */
    /* Before each stream. False: no memory. */
    bool (*begin)(void *state);
    codec_status (*step)(void *state, codec_io *io);
    void (*close)(void *state); /* NULL is fine */
} codec;

typedef struct codec_format {
    const char *name;   /* "gzip-compressed" */
    const char *suffix; /* of a format without magic: the name tells; else NULL */
    size_t offset, len; /* where the magic is */
    uint8_t magic[22];
    const codec *codec; /* NULL: not read by this program, or not by this build */
    const char
        *package;       /* left out of this build: what to install for one that has it; else NULL */
    const char *advice; /* codec NULL: the way out */
    bool is_compressed;
    bool may_repeat; /* several streams make a file */
    bool may_pad;    /* with zeros behind each */
} codec_format;

/*
 * The format of a file that begins with these bytes (CODEC_HEAD_BYTES, or all it has); NULL: none that is
 * known, so WAL or anything else. The path counts only where a format has no magic.
 */
const codec_format *codec_detect(wp_view head, const char *path);

/* Does a stream of this format begin here? Needs 10 bytes, or as many as are left. */
bool codec_goes_on(const codec_format *format, wp_view bytes);

/*
 * Frames that carry no data, of lz4 and zstd files: the bytes of the one that begins here, 0 when none
 * does. Needs 8 bytes.
 */
uint64_t codec_skippable_bytes(wp_view bytes);

/* The rows, for tests; NULL past the end. */
const codec_format *codec_format_at(size_t i);

/* Could these bytes begin a WAL page, in either byte order? No magic of the table looks like it. */
bool codec_looks_like_wal(wp_view head);

/* The codecs. The first three are always there, the others when their library was at build time. */
extern const codec codec_gzip_zlib, codec_zlib_zlib, codec_snappy;
extern const codec codec_gzip_isal, codec_zlib_isal;
extern const codec codec_lz4, codec_zstd, codec_bzip2, codec_xz, codec_lzma, codec_brotli;

#endif
