/*
 * codec.h - packed bytes in, unpacked bytes out, for every format a WAL archive may be packed in.
 *
 * A codec is one small file, NAME.c, which knows its library and nothing of files. Which one unpacks a file
 * is told by the table of packings (packing.h). Reading on after the end of a stream, and what to do when
 * one ends early, is file/stream.c.
 */
#ifndef PITR_FIND_CODEC_H
#define PITR_FIND_CODEC_H

#include <walparse/types.h>

/* The most memory a file may ask for to be unpacked. It is what the zstd command allows by default. */
#define CODEC_WINDOW_LOG_MAX 27
#define CODEC_MEMORY_BYTES_MAX ((uint64_t)1 << CODEC_WINDOW_LOG_MAX)

/* Like a z_stream: a codec takes bytes from the one end and writes to the other. */
typedef struct codec_io {
    const uint8_t *in;
    size_t in_len;
    uint8_t *out;
    size_t out_room;
    const char *why; /* CODEC_REFUSED: what the stream asks for that it does not get */
    bool
        may_end; /* of a format whose streams have no end mark: the file may end after these bytes */
} codec_io;

typedef enum codec_status {
    CODEC_OK,      /* some bytes were taken or written; none of both: more input is needed */
    CODEC_END,     /* the stream has ended; io->in is after it */
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

/* The codecs. The first three are always there, the others when their library was at build time. */
extern const codec codec_gzip_zlib, codec_zlib_zlib, codec_snappy;
extern const codec codec_gzip_isal, codec_zlib_isal;
extern const codec codec_lz4, codec_zstd, codec_bzip2, codec_xz, codec_lzma, codec_brotli;

#endif
