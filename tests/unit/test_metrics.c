/*
 * test_metrics.c - metrics as text. Expected lines are those of the examples of the formats' documents (Prometheus:
 * "Exposition formats"; OpenMetrics 1.0: "ABNF", "Counter", "Info", "Unit") and, of times, what GNU date prints; Accept headers
 * are those that servers of Prometheus send.
 */
#include <math.h>

#include "base/metrics.h"

#include "cases.h"

/* ---- families and samples ------------------------------------------------------------------- */

static void add_counter(metrics *m)
{
    const metrics_label post[] = { { "method", "post" }, { "code", "200" } };
    const metrics_label wrong[] = { { "method", "post" }, { "code", "400" } };
    metrics_family(m, "http_requests_total", METRICS_COUNTER, "The total number of HTTP requests.");
    metrics_sample_integer(m, post, 2, 1027);
    metrics_sample_integer(m, wrong, 2, 3);
}

static void add_counter_of_unit(metrics *m)
{
    metrics_family(m, "process_cpu_seconds_total", METRICS_COUNTER, "Time.");
    metrics_sample(m, NULL, 0, 4.20072246e+06);
}

static void add_gauge(metrics *m)
{
    metrics_family(m, "foo_bytes", METRICS_GAUGE, "Some.");
    metrics_sample_integer(m, NULL, 0, 17);
}

static void add_info(metrics *m)
{
    const metrics_label label = { "version", "1.0" };
    metrics_family(m, "foo_info", METRICS_INFO, "What it is.");
    metrics_sample_integer(m, &label, 1, 1);
}

static void add_label_to_escape(metrics *m)
{
    const metrics_label labels[] = { { "path", "C:\\DIR\\FILE.TXT" },
                                     { "error", "Cannot find file:\n\"FILE.TXT\"" } };
    metrics_family(m, "msdos_file_access", METRICS_GAUGE, "Access.");
    metrics_sample_integer(m, labels, 2, 1);
}

static void add_numbers(metrics *m)
{
    metrics_family(m, "a", METRICS_GAUGE, "A.");
    metrics_sample(m, NULL, 0, 0.1);
    metrics_sample(m, NULL, 0, -3);
    metrics_sample(m, NULL, 0, 1.0 / 3);
    metrics_sample(m, NULL, 0, (double)NAN);
    metrics_sample(m, NULL, 0, (double)INFINITY);
    metrics_sample_integer(m, NULL, 0, UINT64_MAX);
}

static void add_times(metrics *m)
{
    metrics_family(m, "a_timestamp_seconds", METRICS_GAUGE, "A.");
    metrics_sample_time(m, NULL, 0, INT64_C(848688485074335)); /* 2026-11-22T18:48:05.074335Z */
    metrics_sample_time(m, NULL, 0, 0);
    metrics_sample_time(m, NULL, 0, 500000);
    metrics_sample_time(m, NULL, 0, -1);                        /* 1999-12-31T23:59:59.999999Z */
    metrics_sample_time(m, NULL, 0, INT64_C(-946684800500000)); /* 1969-12-31T23:59:59.5Z */
    metrics_sample_time(m, NULL, 0, WP_TIME_UNKNOWN);
}

static void add_spans(metrics *m)
{
    metrics_family(m, "a_seconds", METRICS_GAUGE, "A.");
    metrics_sample_span(m, NULL, 0, 0);
    metrics_sample_span(m, NULL, 0, 86400000001);
    metrics_sample_span(m, NULL, 0, -1500000);
    metrics_sample_span(m, NULL, 0, -250000);
}

typedef struct text_case {
    const char *name;
    metrics_format format;
    void (*add)(metrics *m);
    const char *want;
} text_case;

