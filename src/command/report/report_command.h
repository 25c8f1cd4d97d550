/*
 * report_command.h - `report`: an incident and its target on paper, with what it was made of.
 */
#ifndef PITR_FIND_REPORT_COMMAND_H
#define PITR_FIND_REPORT_COMMAND_H

#include "cli/command.h"

extern const command report_command;

#endif
