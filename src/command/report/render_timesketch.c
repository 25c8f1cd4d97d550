/*
 * render_timesketch.c - a report as JSON lines that Timesketch imports: see render.h. Each thing that has a time is a line with message,
 * datetime, timestamp and timestamp_desc, which it asks for.
 */
#include "command/report/render.h"

#include <inttypes.h>

#include "base/json.h"
#include "scan/rows.h"
#include "search/match_lines.h"

/* From 1970 to 2000, in microseconds. */
#define POSTGRES_EPOCH INT64_C(946684800000000)

/* A line, up to its own members; false, and nothing is added: no calendar has that time. */
static bool begin(wp_time time, const char *message, const char *about, const char *kind,
                  wp_lsn lsn, text *out)
{
    char chars[WP_TIME_TEXT_BYTES];
    wp_time_format(time, chars);
    if (time == WP_TIME_UNKNOWN || chars[0] < '0' || chars[0] > '9'
        || time > INT64_MAX - POSTGRES_EPOCH)
        return false;
    text_add(out, "{");
    json_string(out, "message", message);
    text_add(out, ",");
    json_string(out, "datetime", chars);
    text_addf(out, ",\"timestamp\":%" PRId64 ",", time + POSTGRES_EPOCH);
    json_string(out, "timestamp_desc", about);
    text_add(out, ",");
    json_string(out, "kind", kind);
    text_add(out, ",");
    json_lsn(out, "lsn", lsn);
    return true;
}

static void end(const report_document *d, text *out)
{
    text_addf(out, ",\"system_identifier\":\"%" PRIu64 "\",\"tool\":\"pitr-find %s\"}\n",
              d->target->archive->info.system_identifier, PITR_FIND_VERSION);
}

/* Of the incident: who, where a log was asked. */
static void add_who(const who_answer *who, text *out)
{
    if (who == NULL || who->count == 0)
        return;
    const who_suspect *one = &who->items[0];
    text_addf(out, ",\"who_certainty\":\"%s\",", who_certainty_word(one->certainty));
    json_string(out, "user", one->user);
    text_add(out, ",");
    json_string(out, "application", one->application);
    text_add(out, ",");
    json_string(out, "client", one->client);
    text_add(out, ",");
    json_string(out, "statement", one->statement);
}

static void add_event(const report_document *d, const event_match *match, const char *kind,
                      text *out)
{
    text words = { 0 };
    text_add(&words, match->has_event ? match->event.text : "a transaction");
    if (match->has_event) {
        rows_add(&words, &match->event);
        match_add_database(&words, &match->event);
    }
    if (begin(match->xact.time, text_chars(&words), "Transaction Committed", kind, match->xact.lsn,
              out)) {
        text_addf(out, ",\"xid\":%u,\"timeline\":%u", match->xact.xid, match->tli);
        if (match == &d->target->found->event)
            add_who(d->target->who, out);
        end(d, out);
    }
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void add_checkpoint(const report_document *d, const survey_checkpoint *one, text *out)
{
    if (begin(one->time, one->is_online ? "checkpoint" : "checkpoint of a shutdown",
              "Checkpoint Begun", "checkpoint", one->lsn, out))
        end(d, out);
}

static void add_checkpoints_before(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const uint64_t total = s->ncheckpoints_before;
    for (uint64_t i = total > SURVEY_NEAR ? total - SURVEY_NEAR : 0; i < total; i++)
        add_checkpoint(d, &s->before[i % SURVEY_NEAR], out);
}

static void add_target(const report_document *d, text *out)
{
    text words = { 0 };
    const target *t = &d->target->target;
    text_addf(&words, "recovery target, %s: recovery_target_%s = %s, inclusive = %s",
              report_verdict_word(report_verdict_of(d)), target_kind_name(t->kind), t->value,
              t->inclusive ? "true" : "false");
    if (begin(report_target_time(d), text_chars(&words), "Last Commit Kept", "target",
              d->target->place->right, out))
        end(d, out);
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void add_point(const report_document *d, wp_time time, const char *name, wp_lsn lsn,
                      text *out)
{
    text words = { 0 };
    text_addf(&words, "restore point %s", name);
    if (begin(time, text_chars(&words), "Restore Point Made", "restore point", lsn, out))
        end(d, out);
    out->failed = out->failed || words.failed;
    text_free(&words);
}

static void add_backups(const report_document *d, text *out)
{
    const verification *v = &d->verification;
    for (size_t i = 0; i < v->nbackups; i++) {
        const wp_backup_label *label = &v->backups[i].label;
        text words = { 0 };
        text_addf(&words, "base backup %s", label->label);
        if (begin(label->start_time, text_chars(&words), "Backup Started", "backup",
                  label->start_lsn, out))
            end(d, out);
        if (begin(label->stop_time, text_chars(&words), "Backup Ended", "backup", label->stop_lsn,
                  out))
            end(d, out);
        out->failed = out->failed || words.failed;
        text_free(&words);
    }
}

void report_timesketch(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const verification *v = &d->verification;
    add_backups(d, out);
    for (size_t i = 0; i < v->npoints; i++)
        add_point(d, v->points[i].time, v->points[i].name, v->points[i].lsn, out);
    add_checkpoints_before(d, out);
    for (size_t i = 0; i < survey_before(s); i++)
        add_event(d, survey_before_at(s, i), "destructive", out);
    add_target(d, out);
    if (d->target->found->has_xact)
        add_event(d, &d->target->found->event, "incident", out);
    for (size_t i = 0; i < survey_after(s); i++)
        add_event(d, &s->near.after[i], "destructive", out);
    for (uint64_t i = 0; i < s->ncheckpoints_after && i < SURVEY_NEAR; i++)
        add_checkpoint(d, &s->after[i], out);
}
