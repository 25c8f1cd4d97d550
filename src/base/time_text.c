/*
 * time_text.c - see time_text.h. The calendar is the proleptic Gregorian one, as in the server.
 */
#include "base/time_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/message.h"
#include "base/time_zone.h"

#define POSTGRES_EPOCH INT64_C(946684800) /* 2000-01-01 in seconds since 1970 */
#define USEC INT64_C(1000000)

typedef struct moment {
    int year, month, day, hour, minute, second, usec;
    bool has_offset;
    int offset;               /* seconds east of Greenwich */
    const char *zone;         /* a name, as it was written; NULL: none */
    const char *abbreviation; /* "CET", likewise */
} moment;

/*
 * Abbreviations that the tz database uses with one offset only, in minutes east of Greenwich. Others mean several
 * things (CST, IST, BST, PST), or have meant another once (MSK, KST).
 */
static const struct {
    const char *name;
    int minutes;
} abbreviations[] = {
    { "WET", 0 },    { "WEST", 60 },  { "CET", 60 },   { "CEST", 120 }, { "MET", 60 },
    { "MEST", 120 }, { "EET", 120 },  { "EEST", 180 }, { "EST", -300 }, { "EDT", -240 },
    { "MST", -420 }, { "MDT", -360 }, { "HST", -600 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Exactly n digits. */
static bool take_digits(const char **at, int n, int *out)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit((*at)[i]))
            return false;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += n;
    *out = value;
    return true;
}

static bool take_char(const char **at, const char *allowed)
{
    if (**at == '\0' || strchr(allowed, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, moment *out)
{
    return take_digits(at, 4, &out->year) && take_char(at, "-") && take_digits(at, 2, &out->month)
           && take_char(at, "-") && take_digits(at, 2, &out->day);
}

/* ".074335" with one to six digits. */
static bool take_fraction(const char **at, int *usec)
{
    int scale = 100000;
    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); (*at)++) {
        if (scale == 0)
            return false;
        *usec += (**at - '0') * scale;
        scale /= 10;
    }
    return true;
}

static bool take_clock(const char **at, moment *out)
{
    if (!take_digits(at, 2, &out->hour) || !take_char(at, ":") || !take_digits(at, 2, &out->minute))
        return false;
    if (!take_char(at, ":"))
        return true;
    if (!take_digits(at, 2, &out->second))
        return false;
    return !take_char(at, ".,") || take_fraction(at, &out->usec);
}

/* "+02", "+02:00", "+0200"; the server prints seconds too where a zone had them. */
static bool take_numeric_offset(const char **at, moment *out)
{
    const int sign = **at == '-' ? -1 : 1;
    int hours = 0, minutes = 0, seconds = 0;
    if (!take_char(at, "+-") || !take_digits(at, 2, &hours))
        return false;
    const bool has_colon = take_char(at, ":");
    if ((has_colon || is_digit(**at)) && !take_digits(at, 2, &minutes))
        return false;
    if (has_colon && take_char(at, ":") && !take_digits(at, 2, &seconds))
        return false;
    out->has_offset = true;
    out->offset = sign * (hours * 3600 + minutes * 60 + seconds);
    return hours < 16 && minutes < 60 && seconds < 60;
}

/* "Europe/Madrid"; without a slash it is an abbreviation: "CET". */
static bool take_zone_name(const char **at, moment *out)
{
    const bool has_slash = strchr(*at, '/') != NULL;
    if (has_slash ? is_digit(**at) || **at == '+' || **at == '-' : !is_letter(**at))
        return false;
    if (has_slash)
        out->zone = *at;
    else
        out->abbreviation = *at;
    *at += strlen(*at);
    return true;
}

