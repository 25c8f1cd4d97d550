/* who_of_biography.c - see who_of_biography.h. */
#include "command/who_of_biography.h"

#include <stdlib.h>

#include "base/message.h"

static int by_kind(const void *a, const void *b)
{
    const biography_event *const *one = a, *const *other = b;
    if ((*one)->kind != (*other)->kind)
        return (*one)->kind < (*other)->kind ? -1 : 1;
    return (*one)->lsn < (*other)->lsn ? -1 : (*one)->lsn > (*other)->lsn;
}

/* What costs most first. What fell with another object has no words in a statement. */
static bool add_events(const biography *b, who_question *q)
{
    const biography_event **sorted = calloc(b->nevents + 1, sizeof *sorted);
    size_t n = 0;
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < b->nevents; i++) {
        if (!b->events[i].is_taken)
            sorted[n++] = &b->events[i];
    }
    qsort((void *)sorted, n, sizeof *sorted, by_kind);
    for (size_t i = 0; i < n && q->nevents < WHO_EVENTS_MAX; i++)
        q->events[q->nevents++] = text_chars(&sorted[i]->words);
    free((void *)sorted);
    return true;
}

bool who_of_biography(const who_config *config, const biography *b, who_answer *out,
                      text_list *warnings, char message[512])
{
    const family *of = &b->family;
    who_question q = { .xid = of->top,
                       .subxids = of->xids,
                       .nsubxids = of->count,
                       .commit_time = b->end_time,
                       .is_rolled_back =
                           of->end_op == WP_XACT_ABORT || of->end_op == WP_XACT_ABORT_PREPARED,
                       .is_prepared = b->is_prepared || b->gid != NULL,
                       .database = relation_names_of_database(b->names, b->db) };
    *out = (who_answer){ 0 };
    if (!add_events(b, &q))
        return message_no_memory(message);
    return who_ask(config, &q, out, warnings, message);
}
