/*
 * types.c - LSNs and times as text, and the order of transaction ids.
 *
 * Times are worked out here: those of the C library depend on the environment and are not all safe
 * to call from threads.
 */
#include <walparse/types.h>

#include <stdio.h>
#include <string.h>

#define USECS_PER_DAY INT64_C(86400000000)
#define DAYS_1_TO_2000 INT64_C(730119) /* 0001-01-01 to 2000-01-01, proleptic Gregorian */
#define DAYS_1_TO_10000 INT64_C(3652059)
#define DAYS_PER_400_YEARS 146097
#define DAYS_PER_100_YEARS 36524
#define DAYS_PER_4_YEARS 1461

char *wp_lsn_format(wp_lsn lsn, char buf[WP_LSN_TEXT_BYTES])
{
    snprintf(buf, WP_LSN_TEXT_BYTES, "%X/%X", (unsigned)(lsn >> 32), (unsigned)(lsn & UINT32_MAX));
    return buf;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Reads 1 to 8 hex digits at *text and moves past them; false when there are none, or more. */
static bool hex_half(const char **text, uint32_t *out)
{
    const char *p = *text;
    uint32_t value = 0;
    for (; hex_digit(*p) >= 0; p++) {
        if (p - *text == 8)
            return false;
        value = value << 4 | (uint32_t)hex_digit(*p);
    }
    if (p == *text)
        return false;
    *text = p;
    *out = value;
    return true;
}

bool wp_lsn_parse(const char *text, wp_lsn *out)
{
    uint32_t high, low;
    if (!hex_half(&text, &high) || *text++ != '/' || !hex_half(&text, &low) || *text != '\0')
        return false;
    *out = (wp_lsn)high << 32 | low;
    return true;
}

typedef struct civil {
    uint16_t year;
    uint8_t month, day, hour, minute, second;
    int usec;
} civil;

/* False outside the years 1 to 9999. */
static bool civil_from_time(wp_time time, civil *out)
{
    int64_t day = time / USECS_PER_DAY;
    int64_t usec = time % USECS_PER_DAY;
    if (usec < 0) {
        usec += USECS_PER_DAY;
        day--;
    }
    if (day < -DAYS_1_TO_2000 || day >= DAYS_1_TO_10000 - DAYS_1_TO_2000)
        return false;

    /* The last day of a period of 400 or 4 years is the one a plain division counts too many. */
    int days = (int)(day + DAYS_1_TO_2000);
    const int n400 = days / DAYS_PER_400_YEARS;
    days %= DAYS_PER_400_YEARS;
    const int n100 = days / DAYS_PER_100_YEARS < 4 ? days / DAYS_PER_100_YEARS : 3;
    days -= n100 * DAYS_PER_100_YEARS;
    const int n4 = days / DAYS_PER_4_YEARS;
    days %= DAYS_PER_4_YEARS;
    const int n1 = days / 365 < 4 ? days / 365 : 3;
    days -= n1 * 365;

    static const int month_days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const int year = 400 * n400 + 100 * n100 + 4 * n4 + n1 + 1;
    const int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int month = 0;
    for (; days >= month_days[month] + (month == 1 ? leap : 0); month++)
        days -= month_days[month] + (month == 1 ? leap : 0);

    const int seconds = (int)(usec / 1000000);
    *out = (civil){ .year = (uint16_t)year,
                    .month = (uint8_t)(month + 1),
                    .day = (uint8_t)(days + 1),
                    .hour = (uint8_t)(seconds / 3600),
                    .minute = (uint8_t)(seconds / 60 % 60),
                    .second = (uint8_t)(seconds % 60),
                    .usec = (int)(usec % 1000000) };
    return true;
}

static char *time_format(wp_time time, char separator, const char *zone, char *buf)
{
    civil at;
    if (!civil_from_time(time, &at)) {
        memcpy(buf, "unknown", sizeof "unknown");
        return buf;
    }
    snprintf(buf, WP_TIME_TEXT_BYTES, "%04d-%02d-%02d%c%02d:%02d:%02d.%06d%s", at.year, at.month,
             at.day, separator, at.hour, at.minute, at.second, at.usec, zone);
    return buf;
}

char *wp_time_format(wp_time time, char buf[WP_TIME_TEXT_BYTES])
{
    return time_format(time, 'T', "Z", buf);
}

char *wp_time_format_setting(wp_time time, char buf[WP_TIME_TEXT_BYTES])
{
    return time_format(time, ' ', "+00", buf);
}

bool wp_xid_precedes(wp_xid a, wp_xid b)
{
    return a - b > (uint32_t)INT32_MAX;
}
