/*
 * command.h - a command: all that the parser, --help, the manual and main() know of it, in one const entry.
 *
 * An entry stands in its command's folder; src/command/commands.c lists them.
 */
#ifndef PITR_FIND_COMMAND_H
#define PITR_FIND_COMMAND_H

#include "base/log.h"
#include "cli/options.h"

typedef struct command command;

typedef struct command_list {
    const command *const *items; /* the first one is meant where none is named */
    size_t count;
    const command *of_sources; /* meant where nothing is named but SOURCEs */
} command_list;

/* What a command's own checks are told. */
typedef struct command_line {
    const command_list *commands;
    bool (*path_exists)(const char *path);
    char *message; /* MESSAGE_BYTES: why the line is refused */
} command_line;

struct command {
    const char *name;
    const char *usage;   /* what follows the program's name */
    const char *summary; /* one line */
    const char *help;    /* a paragraph */
    const char *exits;   /* what its exit statuses mean: the end of its --help */
    /* A paragraph about its operands, which take_operands takes all. NULL: they are SOURCEs, at least one. */
    const char *operands;
    const option_use *takes;
    /* Takes the operands that are no SOURCE from the front of sources. NULL: all are SOURCEs. */
    bool (*take_operands)(options *o, const command_line *line);
    /* Do the options go together? NULL: they do. */
    bool (*check)(const options *o, const command_line *line);
    exit_code (*run)(const options *o);
    exit_code trouble; /* how it ends where something is wrong */
};

/* clang-format off */
/* What every command that reads an archive takes. */
#define TAKES_TO_READ                                \
    { .row = &option_table[OPT_SYSTEM_ID] },         \
    { .row = &option_table[OPT_CIPHER_PASS_FILE] },
/* What every command takes, and the end of its list. */
#define TAKES_ALWAYS                                 \
    { .row = &option_table[OPT_QUIET] },             \
    { .row = &option_table[OPT_HELP] },              \
    { .row = &option_table[OPT_VERSION] },           \
    { .row = NULL },
/* clang-format on */

/*
 * Reads a command line, moving operands to the front of argv. path_exists tells a pattern from a file.
 * On failure returns false with one line in message; out->command is set in any case.
 */
bool command_parse(const command_list *commands, int argc, char **argv,
                   bool (*path_exists)(const char *path), options *out, char message[512]);

/* The help of a command; that of the first one lists the commands too. */
void command_help(const command_list *commands, const command *one, text *out);

/* The parts of a help: the title of a group, and the paragraph about operands. Static. */
const char *command_group_title(option_group group);
const char *command_operands_help(const command *one);

/* How the command takes an option; NULL: it does not. */
const option_use *command_option(const command *one, const option_row *row);
/* A SOURCE that has the name of a command: that has to come first. NULL: there is none. */
const char *command_misplaced(const command_list *commands, const options *o);

#endif
