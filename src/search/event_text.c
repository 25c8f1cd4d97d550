/* event_text.c - see event_text.h. */
#include "search/event_text.h"

#include <inttypes.h>

#include "base/json.h"

const char *event_text(const event_view *view)
{
    static const char *const ends[] = {
        [WP_XACT_COMMIT] = "a commit",
        [WP_XACT_ABORT] = "a rollback",
        [WP_XACT_COMMIT_PREPARED] = "a COMMIT PREPARED",
        [WP_XACT_ABORT_PREPARED] = "a ROLLBACK PREPARED",
    };
    return view->event != NULL ? view->event->text : ends[view->xact->op];
}

const char *event_segment(uint32_t segment_size, const event_view *view,
                          char buf[WP_SEGMENT_NAME_BYTES])
{
    return wp_segment_name_format(view->tli, view->xact->lsn, segment_size, buf);
}

/* Where a name comes from; null: there is none, or every server has it. */
static void add_name_source(text *out, const wp_object_name *name, wp_name_source from)
{
    static const char *const words[] = { [WP_NAME_FROM_WAL] = "wal",
                                         [WP_NAME_FROM_BACKUP] = "backup",
                                         [WP_NAME_FROM_SERVER] = "server",
                                         [WP_NAME_FIXED] = NULL };
    text_add(out, ",");
    text_add_json_member(out, "name_source", name->name != NULL ? words[from] : NULL);
}

static void add_object_name(text *out, const char *key, const wp_object_name *name,
                            wp_name_source from)
{
    text_addf(out, "\"%s\":{", key);
    json_number(out, "oid", name->oid);
    text_add(out, ",");
    text_add_json_member(out, "name", name->name);
    add_name_source(out, name, from);
    text_add(out, "}");
}

static void add_object(text *out, const wp_event *event)
{
    const char relkind[2] = { event->relkind, '\0' };
    text_add(out, "\"object\":{");
    json_number(out, "oid", event->object.oid);
    text_add(out, ",");
    text_add_json_member(out, "name", event->object.name);
    add_name_source(out, &event->object, event->object_from);
    text_add(out, ",");
    text_add_json_member(out, "relkind", event->relkind != 0 ? relkind : NULL);
    text_add(out, ",");
    json_number(out, "filenode", event->locator.rel);
    text_add(out, "},\"rows\":");
    if (event->has_rows && !event->may_miss_rows)
        text_addf(out, "%" PRIu64, event->rows);
    else
        text_add(out, "null");
}

static void add_event(text *out, const wp_event *event)
{
    static const wp_event none;
    const bool is_known = event != NULL;
    if (!is_known)
        event = &none;
    text_add_json_member(out, "kind", is_known ? wp_event_kind_name(event->kind) : NULL);
    text_add(out, ",");
    text_add_json_member(out, "text", event->text);
    text_add(out, ",");
    add_object_name(out, "database", &event->database, event->database_from);
    text_add(out, ",");
    add_object_name(out, "schema", &event->schema, event->schema_from);
    text_add(out, ",");
    add_object(out, event);
}

void event_json_members(uint32_t segment_size, const event_view *view, text *out)
{
    char segment[WP_SEGMENT_NAME_BYTES];
    add_event(out, view->event);
    text_addf(out, ",\"xid\":%u,", view->xact->xid);
    text_add_json_member(out, "prepared_gid", view->xact->gid);
    text_add(out, ",");
    json_time(out, "time", view->xact->time);
    text_addf(out, ",\"timeline\":%u,", view->tli);
    json_lsn(out, "commit_lsn", view->xact->lsn);
    text_add(out, ",");
    json_lsn(out, "commit_end_lsn", view->xact->end_lsn);
    text_add(out, ",");
    text_add_json_member(out, "segment", event_segment(segment_size, view, segment));
}

void event_json(uint32_t segment_size, const event_view *view, text *out)
{
    text_add(out, "{");
    event_json_members(segment_size, view, out);
    text_add(out, "}");
}
