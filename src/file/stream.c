/*
 * stream.c - plain, packed and encrypted files through one interface, see stream.h.
 *
 * Plain files: read() into one buffer used over and over. That is faster than mmap, and a file that
 * shrinks under our hands is a short read, not a SIGBUS. Packed files: a codec (codec.h) is fed from the same
 * buffer, stream after stream.
 */
#include "file/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/packing.h"
#include "codec/salted.h"
#include "file/filename.h"
#include "codec/keyring.h"
#include "base/message.h"
#include "base/opened.h"

#define BUFFER_ALIGN 4096
/* So many bytes tell whether a stream, or a frame to be skipped, begins. */
#define STREAM_HEAD_BYTES 16
/* Decrypting hands back up to a block more than was asked for. */
#define RAW_BYTES (STREAM_WINDOW_BYTES + BUFFER_ALIGN)

struct stream {
    int fd;             /* -1: closed */
    struct stat opened; /* how the file was when it was opened; of no member */
    const char *path;
    const packing *packing; /* NULL: plain */
    size_t window;          /* bytes to hand out at the next read */
    size_t first_window;    /* ... at the first one, and after a seek */
    uint64_t bytes_read;    /* of the file */
    uint64_t start, len;    /* what of the file is looked at ... */
    uint64_t left;          /* ... and how much of it was not read */
    uint8_t *raw;           /* RAW_BYTES: as in the file, or decrypted */
    size_t raw_pos, raw_len;
    bool at_eof;    /* the file has no more bytes */
    bool at_end;    /* nothing more to hand out */
    bool in_stream; /* inside a packed stream */
    bool is_cut, is_damaged, has_rest;
    uint8_t *out; /* STREAM_WINDOW_BYTES, unpacked; NULL until needed */
    codec_io io;
    const codec *codec; /* whose state this is; NULL: none yet */
    void *state;
    bool is_encrypted;
    salted *salted;  /* NULL until needed, as the next */
    uint8_t *secret; /* STREAM_WINDOW_BYTES, encrypted */
};

/* ---- the file itself ------------------------------------------------------------------------ */

/* Some bytes of the file; *n 0: it has no more. */
static bool read_file(stream *s, uint8_t *buf, size_t room, size_t *n, char message[MESSAGE_BYTES])
{
    ssize_t got;
    if (room > s->left)
        room = (size_t)s->left;
    do
        got = read(s->fd, buf, room);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return message_fail(message, "cannot read \"%s\": %s", s->path, strerror(errno));
    *n = (size_t)got;
    s->bytes_read += *n;
    s->left -= *n;
    s->at_eof = got == 0;
    return true;
}

/* The next byte to be read is this one of those that are looked at. */
static bool go_to(stream *s, uint64_t at, char message[MESSAGE_BYTES])
{
    if (lseek(s->fd, (off_t)(s->start + at), SEEK_SET) < 0)
        return message_fail(message, "cannot read \"%s\": %s", s->path, strerror(errno));
    s->left = at < s->len ? s->len - at : 0;
    return true;
}

/* Turns n encrypted bytes into raw ones; 0: the end. */
static void decrypt(stream *s, size_t n)
{
    bool is_whole = true;
    uint8_t *to = s->raw + s->raw_len;
    s->raw_len +=
        n ? salted_step(s->salted, s->secret, n, to) : salted_end(s->salted, to, &is_whole);
    s->is_cut |= !is_whole;
}

/* Reads until `want` bytes are in raw (decrypted, up to a block more) or the file ends. */
static bool fill(stream *s, size_t want, char message[MESSAGE_BYTES])
{
    while (s->raw_len < want && !s->at_eof) {
        uint8_t *to = s->is_encrypted ? s->secret : s->raw + s->raw_len;
        size_t n = 0;
        if (!read_file(s, to, want - s->raw_len, &n, message))
            return false;
        if (s->is_encrypted)
            decrypt(s, n);
        else
            s->raw_len += n;
    }
    return true;
}

/* Bytes read and not used yet. */
static wp_view unread(const stream *s)
{
    return (wp_view){ s->raw + s->raw_pos, s->raw_len - s->raw_pos };
}

