/*
 * state.h - what a watch must know to go on after a restart, in a file: what follow_save() writes, and behind it a short note
 * after each event that was told.
 *
 *     state_open(path, &s, message);                         locks the file
 *     follow_new(&(follow_config){ .saved = state_saved(s), .told = state_noted(s).told }, ...);
 *     ... an event was told:                                 state_add_note(s, &note, message);
 *     if (state_is_due(s, f)) state_save(s, f, &note, message);
 *
 * The file is replaced at once by a whole new one, and notes are appended: whatever ends the program, it holds what was saved last, and
 * the notes since. A note that was torn by the end of the machine counts as not written.
 */
#ifndef PITR_FIND_LIVE_STATE_H
#define PITR_FIND_LIVE_STATE_H

#include "live/follow.h"

/* So far all is done. */
typedef struct state_note {
    follow_told told;      /* the last event of which the line is written */
    uint64_t output_bytes; /* so long the file of lines is then */
    follow_told hooked;    /* the last event whose hook has ended, and of all those before it */
} state_note;

typedef struct state state;

/*
 * Opens the file, made where it is missing, for this process alone. False with one line in message: another one has it, it is
 * no state, or damaged. Free with state_free().
 */
bool state_open(const char *path, state **out, char message[MESSAGE_BYTES]);
void state_free(state *s); /* NULL is fine */

/* Was nothing saved in it so far? */
bool state_is_new(const state *s);
/* For follow_config; empty when it is new. Borrowed until the first state_save(). */
wp_view state_saved(const state *s);
/* The last note; all zero when it is new. */
state_note state_noted(const state *s);
/* WAL before it is not needed any more: where the follow that was saved last reads from. 0: it is new. */
wp_lsn state_restart_lsn(const state *s);

/* False with one line in message; the notes before stay. Before anything was saved it is not written, but kept for state_save(). */
bool state_add_note(state *s, const state_note *note, char message[MESSAGE_BYTES]);

/* Has so much WAL been read since the last time that it is worth the writing, and can the follow be saved here? */
bool state_is_due(const state *s, const follow *f);
/* False with one line in message; what was saved before stays. */
bool state_save(state *s, const follow *f, const state_note *note, char message[MESSAGE_BYTES]);

#endif
