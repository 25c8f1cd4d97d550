/*
 * row_text.h - a row of a table to the texts of its columns, with values from TOAST.
 */
#ifndef PITR_FIND_ROW_TEXT_H
#define PITR_FIND_ROW_TEXT_H

#include "rescue/dictionary.h"
#include "rescue/row_writer.h"
#include "rescue/toast.h"

typedef struct row_text_config {
    dictionary *dictionary;
    const heap *heap;
    const dictionary_relation *relation; /* its columns are learnt */
    bool lc_monetary_is_c;
    bool is_raw; /* a value of a type without decoder is printed as its bytes: \x... */
    /* Names of columns that are left out; what is no column of this relation is not looked at: see row_text_has_column(). */
    const char *const *skipped;
    size_t nskipped;
} row_text_config;

/* Values that were not certain, of rows that were. Such a row is not handed out: it is counted. */
typedef struct row_text_sums {
    uint64_t missing_chunks; /* rows with a value whose TOAST chunks are not there */
    uint64_t damaged_values; /* rows, or values, that contradict themselves */
    char first[300]; /* the first one, with block, item and column, for people; empty: none */
} row_text_sums;

typedef struct row_text row_text;

/* Has the relation a column of that name, one that is written? */
bool row_text_has_column(const dictionary_relation *relation, const char *name);

/*
 * False with one line in message: a column's type has no decoder and it is neither skipped nor is_raw: the message names the column, the type, and
 * --raw and --skip-column. regproc, regoper, regconfig and their like have none, as their names are not looked up. So it is with a
 * relation that is stored by another access method than heap. Free with
 * row_text_free() in either case. The config's dictionary, heap and relation are borrowed; names that are skipped are not kept.
 */
bool row_text_new(const row_text_config *config, row_text **out, char message[512]);

/* The columns that are written: not dropped, not generated, not skipped. Borrowed. */
const row_column *row_text_columns(const row_text *t, size_t *count);

/*
 * Says which columns are the key of ROWS_UNDO, by position in relation->columns, as ddl_key() gives them. False: one of them is not
 * written.
 */
bool row_text_set_key(row_text *t, const size_t *columns, size_t n);

typedef enum row_text_status {
    ROW_TEXT_GOOD,
    ROW_TEXT_DOUBTFUL, /* counted in row_text_sums; there are no fields */
    ROW_TEXT_FAILED    /* one line in message */
} row_text_status;

/* Fields are borrowed until the next row. */
row_text_status row_text_row(row_text *t, const heap_row *row, const row_field **fields,
                             char message[512]);

/*
 * Has the newest version of a replaced row the same key? Else it cannot be found by that: its columns of the key were changed, it is in
 * another partition, or nobody knows where. row_text_sums.first tells, and no count.
 */
row_text_status row_text_check_key(row_text *t, const heap_row *row, const heap_newest *newest,
                                   char message[512]);

const row_text_sums *row_text_counts(const row_text *t);
/* NULL: the table has no TOAST table. */
const heap_sums *row_text_toast_sums(const row_text *t);
/* NULL is fine. */
void row_text_free(row_text *t);

#endif
