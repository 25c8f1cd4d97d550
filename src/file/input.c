/* input.c - see input.h. A file is a stream; where there is no such file, it may be a member of a tar archive. */
#include "file/input.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/message.h"
#include "file/member.h"
#include "file/stream.h"
#include "file/tar.h"

struct input {
    stream *stream; /* NULL until needed, as the next */
    member *member;
    bool is_open, is_member;
    size_t window;   /* of a member: bytes to hand out at the next read */
    wp_view first;   /* what the first read has handed out */
    unsigned reads;  /* 2: or more */
    bool is_rewound; /* hand out first again */
};

static bool start_stream(input *in, const char *path, size_t window, char message[MESSAGE_BYTES])
{
    if (!in->stream && !(in->stream = stream_new()))
        return message_no_memory(message);
    return stream_open(in->stream, path, window, false, message);
}

static bool start_member(input *in, const char *archive, uint64_t header_at,
                         char message[MESSAGE_BYTES])
{
    if (!in->member && !(in->member = member_new()))
        return message_no_memory(message);
    return member_open(in->member, archive, header_at, message);
}

static input *open_with(const char *path, size_t window, input *reuse, char message[MESSAGE_BYTES])
{
    char archive[PATH_MAX];
    uint64_t header_at;
    input *in = reuse ? input_recycle(reuse) : calloc(1, sizeof *in);
    if (!in) {
        (void)message_no_memory(message);
        return NULL;
    }
    in->is_open = true;
    in->window = window;
    in->is_member = access(path, F_OK) != 0 && tar_path_split(path, archive, &header_at);
    if (in->is_member ? start_member(in, archive, header_at, message)
                      : start_stream(in, path, window, message))
        return in;
    input_free(in);
    return NULL;
}

input *input_open(const char *path, input *reuse, char message[MESSAGE_BYTES])
{
    return open_with(path, INPUT_WINDOW_BYTES, reuse, message);
}

input *input_open_head(const char *path, input *reuse, char message[MESSAGE_BYTES])
{
    return open_with(path, INPUT_HEAD_BYTES, reuse, message);
}

static bool read_member(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    const size_t most = in->window;
    if (in->window < INPUT_WINDOW_BYTES)
        in->window *= 2;
    return member_read(in->member, most, out, message);
}

bool input_read(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    assert(in->is_open);
    if (in->is_rewound) {
        in->is_rewound = false;
        *out = in->first;
        return true;
    }
    if (!(in->is_member ? read_member(in, out, message) : stream_read(in->stream, out, message)))
        return false;
    if (in->reads == 0)
        in->first = *out;
    in->reads += in->reads < 2;
    return true;
}

bool input_rewind(input *in)
{
    in->is_rewound = in->reads == 1;
    return in->reads < 2;
}

bool input_is_compressed(const input *in)
{
    return in->is_member ? member_is_compressed(in->member) : stream_is_compressed(in->stream);
}

bool input_is_encrypted(const input *in)
{
    return !in->is_member && stream_is_encrypted(in->stream);
}

bool input_is_cut(const input *in)
{
    return in->is_member ? member_is_cut(in->member) : stream_is_cut(in->stream);
}

bool input_is_damaged(const input *in)
{
    return !in->is_member && stream_is_damaged(in->stream);
}

bool input_has_rest(const input *in)
{
    return !in->is_member && stream_has_rest(in->stream);
}

bool input_has_changed(const input *in)
{
    return !in->is_member && stream_has_changed(in->stream);
}

input *input_recycle(input *in)
{
    if (!in)
        return NULL;
    if (in->stream)
        stream_close(in->stream);
    *in = (input){ .stream = in->stream, .member = in->member };
    return in;
}

void input_free(input *in)
{
    if (!in)
        return;
    stream_free(in->stream);
    member_free(in->member);
    free(in);
}
