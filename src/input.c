/*
 * input.c - plain and packed segment files through one interface, see input.h.
 *
 * Plain files: read() into one buffer used over and over. That is faster than mmap, and a file that
 * shrinks under our hands is a short read, not a SIGBUS. The magic numbers are those of the formats' own
 * specifications (RFC 1952, RFC 1950, RFC 4880, RFC 8878, the lz4, bzip2, xz and age file formats).
 */
#include "input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "message.h"

#define BUFFER_ALIGN 4096
#define MAGIC_BYTES_MAX 22

typedef struct format {
    const char *name;
    size_t offset, len; /* where the magic is */
    uint8_t magic[MAGIC_BYTES_MAX];
    /* Fills in->out with up to in->window bytes; NULL: known, but not read by this program. */
    bool (*read)(input *in, wp_view *out, char message[MESSAGE_BYTES]);
    bool is_compressed;
    const char *advice; /* what to do about it */
} format;

struct input {
    int fd; /* -1: closed */
    const char *path;
    const format *format;
    size_t window; /* bytes to hand out at the next read */
    uint8_t *raw;  /* INPUT_WINDOW_BYTES, as in the file */
    size_t raw_pos, raw_len;
    bool at_eof; /* the file has no more bytes */
    bool at_end; /* nothing more to hand out */
    bool is_cut;
    uint8_t *out; /* INPUT_WINDOW_BYTES, unpacked; NULL until needed */
    z_stream z;
    bool has_z;     /* z is initialised */
    bool in_member; /* inside a gzip member */
};

/* ---- the file itself ------------------------------------------------------------------------ */

