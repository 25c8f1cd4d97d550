/*
 * render_svg.c - the time around the incident as a picture: see render.h. Lanes one above the other, all on the same time.
 */
#include "command/report/render.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/time_text.h"
#include "command/report/html.h"

#define WIDTH 960
#define LEFT 130
#define RIGHT 20
#define PLOT (WIDTH - LEFT - RIGHT)
#define TOP 40
#define LANE 62
#define BAR 40 /* height of the tallest bar */
#define AXIS 46

/* Places along the picture are counted in tenths. */
#define TENTHS(units) ((units)*10L)

typedef uint64_t value_of(const survey_bucket *b);

static uint64_t wal_of(const survey_bucket *b)
{
    return b->wal_bytes;
}

static uint64_t commits_of(const survey_bucket *b)
{
    return b->commits;
}

static uint64_t rows_of(const survey_bucket *b)
{
    return b->rows;
}

static uint64_t ddl_of(const survey_bucket *b)
{
    return b->ddl;
}

static const struct {
    const char *name, *style;
    value_of *value;
    bool is_bytes;
} lanes[] = {
    { "WAL written", "b-wal", wal_of, true },
    { "commits", "b-commit", commits_of, false },
    { "rows changed", "b-rows", rows_of, false },
    { "DDL events", "b-ddl", ddl_of, false },
};
#define LANES (sizeof lanes / sizeof *lanes)
#define CHECKPOINTS_AT (TOP + (int)LANES * LANE)
#define HEIGHT (CHECKPOINTS_AT + 26 + AXIS)

/* ---- time ----------------------------------------------------------------------------------- */

static uint64_t span(const survey *s)
{
    return s->width * s->nbuckets;
}

/* In tenths of a unit, so that the picture is the same everywhere. */
static long x_of(const survey *s, wp_time time)
{
    const uint64_t after = time > s->start ? (uint64_t)time - (uint64_t)s->start : 0;
    const uint64_t whole = span(s) > 0 ? span(s) : 1;
    const long double part = (long double)(after < whole ? after : whole) / (long double)whole;
    return (long)((long double)TENTHS(LEFT) + part * (long double)TENTHS(PLOT) + 0.5L);
}

/* Of a place among the buckets, counted in halves of one. */
static long x_of_edge(const survey *s, size_t halves)
{
    return TENTHS(LEFT) + TENTHS(PLOT) * (long)halves / (long)(2 * s->nbuckets);
}

static void add_x(text *out, long tenths)
{
    text_addf(out, "%ld.%ld", tenths / 10, tenths % 10);
}

/* From 1 ms to a thousand years: about six ticks of one of these. */
static uint64_t tick_of(uint64_t whole)
{
    static const uint64_t seconds[] = { 1,      2,      5,       10,      15,      30,
                                        60,     120,    300,     600,     900,     1800,
                                        3600,   7200,   10800,   21600,   43200,   86400,
                                        172800, 604800, 1209600, 2592000, 7776000, 31536000 };
    const uint64_t wanted = whole / 7;
    for (uint64_t step = 1000; step < 1000000; step *= 10)
        for (uint64_t n = 1; n <= 5; n += n == 1 ? 1 : 3)
            if (step * n >= wanted && step * n < 1000000)
                return step * n;
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (seconds[i] * 1000000 >= wanted)
            return seconds[i] * 1000000;
    uint64_t years = 1;
    while (years < 500000 && years * UINT64_C(31536000000000) < wanted)
        years *= 2;
    return years * UINT64_C(31536000000000);
}

/* "02:43:10", with what changes from tick to tick. */
static void add_tick_text(text *out, wp_time time, uint64_t step)
{
    char local[TIMEPARSE_TEXT_BYTES];
    time_text_local(time, local); /* 2026-11-22 11:48:05.074335 CET */
    if (strlen(local) < 26)
        return;
    if (step >= UINT64_C(86400000000))
        html_textf(out, "%.10s", local);
    else if (step >= UINT64_C(60000000))
        html_textf(out, "%.5s %.5s", local + 5, local + 11);
    else if (step >= 1000000)
        html_textf(out, "%.8s", local + 11);
    else
        html_textf(out, "%.12s", local + 11);
}

