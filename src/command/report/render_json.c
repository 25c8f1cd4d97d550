/* render_json.c - a report as one JSON object: see render.h. What other commands print is in it as they print it. */
#include "command/report/render.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "command/render_biography.h"
#include "search/event_text.h"

static void add_lines(const char *key, const report_lines *lines, bool has_labels, text *out)
{
    text_addf(out, ",\n \"%s\":[", key);
    for (size_t i = 0; i < lines->count; i++) {
        text_add(out, i > 0 ? ",\n  " : "\n  ");
        if (has_labels) {
            text_add(out, "{");
            json_string(out, "label", lines->items[i].label);
            text_add(out, ",\"text\":");
        }
        text_add_json(out, lines->items[i].line);
        text_add(out, has_labels ? "}" : "");
    }
    text_add(out, "]");
}

static void add_list(const char *key, const text_list *list, text *out)
{
    text_addf(out, ",\n \"%s\":[", key);
    for (size_t i = 0; i < list->count; i++) {
        text_add(out, i > 0 ? ",\n  " : "\n  ");
        text_add_json(out, list->items[i]);
    }
    text_add(out, "]");
}

/* An object that another command prints, without the newline that ends it. */
static void add_object(const char *key, text *object, text *out)
{
    text_addf(out, ",\n \"%s\":", key);
    const size_t len = object->len > 0 ? object->len - 1 : 0;
    text_add_bytes(out, text_chars(object), len);
    out->failed = out->failed || object->failed;
    text_free(object);
}

static void add_bucket(const survey *s, size_t i, text *out)
{
    const survey_bucket *b = &s->buckets[i];
    text_add(out, i > 0 ? ",\n   {" : "\n   {");
    json_time(out, "from", (wp_time)((uint64_t)s->start + s->width * i));
    text_addf(out,
              ",\"wal_bytes\":%" PRIu64 ",\"commits\":%" PRIu64 ",\"rollbacks\":%" PRIu64
              ",\"rows\":%" PRIu64 ",\"ddl\":%" PRIu64 ",\"destructive\":%" PRIu64
              ",\"checkpoints\":%" PRIu64 "}",
              b->wal_bytes, b->commits, b->rollbacks, b->rows, b->ddl, b->destructive,
              b->checkpoints);
}

static void add_timeline(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    text_add(out, ",\n \"timeline\":{");
    json_lsn(out, "start_lsn", s->start_lsn);
    text_add(out, ",");
    json_lsn(out, "end_lsn", s->end_lsn);
    text_addf(out, ",\"bucket_microseconds\":%" PRIu64 ",\"timeless\":%" PRIu64 ",\"buckets\":[",
              s->width, s->timeless);
    for (size_t i = 0; i < s->nbuckets; i++)
        add_bucket(s, i, out);
    text_add(out, "]}");
}

static void add_others(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const uint32_t size = d->target->archive->info.segment_size;
    const size_t before = survey_before(s), after = survey_after(s);
    text_addf(out, ",\n \"others\":{\"before\":%" PRIu64 ",\"after\":%" PRIu64 ",\"events\":[",
              s->near.nbefore, s->near.nafter);
    for (size_t i = 0; i < before + after; i++) {
        const event_view view =
            event_match_view(i < before ? survey_before_at(s, i) : &s->near.after[i - before]);
        text_add(out, i > 0 ? ",\n  " : "\n  ");
        event_json(size, &view, out);
    }
    text_add(out, "]}");
}