/* Makes at least `least` unread bytes available, or as many as the file has. */
static bool refill(stream *s, size_t least, char message[MESSAGE_BYTES])
{
    if (s->raw_len - s->raw_pos >= least)
        return true;
    memmove(s->raw, s->raw + s->raw_pos, s->raw_len - s->raw_pos);
    s->raw_len -= s->raw_pos;
    s->raw_pos = 0;
    return fill(s, s->window, message);
}

/* Passes over bytes of the file; a file that has fewer ends. */
static bool skip(stream *s, uint64_t len, char message[MESSAGE_BYTES])
{
    while (len > 0) {
        if (!refill(s, 1, message))
            return false;
        const size_t left = unread(s).len, n = left < len ? left : (size_t)len;
        if (n == 0)
            break;
        s->raw_pos += n;
        len -= n;
    }
    return true;
}

static bool read_plain(stream *s, wp_view *out, char message[MESSAGE_BYTES])
{
    if (!refill(s, 1, message))
        return false;
    *out = unread(s);
    if (out->len > STREAM_WINDOW_BYTES)
        out->len = STREAM_WINDOW_BYTES;
    s->raw_pos += out->len;
    return true;
}

/* ---- packed files --------------------------------------------------------------------------- */

/* Passes over frames that hold no data. *len: bytes passed over. */
static bool skip_frames(stream *s, uint64_t *len, char message[MESSAGE_BYTES])
{
    *len = 0;
    for (;;) {
        if (!refill(s, STREAM_HEAD_BYTES, message))
            return false;
        const uint64_t frame = packing_skippable_bytes(unread(s));
        if (frame == 0)
            return true;
        *len += frame;
        if (!skip(s, frame, message))
            return false;
    }
}

static bool skip_zeros(stream *s, char message[MESSAGE_BYTES])
{
    do {
        while (s->raw_pos < s->raw_len && s->raw[s->raw_pos] == 0)
            s->raw_pos++;
        if (!refill(s, 1, message))
            return false;
    } while (unread(s).len > 0 && unread(s).bytes[0] == 0);
    return refill(s, STREAM_HEAD_BYTES, message);
}

static bool begin_stream(stream *s, char message[MESSAGE_BYTES])
{
    s->in_stream = s->codec->begin(s->state);
    return s->in_stream || message_no_memory(message);
}

static void end_early(stream *s, bool is_damaged)
{
    s->at_end = s->is_cut = true;
    s->is_damaged = is_damaged;
}

/* After the only stream of a format nothing follows but zeros of devices: another stream would not be read. */
static bool check_alone(stream *s, char message[MESSAGE_BYTES])
{
    if (!skip_zeros(s, message))
        return false;
    if (unread(s).len > 0)
        end_early(s, true);
    return true;
}

/* What follows the last stream. */
static bool note_rest(stream *s, char message[MESSAGE_BYTES])
{
    if (!(s->packing->takes_zeros ? skip_zeros(s, message) : refill(s, 1, message)))
        return false;
    s->has_rest = unread(s).len > 0;
    return s->packing->may_repeat || check_alone(s, message);
}

/*
 * A packed file is a row of streams: pg_basebackup writes a pg_wal.tar.gz whose first gzip member is empty.
 * What follows the last stream and is none itself (padding of tapes and block devices) is not ours.
 */
static bool next_stream(stream *s, char message[MESSAGE_BYTES])
{
    uint64_t skipped;
    if (s->packing->may_pad && !skip_zeros(s, message))
        return false;
    if (!skip_frames(s, &skipped, message))
        return false;
    if (packing_goes_on(s->packing, unread(s)))
        return begin_stream(s, message);
    s->at_end = true;
    return note_rest(s, message);
}

/* The codec took nothing and gave nothing. */
static void note_standstill(stream *s)
{
    s->at_end = true;
    if (s->io.in_len > 0 || !s->io.may_end)
        end_early(s, s->io.in_len > 0);
}

/* One call of the codec into what is left of the output window. */
static bool step(stream *s, char message[MESSAGE_BYTES])
{
    if (!refill(s, 1, message))
        return false;
    const wp_view from = unread(s);
    const size_t room = s->io.out_room;
    s->io.in = from.bytes;
    s->io.in_len = from.len;
    s->io.may_end = false;
    const codec_status status = s->codec->step(s->state, &s->io);
    s->raw_pos = s->raw_len - s->io.in_len;
    switch (status) {
    case CODEC_OK:
        if (s->io.in_len == from.len && s->io.out_room == room)
            note_standstill(s);
        return true;
    case CODEC_END:
        s->in_stream = false;
        return true;
    case CODEC_DAMAGED:
        end_early(s, true);
        return true;
    case CODEC_REFUSED:
        return message_fail(message, "\"%s\" is %s and needs %s: unpack it first", s->path,
                            s->packing->name, s->io.why);
    case CODEC_NO_MEMORY:
        break;
    }
    return message_no_memory(message);
}

