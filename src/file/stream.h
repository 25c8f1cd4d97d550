/*
 * stream.h - the bytes of one file, decrypted and unpacked as they are read.
 *
 * The format is known by the first bytes, never by the name (codec.h). Whatever the file, no more is held of
 * it than a window of packed and one of unpacked bytes, and what its codec needs.
 */
#ifndef PITR_FIND_STREAM_H
#define PITR_FIND_STREAM_H

#include <walparse/types.h>

/* Bytes handed out at a time: small enough to stay in the processor's second-level cache. */
#define STREAM_WINDOW_BYTES ((size_t)128 << 10)

/* Used for one file after the other, so that buffers are allocated once. */
typedef struct stream stream;

stream *stream_new(void); /* NULL: no memory */

/*
 * Opens a file, closing the one before, and looks at its first bytes. False with one line in message: it cannot be
 * read, or it is packed in a way this program does not unpack. The first read hands out `window` bytes at most
 * (a power of two, up to STREAM_WINDOW_BYTES), each further one twice as many, up to a window. The path is borrowed
 * until the stream is closed. takes_tar: a tar archive is handed out as it is; else it is refused.
 */
bool stream_open(stream *s, const char *path, size_t window, bool takes_tar, char message[512]);

/* The same for so many bytes of it from an offset, as if they were a file. */
bool stream_open_at(stream *s, const char *path, uint64_t start, uint64_t len, size_t window,
                    bool takes_tar, char message[512]);

/*
 * The next bytes, fewer than asked for only before the end, borrowed until the next call; len 0 at the end. A packed
 * stream that ends early or is damaged gives what it holds, then the end, and stream_is_cut() says so. False on a
 * read error, with one line in message.
 */
bool stream_read(stream *s, wp_view *out, char message[512]);

/*
 * Goes to an offset of a file that is neither packed nor encrypted; *is_there false: it is, and nothing was done. An
 * offset after the end is the end. Windows begin small again. False on a read error.
 */
bool stream_seek(stream *s, uint64_t at, bool *is_there, char message[512]);

/* Bytes of the file that were read since it was opened, packed ones as they lie there. */
uint64_t stream_bytes_read(const stream *s);

bool stream_is_compressed(const stream *s);
/* It was, and a passphrase was given. */
bool stream_is_encrypted(const stream *s);
bool stream_is_cut(const stream *s);
/* Cut, and not because the file ends too early. Also a file named as packed that is in no known format. */
bool stream_is_damaged(const stream *s);

/* Read to its end: the data that was unpacked is whole, but the command that unpacks it minds what follows it. */
bool stream_has_rest(const stream *s);

/* Has the file got other content, or been replaced, since it was opened? */
bool stream_has_changed(const stream *s);

/* Closes the file and keeps the buffers. */
void stream_close(stream *s);
void stream_free(stream *s); /* NULL is fine */

#endif
