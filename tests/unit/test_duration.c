/*
 * test_duration.c - spans of time as people write and read them.
 */
#include "command/check/duration.h"

#include "cases.h"

typedef struct parse_case {
    const char *name, *chars;
    int64_t seconds; /* 0: refused */
} parse_case;

static const parse_case parses[] = {
    { "seconds", "90s", 90 },     { "minutes", "5min", 300 },
    { "hours", "26h", 93600 },    { "days", "7d", 604800 },
    { "a blank", "7 d", 604800 }, { "a hundred years", "36525d", INT64_C(3155760000) },
    { "more", "36526d", 0 },      { "very much more", "99999999999999999999s", 0 },
    { "no unit", "90", 0 },       { "no number", "d", 0 },
    { "nothing", "", 0 },         { "none at all", "0s", 0 },
    { "a sign", "-1s", 0 },       { "a fraction", "1.5h", 0 },
    { "another unit", "7w", 0 },  { "something after it", "7d ago", 0 },
};

static void parses_it(void **state)
{
    const parse_case *row = *state;
    int64_t seconds = 0;
    assert_int_equal(duration_parse(row->chars, &seconds), row->seconds != 0);
    assert_int_equal(seconds, row->seconds);
}

typedef struct text_case {
    const char *name;
    int64_t seconds;
    const char *text;
} text_case;

static const text_case texts[] = {
    { "nothing", 0, "0 s" },
    { "seconds", 59, "59 s" },
    { "a minute", 60, "1 min" },
    { "and seconds", 61, "1 min 1 s" },
    { "an hour", 3600, "1 h" },
    { "and seconds, left out", 3659, "1 h" },
    { "and minutes", 7260, "2 h 1 min" },
    { "days", 180000, "2 d 2 h" },
};

static void tells_it(void **state)
{
    const text_case *row = *state;
    char buf[DURATION_TEXT_BYTES];
    assert_string_equal(duration_text(row->seconds, buf), row->text);
}

int main(void)
{
    int failed = RUN_CASES("durations read", parses, parses_it);
    failed += RUN_CASES("durations told", texts, tells_it);
    return failed;
}
