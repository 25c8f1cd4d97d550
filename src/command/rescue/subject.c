/* subject.c - see subject.h. */
#include "command/rescue/subject.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/message.h"

/* What of an event there is to be rescued. False: nothing. */
static bool item_of(const wp_event *event, bool all, subject_item *out)
{
    *out = (subject_item){ .db = event->database.oid,
                           .oid = event->object.oid,
                           .file = event->locator };
    switch (event->kind) {
    case WP_EVENT_DROP_TABLE:
    case WP_EVENT_DROP_MATERIALIZED_VIEW:
    case WP_EVENT_TRUNCATE:
    case WP_EVENT_TABLE_DROP_COLUMN:
    case WP_EVENT_REWRITE_TABLE:
    case WP_EVENT_REWRITE_MATERIALIZED_VIEW:
        return true;
    case WP_EVENT_DELETE:
        out->rows = all ? SUBJECT_ALL : SUBJECT_DELETED;
        out->told = event->rows;
        return true;
    case WP_EVENT_UPDATE:
        out->rows = all ? SUBJECT_ALL : SUBJECT_UPDATED;
        out->told = event->rows;
        return true;
    case WP_EVENT_DROP_SCHEMA:
        out->scope = SUBJECT_SCHEMA;
        return true;
    case WP_EVENT_DROP_DATABASE:
        out->scope = SUBJECT_DATABASE;
        return true;
    default:
        return false;
    }
}

static bool is_same(const subject_item *x, const subject_item *y)
{
    return x->scope == y->scope && x->db == y->db && x->oid == y->oid
           && (x->oid != 0 || x->scope == SUBJECT_DATABASE || x->file.rel == y->file.rel);
}

/* Of several events about one table the widest counts. */
static bool add_item(subject *s, const subject_item *item)
{
    for (size_t i = 0; i < s->count; i++) {
        subject_item *known = &s->items[i];
        if (!is_same(known, item))
            continue;
        const bool is_whole = known->rows == SUBJECT_ALL || item->rows == SUBJECT_ALL;
        known->rows = is_whole ? SUBJECT_ALL : known->rows | item->rows;
        known->told += item->told;
        return true;
    }
    subject_item *slot = GROW(s->items, s->count, s->room);
    if (slot != NULL)
        *slot = *item;
    return slot != NULL;
}

static bool add_event(subject *s, const rescue_options *own, const wp_event *event)
{
    subject_item item;
    return !item_of(event, own->all, &item) || add_item(s, &item);
}

/* The events that match are kept by the search. */
static bool add_matches(subject *s, const rescue_options *own, const search_result *found)
{
    bool is_good = true;
    for (size_t i = 0; is_good && i < found->matches.count; i++) {
        const event_match *match = matches_at(&found->matches, i);
        if (match->has_event && match->xact.lsn == found->event.xact.lsn)
            is_good = add_event(s, own, &match->event);
    }
    return is_good;
}

/* ---- once more through the WAL --------------------------------------------------------------- */

typedef struct collector {
    subject *subject;
    const rescue_options *own;
    wp_lsn end; /* of the transaction */
} collector;

static bool restart(void *context, const archive *from)
{
    const collector *c = context;
    (void)from;
    c->subject->count = 0;
    return true;
}

static bool add_view(void *context, const event_view *view)
{
    const collector *c = context;
    return view->xact->lsn != c->end || add_event(c->subject, c->own, view->event);
}

static bool read_again(subject *s, const rescue_options *own, const timeline_search *h,
                       char message[MESSAGE_BYTES])
{
    question q = *h->question;
    const wp_lsn end = h->found->event.xact.lsn;
    collector c = { .subject = s, .own = own, .end = end };
    const search_sink sink = { .context = &c, .restart = restart, .add = add_view };
    search_result ignored;
    q.kind = QUESTION_LIST;
    q.has_pick = false;
    q.range = (question_range){ .from_lsn = end, .to_lsn = end };
    const search_status status = search_events(&q, h->archive, h->from->base,
                                               h->from->external_names, &sink, &ignored, message);
    search_free(&ignored);
    return status != SEARCH_FAILED;
}

/* ---- the whole ------------------------------------------------------------------------------ */

bool subject_of(const rescue_options *own, const timeline_search *h, subject *out,
                char message[MESSAGE_BYTES])
{
    const search_result *found = h->found;
    *out = (subject){ .xids = found->xids,
                      .nxids = found->nxids,
                      .table = own->table,
                      .database = h->question->database,
                      .until = found->place.right };
    if (own->table != NULL)
        return true;
    const bool has_all =
        h->question->kind == QUESTION_PATTERN && found->matches.total <= MATCHES_MAX;
    if (has_all && !add_matches(out, own, found))
        return message_no_memory(message);
    if (!has_all && !read_again(out, own, h, message))
        return false;
    return out->count > 0
           || message_fail(
               message, "what the transaction did lost no rows of a table: name one with --table");
}

void subject_free(subject *s)
{
    free(s->items);
    *s = (subject){ 0 };
}
