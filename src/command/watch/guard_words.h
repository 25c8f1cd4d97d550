/*
 * guard_words.h - what a guard reports, in lines for people and as JSON.
 */
#ifndef PITR_FIND_GUARD_WORDS_H
#define PITR_FIND_GUARD_WORDS_H

#include "command/watch/guard_incident.h"
#include "command/watch/standby.h"

typedef enum guard_report_kind {
    GUARD_REPORT_VERDICT, /* the first of an incident, with the recipe */
    GUARD_REPORT_ALSO,    /* another one while the standby is held for the first */
    GUARD_REPORT_PAUSED,  /* it has really paused now */
    GUARD_REPORT_OPEN     /* nothing is certain for some time */
} guard_report_kind;

typedef struct guard_report {
    guard_report_kind kind;
    const guard_incident *incident;
    const standby_about *about;
    const guard_look *look;
    guard_verdict verdict;
    bool is_dry_run;
    int64_t asked_ms;       /* since it was asked to pause; -1: it was not */
    int64_t clock_ahead_ms; /* the standby's clock before this host's */
} guard_report;

/* Both begin empty; a text that has failed is for want of memory. */
void guard_report_lines(const guard_report *r, text *out);
void guard_report_json(const guard_report *r, text *out);

/* What is to be known of the standby at the start: lines are added to notes. */
void guard_note_start(const standby_about *about, const guard_look *at, int64_t clock_ahead_ms,
                      text_list *notes);

/* "27.4 s", "3 min 20 s". */
#define GUARD_SPAN_BYTES 32
char *guard_span(int64_t ms, char buf[GUARD_SPAN_BYTES]);

#endif
