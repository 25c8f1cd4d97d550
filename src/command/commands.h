/*
 * commands.h - the list of commands.
 */
#ifndef PITR_FIND_COMMANDS_H
#define PITR_FIND_COMMANDS_H

#include "cli/command.h"

extern const command_list commands;

#endif
