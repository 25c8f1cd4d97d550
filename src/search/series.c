/* series.c - see series.h. */
#include "search/series.h"

#include <stdlib.h>

#define MINUTE INT64_C(60000000)

bool series_is_of_it(const wp_event *event)
{
    if (event->kind == WP_EVENT_DELETE)
        return event->has_rows && event->rows >= SERIES_ROWS;
    return event->kind
           <= WP_EVENT_FOREIGN_TABLE_DROP_COLUMN; /* kinds are in the order of their cost */
}

/* The n-th in WAL order. */
static series_member *at(const series *s, size_t n)
{
    return &s->items[(s->first + n) % (SERIES_KEPT + 1)];
}

bool series_add_event(series *s, const event_view *view)
{
    if (!series_is_of_it(view->event))
        return true;
    if (s->items == NULL && (s->items = calloc(SERIES_KEPT + 1, sizeof *s->items)) == NULL)
        return false;
    series_member *next = at(s, s->count);
    const bool is_graver = next->events == 0 || view->event->kind < next->gravest.event.kind;
    next->events++;
    return !is_graver || event_match_set(&next->gravest, view, 0);
}

void series_add_end(series *s, uint64_t commits)
{
    if (s->items == NULL || at(s, s->count)->events == 0)
        return;
    series_member *added = at(s, s->count);
    added->commits = commits;
    if (s->count < SERIES_KEPT)
        s->count++;
    else
        s->first = (s->first + 1) % (SERIES_KEPT + 1);
    at(s, s->count)->events = 0;
}

void series_free(series *s)
{
    for (size_t i = 0; s->items != NULL && i <= SERIES_KEPT; i++)
        event_match_free(&s->items[i].gravest);
    free(s->items);
    *s = (series){ .items = NULL };
}

/* Minutes are whole ones that have passed; a clock that was set back lets none pass. */
static int64_t minutes_between(wp_time from, wp_time until)
{
    const bool is_known = from != WP_TIME_UNKNOWN && until != WP_TIME_UNKNOWN && from < until;
    return is_known ? (int64_t)(((uint64_t)until - (uint64_t)from) / MINUTE) : 0;
}

/* How many of the latest belong to the series that ends here. */
static size_t length_of(const series *s, const wp_xact_end *end, uint64_t commits)
{
    wp_time time = end->time;
    size_t n = 0;
    for (; n < s->count; n++) {
        const series_member *one = at(s, s->count - 1 - n);
        const wp_time then = one->gravest.xact.time;
        const bool is_apart = minutes_between(then, time) >= SERIES_PAUSE_MINUTES
                              && commits - one->commits > SERIES_PAUSE_COMMITS;
        if (is_apart || minutes_between(then, end->time) >= SERIES_MINUTES)
            break;
        time = then;
        commits = one->commits;
    }
    return n;
}

static bool copy(series_member *to, const series_member *from)
{
    const event_view view = event_match_view(&from->gravest);
    to->events = from->events;
    to->commits = from->commits;
    return event_match_set(&to->gravest, &view, 0);
}

bool series_look(const series *s, const wp_xact_end *end, uint64_t commits, series_before *out)
{
    const size_t n = s->items != NULL ? length_of(s, end, commits) : 0;
    out->count = n;
    out->commits = n > 0 ? commits - at(s, s->count - n)->commits : 0;
    out->has_more = n == SERIES_KEPT;
    out->ntold = n > SERIES_TOLD ? SERIES_TOLD : n > 0 ? n - 1 : 0;
    bool is_good = n == 0 || copy(&out->start, at(s, s->count - n));
    for (size_t i = 0; is_good && i < out->ntold; i++)
        is_good = copy(&out->told[i], at(s, s->count - out->ntold + i));
    return is_good;
}

void series_before_free(series_before *before)
{
    event_match_free(&before->start.gravest);
    for (size_t i = 0; i < SERIES_TOLD; i++)
        event_match_free(&before->told[i].gravest);
    *before = (series_before){ .count = 0 };
}
