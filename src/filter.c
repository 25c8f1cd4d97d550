/*
 * filter.c - see filter.h.
 */
#include "filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

bool filter_init(filter *out, const options *o, const char *pattern, char message[512])
{
    *out = (filter){ .options = o };
    if (pattern != NULL && (out->text = query_new(pattern, message)) == NULL)
        return false;
    if (o->relation != NULL && (out->relation = query_new(o->relation, message)) == NULL) {
        filter_free(out);
        return false;
    }
    const char *database = o->database;
    if (database != NULL && strlen(database) <= 10
        && database[strspn(database, "0123456789")] == '\0') {
        const unsigned long long oid = strtoull(database, NULL, 10);
        out->has_database_oid = oid > 0 && oid <= UINT32_MAX;
        out->database_oid = (wp_oid)oid;
    }
    return true;
}

void filter_free(filter *f)
{
    query_free(f->text);
    query_free(f->relation);
    *f = (filter){ 0 };
}

void filter_restart(filter *f)
{
    f->met_nameless_database = false;
    f->rowless = 0;
    if (f->text != NULL)
        query_forget(f->text);
    if (f->relation != NULL)
        query_forget(f->relation);
}

bool filter_spares_dml(const filter *f)
{
    return f->text != NULL && !f->options->given[OPT_MIN_ROWS] && query_spares_dml(f->text);
}

static bool is_in_range(const options *o, const wp_xact_end *xact)
{
    const bool has_time = xact->time != WP_TIME_UNKNOWN;
    return !(o->given[OPT_SINCE] && has_time && xact->time < o->since.time)
           && !(o->given[OPT_UNTIL] && has_time && xact->time > o->until.time)
           && !(o->given[OPT_FROM_LSN] && xact->lsn < o->from_lsn)
           && !(o->given[OPT_TO_LSN] && xact->lsn > o->to_lsn);
}

static bool is_in_database(filter *f, const wp_object_name *database)
{
    if (f->options->database == NULL || (f->has_database_oid && f->database_oid == database->oid))
        return true;
    if (database->name != NULL)
        return strcmp(f->options->database, database->name) == 0;
    f->met_nameless_database = true;
    return false;
}

static query_answer match_relation(filter *f, const wp_event *event)
{
    if (f->relation == NULL)
        return QUERY_YES;
    if (!wp_event_kind_names_relation(event->kind))
        return QUERY_NO;
    const char *name = event->text + event->name_at;
    if (event->name_end == 0)
        return query_match(f->relation, event->text_id, name);
    text alone = { 0 };
    text_add_bytes(&alone, name, event->name_end - event->name_at);
    const query_answer answer =
        alone.failed ? QUERY_NO : query_match(f->relation, event->text_id, text_chars(&alone));
    text_free(&alone);
    return answer;
}

/* Whatever it took away, nobody counted the rows. */
static bool is_rowless(const wp_event *event)
{
    return !event->has_rows
           && (event->kind <= WP_EVENT_DROP_RULE || event->kind == WP_EVENT_TRUNCATE);
}

query_answer filter_match(filter *f, const wp_event *event)
{
    const bool is_asked = f->options->given[OPT_MIN_ROWS];
    const bool is_few = is_asked && (!event->has_rows || event->rows < f->options->min_rows);
    if (!is_in_range(f->options, event->xact) || (is_few && !is_rowless(event)))
        return QUERY_NO;
    query_answer answer = QUERY_YES;
    if (f->text != NULL)
        answer = query_match(f->text, event->text_id, event->text);
    if (answer == QUERY_YES)
        answer = match_relation(f, event);
    if (answer == QUERY_YES && !is_in_database(f, &event->database))
        answer = QUERY_NO;
    if (answer != QUERY_YES || !is_few)
        return answer;
    f->rowless++;
    return QUERY_NO;
}

const char *filter_failure(const filter *f)
{
    const char *failure = f->text != NULL ? query_failure(f->text) : "";
    return *failure != '\0' || f->relation == NULL ? failure : query_failure(f->relation);
}
