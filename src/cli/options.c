/*
 * options.c - parses a command line by the rows of options_table.c.
 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recovery/conf_lines.h"
#include "file/filename.h"
#include "base/message.h"
#include "base/spelling.h"
#include "base/time_text.h"

/* ---- values --------------------------------------------------------------------------------
 *
 * Each type has a function that reads a value into a field. On failure it returns false, and the
 * caller says what the option wants.
 */

typedef bool read_value(const option_row *row, const char *value, void *field, char message[512]);

static bool read_string(const option_row *row, const char *value, void *field, char message[512])
{
    if (*value == '\0') {
        return message_fail(message, "--%s needs a value that is not empty", row->name);
    }
    *(const char **)field = value;
    return true;
}

static bool read_word(const option_row *row, const char *value, void *field, char message[512])
{
    unsigned index = 0;
    for (const char *word = row->words; *word != '\0'; index++) {
        const size_t len = strcspn(word, " ");
        if (len == strlen(value) && strncmp(word, value, len) == 0) {
            *(unsigned *)field = index;
            return true;
        }
        word += len + strspn(word + len, " ");
    }
    return message_fail(message, "--%s takes one of: %s (not \"%.100s\")", row->name, row->words,
                        value);
}

/* Plain decimal digits, no sign, no blanks: 1 up to max. */
static bool parse_number(const char *value, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    if (*value == '\0' || value[strspn(value, "0123456789")] != '\0')
        return false;
    for (; *value != '\0'; value++) {
        const uint64_t digit = (uint64_t)(*value - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (number == 0 || number > max)
        return false;
    *out = number;
    return true;
}

static bool read_number(const option_row *row, const char *value, void *field, char message[512])
{
    if (parse_number(value, row->max, field))
        return true;
    if (row->max == UINT64_MAX)
        return message_fail(message, "--%s takes a whole number above 0 (not \"%.100s\")",
                            row->name, value);
    return message_fail(message, "--%s takes a number from 1 to %llu (not \"%.100s\")", row->name,
                        (unsigned long long)row->max, value);
}

static bool read_lsn(const option_row *row, const char *value, void *field, char message[512])
{
    wp_lsn lsn = 0;
    if (wp_lsn_parse(value, &lsn) && lsn != 0) {
        *(wp_lsn *)field = lsn;
        return true;
    }
    return message_fail(message, "--%s takes a WAL position like 16/B374D848 (not \"%.100s\")",
                        row->name, value);
}

static bool read_time(const option_row *row, const char *value, void *field, char message[512])
{
    option_time *out = field;
    char reason[512];
    if (timeparse(value, &out->time, &out->is_local, reason))
        return true;
    return message_fail(message, "--%s: %.450s", row->name, reason);
}

static bool read_timeline(const option_row *row, const char *value, void *field, char message[512])
{
    uint64_t number = 0;
    if (strcmp(value, "latest") != 0 && !parse_number(value, UINT32_MAX, &number)) {
        return message_fail(message, "--%s takes a timeline's number or latest (not \"%.100s\")",
                            row->name, value);
    }
    *(wp_tli *)field = (wp_tli)number;
    return true;
}

static bool read_pick(const option_row *row, const char *value, void *field, char message[512])
{
    static const struct {
        const char *word;
        pick_rule rule;
    } rules[] = { { "last", PICK_LAST }, { "first", PICK_FIRST }, { "unique", PICK_UNIQUE } };

    question_pick *out = field;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(value, rules[i].word) == 0) {
            *out = (question_pick){ .rule = rules[i].rule };
            return true;
        }
    }
    if (parse_number(value, UINT64_MAX, &out->number)) {
        out->rule = PICK_NUMBER;
        return true;
    }
    return message_fail(message, "--%s takes last, first, unique or a number (not \"%.100s\")",
                        row->name, value);
}

