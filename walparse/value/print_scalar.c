/*
 * Numbers, texts and other values of few rules: utils/adt/{int,int8,char,name,varlena,varbit,uuid,cash,pg_lsn,xid8funcs,tid}.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "value/value.h"

static const char hex_digits[] = "0123456789abcdef";

wp_value_status wpi_print_bool(wpi_value *v, wp_view bytes)
{
    wpi_putc(v, bytes.bytes[0] ? 't' : 'f');
    return WP_VALUE_OK;
}

static void put_hex(wpi_value *v, const uint8_t *bytes, size_t n)
{
    if (n > SIZE_MAX / 2) {
        v->too_long = true;
        return;
    }
    uint8_t *to = wpi_print_room(v, 2 * n);
    for (size_t i = 0; to && i < n; i++) {
        *to++ = (uint8_t)hex_digits[bytes[i] >> 4];
        *to++ = (uint8_t)hex_digits[bytes[i] & 15];
    }
}

wp_value_status wpi_print_bytea(wpi_value *v, wp_view bytes)
{
    wpi_puts(v, "\\x");
    put_hex(v, bytes.bytes, bytes.len);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_char(wpi_value *v, wp_view bytes)
{
    const uint8_t c = bytes.bytes[0];
    if ((c & 0x80) && v->config->profile->value.char_is_octal)
        wpi_putf(v, "\\%o", c);
    else if (c)
        wpi_print_bytes(v, &c, 1);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_name(wpi_value *v, wp_view bytes)
{
    const uint8_t *const end = memchr(bytes.bytes, 0, bytes.len);
    if (!end)
        return WP_VALUE_DAMAGED;
    wpi_print_bytes(v, bytes.bytes, (size_t)(end - bytes.bytes));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_int2(wpi_value *v, wp_view bytes)
{
    wpi_print_number(v, (int16_t)wpi_u16(bytes.bytes));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_int4(wpi_value *v, wp_view bytes)
{
    wpi_print_number(v, (int32_t)wpi_u32(bytes.bytes));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_int8(wpi_value *v, wp_view bytes)
{
    wpi_print_number(v, (int64_t)wpi_u64(bytes.bytes));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_oid(wpi_value *v, wp_view bytes)
{
    wpi_print_digits(v, wpi_u32(bytes.bytes), 1);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_xid8(wpi_value *v, wp_view bytes)
{
    wpi_print_digits(v, wpi_u64(bytes.bytes), 1);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_text(wpi_value *v, wp_view bytes)
{
    wpi_print_bytes(v, bytes.bytes, bytes.len);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_tid(wpi_value *v, wp_view bytes)
{
    const uint8_t *b = bytes.bytes;
    wpi_putf(v, "(%" PRIu32 ",%u)", (uint32_t)wpi_u16(b) << 16 | wpi_u16(b + 2), wpi_u16(b + 4));
    return WP_VALUE_OK;
}

/* int2vector and oidvector: arrays of one dimension, without NULLs. */
static wp_value_status put_vector(wpi_value *v, wp_view bytes, size_t item_bytes)
{
    const size_t head = 20;
    if (bytes.len < head || wpi_u32(bytes.bytes) != 1 || wpi_u32(bytes.bytes + 4) != 0)
        return WP_VALUE_DAMAGED;
    const uint32_t n = wpi_u32(bytes.bytes + 12);
    if (n > (bytes.len - head) / item_bytes)
        return WP_VALUE_DAMAGED;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *item = bytes.bytes + head + i * item_bytes;
        if (i > 0)
            wpi_putc(v, ' ');
        if (item_bytes == 2)
            wpi_putf(v, "%d", (int16_t)wpi_u16(item));
        else
            wpi_putf(v, "%" PRIu32, wpi_u32(item));
    }
    return WP_VALUE_OK;
}

wp_value_status wpi_print_vector2(wpi_value *v, wp_view bytes)
{
    return put_vector(v, bytes, 2);
}

wp_value_status wpi_print_vector4(wpi_value *v, wp_view bytes)
{
    return put_vector(v, bytes, 4);
}

wp_value_status wpi_print_uuid(wpi_value *v, wp_view bytes)
{
    static const uint8_t groups[] = { 4, 2, 2, 2, 6 };
    const uint8_t *from = bytes.bytes;
    for (size_t i = 0; i < sizeof groups; i++) {
        if (i > 0)
            wpi_putc(v, '-');
        put_hex(v, from, groups[i]);
        from += groups[i];
    }
    return WP_VALUE_OK;
}

wp_value_status wpi_print_bit(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 4)
        return WP_VALUE_DAMAGED;
    const uint32_t n = wpi_u32(bytes.bytes);
    if (n > INT32_MAX || n / 8 + (n % 8 != 0) > bytes.len - 4)
        return WP_VALUE_DAMAGED;
    uint8_t *to = wpi_print_room(v, n);
    for (uint32_t i = 0; to && i < n; i++)
        *to++ = (uint8_t)('0' + (bytes.bytes[4 + i / 8] >> (7 - i % 8) & 1));
    return WP_VALUE_OK;
}

/* As lc_monetary C has it: two digits of cents, groups of three digits. */
wp_value_status wpi_print_money(wpi_value *v, wp_view bytes)
{
    if (!v->config->lc_monetary_is_c)
        return WP_VALUE_NO_DECODER;
    const uint64_t bits = wpi_u64(bytes.bytes);
    const bool is_negative = bits >> 63;
    const uint64_t cents = is_negative ? 0 - bits : bits;
    char digits[24], text[40];
    const int n = snprintf(digits, sizeof digits, "%" PRIu64, cents / 100);
    size_t len = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text[len++] = ',';
        text[len++] = digits[i];
    }
    wpi_putf(v, "%s$%.*s.%02u", is_negative ? "-" : "", (int)len, text, (unsigned)(cents % 100));
    return WP_VALUE_OK;
}

wp_value_status wpi_print_lsn(wpi_value *v, wp_view bytes)
{
    const uint32_t low = wpi_u32(bytes.bytes), high = wpi_u32(bytes.bytes + 4);
    wpi_putf(v,
             v->config->profile->dump.pads_lsns ? "%" PRIX32 "/%08" PRIX32 : "%" PRIX32 "/%" PRIX32,
             high, low);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_snapshot(wpi_value *v, wp_view bytes)
{
    wpi_cursor c = wpi_cursor_of(bytes);
    const uint32_t n = wpi_take_u32(&c);
    const uint64_t xmin = wpi_take_u64(&c), xmax = wpi_take_u64(&c);
    if (c.overrun || n > wpi_left(&c) / 8)
        return WP_VALUE_DAMAGED;
    wpi_putf(v, "%" PRIu64 ":%" PRIu64 ":", xmin, xmax);
    for (uint32_t i = 0; i < n; i++)
        wpi_putf(v, i > 0 ? ",%" PRIu64 : "%" PRIu64, wpi_take_u64(&c));
    return WP_VALUE_OK;
}
