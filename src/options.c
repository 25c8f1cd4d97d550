/*
 * options.c - parses a command line by the rows of options_table.c.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_lines.h"
#include "message.h"
#include "timeparse.h"

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

    option_pick *out = field;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(value, rules[i].word) == 0) {
            *out = (option_pick){ .rule = rules[i].rule };
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
    int at;   /* next argument */
    int kept; /* operands moved to the front of argv */
    options *out;
    char *message;
} parser;

static bool fail_unknown(const parser *p, const char *name)
{
    const size_t len = strcspn(name, "=");
    message_fail(p->message, "unknown option --%.*s: see pitr-find --help",
                 len < 100 ? (int)len : 100, name);
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_table[id];
        if (len > 0 && strncmp(row->name, name, len) == 0
            && (row->commands & 1U << p->out->command) != 0) {
            return message_fail(p->message, "unknown option --%.*s: do you mean --%s?", (int)len,
                                name, row->name);
        }
    }
    return false;
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

/* "-q", "-j4", "-qj4", "-j 4". */
static bool take_letters(parser *p, const char *letters)
{
    while (*letters != '\0') {
        int id = 0;
        while (id < OPTIONS && option_table[id].letter != *letters)
            id++;
        if (id == OPTIONS) {
            return message_fail(p->message, "unknown option -%.*s: see pitr-find --help",
                                (int)((uint8_t)*letters < 0x80 ? 1 : strlen(letters)), letters);
        }
        letters++;
        const bool has_value = option_table[id].type != OPTION_FLAG;
        if (!take(p, (option_id)id, has_value && *letters != '\0' ? letters : NULL))
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

/* The first argument may name the command. */
static bool take_command(parser *p, bool (*path_exists)(const char *path))
{
    if (p->argc < 2)
        return true;
    const char *word = p->argv[1];
    for (int id = 0; id < COMMANDS; id++) {
        if (strcmp(word, command_table[id].name) == 0) {
            p->out->command = (command_id)id;
            p->at++;
            return true;
        }
    }
    const bool is_word =
        word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz-")] == '\0';
    if (is_word && word[0] != '-' && !path_exists(word)) {
        return message_fail(p->message,
                            "unknown command \"%.100s\" (and no such file): see pitr-find --help",
                            word);
    }
    return true;
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
    static const option_id narrowing[] = { OPT_PICK, OPT_DATABASE, OPT_RELATION, OPT_MIN_ROWS };
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
         asked != OPT_BEFORE && asked != OPT_AFTER && i < sizeof narrowing / sizeof *narrowing;
         i++) {
        const bool is_possible = asked == OPT_RESTORE_POINT && narrowing[i] == OPT_PICK;
        if (out->given[narrowing[i]] && !is_possible) {
            return message_fail(message, "--%s goes with --before or --after, not with --%s",
                                option_table[narrowing[i]].name, option_table[asked].name);
        }
    }
    return check_inspectable(out, asked, message);
}

static bool check_range(const options *out, char message[512])
{
    if (out->given[OPT_SINCE] && out->given[OPT_UNTIL] && out->since.time > out->until.time)
        return message_fail(message, "--since is later than --until");
    if (out->given[OPT_FROM_LSN] && out->given[OPT_TO_LSN] && out->from_lsn > out->to_lsn)
        return message_fail(message, "--from-lsn is behind --to-lsn");
    return true;
}

static bool check(options *out, char message[512])
{
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
    if (out->nsources == 0 && out->from_command == NULL) {
        return message_fail(
            message,
            "no SOURCE: name the WAL archive's directory or its files; see pitr-find --help");
    }
    if (out->command == COMMAND_TARGET && !check_target(out, message))
        return false;
    return check_range(out, message);
}

/* A name=value word, and no file of such a name. */
static bool is_setting(const char *operand, bool (*path_exists)(const char *path))
{
    return conf_lines_is_word(operand) && !path_exists(operand);
}

/* events [REGEX] SOURCE... */
static void split_regex(options *out, bool (*path_exists)(const char *path))
{
    const size_t least = out->from_command != NULL ? 1 : 2;
    if (out->command != COMMAND_EVENTS || out->nsources < least || path_exists(out->sources[0]))
        return;
    out->regex = out->sources[0];
    out->sources++;
    out->nsources--;
}

/* simulate SETTINGS SOURCE... */
static bool split_settings(options *out, bool (*path_exists)(const char *path), char message[512])
{
    if (out->command != COMMAND_SIMULATE)
        return true;
    if (out->nsources == 0)
        return message_fail(message, "no SETTINGS: name a file of recovery settings, or say "
                                     "recovery_target_xid=898; see pitr-find simulate --help");
    out->settings = out->sources;
    out->settings_has_file = !is_setting(out->sources[0], path_exists);
    out->nsettings = 1;
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
    if (!take_command(&p, path_exists) || !take_all(&p))
        return false;
    out->sources = argv;
    out->nsources = (size_t)p.kept;
    if (out->help || out->version)
        return true;
    split_regex(out, path_exists);
    if (!split_settings(out, path_exists, message) || !split_fetch(out, message))
        return false;
    return check(out, message);
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