static const text_case texts[] = {
    { "a counter, for Prometheus", METRICS_PROMETHEUS, add_counter,
      "# HELP http_requests_total The total number of HTTP requests.\n"
      "# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027\n"
      "http_requests_total{method=\"post\",code=\"400\"} 3\n" },
    { "a counter, in OpenMetrics", METRICS_OPENMETRICS, add_counter,
      "# HELP http_requests The total number of HTTP requests.\n"
      "# TYPE http_requests counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027\n"
      "http_requests_total{method=\"post\",code=\"400\"} 3\n"
      "# EOF\n" },
    { "a counter of a unit, for Prometheus", METRICS_PROMETHEUS, add_counter_of_unit,
      "# HELP process_cpu_seconds_total Time.\n"
      "# TYPE process_cpu_seconds_total counter\n"
      "process_cpu_seconds_total 4200722.46\n" },
    { "a counter of a unit, in OpenMetrics", METRICS_OPENMETRICS, add_counter_of_unit,
      "# HELP process_cpu_seconds Time.\n"
      "# TYPE process_cpu_seconds counter\n"
      "# UNIT process_cpu_seconds seconds\n"
      "process_cpu_seconds_total 4200722.46\n"
      "# EOF\n" },
    { "a gauge of a unit, in OpenMetrics", METRICS_OPENMETRICS, add_gauge,
      "# HELP foo_bytes Some.\n# TYPE foo_bytes gauge\n# UNIT foo_bytes bytes\nfoo_bytes 17\n# EOF\n" },
    { "info, for Prometheus", METRICS_PROMETHEUS, add_info,
      "# HELP foo_info What it is.\n# TYPE foo_info gauge\nfoo_info{version=\"1.0\"} 1\n" },
    { "info, in OpenMetrics", METRICS_OPENMETRICS, add_info,
      "# HELP foo What it is.\n# TYPE foo info\nfoo_info{version=\"1.0\"} 1\n# EOF\n" },
    { "values of labels are escaped", METRICS_PROMETHEUS, add_label_to_escape,
      "# HELP msdos_file_access Access.\n# TYPE msdos_file_access gauge\n"
      "msdos_file_access{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n\\\"FILE.TXT\\\"\"} 1\n" },
    { "numbers: the shortest text, and none that is not finite", METRICS_PROMETHEUS, add_numbers,
      "# HELP a A.\n# TYPE a gauge\na 0.1\na -3\na 0.3333333333333333\na 18446744073709551615\n" },
    { "moments in seconds since 1970", METRICS_PROMETHEUS, add_times,
      "# HELP a_timestamp_seconds A.\n# TYPE a_timestamp_seconds gauge\n"
      "a_timestamp_seconds 1795373285.074335\na_timestamp_seconds 946684800\n"
      "a_timestamp_seconds 946684800.5\na_timestamp_seconds 946684799.999999\n"
      "a_timestamp_seconds -0.5\n" },
    { "spans in seconds", METRICS_PROMETHEUS, add_spans,
      "# HELP a_seconds A.\n# TYPE a_seconds gauge\n"
      "a_seconds 0\na_seconds 86400.000001\na_seconds -1.5\na_seconds -0.25\n" },
};

static void text_as_wanted(void **state)
{
    const text_case *row = *state;
    text out = { 0 };
    metrics m = { .out = &out, .format = row->format };
    row->add(&m);
    metrics_end(&m);
    assert_false(out.failed);
    assert_string_equal(text_chars(&out), row->want);
    text_free(&out);
}

/* ---- what a request prefers ----------------------------------------------------------------- */

typedef struct accept_case {
    const char *name, *header;
    metrics_format want;
} accept_case;

static const accept_case accepts[] = {
    { "no header", NULL, METRICS_PROMETHEUS },
    { "an empty header", "", METRICS_PROMETHEUS },
    { "curl", "*/*", METRICS_PROMETHEUS },
    { "Prometheus 2.42",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      METRICS_OPENMETRICS },
    { "Prometheus 2.30",
      "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      METRICS_PROMETHEUS },
    { "Prometheus 3",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
      "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
      "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      METRICS_OPENMETRICS },
    { "Prometheus 2.0", "text/plain;version=0.0.4;q=1,*/*;q=0.1", METRICS_PROMETHEUS },
    { "a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      METRICS_PROMETHEUS },
    { "text is preferred", "application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.8",
      METRICS_PROMETHEUS },
    { "it is refused", "application/openmetrics-text;q=0", METRICS_PROMETHEUS },
    { "blanks, quotes and capitals",
      "Text/Plain ; Q=0.1 , Application/OpenMetrics-Text ; Version = \"1.0.0\" ; q = 0.9",
      METRICS_OPENMETRICS },
    { "no version", "application/openmetrics-text", METRICS_OPENMETRICS },
    { "another version", "application/openmetrics-text;version=2.0.0", METRICS_PROMETHEUS },
    { "nonsense", ";;=,,application/openmetrics-text;q=nan,;q", METRICS_PROMETHEUS },
    { "a type that only begins like it", "application/openmetrics-text2", METRICS_PROMETHEUS },
};

static void prefers(void **state)
{
    const accept_case *row = *state;
    assert_int_equal(metrics_negotiate(row->header), row->want);
}

static void names_its_types(void **state)
{
    (void)state;
    assert_string_equal(metrics_content_type(METRICS_PROMETHEUS),
                        "text/plain; version=0.0.4; charset=utf-8");
    assert_string_equal(metrics_content_type(METRICS_OPENMETRICS),
                        "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

int main(void)
{
    const struct CMUnitTest types[] = { cmocka_unit_test(names_its_types) };
    return RUN_CASES("metrics as text", texts, text_as_wanted)
           + RUN_CASES("format that a request prefers", accepts, prefers)
           + cmocka_run_group_tests_name("content types", types, NULL, NULL);
}
