/*
 * make-manual.c - the manual and the shells' completion, from what the program tells of itself.
 *
 *   make-manual page NAME DATE < EXAMPLES     the man page of a command, or of pitr-find
 *   make-manual bash | zsh                    commands, options and their values, for tools/completion
 *
 * EXAMPLES has lines `# what it does` and `$ command`; two blanks begin a line that goes on with it. Other lines
 * are for the test that runs them: tests/cli/manual.sh.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/commands.h"

/* ---- what the program tells of itself ------------------------------------------------------
 *
 * All that is read of its tables stands here.
 */

#define PROGRAM "pitr-find"
#define SOURCE_WIDTH 50 /* what is escaped grows */

typedef struct option {
    const char *name;
    char letter;
    const char *arg;   /* NULL: a flag */
    const char *words; /* that the value may be; NULL: any text */
    const char *help;
    option_group group;
} option;

static const command *command_at(size_t id)
{
    return commands.items[id];
}

static const char *words_of(const option_use *use)
{
    switch (use->row->type) {
    case OPTION_WORD:
        return option_words(use);
    case OPTION_PICKING:
        return "last first unique";
    case OPTION_TIMELINE:
        return "latest";
    default:
        return NULL;
    }
}

static option option_of(const option_use *use)
{
    const option_row *row = use->row;
    return (
        option){ row->name, row->letter, row->arg, words_of(use), option_help(use), row->group };
}

/* The next option of the command, from *at on, in the order of --help. */
static bool next_option(size_t id, size_t *at, option *out)
{
    const option_use *takes = command_at(id)->takes;
    size_t n = 0;
    while (takes[n].row != NULL)
        n++;
    for (; *at < GROUPS * n; ++*at) {
        if (takes[*at % n].row->group != *at / n)
            continue;
        *out = option_of(&takes[*at % n]);
        ++*at;
        return true;
    }
    return false;
}

static bool is_in_every_command(const char *name)
{
    size_t n = 0;
    for (size_t id = 0; id < commands.count; id++)
        for (const option_use *use = command_at(id)->takes; use->row != NULL; use++)
            n += strcmp(use->row->name, name) == 0;
    return n == commands.count;
}

/* ---- roff ---------------------------------------------------------------------------------- */

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static void put_char(char c)
{
    static const char *const escapes[128] = {
        ['\\'] = "\\e", ['\''] = "\\(aq", ['`'] = "\\(ga", ['^'] = "\\(ha", ['~'] = "\\(ti",
    };
    const char *escape = escapes[(unsigned char)c & 127];
    if (escape != NULL)
        fputs(escape, stdout);
    else
        putchar(c);
}

/* Names that are typed as they are: their hyphens must not become typographic ones. */
static bool is_name(const char *word, size_t len)
{
    static const char *const starts[] = { "-", "pitr-", "wal-" };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(word, starts[i], strlen(starts[i])) == 0)
            return true;
    return memchr(word, '_', len) != NULL;
}

static void put_word(const char *word, size_t len)
{
    const bool is_option = len > 2 && strncmp(word, "--", 2) == 0;
    if (is_option)
        fputs("\\fB", stdout);
    for (size_t i = 0; i < len; i++) {
        const bool joins = i > 0 && i + 1 < len && isalpha((unsigned char)word[i - 1])
                           && isalpha((unsigned char)word[i + 1]);
        if (word[i] == '-' && !(joins && !is_name(word, len)))
            fputs("\\-", stdout);
        else
            put_char(word[i]);
    }
    if (is_option)
        fputs("\\fR", stdout);
}

/* The start of a line must not be taken for a request. */
static void guard_start(const char *at, const char *end)
{
    if (at < end && (*at == '.' || *at == '\''))
        fputs("\\&", stdout);
}

/* Prose, in lines that are short enough for those who read the source of the page. */
static void put_prose(const char *at, size_t len)
{
    const char *end = at + len, *start = at;
    guard_start(at, end);
    while (at < end) {
        size_t word = 0;
        while (at + word < end && is_word_char(at[word]))
            word++;
        if (word > 0) {
            put_word(at, word);
        } else if (*at == ' ' && at - start + (long)strcspn(at + 1, " \n") > SOURCE_WIDTH) {
            putchar('\n');
            start = at + 1;
            guard_start(at + 1, end);
        } else {
            put_char(*at);
        }
        at += word > 0 ? word : 1;
    }
    putchar('\n');
}

/* What is typed as it is. */
static void put_typed(const char *chars, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (chars[i] == '-')
            fputs("\\-", stdout);
        else
            put_char(chars[i]);
    }
}

