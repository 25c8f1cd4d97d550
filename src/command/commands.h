/*
 * commands.h - the commands: from options to what is printed and how the program ends.
 */
#ifndef PITR_FIND_COMMANDS_H
#define PITR_FIND_COMMANDS_H

#include "base/log.h"
#include "cli/options.h"

/* By command. */
extern exit_code (*const commands_run[COMMANDS])(const options *o);

#endif
