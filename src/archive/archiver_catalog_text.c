/* archiver_catalog_text.c - see archiver_catalog_text.h. */
#include "archive/archiver_catalog_text.h"

#include <string.h>

/* ---- lines ---------------------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static wp_view trim(wp_view in)
{
    while (in.len > 0 && is_blank(in.bytes[0])) {
        in.bytes++;
        in.len--;
    }
    while (in.len > 0 && is_blank(in.bytes[in.len - 1]))
        in.len--;
    return in;
}

static wp_view unquote(wp_view in)
{
    const uint8_t quote = in.len >= 2 ? in.bytes[0] : 0;
    if ((quote == '"' || quote == '\'') && in.bytes[in.len - 1] == quote)
        return (wp_view){ in.bytes + 1, in.len - 2 };
    return in;
}

static bool copy(wp_view in, char *out, size_t room)
{
    if (in.len >= room || (in.len > 0 && memchr(in.bytes, '\0', in.len)))
        return false;
    if (in.len > 0)
        memcpy(out, in.bytes, in.len);
    out[in.len] = '\0';
    return true;
}

static wp_view take_line(wp_view *rest)
{
    const uint8_t *end = memchr(rest->bytes, '\n', rest->len);
    const wp_view line = { rest->bytes, end ? (size_t)(end - rest->bytes) : rest->len };
    const size_t taken = line.len + (end != NULL);
    rest->bytes += taken;
    rest->len -= taken;
    return trim(line);
}

bool archiver_catalog_lines_next(archiver_catalog_lines *lines)
{
    while (lines->rest.len > 0) {
        const wp_view line = take_line(&lines->rest);
        if (line.len == 0 || line.bytes[0] == '#' || line.bytes[0] == ';')
            continue;
        const uint8_t *equals = memchr(line.bytes, '=', line.len);
        if (line.bytes[0] == '[' && line.bytes[line.len - 1] == ']') {
            if (!copy((wp_view){ line.bytes + 1, line.len - 2 }, lines->section,
                      sizeof lines->section))
                lines->section[0] = '\0';
        } else if (equals) {
            const size_t at = (size_t)(equals - line.bytes);
            lines->value = unquote(trim((wp_view){ equals + 1, line.len - at - 1 }));
            if (copy(trim((wp_view){ line.bytes, at }), lines->key, sizeof lines->key))
                return true;
        }
    }
    return false;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void skip_blanks(wp_view *at)
{
    while (at->len > 0 && (is_blank(at->bytes[0]) || at->bytes[0] == '\n')) {
        at->bytes++;
        at->len--;
    }
}

static bool skip_char(wp_view *at, char c)
{
    skip_blanks(at);
    if (at->len == 0 || at->bytes[0] != (uint8_t)c)
        return false;
    at->bytes++;
    at->len--;
    return true;
}

/* A string, its escapes as they stand. */
static bool take_string(wp_view *at, wp_view *out)
{
    if (!skip_char(at, '"'))
        return false;
    *out = (wp_view){ at->bytes, 0 };
    while (at->len > 0 && at->bytes[0] != '"') {
        const size_t n = at->bytes[0] == '\\' ? 2 : 1;
        if (n > at->len)
            return false;
        at->bytes += n;
        at->len -= n;
        out->len += n;
    }
    return skip_char(at, '"');
}

/* Passes over an object or array with all it holds. */
static bool skip_nest(wp_view *at)
{
    size_t depth = 0;
    wp_view ignored;
    do {
        if (at->len == 0)
            return false;
        const uint8_t c = at->bytes[0];
        if (c == '"') {
            if (!take_string(at, &ignored))
                return false;
            continue;
        }
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        at->bytes++;
        at->len--;
    } while (depth > 0);
    return true;
}

/* Any value; *out is empty for one with parts. */
static bool take_value(wp_view *at, wp_view *out)
{
    skip_blanks(at);
    *out = (wp_view){ at->bytes, 0 };
    if (at->len == 0)
        return false;
    if (at->bytes[0] == '"')
        return take_string(at, out);
    if (at->bytes[0] == '{' || at->bytes[0] == '[')
        return skip_nest(at);
    while (out->len < at->len && !strchr(",}] \t\r\n", at->bytes[out->len]))
        out->len++;
    at->bytes += out->len;
    at->len -= out->len;
    return out->len > 0;
}

/* What archivers escape are quotes, backslashes and slashes; \u0041 and the like fit nowhere here. */
static bool unescape(wp_view in, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (in.bytes[i] == '\\' && (++i == in.len || !strchr("\"\\/", in.bytes[i])))
            return false;
        if (in.bytes[i] == '\0' || n + 1 >= room)
            return false;
        out[n++] = (char)in.bytes[i];
    }
    out[n] = '\0';
    return n > 0;
}

bool archiver_catalog_json_get(wp_view object, const char *key, char *out, size_t room)
{
    wp_view name, value;
    if (!skip_char(&object, '{'))
        return false;
    do {
        if (!take_string(&object, &name) || !skip_char(&object, ':')
            || !take_value(&object, &value))
            return false;
        if (name.len == strlen(key) && memcmp(name.bytes, key, name.len) == 0)
            return unescape(value, out, room);
    } while (skip_char(&object, ','));
    return false;
}

bool archiver_catalog_number(const char *chars, uint64_t *out)
{
    uint64_t n = 0;
    if (!*chars)
        return false;
    for (; *chars >= '0' && *chars <= '9'; chars++) {
        const uint64_t digit = (uint64_t)(*chars - '0');
        if (n > (UINT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return !*chars;
}
