/* told_event.c - see told_event.h. */
#include "command/watch/told_event.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "search/event_text.h"

const char *told_id(const live_event *event, char buf[TOLD_ID_BYTES])
{
    char lsn[WP_LSN_TEXT_BYTES];
    (void)snprintf(buf, TOLD_ID_BYTES, "%u/%s/%u", (unsigned)event->view.tli,
                   wp_lsn_format(event->view.xact->lsn, lsn), (unsigned)event->number);
    return buf;
}

static bool has_target(const live_event *event)
{
    return event->is_destructive && event->has_target;
}

/* ---- the settings --------------------------------------------------------------------------- */

typedef void add_setting(text *out, const char *name, const char *value, bool is_first);

/* What a server of any major needs to stop there. */
static void add_settings(const live_event *event, add_setting *add, text *out)
{
    char timeline[16];
    const target *t = &event->target;
    const char *name = t->kind == TARGET_LSN ? "recovery_target_lsn" : "recovery_target_xid";
    (void)snprintf(timeline, sizeof timeline, "%u", (unsigned)event->view.tli);
    add(out, name, t->value, true);
    add(out, "recovery_target_inclusive", t->inclusive ? "true" : "false", false);
    add(out, "recovery_target_timeline", timeline, false);
}

static void add_conf(text *out, const char *name, const char *value, bool is_first)
{
    text_addf(out, "%s%s = ", is_first ? "    " : ", ", name);
    text_add_conf(out, value);
}

static void add_member(text *out, const char *name, const char *value, bool is_first)
{
    text_add(out, is_first ? "" : ",");
    text_add_json_member(out, name, value);
}

void told_target_lines(const live_event *event, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (!has_target(event))
        return;
    add_settings(event, add_conf, out);
    text_add(out, "\n");
    if (event->inspectable_lsn != 0)
        text_addf(out, "    (to read it while the server pauses: recovery_target_lsn = '%s')\n",
                  wp_lsn_format(event->inspectable_lsn, lsn));
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void add_lsn(text *out, const char *key, wp_lsn lsn)
{
    if (lsn != 0)
        json_lsn(out, key, lsn);
    else
        text_addf(out, "\"%s\":null", key);
}

static void add_target(const live_event *event, text *out)
{
    if (!has_target(event)) {
        text_add(out, "null");
        return;
    }
    text_add(out, "{");
    add_lsn(out, "lsn", event->place.lsn);
    text_addf(out, ",\"inclusive\":%s,\"timeline\":%u,",
              event->place.lsn_inclusive ? "true" : "false", (unsigned)event->view.tli);
    add_lsn(out, "inspectable_lsn", event->inspectable_lsn);
    text_add(out, ",\"settings\":{");
    add_settings(event, add_member, out);
    text_add(out, "}}");
}

void told_json(uint32_t segment_size, const live_event *event, text *out)
{
    char id[TOLD_ID_BYTES];
    text_add(out, "{");
    event_json_members(segment_size, &event->view, out);
    text_addf(out,
              ",\"id\":\"%s\",\"certain\":%s,\"destructive\":%s,\"target\":", told_id(event, id),
              event->is_maybe ? "false" : "true", event->is_destructive ? "true" : "false");
    add_target(event, out);
    text_add(out, "}");
}

/* ---- variables ------------------------------------------------------------------------------ */

typedef struct variables {
    char **items;
    size_t count;
    bool failed;
} variables;

__attribute__((format(printf, 3, 4))) static void add(variables *v, const char *name,
                                                      const char *format, ...)
{
    va_list args;
    char *value = NULL;
    text line = { 0 };
    va_start(args, format);
    const int n = vasprintf(&value, format, args);
    va_end(args);
    text_addf(&line, "%s=", name);
    if (n >= 0)
        text_add(&line, value);
    free(n >= 0 ? value : NULL);
    char *copy = n < 0 || line.failed ? NULL : strdup(text_chars(&line));
    text_free(&line);
    v->failed |= copy == NULL;
    if (copy != NULL)
        v->items[v->count++] = copy;
}

/* "public.orders", or what is known of it. */
static void add_object(variables *v, const wp_event *e)
{
    const char *schema =
        e->schema.name != NULL && wp_event_kind_has_schema(e->kind) ? e->schema.name : NULL;
    const char *name = e->object.name != NULL ? e->object.name : "";
    add(v, "PITR_OBJECT", "%s%s%s", schema != NULL ? schema : "", schema != NULL ? "." : "", name);
}

bool told_variables(const live_event *event, char *out[TOLD_VARIABLES])
{
    const wp_event *e = event->view.event;
    const wp_xact_end *xact = event->view.xact;
    char lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES], id[TOLD_ID_BYTES];
    char rows[24] = "", stop[WP_LSN_TEXT_BYTES] = "";
    variables v = { .items = out };
    memset(out, 0, TOLD_VARIABLES * sizeof *out);
    if (e->has_rows && !e->may_miss_rows)
        (void)snprintf(rows, sizeof rows, "%" PRIu64, e->rows);
    if (has_target(event) && event->place.lsn != 0)
        (void)wp_lsn_format(event->place.lsn, stop);
    add(&v, "PITR_EVENT", "%s", e->text);
    add(&v, "PITR_KIND", "%s", wp_event_kind_name(e->kind));
    add(&v, "PITR_XID", "%u", (unsigned)xact->xid);
    add(&v, "PITR_DATABASE", "%s", event->database != NULL ? event->database : "");
    add_object(&v, e);
    add(&v, "PITR_COMMIT_LSN", "%s", wp_lsn_format(xact->lsn, lsn));
    add(&v, "PITR_TIME", "%s", wp_time_format(xact->time, time));
    add(&v, "PITR_ROWS", "%s", rows);
    add(&v, "PITR_TARGET_LSN", "%s", stop);
    add(&v, "PITR_TIMELINE", "%u", (unsigned)event->view.tli);
    add(&v, "PITR_ID", "%s", told_id(event, id));
    return !v.failed;
}
