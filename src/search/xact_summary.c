/*
 * xact_summary.c - see xact_summary.h.
 */
#include "search/xact_summary.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

/* The incident that the DROP of this number began, made if need be. NULL: no memory, or too many. */
static xact_summary_incident *need_incident(xact_summary *d, uint32_t number)
{
    for (size_t i = 0; i < d->nincidents; i++) {
        if (d->incidents[i].number == number)
            return &d->incidents[i];
    }
    if (d->nincidents == XACT_SUMMARY_INCIDENTS_MAX)
        return NULL;
    xact_summary_incident *made = GROW(d->incidents, d->nincidents, d->incidents_room);
    if (made != NULL)
        *made = (xact_summary_incident){ .number = number };
    return made;
}

/* Where the copy lies. */
static size_t keep_text(xact_summary *d, const char *chars)
{
    const size_t at = d->chars.len;
    text_add_bytes(&d->chars, chars, strlen(chars) + 1);
    return at;
}

void xact_summary_add(xact_summary *d, const wp_event *event)
{
    d->total++;
    xact_summary_incident *began = event->took > 0 ? need_incident(d, event->number) : NULL;
    xact_summary_incident *with =
        event->taken_by != event->number ? need_incident(d, event->taken_by) : NULL;
    if (with != NULL) {
        with->total++;
        with->counts[event->kind]++;
    }
    if (began == NULL && d->count == XACT_SUMMARY_MAX)
        return;
    const size_t at = keep_text(d, event->text);
    if (began != NULL)
        began->at = at;
    if (d->count == XACT_SUMMARY_MAX || d->chars.failed)
        return;
    deed *added = GROW(d->items, d->count, d->room);
    if (added != NULL)
        *added = (deed){ .at = at,
                         .has_rows = event->has_rows,
                         .may_miss_rows = event->may_miss_rows,
                         .rows = event->rows,
                         .number = event->number,
                         .taken_by = event->taken_by };
}

void xact_summary_clear(xact_summary *d)
{
    text_clear(&d->chars);
    d->count = d->nincidents = 0;
    d->total = 0;
}

void xact_summary_free(xact_summary *d)
{
    text_free(&d->chars);
    free(d->items);
    free(d->incidents);
    *d = (xact_summary){ 0 };
}

const char *xact_summary_text(const xact_summary *d, size_t at)
{
    return d->chars.failed ? "" : d->chars.bytes + at;
}

const xact_summary_incident *xact_summary_incident_of(const xact_summary *d, uint32_t number)
{
    for (size_t i = 0; i < d->nincidents; i++) {
        if (d->incidents[i].number == number && d->incidents[i].total > 0)
            return &d->incidents[i];
    }
    return NULL;
}

/* "materialized views" from "DROP MATERIALIZED VIEW", "columns" from "ALTER TABLE DROP COLUMN". */
static void add_noun(text *out, wp_event_kind kind, uint64_t n)
{
    static const char drop[] = "DROP ";
    const char *noun = wp_event_kind_name(kind);
    for (const char *at = noun; (at = strstr(at, drop)) != NULL;)
        noun = at += sizeof drop - 1;
    const size_t len = strlen(noun);
    const char last = noun[len - 1];
    const size_t stem = n != 1 && last == 'Y' ? len - 1 : len;
    for (size_t i = 0; i < stem; i++) {
        const char c = (char)tolower((unsigned char)noun[i]);
        text_add_bytes(out, &c, 1);
    }
    if (n != 1)
        text_add(out, last == 'Y' ? "ies" : last == 'X' ? "es" : "s");
}

void xact_summary_add_counts(text *out, const xact_summary_incident *incident)
{
    bool is_first = true;
    for (int kind = 0; kind < WP_EVENT_KINDS; kind++) {
        if (incident->counts[kind] == 0)
            continue;
        text_addf(out, "%s%" PRIu64 " ", is_first ? "" : ", ", incident->counts[kind]);
        add_noun(out, (wp_event_kind)kind, incident->counts[kind]);
        is_first = false;
    }
}
