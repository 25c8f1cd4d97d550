/*
 * event_list.c - see event_list.h.
 *
 * A row of CSV or JSON is spooled as it will be printed. A row of a table is spooled as fields with
 * tabs between them (names have none: they are made visible first), to be padded once widths are known.
 */
#include "command/events/event_list.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/time_text.h"
#include "search/event_text.h"

/* A longer field runs over its column instead of widening it for all. */
#define COLUMN_WIDTH_MAX 60
/* On a terminal the event gets so many columns, even if others have to give way; and never fewer than that. */
#define EVENT_WIDTH_WANTED 40
#define EVENT_WIDTH_MIN 20
/* Of "2026-11-22T10:48:05.074335Z" without the fraction. */
#define TIME_WIDTH_SHORT 19

static const struct {
    const char *title;
    bool is_number; /* to the right */
} columns[LIST_COLUMNS] = {
    [LIST_TIME] = { "time", false },   [LIST_LOCAL] = { "local time", false },
    [LIST_XID] = { "xid", true },      [LIST_DATABASE] = { "database", false },
    [LIST_ROWS] = { "rows", true },    [LIST_LSN] = { "LSN", false },
    [LIST_EVENT] = { "event", false },
};

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
    add_csv_string(out, event_segment(list->archive, view, segment));
    add_csv_string(out, event->text);
    text_add(out, "\n");
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void add_json_row(const event_list *list, const event_view *view, text *out)
{
    event_json(list->archive, view, out);
    text_add(out, "\n");
}

/* ---- table -------------------------------------------------------------------------------- */

/* "2026-11-22 11:48:05 CET"; nothing where that is UTC. */
static void add_local(text *out, wp_time time)
{
    char local[TIMEPARSE_TEXT_BYTES];
    time_text_local(time, local);
    const char *zone = strrchr(local, ' ');
    if (zone != NULL && strcmp(zone, " UTC") != 0)
        text_addf(out, "%.*s%s", TIME_WIDTH_SHORT, local, zone);
}

static void add_table_row(const event_list *list, const event_view *view, text *out)
{
    (void)list;
    const wp_event *event = view->event;
    char time[WP_TIME_TEXT_BYTES], lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "%s\t", wp_time_format(view->xact->time, time));
    add_local(out, view->xact->time);
    text_addf(out, "\t%u\t", view->xact->xid);
    if (event->database.name != NULL)
        text_add_visible(out, event->database.name);
    else if (event->database.oid != 0)
        text_addf(out, "[%u]", event->database.oid);
    text_add(out, "\t");
    if (event->has_rows)
        text_addf(out, "%s%" PRIu64, event->may_miss_rows ? ">=" : "", event->rows);
    text_addf(out, "\t%s\t", wp_lsn_format(view->xact->lsn, lsn));
    text_add_visible(out, event->text);
    text_add(out, "\n");
}

static void widen(event_list *list, const char *row)
{
    for (size_t i = 0; i < LIST_COLUMNS; i++) {
        const size_t len = strcspn(row, "\t\n");
        const size_t width = text_columns(row, len);
        if (width > list->widths[i])
            list->widths[i] = width < COLUMN_WIDTH_MAX ? width : COLUMN_WIDTH_MAX;
        row += len + 1;
    }
}

/* Columns before the event, with the blanks after each. */
static size_t width_before_event(const event_list *list)
{
    size_t sum = 0;
    for (size_t i = 0; i < LIST_EVENT; i++)
        sum += list->widths[i] > 0 ? list->widths[i] + 2 : 0;
    return sum;
}

static bool is_too_narrow(const event_list *list)
{
    return list->width < width_before_event(list) + EVENT_WIDTH_WANTED;
}