static read_value *const readers[OPTION_TYPES] = {
    [OPTION_STRING] = read_string, [OPTION_WORD] = read_word, [OPTION_NUMBER] = read_number,
    [OPTION_LSN] = read_lsn,       [OPTION_TIME] = read_time, [OPTION_TIMELINE] = read_timeline,
    [OPTION_PICKING] = read_pick,
};

/* ---- the command line --------------------------------------------------------------------- */

typedef struct parser {
    int argc;
    char **argv;
    int at;         /* next argument */
    int command_at; /* of the argument that names the command; 0: none does */
    int kept;       /* operands moved to the front of argv */
    options *out;
    char *message;
} parser;

static bool fail_unknown(const parser *p, const char *name)
{
    const size_t len = strcspn(name, "=");
    const int shown = len < 100 ? (int)len : 100;
    spelling meant = { .word = name, .len = len };
    for (int id = 0; id < OPTIONS; id++)
        if ((option_table[id].commands & 1U << p->out->command) != 0)
            spelling_try(&meant, option_table[id].name);
    if (meant.best != NULL)
        return message_fail(p->message, "unknown option --%.*s: do you mean --%s?", shown, name,
                            meant.best);
    return message_fail(p->message, "unknown option --%.*s: see pitr-find --help", shown, name);
}

/* Takes an option. value is what stood behind "=", or NULL. */
static bool take(parser *p, option_id id, const char *value)
{
    const option_row *row = &option_table[id];
    void *field = (char *)p->out + row->at;
    if (row->type == OPTION_FLAG) {
        if (value != NULL) {
            return message_fail(p->message, "--%s takes no value", row->name);
        }
        *(bool *)field = true;
    } else {
        if (value == NULL && p->at == p->argc) {
            return message_fail(p->message, "--%s needs a value: %s", row->name, row->arg);
        }
        if (value == NULL)
            value = p->argv[p->at++];
        if (!readers[row->type](row, value, field, p->message))
            return false;
    }
    p->out->given[id] = true;
    return true;
}

/* The option of this command with that name; another command's if this has none; OPTIONS if nobody. */
static option_id find_long(command_id command, const char *name, size_t len)
{
    option_id found = OPTIONS;
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_table[id];
        if (strlen(row->name) != len || strncmp(row->name, name, len) != 0)
            continue;
        found = (option_id)id;
        if ((row->commands & 1U << command) != 0)
            return found;
    }
    return found;
}

static bool take_long(parser *p, const char *name)
{
    const size_t len = strcspn(name, "=");
    const option_id id = find_long(p->out->command, name, len);
    if (id == OPTIONS)
        return fail_unknown(p, name);
    if ((option_table[id].commands & 1U << p->out->command) == 0) {
        return message_fail(p->message, "--%s is no option of `%s`: see pitr-find %s --help",
                            option_table[id].name, command_table[p->out->command].name,
                            command_table[p->out->command].name);
    }
    return take(p, id, name[len] == '=' ? name + len + 1 : NULL);
}

static option_id find_letter(char letter)
{
    int id = 0;
    while (id < OPTIONS && option_table[id].letter != letter)
        id++;
    return (option_id)id;
}

