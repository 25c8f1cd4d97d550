/*
 * find_target.h - from what was asked to the recovery target, with all that is known about it.
 */
#ifndef PITR_FIND_FIND_TARGET_H
#define PITR_FIND_FIND_TARGET_H

#include "cli/command.h"
#include "search/sources.h"
#include "target/render.h"

/* clang-format off */
/* How a command asks for a target. */
#define TAKES_TO_ASK                                 \
    { .row = &option_table[OPT_BEFORE] },            \
    { .row = &option_table[OPT_AFTER] },             \
    { .row = &option_table[OPT_BEFORE_XID] },        \
    { .row = &option_table[OPT_AFTER_XID] },         \
    { .row = &option_table[OPT_BEFORE_TIME] },       \
    { .row = &option_table[OPT_BEFORE_LSN] },        \
    { .row = &option_table[OPT_RESTORE_POINT] },     \
    { .row = &option_table[OPT_PICK] },              \
    { .row = &option_table[OPT_DATABASE] },          \
    { .row = &option_table[OPT_RELATION] },          \
    { .row = &option_table[OPT_MIN_ROWS] },          \
    { .row = &option_table[OPT_INCLUDE_TEMP] },      \
    { .row = &option_table[OPT_SINCE] },             \
    { .row = &option_table[OPT_UNTIL] },             \
    { .row = &option_table[OPT_FROM_LSN] },          \
    { .row = &option_table[OPT_TO_LSN] },            \
    { .row = &option_table[OPT_TIMELINE] },          \
    { .row = &option_table[OPT_TARGET] },
/* clang-format on */

/* Is one place asked for, and do the options fit together? A command's check. */
bool find_target_check(const options *o, const command_line *line);

/*
 * Is given what was found, and tells it; warnings are those of the report, to be added to before it is told. Returns how the
 * program ends if nothing is in doubt.
 */
typedef exit_code tell_target(void *context, const report *r, text_list *warnings);

/*
 * Searches, makes the target and has it told. q may have needs_all_kinds set: then targets of all kinds are made. What is in the way is
 * told here. How the program is to end.
 */
exit_code find_target(const options *o, const question *q, const sources *from, tell_target *tell,
                      void *context);

#endif