static void add_axis(const survey *s, text *out)
{
    const uint64_t step = tick_of(span(s));
    const int y = CHECKPOINTS_AT + 26;
    char zone[TIMEPARSE_TEXT_BYTES];
    uint64_t first =
        (uint64_t)s->start % step; /* times before 2000 wrap, and so may the first tick */
    first = first == 0 ? 0 : step - first;
    for (uint64_t at = first; at < span(s); at += step) {
        const wp_time time = (wp_time)((uint64_t)s->start + at);
        const long x = x_of(s, time);
        text_add(out, "<line class=\"grid\" x1=\"");
        add_x(out, x);
        text_addf(out, "\" y1=\"%d\" x2=\"", TOP - 8);
        add_x(out, x);
        text_addf(out, "\" y2=\"%d\"/><text text-anchor=\"middle\" x=\"", y);
        add_x(out, x < TENTHS(WIDTH - 50) ? x : TENTHS(WIDTH - 50));
        text_addf(out, "\" y=\"%d\">", y + 16);
        add_tick_text(out, time, step);
        text_add(out, "</text>\n");
    }
    text_addf(out, "<text x=\"%d\" y=\"%d\">", LEFT, y + 36);
    html_textf(out, "local time, %s; a bar is ", time_text_zone(s->start, zone));
    if (s->width < 1000000)
        html_textf(out, "%" PRIu64 " ms", s->width / 1000);
    else
        html_textf(out, "%" PRIu64 ".%03" PRIu64 " s", s->width / 1000000, s->width / 1000 % 1000);
    text_add(out, "</text>\n");
}

/* ---- lanes ---------------------------------------------------------------------------------- */

static void add_amount(text *out, uint64_t value, bool is_bytes)
{
    if (!is_bytes)
        text_addf(out, "%" PRIu64, value);
    else if (value >= UINT64_C(10) << 20)
        text_addf(out, "%" PRIu64 " MB", value >> 20);
    else if (value >= UINT64_C(10) << 10)
        text_addf(out, "%" PRIu64 " kB", value >> 10);
    else
        text_addf(out, "%" PRIu64 " bytes", value);
}

static void add_bar(text *out, const survey *s, size_t i, const char *style, uint64_t value,
                    uint64_t most, int bottom)
{
    const long x = x_of_edge(s, 2 * i);
    const long next = x_of_edge(s, 2 * i + 2);
    const long height =
        (long)((long double)value / (long double)most * (long double)TENTHS(BAR) + 0.5L);
    const long tall = height < 10 ? 10 : height; /* one is seen, too */
    if (value == 0)
        return;
    text_addf(out, "<rect class=\"%s\" x=\"", style);
    add_x(out, x);
    text_add(out, "\" y=\"");
    add_x(out, TENTHS(bottom) - tall);
    text_add(out, "\" width=\"");
    add_x(out, next - x > 20 ? next - x - 5 : next - x);
    text_add(out, "\" height=\"");
    add_x(out, tall);
    text_add(out, "\"/>\n");
}

static void add_lane(const survey *s, size_t lane, text *out)
{
    const int bottom = TOP + (int)lane * LANE + LANE - 12;
    uint64_t most = 0, sum = 0;
    for (size_t i = 0; i < s->nbuckets; i++) {
        const uint64_t value = lanes[lane].value(&s->buckets[i]);
        most = value > most ? value : most;
        sum += value;
    }
    text_addf(out, "<text class=\"name\" x=\"0\" y=\"%d\">%s</text><text x=\"0\" y=\"%d\">",
              bottom - 18, lanes[lane].name, bottom - 2);
    add_amount(out, sum, lanes[lane].is_bytes);
    text_addf(out, "</text><line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT,
              bottom, WIDTH - RIGHT, bottom);
    for (size_t i = 0; i < s->nbuckets && most > 0; i++) {
        const survey_bucket *b = &s->buckets[i];
        add_bar(out, s, i, lanes[lane].style, lanes[lane].value(b), most, bottom);
        if (lanes[lane].value == ddl_of && b->destructive > 0)
            add_bar(out, s, i, "b-bad", b->destructive, most, bottom);
    }
}

