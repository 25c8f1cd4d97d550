/*
 * text.c - see text.h.
 */
#include "base/text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static bool make_room(text *out, size_t more)
{
    if (out->failed)
        return false;
    const size_t need = out->len + more + 1;
    if (need <= out->room)
        return true;
    const size_t room = need < 128 ? 256 : need * 2;
    char *bytes = realloc(out->bytes, room);
    if (bytes == NULL) {
        out->failed = true;
        return false;
    }
    out->bytes = bytes;
    out->room = room;
    return true;
}

void text_add_bytes(text *out, const char *bytes, size_t len)
{
    if (!make_room(out, len))
        return;
    if (len > 0)
        memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
    out->bytes[out->len] = '\0';
}

void text_add(text *out, const char *chars)
{
    text_add_bytes(out, chars, strlen(chars));
}

/* Into the room that is there, and once more where that is too small. */
__attribute__((format(printf, 2, 0))) static void add_formatted(text *out, const char *format,
                                                                va_list args)
{
    va_list again;
    const size_t room = out->failed ? 0 : out->room - out->len;
    va_copy(again, args);
    const int len = vsnprintf(room > 0 ? out->bytes + out->len : NULL, room, format, again);
    va_end(again);
    const bool fits = len >= 0 && (size_t)len < room;
    if (len < 0 || (!fits && !make_room(out, (size_t)len))) {
        out->failed = true;
        if (room > 0)
            out->bytes[out->len] = '\0';
        return;
    }
    if (!fits)
        vsnprintf(out->bytes + out->len, (size_t)len + 1, format, args);
    out->len += (size_t)len;
}

void text_addf(text *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_formatted(out, format, args);
    va_end(args);
}

const char *text_chars(const text *in)
{
    return in->len > 0 ? in->bytes : "";
}

void text_clear(text *in)
{
    in->len = 0;
    if (in->bytes != NULL)
        in->bytes[0] = '\0';
}

void text_free(text *in)
{
    free(in->bytes);
    *in = (text){ 0 };
}

/* ---- UTF-8 -------------------------------------------------------------------------------- */

/* Length of the well-formed character at s (NUL-terminated), its number in *code; 0 if there is none. */
static size_t utf8_char(const char *s, uint32_t *code)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {
        { 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 }
    };

    const uint8_t first = (uint8_t)s[0];
    size_t len = 0;
    while (len < 4 && (first & forms[len].mask) != forms[len].lead)
        len++;
    if (len == 4)
        return 0;
    uint32_t value = first & (uint8_t)~forms[len].mask;
    for (size_t i = 1; i <= len; i++) {
        const uint8_t next = (uint8_t)s[i];
        if ((next & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3F);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < forms[len].least || surrogate || value > 0x10FFFF)
        return 0;
    *code = value;
    return len + 1;
}

