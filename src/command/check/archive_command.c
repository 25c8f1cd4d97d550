/*
 * archive_command.c - see archive_command.h.
 *
 * The line is cut into simple commands at ; & | and newline, outside of quotes. That is no shell: it is enough for what
 * people write there, and where it does not understand a line it finds nothing wrong in it.
 */
#include "command/check/archive_command.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define COMMANDS_MAX 32

/* One simple command, and what stands after it. */
typedef struct part {
    const char *at;
    size_t len;
    char end; /* ';', '&' (&&), 'b' (one &), '|' (||), 'p' (one |), or 0 */
} part;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' || c == ')' || c == '{'
           || c == '}';
}

/* Bytes up to the end of a simple command. */
static size_t part_len(const char *at)
{
    size_t len = 0;
    char quote = '\0';
    for (; at[len] != '\0'; len++) {
        const char c = at[len];
        if (quote == '\0' && (c == ';' || c == '&' || c == '|' || c == '\n')
            && (len == 0 || at[len - 1] != '>'))
            break;
        if (quote != '\'' && c == '\\' && at[len + 1] != '\0')
            len++;
        else if (quote == c)
            quote = '\0';
        else if (quote == '\0' && (c == '\'' || c == '"'))
            quote = c;
    }
    return len;
}

static char end_of(const char *at)
{
    if (*at == '\n')
        return ';';
    if (at[1] == *at)
        return *at;
    return *at == '|' ? 'p' : *at == '&' ? 'b' : *at;
}

static size_t split(const char *command, part parts[COMMANDS_MAX])
{
    size_t n = 0;
    for (const char *at = command; n < COMMANDS_MAX;) {
        part *one = &parts[n];
        *one = (part){ .at = at, .len = part_len(at) };
        at += one->len;
        if (*at != '\0')
            one->end = end_of(at);
        while (one->len > 0 && is_blank(*one->at)) {
            one->at++;
            one->len--;
        }
        while (one->len > 0 && is_blank(one->at[one->len - 1]))
            one->len--;
        n += one->len > 0;
        if (*at == '\0')
            break;
        at += at[1] == *at ? 2 : 1;
    }
    return n;
}

static bool has(const part *one, const char *word)
{
    return memmem(one->at, one->len, word, strlen(word)) != NULL;
}

/* Length of the first word; and the word without its folder. */
static size_t program_of(const part *one, const char **name)
{
    size_t len = 0, start = 0;
    for (; len < one->len && !isspace((unsigned char)one->at[len]); len++)
        if (one->at[len] == '/')
            start = len + 1;
    *name = one->at + start;
    return len - start;
}

static bool is_program(const part *one, const char *const *names)
{
    const char *name;
    const size_t len = program_of(one, &name);
    for (; *names != NULL; names++)
        if (strlen(*names) == len && memcmp(*names, name, len) == 0)
            return true;
    return false;
}

/* Always ends well, and copies nothing. */
static bool does_nothing(const part *one)
{
    static const char *const idle[] = { "true", ":",     "cd",   "exit",   "echo", "rem",
                                        "REM",  "sleep", "date", "printf", NULL };
    static const char *const fails[] = { "exit 1", "exit 2", "exit 127", NULL };
    if (one->at[0] == '#')
        return true;
    for (size_t i = 0; fails[i] != NULL; i++)
        if (one->len == strlen(fails[i]) && memcmp(one->at, fails[i], one->len) == 0)
            return false;
    return is_program(one, idle);
}

/* Its status counts for nothing: what stands after it ends well whatever it does, or nobody waits for its end. */
static bool hides_failure(const part *parts, size_t n)
{
    static const char *const tellers[] = { "logger", "mail", "mailx", "sendmail", NULL };
    if (n > 0 && parts[n - 1].end == 'b')
        return true;
    if (n < 2 || parts[n - 1].at[0] == '#'
        || (!does_nothing(&parts[n - 1]) && !is_program(&parts[n - 1], tellers)))
        return false;
    return parts[n - 2].end == ';' || parts[n - 2].end == '|';
}

/* The status of a pipe is that of its last program. */
static bool ends_in_log(const part *parts, size_t n)
{
    static const char *const sinks[] = { "logger", "tee", NULL };
    return n >= 2 && parts[n - 2].end == 'p' && is_program(&parts[n - 1], sinks);
}

/* Something before it, or in it, sees to it that no file is written over. */
static bool is_guarded(const part *parts, size_t n)
{
    static const char *const guards[] = { "! -f",
                                          "! -e",
                                          "! -s",
                                          "-n ",
                                          "--no-clobber",
                                          "set -C",
                                          "noclobber",
                                          "--ignore-existing",
                                          "--update=none",
                                          "set -o noclobber",
                                          NULL };
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; guards[g] != NULL; g++)
            if (has(&parts[i], guards[g]))
                return true;
    return false;
}

/* Writes a file of the segment's name, as far as its words tell. */
static bool writes_file(const part *one)
{
    static const char *const copiers[] = { "cp", "scp", "rsync", "install", "dd", "copy", NULL };
    const char *to = memchr(one->at, '>', one->len);
    if (is_program(one, copiers))
        return true;
    const size_t rest = to != NULL ? one->len - (size_t)(to - one->at) : 0;
    return to != NULL && memmem(to, rest, "%f", 2) != NULL
           && !(rest > 1 && (to[1] == '>' || to[1] == '&'));
}

archive_command_flaw archive_command_judge(const char *command)
{
    static const char *const movers[] = { "mv", NULL };
    part parts[COMMANDS_MAX];
    const size_t n = command != NULL ? split(command, parts) : 0;
    size_t idle = 0;
    bool moves = false, writes = false;
    for (size_t i = 0; i < n; i++) {
        idle += does_nothing(&parts[i]);
        moves |= is_program(&parts[i], movers) && has(&parts[i], "%p");
        writes |= writes_file(&parts[i]);
    }
    if (n == 0)
        return ARCHIVE_COMMAND_EMPTY;
    if (idle == n)
        return ARCHIVE_COMMAND_NOTHING;
    if (strstr(command, "%p") == NULL && strstr(command, "%f") == NULL)
        return ARCHIVE_COMMAND_NO_FILE;
    if (hides_failure(parts, n) || ends_in_log(parts, n))
        return ARCHIVE_COMMAND_HIDES;
    if (moves)
        return ARCHIVE_COMMAND_MOVES;
    return writes && !is_guarded(parts, n) ? ARCHIVE_COMMAND_OVERWRITES : ARCHIVE_COMMAND_SOUND;
}
