/* around.c - see around.h. A place and the ends near it may come in either order. */
#include "search/around.h"

void around_clear(around *all)
{
    *all = (around){ .last_time = WP_TIME_UNKNOWN };
}

void around_add_damage(around *all, wp_lsn from)
{
    if (all->count == AROUND_MAX)
        return;
    const bool is_past = all->last_lsn < from;
    all->items[all->count++] = (struct around_one){
        .from = from, .before = is_past ? all->last_time : WP_TIME_UNKNOWN, .after = WP_TIME_UNKNOWN
    };
}

void around_add_end(around *all, const wp_xact_end *end)
{
    if (end->time == WP_TIME_UNKNOWN)
        return;
    for (size_t i = 0; i < all->count; i++) {
        struct around_one *one = &all->items[i];
        if (end->lsn < one->from)
            one->before = end->time;
        else if (one->after == WP_TIME_UNKNOWN)
            one->after = end->time;
    }
    all->last_lsn = end->lsn;
    all->last_time = end->time;
}
