/*
 * log_time.c - see log_time.h. src/backend/utils/error/elog.c: get_formatted_log_time().
 */
#include "server_log/log_time.h"

#include <stdio.h>
#include <string.h>

#include "base/time_text.h"

#define USEC INT64_C(1000000)
#define POSTGRES_EPOCH INT64_C(946684800) /* 2000-01-01 in seconds since 1970 */
#define CLOCK_BYTES 19                    /* "2026-11-22 11:48:05" */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int two(const uint8_t *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

wp_time log_time_of_unix(int64_t seconds)
{
    return (seconds - POSTGRES_EPOCH) * USEC;
}

/* The date and time as if they were of UTC. */
static bool read_clock(const uint8_t *at, wp_time *out)
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd";
    for (size_t i = 0; i < CLOCK_BYTES; i++) {
        if (shape[i] == 'd' ? !is_digit(at[i]) : at[i] != (uint8_t)shape[i])
            return false;
    }
    const int full_year = two(at) * 100 + two(at + 2), month = two(at + 5), day = two(at + 8);
    const int hour = two(at + 11), minute = two(at + 14), second = two(at + 17);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return false;
    const int64_t year = month <= 2 ? full_year - 1 : full_year;
    const int64_t days = year * 365 + year / 4 - year / 100 + year / 400
                         + ((month + 9) % 12 * 153 + 2) / 5 + day - 1 - 719468;
    *out = log_time_of_unix(days * 86400 + hour * 3600 + minute * 60 + second);
    return true;
}

/* "CET", "+03", "-0330": how many bytes. */
static size_t zone_len(wp_view bytes)
{
    size_t n = 0;
    if (bytes.len > 0 && (bytes.bytes[0] == '+' || bytes.bytes[0] == '-')) {
        for (n = 1; n < bytes.len && n < 7 && is_digit(bytes.bytes[n]); n++)
            ;
        return n % 2 == 1 && n >= 3 ? n : 0;
    }
    while (n < bytes.len && n < LOG_ZONE_BYTES - 1 && is_letter(bytes.bytes[n]))
        n++;
    return n;
}

static wp_time numeric_offset(const char *zone)
{
    wp_time seconds = 0, unit = 3600;
    for (const char *at = zone + 1; at[0] != '\0'; at += 2, unit /= 60)
        seconds += unit * ((at[0] - '0') * 10 + (at[1] - '0'));
    return (*zone == '-' ? -seconds : seconds) * USEC;
}

/* Asked once for each zone and day: an abbreviation may mean another offset after some years, and never within a day. */
static void learn_zone(log_clock *clock, const uint8_t *at, wp_time as_utc, wp_view zone)
{
    char chars[CLOCK_BYTES + 1 + LOG_ZONE_BYTES + 1], message[512];
    bool is_local;
    wp_time time;
    memcpy(clock->zone, zone.bytes, zone.len);
    clock->zone[zone.len] = '\0';
    memcpy(clock->day, at, 10);
    if (*clock->zone == '+' || *clock->zone == '-') {
        clock->offset = numeric_offset(clock->zone);
        clock->is_known = true;
        return;
    }
    (void)snprintf(chars, sizeof chars, "%.*s %s", CLOCK_BYTES, (const char *)at, clock->zone);
    clock->is_known = timeparse(chars, &time, &is_local, message);
    clock->offset = clock->is_known ? as_utc - time : 0;
}

size_t log_time_read(log_clock *clock, wp_view bytes, wp_time *time, wp_time *resolution,
                     wp_view *zone)
{
    size_t n = CLOCK_BYTES;
    wp_time as_utc;
    if (bytes.len < CLOCK_BYTES + 2 || !read_clock(bytes.bytes, &as_utc))
        return 0;
    const wp_time whole = as_utc;
    *resolution = USEC;
    if (bytes.bytes[n] == '.' && bytes.len > n + 4 && is_digit(bytes.bytes[n + 1])
        && is_digit(bytes.bytes[n + 2]) && is_digit(bytes.bytes[n + 3])) {
        as_utc += (two(bytes.bytes + n + 1) * 10 + bytes.bytes[n + 3] - '0') * INT64_C(1000);
        *resolution = 1000;
        n += 4;
    }
    if (n >= bytes.len || bytes.bytes[n] != ' ')
        return 0;
    n++;
    *zone = (wp_view){ bytes.bytes + n, zone_len((wp_view){ bytes.bytes + n, bytes.len - n }) };
    if (zone->len == 0)
        return 0;
    if (memcmp(clock->day, bytes.bytes, 10) != 0
        || strncmp(clock->zone, (const char *)zone->bytes, zone->len) != 0
        || clock->zone[zone->len] != '\0')
        learn_zone(clock, bytes.bytes, whole, *zone);
    *time = clock->is_known ? as_utc - clock->offset : WP_TIME_UNKNOWN;
    return n + zone->len;
}

size_t log_time_read_epoch(wp_view bytes, wp_time *time, wp_time *resolution)
{
    int64_t seconds = 0;
    size_t n = 0;
    for (; n < bytes.len && n < 11 && is_digit(bytes.bytes[n]); n++)
        seconds = seconds * 10 + (bytes.bytes[n] - '0');
    if (n < 9 || n + 4 > bytes.len || bytes.bytes[n] != '.' || !is_digit(bytes.bytes[n + 1])
        || !is_digit(bytes.bytes[n + 2]) || !is_digit(bytes.bytes[n + 3]))
        return 0;
    *time = log_time_of_unix(seconds)
            + (two(bytes.bytes + n + 1) * 10 + bytes.bytes[n + 3] - '0') * INT64_C(1000);
    *resolution = 1000;
    return n + 4;
}
