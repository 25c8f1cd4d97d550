/*
 * metrics.h - metrics as text, in the format of Prometheus 0.0.4 (what node_exporter's textfile collector reads) or in
 * OpenMetrics 1.0.
 *
 *   metrics m = { .out = &text, .format = METRICS_PROMETHEUS };
 *   metrics_family(&m, "pitr_watch_events_total", METRICS_COUNTER, "Events told.");
 *   metrics_sample_integer(&m, labels, 2, 17);
 *   metrics_end(&m);
 *
 * Names follow both: a counter's ends in _total, a unit (seconds, bytes) stands at the end or before that. All samples
 * of a family come after it, and no two have the same labels. What is not known has no sample: never NaN.
 */
#ifndef PITR_FIND_METRICS_H
#define PITR_FIND_METRICS_H

#include <walparse/types.h>

#include "base/text.h"

typedef enum metrics_format { METRICS_PROMETHEUS, METRICS_OPENMETRICS } metrics_format;

typedef enum metrics_type {
    METRICS_GAUGE,
    METRICS_COUNTER, /* its name ends in _total */
    METRICS_INFO     /* its name ends in _info, its value is 1 */
} metrics_type;

typedef struct metrics_label {
    const char *name, *value; /* any bytes: those that are not UTF-8 become U+FFFD */
} metrics_label;

typedef struct metrics {
    text *out;
    metrics_format format;
    const char *name; /* of the family that is written; borrowed */
} metrics;

/* Begins a family. name is kept until the next one; help is one line. */
void metrics_family(metrics *m, const char *name, metrics_type type, const char *help);

/* A sample of the family. What is no finite number is left out. */
void metrics_sample(metrics *m, const metrics_label *labels, size_t nlabels, double value);
/* All 64 bits are written; who reads them as a double keeps 53. */
void metrics_sample_integer(metrics *m, const metrics_label *labels, size_t nlabels,
                            uint64_t value);
/* A span of time in microseconds, told in seconds. */
void metrics_sample_span(metrics *m, const metrics_label *labels, size_t nlabels, int64_t usec);
/* A moment, told in seconds since 1970; WP_TIME_UNKNOWN is left out. */
void metrics_sample_time(metrics *m, const metrics_label *labels, size_t nlabels, wp_time time);

/* Ends the text. */
void metrics_end(metrics *m);

/* The format that an HTTP request prefers, by its Accept header (RFC 9110); NULL: it has none. */
metrics_format metrics_negotiate(const char *accept);
/* The Content-Type of a format. Static. */
const char *metrics_content_type(metrics_format format);

#endif
