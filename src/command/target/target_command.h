/*
 * target_command.h - `target`: finds the incident and prints the recovery target.
 */
#ifndef PITR_FIND_TARGET_COMMAND_H
#define PITR_FIND_TARGET_COMMAND_H

#include "cli/command.h"

extern const command target_command;

#endif