/* Makes room for the event, which ends the line: fractions of a second go first, then the local time, then the LSN. */
static void fit(event_list *list)
{
    list->widths[LIST_EVENT] = SIZE_MAX;
    if (list->width == 0)
        return;
    list->drops_fraction = is_too_narrow(list);
    if (list->drops_fraction)
        list->widths[LIST_TIME] = TIME_WIDTH_SHORT + 1;
    if (is_too_narrow(list))
        list->widths[LIST_LOCAL] = 0;
    if (is_too_narrow(list))
        list->widths[LIST_LSN] = 0;
    const size_t before = width_before_event(list);
    list->widths[LIST_EVENT] =
        list->width < before + EVENT_WIDTH_MIN ? EVENT_WIDTH_MIN : list->width - before;
}

/* The event ends the line: it is not padded, and on a terminal cut where that ends. */
static void add_event(const event_list *list, const char *field, size_t len, text *out)
{
    const size_t width = list->widths[LIST_EVENT];
    const bool is_cut = text_columns(field, len) > width;
    text_add_bytes(out, field, is_cut ? text_fitting(field, len, width - 3) : len);
    text_add(out, is_cut ? "..." : "");
}

static void add_padded(const event_list *list, size_t column, const char *field, size_t len,
                       text *out)
{
    const bool is_short = column == LIST_TIME && list->drops_fraction && len > TIME_WIDTH_SHORT;
    const size_t shown = is_short ? TIME_WIDTH_SHORT : len;
    const size_t width = text_columns(field, shown) + is_short;
    const int blanks = width < list->widths[column] ? (int)(list->widths[column] - width) : 0;
    if (list->widths[column] == 0)
        return;
    if (columns[column].is_number)
        text_addf(out, "%*s", blanks, "");
    text_add_bytes(out, field, shown);
    text_add(out, is_short ? "Z" : "");
    text_addf(out, "%*s", 2 + (columns[column].is_number ? 0 : blanks), "");
}

/* Nobody needs an empty one on a terminal. Who reads the table by its columns finds all of them. */
static bool is_shown(const event_list *list, size_t column)
{
    return list->widths[column] > 0 || (column != LIST_LOCAL && list->width == 0);
}

static bool print_header(event_list *list, FILE *out)
{
    text_clear(&list->row);
    for (size_t i = 0; i < LIST_EVENT; i++) {
        const char *title = columns[i].title;
        if (list->widths[i] < strlen(title) && is_shown(list, i))
            list->widths[i] = strlen(title);
    }
    fit(list);
    for (size_t i = 0; i < LIST_EVENT; i++)
        add_padded(list, i, columns[i].title, strlen(columns[i].title), &list->row);
    text_addf(&list->row, "%s\n", columns[LIST_EVENT].title);
    return !list->row.failed && fputs(list->row.bytes, out) >= 0;
}

static bool print_table_row(event_list *list, const char *row, FILE *out)
{
    text_clear(&list->row);
    for (size_t i = 0; i < LIST_COLUMNS; i++) {
        const size_t len = strcspn(row, "\t\n");
        if (i == LIST_EVENT)
            add_event(list, row, len, &list->row);
        else
            add_padded(list, i, row, len, &list->row);
        row += len + 1;
    }
    text_add(&list->row, "\n");
    return !list->row.failed && fputs(list->row.bytes, out) >= 0;
}

static bool copy_table(event_list *list, FILE *out)
{
    text line = { 0 };
    char buf[4096];
    bool ok = print_header(list, out);
    while (ok && fgets(buf, sizeof buf, list->spool) != NULL) {
        text_add(&line, buf);
        ok = !line.failed;
        if (!ok || line.bytes[line.len - 1] != '\n')
            continue;
        ok = print_table_row(list, line.bytes, out);
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
    memset(list->widths, 0, sizeof list->widths);
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
        widen(list, list->row.bytes);
    return fwrite(list->row.bytes, 1, list->row.len, list->spool) == list->row.len;
}

bool event_list_copy(event_list *list, FILE *out)
{
    if (fflush(list->spool) != 0 || fseek(list->spool, 0, SEEK_SET) != 0)
        return false;
    return forms[list->format].copy(list, out) && !ferror(list->spool) && fflush(out) == 0;
}