static void put_code(const char *line, size_t len)
{
    if (len > 0 && line[0] == '.')
        fputs("\\&", stdout);
    put_typed(line, len);
    putchar('\n');
}

/* Lines of prose; those that begin with a blank are typed as they are. */
static void put_lines(const char *lines)
{
    bool in_code = false;
    while (*lines != '\0') {
        const size_t len = strcspn(lines, "\n");
        const size_t blanks = strspn(lines, " ");
        if ((blanks > 0) != in_code)
            puts(in_code ? ".EE\n.RE\n.PP" : ".PP\n.RS 4\n.EX");
        in_code = blanks > 0;
        if (in_code)
            put_code(lines + blanks, len - blanks);
        else
            put_prose(lines, len);
        lines += len + (lines[len] == '\n');
    }
    if (in_code)
        puts(".EE\n.RE");
}

/* `[target] --before REGEX SOURCE...`: what is typed bold, what stands for something else italic. */
static void put_usage(const char *usage)
{
    puts(".B pitr\\-find");
    while (*usage != '\0') {
        size_t len = 0;
        bool is_typed = false;
        for (; is_word_char(usage[len]) || usage[len] == '%'; len++)
            is_typed |= islower((unsigned char)usage[len]) != 0 || usage[len] == '%';
        if (len > 0)
            fputs(is_typed ? "\\fB" : "\\fI", stdout);
        put_typed(usage, len);
        if (len > 0)
            fputs("\\fR", stdout);
        else
            putchar(*usage);
        usage += len > 0 ? len : 1;
    }
    putchar('\n');
}

/* ---- pages --------------------------------------------------------------------------------- */

typedef struct variable {
    const char *name, *text;
} variable;

static const variable environment[] = {
    { "PITR_CIPHER_PASS",
      "Passphrase of an encrypted archive. --cipher-pass-file comes before it." },
    { "PGBACKREST_REPO1_CIPHER_PASS", "The same, under the name pgBackRest has for it." },
    { "PGDATABASE, PGSERVICE, PGCONNECT_TIMEOUT",
      "With --dsn: what the connection string does not say. libpq reads its other variables too." },
    { "TZ, TZDIR", "The local zone: times without an offset or a zone are read and shown in it." },
    { "TMPDIR", "Where --from-command keeps the segments it works on (default /tmp)." },
    { "COLUMNS", "Width of the table that events prints to a terminal." },
    { "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID", "Set by systemd for watch: see sd_notify(3)." },
    { "NO_COLOR, TERM", "No colour on stderr where NO_COLOR is set, or TERM is dumb." },
};

static const char introduction[] =
    "Somebody dropped a table, truncated it or deleted its rows. There is a base backup and an\n"
    "archive of WAL, and PostgreSQL can restore to any moment, but to which one?\n"
    "This program reads the archived WAL of PostgreSQL 9.5 to 19, works out what each committed\n"
    "transaction did, finds the incident by name, and prints the recovery target that stops a\n"
    "restore right before it. It needs no server and no base backup: a folder of WAL is enough.\n";

static void put_option(const option *o)
{
    puts(".TP");
    if (o->letter != '\0')
        printf("\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", stdout);
    put_typed(o->name, strlen(o->name));
    fputs("\\fR", stdout);
    if (o->arg != NULL)
        printf(" \\fI%s\\fR", o->arg);
    putchar('\n');
    put_lines(o->help);
}

static void put_options(size_t id)
{
    option_group last = GROUPS;
    option o;
    puts(".SH OPTIONS");
    for (size_t at = 0; next_option(id, &at, &o);) {
        if (o.group != last)
            printf(".SS %s\n", command_group_title(o.group));
        last = o.group;
        put_option(&o);
    }
}

static void put_common_options(void)
{
    option o;
    puts(".SH OPTIONS\nThese are taken by every command; its page has the others.");
    for (size_t at = 0; next_option(0, &at, &o);)
        if (is_in_every_command(o.name))
            put_option(&o);
}

static void put_operands(const command *one)
{
    puts(".PP");
    put_lines(command_operands_help(one));
}

/* "0 found, 1 nothing matched, ...": where the next number of that list begins, or its end. */
static size_t exit_length(const char *at)
{
    size_t len = 1;
    while (at[len] != '\0'
           && !(strncmp(at + len, ", ", 2) == 0 && isdigit((unsigned char)at[len + 2])))
        len++;
    return len;
}

