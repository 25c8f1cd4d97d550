/*
 * rescue.h - `pitr-find rescue`: the rows of lost tables, out of base backup and WAL, without a server.
 */
#ifndef PITR_FIND_RESCUE_H
#define PITR_FIND_RESCUE_H

#include "cli/command.h"

/* Options of its own. */
typedef struct rescue_options {
    const char *table, *into, *output, *report; /* NULL: not given */
    bool all, raw, is_strict;
    uint64_t memory; /* MiB of pages; 0: RESCUE_MEMORY */
    option_strings skipped;
} rescue_options;

#define RESCUE_MEMORY 256U

extern const command rescue_command;

#endif
