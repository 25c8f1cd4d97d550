/*
 * time_window.h - --since and --until for commands that read records: most records bear no time, so a window of times is one of LSNs.
 */
#ifndef PITR_FIND_TIME_WINDOW_H
#define PITR_FIND_TIME_WINDOW_H

#include "base/log.h"
#include "cli/options.h"

/*
 * Where the options have a window of times, reads all WAL for the records that bear one, and narrows the LSNs of *o to the window; the
 * times are taken out of *o. EXIT_FOUND: that is done. EXIT_NOTHING, EXIT_DOUBT where some WAL cannot be read, EXIT_TROUBLE: after a line that
 * says why nothing lies in it.
 *
 * *is_doubtful is set, after a line that says why, where WAL outside the window that cannot be read may bear a time that moves an edge of
 * it. What cannot be read inside is for whoever reads the window to tell.
 */
exit_code time_window_narrow(options *o, bool *is_doubtful);

/* The exit status of what was read in the window. */
static inline exit_code time_window_status(exit_code read, bool is_doubtful)
{
    const bool is_good = read == EXIT_FOUND || read == EXIT_NOTHING;
    return is_good && is_doubtful ? EXIT_DOUBT : read;
}

#endif