static void add_checkpoints(const survey *s, text *out)
{
    const int y = CHECKPOINTS_AT + 10;
    text_addf(out,
              "<text class=\"name\" x=\"0\" y=\"%d\">checkpoints</text><text x=\"86\" y=\"%d\">",
              y + 4, y + 4);
    text_addf(out, "%" PRIu64 "</text>\n", s->sum.checkpoints);
    for (size_t i = 0; i < s->nbuckets; i++) {
        if (s->buckets[i].checkpoints == 0)
            continue;
        const long x = x_of_edge(s, 2 * i + 1);
        text_add(out, "<line class=\"s-check\" stroke-width=\"2\" x1=\"");
        add_x(out, x);
        text_addf(out, "\" y1=\"%d\" x2=\"", y - 8);
        add_x(out, x);
        text_addf(out, "\" y2=\"%d\"/>\n", y + 8);
    }
}

/* ---- the incident and the target ------------------------------------------------------------ */

static void add_mark(const survey *s, wp_time time, const char *style, const char *dash,
                     const char *word, int y, text *out)
{
    const long x = x_of(s, time);
    const bool is_left = x > TENTHS(LEFT + PLOT / 2);
    text_addf(out, "<line class=\"s-%s\" stroke-width=\"2\"%s x1=\"", style, dash);
    add_x(out, x);
    text_addf(out, "\" y1=\"%d\" x2=\"", y + 4);
    add_x(out, x);
    text_addf(out, "\" y2=\"%d\"/><text class=\"t-%s\" text-anchor=\"%s\" x=\"",
              CHECKPOINTS_AT + 26, style, is_left ? "end" : "start");
    add_x(out, is_left ? x - 60 : x + 60);
    text_addf(out, "\" y=\"%d\">%s</text>\n", y + 10, word);
}

static void add_lost(const survey *s, wp_time from, text *out)
{
    const long x = x_of(s, from);
    text_add(out, "<rect class=\"lost\" x=\"");
    add_x(out, x);
    text_addf(out, "\" y=\"%d\" width=\"", TOP - 8);
    add_x(out, TENTHS(WIDTH - RIGHT) - x);
    text_addf(out, "\" height=\"%d\"/>\n", CHECKPOINTS_AT + 26 - TOP + 8);
}

/* Between the ends of transactions on both sides of it. */
static void add_gaps(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const around *seen = &d->target->found->around;
    for (size_t i = 0; i < seen->count; i++) {
        const struct around_one *one = &seen->items[i];
        const long from = one->before != WP_TIME_UNKNOWN ? x_of(s, one->before) : TENTHS(LEFT);
        const long until =
            one->after != WP_TIME_UNKNOWN ? x_of(s, one->after) : TENTHS(WIDTH - RIGHT);
        const long width = until > from + 30 ? until - from : 30;
        text_add(out, "<rect class=\"gap\" x=\"");
        add_x(out, from);
        text_addf(out, "\" y=\"%d\" width=\"", TOP - 8);
        add_x(out, width);
        text_addf(out, "\" height=\"%d\"/>", CHECKPOINTS_AT + 26 - TOP + 8);
        const bool is_inside = width > 1000;
        const bool is_left = !is_inside && from > TENTHS(WIDTH / 2);
        text_addf(out, "<text class=\"t-warn\" text-anchor=\"%s\" x=\"",
                  is_inside ? "middle"
                  : is_left ? "end"
                            : "start");
        add_x(out, is_inside ? from + width / 2 : is_left ? from - 50 : from + width + 50);
        text_addf(out, "\" y=\"%d\">WAL not read</text>\n", TOP + 6);
    }
}