static void put_exits(const char *exits)
{
    static const char start[] = "Exit status: ";
    char line[1000];
    snprintf(line, sizeof line, "%s", exits);
    for (char *c = line; (c = strchr(c, '\n')) != NULL;)
        *c = c[1] == '\0' ? '\0' : ' ';
    if (strncmp(line, start, strlen(start)) != 0) {
        fprintf(stderr, "make-manual: exit statuses begin with \"%s\"\n", start);
        exit(EXIT_FAILURE);
    }
    puts(".SH EXIT STATUS");
    for (const char *at = line + strlen(start); *at != '\0';) {
        const size_t digits = strspn(at, "0123456789");
        const size_t len = exit_length(at);
        const bool has_dot = at[len] == '\0' && at[len - 1] == '.';
        printf(".TP\n\\fB%.*s\\fR\n", (int)digits, at);
        put_prose(at + digits + 1, len - digits - 1 - (has_dot ? 1 : 0));
        at += at[len] == '\0' ? len : len + 2;
    }
}

/* What it does in prose, then the command, which may go on in lines that begin with two blanks. */
static void put_examples(void)
{
    char line[500];
    const char *start = ".SH EXAMPLES";
    bool in_code = false;
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *rest = line + 2;
        const bool goes_on = strncmp(line, "  ", 2) == 0, is_command = strncmp(line, "$ ", 2) == 0;
        line[strcspn(line, "\n")] = '\0';
        if (in_code && !goes_on)
            puts(".EE\n.RE");
        if (strncmp(line, "# ", 2) == 0) {
            puts(start);
            put_prose(rest, strlen(rest));
        } else if (is_command) {
            puts(".PP\n.RS 4\n.EX");
        }
        in_code = is_command || (in_code && goes_on);
        if (in_code)
            put_code(rest, strlen(rest));
        start = ".PP";
    }
    if (in_code)
        puts(".EE\n.RE");
}

static void put_environment(void)
{
    puts(".SH ENVIRONMENT");
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) {
        printf(".TP\n.B %s\n", environment[i].name);
        put_lines(environment[i].text);
    }
}

static void put_head(const char *name, const char *date, const char *summary)
{
    printf(".\\\" Made from the program's table of options.\n.TH ");
    for (const char *c = name; *c != '\0'; c++)
        putchar(toupper((unsigned char)*c));
    printf(" 1 %s \"pitr-find %s\" \"User Commands\"\n.nr HY 0\n.ad l\n.SH NAME\n", date,
           PITR_FIND_VERSION);
    put_typed(name, strlen(name));
    fputs(" \\- ", stdout);
    put_prose(summary, strlen(summary));
    puts(".SH SYNOPSIS");
}

/* All pages but that of the command; NULL: but that of the program. */
static void put_see_also(const command *left_out)
{
    puts(".SH SEE ALSO");
    if (left_out != NULL)
        puts(".BR pitr\\-find (1),");
    for (size_t id = 0; id < commands.count; id++)
        if (command_at(id) != left_out)
            printf(".BR pitr\\-find\\-%s (1),\n", command_at(id)->name);
    puts(".BR pitr\\-restore (1)");
}

static void program_page(const char *date)
{
    put_head(PROGRAM, date, "find the incident in archived WAL, and the recovery target before it");
    for (size_t id = 0; id < commands.count; id++) {
        put_usage(command_at(id)->usage);
        puts(id + 1 < commands.count ? ".br" : ".SH DESCRIPTION");
    }
    put_lines(introduction);
    put_operands(command_at(0));
    puts(".SH COMMANDS");
    for (size_t id = 0; id < commands.count; id++) {
        printf(".TP\n.BR pitr\\-find\\-%s (1)\n", command_at(id)->name);
        put_lines(command_at(id)->summary);
    }
    put_common_options();
    put_exits(command_at(0)->exits);
    puts(".PP\nThe page of each command says what its exit statuses mean.");
    put_examples();
    put_environment();
    put_see_also(NULL);
}

static void command_page(size_t id, const char *date)
{
    const command *c = command_at(id);
    char name[64];
    snprintf(name, sizeof name, "%s-%s", PROGRAM, c->name);
    put_head(name, date, c->summary);
    put_usage(c->usage);
    puts(".SH DESCRIPTION");
    put_lines(c->help);
    put_operands(c);
    put_options(id);
    put_exits(c->exits);
    put_examples();
    puts(".SH ENVIRONMENT\nSee\n.BR pitr\\-find (1).");
    put_see_also(c);
}

static bool page(const char *name, const char *date)
{
    if (strcmp(name, PROGRAM) == 0) {
        program_page(date);
        return true;
    }
    for (size_t id = 0; id < commands.count; id++) {
        if (strcmp(name, command_at(id)->name) == 0) {
            command_page(id, date);
            return true;
        }
    }
    fprintf(stderr, "make-manual: there is no command %s\n", name);
    return false;
}

/* ---- completion ---------------------------------------------------------------------------- */