static bool read_packed(stream *s, wp_view *out, char message[MESSAGE_BYTES])
{
    s->io.out = s->out;
    s->io.out_room = s->window;
    while (!s->at_end && s->io.out_room > 0)
        if (!(s->in_stream ? step(s, message) : next_stream(s, message)))
            return false;
    *out = (wp_view){ s->out, s->window - s->io.out_room };
    return true;
}

static void drop_codec(stream *s)
{
    if (s->codec)
        s->codec->close(s->state);
    s->codec = NULL;
    s->state = NULL;
}

static bool use_codec(stream *s, const codec *wanted, char message[MESSAGE_BYTES])
{
    if (!s->out && !(s->out = aligned_alloc(BUFFER_ALIGN, STREAM_WINDOW_BYTES)))
        return message_no_memory(message);
    if (s->codec != wanted) {
        drop_codec(s);
        s->state = wanted->open();
        if (!s->state)
            return message_no_memory(message);
        s->codec = wanted;
    }
    return begin_stream(s, message);
}

/* ---- which format --------------------------------------------------------------------------- */

static bool fail_format(const stream *s, char message[MESSAGE_BYTES])
{
    const packing *row = s->packing;
    const bool is_encrypted_twice = row == packing_at(PACKING_OPENSSL) && salted_is_known();
    if (row->advice || is_encrypted_twice)
        return message_fail(message, "\"%s\" is %s, which this program does not read: %s", s->path,
                            row->name, row->advice ? row->advice : row->command);
    return message_fail(message,
                        "\"%s\" is %s, which this build does not read: install %s and build again, "
                        "or unpack it first (%s)",
                        s->path, row->name, row->package, row->command);
}

/*
 * Frames to be skipped are those of lz4 or zstd: what follows them tells which. Where that is neither,
 * this is no WAL, whatever it is.
 */
static void end_after_frames(stream *s)
{
    s->is_cut = s->is_damaged = unread(s).len > 0;
    s->raw_pos = s->raw_len;
    s->at_eof = true;
}

static bool fail_passphrase(const stream *s, char message[MESSAGE_BYTES])
{
    if (keyring_count() > 0)
        return message_fail(message, "\"%s\" is %s, and no passphrase given opens it", s->path,
                            s->packing->name);
    return message_fail(message,
                        "\"%s\" is %s: give its passphrase in PGBACKREST_REPO1_CIPHER_PASS or by "
                        "--cipher-pass-file, or decrypt it first (%s)",
                        s->path, s->packing->name, s->packing->command);
}

/* Begins again after the salt, now decrypting. *is_on: it is a file of that kind, and can be. */
static bool start_decrypting(stream *s, bool *is_on, char message[MESSAGE_BYTES])
{
    *is_on = !s->is_encrypted && salted_is_known() && s->packing == packing_at(PACKING_OPENSSL);
    if (!*is_on)
        return true;
    if (keyring_count() == 0)
        return fail_passphrase(s, message);
    if (!s->salted && !(s->salted = salted_new()))
        return message_no_memory(message);
    if (!s->secret && !(s->secret = aligned_alloc(BUFFER_ALIGN, STREAM_WINDOW_BYTES)))
        return message_no_memory(message);
    if (!salted_begin(s->salted, unread(s), s->path))
        return fail_passphrase(s, message);
    if (!go_to(s, SALTED_HEADER_BYTES, message))
        return false;
    s->is_encrypted = true;
    s->at_eof = false;
    s->raw_pos = s->raw_len = 0;
    return fill(s, s->window, message);
}

