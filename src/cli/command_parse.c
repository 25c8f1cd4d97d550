/*
 * command_parse.c - reads a command line by the entries of its commands. See command.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/spelling.h"
#include "cli/command.h"

#define HELP_OF_BYTES 40

typedef struct parser {
    const command_list *commands;
    bool (*path_exists)(const char *path);
    int argc;
    char **argv;
    int at;         /* next argument */
    int command_at; /* of the argument that names the command; 0: none does */
    int kept;       /* operands moved to the front of argv */
    bool takes_own; /* an option of the command's own was given */
    options *out;
    char *message;
} parser;

/* ---- which option is meant ----------------------------------------------------------------- */

const option_use *command_option(const command *one, const option_row *row)
{
    for (const option_use *use = one->takes; use->row != NULL; use++)
        if (use->row == row)
            return use;
    return NULL;
}

typedef bool is_meant(const option_row *row, const char *name, size_t len);

static bool has_name(const option_row *row, const char *name, size_t len)
{
    return strlen(row->name) == len && strncmp(row->name, name, len) == 0;
}

static bool has_letter(const option_row *row, const char *name, size_t len)
{
    (void)len;
    return row->letter == *name;
}

static const option_use *find_in(const command *one, is_meant *is, const char *name, size_t len)
{
    for (const option_use *use = one->takes; use->row != NULL; use++)
        if (is(use->row, name, len))
            return use;
    return NULL;
}

/* The option of this command; another command's if this has none; NULL if nobody. */
static const option_use *find(const parser *p, const command *one, is_meant *is, const char *name,
                              size_t len)
{
    const option_use *use = find_in(one, is, name, len);
    for (size_t i = 0; use == NULL && i < p->commands->count; i++)
        use = find_in(p->commands->items[i], is, name, len);
    return use;
}

/* "dump --help", and of the default command "--help": to follow "see pitr-find ". */
static const char *help_of(const parser *p, char words[HELP_OF_BYTES])
{
    const bool is_default = p->out->command == p->commands->items[0];
    (void)snprintf(words, HELP_OF_BYTES, "%s%s--help", is_default ? "" : p->out->command->name,
                   is_default ? "" : " ");
    return words;
}

static bool fail_unknown(const parser *p, const char *name)
{
    const size_t len = strcspn(name, "=");
    const int shown = len < 100 ? (int)len : 100;
    spelling meant = { .word = name, .len = len };
    for (const option_use *use = p->out->command->takes; use->row != NULL; use++)
        spelling_try(&meant, use->row->name);
    if (meant.best != NULL)
        return message_fail(p->message, "unknown option --%.*s: do you mean --%s?", shown, name,
                            meant.best);
    char help[HELP_OF_BYTES];
    return message_fail(p->message, "unknown option --%.*s: see pitr-find %s", shown, name,
                        help_of(p, help));
}

/* ---- taking options ------------------------------------------------------------------------- */

/* All from the argument before the next one on. What is kept in front of it is never moved there. */
static void take_rest(parser *p, const option_use *use)
{
    const int first = p->at - 1;
    option_read_rest(use, p->argv + first, (size_t)(p->argc - first), p->out);
    p->at = p->argc;
}

/* value is what stood after "=", or NULL. */
static bool take(parser *p, const option_use *use, const char *value)
{
    const option_row *row = use->row;
    if (command_option(p->out->command, row) != use)
        return message_fail(p->message, "--%s is not an option of `%s`: see pitr-find %s --help",
                            row->name, p->out->command->name, p->out->command->name);
    if (row->type == OPTION_FLAG && value != NULL)
        return message_fail(p->message, "--%s takes no value", row->name);
    if (row->type == OPTION_REST && value != NULL)
        return message_fail(p->message, "--%s takes the rest of the line: --%s %s", row->name,
                            row->name, row->arg);
    if (row->type != OPTION_FLAG && value == NULL) {
        if (p->at == p->argc)
            return message_fail(p->message, "--%s needs a value: %s", row->name, row->arg);
        value = p->argv[p->at++];
    }
    if (row->type == OPTION_REST)
        take_rest(p, use);
    else if (!option_read(use, value, p->out, p->message))
        return false;
    if (row->is_own)
        p->takes_own = true;
    else
        p->out->given[row - option_table] = true;
    return true;
}

