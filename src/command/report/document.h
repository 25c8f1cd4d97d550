/*
 * document.h - all that a report tells, gathered before the first line of it is written.
 *
 *   gather.c, survey.c, evidence.c, inputs.c   the archive -> this
 *   render_*.c, manifest.c                     this -> text: nothing there reads a file or a clock
 *
 * What it points to is borrowed from the search, unless it says otherwise.
 */
#ifndef PITR_FIND_REPORT_DOCUMENT_H
#define PITR_FIND_REPORT_DOCUMENT_H

#include "command/biography.h"
#include "command/report/evidence.h"
#include "command/report/inputs.h"
#include "command/report/survey.h"
#include "target/render.h"
#include "verification/verification.h"

/* In the order of the words of --format. */
typedef enum report_format {
    REPORT_HTML,
    REPORT_JSON,
    REPORT_TIMESKETCH,
    REPORT_FORMATS
} report_format;

#define REPORT_FORMAT_WORDS "html json timesketch"

/* A line of the story, or a warning. */
typedef struct report_line {
    char *label; /* what it is about: "loses"; "": the same as the line before */
    char *line;
} report_line;

typedef struct report_lines {
    report_line *items;
    size_t count, room;
    bool is_failed; /* memory is out */
} report_lines;

typedef struct report_document {
    const options *options;
    const report *target;
    char *headline; /* owned: "DROP TABLE public.orders in database shop, and with it 1 view" */
    report_lines story;
    report_lines unread; /* what the passes over the WAL could not read, or tell for certain */
    bool has_biography;
    biography biography;
    survey survey;
    evidence evidence;
    bool has_verification;
    verification verification;
    text_list trial, obstacle; /* what to do; obstacle: where no restore gets there as it is */
    text why_not;              /* what is in the way then */
    input_list inputs;
    bool is_in_doubt; /* as the exit status says it */
} report_document;

/* False: out of memory. */
bool report_lines_add(report_lines *lines, const char *label, const char *line);

void report_document_free(report_document *d);

#endif
