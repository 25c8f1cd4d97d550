/*
 * fetch.h - `fetch`: hands one file of the archive to a restoring server, as its restore_command.
 *
 * A server takes every exit status up to 125 for "there is no such file", and then ends recovery; what is
 * above, or a signal, stops it (126 and 127 with a line that blames the shell). So 1 is said of files that are
 * not there, and of nothing else.
 */
#ifndef PITR_FIND_FETCH_H
#define PITR_FIND_FETCH_H

#include "base/log.h"
#include "cli/options.h"

exit_code fetch_run(const options *o);

#endif
