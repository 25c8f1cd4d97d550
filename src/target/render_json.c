/*
 * render_json.c - results as JSON. What is not known is null.
 */
#include "target/render.h"

#include <inttypes.h>

#include "base/json.h"
#include "server_log/who_words.h"
#include "search/event_text.h"

/* ---- the report --------------------------------------------------------------------------- */

static void add_gaps(text *out, const archive *wal)
{
    text_add(out, "\"gaps\":[");
    for (size_t i = 0; i < wal->ngaps; i++) {
        text_addf(out, "%s{\"timeline\":%u,", i > 0 ? "," : "", wal->gaps[i].tli);
        json_lsn(out, "from", wal->gaps[i].from);
        text_add(out, ",");
        json_lsn(out, "until", wal->gaps[i].until);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void add_source(text *out, const report *r)
{
    const archive *wal = r->archive;
    char system[24];
    snprintf(system, sizeof system, "%" PRIu64, wal->info.system_identifier);
    text_add(out, "\"source\":{");
    text_add_json_member(out, "system_identifier",
                         system); /* a string: it has more digits than a double */
    text_addf(out,
              ",\"major\":%s,\"page_magic\":\"%04X\",\"wal_segment_size\":%u,\"block_size\":%u",
              wal->info.profile->major, wal->info.profile->page_magic, wal->info.segment_size,
              wal->block_size);
    text_add(out, ",\"timelines\":[");
    for (size_t i = 0; i < wal->ntimelines; i++)
        text_addf(out, "%s%u", i > 0 ? "," : "", wal->timelines[i]);
    text_add(out, "],");
    json_lsn(out, "start_lsn", r->found->scan.start_lsn);
    text_add(out, ",");
    json_lsn(out, "end_lsn", r->found->scan.end_lsn);
    text_addf(out, ",\"segments\":%zu,", wal->nsegments);
    add_gaps(out, wal);
    text_add(out, "}");
}

static void add_target(text *out, const report *r, const target *t)
{
    render_setting settings[RENDER_SETTINGS_MAX];
    const size_t n = render_settings(r, t, settings);
    text_addf(out, "{\"kind\":\"%s\",\"settings\":{", target_kind_name(t->kind));
    for (size_t i = 0; i < n; i++) {
        text_addf(out, "%s\"%s\":", i > 0 ? "," : "", settings[i].name);
        text_add_json(out, render_value(&settings[i]));
    }
    text_add(out, "}");
    /* Not among the settings, which scripts go through. */
    for (size_t i = 0; i < n; i++)
        text_add_json_bytes(out, settings[i].name, render_value(&settings[i]));
    text_addf(out, ",\"exact\":%s,", t->exact ? "true" : "false");
    json_lsn(out, "stops_before_lsn", target_stops(t) ? t->stop.next_lsn : 0);
    text_add(out, "}");
}

static void add_alternatives(text *out, const report *r)
{
    text_add(out, "\"alternatives\":{");
    for (int kind = 0; kind < TARGET_KINDS; kind++) {
        if (kind == TARGET_NAME && !r->has_target[kind])
            continue; /* only restore points have one */
        text_addf(out, "%s\"%s\":", kind > 0 ? "," : "", target_kind_name((target_kind)kind));
        if (r->has_target[kind])
            add_target(out, r, &r->targets[kind]);
        else
            text_add(out, "null");
    }
    text_add(out, "}");
}

/* What is kept and lost where this target really stops. */
static void add_balance(text *out, const report *r)
{
    const wp_stop_result *stop = &r->target.stop;
    const bool is_known = target_stops(&r->target);
    const wp_xid last_xid = stop->last_xid != 0 ? stop->last_xid : stop->old_xid;
    text_add(out, "\"keeps\":{");
    json_number(out, "last_xid", is_known ? last_xid : 0);
    text_add(out, ",");
    json_time(out, "last_commit_time",
              !is_known || last_xid == 0 ? WP_TIME_UNKNOWN
              : stop->last_xid != 0      ? stop->last_time
                                         : stop->old_time);
    text_add(out, "},\"loses\":{\"transactions\":");
    if (is_known)
        text_addf(out, "%" PRIu64 "}", stop->lost);
    else
        text_add(out, "null}");
}

/* The restore point that was asked for. */
static void add_point(text *out, const report *r)
{
    const search_points *points = &r->found->points;
    text_add(out, "{");
    text_add_json_member(out, "name", r->found->place.name);
    text_add(out, ",");
    json_lsn(out, "lsn", points->chosen.fact.lsn);
    text_add(out, ",");
    json_lsn(out, "end_lsn", points->chosen.end_lsn);
    text_add(out, ",");
    json_time(out, "time", points->chosen.time);
    text_addf(out, ",\"number\":%" PRIu64 ",\"of\":%" PRIu64 ",\"timeline\":%u}", points->number,
              points->total, r->timeline);
}

static void add_restorable(text *out, const report *r)
{
    static const char *const words[] = {
        [RESTORABLE_UNKNOWN] = "null", [RESTORABLE_NO] = "false", [RESTORABLE_YES] = "true"
    };
    text_addf(out, "\"restorable\":%s", words[r->restorable]);
}

/* Settings that the restored server must not have lower. */
static void add_needs(text *out, const report *r)
{
    text_add(out, "\"needs\":{");
    for (int i = 0; i < WP_LIMITS; i++) {
        text_add(out, i > 0 ? "," : "");
        json_number(out, wp_stop_limit_name((wp_stop_limit)i),
                    r->needs[i] > 0 ? (uint64_t)r->needs[i] : 0);
    }
    text_add(out, "}");
}

/* What other transactions destroyed shortly before: the first of them and the latest. */
static void add_before(text *out, const report *r)
{
    const series_before *before = &r->found->before;
    text_addf(out, "\"shortly_before\":{\"transactions\":%" PRIu64 ",", before->count);
    json_number(out, "first_xid", before->count > 0 ? before->start.gravest.xact.xid : 0);
    text_add(out, ",\"events\":[");
    for (size_t i = 0; before->count > 0 && i <= before->ntold; i++) {
        const event_view view =
            event_match_view(i == 0 ? &before->start.gravest : &before->told[i - 1].gravest);
        text_add(out, i > 0 ? "," : "");
        event_json(r->archive->info.segment_size, &view, out);
    }
    text_add(out, "]}");
}

static void add_candidates(text *out, const report *r)
{
    const matches *list = &r->found->matches;
    text_add(out, "\"candidates\":[");
    for (size_t i = 0; i < list->count; i++) {
        const event_view view = event_match_view(matches_at(list, i));
        text_add(out, i > 0 ? "," : "");
        event_json(r->archive->info.segment_size, &view, out);
    }
    text_add(out, "]");
}

static void add_backup(text *out, const report *r)
{
    const backup *base = r->base;
    if (base == NULL) {
        text_add(out, "\"backup\":null");
        return;
    }
    char system[24];
    snprintf(system, sizeof system, "%" PRIu64, base->system_identifier);
    text_add(out, "\"backup\":{");
    text_add_json_member(out, "path", base->path);
    text_add(out, ",");
    text_add_json_member(out, "label", base->label.label);
    text_add(out, ",");
    json_lsn(out, "start_lsn", base->label.start_lsn);
    text_add(out, ",");
    json_lsn(out, "stop_lsn", r->backup_stop);
    text_add(out, ",");
    json_time(out, "start_time", base->label.start_time);
    text_addf(out, ",\"timeline\":%u,", base->label.timeline);
    text_add_json_member(out, "system_identifier", system);
    text_add(out, "}");
}

static void add_warnings(text *out, const report *r)
{
    text_add(out, "\"warnings\":[");
    for (size_t i = 0; i < r->warnings->count; i++) {
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, r->warnings->items[i]);
    }
    text_add(out, "]");
}

void render_json(const report *r, text *out)
{
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\n ", PITR_FIND_VERSION);
    add_source(out, r);
    text_add(out, ",\n \"event\":");
    const event_view view = event_match_view(&r->found->event);
    if (r->found->has_xact)
        event_json(r->archive->info.segment_size, &view, out);
    else
        text_add(out, "null");
    if (r->found->points.number != 0) {
        text_add(out, ",\n \"restore_point\":");
        add_point(out, r);
    }
    if (r->found->has_xact && r->found->event.xact.origin != 0)
        text_addf(out, ",\n \"origin\":%u", r->found->event.xact.origin);
    if (r->who != NULL) {
        text_add(out, ",\n \"who\":");
        who_json(r->who, out);
    }
    text_add(out, ",\n \"target\":");
    add_target(out, r, &r->target);
    text_add(out, ",\n ");
    add_alternatives(out, r);
    text_add(out, ",\n ");
    add_balance(out, r);
    text_add(out, ",\n ");
    add_restorable(out, r);
    text_add(out, ",\n ");
    add_needs(out, r);
    text_add(out, ",\n ");
    add_backup(out, r);
    text_add(out, ",\n ");
    add_candidates(out, r);
    text_add(out, ",\n ");
    add_before(out, r);
    text_add(out, ",\n ");
    add_warnings(out, r);
    text_add(out, "}\n");
}
