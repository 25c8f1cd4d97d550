/*
 * stats.h - `stats`: how much of the WAL is what.
 */
#ifndef PITR_FIND_STATS_H
#define PITR_FIND_STATS_H

#include "cli/command.h"

extern const command stats_command;

#endif
