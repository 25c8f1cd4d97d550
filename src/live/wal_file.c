/* wal_file.c - see wal_file.h. */
#include "live/wal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wal_file_close(wal_file *r)
{
    if (r->fd >= 0)
        (void)close(r->fd);
    r->fd = -1;
    if (r->in != NULL)
        stream_close(r->in);
    free(r->path);
    r->path = NULL;
    r->rest = (wp_view){ 0 };
}

void wal_file_free(wal_file *r)
{
    wal_file_close(r);
    stream_free(r->in);
    free(r->buffer);
    *r = (wal_file){ .fd = -1 };
}

/* Is the file that is open still the one of that name? A server gives old files to new segments. */
static bool is_same(const wal_file *r)
{
    struct stat now;
    return stat(r->path, &now) == 0 && now.st_dev == r->of.st_dev && now.st_ino == r->of.st_ino;
}

/* A packed file cannot be read on where it ended: it is opened again once there is more of it. */
static bool is_current(const wal_file *r, const char *path, uint64_t at)
{
    if (r->path == NULL || strcmp(r->path, path) != 0 || !is_same(r))
        return false;
    return !r->is_packed || (at >= r->at && !stream_has_changed(r->in));
}

static bool prepare(wal_file *r, char message[MESSAGE_BYTES])
{
    if (r->in == NULL)
        r->in = stream_new();
    if (r->buffer == NULL)
        r->buffer = malloc(WAL_FILE_WINDOW_BYTES);
    return (r->in != NULL && r->buffer != NULL) || message_no_memory(message);
}

static wal_file_status open_file(wal_file *r, const char *path, char message[MESSAGE_BYTES])
{
    bool is_plain = false;
    wal_file_close(r);
    if (!prepare(r, message))
        return WAL_FILE_FAILED;
    r->path = strdup(path);
    if (r->path == NULL)
        return (void)message_no_memory(message), WAL_FILE_FAILED;
    r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (r->fd < 0 && errno == ENOENT)
        return WAL_FILE_GONE;
    if (r->fd < 0 || fstat(r->fd, &r->of) != 0) {
        (void)message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
        return WAL_FILE_FAILED;
    }
    if (!stream_open(r->in, r->path, STREAM_WINDOW_BYTES, false, message)
        || !stream_seek(r->in, 0, &is_plain, message))
        return is_same(r) ? WAL_FILE_FAILED : WAL_FILE_GONE;
    r->is_packed = !is_plain;
    r->at = 0;
    if (is_plain)
        stream_close(r->in);
    return WAL_FILE_READ;
}

static bool read_plain(wal_file *r, uint64_t at, size_t wanted, size_t *len,
                       char message[MESSAGE_BYTES])
{
    while (*len < wanted) {
        const ssize_t n = pread(r->fd, r->buffer + *len, wanted - *len, (off_t)(at + *len));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return message_fail(message, "cannot read \"%s\": %s", r->path, strerror(errno));
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return true;
}

/* The next unpacked bytes; none at the end. */
static bool more(wal_file *r, char message[MESSAGE_BYTES])
{
    return r->rest.len > 0 || stream_read(r->in, &r->rest, message);
}

static void pass(wal_file *r, size_t n)
{
    r->rest.bytes += n;
    r->rest.len -= n;
    r->at += n;
}

static bool read_packed(wal_file *r, uint64_t at, size_t wanted, size_t *len,
                        char message[MESSAGE_BYTES])
{
    while (*len < wanted) {
        if (!more(r, message))
            return false;
        if (r->rest.len == 0)
            break;
        if (r->at < at) {
            pass(r, at - r->at < r->rest.len ? (size_t)(at - r->at) : r->rest.len);
            continue;
        }
        const size_t n = r->rest.len < wanted - *len ? r->rest.len : wanted - *len;
        memcpy(r->buffer + *len, r->rest.bytes, n);
        *len += n;
        pass(r, n);
    }
    return true;
}

wal_file_status wal_file_read(wal_file *r, const char *path, uint64_t at, size_t most, wp_view *out,
                              char message[MESSAGE_BYTES])
{
    const size_t whole = WAL_FILE_WINDOW_BYTES - (size_t)(at % WAL_FILE_WINDOW_BYTES);
    const size_t wanted = most < whole ? most : whole;
    size_t len = 0;
    *out = (wp_view){ 0 };
    if (!is_current(r, path, at)) {
        const wal_file_status opened = open_file(r, path, message);
        if (opened != WAL_FILE_READ) {
            wal_file_close(r);
            return opened;
        }
    }
    const bool is_read = r->is_packed ? read_packed(r, at, wanted, &len, message)
                                      : read_plain(r, at, wanted, &len, message);
    if (!is_same(r)) {
        wal_file_close(r);
        return WAL_FILE_GONE;
    }
    if (!is_read)
        return WAL_FILE_FAILED;
    *out = (wp_view){ r->buffer, len };
    return len > 0 ? WAL_FILE_READ : WAL_FILE_END;
}

bool wal_file_has(wal_file *r, const char *path, uint64_t bytes, char message[MESSAGE_BYTES])
{
    wp_view last;
    return wal_file_read(r, path, bytes - 1, 1, &last, message) == WAL_FILE_READ;
}
