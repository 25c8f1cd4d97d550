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

/* Mostly up to 16 bytes, as words are. From both ends: a call costs more than what is copied twice. */
static inline char *wpi_add_short(char *at, const char *bytes, size_t n)
{
    if (n > 16)
        return wpi_add_bytes(at, bytes, n);
    if (n >= 8) {
        memcpy(at, bytes, 8);
        memcpy(at + n - 8, bytes + n - 8, 8);
    } else if (n >= 4) {
        memcpy(at, bytes, 4);
        memcpy(at + n - 4, bytes + n - 4, 4);
    } else if (n > 0) {
        at[0] = bytes[0];
        at[n / 2] = bytes[n / 2];
        at[n - 1] = bytes[n - 1];
    }
    return at + n;
}

/* A literal: its length is known to the compiler. */
static inline char *wpi_add(char *at, const char *text)
{
    return wpi_add_bytes(at, text, strlen(text));
}

/* The digits of 0 to 99, two each. */
static const char wpi_pairs[] = "00010203040506070809"
                                "10111213141516171819"
                                "20212223242526272829"
                                "30313233343536373839"
                                "40414243444546474849"
                                "50515253545556575859"
                                "60616263646566676869"
                                "70717273747576777879"
                                "80818283848586878889"
                                "90919293949596979899";

/* %02u of a number below 100. A division costs more than a look into a table. */
static inline char *wpi_add_pair(char *at, uint32_t value)
{
    return wpi_add_bytes(at, &wpi_pairs[2 * value], 2);
}

/* %04u of a number below 10000. */
static inline char *wpi_add_four(char *at, uint32_t value)
{
    return wpi_add_pair(wpi_add_pair(at, value / 100), value % 100);
}

/* %u of a number below 100. */
static inline char *wpi_add_below_100(char *at, uint32_t value)
{
    if (value >= 10)
        return wpi_add_pair(at, value);
    *at = (char)('0' + value);
    return at + 1;
}

/* %u of a number below 10000. */
static inline char *wpi_add_below_10000(char *at, uint32_t value)
{
    if (value < 100)
        return wpi_add_below_100(at, value);
    return wpi_add_pair(wpi_add_below_100(at, value / 100), value % 100);
}

/* %u. From the left: how many digits there are is not counted first. */
static inline char *wpi_add_u32(char *at, uint32_t value)
{
    if (value < 10000)
        return wpi_add_below_10000(at, value);
    if (value < 100000000)
        return wpi_add_four(wpi_add_below_10000(at, value / 10000), value % 10000);
    at = wpi_add_below_100(at, value / 100000000);
    at = wpi_add_four(at, value / 10000 % 10000);
    return wpi_add_four(at, value % 10000);
}

/* %*u; width is at most 10. From the right. */
static inline char *wpi_add_u32_wide(char *at, uint32_t value, unsigned width)
{
    /* The first that is too wide. */
    static const uint64_t limits[] = { 0,       10,       100,       1000,       10000,      100000,
                                       1000000, 10000000, 100000000, 1000000000, 10000000000 };
    if (value >= limits[width])
        return wpi_add_u32(at, value);
    memcpy(at, "          ", WPI_U32_CHARS);
    char *end = at + width;
    char *digit = end;
    for (; value >= 100; value /= 100)
        (void)wpi_add_pair(digit -= 2, value % 100);
    if (value >= 10)
        (void)wpi_add_pair(digit - 2, value);
    else
        digit[-1] = (char)('0' + value);
    return end;
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

/* %08X: all eight digits at once, a byte each. */
static inline char *wpi_add_hex_8(char *at, uint32_t value)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t digits = value;
    digits = (digits | digits << 16) & UINT64_C(0x0000FFFF0000FFFF);
    digits = (digits | digits << 8) & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits | digits << 4) & 15 * ones;
    const uint64_t letters = (digits + 6 * ones) >> 4 & ones;
    digits += '0' * ones + letters * ('A' - '9' - 1);
    at[0] = (char)(digits >> 56);
    at[1] = (char)(digits >> 48);
    at[2] = (char)(digits >> 40);
    at[3] = (char)(digits >> 32);
    at[4] = (char)(digits >> 24);
    at[5] = (char)(digits >> 16);
    at[6] = (char)(digits >> 8);
    at[7] = (char)digits;
    return at + 8;
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
    return wpi_add_hex_8(at + 1, (uint32_t)lsn);
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