/* "-q", "-j4", "-qj4", "-j 4". */
static bool take_letters(parser *p, const char *letters)
{
    const option_id meant = find_long(p->out->command, letters, strcspn(letters, "="));
    if (letters[1] != '\0' && meant != OPTIONS)
        return message_fail(p->message, "unknown option -%.100s: do you mean --%s?", letters,
                            option_table[meant].name);
    while (*letters != '\0') {
        const option_id id = find_letter(*letters);
        if (id == OPTIONS) {
            return message_fail(p->message, "unknown option -%.*s: see pitr-find --help",
                                (int)((uint8_t)*letters < 0x80 ? 1 : strlen(letters)), letters);
        }
        letters++;
        const bool has_value = option_table[id].type != OPTION_FLAG;
        if (!take(p, id, has_value && *letters != '\0' ? letters : NULL))
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

/* The option of that name or letter that takes a value, whatever the command. */
static bool takes_value(const char *arg)
{
    if (arg[1] == '-') {
        const option_id id = find_long(COMMAND_TARGET, arg + 2, strlen(arg + 2));
        return id != OPTIONS && option_table[id].type != OPTION_FLAG;
    }
    for (const char *letter = arg + 1; *letter != '\0'; letter++) {
        const option_id id = find_letter(*letter);
        if (id == OPTIONS || option_table[id].type != OPTION_FLAG)
            return id != OPTIONS && letter[1] == '\0';
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
        at += takes_value(p->argv[at]) ? 2 : 1;
    }
    return at < p->argc ? at : p->argc;
}

/* Does the command have all the long options before its name? */
static bool has_options(const parser *p, command_id command, int until)
{
    for (int at = 1; at < until; at += takes_value(p->argv[at]) ? 2 : 1) {
        const char *name = p->argv[at] + 2;
        if (p->argv[at][1] != '-')
            continue;
        const option_id id = find_long(command, name, strcspn(name, "="));
        if (id == OPTIONS || (option_table[id].commands & 1U << command) == 0)
            return false;
    }
    return true;
}

static command_id command_called(const char *word)
{
    int id = 0;
    while (id < COMMANDS && strcmp(word, command_table[id].name) != 0)
        id++;
    return (command_id)id;
}

/* A word that is no file was meant to be a command: always where it comes first, else if it is like one. */
static bool is_no_misspelt_command(const parser *p, int at, bool (*path_exists)(const char *path))
{
    const char *word = p->argv[at];
    const bool is_word =
        word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
    spelling meant = { .word = word, .len = strlen(word) };
    if (!is_word || path_exists(word))
        return true;
    for (int id = 0; id < COMMANDS; id++)
        spelling_try(&meant, command_table[id].name);
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
static bool asks_for_help(parser *p, bool (*path_exists)(const char *path))
{
    if (p->argc < 2 || strcmp(p->argv[1], "help") != 0 || path_exists("help"))
        return false;
    const command_id command = p->argc > 2 ? command_called(p->argv[2]) : COMMANDS;
    p->out->help = true;
    p->out->command = command != COMMANDS ? command : COMMAND_TARGET;
    return true;
}

/* The first operand may name the command. */
static bool take_command(parser *p, bool (*path_exists)(const char *path))
{
    const int at = first_operand(p);
    if (at == p->argc)
        return true;
    const char *word = p->argv[at];
    const command_id command = command_called(word);
    /* Behind options that it does not have it is a SOURCE, if there is one of that name. */
    if (command != COMMANDS && (at == 1 || has_options(p, command, at) || !path_exists(word))) {
        p->out->command = command;
        p->command_at = at;
        return true;
    }
    return command != COMMANDS || is_no_misspelt_command(p, at, path_exists);
}

/* ---- what fits together ------------------------------------------------------------------- */

/* A command that is not the first argument was read as a SOURCE. */
static const char *misplaced_command(const options *out)
{
    for (size_t i = 0; i < out->nsources; i++) {
        for (int id = 0; id < COMMANDS; id++) {
            if (strcmp(out->sources[i], command_table[id].name) == 0)
                return command_table[id].name;
        }
    }
    return NULL;
}

static bool fail_nothing_asked(const options *out, char message[512])
{
    const char *command = misplaced_command(out);
    if (command != NULL)
        return message_fail(message, "the command comes first: pitr-find %s [OPTION]...", command);
    return message_fail(message, "what to stop before? Say --before REGEX, like --before \"DROP "
                                 "TABLE\"; see pitr-find --help");
}

/* It is about an event's transaction, and a place that only an LSN names. */
static bool check_inspectable(const options *out, option_id asked, char message[512])
{
    if (!out->inspectable)
        return true;
    if (asked != OPT_BEFORE && asked != OPT_BEFORE_XID)
        return message_fail(message,
                            "--inspectable goes with --before or --before-xid, not with --%s",
                            option_table[asked].name);
    if (out->given[OPT_TARGET] && out->target != TARGET_LSN)
        return message_fail(message, "--inspectable stops inside a transaction, and only --target "
                                     "lsn can");
    return true;
}

static bool check_target(const options *out, char message[512])
{
    static const option_id wanted[] = { OPT_BEFORE,       OPT_AFTER,       OPT_BEFORE_XID,
                                        OPT_AFTER_XID,    OPT_BEFORE_TIME, OPT_BEFORE_LSN,
                                        OPT_RESTORE_POINT };
    static const option_id narrow[] = { OPT_PICK, OPT_DATABASE, OPT_RELATION, OPT_MIN_ROWS };
    option_id asked = OPTIONS;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!out->given[wanted[i]])
            continue;
        if (asked != OPTIONS) {
            return message_fail(message, "--%s and --%s: only one of them, please",
                                option_table[asked].name, option_table[wanted[i]].name);
        }
        asked = wanted[i];
    }
    if (asked == OPTIONS)
        return fail_nothing_asked(out, message);
    for (size_t i = 0;
         asked != OPT_BEFORE && asked != OPT_AFTER && i < sizeof narrow / sizeof *narrow; i++) {
        const bool is_possible = asked == OPT_RESTORE_POINT && narrow[i] == OPT_PICK;
        if (out->given[narrow[i]] && !is_possible) {
            return message_fail(message, "--%s goes with --before or --after, not with --%s",
                                option_table[narrow[i]].name, option_table[asked].name);
        }
    }
    return check_inspectable(out, asked, message);
}

static bool check_range(const options *out, char message[512])
{
    if (out->given[OPT_SINCE] && out->given[OPT_UNTIL] && out->since.time > out->until.time)
        return message_fail(message, "--since is later than --until");
    if (out->given[OPT_FROM_LSN] && out->given[OPT_TO_LSN] && out->from_lsn > out->to_lsn)
        return message_fail(message, "--from-lsn is after --to-lsn");
    return true;
}

/* Nothing is asked for but what there is. */
static bool wants_summary(const options *out)
{
    if (out->command != COMMAND_TARGET || out->nsources == 0 || misplaced_command(out) != NULL)
        return false;
    for (int id = 0; id < OPTIONS; id++)
        if (out->given[id] && (option_table[id].commands & ON_SUMMARY) == 0)
            return false;
    return true;
}

static bool fail_no_source(const options *out, bool (*path_exists)(const char *path),
                           char message[512])
{
    const char *pattern = out->before != NULL ? out->before : out->after;
    if (pattern != NULL && path_exists(pattern))
        return message_fail(message,
                            "no SOURCE: \"%.100s\" is taken as the REGEX of --%s; say --%s \"DROP "
                            "TABLE\" and then the archive",
                            pattern,
                            option_table[out->before != NULL ? OPT_BEFORE : OPT_AFTER].name,
                            option_table[out->before != NULL ? OPT_BEFORE : OPT_AFTER].name);
    return message_fail(
        message, "no SOURCE: name the WAL archive's directory or its files; see pitr-find --help");
}

static bool check(options *out, bool (*path_exists)(const char *path), char message[512])
{
    if (wants_summary(out))
        out->command = COMMAND_SUMMARY;
    if (out->nsources == 0 && out->from_command != NULL && !out->given[OPT_FROM_LSN]
        && !out->given[OPT_BACKUP]) {
        return message_fail(message, "--from-command needs a place to begin: give --from-lsn, "
                                     "--backup, or a .backup file");
    }
    if (out->from_command != NULL && strstr(out->from_command, "%p") == NULL) {
        return message_fail(message,
                            "--from-command needs %%p, the path to put a file to (and %%f, "
                            "its name)");
    }
    if (out->nsources == 0 && out->from_command == NULL)
        return fail_no_source(out, path_exists, message);
    if (out->command == COMMAND_TARGET && !check_target(out, message))
        return false;
    return check_range(out, message);
}

/* A name=value word, and no file of such a name. */
static bool is_setting(const char *operand, bool (*path_exists)(const char *path))
{
    return conf_lines_is_word(operand) && !path_exists(operand);
}

/* events SOURCE REGEX: what is no file, and not spelt like one either, was meant to be the REGEX. */
static bool has_no_late_regex(const options *out, bool (*path_exists)(const char *path),
                              char message[512])
{
    for (size_t i = 1; i < out->nsources; i++) {
        const char *word = out->sources[i];
        if (!path_exists(word) && strchr(word, '/') == NULL
            && filename_parse(word).kind == FILENAME_OTHER)
            return message_fail(message,
                                "there is no file \"%.100s\". If it is the REGEX, it comes first: "
                                "pitr-find events REGEX SOURCE...",
                                word);
    }
    return true;
}

/* events [REGEX] SOURCE... */
static bool split_regex(options *out, bool (*path_exists)(const char *path), char message[512])
{
    const size_t least = out->from_command != NULL ? 1 : 2;
    if (out->command != COMMAND_EVENTS || out->nsources < least)
        return true;
    if (path_exists(out->sources[0]))
        return has_no_late_regex(out, path_exists, message);
    out->regex = out->sources[0];
    out->sources++;
    out->nsources--;
    return true;
}

static bool fail_no_settings(const char *what, char message[512])
{
    return message_fail(message,
                        "%s: name a file of recovery settings, or say recovery_target_xid=898; see "
                        "pitr-find simulate --help",
                        what);
}

/* simulate SETTINGS SOURCE... */
static bool split_settings(options *out, bool (*path_exists)(const char *path), char message[512])
{
    if (out->command != COMMAND_SIMULATE)
        return true;
    if (out->nsources == 0)
        return fail_no_settings("no SETTINGS", message);
    out->settings = out->sources;
    out->settings_has_file = !is_setting(out->sources[0], path_exists);
    out->nsettings = 1;
    if (out->settings_has_file && out->nsources == 1 && out->from_command == NULL)
        return fail_no_settings("simulate takes SETTINGS and then a SOURCE, and only one is here",
                                message);
    while (out->nsettings < out->nsources && is_setting(out->sources[out->nsettings], path_exists))
        out->nsettings++;
    out->sources += out->nsettings;
    out->nsources -= out->nsettings;
    return true;
}

/* fetch %f %p SOURCE... */
static bool split_fetch(options *out, char message[512])
{
    if (out->command != COMMAND_FETCH)
        return true;
    if (out->nsources < 2)
        return message_fail(message,
                            "fetch takes a name, a path and SOURCEs: restore_command = 'pitr-find "
                            "fetch \"%%f\" \"%%p\" /wal_archive'");
    out->fetch_name = out->sources[0];
    out->fetch_path = out->sources[1];
    out->sources += 2;
    out->nsources -= 2;
    return true;
}

bool options_parse(int argc, char **argv, bool (*path_exists)(const char *path), options *out,
                   char message[512])
{
    parser p = { .argc = argc, .argv = argv, .at = 1, .out = out, .message = message };
    *out = (options){ .command = COMMAND_TARGET };
    if (asks_for_help(&p, path_exists))
        return true;
    if (!take_command(&p, path_exists) || !take_all(&p))
        return false;
    out->sources = argv;
    out->nsources = (size_t)p.kept;
    if (out->help || out->version)
        return true;
    if (!split_regex(out, path_exists, message) || !split_settings(out, path_exists, message)
        || !split_fetch(out, message))
        return false;
    return check(out, path_exists, message);
}

unsigned options_jobs(const options *o)
{
    const long cores = o->jobs > 0 ? (long)o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}

const char *options_word(option_id id, unsigned index, char buf[32])
{
    const char *word = option_table[id].words;
    for (; index > 0; index--) {
        word += strcspn(word, " ");
        word += strspn(word, " ");
    }
    snprintf(buf, 32, "%.*s", (int)strcspn(word, " "), word);
    return buf;
}
