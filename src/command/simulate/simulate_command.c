/*
 * simulate_command.c - `simulate`: its entry and its operands. See simulate.h.
 */
#include "base/message.h"
#include "command/simulate/simulate.h"
#include "recovery/conf_lines.h"

/* A name=value word, and no file of such a name. */
static bool is_setting(const char *operand, const command_line *line)
{
    return conf_lines_is_word(operand) && !line->path_exists(operand);
}

static bool fail_no_settings(const char *what, char message[512])
{
    return message_fail(message,
                        "%s: name a file of recovery settings, or say recovery_target_xid=898; see "
                        "pitr-find simulate --help",
                        what);
}

_Static_assert(sizeof(simulate_operands) <= OPTIONS_OWN_BYTES, "no room");

/* simulate SETTINGS SOURCE... */
static bool take_operands(options *out, const command_line *line)
{
    simulate_operands *own = (void *)out->own;
    if (out->nsources == 0)
        return fail_no_settings("no SETTINGS", line->message);
    own->settings = out->sources;
    own->has_file = !is_setting(out->sources[0], line);
    own->nsettings = 1;
    if (own->has_file && out->nsources == 1 && out->from_command == NULL)
        return fail_no_settings("simulate takes SETTINGS and then a SOURCE, and only one is here",
                                line->message);
    while (own->nsettings < out->nsources && is_setting(out->sources[own->nsettings], line))
        own->nsettings++;
    out->sources += own->nsettings;
    out->nsources -= own->nsettings;
    return true;
}

// clang-format off
static const option_use takes[] = {
    { .row = &option_table[OPT_FORMAT], .words = "text json",
      .help = "text (the default) or json" },
    { .row = &option_table[OPT_BACKUP],
      .help = "base backup that is restored (directory, base.tar, an\narchiver's), or its backup_label (default: the .backup files\nof the archive tell)" },
    TAKES_TO_READ
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command simulate_command = {
    .name = "simulate",
    .usage = "simulate [OPTION]... SETTINGS SOURCE...",
    .summary = "tell where a server would really stop for given settings",
    .help = "Says where a server of this WAL's major would really stop recovery, what it would keep and\n"
            "lose there, or which FATAL error it would end in; and what is wrong with the settings.\n"
            "SETTINGS is a file (recovery.conf, postgresql.auto.conf, or - for standard input), or words\n"
            "like recovery_target_xid=898 recovery_target_inclusive=off, or a file and then words.",
    .exits = "Exit status: 0 it stops as it is asked to, 1 it does not, 2 wrong usage or unreadable input,\n"
             "3 it does, but damage or an unknown kind of record in the WAL leaves doubt.\n",
    .takes = takes,
    .take_operands = take_operands,
    .run = simulate_run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