static bool detect(stream *s, bool takes_tar, char message[MESSAGE_BYTES])
{
    uint64_t skipped = 0;
    if (!packing_looks_like_wal(unread(s))
        && !(skip_frames(s, &skipped, message) && refill(s, PACKING_HEAD_BYTES, message)))
        return false;
    s->packing = packing_detect(unread(s), s->path);
    if (takes_tar && s->packing == packing_at(PACKING_TAR)) {
        s->packing = NULL; /* to be handed out as it is */
        return true;
    }
    bool is_on = false;
    if (s->packing && !s->packing->codec && !start_decrypting(s, &is_on, message))
        return false;
    if (is_on)
        return detect(s, takes_tar, message);
    if (s->packing && !s->packing->codec)
        return fail_format(s, message);
    if (s->packing)
        return use_codec(s, s->packing->codec, message);
    if (skipped > 0)
        end_after_frames(s);
    else if (unread(s).len > 0 && !packing_looks_like_wal(unread(s)))
        s->is_cut = s->is_damaged = filename_parse(filename_base(s->path)).is_packed;
    return true;
}

/* ---- opening and closing -------------------------------------------------------------------- */

stream *stream_new(void)
{
    stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fd = -1;
    s->raw = aligned_alloc(BUFFER_ALIGN, RAW_BYTES);
    if (s->raw)
        return s;
    free(s);
    return NULL;
}

bool stream_open(stream *s, const char *path, size_t window, bool takes_tar,
                 char message[MESSAGE_BYTES])
{
    return stream_open_at(s, path, 0, UINT64_MAX, window, takes_tar, message);
}

bool stream_open_at(stream *s, const char *path, uint64_t start, uint64_t len, size_t window,
                    bool takes_tar, char message[MESSAGE_BYTES])
{
    stream_close(s);
    s->path = path;
    s->start = start;
    s->left = s->len = len;
    s->window = s->first_window = window;
    s->bytes_read = 0;
    /* A pipe that nobody writes to is empty; it is not waited for. */
    s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (s->fd >= 0)
        opened_note(path);
    if (s->fd < 0 || fcntl(s->fd, F_SETFL, 0) != 0 || fstat(s->fd, &s->opened) != 0)
        return message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    if (window == STREAM_WINDOW_BYTES)
        (void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (start > INT64_MAX)
        return message_fail(message, "\"%s\" has no byte %" PRIu64, path, start);
    if (start > 0 && !go_to(s, 0, message))
        return false;
    if (!fill(s, window, message))
        return false;
    return detect(s, takes_tar, message);
}

bool stream_read(stream *s, wp_view *out, char message[MESSAGE_BYTES])
{
    assert(s->fd >= 0);
    if (!(s->packing ? read_packed(s, out, message) : read_plain(s, out, message)))
        return false;
    if (s->window < STREAM_WINDOW_BYTES)
        s->window *= 2;
    return true;
}

bool stream_seek(stream *s, uint64_t at, bool *is_there, char message[MESSAGE_BYTES])
{
    *is_there = !s->packing && !s->is_encrypted && at <= INT64_MAX - s->start;
    if (!*is_there)
        return true;
    if (!go_to(s, at, message))
        return false;
    s->raw_pos = s->raw_len = 0;
    s->window = s->first_window;
    s->at_eof = false;
    return true;
}

uint64_t stream_bytes_read(const stream *s)
{
    return s->bytes_read;
}

bool stream_is_compressed(const stream *s)
{
    return s->packing && s->packing->is_compressed;
}

bool stream_is_encrypted(const stream *s)
{
    return s->is_encrypted;
}

bool stream_is_cut(const stream *s)
{
    return s->is_cut;
}

bool stream_is_damaged(const stream *s)
{
    return s->is_damaged;
}

bool stream_has_rest(const stream *s)
{
    return s->has_rest;
}

bool stream_has_changed(const stream *s)
{
    struct stat now;
    const struct stat *then = &s->opened;
    return stat(s->path, &now) != 0 || now.st_dev != then->st_dev || now.st_ino != then->st_ino
           || now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec
           || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

void stream_close(stream *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    s->path = NULL;
    s->packing = NULL;
    s->raw_pos = s->raw_len = 0;
    s->at_eof = s->at_end = s->in_stream = s->is_cut = s->is_damaged = s->has_rest = false;
    s->is_encrypted = false;
}

void stream_free(stream *s)
{
    if (!s)
        return;
    stream_close(s);
    drop_codec(s);
    salted_free(s->salted);
    free(s->secret);
    free(s->out);
    free(s->raw);
    free(s);
}
