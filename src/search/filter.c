/*
 * filter.c - see filter.h.
 */
#include "search/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool filter_init(filter *out, const question *q, const char *pattern, char message[512])
{
    *out = (filter){ .question = q };
    if (pattern != NULL && (out->text = pattern_new(pattern, message)) == NULL)
        return false;
    if (q->relation != NULL && (out->relation = pattern_new(q->relation, message)) == NULL) {
        filter_free(out);
        return false;
    }
    const char *database = q->database;
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
    pattern_free(f->text);
    pattern_free(f->relation);
    *f = (filter){ 0 };
}

void filter_restart(filter *f)
{
    f->unnamed_databases = f->rowless = 0;
    if (f->text != NULL)
        pattern_forget(f->text);
    if (f->relation != NULL)
        pattern_forget(f->relation);
}

bool filter_spares_dml(const filter *f)
{
    return f->text != NULL && f->question->min_rows == 0 && pattern_spares_dml(f->text);
}

/* NULL: no room for it. */
static struct filter_database *database_of(filter *f, wp_oid oid)
{
    for (size_t i = 0; i < f->ndatabases; i++)
        if (f->databases[i].oid == oid)
            return &f->databases[i];
    if (f->ndatabases == FILTER_DATABASES_MAX)
        return NULL;
    f->databases[f->ndatabases] = (struct filter_database){ oid, FILTER_UNNAMED };
    return &f->databases[f->ndatabases++];
}

bool filter_learn(filter *f, const wp_reducer *reducer)
{
    bool has_learnt = false;
    for (size_t i = 0; i < f->ndatabases; i++) {
        struct filter_database *one = &f->databases[i];
        const char *name =
            one->is == FILTER_UNNAMED ? wp_reducer_database_name(reducer, one->oid) : NULL;
        if (name == NULL)
            continue;
        one->is = strcmp(f->question->database, name) == 0 ? FILTER_MEANT : FILTER_OTHER;
        has_learnt = true;
    }
    return has_learnt;
}

/* For certain. */
static bool is_of_database(const filter *f, const wp_object_name *database)
{
    if (f->question->database == NULL || (f->has_database_oid && f->database_oid == database->oid))
        return true;
    if (database->name != NULL)
        return strcmp(f->question->database, database->name) == 0;
    for (size_t i = 0; i < f->ndatabases; i++)
        if (f->databases[i].oid == database->oid)
            return f->databases[i].is == FILTER_MEANT;
    return false;
}

/* Counts it where that cannot be told. */
static bool is_in_database(filter *f, const wp_object_name *database)
{
    if (is_of_database(f, database))
        return true;
    if (database->name != NULL || database->oid == 0 || f->has_database_oid)
        return false; /* roles and tablespaces are in none; and who gives an OID means no other */
    const struct filter_database *one = database_of(f, database->oid);
    f->unnamed_databases += one == NULL || one->is == FILTER_UNNAMED;
    return false;
}

/* Rows that a transaction may have touched before the WAL are in one that nothing here tells of. */
static bool is_of_unknown_database(const wp_event *event)
{
    return event->is_possible && event->may_miss_rows && event->database.oid == 0;
}

/* A drop of which nobody knows what it dropped is told as that of a table. */
static bool is_of_unknown_kind(const wp_event *event)
{
    return event->kind == WP_EVENT_DROP_TABLE && event->object.name == NULL && event->relkind == 0;
}

bool filter_guesses_kind(const filter *f, const wp_event *event)
{
    const char *pattern = f->text != NULL ? pattern_text(f->text) : "";
    return is_of_unknown_kind(event) && strstr(pattern, "\\[") == NULL;
}

bool filter_takes_catalog(const filter *f, const wp_event *event)
{
    const char *pattern = f->text != NULL ? pattern_text(f->text) : "";
    return event->may_be_catalog && strstr(pattern, "\\[") == NULL;
}

static bool may_be_of_other_kind(const filter *f, const wp_event *event)
{
    bool may_be = false;
    for (int kind = WP_EVENT_DROP_TABLE + 1; !may_be && kind < WP_EVENT_DROP_SCHEMA; kind++) {
        text other = { 0 };
        text_addf(&other, "%s %s", wp_event_kind_name((wp_event_kind)kind),
                  event->text + event->name_at);
        may_be = other.failed || pattern_may_match(f->text, text_chars(&other));
        text_free(&other);
    }
    return may_be;
}

static pattern_answer match_text(filter *f, const wp_event *event)
{
    if (f->text == NULL)
        return PATTERN_YES;
    const pattern_answer answer = pattern_match(f->text, event->text_id, event->text);
    return answer == PATTERN_NO && is_of_unknown_kind(event) && may_be_of_other_kind(f, event)
               ? PATTERN_MAYBE
               : answer;
}

static pattern_answer match_relation(const filter *f, const wp_event *event)
{
    if (f->relation == NULL)
        return PATTERN_YES;
    if (!wp_event_kind_names_relation(event->kind))
        return PATTERN_NO;
    const char *name = event->text + event->name_at;
    if (event->name_end == 0)
        return pattern_match(f->relation, event->text_id, name);
    text alone = { 0 };
    text_add_bytes(&alone, name, event->name_end - event->name_at);
    const pattern_answer answer =
        alone.failed ? PATTERN_MAYBE
                     : pattern_match(f->relation, event->text_id, text_chars(&alone));
    text_free(&alone);
    return answer;
}

/* Both have to match: what the less certain of them says. */
static pattern_answer match_both(filter *f, const wp_event *event)
{
    const pattern_answer of_text = match_text(f, event);
    if (of_text == PATTERN_NO || of_text == PATTERN_FAILED)
        return of_text;
    const pattern_answer of_relation = match_relation(f, event);
    return of_relation == PATTERN_YES ? of_text : of_relation;
}

/* Whatever it took away, nobody counted the rows. */
static bool is_rowless(const wp_event *event)
{
    return !event->has_rows
           && (event->kind <= WP_EVENT_DROP_RULE || event->kind == WP_EVENT_TRUNCATE);
}

static bool has_too_few(const filter *f, const wp_event *event)
{
    return f->question->min_rows > 0 && (!event->has_rows || event->rows < f->question->min_rows);
}

unsigned filter_leaves_out(const filter *f, const wp_event *event)
{
    unsigned bits = question_leaves_out(f->question, event->xact->lsn, event->xact->time);
    if (!is_of_database(f, &event->database))
        bits |= 1U << NARROW_DATABASE;
    if (match_relation(f, event) != PATTERN_YES)
        bits |= 1U << NARROW_RELATION;
    if (has_too_few(f, event))
        bits |= 1U << NARROW_MIN_ROWS;
    return bits;
}

pattern_answer filter_match(filter *f, const wp_event *event)
{
    const bool is_few = has_too_few(f, event);
    if (!question_has_in_range(f->question, event->xact->lsn, event->xact->time)
        || (is_few && !is_rowless(event) && !event->may_miss_rows))
        return PATTERN_NO;
    const pattern_answer answer = match_both(f, event);
    if (answer == PATTERN_NO || answer == PATTERN_FAILED)
        return answer;
    if (!is_of_unknown_database(event) && !is_in_database(f, &event->database))
        return PATTERN_NO;
    if (!is_few)
        return answer;
    if (event->may_miss_rows)
        return PATTERN_MAYBE;
    f->rowless += answer == PATTERN_YES;
    return PATTERN_NO;
}

const char *filter_failure(const filter *f)
{
    const char *failure = f->text != NULL ? pattern_failure(f->text) : "";
    return *failure != '\0' || f->relation == NULL ? failure : pattern_failure(f->relation);
}
