/*
 * watch_state.c - what a restart must know. See watching.h.
 *
 * All that is known is saved now and then, when no hook is due for what was read; after each event a short note follows. So a restart
 * reads on from what was saved, and passes over the lines, and the hooks, that are noted.
 */
#include "command/watch/watching.h"

bool watching_open_state(watching *w)
{
    if (w->own->state == NULL)
        return true;
    if (!state_open(w->own->state, &w->state, w->message))
        return false;
    w->is_restart = !state_is_new(w->state);
    w->noted = state_noted(w->state);
    w->lines_until = w->noted.told;
    return true;
}

/* The last event of which nothing is left to be done. */
static follow_told hooked(const watching *w, follow_told told)
{
    if (w->hook == NULL || hook_waiting(w->hook) == 0)
        return told;
    const hook_place done = hook_done(w->hook);
    return done.lsn != 0 ? (follow_told){ done.lsn, done.number, done.tli } : w->noted.hooked;
}

static bool is_same(follow_told a, follow_told b)
{
    return a.lsn == b.lsn && a.number == b.number && a.tli == b.tli;
}

static state_note note_now(const watching *w)
{
    state_note note = { .told = w->noted.told, .output_bytes = w->lines.bytes };
    note.hooked = hooked(w, note.told);
    return note;
}

bool watching_note(watching *w)
{
    const state_note note = note_now(w);
    if (w->state == NULL
        || (is_same(note.hooked, w->noted.hooked) && note.output_bytes == w->noted.output_bytes
            && w->is_noted))
        return true;
    w->noted = note;
    w->is_noted = true;
    return state_add_note(w->state, &note, w->message) || watching_fail(w);
}

static bool is_due(const watching *w)
{
    return w->state != NULL && w->has_begun && follow_position(w->follow) >= w->source->from
           && state_is_due(w->state, w->follow);
}

bool watching_waits_to_save(const watching *w)
{
    return w->hook != NULL && hook_waiting(w->hook) > 0 && is_due(w);
}

static void save(watching *w)
{
    const state_note note = note_now(w);
    w->noted = note;
    if (!told_lines_sync(&w->lines, w->message)
        || !state_save(w->state, w->follow, &note, w->message))
        (void)watching_fail(w);
}

void watching_save(watching *w, bool is_end)
{
    if (w->is_failed || !w->has_begun)
        return;
    if (w->state == NULL) {
        live_source_confirm(w->source, follow_oldest_lsn(w->follow));
        return;
    }
    const bool is_busy = w->hook != NULL && hook_waiting(w->hook) > 0;
    const bool is_wanted =
        is_end ? follow_can_save(w->follow) && follow_position(w->follow) >= w->source->from
               : is_due(w);
    if (is_wanted && !is_busy)
        save(w);
    if (!w->is_failed && watching_note(w) && state_restart_lsn(w->state) != 0)
        live_source_confirm(w->source, state_restart_lsn(w->state));
}
