/*
 * server_time.c - see server_time.h.
 *
 * The value is taken apart into date with time of day, and zone. The first is read as if it were UTC, or in
 * the zone by the C library.
 */
#include "recovery/server_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/time_text.h"
#include "base/time_zone.h"

#define USEC INT64_C(1000000)
#define VALUE_BYTES 128

/* Abbreviations of tznames/Default that are common, in minutes east of Greenwich. */
static const struct {
    const char *name;
    int minutes;
} abbreviations[] = {
    { "z", 0 },      { "utc", 0 },    { "ut", 0 },      { "gmt", 0 },     { "wet", 0 },
    { "west", 60 },  { "bst", 60 },   { "cet", 60 },    { "cest", 120 },  { "met", 60 },
    { "mest", 120 }, { "eet", 120 },  { "eest", 180 },  { "msk", 180 },   { "est", -300 },
    { "edt", -240 }, { "cst", -360 }, { "cdt", -300 },  { "mst", -420 },  { "mdt", -360 },
    { "pst", -480 }, { "pdt", -420 }, { "akst", -540 }, { "akdt", -480 }, { "hst", -600 },
    { "nst", -210 }, { "ndt", -150 }, { "ast", -240 },  { "adt", -180 },  { "brt", -180 },
    { "sast", 120 }, { "pkt", 300 },  { "hkt", 480 },   { "sgt", 480 },   { "jst", 540 },
    { "kst", 540 },  { "aest", 600 }, { "aedt", 660 },  { "nzst", 720 },  { "nzdt", 780 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ---- zones ---------------------------------------------------------------------------------- */

/* "+2", "+02", "-0330", "+05:30", "+05:30:15". */
static bool read_offset(const char *at, int *seconds)
{
    int parts[3] = { 0, 0, 0 };
    const int sign = *at == '-' ? -1 : 1;
    const size_t len = strspn(at + 1, "0123456789");
    const char *rest = at + 1 + len;
    if (len == 0 || len == 3 || len > 4 || (len == 4 && *rest != '\0'))
        return false;
    const int first = (int)strtol(at + 1, NULL, 10); /* at most four digits */
    parts[0] = len == 4 ? first / 100 : first;
    parts[1] = len == 4 ? first % 100 : 0;
    for (int i = 1; i < 3 && *rest == ':'; i++, rest += 3) {
        if (!is_digit(rest[1]) || !is_digit(rest[2]))
            return false;
        parts[i] = (rest[1] - '0') * 10 + rest[2] - '0';
    }
    *seconds = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return *rest == '\0' && parts[0] < 16 && parts[1] < 60 && parts[2] < 60;
}

static bool find_abbreviation(const char *zone, int *seconds)
{
    for (size_t i = 0; i < sizeof abbreviations / sizeof *abbreviations; i++) {
        if (strcasecmp(abbreviations[i].name, zone) == 0) {
            *seconds = abbreviations[i].minutes * 60;
            return true;
        }
    }
    return false;
}

/* Names of UTC that the tz database has, so that these need none here. */
static bool is_utc_name(const char *zone)
{
    static const char *const names[] = { "UTC", "GMT", "UCT", "Zulu", "Universal", "Etc/UTC" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], zone) == 0)
            return true;
    return false;
}

/* Reads a moment in a zone; NULL: the local one. */
static bool read_in_zone(const char *moment, const char *zone, wp_time *out)
{
    char message[512];
    bool is_local = false;
    time_zone_before before;
    if (zone == NULL)
        return timeparse(moment, out, &is_local, message);
    if (!time_zone_enter(zone, &before))
        return false;
    const bool is_good = timeparse(moment, out, &is_local, message);
    time_zone_leave(&before);
    return is_good;
}

/* ---- the value ------------------------------------------------------------------------------ */

/* Where the zone begins: after the time of day, or after a date that stands alone. */
static size_t time_zone_position(const char *value)
{
    size_t at = strspn(value, "0123456789");
    if (value[at] != '-')
        return at;
    at += strspn(value + at, "0123456789-");
    const bool has_clock = (value[at] == 'T' || value[at] == 't' || value[at] == ' ')
                           && is_digit(value[at + 1 + strspn(value + at + 1, " ")]);
    if (!has_clock)
        return at;
    at += 1 + strspn(value + at + 1, " ");
    return at + strspn(value + at, "0123456789:.");
}

