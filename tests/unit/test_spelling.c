/*
 * test_spelling.c - distances between words, and which word is meant.
 */
#include "base/spelling.h"

#include "cases.h"

typedef struct distance_case {
    const char *name, *a, *b;
    unsigned distance;
} distance_case;

static const distance_case distances[] = {
    { "the same", "events", "events", 0 },
    { "another case", "EVENTS", "events", 0 },
    { "nothing", "", "abc", 3 },
    { "one changed", "evants", "events", 1 },
    { "one left out", "evnts", "events", 1 },
    { "one too many", "eevents", "events", 1 },
    { "two swapped", "evnets", "events", 1 },
    { "the classic", "kitten", "sitting", 3 },
    { "swapped at the end", "verifyx", "verifxy", 1 },
    { "nothing in common", "abc", "xyz", 3 },
    { "too long", "0123456789012345678901234567890123456789012345678901234567890123", "a",
      SPELLING_MAX + 1 },
    { "as long as may be", "012345678901234567890123456789012345678901234567890123456789012", "",
      63 },
};

static void measures(void **state)
{
    const distance_case *row = *state;
    assert_int_equal(spelling_distance(row->a, strlen(row->a), row->b, strlen(row->b)),
                     row->distance);
    assert_int_equal(spelling_distance(row->b, strlen(row->b), row->a, strlen(row->a)),
                     row->distance);
}

typedef struct meant_case {
    const char *name, *typed, *meant;
} meant_case;

static const meant_case meanings[] = {
    { "a slip", "evnets", "events" },
    { "a beginning", "simul", "simulate" },
    { "a letter is no beginning", "s", NULL },
    { "far from all", "dump", NULL },
    { "two slips in seven", "virefy", "verify" },
    { "nothing", "", NULL },
};

static void guesses(void **state)
{
    static const char *const words[] = { "target", "events", "simulate", "verify", "fetch" };
    const meant_case *row = *state;
    spelling s = { .word = row->typed, .len = strlen(row->typed) };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        spelling_try(&s, words[i]);
    if (row->meant == NULL)
        assert_null(s.best);
    else
        assert_string_equal(s.best, row->meant);
}

int main(void)
{
    int failed = RUN_CASES("distances", distances, measures);
    failed += RUN_CASES("words meant", meanings, guesses);
    return failed;
}
