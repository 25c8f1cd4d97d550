/*
 * gather.c - see gather.h.
 *
 * Each part is what another command tells: the story of `target`, the biography of `xact`, the events of `events`, the windows of
 * `verify`, the lines of `dump`. What they say on stderr is kept for the report.
 */
#include "command/report/gather.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/result.h"
#include "target/obstacle.h"
#include "target/story.h"
#include "target/trial.h"

/* Of each list of the biography. */
#define BIOGRAPHY_LINES 40

/* ---- what is said on the way ---------------------------------------------------------------- */

static void keep_line(void *context, log_kind kind, const char *label, const char *line)
{
    (void)kind;
    (void)report_lines_add(context, label, line);
}

/* The same may be said by each of the passes. */
static void keep_new_line(void *context, log_kind kind, const char *label, const char *line)
{
    report_lines *lines = context;
    for (size_t i = 0; i < lines->count; i++)
        if (strcmp(lines->items[i].line, line) == 0)
            return;
    keep_line(context, kind, label, line);
}

/* The search told it, or it is a place that could not be read, which stands among those. */
static bool is_told(const report_document *d, const char *line)
{
    const scan_result *seen = &d->target->found->scan;
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++)
        if (strncmp(line, seen->damages[i].text, strlen(seen->damages[i].text)) == 0)
            return true;
    for (size_t i = 0; i < d->story.count; i++)
        if (strcmp(d->story.items[i].line, line) == 0)
            return true;
    return false;
}

/* "found DROP TABLE public.orders in database shop, and with it 1 view": what was found stands over all. */
static void keep_headline(report_document *d, const char *line)
{
    static const char found[] = "found ";
    if (strncmp(line, found, sizeof found - 1) == 0 && d->headline == NULL)
        d->headline = strdup(line + sizeof found - 1);
}

/* Warnings of the target are no part of its story. */
static void keep_story(void *context, log_kind kind, const char *label, const char *line)
{
    report_document *d = context;
    if (kind == LOG_WARNING)
        keep_new_line(&d->unread, kind, label, line);
    else if (kind == LOG_HEADLINE)
        keep_headline(d, line);
    else
        keep_line(&d->story, kind, label, line);
}

static void keep_unread(void *context, log_kind kind, const char *label, const char *line)
{
    report_document *d = context;
    if (!is_told(d, line))
        keep_new_line(&d->unread, kind, label, line);
}

/* ---- parts ---------------------------------------------------------------------------------- */

/* A place in the WAL is found where it was asked for. */
static bool gather_headline(report_document *d)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (d->headline == NULL
        && asprintf(&d->headline, "the record at %s", wp_lsn_format(d->target->place->right, lsn))
               < 0)
        d->headline = NULL;
    return d->headline != NULL;
}

static wp_lsn incident_of(const report *r)
{
    if (r->found->has_xact)
        return r->found->event.xact.lsn;
    return r->found->points.number != 0 ? r->found->points.chosen.fact.lsn : r->place->right;
}

/* All of the WAL, whatever the question narrows. */
static question whole(const question *q)
{
    question all = *q;
    all.kind = QUESTION_LIST;
    all.pattern = all.database = all.relation = NULL;
    all.min_rows = 0;
    all.has_pick = all.is_after = false;
    all.lsn = 0;
    all.range = (question_range){ 0 };
    return all;
}

static bool gather_biography(report_document *d, const question *q, const sources *from)
{
    const report *r = d->target;
    if (!r->found->has_xact)
        return true;
    d->has_biography = true;
    const exit_code code =
        biography_gather(q, from, r->found->event.xact.xid, BIOGRAPHY_LINES, &d->biography);
    if (code == EXIT_NOTHING) {
        biography_free(&d->biography);
        d->has_biography = false;
    }
    return code != EXIT_TROUBLE;
}

static bool gather_evidence(report_document *d, unsigned jobs, char message[MESSAGE_BYTES])
{
    const wp_lsn at = incident_of(d->target);
    wp_record_filter wanted = { .from_lsn = at, .to_lsn = at };
    if (d->has_biography) {
        wanted = family_filter(&d->biography.family);
        wanted.from_lsn = d->biography.first_lsn;
        if (wanted.to_lsn == 0)
            wanted.to_lsn = d->biography.last_lsn > at ? d->biography.last_lsn : at;
    }
    return evidence_find(d->target->archive, jobs, &wanted, &d->evidence, message);
}

static bool gather_verification(report_document *d, const options *o, const question *q,
                                char message[MESSAGE_BYTES])
{
    const verify_input input = { .sources = q->sources,
                                 .nsources = q->nsources,
                                 .backups = &o->backup,
                                 .nbackups = o->backup != NULL,
                                 .system_id = q->system_id,
                                 .jobs = q->jobs };
    d->has_verification = true;
    return verify(&input, &d->verification, message);
}

static bool gather_inputs(report_document *d, const options *o, char message[MESSAGE_BYTES])
{
    input_list *list = &d->inputs;
    for (size_t i = 0; i < o->nsources; i++)
        if (!input_add_root(list, "source", o->sources[i], message))
            return false;
    if (o->backup != NULL && !input_add_root(list, "backup", o->backup, message))
        return false;
    for (size_t i = 0; i < o->logs.count; i++)
        if (!input_add_root(list, "log", o->logs.items[i], message))
            return false;
    return input_list_find(list, true, message) && input_list_digest(list, message);
}

static void gather_steps(report_document *d)
{
    trial_steps(d->target, &d->trial);
    if (d->target->restorable != RESTORABLE_NO)
        return;
    obstacle_steps(d->target, &d->obstacle);
    obstacle_explain(d->target, &d->why_not);
}

static bool gather_all(const options *o, const sources *from, report_document *d)
{
    const report *r = d->target;
    const question q = whole(r->question);
    /* Where it was found may be another timeline than the one followed. */
    const sources along = { .wal = r->archive,
                            .base = from->base,
                            .external_names = from->external_names,
                            .warnings = from->warnings };
    const wp_lsn at = incident_of(r);
    char message[MESSAGE_BYTES];
    log_keep(keep_story, d);
    story_found(r);
    log_keep(keep_unread, d);
    if (!gather_biography(d, &q, &along))
        return false;
    log_keep(NULL, NULL);
    gather_steps(d);
    const bool is_good =
        survey_make(&q, &along, r->archive, at, r->found->has_xact ? at : 0, &d->survey, message)
        && gather_evidence(d, q.jobs, message) && gather_verification(d, o, &q, message)
        && gather_inputs(d, o, message)
        && ((gather_headline(d) && !d->story.is_failed && !d->unread.is_failed)
            || message_no_memory(message));
    return is_good || result_trouble(message) == EXIT_FOUND;
}

bool gather(const options *o, const report *found, const sources *from, report_document *out)
{
    *out = (report_document){ .options = o, .target = found, .is_in_doubt = found->is_in_doubt };
    const bool is_good = gather_all(o, from, out);
    log_keep(NULL, NULL);
    return is_good;
}
