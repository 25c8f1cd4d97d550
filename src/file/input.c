/*
 * input.c - plain and packed segment files through one interface, see input.h.
 *
 * Plain files: read() into one buffer used over and over. That is faster than mmap, and a file that
 * shrinks under our hands is a short read, not a SIGBUS. Packed files: a codec (codec.h) is fed from the same
 * buffer, stream after stream.
 */
#include "file/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/codec.h"
#include "codec/salted.h"
#include "file/filename.h"
#include "codec/keyring.h"
#include "file/member.h"
#include "base/message.h"
#include "file/tar.h"

#define BUFFER_ALIGN 4096
/* So many bytes tell whether a stream, or a frame to be skipped, begins. */
#define STREAM_HEAD_BYTES 16
/* Decrypting hands back up to a block more than was asked for. */
#define RAW_BYTES (INPUT_WINDOW_BYTES + BUFFER_ALIGN)

struct input {
    int fd;             /* -1: closed */
    struct stat opened; /* how the file was when it was opened; of no member */
    const char *path;
    const codec_format *format; /* NULL: plain */
    size_t window;              /* bytes to hand out at the next read */
    uint8_t *raw;               /* RAW_BYTES: as in the file, or decrypted */
    size_t raw_pos, raw_len;
    bool at_eof;    /* the file has no more bytes */
    bool at_end;    /* nothing more to hand out */
    bool in_stream; /* inside a packed stream */
    bool is_cut, is_damaged;
    wp_view first;   /* what the first read has handed out */
    unsigned reads;  /* 2: or more */
    bool is_rewound; /* hand out first again */
    uint8_t *out;    /* INPUT_WINDOW_BYTES, unpacked; NULL until needed */
    codec_io io;
    const codec *codec; /* whose state this is; NULL: none yet */
    void *state;
    bool is_encrypted;
    salted *salted;  /* NULL until needed, as the next */
    uint8_t *secret; /* INPUT_WINDOW_BYTES, encrypted */
    bool is_member;
    member *member; /* NULL until needed */
};

/* ---- the file itself ------------------------------------------------------------------------ */

