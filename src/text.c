/*
 * text.c - see text.h.
 */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

__attribute__((format(printf, 2, 0))) static void add_formatted(text *out, const char *format,
                                                                va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0 || !make_room(out, (size_t)len)) {
        out->failed = true;
        return;
    }
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

/* Characters that move the cursor or turn the direction of what follows. */
static bool is_unprintable(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x200E && code <= 0x200F)
           || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069)
           || code == 0xFEFF;
}

size_t text_columns(const char *chars, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((uint8_t)chars[i] & 0xC0) != 0x80;
    return columns;
}

/* ---- quoting ------------------------------------------------------------------------------ */

/* How one byte is written by a quoting; NULL: as it is. */
typedef const char *escape_byte(uint8_t byte);

static void add_escaped(text *out, const char *value, escape_byte *escape)
{
    for (const char *run = value;;) {
        const char *end = run;
        while (*end != '\0' && escape((uint8_t)*end) == NULL)
            end++;
        text_add_bytes(out, run, (size_t)(end - run));
        if (*end == '\0')
            return;
        text_add(out, escape((uint8_t)*end));
        run = end + 1;
    }
}

/* The lexer of the server's configuration files allows no bare newline inside a string. */
static const char *conf_byte(uint8_t byte)
{
    switch (byte) {
    case '\'':
        return "''";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    default:
        return NULL;
    }
}

void text_add_conf(text *out, const char *value)
{
    text_add(out, "'");
    add_escaped(out, value, conf_byte);
    text_add(out, "'");
}

static const char *shell_byte(uint8_t byte)
{
    return byte == '\'' ? "'\\''" : NULL;
}

void text_add_shell(text *out, const char *value)
{
    text_add(out, "'");
    add_escaped(out, value, shell_byte);
    text_add(out, "'");
}

static const char *csv_byte(uint8_t byte)
{
    return byte == '"' ? "\"\"" : NULL;
}

void text_add_csv(text *out, const char *value)
{
    if (value[strcspn(value, "\",\r\n")] == '\0') {
        text_add(out, value);
        return;
    }
    text_add(out, "\"");
    add_escaped(out, value, csv_byte);
    text_add(out, "\"");
}

static void add_json_char(text *out, const char *at, size_t len, uint32_t code)
{
    if (len == 0)
        text_add(out, "\xEF\xBF\xBD");
    else if (code == '"' || code == '\\')
        text_addf(out, "\\%c", (char)code);
    else if (code < 0x20 || code == 0x7F)
        text_addf(out, "\\u%04x", (unsigned)code);
    else
        text_add_bytes(out, at, len);
}

void text_add_json(text *out, const char *value)
{
    text_add(out, "\"");
    while (*value != '\0') {
        uint32_t code = 0;
        const size_t len = utf8_char(value, &code);
        add_json_char(out, value, len, code);
        value += len > 0 ? len : 1;
    }
    text_add(out, "\"");
}

void text_add_visible(text *out, const char *value)
{
    while (*value != '\0') {
        uint32_t code = 0;
        const size_t len = utf8_char(value, &code);
        if (len == 0)
            text_addf(out, "\\x%02X", (unsigned)(uint8_t)*value);
        else if (!is_unprintable(code))
            text_add_bytes(out, value, len);
        else if (code < 0x80)
            text_addf(out, "\\x%02X", (unsigned)code);
        else
            text_addf(out, "\\u%04X", (unsigned)code);
        value += len > 0 ? len : 1;
    }
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
