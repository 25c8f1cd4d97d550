/*
 * log_time.h - moments as a server writes them into its log: "2026-11-22 11:48:05.074 CET".
 */
#ifndef PITR_FIND_LOG_TIME_H
#define PITR_FIND_LOG_TIME_H

#include <walparse/types.h>

#define LOG_ZONE_BYTES 16

/* The zone that was met last, and what it meant then. Start with all zero. */
typedef struct log_clock {
    char zone[LOG_ZONE_BYTES];
    char day[11]; /* for which this holds */
    bool is_known;
    wp_time offset; /* microseconds east of Greenwich */
} log_clock;

/*
 * Reads the moment that the bytes begin with. used: how many bytes it takes; 0 is returned where there is none. The time
 * is WP_TIME_UNKNOWN where the abbreviation of its zone means several offsets, or none that is known here (base/time_text.h).
 * resolution: a millisecond or a second.
 */
size_t log_time_read(log_clock *clock, wp_view bytes, wp_time *time, wp_time *resolution,
                     wp_view *zone);

/* The same for seconds since 1970, with milliseconds: "1700000000.123". */
size_t log_time_read_epoch(wp_view bytes, wp_time *time, wp_time *resolution);

/* Seconds since 1970. */
wp_time log_time_of_unix(int64_t seconds);

#endif
