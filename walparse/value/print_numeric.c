/*
 * Numbers of any length, in digits of base 10000: utils/adt/numeric.c.
 */
#include "value/value.h"

#define BASE 10000
#define DIGITS_A_GROUP 4
#define SIGN_MASK 0xC000
#define NEGATIVE 0x4000
#define IS_SHORT 0x8000
#define IS_SPECIAL 0xC000
#define NAN_WORD 0xC000
#define PLUS_INFINITY 0xD000
#define MINUS_INFINITY 0xF000
#define SHORT_NEGATIVE 0x2000
#define SHORT_DSCALE(word) ((word) >> 7 & 0x3F)
#define LONG_DSCALE_MASK 0x3FFF

typedef struct numeric {
    const uint8_t *digits;
    int ndigits;
    int weight; /* of the first digit: a power of BASE */
    int dscale; /* decimal digits after the point, as they are shown */
    bool is_negative;
} numeric;

static bool numeric_read(wp_view bytes, uint16_t head, numeric *n)
{
    size_t header = 2;
    if (head & IS_SHORT) {
        n->is_negative = head & SHORT_NEGATIVE;
        n->dscale = SHORT_DSCALE(head);
        n->weight = (head & 0x3F) - (head & 0x40);
    } else {
        header = 4;
        if (bytes.len < header)
            return false;
        n->is_negative = (head & SIGN_MASK) == NEGATIVE;
        n->dscale = head & LONG_DSCALE_MASK;
        n->weight = (int16_t)wpi_u16(bytes.bytes + 2);
    }
    if ((bytes.len - header) % 2 || (bytes.len - header) / 2 > INT32_MAX / 8)
        return false;
    n->digits = bytes.bytes + header;
    n->ndigits = (int)((bytes.len - header) / 2);
    for (int i = 0; i < n->ndigits; i++)
        if (wpi_u16(n->digits + 2 * i) >= BASE)
            return false;
    return true;
}

/* The digit of BASE at a place, 0 where none is stored. */
static unsigned digit_at(const numeric *n, int place)
{
    return place >= 0 && place < n->ndigits ? wpi_u16(n->digits + 2 * place) : 0;
}

static void put_group(wpi_value *v, unsigned digit, int ndigits)
{
    const char text[DIGITS_A_GROUP] = { (char)('0' + digit / 1000 % 10),
                                        (char)('0' + digit / 100 % 10),
                                        (char)('0' + digit / 10 % 10), (char)('0' + digit % 10) };
    wpi_print_bytes(v, text, (size_t)ndigits);
}

wp_value_status wpi_print_numeric(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 2)
        return WP_VALUE_DAMAGED;
    const uint16_t head = wpi_u16(bytes.bytes);
    if ((head & SIGN_MASK) == IS_SPECIAL) {
        if (head != NAN_WORD && head != PLUS_INFINITY && head != MINUS_INFINITY)
            return WP_VALUE_DAMAGED;
        wpi_puts(v, head == NAN_WORD ? "NaN" : head == PLUS_INFINITY ? "Infinity" : "-Infinity");
        return WP_VALUE_OK;
    }
    numeric n;
    if (!numeric_read(bytes, head, &n))
        return WP_VALUE_DAMAGED;
    if (n.is_negative)
        wpi_putc(v, '-');
    if (n.weight < 0)
        wpi_putc(v, '0');
    for (int place = 0; place <= n.weight && !v->too_long; place++) {
        if (place == 0)
            wpi_putf(v, "%u", digit_at(&n, place));
        else
            put_group(v, digit_at(&n, place), DIGITS_A_GROUP);
    }
    if (n.dscale > 0)
        wpi_putc(v, '.');
    int place = n.weight + 1;
    for (int left = n.dscale; left > 0; left -= DIGITS_A_GROUP, place++)
        put_group(v, digit_at(&n, place), left < DIGITS_A_GROUP ? left : DIGITS_A_GROUP);
    return WP_VALUE_OK;
}