/* Reads until `want` bytes are in raw or the file ends. */
static bool fill(input *in, size_t want, char message[MESSAGE_BYTES])
{
    while (in->raw_len < want && !in->at_eof) {
        const ssize_t n = read(in->fd, in->raw + in->raw_len, want - in->raw_len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return message_fail(message, "cannot read \"%s\": %s", in->path, strerror(errno));
        in->at_eof = n == 0;
        in->raw_len += (size_t)n;
    }
    return true;
}

static bool read_plain(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    if (in->raw_pos == in->raw_len) {
        in->raw_pos = in->raw_len = 0;
        if (!fill(in, in->window, message))
            return false;
    }
    *out = (wp_view){ in->raw + in->raw_pos, in->raw_len - in->raw_pos };
    in->raw_pos = in->raw_len;
    return true;
}

/* ---- gzip ----------------------------------------------------------------------------------- */

static const uint8_t gzip_magic[] = { 0x1F, 0x8B, 0x08 };

/* Makes at least `least` unread bytes available, or as many as the file has. */
static bool gzip_refill(input *in, size_t least, char message[MESSAGE_BYTES])
{
    if (in->raw_len - in->raw_pos >= least)
        return true;
    memmove(in->raw, in->raw + in->raw_pos, in->raw_len - in->raw_pos);
    in->raw_len -= in->raw_pos;
    in->raw_pos = 0;
    return fill(in, in->window, message);
}

/*
 * A gzip file is a row of members: pg_basebackup writes a pg_wal.tar.gz whose first member is empty.
 * What follows the last member and is none itself (padding of tapes and block devices) is not ours.
 */
static bool gzip_next_member(input *in, char message[MESSAGE_BYTES])
{
    if (!gzip_refill(in, sizeof gzip_magic, message))
        return false;
    if (in->raw_len - in->raw_pos < sizeof gzip_magic
        || memcmp(in->raw + in->raw_pos, gzip_magic, sizeof gzip_magic) != 0) {
        in->at_end = true;
        return true;
    }
    in->in_member = inflateReset(&in->z) == Z_OK;
    return in->in_member || message_no_memory(message);
}

/* One call of inflate() into what is left of the output window. */
static bool gzip_step(input *in, char message[MESSAGE_BYTES])
{
    if (!gzip_refill(in, 1, message))
        return false;
    in->z.next_in = in->raw + in->raw_pos;
    in->z.avail_in = (uInt)(in->raw_len - in->raw_pos);
    const int rc = inflate(&in->z, Z_NO_FLUSH);
    in->raw_pos = in->raw_len - in->z.avail_in;
    if (rc == Z_MEM_ERROR)
        return message_no_memory(message);
    if (rc == Z_STREAM_END)
        in->in_member = false;
    else if (rc != Z_OK) /* no progress because the file ended, or bytes that cannot be unpacked */
        in->at_end = in->is_cut = true;
    return true;
}

static bool gzip_start(input *in, char message[MESSAGE_BYTES])
{
    if (!in->out && !(in->out = aligned_alloc(BUFFER_ALIGN, INPUT_WINDOW_BYTES)))
        return message_no_memory(message);
    /* 15 + 16: the largest window, gzip framing only. */
    if (!in->has_z && inflateInit2(&in->z, 15 + 16) != Z_OK)
        return message_no_memory(message);
    in->has_z = true;
    return true;
}

static bool read_gzip(input *in, wp_view *out, char message[MESSAGE_BYTES])
{
    if (!gzip_start(in, message))
        return false;
    in->z.next_out = in->out;
    in->z.avail_out = (uInt)in->window;
    while (!in->at_end && in->z.avail_out > 0)
        if (!(in->in_member ? gzip_step(in, message) : gzip_next_member(in, message)))
            return false;
    *out = (wp_view){ in->out, in->window - in->z.avail_out };
    return true;
}

/* ---- which format --------------------------------------------------------------------------- */

#define UNPACK "unpack it first"
#define DECRYPT "decrypt it first"

// clang-format off
static const format plain = { .name = "plain", .read = read_plain };
static const format formats[] = {
    { "gzip-compressed",            0,   3, { 0x1F, 0x8B, 0x08 },                  read_gzip, true,  "" },
    { "lz4-compressed",             0,   4, { 0x04, 0x22, 0x4D, 0x18 },            NULL, true,  UNPACK },
    { "lz4-compressed (old form)",  0,   4, { 0x02, 0x21, 0x4C, 0x18 },            NULL, true,  UNPACK },
    { "zstd-compressed",            0,   4, { 0x28, 0xB5, 0x2F, 0xFD },            NULL, true,  UNPACK },
    { "bzip2-compressed",           0,   3, "BZh",                                 NULL, true,  UNPACK },
    { "xz-compressed",              0,   6, { 0xFD, '7', 'z', 'X', 'Z', 0 },       NULL, true,  UNPACK },
    { "lzop-compressed",            0,   4, { 0x89, 'L', 'Z', 'O' },               NULL, true,  UNPACK },
    { "snappy-compressed",          0,  10, { 0xFF, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y' }, NULL, true, UNPACK },
    { "compressed by compress(1)",  0,   2, { 0x1F, 0x9D },                        NULL, true,  UNPACK },
    { "zlib-compressed",            0,   2, { 0x78, 0x01 },                        NULL, true,  UNPACK },
    { "zlib-compressed",            0,   2, { 0x78, 0x5E },                        NULL, true,  UNPACK },
    { "zlib-compressed",            0,   2, { 0x78, 0x9C },                        NULL, true,  UNPACK },
    { "zlib-compressed",            0,   2, { 0x78, 0xDA },                        NULL, true,  UNPACK },
    { "a tar archive",              257, 5, "ustar",                               NULL, false, UNPACK },
    { "encrypted (OpenSSL)",        0,   8, "Salted__",                            NULL, false, DECRYPT },
    { "encrypted (age)",            0,  21, "age-encryption.org/v1",               NULL, false, DECRYPT },
    { "encrypted (pghoard)",        0,   6, "pghoa1",                              NULL, false, DECRYPT },
    { "encrypted (OpenPGP)",        0,   1, { 0x84 },                              NULL, false, DECRYPT },
    { "encrypted (OpenPGP)",        0,   1, { 0x85 },                              NULL, false, DECRYPT },
    { "encrypted (OpenPGP)",        0,   1, { 0xC1 },                              NULL, false, DECRYPT },
    { "encrypted (OpenPGP)",        0,   1, { 0x8C },                              NULL, false, DECRYPT },
    { "encrypted (OpenPGP)",        0,   1, { 0xC3 },                              NULL, false, DECRYPT },
};
// clang-format on

/* Page magics are D0xx, D1xx (D3xx one day) in either byte order; no format above has such a byte there. */
static bool looks_like_wal(const uint8_t *bytes, size_t len)
{
    return len >= 2 && ((bytes[1] & 0xFC) == 0xD0 || (bytes[0] & 0xFC) == 0xD0);
}

static const format *format_of(const uint8_t *bytes, size_t len)
{
    if (looks_like_wal(bytes, len))
        return &plain;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const format *f = &formats[i];
        if (len >= f->offset + f->len && memcmp(bytes + f->offset, f->magic, f->len) == 0)
            return f;
    }
    return &plain;
}

/* ---- opening and closing -------------------------------------------------------------------- */

static input *input_new(void)
{
    input *in = calloc(1, sizeof *in);
    if (!in)
        return NULL;
    in->fd = -1;
    in->raw = aligned_alloc(BUFFER_ALIGN, INPUT_WINDOW_BYTES);
    if (in->raw)
        return in;
    free(in);
    return NULL;
}

static bool is_tar(const format *f)
{
    return f->offset == 257;
}

static bool start(input *in, const char *path, size_t window, bool takes_tar,
                  char message[MESSAGE_BYTES])
{
    in->path = path;
    in->window = window;
    in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0)
        return message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    if (window == INPUT_WINDOW_BYTES)
        (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    if (!fill(in, window, message))
        return false;
    in->format = format_of(in->raw, in->raw_len);
    if (takes_tar && is_tar(in->format))
        in->format = &plain;
    if (!in->format->read)
        return message_fail(message, "\"%s\" is %s, which this program does not read: %s", path,
                            in->format->name, in->format->advice);
    return true;
}

static input *open_with(const char *path, size_t window, bool takes_tar, input *reuse,
                        char message[MESSAGE_BYTES])
{
    input *in = reuse ? input_recycle(reuse) : input_new();
    if (!in) {
        (void)message_no_memory(message);
        return NULL;
    }
    if (start(in, path, window, takes_tar, message))
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
    assert(in->fd >= 0);
    if (!in->format->read(in, out, message))
        return false;
    if (in->window < INPUT_WINDOW_BYTES)
        in->window *= 2;
    return true;
}

bool input_is_compressed(const input *in)
{
    return in->format->is_compressed;
}

bool input_is_cut(const input *in)
{
    return in->is_cut;
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
    in->at_eof = in->at_end = in->is_cut = in->in_member = false;
    return in;
}

void input_free(input *in)
{
    if (!input_recycle(in))
        return;
    if (in->has_z)
        (void)inflateEnd(&in->z);
    free(in->out);
    free(in->raw);
    free(in);
}