/* Some bytes of the file; *n 0: it has no more. */
static bool read_file(input *in, uint8_t *buf, size_t room, size_t *n, char message[MESSAGE_BYTES])
{
    ssize_t got;
    do
        got = read(in->fd, buf, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return message_fail(message, "cannot read \"%s\": %s", in->path, strerror(errno));
    *n = (size_t)got;
    in->at_eof = got == 0;
    return true;
}

/* Turns n encrypted bytes into raw ones; 0: the end. */
static void decrypt(input *in, size_t n)
{
    bool is_whole = true;
    uint8_t *to = in->raw + in->raw_len;
    in->raw_len +=
        n ? salted_step(in->salted, in->secret, n, to) : salted_end(in->salted, to, &is_whole);
    in->is_cut |= !is_whole;
}

/* Reads until `want` bytes are in raw (decrypted, up to a block more) or the file ends. */
static bool fill(input *in, size_t want, char message[MESSAGE_BYTES])
{
    while (in->raw_len < want && !in->at_eof) {
        uint8_t *to = in->is_encrypted ? in->secret : in->raw + in->raw_len;
        size_t n = 0;
        if (!read_file(in, to, want - in->raw_len, &n, message))
            return false;
        if (in->is_encrypted)
            decrypt(in, n);
        else
            in->raw_len += n;
    }
    return true;
}

/* Bytes read and not used yet. */
static wp_view unread(const input *in)
{
    return (wp_view){ in->raw + in->raw_pos, in->raw_len - in->raw_pos };
}

/* Makes at least `least` unread bytes available, or as many as the file has. */
static bool refill(input *in, size_t least, char message[MESSAGE_BYTES])
{
    if (in->raw_len - in->raw_pos >= least)
        return true;
    memmove(in->raw, in->raw + in->raw_pos, in->raw_len - in->raw_pos);
    in->raw_len -= in->raw_pos;
    in->raw_pos = 0;
    return fill(in, in->window, message);
}

/* Passes over bytes of the file; a file that has fewer ends. */
static bool skip(input *in, uint64_t len, char message[MESSAGE_BYTES])
{
    while (len > 0) {
        if (!refill(in, 1, message))
            return false;
        const size_t left = unread(in).len, n = left < len ? left : (size_t)len;
        if (n == 0)
            break;
        in->raw_pos += n;
        len -= n;
    }
    return true;
}

static bool read_plain(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    if (!refill(in, 1, message))
        return false;
    *out = unread(in);
    if (out->len > INPUT_WINDOW_BYTES)
        out->len = INPUT_WINDOW_BYTES;
    in->raw_pos += out->len;
    return true;
}

/* ---- packed files --------------------------------------------------------------------------- */

/* Passes over frames that hold no data. *len: bytes passed over. */
static bool skip_frames(input *in, uint64_t *len, char message[MESSAGE_BYTES])
{
    *len = 0;
    for (;;) {
        if (!refill(in, STREAM_HEAD_BYTES, message))
            return false;
        const uint64_t frame = codec_skippable_bytes(unread(in));
        if (frame == 0)
            return true;
        *len += frame;
        if (!skip(in, frame, message))
            return false;
    }
}

static bool skip_zeros(input *in, char message[MESSAGE_BYTES])
{
    do {
        while (in->raw_pos < in->raw_len && in->raw[in->raw_pos] == 0)
            in->raw_pos++;
        if (!refill(in, 1, message))
            return false;
    } while (unread(in).len > 0 && unread(in).bytes[0] == 0);
    return refill(in, STREAM_HEAD_BYTES, message);
}

static bool begin_stream(input *in, char message[MESSAGE_BYTES])
{
    in->in_stream = in->codec->begin(in->state);
    return in->in_stream || message_no_memory(message);
}

static void end_early(input *in, bool is_damaged)
{
    in->at_end = in->is_cut = true;
    in->is_damaged = is_damaged;
}

/* Behind the only stream of a format nothing follows but zeros of devices: another stream would not be read. */
static bool check_alone(input *in, char message[MESSAGE_BYTES])
{
    if (!skip_zeros(in, message))
        return false;
    if (unread(in).len > 0)
        end_early(in, true);
    return true;
}

/*
 * A packed file is a row of streams: pg_basebackup writes a pg_wal.tar.gz whose first gzip member is empty.
 * What follows the last stream and is none itself (padding of tapes and block devices) is not ours.
 */
static bool next_stream(input *in, char message[MESSAGE_BYTES])
{
    uint64_t skipped;
    if (in->format->may_pad && !skip_zeros(in, message))
        return false;
    if (!skip_frames(in, &skipped, message))
        return false;
    if (codec_goes_on(in->format, unread(in)))
        return begin_stream(in, message);
    in->at_end = true;
    return in->format->may_repeat || check_alone(in, message);
}

/* The codec took nothing and gave nothing. */
static void note_standstill(input *in)
{
    in->at_end = true;
    if (in->io.in_len > 0 || !in->io.may_end)
        end_early(in, in->io.in_len > 0);
}

/* One call of the codec into what is left of the output window. */
static bool step(input *in, char message[MESSAGE_BYTES])
{
    if (!refill(in, 1, message))
        return false;
    const wp_view from = unread(in);
    const size_t room = in->io.out_room;
    in->io.in = from.bytes;
    in->io.in_len = from.len;
    in->io.may_end = false;
    const codec_status status = in->codec->step(in->state, &in->io);
    in->raw_pos = in->raw_len - in->io.in_len;
    switch (status) {
    case CODEC_OK:
        if (in->io.in_len == from.len && in->io.out_room == room)
            note_standstill(in);
        return true;
    case CODEC_END:
        in->in_stream = false;
        return true;
    case CODEC_DAMAGED:
        end_early(in, true);
        return true;
    case CODEC_REFUSED:
        return message_fail(message, "\"%s\" is %s and needs %s: unpack it first", in->path,
                            in->format->name, in->io.why);
    case CODEC_NO_MEMORY:
        break;
    }
    return message_no_memory(message);
}

static bool read_packed(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    in->io.out = in->out;
    in->io.out_room = in->window;
    while (!in->at_end && in->io.out_room > 0)
        if (!(in->in_stream ? step(in, message) : next_stream(in, message)))
            return false;
    *out = (wp_view){ in->out, in->window - in->io.out_room };
    return true;
}

static void drop_codec(input *in)
{
    if (in->codec)
        in->codec->close(in->state);
    in->codec = NULL;
    in->state = NULL;
}

static bool use_codec(input *in, const codec *wanted, char message[MESSAGE_BYTES])
{
    if (!in->out && !(in->out = aligned_alloc(BUFFER_ALIGN, INPUT_WINDOW_BYTES)))
        return message_no_memory(message);
    if (in->codec != wanted) {
        drop_codec(in);
        in->state = wanted->open();
        if (!in->state)
            return message_no_memory(message);
        in->codec = wanted;
    }
    return begin_stream(in, message);
}

/* ---- which format --------------------------------------------------------------------------- */

static bool fail_format(const input *in, char message[MESSAGE_BYTES])
{
    const codec_format *format = in->format;
    if (!format->package)
        return message_fail(message, "\"%s\" is %s, which this program does not read: %s", in->path,
                            format->name, format->advice);
    return message_fail(message,
                        "\"%s\" is %s, which this build does not read: install %s and build again, "
                        "or unpack it first (%s)",
                        in->path, format->name, format->package, format->advice);
}

/*
 * Frames to be skipped are those of lz4 or zstd: what follows them tells which. Where that is neither,
 * this is no WAL, whatever it is.
 */
static void end_behind_frames(input *in)
{
    in->is_cut = in->is_damaged = unread(in).len > 0;
    in->raw_pos = in->raw_len;
    in->at_eof = true;
}

static bool is_tar(const codec_format *format)
{
    return format->offset == 257;
}

static bool fail_passphrase(const input *in, char message[MESSAGE_BYTES])
{
    if (keyring_count() > 0)
        return message_fail(message, "\"%s\" is %s, and no passphrase given opens it", in->path,
                            in->format->name);
    return message_fail(message,
                        "\"%s\" is %s: give its passphrase in PGBACKREST_REPO1_CIPHER_PASS or by "
                        "--cipher-pass-file, or decrypt it first (%s)",
                        in->path, in->format->name, in->format->advice);
}

/* Begins again behind the salt, now decrypting. *is_on: it is a file of that kind, and can be. */
static bool start_decrypting(input *in, bool *is_on, char message[MESSAGE_BYTES])
{
    static const uint8_t magic[] = "Salted__";
    *is_on = !in->is_encrypted && salted_is_known()
             && memcmp(in->format->magic, magic, sizeof magic - 1) == 0;
    if (!*is_on)
        return true;
    if (keyring_count() == 0)
        return fail_passphrase(in, message);
    if (!in->salted && !(in->salted = salted_new()))
        return message_no_memory(message);
    if (!in->secret && !(in->secret = aligned_alloc(BUFFER_ALIGN, INPUT_WINDOW_BYTES)))
        return message_no_memory(message);
    if (!salted_begin(in->salted, unread(in), in->path))
        return fail_passphrase(in, message);
    if (lseek(in->fd, SALTED_HEADER_BYTES, SEEK_SET) < 0)
        return message_fail(message, "cannot read \"%s\": %s", in->path, strerror(errno));
    in->is_encrypted = true;
    in->at_eof = false;
    in->raw_pos = in->raw_len = 0;
    return fill(in, in->window, message);
}

static bool detect(input *in, bool takes_tar, char message[MESSAGE_BYTES])
{
    uint64_t skipped = 0;
    if (!codec_looks_like_wal(unread(in))
        && !(skip_frames(in, &skipped, message) && refill(in, CODEC_HEAD_BYTES, message)))
        return false;
    in->format = codec_detect(unread(in), in->path);
    if (takes_tar && in->format && is_tar(in->format)) {
        in->format = NULL; /* to be handed out as it is */
        return true;
    }
    bool is_on = false;
    if (in->format && !in->format->codec && !start_decrypting(in, &is_on, message))
        return false;
    if (is_on)
        return detect(in, takes_tar, message);
    if (in->format && !in->format->codec)
        return fail_format(in, message);
    if (in->format)
        return use_codec(in, in->format->codec, message);
    if (skipped > 0)
        end_behind_frames(in);
    else if (unread(in).len > 0 && !codec_looks_like_wal(unread(in)))
        in->is_cut = in->is_damaged = filename_parse(filename_base(in->path)).is_packed;
    return true;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static input *input_new(void)
{
    input *in = calloc(1, sizeof *in);
    if (!in)
        return NULL;
    in->fd = -1;
    in->raw = aligned_alloc(BUFFER_ALIGN, RAW_BYTES);
    if (in->raw)
        return in;
    free(in);
    return NULL;
}

static bool start(input *in, const char *path, size_t window, bool takes_tar,
                  char message[MESSAGE_BYTES])
{
    in->path = path;
    in->window = window;
    /* A pipe that nobody writes to is empty; it is not waited for. */
    in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (in->fd < 0 || fcntl(in->fd, F_SETFL, 0) != 0 || fstat(in->fd, &in->opened) != 0)
        return message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    if (window == INPUT_WINDOW_BYTES)
        (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (!fill(in, window, message))
        return false;
    return detect(in, takes_tar, message);
}

/* No such file, but perhaps a member of a tar archive. */
static bool start_member(input *in, const char *path, size_t window, bool *is_member,
                         char message[MESSAGE_BYTES])
{
    char archive[PATH_MAX];
    uint64_t at;
    *is_member = access(path, F_OK) != 0 && tar_path_split(path, archive, &at);
    if (!*is_member)
        return true;
    if (!in->member && !(in->member = member_new()))
        return message_no_memory(message);
    in->path = path;
    in->window = window;
    in->is_member = true;
    return member_open(in->member, archive, at, message);
}

static input *open_with(const char *path, size_t window, bool takes_tar, input *reuse,
                        char message[MESSAGE_BYTES])
{
    input *in = reuse ? input_recycle(reuse) : input_new();
    if (!in) {
        (void)message_no_memory(message);
        return NULL;
    }
    bool is_member;
    if (start_member(in, path, window, &is_member, message)
        && (is_member || start(in, path, window, takes_tar, message)))
        return in;
    input_free(in);
    return NULL;
}

input *input_open(const char *path, input *reuse, char message[MESSAGE_BYTES])
{
    return open_with(path, INPUT_WINDOW_BYTES, false, reuse, message);
}

input *input_open_head(const char *path, input *reuse, char message[MESSAGE_BYTES])
{
    return open_with(path, INPUT_HEAD_BYTES, false, reuse, message);
}

input *input_open_tar(const char *path, input *reuse, char message[MESSAGE_BYTES])
{
    return open_with(path, INPUT_WINDOW_BYTES, true, reuse, message);
}

bool input_read(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    assert(in->fd >= 0 || in->is_member);
    if (in->is_rewound) {
        in->is_rewound = false;
        *out = in->first;
        return true;
    }
    if (!(in->is_member ? member_read(in->member, in->window, out, message)
          : in->format  ? read_packed(in, out, message)
                        : read_plain(in, out, message)))
        return false;
    if (in->window < INPUT_WINDOW_BYTES)
        in->window *= 2;
    if (in->reads == 0)
        in->first = *out;
    in->reads += in->reads < 2;
    return true;
}

bool input_seek(input *in, uint64_t at, bool *is_there, char message[MESSAGE_BYTES])
{
    *is_there = !in->is_member && !in->format && !in->is_encrypted && at <= INT64_MAX;
    if (!*is_there)
        return true;
    if (lseek(in->fd, (off_t)at, SEEK_SET) < 0)
        return message_fail(message, "cannot read \"%s\": %s", in->path, strerror(errno));
    in->raw_pos = in->raw_len = 0;
    in->at_eof = false;
    return true;
}

bool input_rewind(input *in)
{
    in->is_rewound = in->reads == 1;
    return in->reads < 2;
}

bool input_is_compressed(const input *in)
{
    if (in->is_member)
        return member_is_compressed(in->member);
    return in->format && in->format->is_compressed;
}

bool input_is_encrypted(const input *in)
{
    return in->is_encrypted;
}

bool input_is_cut(const input *in)
{
    return in->is_member ? member_is_cut(in->member) : in->is_cut;
}

bool input_is_damaged(const input *in)
{
    return in->is_damaged;
}

bool input_has_changed(const input *in)
{
    struct stat now;
    const struct stat *then = &in->opened;
    if (in->is_member)
        return false;
    return stat(in->path, &now) != 0 || now.st_dev != then->st_dev || now.st_ino != then->st_ino
           || now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec
           || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

input *input_recycle(input *in)
{
    if (!in)
        return NULL;
    if (in->fd >= 0)
        (void)close(in->fd);
    in->fd = -1;
    in->path = NULL;
    in->format = NULL;
    in->raw_pos = in->raw_len = 0;
    in->at_eof = in->at_end = in->in_stream = in->is_cut = in->is_damaged = false;
    in->is_encrypted = in->is_member = false;
    in->reads = 0;
    in->is_rewound = false;
    return in;
}

void input_free(input *in)
{
    if (!input_recycle(in))
        return;
    drop_codec(in);
    salted_free(in->salted);
    member_free(in->member);
    free(in->secret);
    free(in->out);
    free(in->raw);
    free(in);
}