static bool take_long(parser *p, const char *name)
{
    const size_t len = strcspn(name, "=");
    const option_use *use = find(p, p->out->command, has_name, name, len);
    if (use == NULL)
        return fail_unknown(p, name);
    return take(p, use, name[len] == '=' ? name + len + 1 : NULL);
}

/* "-q", "-j4", "-qj4", "-j 4". */
static bool take_letters(parser *p, const char *letters)
{
    const option_use *meant = find(p, p->out->command, has_name, letters, strcspn(letters, "="));
    if (letters[1] != '\0' && meant != NULL)
        return message_fail(p->message, "unknown option -%.100s: do you mean --%s?", letters,
                            meant->row->name);
    while (*letters != '\0') {
        char help[HELP_OF_BYTES];
        const option_use *use = find(p, p->out->command, has_letter, letters, 1);
        if (use == NULL)
            return message_fail(p->message, "unknown option -%.*s: see pitr-find %s",
                                (int)((uint8_t)*letters < 0x80 ? 1 : strlen(letters)), letters,
                                help_of(p, help));
        letters++;
        const bool has_value = use->row->type != OPTION_FLAG;
        if (!take(p, use, has_value && *letters != '\0' ? letters : NULL))
            return false;
        if (has_value)
            return true;
    }
    return true;
}

static bool take_all(parser *p)
{
    bool only_operands = false;
    while (p->at < p->argc) {
        char *arg = p->argv[p->at++];
        bool ok = true;
        if (p->at - 1 == p->command_at)
            continue;
        if (only_operands || arg[0] != '-' || arg[1] == '\0')
            p->argv[p->kept++] = arg;
        else if (strcmp(arg, "--") == 0)
            only_operands = true;
        else if (arg[1] == '-')
            ok = take_long(p, arg + 2);
        else
            ok = take_letters(p, arg + 1);
        if (!ok)
            return false;
    }
    return true;
}

/* ---- which command is meant ----------------------------------------------------------------- */

/* The option of that name or letter that takes a value, whatever the command. */
static bool takes_value(const parser *p, const char *arg)
{
    const command *any = p->commands->items[0];
    if (arg[1] == '-') {
        const option_use *use = find(p, any, has_name, arg + 2, strlen(arg + 2));
        return use != NULL && use->row->type != OPTION_FLAG;
    }
    for (const char *letter = arg + 1; *letter != '\0'; letter++) {
        const option_use *use = find(p, any, has_letter, letter, 1);
        if (use == NULL || use->row->type != OPTION_FLAG)
            return use != NULL && letter[1] == '\0';
    }
    return false;
}

static bool is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

/* Index of the first argument that is neither an option nor an option's value; argc: there is none. */
static int first_operand(const parser *p)
{
    int at = 1;
    while (at < p->argc && is_option(p->argv[at])) {
        if (strcmp(p->argv[at], "--") == 0)
            return p->argc;
        at += takes_value(p, p->argv[at]) ? 2 : 1;
    }
    return at < p->argc ? at : p->argc;
}

/* Does the command have all the long options before its name? */
static bool has_options(const parser *p, const command *one, int until)
{
    for (int at = 1; at < until; at += takes_value(p, p->argv[at]) ? 2 : 1) {
        const char *name = p->argv[at] + 2;
        if (p->argv[at][1] == '-' && find_in(one, has_name, name, strcspn(name, "=")) == NULL)
            return false;
    }
    return true;
}

/* NULL: none has that name. */
static const command *command_called(const command_list *commands, const char *word)
{
    for (size_t i = 0; i < commands->count; i++)
        if (strcmp(word, commands->items[i]->name) == 0)
            return commands->items[i];
    return NULL;
}

const char *command_misplaced(const command_list *commands, const options *o)
{
    for (size_t i = 0; i < o->nsources; i++) {
        const command *one = command_called(commands, o->sources[i]);
        if (one != NULL)
            return one->name;
    }
    return NULL;
}

/* A word that is no file was meant to be a command: always where it comes first, else if it is like one. */
static bool is_no_misspelt_command(const parser *p, int at)
{
    const char *word = p->argv[at];
    const bool is_word =
        word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
    spelling meant = { .word = word, .len = strlen(word) };
    if (!is_word || p->path_exists(word))
        return true;
    for (size_t i = 0; i < p->commands->count; i++)
        spelling_try(&meant, p->commands->items[i]->name);
    if (meant.best != NULL)
        return message_fail(p->message,
                            "unknown command \"%.100s\" (and no such file): do you mean %s?", word,
                            meant.best);
    return at > 1
           || message_fail(p->message,
                           "unknown command \"%.100s\" (and no such file): see pitr-find --help",
                           word);
}

