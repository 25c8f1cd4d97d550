/*
 * event_table.h - events as rows of a table, for people.
 *
 * A row is first made as fields with tabs between them (names have none: they are made visible), to be padded once
 * the widths of the columns are known.
 */
#ifndef PITR_FIND_EVENT_TABLE_H
#define PITR_FIND_EVENT_TABLE_H

#include "base/text.h"
#include "search/matches.h"

typedef enum event_table_column {
    EVENT_TABLE_TIME,
    EVENT_TABLE_LOCAL, /* the same in the local zone, where that is not UTC */
    EVENT_TABLE_XID,
    EVENT_TABLE_DATABASE,
    EVENT_TABLE_ROWS,
    EVENT_TABLE_LSN,
    EVENT_TABLE_EVENT,
    EVENT_TABLE_COLUMNS
} event_table_column;

/* Start with all zero but the width. */
typedef struct event_table {
    size_t width;                       /* of the terminal; 0: it is none, and nothing is cut */
    size_t widths[EVENT_TABLE_COLUMNS]; /* of the columns; 0: it is left out */
    bool drops_fraction;                /* of the time */
} event_table;

/* Appends the fields of a row, and a newline. */
void event_table_fields(const event_view *view, text *out);

/* Makes the columns wide enough for the fields of a row. */
void event_table_widen(event_table *table, const char *fields);

/* Appends the titles, and makes the widths what they have to be for the terminal. Before the first row. */
void event_table_head(event_table *table, text *out);

/* Appends the line of a row. */
void event_table_row(const event_table *table, const char *fields, text *out);

/* Of standard output; 0: it is none. COLUMNS has the word where it is set. */
size_t event_table_terminal_width(void);

#endif
