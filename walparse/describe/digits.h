/*
 * digits.h - bytes and numbers, written where there is room for them. Each returns where the next one goes.
 *
 * Lines are made of short pieces, and most of what it costs to write them would be asking for room.
 */
#ifndef WPI_DIGITS_H
#define WPI_DIGITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WPI_U32_CHARS 10
#define WPI_U64_CHARS 20
#define WPI_LOCATOR_CHARS (3 * WPI_U32_CHARS + 2)
#define WPI_LSN_CHARS 17

static inline char *wpi_add_bytes(char *at, const char *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

/* A literal: its length is known to the compiler. */
static inline char *wpi_add(char *at, const char *text)
{
    return wpi_add_bytes(at, text, strlen(text));
}

static inline unsigned wpi_decimals(uint32_t value)
{
    unsigned n = 1;
    for (; value >= 10000; value /= 10000)
        n += 4;
    return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* %u. Two digits at a time: a division costs more than a look into a table. */
static inline char *wpi_add_u32(char *at, uint32_t value)
{
    static const char pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";
    char *end = at + wpi_decimals(value);
    char *digit = end;
    for (; value >= 100; value /= 100)
        memcpy(digit -= 2, &pairs[2 * (value % 100)], 2);
    if (value >= 10)
        memcpy(digit - 2, &pairs[2 * value], 2);
    else
        digit[-1] = (char)('0' + value);
    return end;
}

/* %*u; width is at most 10. */
static inline char *wpi_add_u32_wide(char *at, uint32_t value, unsigned width)
{
    const unsigned n = wpi_decimals(value);
    memcpy(at, "          ", WPI_U32_CHARS);
    return wpi_add_u32(n < width ? at + (width - n) : at, value);
}

/* tablespace/database/file. */
static inline char *wpi_add_locator(char *at, uint32_t spc, uint32_t db, uint32_t rel)
{
    at = wpi_add_u32(at, spc);
    *at = '/';
    at = wpi_add_u32(at + 1, db);
    *at = '/';
    return wpi_add_u32(at + 1, rel);
}

/* %llu. */
static inline char *wpi_add_u64(char *at, uint64_t value)
{
    char digits[WPI_U64_CHARS];
    char *digit = digits + sizeof digits;
    do {
        *--digit = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return wpi_add_bytes(at, digit, (size_t)(digits + sizeof digits - digit));
}

/* %lld. */
static inline char *wpi_add_i64(char *at, int64_t value)
{
    if (value >= 0)
        return wpi_add_u64(at, (uint64_t)value);
    *at = '-';
    return wpi_add_u64(at + 1, 0 - (uint64_t)value);
}

/* %X, of the low digits of value. */
static inline char *wpi_add_hex(char *at, uint32_t value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value >>= 4)
        at[i] = "0123456789ABCDEF"[value & 15];
    return at + digits;
}

static inline unsigned wpi_hex_digits(uint32_t value)
{
    unsigned digits = 1;
    while (digits < 8 && value >> (4 * digits))
        digits++;
    return digits;
}

/* %X/%X. */
static inline char *wpi_add_lsn(char *at, uint64_t lsn)
{
    const uint32_t high = (uint32_t)(lsn >> 32), low = (uint32_t)lsn;
    at = wpi_add_hex(at, high, wpi_hex_digits(high));
    *at = '/';
    return wpi_add_hex(at + 1, low, wpi_hex_digits(low));
}

/* %X/%08X. */
static inline char *wpi_add_lsn_padded(char *at, uint64_t lsn)
{
    const uint32_t high = (uint32_t)(lsn >> 32);
    at = wpi_add_hex(at, high, wpi_hex_digits(high));
    *at = '/';
    return wpi_add_hex(at + 1, (uint32_t)lsn, 8);
}

/* A number that printf() wrote. The point of our caller's locale, of one byte or several, becomes one. */
static inline char *wpi_add_printed(char *at, const char *number)
{
    static const char others[] = "+-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    while (*number) {
        const size_t n = strspn(number, others);
        at = wpi_add_bytes(at, number, n);
        number += n;
        if (*number)
            *at++ = '.';
        number += strcspn(number, others);
    }
    return at;
}

#endif