static bool is_special_word(const char *value)
{
    static const char *const words[] = { "epoch", "infinity", "-infinity", "now",
                                         "today", "tomorrow", "yesterday" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], value) == 0)
            return true;
    return false;
}

static servertime special(const wp_recovery_traits *traits, const char *value)
{
    servertime got = { .notes = SERVERTIME_WORD };
    if (traits->time_must_be_date)
        got.verdict = SERVERTIME_REFUSED;
    else if (strcasecmp(value, "infinity") == 0)
        got.time = INT64_MAX;
    else if (strcasecmp(value, "-infinity") == 0)
        got.time = INT64_MIN + 1;
    else if (strcasecmp(value, "epoch") == 0)
        got.time = -INT64_C(946684800) * USEC;
    else
        got.verdict = SERVERTIME_UNCLEAR;
    return got;
}

static bool read_utc(const char *moment, wp_time *out)
{
    char zoned[VALUE_BYTES + 8], message[512];
    bool is_local = false;
    (void)snprintf(zoned, sizeof zoned, "%s+00", moment);
    return timeparse(zoned, out, &is_local, message);
}

static servertime read_zoned(const wp_recovery_traits *traits, const char *moment, servertime got)
{
    int seconds = 0;
    bool is_known;
    if (got.zone[0] == '+' || got.zone[0] == '-') {
        is_known = read_offset(got.zone, &seconds) && read_utc(moment, &got.time);
        got.time -= seconds * USEC;
    } else if (is_utc_name(got.zone)) {
        is_known = read_utc(moment, &got.time);
    } else if (!traits->time_needs_full_zone && find_abbreviation(got.zone, &seconds)) {
        got.notes |= SERVERTIME_ABBREVIATION;
        is_known = read_utc(moment, &got.time);
        got.time -= seconds * USEC;
    } else if (time_zone_is_known(got.zone)) {
        is_known = read_in_zone(moment, got.zone, &got.time);
    } else {
        const bool is_abbreviation = strchr(got.zone, '/') == NULL && strlen(got.zone) <= 5;
        got.notes |= is_abbreviation ? SERVERTIME_ABBREVIATION : SERVERTIME_NOT_A_ZONE;
        got.verdict = traits->time_needs_full_zone && is_abbreviation ? SERVERTIME_REFUSED
                                                                      : SERVERTIME_UNCLEAR;
        return got;
    }
    got.verdict = is_known ? SERVERTIME_GOOD : SERVERTIME_UNCLEAR;
    return got;
}

/* Letters where a date should be: no server knows it, unless it names a month. */
static bool is_hopeless(const char *value)
{
    return !is_digit(value[0]) && !is_letter(value[0]);
}

servertime servertime_read(const wp_recovery_traits *traits, const char *value,
                           const char *time_zone_setting)
{
    char chars[VALUE_BYTES];
    servertime got = { .verdict = SERVERTIME_UNCLEAR };
    value += strspn(value, " \t");
    if (strlen(value) >= sizeof chars)
        return got;
    (void)snprintf(chars, sizeof chars, "%s", value);
    for (size_t len = strlen(chars); len > 0 && chars[len - 1] == ' '; len--)
        chars[len - 1] = '\0';
    if (is_special_word(chars))
        return special(traits, chars);
    if (chars[0] == '\0' || is_hopeless(chars)) {
        got.verdict = SERVERTIME_REFUSED;
        return got;
    }
    const size_t at = time_zone_position(chars);
    (void)snprintf(got.zone, sizeof got.zone, "%s", chars + at + strspn(chars + at, " "));
    chars[at] = '\0';
    wp_time unused;
    if (!read_utc(chars, &unused))
        return got;
    if (got.zone[0] != '\0')
        return read_zoned(traits, chars, got);
    got.notes |= SERVERTIME_NO_ZONE;
    if (read_in_zone(chars, time_zone_setting, &got.time))
        got.verdict = SERVERTIME_GOOD;
    return got;
}
