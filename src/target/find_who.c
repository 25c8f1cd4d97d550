/* find_who.c - see find_who.h. */
#include "target/find_who.h"

#include <string.h>

bool find_who_config(const options *o, who_config *out)
{
    *out =
        (who_config){ .logs = o->logs.items, .nlogs = o->logs.count, .prefix = o->log_line_prefix };
    return out->nlogs > 0;
}

/* What fell with another object has no words in a statement. */
static void add_events(const search_result *found, who_question *q)
{
    const xact_summary *all = &found->xact_summary;
    const wp_event *event = &found->event.event;
    if (found->event.has_event && event->taken_by == event->number)
        q->events[q->nevents++] = event->text;
    for (size_t i = 0; i < all->count && q->nevents < WHO_EVENTS_MAX; i++) {
        const deed *one = &all->items[i];
        const bool is_told = found->event.has_event && one->number == event->number;
        if (one->taken_by == one->number && !is_told)
            q->events[q->nevents++] = xact_summary_text(all, one->at);
    }
}

bool find_who(const options *o, const search_result *found, who_answer *out, text_list *warnings,
              char message[512])
{
    who_config config;
    who_question q = { .xid = found->event.xact.xid,
                       .subxids = found->xids,
                       .nsubxids = found->xids != NULL ? found->nxids : 0,
                       .commit_time = found->event.xact.time,
                       .is_rolled_back = found->event.xact.op == WP_XACT_ABORT
                                         || found->event.xact.op == WP_XACT_ABORT_PREPARED,
                       .is_prepared = found->event.xact.op == WP_XACT_COMMIT_PREPARED
                                      || found->event.xact.op == WP_XACT_ABORT_PREPARED };
    if (found->event.has_event && !wp_event_kind_is_database(found->event.event.kind))
        q.database = found->event.event.database.name;
    (void)find_who_config(o, &config);
    add_events(found, &q);
    return who_ask(&config, &q, out, warnings, message);
}
