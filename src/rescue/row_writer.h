/*
 * row_writer.h - rows of a table in the formats of `rescue`.
 */
#ifndef PITR_FIND_ROW_WRITER_H
#define PITR_FIND_ROW_WRITER_H

#include <stdio.h>

#include "rescue/dictionary.h"

typedef enum row_format {
    ROWS_SQL,  /* COPY ... FROM stdin, the rows, \. */
    ROWS_COPY, /* the rows alone, as COPY TO prints them */
    ROWS_CSV,  /* as COPY TO ... (FORMAT csv, HEADER) */
    /*
     * An object a line: numbers, booleans, json and NULL as such, all else as text. It is UTF-8: a row whose text is not is refused. Line
     * ends in a json value are blanks.
     */
    ROWS_JSON,
    ROWS_INSERT, /* INSERT INTO ... VALUES (...); a row each */
    /*
     * UPDATE ... SET ... WHERE key, with the values of before. It is right only for rows whose key was not changed: see
     * row_text_check_key(). Columns of the key and GENERATED ALWAYS AS IDENTITY are not set. See row_writer_insert().
     */
    ROWS_UNDO,
    ROW_FORMATS
} row_format;
/* A statement that fails. */
#define ROWS_END_EARLY "SELECT 'pitr-find: this is where the rows end early'::int4;\n"
#define ROW_FORMAT_WORDS "sql copy csv json insert undo"

/* A column that is written. */
typedef struct row_column {
    const char *name;
    wp_oid base_type;        /* domains resolved */
    bool is_key;             /* ROWS_UNDO */
    bool is_identity_always; /* ROWS_INSERT says OVERRIDING SYSTEM VALUE */
} row_column;

typedef struct row_field {
    bool is_null;
    wp_view text; /* as wp_value_text() prints it, not escaped */
} row_field;

typedef struct row_writer row_writer;

/*
 * table: its name with schema, quoted. All is borrowed until row_writer_end(). Writes what stands before the rows. NULL: out of memory.
 * Errors of writing are kept: row_writer_end() tells them.
 */
row_writer *row_writer_begin(FILE *to, row_format format, const char *table,
                             const row_column *columns, size_t ncolumns);

/* False: writing has failed, or the row cannot be written in this format; then none of it is, and row_writer_refusal() says why. */
bool row_writer_row(row_writer *w, const row_field *fields);

/* The same, for ROWS_UNDO, as an INSERT: of a row that was removed. */
bool row_writer_insert(row_writer *w, const row_field *fields);

/* Why the last row was refused, in one line; NULL: it was not. Borrowed. */
const char *row_writer_refusal(const row_writer *w);

/*
 * Writes what stands after the rows, and frees it. is_whole false: what was written must not be taken for all of it: SQL is made to fail
 * when it is run, so that psql --single-transaction keeps none of it. False with errno set. NULL is fine.
 */
bool row_writer_end(row_writer *w, bool is_whole);

#endif
