/*
 * events_command.h - `events`: lists what committed transactions did.
 */
#ifndef PITR_FIND_EVENTS_COMMAND_H
#define PITR_FIND_EVENTS_COMMAND_H

#include "cli/command.h"

extern const command events_command;

#endif
