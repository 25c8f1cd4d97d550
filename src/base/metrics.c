/*
 * metrics.c - see metrics.h.
 */
#include "base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* 2000-01-01, where the server's times begin, in seconds since 1970. */
#define EPOCH_SECONDS INT64_C(946684800)
#define USEC_PER_SECOND INT64_C(1000000)

/* ---- families ------------------------------------------------------------------------------- */

static const char *const type_words[] = {
    [METRICS_GAUGE] = "gauge", [METRICS_COUNTER] = "counter", [METRICS_INFO] = "info"
};
static const char *const type_endings[] = {
    [METRICS_GAUGE] = "", [METRICS_COUNTER] = "_total", [METRICS_INFO] = "_info"
};
static const char *const units[] = { "seconds", "bytes" };

static bool ends_in(const char *name, size_t len, const char *ending)
{
    const size_t n = strlen(ending);
    return len > n && memcmp(name + len - n, ending, n) == 0;
}

/* The unit that a family's name has at its end; NULL: none. */
static const char *unit_of(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const size_t n = strlen(units[i]);
        if (ends_in(name, len, units[i]) && name[len - n - 1] == '_')
            return units[i];
    }
    return NULL;
}

void metrics_family(metrics *m, const char *name, metrics_type type, const char *help)
{
    assert(ends_in(name, strlen(name), type_endings[type]));
    assert(strpbrk(help, "\\\"\n") == NULL); /* what the formats escape, each in its own way */
    const bool is_open = m->format == METRICS_OPENMETRICS;
    /* OpenMetrics has the family's name without the ending of its samples. */
    const size_t base = strlen(name) - strlen(type_endings[type]);
    const int len = (int)(is_open ? base : strlen(name));
    const char *unit = unit_of(name, base);
    m->name = name;
    text_addf(m->out, "# HELP %.*s %s\n", len, name, help);
    text_addf(m->out, "# TYPE %.*s %s\n", len, name,
              type_words[type == METRICS_INFO && !is_open ? METRICS_GAUGE : type]);
    if (is_open && unit != NULL)
        text_addf(m->out, "# UNIT %.*s %s\n", len, name, unit);
}

/* ---- samples -------------------------------------------------------------------------------- */

static void begin_sample(metrics *m, const metrics_label *labels, size_t nlabels)
{
    text_add(m->out, m->name);
    for (size_t i = 0; i < nlabels; i++) {
        text_addf(m->out, "%s%s=", i == 0 ? "{" : ",", labels[i].name);
        text_add_metric_label(m->out, labels[i].value);
    }
    text_add(m->out, nlabels > 0 ? "} " : " ");
}

void metrics_sample(metrics *m, const metrics_label *labels, size_t nlabels, double value)
{
    char digits[40];
    if (!isfinite(value))
        return;
    /* As few digits as tell the value. */
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (memcmp(&(double){ strtod(digits, NULL) }, &value, sizeof value) == 0)
            break;
    }
    begin_sample(m, labels, nlabels);
    text_addf(m->out, "%s\n", digits);
}

void metrics_sample_integer(metrics *m, const metrics_label *labels, size_t nlabels, uint64_t value)
{
    begin_sample(m, labels, nlabels);
    text_addf(m->out, "%" PRIu64 "\n", value);
}

/* Seconds, with as many decimals as are not zero. */
static void add_seconds(metrics *m, const metrics_label *labels, size_t nlabels, int64_t seconds,
                        int64_t usec)
{
    if (usec < 0 && seconds > 0) {
        seconds--;
        usec += USEC_PER_SECOND;
    } else if (usec > 0 && seconds < 0) {
        seconds++;
        usec -= USEC_PER_SECOND;
    }
    begin_sample(m, labels, nlabels);
    text_addf(m->out, "%s%" PRId64, seconds == 0 && usec < 0 ? "-" : "", seconds);
    if (usec != 0) {
        char decimals[24];
        int len = snprintf(decimals, sizeof decimals, "%06d", abs((int)usec));
        while (decimals[len - 1] == '0')
            len--;
        text_addf(m->out, ".%.*s", len, decimals);
    }
    text_add(m->out, "\n");
}

void metrics_sample_span(metrics *m, const metrics_label *labels, size_t nlabels, int64_t usec)
{
    add_seconds(m, labels, nlabels, usec / USEC_PER_SECOND, usec % USEC_PER_SECOND);
}

void metrics_sample_time(metrics *m, const metrics_label *labels, size_t nlabels, wp_time time)
{
    if (time != WP_TIME_UNKNOWN)
        add_seconds(m, labels, nlabels, time / USEC_PER_SECOND + EPOCH_SECONDS,
                    time % USEC_PER_SECOND);
}

void metrics_end(metrics *m)
{
    if (m->format == METRICS_OPENMETRICS)
        text_add(m->out, "# EOF\n");
}

/* ---- HTTP ----------------------------------------------------------------------------------- */

const char *metrics_content_type(metrics_format format)
{
    return format == METRICS_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

/* One range of media types of an Accept header, up to its comma. */
typedef struct media_range {
    const char *type; /* "text/plain" */
    size_t type_len;
    double quality;
    bool is_known_version; /* it asks for none, or for one that is written here */
} media_range;

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static bool is_word(const char *at, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(at, word, len) == 0;
}

/* Reads ";name=value"; both without the blanks around them. */
static const char *read_parameter(const char *at, media_range *out)
{
    const char *name = skip_blanks(at + 1);
    const size_t name_len = strcspn(name, "=;, \t");
    const char *end = name + strcspn(name, ";,");
    const char *value = skip_blanks(name + name_len);
    if (*value == '=') {
        value = skip_blanks(value + 1);
        size_t len = strcspn(value, ";, \t");
        const bool is_quoted = len > 1 && value[0] == '"' && value[len - 1] == '"';
        const char *bare = value + (is_quoted ? 1 : 0);
        len -= is_quoted ? 2 : 0;
        if (is_word(name, name_len, "q"))
            out->quality = strtod(value, NULL);
        else if (is_word(name, name_len, "version"))
            out->is_known_version = is_word(bare, len, "1.0.0") || is_word(bare, len, "0.0.4");
    }
    return end;
}

static const char *read_range(const char *at, media_range *out)
{
    at = skip_blanks(at);
    *out = (media_range){ at, strcspn(at, ";, \t"), 1.0, true };
    at = skip_blanks(at + out->type_len);
    while (*at == ';')
        at = read_parameter(at, out);
    at += strcspn(at, ",");
    return *at == ',' ? at + 1 : at;
}

metrics_format metrics_negotiate(const char *accept)
{
    double open = 0, plain = 0;
    media_range range;
    while (accept != NULL && *accept != '\0') {
        accept = read_range(accept, &range);
        if (!range.is_known_version || !(range.quality >= 0 && range.quality <= 1))
            continue;
        if (is_word(range.type, range.type_len, "application/openmetrics-text"))
            open = range.quality > open ? range.quality : open;
        else if (is_word(range.type, range.type_len, "text/plain"))
            plain = range.quality > plain ? range.quality : plain;
    }
    return open > 0 && open >= plain ? METRICS_OPENMETRICS : METRICS_PROMETHEUS;
}
