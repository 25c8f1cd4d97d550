/*
 * watch_tell.c - what a watch does with each event: a line, the hook, the guard, the counts. See watching.h.
 */
#include <stdlib.h>

#include "command/watch/watching.h"

static bool add_to_hook(watching *w, const live_event *event)
{
    char *variables[TOLD_VARIABLES], id[TOLD_ID_BYTES];
    text json = { 0 };
    told_json(follow_info(w->follow)->segment_size, event, &json);
    text_add(&json, "\n");
    const hook_place place = { event->view.xact->lsn, event->number, event->view.tli };
    const bool is_good =
        told_variables(event, variables) && !json.failed
        && hook_add(w->hook, json.bytes, json.len, variables, told_id(event, id), place);
    for (size_t i = 0; i < TOLD_VARIABLES; i++)
        free(variables[i]);
    text_free(&json);
    return is_good || message_no_memory(w->message);
}

/* A transaction may do more than there is room for: hooks are waited for then, and nothing else is read. */
static void make_room(watching *w)
{
    while (hook_waiting(w->hook) >= HOOK_QUEUE_MAX && !w->is_over && !w->is_failed)
        watching_wait(w, false, 1000);
}

static void count(watching *w, const live_event *event)
{
    w->counts.events[event->view.event->kind]++;
    w->counts.destructive += event->is_destructive;
    w->counts.last_event = event->view.xact->time;
    if (event->is_destructive)
        w->counts.last_destructive = event->view.xact->time;
}

static follow_told place_of(const live_event *event)
{
    return (follow_told){ event->view.xact->lsn, event->number, event->view.tli };
}

/* Was its line written before a restart, and only its hook is left to be run? */
static bool has_line(const watching *w, const live_event *event)
{
    return follow_is_told(w->lines_until, place_of(event));
}

static bool on_event(void *context, const live_event *event)
{
    watching *w = context;
    const uint32_t segment_size = follow_info(w->follow)->segment_size;
    const bool is_new = !has_line(w, event);
    if (is_new && !told_lines_event(&w->lines, segment_size, event, w->message))
        return watching_fail(w);
    if (is_new)
        w->noted.told = place_of(event);
    count(w, event);
    if (w->guard != NULL && !guard_on_event(w->guard, event, w->message))
        return watching_fail(w);
    if (w->hook != NULL && !add_to_hook(w, event))
        return watching_fail(w);
    w->is_noted = false;
    if (!watching_note(w))
        return false;
    if (w->hook != NULL)
        make_room(w);
    return !w->is_failed;
}

static void on_commit(void *context, const wp_xact_end *end)
{
    watching *w = context;
    w->counts.commits++;
    w->counts.last_commit = end->time;
}

static void on_trouble(void *context, const char *line)
{
    watching *w = context;
    w->counts.troubles++;
    if (!w->is_told_once)
        log_warning("%s", line);
}

follow_callbacks watching_callbacks(watching *w)
{
    return (follow_callbacks){
        .context = w, .on_event = on_event, .on_commit = on_commit, .on_trouble = on_trouble
    };
}
