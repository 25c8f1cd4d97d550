/*
 * log.h - what goes to stderr: the story for people, warnings, errors.
 *
 * Every call prints one line. Control characters in it are spelled out, so a name that was read from
 * the WAL can neither break the line nor talk to the terminal.
 */
#ifndef PITR_FIND_LOG_H
#define PITR_FIND_LOG_H

#include <stdbool.h>

/* How the program ends. */
typedef enum exit_code {
    EXIT_FOUND = 0,
    EXIT_NOTHING = 1, /* nothing matched */
    EXIT_TROUBLE = 2, /* wrong usage, unreadable input */
    EXIT_DOUBT = 3,   /* found or not: something in the range could not be read, or has no name */
    EXIT_STOP = 255   /* of fetch: anything but "not there", in a way that stops the server */
} exit_code;

/* What a line is. */
typedef enum log_kind { LOG_STORY, LOG_HEADLINE, LOG_WARNING, LOG_ERROR } log_kind;

/* Quiet: nothing but errors is printed. */
void log_start(bool quiet);

/* True when the story is printed, and to a terminal: a progress bar may be shown. */
bool log_is_live(void);

/*
 * From now on each line is handed over besides, with what it is about where that stands before it ("loses"; else ""), whether it is
 * printed or not. NULL: no more. One line after another, on the thread that logs.
 */
void log_keep(void (*keep)(void *context, log_kind kind, const char *label, const char *line),
              void *context);

/* A line of the story. */
void log_story(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, with what it is about before it; "": still the same. */
void log_labelled(const char *label, const char *line);
/* A line of the story that stands out where the terminal can. */
void log_headline(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "pitr-find: error: ...": printed even when quiet. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
