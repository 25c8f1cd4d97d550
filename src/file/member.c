/* member.c - see member.h. */
#include "file/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "file/stream.h"
#include "file/tar.h"

struct member {
    char *archive; /* NULL: none is open */
    stream *in;
    uint8_t *kept;    /* MEMBER_KEPT_BYTES: the last bytes of the archive that were read ... */
    uint64_t kept_at; /* ... and where they begin */
    size_t kept_len;
    uint64_t at;        /* the next byte to hand out */
    uint64_t header_at; /* of this member */
    uint64_t left;      /* of its content */
    bool is_at_end;     /* the archive has no more bytes */
};

static uint64_t kept_end(const member *m)
{
    return m->kept_at + m->kept_len;
}

/* Forgets what was kept: the archive is read from here on. */
static void move_to(member *m, uint64_t at)
{
    m->kept_at = at;
    m->kept_len = 0;
    m->is_at_end = false;
}

static bool begin(member *m, const char *archive, char message[MESSAGE_BYTES])
{
    char *copy = strdup(archive);
    if (!copy)
        return message_no_memory(message);
    free(m->archive);
    m->archive = copy;
    move_to(m, 0);
    if (stream_open(m->in, m->archive, STREAM_WINDOW_BYTES, true, message))
        return true;
    member_close(m);
    return false;
}

/* Room for n bytes more. The beginning of this member is kept as long as there is room for it. */
static void make_room(member *m, size_t n)
{
    if (m->kept_len + n <= MEMBER_KEPT_BYTES)
        return;
    size_t drop = m->kept_len;
    if (m->header_at >= m->kept_at && m->header_at < kept_end(m)
        && kept_end(m) - m->header_at + n <= MEMBER_KEPT_BYTES)
        drop = (size_t)(m->header_at - m->kept_at);
    memmove(m->kept, m->kept + drop, m->kept_len - drop);
    m->kept_at += drop;
    m->kept_len -= drop;
}

/* Reads on in the archive, keeping what lies at `from` or after it. */
static bool read_on(member *m, uint64_t from, char message[MESSAGE_BYTES])
{
    wp_view got;
    if (!stream_read(m->in, &got, message))
        return false;
    m->is_at_end = got.len == 0;
    if (kept_end(m) < from) {
        const uint64_t ahead = from - kept_end(m);
        const size_t skipped = ahead < got.len ? (size_t)ahead : got.len;
        m->kept_at = kept_end(m) + skipped;
        m->kept_len = 0;
        got.bytes += skipped;
        got.len -= skipped;
    }
    make_room(m, got.len);
    if (got.len > 0)
        memcpy(m->kept + m->kept_len, got.bytes, got.len);
    m->kept_len += got.len;
    return true;
}

/* Makes `at` the next byte: one that is kept, or the one where the archive is read on. */
static bool go_to(member *m, uint64_t at, char message[MESSAGE_BYTES])
{
    bool is_there = false;
    if (at < m->kept_at || at > kept_end(m)) {
        if (!stream_seek(m->in, at, &is_there, message))
            return false;
        if (is_there)
            move_to(m, at);
        else if (at < m->kept_at && !begin(m, m->archive, message))
            return false;
    }
    while (kept_end(m) < at && !m->is_at_end)
        if (!read_on(m, at, message))
            return false;
    m->at = at;
    return true;
}

bool member_read(member *m, size_t most, wp_view *out, char message[MESSAGE_BYTES])
{
    while (m->left > 0 && m->at >= kept_end(m) && !m->is_at_end)
        if (!read_on(m, m->at, message))
            return false;
    *out = (wp_view){ NULL, 0 };
    if (m->left == 0 || m->at >= kept_end(m))
        return true;
    uint64_t n = kept_end(m) - m->at;
    n = n < m->left ? n : m->left;
    n = n < most ? n : most;
    *out = (wp_view){ m->kept + (m->at - m->kept_at), (size_t)n };
    m->at += n;
    m->left -= n;
    return true;
}

static bool read_header(member *m, uint8_t block[TAR_BLOCK_BYTES], char message[MESSAGE_BYTES])
{
    size_t len = 0;
    wp_view got;
    m->left = TAR_BLOCK_BYTES;
    do {
        if (!member_read(m, TAR_BLOCK_BYTES - len, &got, message))
            return false;
        if (got.len > 0)
            memcpy(block + len, got.bytes, got.len);
        len += got.len;
    } while (got.len > 0 && len < TAR_BLOCK_BYTES);
    return (len == TAR_BLOCK_BYTES && tar_header_size(block, &m->left))
           || message_fail(message, "\"%s\" is not the archive any more that it was before",
                           m->archive);
}

bool member_open(member *m, const char *archive, uint64_t header_at, char message[MESSAGE_BYTES])
{
    uint8_t block[TAR_BLOCK_BYTES];
    if ((!m->archive || strcmp(m->archive, archive) != 0) && !begin(m, archive, message))
        return false;
    m->header_at = header_at;
    return go_to(m, header_at, message) && read_header(m, block, message);
}

bool member_is_cut(const member *m)
{
    return m->left > 0 && m->is_at_end && m->at >= kept_end(m);
}

bool member_is_compressed(const member *m)
{
    return stream_is_compressed(m->in);
}

member *member_new(void)
{
    member *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->kept = malloc(MEMBER_KEPT_BYTES);
    m->in = stream_new();
    if (m->kept && m->in)
        return m;
    member_free(m);
    return NULL;
}

void member_close(member *m)
{
    free(m->archive);
    m->archive = NULL;
    stream_close(m->in);
}

void member_free(member *m)
{
    if (!m)
        return;
    free(m->archive);
    stream_free(m->in);
    free(m->kept);
    free(m);
}
