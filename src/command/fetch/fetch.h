/*
 * fetch.h - `fetch`: hands one file of the archive to a restoring server, as its restore_command.
 *
 * A server takes every exit status up to 125 for "there is no such file", and then ends recovery; what is
 * above, or a signal, stops it (126 and 127 with a line that blames the shell). So 1 is said of files that are
 * not there, and of nothing else.
 */
#ifndef PITR_FIND_FETCH_H
#define PITR_FIND_FETCH_H

#include "cli/command.h"

extern const command fetch_command;

/* In options.own. */
typedef struct fetch_operands {
    const char *name, *path; /* the file wanted, and where to */
} fetch_operands;

#endif
