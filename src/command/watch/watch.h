/*
 * watch.h - `watch`: tells what transactions did as they commit, of a running server or a folder of WAL that grows.
 */
#ifndef PITR_FIND_WATCH_H
#define PITR_FIND_WATCH_H

#include "cli/command.h"

extern const command watch_command;

/* Options of its own. */
typedef struct watch_options {
    const char *slot, *state, *output, *listen;
    const char *guard, *on;
    uint64_t exec_seconds, guard_rows; /* 0: not given */
    option_rest exec;
    bool create_slot, is_dry_run;
    bool is_server; /* SOURCE is a connection string */
} watch_options;

#define WATCH_EXEC_SECONDS 30

/* Watches until a signal, --to-lsn or trouble ends it. */
exit_code watch_run(const options *o);

#endif
