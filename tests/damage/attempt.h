/*
 * attempt.h - runs the program as a user would, and keeps what it says.
 *
 * The program is linked in, and one process after the other runs it again and again, until it crashes or hangs: a
 * start each time would take longer than most runs.
 */
#ifndef TEST_ATTEMPT_H
#define TEST_ATTEMPT_H

#include <stdbool.h>

#include "blob.h"

/* More of what a run prints is not read. */
#define ATTEMPT_OUTPUT_MAX ((size_t)16 << 20)

typedef struct attempt {
    int status;    /* as a shell has it: 128 and more for a signal */
    bool is_stuck; /* it took longer than it may, and was ended */
    long peak_kb;  /* memory it had at most */
    blob out, err; /* each with a NUL behind it, which does not count */
} attempt;

/* The words end with NULL; those that begin with "@/" are paths below `folder`. */
void attempt_run(const char *const words[], const char *folder, attempt *a);

/* A crash, a hang, a sanitizer's report, too much memory, a status nobody promised; NULL: none of them. */
const char *attempt_fault(const attempt *a);

bool attempt_says(const attempt *a, const char *word); /* on stderr */
bool attempt_is_same_out(const attempt *a, const attempt *b);
/* Ends the process that runs the program. False: it crashes then, or a sanitizer reports what was not freed. */
bool attempt_end(void);
void attempt_free(attempt *a);

#endif
