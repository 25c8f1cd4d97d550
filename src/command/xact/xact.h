/*
 * xact.h - `xact`: the biography of one transaction, or the transactions of a window.
 */
#ifndef PITR_FIND_XACT_H
#define PITR_FIND_XACT_H

#include "cli/command.h"

extern const command xact_command;

#endif