/* help [COMMAND] */
static bool asks_for_help(parser *p)
{
    if (p->argc < 2 || strcmp(p->argv[1], "help") != 0 || p->path_exists("help"))
        return false;
    const command *one = p->argc > 2 ? command_called(p->commands, p->argv[2]) : NULL;
    p->out->help = true;
    if (one != NULL)
        p->out->command = one;
    return true;
}

/* The first operand may name the command. */
static bool take_command(parser *p)
{
    const int at = first_operand(p);
    if (at == p->argc)
        return true;
    const char *word = p->argv[at];
    const command *one = command_called(p->commands, word);
    /* After options that it does not have it is a SOURCE, if there is one of that name. */
    if (one != NULL && (at == 1 || has_options(p, one, at) || !p->path_exists(word))) {
        p->out->command = one;
        p->command_at = at;
        return true;
    }
    return one != NULL || is_no_misspelt_command(p, at);
}

/* ---- what fits together --------------------------------------------------------------------- */

/* Nothing is named but SOURCEs, and how to read them. */
static bool names_only_sources(const parser *p)
{
    const options *out = p->out;
    if (out->command != p->commands->items[0] || p->takes_own || out->nsources == 0
        || command_misplaced(p->commands, out) != NULL)
        return false;
    for (int id = 0; id < OPTIONS; id++)
        if (out->given[id] && command_option(p->commands->of_sources, &option_table[id]) == NULL)
            return false;
    return true;
}

static bool check_from_command(const options *o, char message[512])
{
    if (o->from_command == NULL)
        return true;
    if (o->nsources == 0 && !o->given[OPT_FROM_LSN] && !o->given[OPT_BACKUP])
        return message_fail(message, "--from-command needs a place to begin: give --from-lsn, "
                                     "--backup, or a .backup file");
    return strstr(o->from_command, "%p") != NULL
           || message_fail(message, "--from-command needs %%p, the path to put a file to (and %%f, "
                                    "its name)");
}

static bool has_source(const parser *p)
{
    const options *o = p->out;
    const char *pattern = o->before != NULL ? o->before : o->after;
    const char *option = option_table[o->before != NULL ? OPT_BEFORE : OPT_AFTER].name;
    if (o->nsources > 0 || o->from_command != NULL || o->command->operands != NULL)
        return true;
    if (pattern != NULL && p->path_exists(pattern))
        return message_fail(p->message,
                            "no SOURCE: \"%.100s\" is taken as the REGEX of --%s; say --%s \"DROP "
                            "TABLE\" and then the archive",
                            pattern, option, option);
    char help[HELP_OF_BYTES];
    return message_fail(
        p->message, "no SOURCE: name the WAL archive's directory or its files; see pitr-find %s",
        help_of(p, help));
}

static bool check_range(const options *o, char message[512])
{
    if (o->given[OPT_SINCE] && o->given[OPT_UNTIL] && o->since.time > o->until.time)
        return message_fail(message, "--since is later than --until");
    if (o->given[OPT_FROM_LSN] && o->given[OPT_TO_LSN] && o->from_lsn > o->to_lsn)
        return message_fail(message, "--from-lsn is after --to-lsn");
    return true;
}

static bool check(parser *p, const command_line *line)
{
    options *out = p->out;
    if (out->command->take_operands != NULL && !out->command->take_operands(out, line))
        return false;
    if (names_only_sources(p))
        out->command = p->commands->of_sources;
    return check_from_command(out, p->message) && has_source(p)
           && (out->command->check == NULL || out->command->check(out, line))
           && check_range(out, p->message);
}

bool command_parse(const command_list *commands, int argc, char **argv,
                   bool (*path_exists)(const char *path), options *out, char message[512])
{
    parser p = { .commands = commands,
                 .path_exists = path_exists,
                 .argc = argc,
                 .argv = argv,
                 .at = 1,
                 .out = out,
                 .message = message };
    const command_line line = { commands, path_exists, message };
    *out = (options){ .command = commands->items[0] };
    if (asks_for_help(&p))
        return true;
    if (!take_command(&p) || !take_all(&p))
        return false;
    out->sources = argv;
    out->nsources = (size_t)p.kept;
    return out->help || out->version || check(&p, &line);
}
