/*
 * cases.h - cmocka tests from rows of named cases: one test line per row.
 *
 * Include it instead of cmocka.h.
 */
#ifndef TEST_CASES_H
#define TEST_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A failed test has left a note of the server it was at. */
static inline int say_where(void **state)
{
    (void)state;
    if (noted_server()[0] != '\0')
        print_message("# at server %s\n", noted_server());
    now_on(NULL);
    return 0;
}

/* A row begins with its name; `run` gets the row as *state. */
static inline int run_cases(const char *group, const void *rows, size_t row_bytes, size_t n,
                            CMUnitTestFunction run)
{
    struct CMUnitTest *tests = calloc(n, sizeof *tests);
    if (!tests)
        return 1;
    for (size_t i = 0; i < n; i++) {
        const char *row = (const char *)rows + i * row_bytes;
        void *state;
        memcpy(&tests[i].name, row, sizeof tests[i].name);
        memcpy(&state, &row, sizeof state);
        tests[i].test_func = run;
        tests[i].initial_state = state;
        tests[i].teardown_func = say_where;
    }
    const int failed = _cmocka_run_group_tests(group, tests, n, NULL, NULL);
    free(tests);
    return failed;
}

#define RUN_CASES(group, rows, run) \
    run_cases((group), (rows), sizeof((rows)[0]), COUNT(rows), (run))

#endif
