/*
 * segment_reader.h - bytes of a segment file that may still be written to, packed or not, from any offset on.
 */
#ifndef PITR_FIND_SEGMENT_READER_H
#define PITR_FIND_SEGMENT_READER_H

#include <sys/stat.h>

#include <walparse/types.h>

#include "base/message.h"
#include "file/stream.h"

/* At most so many bytes are handed out at a time. A multiple of every size of a page. */
#define SEGMENT_READER_BYTES ((size_t)128 << 10)

/* Start with all zero but fd -1; free with segment_reader_free(). */
typedef struct segment_reader {
    int fd;         /* a plain file; -1: none is open */
    char *path;     /* of the open file; NULL: none */
    struct stat of; /* as it was opened */
    stream *in;     /* a packed one */
    bool is_packed;
    uint64_t at;  /* packed: offset of what `rest` begins with */
    wp_view rest; /* packed: unpacked already */
    uint8_t *buffer;
} segment_reader;

typedef enum segment_read {
    SEGMENT_READ_BYTES,
    SEGMENT_READ_END,   /* the file has no byte there, yet */
    SEGMENT_READ_GONE,  /* there is no such file, or it was replaced meanwhile: nothing was read */
    SEGMENT_READ_FAILED /* one line in message */
} segment_read;

/*
 * Reads from an offset on, up to a multiple of SEGMENT_READER_BYTES of the offset where the file goes on as far, and never
 * more than `most`. *out is borrowed until the next call.
 */
segment_read segment_reader_read(segment_reader *r, const char *path, uint64_t at, size_t most,
                                 wp_view *out, char message[MESSAGE_BYTES]);

/* Of the open file, unpacked: does it have as many bytes? A packed file is read to its end for that. */
bool segment_reader_has(segment_reader *r, const char *path, uint64_t bytes,
                        char message[MESSAGE_BYTES]);

/* The next read opens the file again. */
void segment_reader_close(segment_reader *r);
void segment_reader_free(segment_reader *r);

#endif
