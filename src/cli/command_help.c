/*
 * command_help.c - --help from a command's entry. See command.h.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

#define HELP_COLUMN 26

static const char source_help[] =
    "A SOURCE is a WAL segment (plain, .partial or packed), a directory of them, or the repository of\n"
    "an archiver.\n";
static const char source_and_time_help[] =
    "A SOURCE is a WAL segment (plain, .partial or packed), a directory of them, or the repository of\n"
    "an archiver. A TS is ISO 8601, like 2026-11-22T10:48:05.074335+00:00, or has a zone's name, like\n"
    "'2026-11-22 11:48 Europe/Madrid'; without an offset or a zone it is in the local zone.\n";

const char *command_operands_help(const command *one)
{
    if (one->operands != NULL)
        return one->operands;
    for (const option_use *use = one->takes; use->row != NULL; use++)
        if (use->row->arg != NULL && strcmp(use->row->arg, "TS") == 0)
            return source_and_time_help;
    return source_help;
}

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

static void add_option(text *out, const option_use *use)
{
    const option_row *row = use->row;
    char left[100];
    char letter[8] = "    ";
    if (row->letter != '\0')
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, row->name, row->arg != NULL ? " " : "",
             row->arg != NULL ? row->arg : "");
    add_entry(out, left, option_help(use));
}

const char *command_group_title(option_group group)
{
    static const char *const titles[GROUPS] = {
        [GROUP_WHAT] = "What to find",   [GROUP_NARROW] = "What may match",
        [GROUP_WHERE] = "Where to look", [GROUP_OUTPUT] = "What to print",
        [GROUP_OTHER] = "Other",
    };
    return titles[group];
}

static void add_group(text *out, const command *one, option_group group)
{
    bool is_first = true;
    for (const option_use *use = one->takes; use->row != NULL; use++) {
        if (use->row->group != group)
            continue;
        if (is_first)
            text_addf(out, "\n%s:\n", command_group_title(group));
        is_first = false;
        add_option(out, use);
    }
}

void command_help(const command_list *commands, const command *one, text *out)
{
    text_addf(out, "Usage: pitr-find %s\n\n%s\n", one->usage, one->help);
    if (one == commands->items[0]) {
        text_add(out, "\nCommands:\n");
        for (size_t i = 0; i < commands->count; i++) {
            char left[64];
            snprintf(left, sizeof left, "  %s", commands->items[i]->name);
            add_entry(out, left, commands->items[i]->summary);
        }
    }
    for (int group = 0; group < GROUPS; group++)
        add_group(out, one, (option_group)group);
    text_addf(out, "\n%s\n", command_operands_help(one));
    text_add(out, one->exits);
}
