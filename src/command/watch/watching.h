/*
 * watching.h - a watch that runs: what it reads from, where it tells, and how far it is. Only watch*.c include this.
 */
#ifndef PITR_FIND_WATCHING_H
#define PITR_FIND_WATCHING_H

#include "backup/backup.h"
#include "command/watch/guard.h"
#include "command/watch/hook.h"
#include "command/watch/listen.h"
#include "command/watch/told_lines.h"
#include "command/watch/watch.h"
#include "live/state.h"

typedef struct watching {
    const options *options;
    const watch_options *own;
    question question;
    const char *source_path; /* the operand, borrowed */

    live_source *source;
    backup base;
    wp_external_names *names;
    follow *follow;

    state *state; /* NULL: none */
    bool is_restart;
    state_note noted;        /* what is noted in it */
    bool is_noted;           /* and nothing was told since */
    follow_told lines_until; /* events up to here have their line, of an earlier run */

    told_lines lines;
    hook *hook;         /* NULL: none */
    listener *listener; /* NULL: none */
    guard *guard;       /* NULL: none */
    watch_counts counts;
    int signals; /* a descriptor that tells of signals; -1 */

    bool has_begun;    /* bytes came */
    bool is_told_once; /* what follow says now was told already */
    bool is_over;      /* --to-lsn, or a signal */
    bool is_failed;    /* one line in message */
    bool is_in_doubt;
    char message[MESSAGE_BYTES];
} watching;

/* Opens all that is asked for. False with one line in w->message. Close with watching_close() in any case. */
bool watching_open(watching *w, const options *o);
void watching_close(watching *w);

/* Notes that it cannot go on; w->message has the line. Returns false. */
static inline bool watching_fail(watching *w)
{
    w->is_failed = true;
    return false;
}

/* ---- watch_tell.c: what is told ---- */

follow_callbacks watching_callbacks(watching *w);

/* ---- watch_state.c: what a restart must know ---- */

bool watching_open_state(watching *w);
/* Notes how far it is. False with one line in w->message. */
bool watching_note(watching *w);
/* Is it time to save all that is known, and only hooks that run keep it from that? */
bool watching_waits_to_save(const watching *w);
/* Saves it if it is time, or at the end; tells the source what is not needed any more. */
void watching_save(watching *w, bool is_end);

/* ---- watch_wait.c: what is waited for ---- */

bool watching_catch_signals(watching *w);
/* Sees to hooks, guard, requests and signals, waiting at most timeout_ms for any of them, or for the source. */
void watching_wait(watching *w, bool with_source, int timeout_ms);
/* Waits for what is still to be done when nothing is read any more. */
void watching_finish(watching *w);

#endif