/* Characters that move the cursor, turn the direction of what follows, or end a line. */
static bool is_unprintable(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C
           || (code >= 0x200E && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E)
           || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

/* The C library knows how wide a character is, in a locale that has them. NULL: this machine has none. */
static locale_t wide_locale(void)
{
    static locale_t wide;
    static bool is_looked_for;
    if (!is_looked_for)
        wide = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    is_looked_for = true;
    return wide;
}

/* Bytes of the character that begins there, and its columns. */
static size_t measure(const char *at, size_t len, size_t *columns)
{
    wchar_t wide = 0;
    mbstate_t state = { 0 };
    *columns = 1;
    if ((unsigned char)*at < 0x80)
        return 1;
    const size_t n = mbrtowc(&wide, at, len, &state);
    const int width = n > 0 && n <= len ? wcwidth(wide) : -1;
    if (width >= 0) {
        *columns = (size_t)width;
        return n;
    }
    size_t bytes = 1;
    while (bytes < len && ((unsigned char)at[bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

/* The first characters that take no more columns than that: their columns, and in *bytes their bytes. */
static size_t fit(const char *chars, size_t len, size_t columns_max, size_t *bytes)
{
    const locale_t before = wide_locale() ? uselocale(wide_locale()) : (locale_t)0;
    size_t columns = 0, at = 0;
    while (at < len) {
        size_t width = 0;
        const size_t n = measure(chars + at, len - at, &width);
        if (width > columns_max - columns)
            break;
        columns += width;
        at += n;
    }
    if (before)
        (void)uselocale(before);
    *bytes = at;
    return columns;
}

size_t text_columns(const char *chars, size_t len)
{
    size_t bytes = 0;
    return fit(chars, len, SIZE_MAX, &bytes);
}

size_t text_fitting(const char *chars, size_t len, size_t columns)
{
    size_t bytes = 0;
    (void)fit(chars, len, columns, &bytes);
    return bytes;
}

/* ---- quoting ------------------------------------------------------------------------------ */

/* Writes one character of a value; len 0: a byte that is no UTF-8, code. */
typedef void add_char(text *out, const char *at, size_t len, uint32_t code);

static void add_chars(text *out, const char *value, add_char *add)
{
    while (*value != '\0') {
        uint32_t code = 0;
        const size_t len = utf8_char(value, &code);
        add(out, value, len, len > 0 ? code : (uint8_t)*value);
        value += len > 0 ? len : 1;
    }
}

/* In the octal of the server's configuration files, which allow no bare newline inside a string. */
static void add_conf_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (code == '\'' || code == '\\')
        text_addf(out, "%c%c", (char)code, (char)code);
    else if (code == '\n' || code == '\r')
        text_add(out, code == '\n' ? "\\n" : "\\r");
    else if (len > 0 && !is_unprintable(code))
        text_add_bytes(out, at, len);
    else
        for (size_t i = 0; i < (len > 0 ? len : 1); i++)
            text_addf(out, "\\%03o", (unsigned)(uint8_t)at[i]);
}

void text_add_conf(text *out, const char *value)
{
    text_add(out, "'");
    add_chars(out, value, add_conf_char);
    text_add(out, "'");
}

void text_add_shell(text *out, const char *value)
{
    text_add(out, "'");
    for (const char *quote; (quote = strchr(value, '\'')) != NULL; value = quote + 1) {
        text_add_bytes(out, value, (size_t)(quote - value));
        text_add(out, "'\\''");
    }
    text_add(out, value);
    text_add(out, "'");
}

void text_add_word(text *out, const char *value)
{
    const bool is_plain = *value != '\0'
                          && value[strspn(value, "abcdefghijklmnopqrstuvwxyz"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./")]
                                 == '\0';
    if (is_plain)
        text_add(out, value);
    else
        text_add_shell(out, value);
}

static void add_visible_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (len > 0 && !is_unprintable(code))
        text_add_bytes(out, at, len);
    else if (len == 0 || code < 0x80)
        text_addf(out, "\\x%02X", (unsigned)code);
    else
        text_addf(out, "\\u%04X", (unsigned)code);
}

void text_add_visible(text *out, const char *value)
{
    add_chars(out, value, add_visible_char);
}

/* A backslash is doubled, so that what is spelled out can be told from what was there. */
static void add_csv_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (code == '"' || code == '\\')
        text_addf(out, "%c%c", (char)code, (char)code);
    else
        add_visible_char(out, at, len, code);
}

void text_add_csv(text *out, const char *value)
{
    const char *quote = value[strcspn(value, "\",")] != '\0' ? "\"" : "";
    text_add(out, quote);
    add_chars(out, value, add_csv_char);
    text_add(out, quote);
}

static void add_json_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (len == 0)
        text_add(out, "\xEF\xBF\xBD");
    else if (code == '"' || code == '\\')
        text_addf(out, "\\%c", (char)code);
    else if (is_unprintable(code))
        text_addf(out, "\\u%04x", (unsigned)code);
    else
        text_add_bytes(out, at, len);
}

void text_add_json(text *out, const char *value)
{
    text_add(out, "\"");
    add_chars(out, value, add_json_char);
    text_add(out, "\"");
}

static bool is_utf8(const char *value)
{
    uint32_t code = 0;
    size_t len = 1;
    while (*value != '\0' && (len = utf8_char(value, &code)) > 0)
        value += len;
    return len > 0;
}

void text_add_json_bytes(text *out, const char *key, const char *value)
{
    if (value == NULL || is_utf8(value))
        return;
    text_addf(out, ",\"%s_bytes\":\"", key);
    for (; *value != '\0'; value++)
        text_addf(out, "%02x", (unsigned)(uint8_t)*value);
    text_add(out, "\"");
}

void text_add_json_member(text *out, const char *key, const char *value)
{
    text_add(out, "\"");
    text_add(out, key);
    text_add(out, "\":");
    if (value == NULL) {
        text_add(out, "null");
        return;
    }
    text_add_json(out, value);
    text_add_json_bytes(out, key, value);
}

static void add_label_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (len == 0)
        text_add(out, "\xEF\xBF\xBD");
    else if (code == '"' || code == '\\')
        text_addf(out, "\\%c", (char)code);
    else if (code == '\n')
        text_add(out, "\\n");
    else
        text_add_bytes(out, at, len);
}

void text_add_metric_label(text *out, const char *value)
{
    text_add(out, "\"");
    add_chars(out, value, add_label_char);
    text_add(out, "\"");
}

/* ---- lists -------------------------------------------------------------------------------- */

void text_list_addf(text_list *list, const char *format, ...)
{
    if (list->count == list->room) {
        const size_t room = list->room > 0 ? list->room * 2 : 8;
        char **items = realloc(list->items, room * sizeof *items);
        if (items == NULL)
            return;
        list->items = items;
        list->room = room;
    }
    text item = { 0 };
    va_list args;
    va_start(args, format);
    add_formatted(&item, format, args);
    va_end(args);
    if (item.failed)
        text_free(&item);
    else
        list->items[list->count++] = item.bytes;
}

void text_list_free(text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (text_list){ 0 };
}
