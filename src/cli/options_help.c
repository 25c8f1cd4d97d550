/*
 * options_help.c - --help from the rows of options_table.c.
 */
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

#define HELP_COLUMN 26

/* The left side, then the help from its column on, line by line. */
static void add_entry(text *out, const char *left, const char *help)
{
    text_addf(out, "%-*s", HELP_COLUMN, left);
    if (strlen(left) >= HELP_COLUMN)
        text_addf(out, "\n%*s", HELP_COLUMN, "");
    for (const char *line = help;;) {
        const size_t len = strcspn(line, "\n");
        text_add_bytes(out, line, len);
        text_add(out, "\n");
        if (line[len] == '\0')
            return;
        text_addf(out, "%*s", HELP_COLUMN, "");
        line += len + 1;
    }
}

static void add_option(text *out, const option_row *row)
{
    char left[100];
    char letter[8] = "    ";
    if (row->letter != '\0')
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, row->name, row->arg != NULL ? " " : "",
             row->arg != NULL ? row->arg : "");
    add_entry(out, left, row->help);
}

static void add_group(text *out, command_id command, option_group group)
{
    static const char *const titles[GROUPS] = {
        [GROUP_WHAT] = "What to find",   [GROUP_NARROW] = "What may match",
        [GROUP_WHERE] = "Where to look", [GROUP_OUTPUT] = "What to print",
        [GROUP_OTHER] = "Other",
    };
    bool is_first = true;
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_table[id];
        if (row->group != group || (row->commands & 1U << command) == 0)
            continue;
        if (is_first)
            text_addf(out, "\n%s:\n", titles[group]);
        is_first = false;
        add_option(out, row);
    }
}

void options_help(command_id command, text *out)
{
    text_addf(out, "Usage: pitr-find %s\n\n%s\n", command_table[command].usage,
              command_table[command].help);
    if (command == COMMAND_TARGET) {
        text_add(out, "\nCommands:\n");
        for (int id = 0; id < COMMANDS; id++) {
            char left[64];
            snprintf(left, sizeof left, "  %s", command_table[id].name);
            add_entry(out, left, command_table[id].summary);
        }
    }
    for (int group = 0; group < GROUPS; group++)
        add_group(out, command, (option_group)group);
    text_add(
        out,
        "\n"
        "A SOURCE is a WAL segment (plain, .partial or packed) or a directory of them. A TS is ISO 8601,\n"
        "like 2026-11-22T10:48:05.074335+00:00, or has a zone's name, like '2026-11-22 11:48 Europe/Madrid';\n"
        "without an offset or a zone it is in the local zone.\n"
        "\n");
    text_add(out, command_table[command].exits);
}