static bool take_zone(const char **at, moment *out)
{
    static const char *const utc[] = { "UTC", "utc", "GMT", "Z", "z" };
    while (take_char(at, " "))
        ;
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++) {
        const size_t len = strlen(utc[i]);
        if (strncmp(*at, utc[i], len) == 0) {
            *at += len;
            out->has_offset = true;
            return true;
        }
    }
    return **at == '\0' || take_zone_name(at, out) || take_numeric_offset(at, out);
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool is_on_calendar(const moment *m)
{
    return m->year >= 1 && m->month >= 1 && m->month <= 12 && m->day >= 1
           && m->day <= days_in_month(m->year, m->month) && m->hour <= 23 && m->minute <= 59
           && m->second <= 59;
}

/* Seconds since 1970 of a moment read as UTC. Years are counted from March, so leap days come last. */
static int64_t utc_seconds(const moment *m)
{
    const int64_t year = m->month <= 2 ? m->year - 1 : m->year;
    const int64_t month = (m->month + 9) % 12;
    const int64_t days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5
                         + m->day - 1 - 719468;
    return days * 86400 + INT64_C(3600) * m->hour + INT64_C(60) * m->minute + m->second;
}

static bool is_local_moment(time_t seconds, const moment *m)
{
    struct tm local;
    return localtime_r(&seconds, &local) != NULL
           && (m->abbreviation == NULL || strcmp(local.tm_zone, m->abbreviation) == 0)
           && local.tm_year == m->year - 1900 && local.tm_mon == m->month - 1
           && local.tm_mday == m->day && local.tm_hour == m->hour && local.tm_min == m->minute
           && local.tm_sec == m->second;
}

/*
 * Clocks move by half an hour to two hours; returns how many moments bear this local date and time, and the abbreviation
 * where one was written.
 */
static int local_seconds(const moment *m, int64_t *out)
{
    static const int moves[] = { 0, -1800, 1800, -3600, 3600, -7200, 7200 };
    struct tm fields = { .tm_year = m->year - 1900,
                         .tm_mon = m->month - 1,
                         .tm_mday = m->day,
                         .tm_hour = m->hour,
                         .tm_min = m->minute,
                         .tm_sec = m->second,
                         .tm_isdst = -1 };
    const time_t guess = mktime(&fields);
    int found = 0;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (!is_local_moment(guess + moves[i], m))
            continue;
        found++;
        *out = guess + moves[i];
    }
    return found;
}

static bool read_moment(const char *chars, moment *out)
{
    const char *at = chars;
    if (!take_date(&at, out))
        return false;
    const bool has_clock =
        *at != '\0' && (take_char(&at, "Tt") || (at[0] == ' ' && is_digit(at[1])));
    if (has_clock) {
        while (take_char(&at, " "))
            ;
        if (!take_clock(&at, out))
            return false;
    }
    return take_zone(&at, out) && *at == '\0' && is_on_calendar(out);
}

/* As local_seconds(), in the zone that was named; -1: out of memory. */
static int time_zone_seconds(const moment *m, int64_t *out)
{
    time_zone_before before;
    if (!time_zone_enter(m->zone, &before))
        return -1;
    const int found = local_seconds(m, out);
    time_zone_leave(&before);
    return found;
}

/* The abbreviation's own offset, or what the local zone has by that name then. Both, and not the same: false. */
static bool abbreviation_seconds(const moment *m, int64_t *out, bool *is_local)
{
    int64_t local = 0;
    const bool is_used_here = local_seconds(m, &local) == 1;
    for (size_t i = 0; i < sizeof abbreviations / sizeof *abbreviations; i++) {
        if (strcmp(abbreviations[i].name, m->abbreviation) != 0)
            continue;
        *out = utc_seconds(m) - INT64_C(60) * abbreviations[i].minutes;
        *is_local = false;
        return !is_used_here || local == *out;
    }
    *out = local;
    *is_local = true;
    return is_used_here;
}

static bool fail_abbreviation(const char *name, char message[512])
{
    return message_fail(message,
                        "the zone \"%.20s\" is not known here: write an offset, like +01:00, or a "
                        "zone's name, like Europe/Madrid",
                        name);
}

