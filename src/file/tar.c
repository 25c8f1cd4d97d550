/*
 * tar.c - see tar.h. Formats: POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU tar.
 *
 *   header of 512 bytes: 0 name[100], 124 size[12], 148 checksum[8], 156 type, 257 "ustar", 345 prefix[155]
 *   then the content, filled up to 512; zeros instead of a header: the end
 */
#include "file/tar.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "file/stream.h"

#define BLOCK_BYTES TAR_BLOCK_BYTES
/* Content of a header that gives a long name or pax attributes. */
#define EXTENSION_BYTES_MAX ((uint64_t)1 << 20)
/* Read at first where members are skipped. */
#define HEADERS_WINDOW_BYTES ((size_t)1 << 10)

struct tar {
    const char *path;
    stream *in;
    wp_view window; /* not yet handed out */
    uint64_t at;    /* where it begins */
    uint64_t header_at;
    uint64_t left; /* of the member's content */
    uint64_t padding;
};

/* ---- bytes ---------------------------------------------------------------------------------- */

static bool fail_short(const tar *t, char *message)
{
    return message_fail(message, "\"%s\" ends in the middle%s: is the copy whole?", t->path,
                        stream_is_cut(t->in) ? " or cannot be unpacked" : "");
}

/* Takes n bytes, into buf unless it is NULL. *got: how many there were. */
static bool take(tar *t, void *buf, uint64_t n, uint64_t *got, char *message)
{
    uint8_t *to = buf;
    for (*got = 0; *got < n;) {
        if (t->window.len == 0 && !stream_read(t->in, &t->window, message))
            return false;
        if (t->window.len == 0)
            return true;
        const size_t part = t->window.len < n - *got ? t->window.len : (size_t)(n - *got);
        if (to)
            memcpy(to + *got, t->window.bytes, part);
        t->window.bytes += part;
        t->window.len -= part;
        t->at += part;
        *got += part;
    }
    return true;
}

static bool take_all(tar *t, void *buf, uint64_t n, char *message)
{
    uint64_t got;
    return take(t, buf, n, &got, message) && (got == n || fail_short(t, message));
}

bool tar_read(tar *t, void *buf, size_t n, char message[MESSAGE_BYTES])
{
    if (n > t->left)
        return message_fail(message, "\"%s\": a member is shorter than it says", t->path);
    t->left -= n;
    return take_all(t, buf, n, message);
}

bool tar_read_some(tar *t, size_t most, wp_view *out, char message[MESSAGE_BYTES])
{
    if (t->window.len == 0 && t->left > 0 && !stream_read(t->in, &t->window, message))
        return false;
    *out = t->window;
    if (out->len == 0 && t->left > 0)
        return fail_short(t, message);
    most = most < t->left ? most : (size_t)t->left;
    out->len = out->len < most ? out->len : most;
    t->window.bytes += out->len;
    t->window.len -= out->len;
    t->at += out->len;
    t->left -= out->len;
    return true;
}

uint64_t tar_at(const tar *t)
{
    return t->at;
}

uint64_t tar_bytes_read(const tar *t)
{
    return stream_bytes_read(t->in);
}

/* ---- headers -------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *block)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        if (block[i])
            return false;
    return true;
}

/* Octal digits, or (highest bit set) a binary number. False: neither, or beyond 63 bits. */
static bool parse_number(const uint8_t *field, size_t len, uint64_t *out)
{
    uint64_t n = 0;
    size_t i = 0;
    if (field[0] & 0x80) {
        for (; i < len; i++) {
            const uint8_t byte = i == 0 ? field[0] & 0x7F : field[i];
            if (n > (uint64_t)INT64_MAX >> 8)
                return false;
            n = n << 8 | byte;
        }
        *out = n;
        return true;
    }
    while (i < len && field[i] == ' ')
        i++;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        n = n << 3 | (uint64_t)(field[i] - '0');
    *out = n;
    return i == len || field[i] == ' ' || field[i] == '\0';
}

static bool checksum_fits(const uint8_t *block)
{
    uint64_t stored;
    uint64_t sum = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    return parse_number(block + 148, 8, &stored) && stored == sum;
}

/* Sets a name, less the "./" that some tools put before it. */
static void set_name(tar_member *out, const char *chars, size_t len)
{
    out->has_dot = len >= 2 && chars[0] == '.' && chars[1] == '/';
    if (out->has_dot) {
        chars += 2;
        len -= 2;
    }
    if (len >= sizeof out->name)
        len = sizeof out->name - 1;
    memcpy(out->name, chars, len);
    out->name[len] = '\0';
}

