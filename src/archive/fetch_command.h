/*
 * fetch_command.h - runs a restore_command as a server would: one file, asked for by name.
 */
#ifndef PITR_FIND_FETCH_COMMAND_H
#define PITR_FIND_FETCH_COMMAND_H

#include <stdbool.h>

typedef enum command_outcome {
    COMMAND_DONE,
    COMMAND_MISSING, /* it ended with a status up to 125, or well without a file: there is none */
    COMMAND_BROKEN   /* a signal, a higher status, no file but something else, or no start */
} command_outcome;

/* Writes a command with %f, %p, %r and %% replaced, as a server does it. NULL: no memory. Free it. */
char *command_fill(const char *form, const char *name, const char *path);

/*
 * Has the file `name` put to `path`, which the shell must not have to quote. What the command says goes to a
 * file beside, and its last line into *message: of MISSING and BROKEN one line says what happened. Any thread.
 */
command_outcome command_fetch(const char *form, const char *name, const char *path,
                              char message[512]);

/* May a path stand in a shell command as it is? */
bool command_is_plain(const char *path);

#endif