static bool fail_time(const char *chars, char message[512])
{
    return message_fail(
        message,
        "\"%.100s\" is not a time: write it like 2026-11-22T10:48:05.074335+00:00, or "
        "with a zone's name, like 2026-11-22 11:48:05 Europe/Madrid",
        chars);
}

bool timeparse(const char *chars, wp_time *out, bool *is_local, char message[512])
{
    moment m = { 0 };
    if (!read_moment(chars, &m))
        return fail_time(chars, message);
    if (m.zone != NULL && !time_zone_is_known(m.zone))
        return message_fail(
            message,
            "\"%.63s\" is not a zone that this system knows: write it like Europe/Madrid, "
            "or give an offset, like +01:00",
            m.zone);
    int64_t seconds = utc_seconds(&m) - m.offset;
    const int moments = m.has_offset || m.abbreviation != NULL ? 1
                        : m.zone != NULL                       ? time_zone_seconds(&m, &seconds)
                                                               : local_seconds(&m, &seconds);
    bool is_by_local_zone = !m.has_offset && m.zone == NULL;
    if (m.abbreviation != NULL && !abbreviation_seconds(&m, &seconds, &is_by_local_zone))
        return fail_abbreviation(m.abbreviation, message);
    if (moments < 0)
        return message_no_memory(message);
    if (moments != 1) {
        return message_fail(
            message, "\"%.100s\" %s in %s, where clocks were set: add an offset, like +00:00",
            chars, moments == 0 ? "never was" : "was twice",
            m.zone != NULL ? "that zone" : "the local zone");
    }
    *out = (seconds - POSTGRES_EPOCH) * USEC + m.usec;
    *is_local = is_by_local_zone;
    return true;
}

/* Seconds since 1970, rounded down, and the microseconds above. */
static time_t split_time(wp_time time, int *usec)
{
    const int64_t rest = time % USEC;
    const bool is_negative = rest < 0;
    *usec = (int)(is_negative ? rest + USEC : rest);
    return (time_t)(time / USEC - is_negative + POSTGRES_EPOCH);
}

char *time_text_local(wp_time time, char buf[TIMEPARSE_TEXT_BYTES])
{
    struct tm local;
    int usec = 0;
    const time_t seconds = split_time(time, &usec);
    char clock[32], zone[16];
    buf[0] = '\0';
    if (time == WP_TIME_UNKNOWN || localtime_r(&seconds, &local) == NULL)
        return buf;
    if (strftime(clock, sizeof clock, "%Y-%m-%d %H:%M:%S", &local) == 0
        || strftime(zone, sizeof zone, "%Z", &local) == 0)
        return buf;
    snprintf(buf, TIMEPARSE_TEXT_BYTES, "%s.%06d %s", clock, usec, zone);
    return buf;
}

void time_text_add(text *out, wp_time time)
{
    char utc[WP_TIME_TEXT_BYTES], local[TIMEPARSE_TEXT_BYTES];
    text_add(out, wp_time_format(time, utc));
    time_text_local(time, local);
    const size_t len = strlen(local);
    if (len > 4 && strcmp(local + len - 4, " UTC") != 0)
        text_addf(out, " (%s)", local);
}

char *time_text_zone(wp_time time, char buf[TIMEPARSE_TEXT_BYTES])
{
    struct tm local;
    int usec = 0;
    const time_t seconds = split_time(time, &usec);
    char zone[16] = "";
    buf[0] = '\0';
    if (localtime_r(&seconds, &local) == NULL)
        return buf;
    strftime(zone, sizeof zone, "%Z", &local);
    const long minutes = local.tm_gmtoff / 60;
    snprintf(buf, TIMEPARSE_TEXT_BYTES, "%s, UTC%c%02ld:%02ld", zone, minutes < 0 ? '-' : '+',
             (minutes < 0 ? -minutes : minutes) / 60, (minutes < 0 ? -minutes : minutes) % 60);
    return buf;
}