static void set_header_name(tar_member *out, const uint8_t *block)
{
    char name[100 + 1 + 155 + 1];
    size_t len = 0;
    const char *prefix = (const char *)block + 345;
    const bool is_ustar = memcmp(block + 257, "ustar\0", 6) == 0; /* GNU has other things there */
    if (is_ustar && *prefix) {
        len = strnlen(prefix, 155);
        memcpy(name, prefix, len);
        name[len++] = '/';
    }
    const size_t rest = strnlen((const char *)block, 100);
    memcpy(name + len, block, rest);
    set_name(out, name, len + rest);
}

/* What headers before the real one said. */
typedef struct overrides {
    bool has_name, has_size;
    tar_member values;
} overrides;

/* Cuts the first line off pax attributes, "LENGTH key=value\n"; LENGTH counts all of it. False: it is none. */
static bool next_attribute(wp_view *text, wp_view *out)
{
    const uint8_t *const line = text->bytes;
    uint64_t len = 0;
    size_t i = 0;
    for (; i < text->len && i < 8 && line[i] >= '0' && line[i] <= '9'; i++)
        len = len * 10 + (uint64_t)(line[i] - '0');
    if (i == 0 || i >= text->len || line[i] != ' ')
        return false;
    const size_t start = i + 1;
    if (len <= start || len > text->len || line[len - 1] != '\n')
        return false;
    *out = (wp_view){ line + start, (size_t)len - 1 - start };
    *text = (wp_view){ line + len, text->len - (size_t)len };
    return true;
}

/* The value of "key=value"; false: the key is another one. */
static bool has_key(wp_view attribute, const char *key, wp_view *value)
{
    const size_t n = strlen(key);
    if (attribute.len <= n || memcmp(attribute.bytes, key, n) != 0 || attribute.bytes[n] != '=')
        return false;
    *value = (wp_view){ attribute.bytes + n + 1, attribute.len - n - 1 };
    return true;
}

/* Nothing but decimal digits; none are 0. False: others, or beyond 63 bits. */
static bool parse_decimal(wp_view digits, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < digits.len; i++) {
        const uint8_t c = digits.bytes[i];
        if (c < '0' || c > '9' || n > (uint64_t)INT64_MAX / 10 - 1)
            return false;
        n = n * 10 + (uint64_t)(c - '0');
    }
    *out = n;
    return true;
}

static bool take_attribute(wp_view attribute, overrides *out)
{
    wp_view value;
    if (has_key(attribute, "path", &value)) {
        set_name(&out->values, (const char *)value.bytes, value.len);
        out->has_name = true;
    } else if (has_key(attribute, "size", &value)) {
        if (!parse_decimal(value, &out->values.size))
            return false;
        out->has_size = true;
    }
    return true;
}

static bool take_pax(wp_view text, overrides *out)
{
    wp_view attribute;
    while (text.len > 0)
        if (!next_attribute(&text, &attribute) || !take_attribute(attribute, out))
            return false;
    return true;
}