/* What a value is, for the shells: words, @files, @folders, or nothing for free text. */
static const char *value_of(const option *o)
{
    if (o->words != NULL)
        return o->words;
    if (strcmp(o->arg, "DIR") == 0)
        return "@folders";
    return strcmp(o->arg, "PATH") == 0 || strcmp(o->arg, "FILE") == 0 ? "@files" : "";
}

static void bash_commands(void)
{
    fputs("_pitr_find_commands='", stdout);
    for (size_t id = 0; id < commands.count; id++)
        printf("%s%s", id > 0 ? " " : "", command_at(id)->name);
    puts("'");
}

static void bash_options(void)
{
    option o;
    puts("_pitr_find_options() { # COMMAND\n    case $1 in");
    for (size_t id = 0; id < commands.count; id++) {
        printf("    %s) echo '", command_at(id)->name);
        for (size_t at = 0; next_option(id, &at, &o);) {
            if (o.letter != '\0')
                printf("-%c ", o.letter);
            printf("--%s ", o.name);
        }
        puts("' ;;");
    }
    puts("    esac\n}");
}

static void bash_values(void)
{
    option o;
    puts("_pitr_find_value() { # COMMAND OPTION; status 1: it takes no value\n    case $1:$2 in");
    for (size_t id = 0; id < commands.count; id++) {
        for (size_t at = 0; next_option(id, &at, &o);) {
            if (o.arg == NULL)
                continue;
            if (o.letter != '\0')
                printf("    %s:-%c | ", command_at(id)->name, o.letter);
            printf("%s%s:--%s) echo '%s' ;;\n", o.letter != '\0' ? "" : "    ",
                   command_at(id)->name, o.name, value_of(&o));
        }
    }
    puts("    *) return 1 ;;\n    esac\n}");
}

static void bash(void)
{
    bash_commands();
    bash_options();
    bash_values();
}

/* Inside '...[...]' of a specification of _arguments, on one line. */
static void put_zsh(const char *chars)
{
    for (; *chars != '\0'; chars++) {
        if (strchr("[]:\\", *chars) != NULL)
            putchar('\\');
        if (*chars == '\'')
            fputs("'\\'", stdout);
        putchar(*chars == '\n' ? ' ' : *chars);
    }
}

static void zsh_value(const option *o)
{
    const char *value = value_of(o);
    putchar(':');
    put_zsh(o->arg);
    if (strcmp(value, "@files") == 0)
        fputs(":_files", stdout);
    else if (strcmp(value, "@folders") == 0)
        fputs(":_files -/", stdout);
    else if (*value != '\0')
        printf(":(%s)", value);
    else
        fputs(": ", stdout);
}

static void zsh_option(const option *o)
{
    const char *equals = o->arg != NULL ? "=" : "";
    fputs("        ", stdout);
    if (o->letter != '\0')
        printf("'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
               o->arg != NULL ? "+" : "", o->name, equals);
    else
        printf("'--%s%s[", o->name, equals);
    put_zsh(o->help);
    putchar(']');
    if (o->arg != NULL)
        zsh_value(o);
    puts("'");
}

/* The options that take a value, of whatever command. */
static void zsh_takes(void)
{
    option o;
    puts("typeset -ga _pitr_find_takes=(");
    for (size_t id = 0; id < commands.count; id++) {
        for (size_t at = 0; next_option(id, &at, &o);) {
            if (o.arg != NULL && o.letter != '\0')
                printf("    -%c\n", o.letter);
            if (o.arg != NULL)
                printf("    --%s\n", o.name);
        }
    }
    puts(")");
}

static void zsh(void)
{
    option o;
    puts("#compdef pitr-find");
    zsh_takes();
    puts("_pitr_find_commands() {\n    reply=(");
    for (size_t id = 0; id < commands.count; id++) {
        printf("        '%s:", command_at(id)->name);
        put_zsh(command_at(id)->summary);
        puts("'");
    }
    puts("    )\n}\n_pitr_find_options() { # COMMAND\n    case $1 in");
    for (size_t id = 0; id < commands.count; id++) {
        printf("    %s) reply=(\n", command_at(id)->name);
        for (size_t at = 0; next_option(id, &at, &o);)
            zsh_option(&o);
        puts("    ) ;;");
    }
    puts("    esac\n}");
}

int main(int argc, char **argv)
{
    bool is_good = true;
    if (argc == 4 && strcmp(argv[1], "page") == 0)
        is_good = page(argv[2], argv[3]);
    else if (argc == 2 && strcmp(argv[1], "bash") == 0)
        bash();
    else if (argc == 2 && strcmp(argv[1], "zsh") == 0)
        zsh();
    else
        is_good = false;
    return is_good && fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
