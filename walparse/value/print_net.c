/*
 * Addresses: utils/adt/{network,mac,mac8}.c, utils/adt/inet_net_ntop.c.
 */
#include <stdio.h>

#include "value/value.h"

#define FAMILY_V4 2
#define FAMILY_V6 3
#define V4_BYTES 4
#define V6_WORDS 8

/* The longest run of words that are zero, two or more; the first of those as long. */
static void zero_run(const uint16_t words[V6_WORDS], int *start, int *len)
{
    *start = -1;
    *len = 0;
    for (int i = 0; i < V6_WORDS;) {
        int end = i;
        while (end < V6_WORDS && words[end] == 0)
            end++;
        if (end - i >= 2 && end - i > *len) {
            *start = i;
            *len = end - i;
        }
        i = end + 1;
    }
}

static void put_v4(wpi_value *v, const uint8_t *b)
{
    wpi_putf(v, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
}

static void put_v6(wpi_value *v, const uint8_t *bytes)
{
    uint16_t words[V6_WORDS];
    for (int i = 0; i < V6_WORDS; i++)
        words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    int start, len;
    zero_run(words, &start, &len);
    const bool ends_as_v4 = start == 0 && (len == 6 || (len == 5 && words[5] == 0xFFFF));
    for (int i = 0; i < V6_WORDS; i++) {
        if (start >= 0 && i >= start && i < start + len) {
            if (i == start)
                wpi_putc(v, ':');
            continue;
        }
        if (i > 0)
            wpi_putc(v, ':');
        if (i == 6 && ends_as_v4) {
            put_v4(v, bytes + 12);
            return;
        }
        wpi_putf(v, "%x", words[i]);
    }
    if (start >= 0 && start + len == V6_WORDS)
        wpi_putc(v, ':');
}

static wp_value_status put_address(wpi_value *v, wp_view bytes, bool is_cidr)
{
    if (bytes.len < 2 + V4_BYTES)
        return WP_VALUE_DAMAGED;
    const uint8_t family = bytes.bytes[0], bits = bytes.bytes[1];
    const uint8_t all = family == FAMILY_V4 ? 32 : 128;
    if ((family != FAMILY_V4 && family != FAMILY_V6) || bits > all
        || bytes.len < (size_t)2 + all / 8)
        return WP_VALUE_DAMAGED;
    if (family == FAMILY_V4)
        put_v4(v, bytes.bytes + 2);
    else
        put_v6(v, bytes.bytes + 2);
    if (is_cidr || bits != all)
        wpi_putf(v, "/%u", bits);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_inet(wpi_value *v, wp_view bytes)
{
    return put_address(v, bytes, false);
}

wp_value_status wpi_print_cidr(wpi_value *v, wp_view bytes)
{
    return put_address(v, bytes, true);
}

wp_value_status wpi_print_macaddr(wpi_value *v, wp_view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        wpi_putf(v, i > 0 ? ":%02x" : "%02x", bytes.bytes[i]);
    return WP_VALUE_OK;
}
