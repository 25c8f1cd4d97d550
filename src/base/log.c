/*
 * log.c - see log.h.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static bool is_quiet;
static bool has_colour;

void log_start(bool quiet)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    is_quiet = quiet;
    has_colour = isatty(STDERR_FILENO) && (no_colour == NULL || *no_colour == '\0')
                 && terminal != NULL && *terminal != '\0' && strcmp(terminal, "dumb") != 0;
}

bool log_is_live(void)
{
    return !is_quiet && isatty(STDERR_FILENO);
}

__attribute__((format(printf, 3, 0))) static void print_line(const char *colour, const char *prefix,
                                                             const char *format, va_list args)
{
    char chars[4096];
    vsnprintf(chars, sizeof chars, format, args);

    text line = { 0 };
    const bool coloured = has_colour && *colour != '\0';
    if (coloured)
        text_add(&line, colour);
    text_add(&line, prefix);
    text_add_visible(&line, chars);
    if (coloured)
        text_add(&line, "\033[0m");
    text_add(&line, "\n");
    fputs(line.failed ? "pitr-find: error: out of memory\n" : text_chars(&line), stderr);
    text_free(&line);
}

void log_story(const char *format, ...)
{
    if (is_quiet)
        return;
    va_list args;
    va_start(args, format);
    print_line("", "", format, args);
    va_end(args);
}

void log_headline(const char *format, ...)
{
    if (is_quiet)
        return;
    va_list args;
    va_start(args, format);
    print_line("\033[1m", "pitr-find: ", format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    if (is_quiet)
        return;
    va_list args;
    va_start(args, format);
    print_line("\033[33m", "pitr-find: warning: ", format, args);
    va_end(args);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("\033[31m", "pitr-find: error: ", format, args);
    va_end(args);
}
