/*
 * matches.c - see matches.h.
 */
#include "search/matches.h"

#include <stdlib.h>
#include <string.h>

static size_t string_bytes(const char *chars)
{
    return chars != NULL ? strlen(chars) + 1 : 0;
}

/* Copies a string to *at and moves *at after it. */
static const char *keep(char **at, const char *chars)
{
    if (chars == NULL)
        return NULL;
    const size_t len = strlen(chars) + 1;
    char *copy = *at;
    memcpy(copy, chars, len);
    *at += len;
    return copy;
}

bool event_match_set(event_match *out, const event_view *view, uint64_t number)
{
    static const wp_event none;
    const wp_event *event = view->event != NULL ? view->event : &none;
    const size_t bytes = string_bytes(event->text) + string_bytes(event->database.name)
                         + string_bytes(event->schema.name) + string_bytes(event->object.name)
                         + string_bytes(view->xact->gid);
    char *strings = realloc(out->strings, bytes + 1);
    if (strings == NULL) {
        event_match_free(out);
        return false;
    }
    *out = (event_match){ .has_event = view->event != NULL,
                          .event = *event,
                          .xact = *view->xact,
                          .tli = view->tli,
                          .number = number,
                          .strings = strings };
    char *at = strings;
    out->event.text = keep(&at, event->text);
    out->event.database.name = keep(&at, event->database.name);
    out->event.schema.name = keep(&at, event->schema.name);
    out->event.object.name = keep(&at, event->object.name);
    out->event.xact = NULL;
    out->xact.gid = keep(&at, view->xact->gid);
    out->xact.subxids = NULL;
    out->xact.nsubxids = 0;
    return true;
}

event_view event_match_view(const event_match *in)
{
    return (event_view){ .event = in->has_event ? &in->event : NULL,
                         .xact = &in->xact,
                         .tli = in->tli };
}

void event_match_free(event_match *in)
{
    free(in->strings);
    *in = (event_match){ 0 };
}

static bool grow(matches *list)
{
    size_t room = list->room > 0 ? list->room * 2 : 16;
    if (room > MATCHES_MAX)
        room = MATCHES_MAX;
    event_match *items = realloc(list->items, room * sizeof *items);
    if (items == NULL)
        return false;
    memset(items + list->room, 0, (room - list->room) * sizeof *items);
    list->items = items;
    list->room = room;
    return true;
}

bool matches_add(matches *list, const event_view *view)
{
    const uint64_t number = ++list->total;
    if (list->count == MATCHES_MAX) {
        if (!list->keeps_latest)
            return true;
        return event_match_set(&list->items[(number - 1) % MATCHES_MAX], view, number);
    }
    if (list->count == list->room && !grow(list))
        return false;
    return event_match_set(&list->items[list->count++], view, number);
}

const event_match *matches_at(const matches *list, size_t index)
{
    const bool is_ring = list->keeps_latest && list->total > MATCHES_MAX;
    return &list->items[is_ring ? (list->total + index) % MATCHES_MAX : index];
}

void matches_clear(matches *list)
{
    list->count = 0;
    list->total = 0;
}

/* Where more came than are kept, they stay: that is only for those who count. */
void matches_drop(matches *list, wp_lsn lsn)
{
    while (list->count > 0 && list->total == list->count
           && list->items[list->count - 1].xact.lsn == lsn) {
        list->count--;
        list->total--;
    }
}

void matches_free(matches *list)
{
    for (size_t i = 0; i < list->room; i++)
        event_match_free(&list->items[i]);
    free(list->items);
    *list = (matches){ .keeps_latest = list->keeps_latest };
}
