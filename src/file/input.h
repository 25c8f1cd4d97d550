/*
 * input.h - the bytes of one segment file, wherever it lies: a file (stream.h) or a member of a tar archive (member.h).
 */
#ifndef PITR_FIND_INPUT_H
#define PITR_FIND_INPUT_H

#include <walparse/types.h>

#include "file/stream.h"

/* Bytes handed out at a time. */
#define INPUT_WINDOW_BYTES STREAM_WINDOW_BYTES
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

/* As stream_read(), at most INPUT_WINDOW_BYTES. */
bool input_read(input *in, wp_view *out, char message[512]);

/*
 * Back to the start of an input of which no more than the first bytes were read: the next input_read() hands
 * out the same once more. False: it has to be opened again.
 */
bool input_rewind(input *in);

/* As those of stream.h. Of a member it is not known whether it was encrypted, is damaged, is followed by something or has changed. */
bool input_is_compressed(const input *in);
bool input_is_encrypted(const input *in);
bool input_is_cut(const input *in);
bool input_is_damaged(const input *in);
bool input_has_rest(const input *in);
bool input_has_changed(const input *in);

/* Closes the file but keeps the buffers for input_open(). NULL is fine. */
input *input_recycle(input *in);
void input_free(input *in);

#endif
