/*
 * commands.c - every command, in the order of --help. The first one is meant where none is named.
 */
#include "command/commands.h"

#include "command/check/check.h"
#include "command/dump/dump.h"
#include "command/events/events_command.h"
#include "command/fetch/fetch.h"
#include "command/report/report_command.h"
#include "command/rescue/rescue.h"
#include "command/simulate/simulate.h"
#include "command/stats/stats.h"
#include "command/summary/summary.h"
#include "command/target/target_command.h"
#include "command/verify/verify.h"
#include "command/watch/watch.h"
#include "command/xact/xact.h"

static const command *const all[] = {
    &target_command, &events_command, &simulate_command, &dump_command,   &stats_command,
    &xact_command,   &report_command, &rescue_command,   &verify_command, &watch_command,
    &check_command,  &fetch_command,  &summary_command,
};

const command_list commands = {
    .items = all,
    .count = sizeof all / sizeof *all,
    .of_sources = &summary_command,
};
