/*
 * Dates, times and intervals with DateStyle ISO, TimeZone UTC and IntervalStyle postgres: utils/adt/{date,timestamp,datetime}.c.
 */
#include <inttypes.h>

#include "value/value.h"

#define MICROSECONDS INT64_C(1000000)
#define DAY_SECONDS 86400
#define DAY_MICROSECONDS (DAY_SECONDS * MICROSECONDS)
#define EPOCH_JULIAN_DAY 2451545 /* 2000-01-01 */

/* utils/timestamp.h: the days that date_out() and timestamp_out() take. */
#define DATE_END_JULIAN INT64_C(2147483494)
#define TIMESTAMP_END_JULIAN INT64_C(109203528)

/* The day of a Julian day number from 0 on, in the calendar of today; year 0 is 1 BC. */
static void day_of(int64_t julian, int64_t *year, int *month, int *day)
{
    int64_t days = julian + 32044;
    const int64_t centuries = (4 * days + 3) / 146097;
    days -= 146097 * centuries / 4;
    const int64_t years = (4 * days + 3) / 1461;
    days -= 1461 * years / 4;
    const int64_t months = (5 * days + 2) / 153;
    *day = (int)(days - (153 * months + 2) / 5 + 1);
    *month = (int)(months + 3 - 12 * (months / 10));
    *year = 100 * centuries + years - 4800 + months / 10;
}

static bool put_day(wpi_value *v, int64_t julian)
{
    int64_t year;
    int month, day;
    day_of(julian, &year, &month, &day);
    wpi_print_digits(v, (uint64_t)(year > 0 ? year : 1 - year), 4);
    wpi_putc(v, '-');
    wpi_print_digits(v, (uint64_t)month, 2);
    wpi_putc(v, '-');
    wpi_print_digits(v, (uint64_t)day, 2);
    return year <= 0;
}

static void put_fraction(wpi_value *v, uint64_t microseconds)
{
    if (microseconds == 0)
        return;
    unsigned digits = 6;
    for (; microseconds % 10 == 0; microseconds /= 10)
        digits--;
    wpi_putc(v, '.');
    wpi_print_digits(v, microseconds, digits);
}

static void put_clock(wpi_value *v, uint64_t microseconds)
{
    const uint64_t seconds = microseconds / MICROSECONDS;
    wpi_print_digits(v, seconds / 3600, 2);
    wpi_putc(v, ':');
    wpi_print_digits(v, seconds / 60 % 60, 2);
    wpi_putc(v, ':');
    wpi_print_digits(v, seconds % 60, 2);
    put_fraction(v, microseconds % MICROSECONDS);
}

wp_value_status wpi_print_date(wpi_value *v, wp_view bytes)
{
    const int32_t days = (int32_t)wpi_u32(bytes.bytes);
    if (days == INT32_MIN || days == INT32_MAX) {
        wpi_puts(v, days == INT32_MIN ? "-infinity" : "infinity");
        return WP_VALUE_OK;
    }
    const int64_t julian = (int64_t)days + EPOCH_JULIAN_DAY;
    if (julian < 0 || julian >= DATE_END_JULIAN)
        return WP_VALUE_DAMAGED;
    if (put_day(v, julian))
        wpi_puts(v, " BC");
    return WP_VALUE_OK;
}

static wp_value_status put_moment(wpi_value *v, wp_view bytes, const char *zone)
{
    const int64_t time = (int64_t)wpi_u64(bytes.bytes);
    if (time == INT64_MIN || time == INT64_MAX) {
        wpi_puts(v, time == INT64_MIN ? "-infinity" : "infinity");
        return WP_VALUE_OK;
    }
    int64_t days = time / DAY_MICROSECONDS, rest = time % DAY_MICROSECONDS;
    if (rest < 0) {
        rest += DAY_MICROSECONDS;
        days--;
    }
    const int64_t julian = days + EPOCH_JULIAN_DAY;
    if (julian < 0 || julian >= TIMESTAMP_END_JULIAN)
        return WP_VALUE_DAMAGED;
    const bool is_bc = put_day(v, julian);
    wpi_putc(v, ' ');
    put_clock(v, (uint64_t)rest);
    wpi_puts(v, zone);
    if (is_bc)
        wpi_puts(v, " BC");
    return WP_VALUE_OK;
}

wp_value_status wpi_print_timestamp(wpi_value *v, wp_view bytes)
{
    return put_moment(v, bytes, "");
}

wp_value_status wpi_print_timestamptz(wpi_value *v, wp_view bytes)
{
    return put_moment(v, bytes, "+00");
}

wp_value_status wpi_print_time(wpi_value *v, wp_view bytes)
{
    const int64_t time = (int64_t)wpi_u64(bytes.bytes);
    if (time < 0 || time > DAY_MICROSECONDS)
        return WP_VALUE_DAMAGED;
    put_clock(v, (uint64_t)time);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_timetz(wpi_value *v, wp_view bytes)
{
    const wp_value_status status = wpi_print_time(v, bytes);
    const int32_t west = (int32_t)wpi_u32(bytes.bytes + 8);
    if (status != WP_VALUE_OK || west <= -DAY_SECONDS || west >= DAY_SECONDS)
        return WP_VALUE_DAMAGED;
    const int seconds = west < 0 ? -west : west;
    wpi_putf(v, "%c%02d", west > 0 ? '-' : '+', seconds / 3600);
    if (seconds % 3600)
        wpi_putf(v, ":%02d", seconds / 60 % 60);
    if (seconds % 60)
        wpi_putf(v, ":%02d", seconds % 60);
    return WP_VALUE_OK;
}

/* The parts of an interval that are not zero; a sign of its own where the part before it was negative. */
typedef struct interval_parts {
    bool is_first, was_negative;
} interval_parts;

static void put_part(wpi_value *v, interval_parts *parts, int64_t value, const char *unit)
{
    if (value == 0)
        return;
    wpi_putf(v, "%s%s%" PRId64 " %s%s", parts->is_first ? "" : " ",
             parts->was_negative && value > 0 ? "+" : "", value, unit, value == 1 ? "" : "s");
    parts->is_first = false;
    parts->was_negative = value < 0;
}

wp_value_status wpi_print_interval(wpi_value *v, wp_view bytes)
{
    const int64_t time = (int64_t)wpi_u64(bytes.bytes);
    const int32_t days = (int32_t)wpi_u32(bytes.bytes + 8);
    const int32_t months = (int32_t)wpi_u32(bytes.bytes + 12);
    if (v->config->profile->value.has_infinite_intervals) {
        const bool is_low = time == INT64_MIN && days == INT32_MIN && months == INT32_MIN;
        if (is_low || (time == INT64_MAX && days == INT32_MAX && months == INT32_MAX)) {
            wpi_puts(v, is_low ? "-infinity" : "infinity");
            return WP_VALUE_OK;
        }
    }
    interval_parts parts = { .is_first = true };
    put_part(v, &parts, months / 12, "year");
    put_part(v, &parts, months % 12, "mon");
    put_part(v, &parts, days, "day");
    if (!parts.is_first && time == 0)
        return WP_VALUE_OK;
    const uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    wpi_putf(v, "%s%s", parts.is_first ? "" : " ", time < 0 ? "-" : parts.was_negative ? "+" : "");
    put_clock(v, size);
    return WP_VALUE_OK;
}
