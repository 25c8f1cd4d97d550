#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "value/value.h"

#define FIRST_BYTES 256

static wp_value_status grow(wp_text *text, size_t n)
{
    if (n <= text->room - text->len)
        return WP_VALUE_OK;
    if (n > SIZE_MAX / 4 - text->len)
        return WP_VALUE_NO_MEMORY;
    size_t room = text->room ? text->room : FIRST_BYTES;
    while (room - text->len < n)
        room *= 2;
    uint8_t *bytes = realloc(text->bytes, room);
    if (!bytes)
        return WP_VALUE_NO_MEMORY;
    text->bytes = bytes;
    text->room = room;
    return WP_VALUE_OK;
}

uint8_t *wpi_print_room(wpi_value *v, size_t n)
{
    if (v->no_memory || v->too_long)
        return NULL;
    if (n > v->text_end - v->text->len)
        v->too_long = true;
    else if (grow(v->text, n ? n : 1) != WP_VALUE_OK)
        v->no_memory = true;
    else {
        v->text->len += n;
        return v->text->bytes + v->text->len - n;
    }
    return NULL;
}

void wpi_print_bytes(wpi_value *v, const void *bytes, size_t len)
{
    uint8_t *to = wpi_print_room(v, len);
    if (to && len)
        memcpy(to, bytes, len);
}

void wpi_puts(wpi_value *v, const char *text)
{
    wpi_print_bytes(v, text, strlen(text));
}

void wpi_putc(wpi_value *v, char c)
{
    wpi_print_bytes(v, &c, 1);
}

void wpi_print_repeated(wpi_value *v, char c, size_t n)
{
    uint8_t *to = wpi_print_room(v, n);
    if (to)
        memset(to, c, n);
}

void wpi_print_digits(wpi_value *v, uint64_t number, unsigned digits)
{
    char text[20];
    char *first = text + sizeof text;
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (first > text && (number > 0 || text + sizeof text - first < (ptrdiff_t)digits));
    wpi_print_bytes(v, first, (size_t)(text + sizeof text - first));
}

void wpi_print_number(wpi_value *v, int64_t number)
{
    if (number < 0)
        wpi_putc(v, '-');
    wpi_print_digits(v, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

void wpi_putf(wpi_value *v, const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        wpi_print_bytes(v, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

wp_value_status wpi_value_end(const wpi_value *v, wp_value_status status)
{
    if (v->no_memory)
        return WP_VALUE_NO_MEMORY;
    return v->too_long ? WP_VALUE_LIMIT : status;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_quoted(uint8_t c)
{
    return c == '"' || c == '\\';
}

void wpi_quote_since(wpi_value *v, size_t mark, const char *special, bool double_quotes,
                     bool always)
{
    if (v->no_memory || v->too_long)
        return;
    const size_t len = v->text->len - mark;
    size_t more = 2;
    bool must = always || len == 0;
    for (size_t i = mark; i < v->text->len; i++) {
        const uint8_t c = v->text->bytes[i];
        more += is_quoted(c);
        must = must || is_quoted(c) || is_space(c) || (c && strchr(special, c));
    }
    if (!must || !wpi_print_room(v, more))
        return;
    uint8_t *to = v->text->bytes + v->text->len;
    *--to = '"';
    for (size_t i = mark + len; i > mark; i--) {
        const uint8_t c = v->text->bytes[i - 1];
        *--to = c;
        if (is_quoted(c))
            *--to = double_quotes ? c : '\\';
    }
    *--to = '"';
}

static bool is_escaped(uint8_t c)
{
    return c == '\\' || (c >= '\b' && c <= '\r');
}

/* Is none of eight bytes escaped? False, too, where one of them is another control character. */
static bool are_plain(const uint8_t *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    const uint64_t backslashes = eight ^ ones * '\\';
    return !(((eight - ones * ('\r' + 1)) & ~eight & highs)
             || ((backslashes - ones) & ~backslashes & highs));
}

wp_value_status wp_copy_escape(wp_view value, wp_text *text)
{
    static const char letters[] = "btnvfr";
    for (size_t i = 0; i < value.len;) {
        size_t run = i;
        while (value.len - run >= 8 && are_plain(value.bytes + run))
            run += 8;
        while (run < value.len && !is_escaped(value.bytes[run]))
            run++;
        if (grow(text, run - i + 2) != WP_VALUE_OK)
            return WP_VALUE_NO_MEMORY;
        if (run > i)
            memcpy(text->bytes + text->len, value.bytes + i, run - i);
        text->len += run - i;
        if (run < value.len) {
            const uint8_t c = value.bytes[run++];
            text->bytes[text->len++] = '\\';
            text->bytes[text->len++] = c == '\\' ? c : (uint8_t)letters[c - '\b'];
        }
        i = run;
    }
    return WP_VALUE_OK;
}

void wp_text_free(wp_text *text)
{
    if (!text)
        return;
    free(text->bytes);
    *text = (wp_text){ 0 };
}
