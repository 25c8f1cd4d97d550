/*
 * wal_file.h - bytes of a segment file that may still be written to, packed or not, from any offset on.
 */
#ifndef PITR_FIND_WAL_FILE_H
#define PITR_FIND_WAL_FILE_H

#include <sys/stat.h>

#include <walparse/types.h>

#include "base/message.h"
#include "file/stream.h"

/* At most so many bytes are handed out at a time. A multiple of every size of a page. */
#define WAL_FILE_WINDOW_BYTES ((size_t)128 << 10)

/* Start with all zero but fd -1; free with wal_file_free(). */
typedef struct wal_file {
    int fd;         /* a plain file; -1: none is open */
    char *path;     /* of the open file; NULL: none */
    struct stat of; /* as it was opened */
    stream *in;     /* a packed one */
    bool is_packed;
    uint64_t at;  /* packed: offset of what `rest` begins with */
    wp_view rest; /* packed: unpacked already */
    uint8_t *buffer;
} wal_file;

typedef enum wal_file_status {
    WAL_FILE_READ,
    WAL_FILE_END,   /* the file has no byte there, yet */
    WAL_FILE_GONE,  /* there is no such file, or it was replaced meanwhile: nothing was read */
    WAL_FILE_FAILED /* one line in message */
} wal_file_status;

/*
 * Reads from an offset on, up to a multiple of WAL_FILE_WINDOW_BYTES of the offset where the file goes on as far, and never
 * more than `most`. *out is borrowed until the next call.
 */
wal_file_status wal_file_read(wal_file *r, const char *path, uint64_t at, size_t most, wp_view *out,
                              char message[MESSAGE_BYTES]);

/* Of the open file, unpacked: does it have as many bytes? A packed file is read to its end for that. */
bool wal_file_has(wal_file *r, const char *path, uint64_t bytes, char message[MESSAGE_BYTES]);

/* The next read opens the file again. */
void wal_file_close(wal_file *r);
void wal_file_free(wal_file *r);

#endif