static void set_content(tar *t, uint64_t size)
{
    t->left = size;
    t->padding = (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
}

static bool skip_rest(tar *t, char *message)
{
    const uint64_t n = t->left + t->padding;
    bool is_there = false;
    t->left = t->padding = 0;
    if (n <= t->window.len || n > INT64_MAX - t->at)
        return take_all(t, NULL, n, message);
    if (!stream_seek(t->in, t->at + n, &is_there, message))
        return false;
    if (!is_there)
        return take_all(t, NULL, n, message);
    t->window.len = 0;
    t->at += n;
    return true;
}

/* A header whose content belongs to the next one. */
static bool take_extension(tar *t, char type, overrides *out, char *message)
{
    if (t->left > EXTENSION_BYTES_MAX)
        return message_fail(message, "\"%s\": impossible header of %llu bytes", t->path,
                            (unsigned long long)t->left);
    const size_t len = (size_t)t->left;
    char *text = malloc(len + 1);
    if (!text)
        return message_no_memory(message);
    bool is_good = tar_read(t, text, len, message);
    text[len] = '\0';
    if (is_good && type == 'L') {
        set_name(&out->values, text, strlen(text));
        out->has_name = true;
    } else if (is_good && type == 'x') {
        is_good = take_pax((wp_view){ (const uint8_t *)text, len }, out)
                  || message_fail(message, "\"%s\": attributes that are damaged", t->path);
    }
    free(text);
    return is_good;
}

/* One header. *type 0: the end. */
static bool take_header(tar *t, uint8_t block[BLOCK_BYTES], char *type, char *message)
{
    uint64_t got, size;
    if (!skip_rest(t, message) || !take(t, block, BLOCK_BYTES, &got, message))
        return false;
    if (got < BLOCK_BYTES)
        return fail_short(t, message);
    *type = '\0';
    t->header_at = t->at - BLOCK_BYTES;
    if (is_zero(block))
        return true;
    if (!checksum_fits(block))
        return message_fail(
            message, "\"%s\" is not a tar archive, or is damaged: checksum of a header", t->path);
    if (!parse_number(block + 124, 12, &size))
        return message_fail(message, "\"%s\": a member of impossible size", t->path);
    *type = block[156] ? (char)block[156] : '0';
    set_content(t, *type >= '1' && *type <= '6' ? 0 : size);
    return true;
}

tar_step tar_next(tar *t, tar_member *out, char message[MESSAGE_BYTES])
{
    overrides before = { 0 };
    uint8_t block[BLOCK_BYTES];
    char type = 0;
    for (;;) {
        if (!take_header(t, block, &type, message))
            return TAR_FAILED;
        if (!type)
            return TAR_END;
        if (type != 'L' && type != 'K' && type != 'x' && type != 'g')
            break;
        if (!take_extension(t, type, &before, message))
            return TAR_FAILED;
    }
    if (before.has_size)
        set_content(t, before.values.size);
    *out = (tar_member){ .is_file = type == '0' || type == '7',
                         .size = t->left,
                         .header_at = t->header_at };
    if (before.has_name) {
        memcpy(out->name, before.values.name, sizeof out->name);
        out->has_dot = before.values.has_dot;
    } else
        set_header_name(out, block);
    if (type != 'S')
        return TAR_MEMBER;
    (void)message_fail(message, "\"%s\" was made with tar --sparse: unpack it first", t->path);
    return TAR_FAILED;
}

static bool read_to_end(tar *t)
{
    char ignored[MESSAGE_BYTES];
    wp_view rest = { 0 };
    bool is_good;
    while ((is_good = stream_read(t->in, &rest, ignored)) && rest.len > 0)
        continue;
    return is_good;
}

bool tar_has_rest(tar *t)
{
    (void)read_to_end(t);
    return stream_has_rest(t->in);
}

bool tar_is_whole(tar *t)
{
    return read_to_end(t) && !stream_is_cut(t->in);
}

bool tar_header_size(const uint8_t block[TAR_BLOCK_BYTES], uint64_t *out)
{
    return !is_zero(block) && checksum_fits(block) && parse_number(block + 124, 12, out);
}

/* ---- paths of members ----------------------------------------------------------------------- */

char *tar_path_make(const char *archive, const tar_member *m)
{
    char *path = NULL;
    return asprintf(&path, "%s:%s@%" PRIu64, archive, m->name, m->header_at) < 0 ? NULL : path;
}

bool tar_path_split(const char *path, char *archive, uint64_t *header_at)
{
    const char *offset = strrchr(path, '@');
    const char *colon = offset ? memrchr(path, ':', (size_t)(offset - path)) : NULL;
    if (!colon || colon == path || colon - path >= PATH_MAX)
        return false;
    *header_at = 0;
    for (const char *at = offset + 1; *at; at++) {
        if (*at < '0' || *at > '9' || *header_at > (UINT64_MAX - 9) / 10)
            return false;
        *header_at = *header_at * 10 + (uint64_t)(*at - '0');
    }
    memcpy(archive, path, (size_t)(colon - path));
    archive[colon - path] = '\0';
    return offset[1] != '\0';
}

/* ---- opening and closing -------------------------------------------------------------------- */

static tar *open_with(const char *path, size_t window, char message[MESSAGE_BYTES])
{
    tar *t = calloc(1, sizeof *t);
    if (!t) {
        (void)message_no_memory(message);
        return NULL;
    }
    t->path = path;
    t->in = stream_new();
    if (!t->in)
        (void)message_no_memory(message);
    else if (stream_open(t->in, path, window, true, message))
        return t;
    tar_close(t);
    return NULL;
}

tar *tar_open(const char *path, char message[MESSAGE_BYTES])
{
    return open_with(path, STREAM_WINDOW_BYTES, message);
}

tar *tar_open_headers(const char *path, char message[MESSAGE_BYTES])
{
    return open_with(path, HEADERS_WINDOW_BYTES, message);
}

bool tar_is_packed(const tar *t)
{
    return stream_is_compressed(t->in) || stream_is_encrypted(t->in);
}

void tar_close(tar *t)
{
    if (!t)
        return;
    stream_free(t->in);
    free(t);
}
