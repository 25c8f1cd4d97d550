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
static struct {
    void (*line)(void *context, log_kind kind, const char *label, const char *line);
    void *context;
} keeper;

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

void log_keep(void (*keep)(void *context, log_kind kind, const char *label, const char *line),
              void *context)
{
    keeper.line = keep;
    keeper.context = context;
}

/* label: as it is printed, with its blanks. */
static void print_line(log_kind kind, const char *label, const char *chars)
{
    static const struct {
        const char *colour, *prefix;
    } looks[] = {
        [LOG_STORY] = { "", "" },
        [LOG_HEADLINE] = { "\033[1m", "pitr-find: " },
        [LOG_WARNING] = { "\033[33m", "pitr-find: warning: " },
        [LOG_ERROR] = { "\033[31m", "pitr-find: error: " },
    };
    text line = { 0 };
    const bool coloured = has_colour && *looks[kind].colour != '\0';
    if (coloured)
        text_add(&line, looks[kind].colour);
    text_add(&line, looks[kind].prefix);
    text_add(&line, label);
    text_add_visible(&line, chars);
    if (coloured)
        text_add(&line, "\033[0m");
    text_add(&line, "\n");
    fputs(line.failed ? "pitr-find: error: out of memory\n" : text_chars(&line), stderr);
    text_free(&line);
}

__attribute__((format(printf, 2, 0))) static void tell(log_kind kind, const char *format,
                                                       va_list args)
{
    char chars[4096];
    vsnprintf(chars, sizeof chars, format, args);
    if (keeper.line != NULL)
        keeper.line(keeper.context, kind, "", chars);
    if (kind == LOG_ERROR || !is_quiet)
        print_line(kind, "", chars);
}

void log_labelled(const char *label, const char *line)
{
    char before[32];
    if (keeper.line != NULL)
        keeper.line(keeper.context, LOG_STORY, label, line);
    (void)snprintf(before, sizeof before, "  %-12s", label);
    if (!is_quiet)
        print_line(LOG_STORY, before, line);
}

void log_story(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(LOG_STORY, format, args);
    va_end(args);
}

void log_headline(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(LOG_HEADLINE, format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(LOG_WARNING, format, args);
    va_end(args);
}

void log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(LOG_ERROR, format, args);
    va_end(args);
}
