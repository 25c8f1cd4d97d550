/*
 * told_lines.h - where `watch` writes its lines: standard output, or a file that they are appended to.
 */
#ifndef PITR_FIND_TOLD_LINES_H
#define PITR_FIND_TOLD_LINES_H

#include "command/event_table.h"
#include "command/watch/told_event.h"

/* In the order of the words of --format. */
typedef enum watch_format { WATCH_TABLE, WATCH_JSON, WATCH_FORMATS } watch_format;

typedef struct told_lines {
    watch_format format;
    const char *path; /* of --output; NULL: standard output */
    int fd;
    uint64_t bytes; /* in the file, once they are written */
    event_table table;
    text fields, out;
} told_lines;

/*
 * Opens the file, making it where it is missing. bytes: so long it was when the state was saved, and what lies after that is taken back;
 * UINT64_MAX: nothing is. False with one line in message. Close with told_lines_close() in any case.
 */
bool told_lines_open(told_lines *lines, watch_format format, const char *path, uint64_t bytes,
                     char message[MESSAGE_BYTES]);
void told_lines_close(told_lines *lines);

/* Writes the lines of an event, at once. False with one line in message. */
bool told_lines_event(told_lines *lines, uint32_t segment_size, const live_event *event,
                      char message[MESSAGE_BYTES]);

/* Any text, in whole lines. */
bool told_lines_write(told_lines *lines, const char *chars, size_t len,
                      char message[MESSAGE_BYTES]);

/* Makes sure that a file is on disk. */
bool told_lines_sync(told_lines *lines, char message[MESSAGE_BYTES]);

#endif
