/* guard_event.c - see guard_event.h. */
#include "command/watch/guard_event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live/follow.h"
#include "rescue/dictionary.h"

/* What standbys are paused for unless somebody says what else. */
static bool is_loss(const wp_event *event, uint64_t rows)
{
    switch (event->kind) {
    case WP_EVENT_DROP_TABLE:
    case WP_EVENT_DROP_MATERIALIZED_VIEW:
    case WP_EVENT_DROP_DATABASE:
    case WP_EVENT_TRUNCATE:
    case WP_EVENT_TABLE_DROP_COLUMN:
        return true;
    case WP_EVENT_DROP_SCHEMA: /* with something in it */
        return event->took > 0;
    case WP_EVENT_DELETE:
    case WP_EVENT_UPDATE:
        return !event->has_rows || event->may_miss_rows || event->rows >= rows;
    default:
        return false;
    }
}

bool guard_event_matches(const live_event *event, compiled_pattern *pattern, uint64_t rows,
                         bool *out, char message[MESSAGE_BYTES])
{
    const wp_event *e = event->view.event;
    *out = false;
    if (e == NULL)
        return true;
    if (pattern == NULL) {
        *out = !e->is_temporary && is_loss(e, rows);
        return true;
    }
    /* The numbers of texts begin anew now and then. */
    const pattern_answer answer = pattern_match(pattern, WP_NO_TEXT_ID, e->text);
    if (answer == PATTERN_FAILED)
        return message_fail(message, "%s", pattern_failure(pattern));
    *out = answer == PATTERN_YES || answer == PATTERN_MAYBE;
    return true;
}

/* A table, schema or database, as words for pg_dump. Empty where its name is not known, or it is something else. */
static void add_dump(const wp_event *e, const wp_profile *profile, text *out)
{
    text name = { 0 };
    if (e->kind == WP_EVENT_DROP_DATABASE) {
        text_add(out, "-C");
    } else if (e->kind == WP_EVENT_DROP_SCHEMA && e->object.name != NULL) {
        quote_identifier_as(profile, e->object.name, &name);
        text_add(out, "-n ");
    } else if (strchr("rpm", e->relkind) != NULL && e->relkind != '\0' && e->schema.name != NULL
               && e->object.name != NULL) {
        quote_identifier_as(profile, e->schema.name, &name);
        text_add(&name, ".");
        quote_identifier_as(profile, e->object.name, &name);
        text_add(out, "-t ");
    }
    if (name.len > 0)
        text_add_word(out, text_chars(&name));
    out->failed = out->failed || name.failed;
    text_free(&name);
}

static char *make_id(const live_event *event)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text id = { 0 };
    text_addf(&id, "%" PRIu32 "/%s/%" PRIu32, event->view.tli,
              wp_lsn_format(event->view.xact->lsn, lsn), event->number);
    if (!id.failed)
        return id.bytes;
    text_free(&id);
    return NULL;
}

bool guard_event_incident(const live_event *event, const wp_profile *profile, guard_incident *out)
{
    const wp_event *e = event->view.event;
    const wp_xact_end *xact = event->view.xact;
    *out =
        (guard_incident){ .id = make_id(event),
                          .database = event->database != NULL ? strdup(event->database) : NULL,
                          .xid = xact->xid,
                          .tli = event->view.tli,
                          .commit = xact->lsn,
                          .inspectable = event->inspectable_lsn,
                          .bounds = { .end = e->stop_lsn,
                                      .is_delayed = e->stop_lsn == xact->lsn,
                                      .locks = wp_event_kind_locks(e->kind) || event->lock_lsn != 0,
                                      .lock = event->lock_lsn,
                                      .commit_time = xact->time } };
    text dump = { 0 };
    add_dump(e, profile, &dump);
    const bool is_good = out->id != NULL && (event->database == NULL || out->database != NULL)
                         && !dump.failed && guard_incident_add(out, e->text, text_chars(&dump));
    text_free(&dump);
    return is_good;
}
