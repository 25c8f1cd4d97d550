/*
 * text.c - numbers, positions and times, formatted straight into a growing buffer.
 */
#include "describe/text.h"

#include <stdlib.h>

#include <walparse/profile.h>

#include "describe/digits.h"

#define TEXT_ROOM_MIN 4096
#define USECS_PER_SEC INT64_C(1000000)
#define EPOCH_2000 INT64_C(946684800) /* seconds from 1970 */
#define SECS_PER_DAY INT64_C(86400)
#define DAYS_0_TO_1970 INT64_C(719468) /* from March 1st of the year 0 */
#define DAYS_PER_400_YEARS INT64_C(146097)

char *wpi_text_grow(wpi_text *out, size_t n)
{
    if (n > SIZE_MAX / 4 || out->len > SIZE_MAX / 4)
        out->out_of_memory = true;
    if (out->out_of_memory)
        return NULL;
    size_t room = out->room ? out->room : TEXT_ROOM_MIN;
    while (room - out->len < n)
        room *= 2;
    char *grown = realloc(out->start, room);
    if (!grown) {
        out->out_of_memory = true;
        return NULL;
    }
    out->start = grown;
    out->room = room;
    return out->start + out->len;
}

void wpi_put_u32(wpi_text *out, uint32_t value)
{
    char *start = wpi_text_reserve(out, WPI_U32_CHARS);
    if (start)
        out->len += (size_t)(wpi_add_u32(start, value) - start);
}

void wpi_put_u64(wpi_text *out, uint64_t value)
{
    char *start = wpi_text_reserve(out, WPI_U64_CHARS);
    if (start)
        out->len += (size_t)(wpi_add_u64(start, value) - start);
}

void wpi_put_i64(wpi_text *out, int64_t value)
{
    char *start = wpi_text_reserve(out, 1 + WPI_U64_CHARS);
    if (start)
        out->len += (size_t)(wpi_add_i64(start, value) - start);
}

static void put_base16(wpi_text *out, uint64_t value, unsigned width, const char *alphabet)
{
    char digits[32];
    char *at = digits + sizeof digits;
    do {
        *--at = alphabet[value & 15];
        value >>= 4;
    } while (value);
    while ((size_t)(digits + sizeof digits - at) < width && at > digits)
        *--at = '0';
    wpi_put_bytes(out, at, (size_t)(digits + sizeof digits - at));
}

void wpi_put_hex(wpi_text *out, uint64_t value, unsigned width)
{
    put_base16(out, value, width, "0123456789ABCDEF");
}

void wpi_put_lower_hex(wpi_text *out, uint64_t value, unsigned width)
{
    put_base16(out, value, width, "0123456789abcdef");
}

void wpi_put_lsn(wpi_text *out, wp_lsn lsn)
{
    char *start = wpi_text_reserve(out, WPI_LSN_CHARS);
    if (start)
        out->len += (size_t)(wpi_add_lsn(start, lsn) - start);
}

void wpi_put_lsn_padded(wpi_text *out, wp_lsn lsn)
{
    char *start = wpi_text_reserve(out, WPI_LSN_CHARS);
    if (start)
        out->len += (size_t)(wpi_add_lsn_padded(start, lsn) - start);
}

void wpi_put_lsn_of(wpi_text *out, const wp_profile *profile, wp_lsn lsn)
{
    if (profile->dump.pads_lsns)
        wpi_put_lsn_padded(out, lsn);
    else
        wpi_put_lsn(out, lsn);
}

/* Rounded down, as the days before an epoch need it. */
static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* "-02-03": a separator and two digits. */
static void put_pair(wpi_text *out, char separator, int64_t value)
{
    const char pair[] = { separator, (char)('0' + value / 10), (char)('0' + value % 10) };
    wpi_put_bytes(out, pair, sizeof pair);
}

/*
 * A date of the Gregorian calendar, also before there was one. The year is not padded, and may be negative, as
 * strftime's %Y. Years are counted from March on here, so that the leap day comes last.
 */
static void put_date(wpi_text *out, int64_t days_from_1970)
{
    const int64_t days = days_from_1970 + DAYS_0_TO_1970;
    const int64_t era = floor_divide(days, DAYS_PER_400_YEARS);
    const int64_t day_of_era = days - era * DAYS_PER_400_YEARS;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                                 - day_of_era / (DAYS_PER_400_YEARS - 1))
                                / 365;
    const int64_t day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day + 2) / 153; /* 0: March */
    const bool is_next_year = month >= 10;
    wpi_put_i64(out, era * 400 + year_of_era + is_next_year);
    put_pair(out, '-', is_next_year ? month - 9 : month + 3);
    put_pair(out, '-', day - (153 * month + 2) / 5 + 1);
}

/* %06d: a sign takes one of the six places. */
static void put_micros(wpi_text *out, int32_t micros)
{
    char digits[7];
    uint32_t rest = (uint32_t)(micros < 0 ? -micros : micros);
    const size_t n = micros < 0 && rest >= 100000 ? 7 : 6;
    for (size_t i = n; i > 0; i--, rest /= 10)
        digits[i - 1] = (char)('0' + rest % 10);
    if (micros < 0)
        digits[0] = '-';
    wpi_put_bytes(out, digits, n);
}

/*
 * As timestamptz_to_str of bin/pg_waldump/compat.c: cut down to a second, which rounds towards zero and before 2000
 * leaves negative microseconds; infinity is a number like others.
 */
void wpi_put_time(wpi_text *out, wp_time time)
{
    wp_zone zone = { 0, "UTC" };
    const int64_t unix_seconds = time / USECS_PER_SEC + EPOCH_2000;
    if (out->dump && out->dump->zone_at)
        out->dump->zone_at(out->dump->zone_context, unix_seconds, &zone);
    const int64_t seconds = unix_seconds + zone.offset;
    const int64_t days = floor_divide(seconds, SECS_PER_DAY);
    const int64_t second = seconds - days * SECS_PER_DAY;
    put_date(out, days);
    put_pair(out, ' ', second / 3600);
    put_pair(out, ':', second / 60 % 60);
    put_pair(out, ':', second % 60);
    wpi_put_char(out, '.');
    put_micros(out, (int32_t)(time % USECS_PER_SEC));
    wpi_put_char(out, ' ');
    wpi_put(out, zone.abbreviation);
}

void wpi_put_locator(wpi_text *out, const wp_locator *locator)
{
    char *start = wpi_text_reserve(out, WPI_LOCATOR_CHARS);
    if (start)
        out->len +=
            (size_t)(wpi_add_locator(start, locator->spc, locator->db, locator->rel) - start);
}
