/*
 * unpack.c - see unpack.h.
 */
#include "backup/unpack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

static bool open_packed(const packed_file *f, stream *in, const reading *r)
{
    if (!stream_open_at(in, f->path, f->at, f->packed_bytes, STREAM_WINDOW_BYTES, true, r->message))
        return false;
    if (f->sums)
        sha1_begin(f->sums);
    return !f->is_packed || stream_is_compressed(in)
           || message_fail(r->message, "\"%s\" is not packed as it should be, or is encrypted",
                           f->path);
}

/* At the end of it, of which so many bytes were unpacked. */
static bool check_end(const packed_file *f, const stream *in, uint64_t bytes, const reading *r)
{
    r->parts->bytes_read += stream_bytes_read(in);
    if (stream_is_cut(in))
        return message_fail(r->message, "\"%s\" cannot be unpacked to its end: is the copy whole?",
                            f->path);
    uint8_t sum[SHA1_BYTES];
    if (f->bytes != UNPACK_NOT_TOLD && f->bytes != bytes)
        return message_fail(r->message,
                            "\"%s\" unpacks to %" PRIu64 " bytes, and the backup says that it has "
                            "%" PRIu64,
                            f->path, bytes, f->bytes);
    if (f->sums)
        sha1_end(f->sums, sum);
    return !f->sums || memcmp(sum, f->sum, SHA1_BYTES) == 0
           || message_fail(r->message,
                           "\"%s\" does not unpack to what was backed up: its SHA-1 is another",
                           f->path);
}

bool unpack_part(const packed_file *f, const place *at, stream *in, const reading *r)
{
    backup_part one;
    wp_view got = { 0 };
    if (!open_packed(f, in, r) || !parts_scratch_begin(r->parts, at, &one, r->message))
        return false;
    do {
        if (!stream_read(in, &got, r->message))
            return false;
        if (one.size + got.len > f->bytes)
            break;
        if (f->sums && got.len > 0)
            sha1_add(f->sums, got.bytes, got.len);
        if (!parts_scratch_write(r->parts, &one, got.bytes, got.len, r->message))
            return false;
    } while (got.len > 0);
    return check_end(f, in, one.size + got.len, r) && parts_add(r->parts, &one, r->message);
}

/* Room for all that it unpacks to, in out; one byte more than may be means that it is too large. */
static bool read_all(const packed_file *f, const place *at, stream *in, const reading *r,
                     uint8_t **out, size_t *len)
{
    const size_t most = place_is_small(at->kind) ? SMALL_FILE_BYTES_MAX : BACKUP_BYTES_MAX;
    size_t room = 0;
    wp_view got = { 0 };
    if (!open_packed(f, in, r))
        return false;
    do {
        if (!stream_read(in, &got, r->message))
            return false;
        if (*len + got.len > room) {
            room = 2 * room + got.len;
            uint8_t *more = realloc(*out, room);
            if (!more)
                return message_no_memory(r->message);
            *out = more;
        }
        if (got.len > 0)
            memcpy(*out + *len, got.bytes, got.len);
        if (f->sums && got.len > 0)
            sha1_add(f->sums, got.bytes, got.len);
        *len += got.len;
    } while (got.len > 0 && *len <= most);
    return true;
}

bool unpack_whole(const packed_file *f, const place *at, stream *in, const reading *r)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    const backup_file *file = NULL;
    if (read_all(f, at, in, r, &bytes, &len) && check_end(f, in, len, r))
        file = backup_files_add(r->whole, *at, len, f->path);
    if (file && len > 0)
        memcpy(file->bytes, bytes, len);
    free(bytes);
    return file;
}
