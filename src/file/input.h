/*
 * input.h - the bytes of one segment file, unpacked as they are read.
 *
 * The format is known by the first bytes, never by the name (codec.h). Whatever the file, no more is held of
 * it than a window of packed and one of unpacked bytes, and what its codec needs.
 */
#ifndef PITR_FIND_INPUT_H
#define PITR_FIND_INPUT_H

#include <walparse/types.h>

/* Bytes handed out at a time: small enough to stay in the processor's second-level cache. */
#define INPUT_WINDOW_BYTES ((size_t)128 << 10)
/* The first bytes handed out by input_open_head(); every further read doubles, up to a window. */
#define INPUT_HEAD_BYTES ((size_t)8 << 10)

typedef struct input input;

/*
 * Opens a file and looks at its first bytes. On failure returns NULL with one line in message: it cannot
 * be read, or it is packed in a way this program does not unpack. Buffers are kept in *reuse (may be
 * NULL, or an input that was closed with input_recycle()) so that a run over many files allocates
 * once; reuse must not be used afterwards, whatever is returned. The path is borrowed until the input is
 * recycled or freed.
 *
 * A path that tar_path_make() made is that of a member of a tar archive. Recycling keeps the archive
 * open, for members that lie further on.
 */
input *input_open(const char *path, input *reuse, char message[512]);

/* The same for a caller who expects to need the first page or two only. */
input *input_open_head(const char *path, input *reuse, char message[512]);

/* The same as input_open(), but a tar archive is handed out as it is. */
input *input_open_tar(const char *path, input *reuse, char message[512]);

/*
 * The next bytes (at most INPUT_WINDOW_BYTES, and fewer than asked for only before the end), borrowed
 * until the next call; len 0 at the end. A packed stream that ends early or is damaged gives what it
 * holds, then the end, and input_is_cut() says so. False on a read error, with one line in message.
 */
bool input_read(input *in, wp_view *out, char message[512]);

/*
 * Goes to an offset of a file that is neither packed nor encrypted, nor a member; *is_there false: it
 * is, and nothing was done. An offset behind the end is the end. False on a read error.
 */
bool input_seek(input *in, uint64_t at, bool *is_there, char message[512]);

/*
 * Back to the start of an input of which no more than the first bytes were read: the next input_read() hands
 * out the same once more. False: it has to be opened again.
 */
bool input_rewind(input *in);

bool input_is_compressed(const input *in);
/* It was, and a passphrase was given. */
bool input_is_encrypted(const input *in);
bool input_is_cut(const input *in);
/* Cut, and not because the file ends too early. Also a file named as packed that is in no known format. */
bool input_is_damaged(const input *in);

/* Has the file got other content, or been replaced, since it was opened? Not known of a member. */
bool input_has_changed(const input *in);

/* Closes the file but keeps the buffers for input_open(). NULL is fine. */
input *input_recycle(input *in);
void input_free(input *in);

#endif
