/*
 * event_table.c - see event_table.h.
 */
#include "command/event_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/time_text.h"

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
} columns[EVENT_TABLE_COLUMNS] = {
    [EVENT_TABLE_TIME] = { "time", false },   [EVENT_TABLE_LOCAL] = { "local time", false },
    [EVENT_TABLE_XID] = { "xid", true },      [EVENT_TABLE_DATABASE] = { "database", false },
    [EVENT_TABLE_ROWS] = { "rows", true },    [EVENT_TABLE_LSN] = { "LSN", false },
    [EVENT_TABLE_EVENT] = { "event", false },
};

/* "2026-11-22 11:48:05 CET"; nothing where that is UTC. */
static void add_local(text *out, wp_time time)
{
    char local[TIMEPARSE_TEXT_BYTES];
    time_text_local(time, local);
    const char *zone = strrchr(local, ' ');
    if (zone != NULL && strcmp(zone, " UTC") != 0)
        text_addf(out, "%.*s%s", TIME_WIDTH_SHORT, local, zone);
}

void event_table_fields(const event_view *view, text *out)
{
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

void event_table_widen(event_table *table, const char *row)
{
    for (size_t i = 0; i < EVENT_TABLE_COLUMNS; i++) {
        const size_t len = strcspn(row, "\t\n");
        const size_t width = text_columns(row, len);
        if (width > table->widths[i])
            table->widths[i] = width < COLUMN_WIDTH_MAX ? width : COLUMN_WIDTH_MAX;
        row += len + 1;
    }
}

/* Columns before the event, with the blanks after each. */
static size_t width_before_event(const event_table *table)
{
    size_t sum = 0;
    for (size_t i = 0; i < EVENT_TABLE_EVENT; i++)
        sum += table->widths[i] > 0 ? table->widths[i] + 2 : 0;
    return sum;
}

static bool is_too_narrow(const event_table *table)
{
    return table->width < width_before_event(table) + EVENT_WIDTH_WANTED;
}

/* Makes room for the event, which ends the line: fractions of a second go first, then the local time, then the LSN. */
static void fit(event_table *table)
{
    table->widths[EVENT_TABLE_EVENT] = SIZE_MAX;
    if (table->width == 0)
        return;
    table->drops_fraction = is_too_narrow(table);
    if (table->drops_fraction)
        table->widths[EVENT_TABLE_TIME] = TIME_WIDTH_SHORT + 1;
    if (is_too_narrow(table))
        table->widths[EVENT_TABLE_LOCAL] = 0;
    if (is_too_narrow(table))
        table->widths[EVENT_TABLE_LSN] = 0;
    const size_t before = width_before_event(table);
    table->widths[EVENT_TABLE_EVENT] =
        table->width < before + EVENT_WIDTH_MIN ? EVENT_WIDTH_MIN : table->width - before;
}

/* The event ends the line: it is not padded, and on a terminal cut where that ends. */
static void add_event(const event_table *table, const char *field, size_t len, text *out)
{
    const size_t width = table->widths[EVENT_TABLE_EVENT];
    const bool is_cut = text_columns(field, len) > width;
    text_add_bytes(out, field, is_cut ? text_fitting(field, len, width - 3) : len);
    text_add(out, is_cut ? "..." : "");
}

static void add_padded(const event_table *table, size_t column, const char *field, size_t len,
                       text *out)
{
    const bool is_short =
        column == EVENT_TABLE_TIME && table->drops_fraction && len > TIME_WIDTH_SHORT;
    const size_t shown = is_short ? TIME_WIDTH_SHORT : len;
    const size_t width = text_columns(field, shown) + is_short;
    const int blanks = width < table->widths[column] ? (int)(table->widths[column] - width) : 0;
    if (table->widths[column] == 0)
        return;
    if (columns[column].is_number)
        text_addf(out, "%*s", blanks, "");
    text_add_bytes(out, field, shown);
    text_add(out, is_short ? "Z" : "");
    text_addf(out, "%*s", 2 + (columns[column].is_number ? 0 : blanks), "");
}

/* Nobody needs an empty one on a terminal. Who reads the table by its columns finds all of them. */
static bool is_shown(const event_table *table, size_t column)
{
    return table->widths[column] > 0 || (column != EVENT_TABLE_LOCAL && table->width == 0);
}

void event_table_head(event_table *table, text *out)
{
    for (size_t i = 0; i < EVENT_TABLE_EVENT; i++) {
        const char *title = columns[i].title;
        if (table->widths[i] < strlen(title) && is_shown(table, i))
            table->widths[i] = strlen(title);
    }
    fit(table);
    for (size_t i = 0; i < EVENT_TABLE_EVENT; i++)
        add_padded(table, i, columns[i].title, strlen(columns[i].title), out);
    text_addf(out, "%s\n", columns[EVENT_TABLE_EVENT].title);
}

void event_table_row(const event_table *table, const char *row, text *out)
{
    for (size_t i = 0; i < EVENT_TABLE_COLUMNS; i++) {
        const size_t len = strcspn(row, "\t\n");
        if (i == EVENT_TABLE_EVENT)
            add_event(table, row, len, out);
        else
            add_padded(table, i, row, len, out);
        row += len + 1;
    }
    text_add(out, "\n");
}

size_t event_table_terminal_width(void)
{
    const char *told = getenv("COLUMNS");
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    if (told != NULL && *told != '\0' && strlen(told) < 6
        && told[strspn(told, "0123456789")] == '\0')
        return (size_t)strtoul(told, NULL, 10);
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
