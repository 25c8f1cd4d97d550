/*
 * event_list.c - see event_list.h.
 *
 * A row of CSV or JSON is spooled as it will be printed. Those of a table are spooled as fields.
 */
#include "command/events/event_list.h"

#include <inttypes.h>
#include <unistd.h>

#include "search/event_text.h"

static const char csv_header[] =
    "commit_lsn,commit_end_lsn,time,timeline,xid,database_oid,database,schema_oid,schema,object_oid,"
    "object,relkind,filenode,rows,kind,prepared_gid,segment,text\n";

/* ---- CSV ---------------------------------------------------------------------------------- */

static void add_csv_string(text *out, const char *value)
{
    text_add(out, ",");
    if (value != NULL)
        text_add_csv(out, value);
}

static void add_csv_number(text *out, uint64_t value)
{
    text_add(out, ",");
    if (value != 0)
        text_addf(out, "%" PRIu64, value);
}

static void add_csv_name(text *out, const wp_object_name *name)
{
    add_csv_number(out, name->oid);
    add_csv_string(out, name->name);
}

static void add_csv_row(const event_list *list, const event_view *view, text *out)
{
    const wp_event *event = view->event;
    const wp_xact_end *xact = view->xact;
    char lsn[WP_LSN_TEXT_BYTES], end_lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES];
    char segment[WP_SEGMENT_NAME_BYTES];
    const char relkind[2] = { event->relkind, '\0' };

    wp_time_format(xact->time, time);
    text_addf(out, "%s,%s,%s,%u,%u", wp_lsn_format(xact->lsn, lsn),
              wp_lsn_format(xact->end_lsn, end_lsn), time[0] >= '0' && time[0] <= '9' ? time : "",
              view->tli, xact->xid);
    add_csv_name(out, &event->database);
    add_csv_name(out, &event->schema);
    add_csv_name(out, &event->object);
    add_csv_string(out, relkind);
    add_csv_number(out, event->locator.rel);
    text_add(out, ",");
    if (event->has_rows && !event->may_miss_rows)
        text_addf(out, "%" PRIu64, event->rows);
    add_csv_string(out, wp_event_kind_name(event->kind));
    add_csv_string(out, xact->gid);
    add_csv_string(out, event_segment(list->archive->info.segment_size, view, segment));
    add_csv_string(out, event->text);
    text_add(out, "\n");
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void add_json_row(const event_list *list, const event_view *view, text *out)
{
    event_json(list->archive->info.segment_size, view, out);
    text_add(out, "\n");
}

/* ---- table -------------------------------------------------------------------------------- */

static void add_table_row(const event_list *list, const event_view *view, text *out)
{
    (void)list;
    event_table_fields(view, out);
}

static bool print_row(event_list *list, FILE *out)
{
    return !list->row.failed && fputs(list->row.bytes, out) >= 0;
}

static bool copy_table(event_list *list, FILE *out)
{
    text line = { 0 };
    char buf[4096];
    text_clear(&list->row);
    event_table_head(&list->table, &list->row);
    bool ok = print_row(list, out);
    while (ok && fgets(buf, sizeof buf, list->spool) != NULL) {
        text_add(&line, buf);
        ok = !line.failed;
        if (!ok || line.bytes[line.len - 1] != '\n')
            continue;
        text_clear(&list->row);
        event_table_row(&list->table, line.bytes, &list->row);
        ok = print_row(list, out);
        text_clear(&line);
    }
    text_free(&line);
    return ok;
}

static bool copy_bytes(event_list *list, FILE *out)
{
    char buf[65536];
    size_t len = 0;
    while ((len = fread(buf, 1, sizeof buf, list->spool)) > 0) {
        if (fwrite(buf, 1, len, out) != len)
            return false;
    }
    return true;
}

static bool copy_csv(event_list *list, FILE *out)
{
    return fputs(csv_header, out) >= 0 && copy_bytes(list, out);
}

/* ---- all of them -------------------------------------------------------------------------- */

static const struct {
    void (*add_row)(const event_list *list, const event_view *view, text *out);
    bool (*copy)(event_list *list, FILE *out);
} forms[EVENTS_FORMATS] = {
    [EVENTS_TABLE] = { add_table_row, copy_table },
    [EVENTS_CSV] = { add_csv_row, copy_csv },
    [EVENTS_JSON] = { add_json_row, copy_bytes },
};

bool event_list_restart(event_list *list, const archive *from)
{
    list->archive = from;
    list->table = (event_table){ .width = list->table.width };
    list->rows = 0;
    rewind(list->spool);
    return ftruncate(fileno(list->spool), 0) == 0;
}

bool event_list_add(event_list *list, const event_view *view)
{
    text_clear(&list->row);
    forms[list->format].add_row(list, view, &list->row);
    list->rows++;
    if (list->row.failed)
        return false;
    if (list->format == EVENTS_TABLE)
        event_table_widen(&list->table, list->row.bytes);
    return fwrite(list->row.bytes, 1, list->row.len, list->spool) == list->row.len;
}

bool event_list_copy(event_list *list, FILE *out)
{
    if (fflush(list->spool) != 0 || fseek(list->spool, 0, SEEK_SET) != 0)
        return false;
    return forms[list->format].copy(list, out) && !ferror(list->spool) && fflush(out) == 0;
}
