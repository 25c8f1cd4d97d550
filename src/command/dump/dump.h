/*
 * dump.h - `dump`: the records themselves, as pg_waldump prints them.
 */
#ifndef PITR_FIND_DUMP_H
#define PITR_FIND_DUMP_H

#include "cli/command.h"

extern const command dump_command;

#endif