static bool is_shown(const survey *s, wp_time time)
{
    return time != WP_TIME_UNKNOWN && s->nbuckets > 0 && time >= s->start
           && (uint64_t)time - (uint64_t)s->start <= span(s);
}

static void add_words(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    char from[TIMEPARSE_TEXT_BYTES], until[TIMEPARSE_TEXT_BYTES], at[TIMEPARSE_TEXT_BYTES];
    text_add(out, "<title id=\"picture\">Timeline of the WAL</title><desc id=\"words\">");
    html_textf(out,
               "From %s to %s: %" PRIu64 " commits, %" PRIu64 " rows changed, %" PRIu64
               " DDL events, %" PRIu64 " checkpoints.",
               time_text_local(s->first_time, from), time_text_local(s->last_time, until),
               s->sum.commits, s->sum.rows, s->sum.ddl, s->sum.checkpoints);
    if (is_shown(s, report_incident_time(d)))
        html_textf(out, " The incident, %s, is at %s.", d->headline,
                   time_text_local(report_incident_time(d), at));
    if (is_shown(s, report_target_time(d)))
        html_textf(out, " The last commit that the target keeps is at %s.",
                   time_text_local(report_target_time(d), at));
    text_add(out, "</desc>\n");
}

void report_svg(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const wp_time incident = report_incident_time(d), kept = report_target_time(d);
    if (s->nbuckets == 0) {
        text_add(out, "<p>No transaction ends in this WAL: there is no time to show.</p>\n");
        return;
    }
    text_addf(out,
              "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"timeline\"><svg "
              "viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"picture words\">\n",
              WIDTH, HEIGHT);
    add_words(d, out);
    const bool is_before = d->target->place->choice != TARGET_RIGHT_AFTER;
    if (is_shown(s, kept))
        add_lost(s, kept, out);
    add_gaps(d, out);
    add_axis(s, out);
    for (size_t i = 0; i < LANES; i++)
        add_lane(s, i, out);
    add_checkpoints(s, out);
    if (is_shown(s, kept))
        add_mark(s, kept, "good", " stroke-dasharray=\"5 4\"", "target: kept up to here", 18, out);
    if (is_shown(s, incident) && d->target->found->has_xact)
        add_mark(s, incident, is_before ? "bad" : "good", "",
                 is_before ? "incident" : "the last one kept", 2, out);
    text_add(out, "</svg></div>\n");
}

/* ---- the same in numbers -------------------------------------------------------------------- */

#define NUMBERS_MAX 24

void report_svg_numbers(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const size_t joined = (s->nbuckets + NUMBERS_MAX - 1) / NUMBERS_MAX;
    text_add(out,
             "<div class=\"scroll\"><table><tr><th>from (local time)</th><th class=\"num\">WAL "
             "bytes</th><th class=\"num\">commits</th><th class=\"num\">rollbacks</th><th "
             "class=\"num\">rows changed</th><th class=\"num\">DDL events</th><th "
             "class=\"num\">destructive</th><th class=\"num\">checkpoints</th></tr>\n");
    for (size_t i = 0; joined > 0 && i < s->nbuckets; i += joined) {
        survey_bucket sum = { 0 };
        char from[TIMEPARSE_TEXT_BYTES];
        for (size_t n = i; n < i + joined && n < s->nbuckets; n++)
            survey_bucket_add(&sum, &s->buckets[n]);
        text_add(out, "<tr><td class=\"time\">");
        html_text(out, time_text_local((wp_time)((uint64_t)s->start + s->width * i), from));
        const uint64_t values[] = { sum.wal_bytes, sum.commits,     sum.rollbacks,  sum.rows,
                                    sum.ddl,       sum.destructive, sum.checkpoints };
        for (size_t n = 0; n < sizeof values / sizeof *values; n++)
            text_addf(out, "</td><td class=\"num\">%" PRIu64, values[n]);
        text_add(out, "</td></tr>\n");
    }
    text_add(out, "</table></div>\n");
}