static void add_backups(const verification *v, text *out)
{
    text_add(out, "\"backups\":[");
    for (size_t i = 0; i < v->nbackups; i++) {
        const verify_backup *one = &v->backups[i];
        text_add(out, i > 0 ? ",\n   {" : "\n   {");
        json_string(out, "path", one->path);
        text_add(out, ",");
        json_string(out, "label", one->label.label);
        text_addf(out, ",\"timeline\":%u,", one->label.timeline);
        json_lsn(out, "start_lsn", one->label.start_lsn);
        text_add(out, ",");
        json_lsn(out, "stop_lsn", one->label.stop_lsn);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void add_problem(const verify_problem *one, text *out)
{
    text_add(out, "{");
    json_string(out, "kind", verify_kind_name(one->kind));
    text_add(out, ",\"timeline\":");
    text_addf(out, one->tli != 0 ? "%u," : "null,", one->tli);
    json_lsn(out, "from", one->from);
    text_add(out, ",");
    json_lsn(out, "until", one->until);
    text_add(out, ",");
    json_string(out, "text", one->text);
    text_add(out, "}");
}

static void add_archive(const report_document *d, text *out)
{
    const verification *v = &d->verification;
    text_addf(out, ",\n \"archive\":{\"whole\":%s,\"problems_total\":%" PRIu64 ",\"problems\":[",
              v->problems_total == 0 ? "true" : "false", v->problems_total);
    for (size_t i = 0; i < v->nproblems; i++) {
        text_add(out, i > 0 ? ",\n   " : "\n   ");
        add_problem(&v->problems[i], out);
    }
    text_add(out, "],\n  ");
    add_backups(v, out);
    text_add(out, "}");
}

static void add_hex(const evidence_record *one, text *out)
{
    text_add(out, ",\"bytes\":\"");
    for (size_t i = 0; i < one->nbytes; i++)
        text_addf(out, "%02x", one->bytes[i]);
    text_add(out, "\"}");
}

static void add_evidence(const report_document *d, text *out)
{
    const evidence *e = &d->evidence;
    text_addf(out, ",\n \"evidence\":{\"records_total\":%" PRIu64 ",\"records\":[", e->total);
    for (size_t i = 0; i < e->count; i++) {
        const evidence_record *one = &e->items[i];
        text_add(out, i > 0 ? ",\n  {" : "\n  {");
        json_lsn(out, "lsn", one->lsn);
        text_add(out, ",");
        json_number(out, "xid", one->xid);
        text_add(out, ",");
        json_string(out, "line", one->line);
        text_add(out, ",");
        json_string(out, "file", one->path);
        text_addf(out, ",\"offset\":%" PRIu64 ",\"length\":%u", one->offset, one->bytes_total);
        add_hex(one, out);
    }
    text_add(out, "]}");
}

static void add_unread(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    text_addf(out, ",\n \"unread\":{\"places_total\":%" PRIu64 ",\"places\":[", s->damages_total);
    for (size_t i = 0; i < s->ndamages; i++) {
        const scan_damage *one = &s->damages[i];
        text_add(out, i > 0 ? ",\n  {" : "\n  {");
        json_lsn(out, "from", one->from);
        text_add(out, ",");
        json_lsn(out, "until", one->until);
        text_add(out, ",");
        json_string(out, "file", one->path);
        text_add(out, ",");
        json_string(out, "text", one->text);
        text_add(out, "}");
    }
    text_addf(out, "],\"unexpected_kinds\":%" PRIu64 "}", s->unexpected.total);
}

void report_json(const report_document *d, text *out)
{
    text found = { 0 }, told = { 0 };
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\"library\":\"%s\",\n ",
              PITR_FIND_VERSION, wp_version());
    json_string(out, "incident", d->headline);
    text_add(out, ",");
    json_time(out, "time", report_incident_time(d));
    text_add(out, ",\n ");
    json_string(out, "verdict", report_verdict_word(report_verdict_of(d)));
    text_add(out, ",");
    json_string(out, "in_the_way", text_chars(&d->why_not));
    render_json(d->target, &found);
    add_object("target", &found, out);
    if (d->has_biography) {
        biography_json(&d->biography, d->target->archive, &told);
        add_object("transaction", &told, out);
    } else {
        text_add(out, ",\n \"transaction\":null");
    }
    add_lines("story", &d->story, true, out);
    add_lines("doubts", &d->unread, false, out);
    add_list("first", &d->obstacle, out);
    add_list("trial", &d->trial, out);
    add_timeline(d, out);
    add_others(d, out);
    add_archive(d, out);
    add_evidence(d, out);
    add_unread(d, out);
    text_add(out, "}\n");
}
