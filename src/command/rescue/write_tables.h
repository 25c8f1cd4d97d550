/*
 * write_tables.h - writes the rows of the tables that were found, and counts what is not certain of them.
 */
#ifndef PITR_FIND_WRITE_TABLES_H
#define PITR_FIND_WRITE_TABLES_H

#include "command/rescue/tables.h"
#include "rescue/ddl.h"
#include "rescue/row_text.h"

/* What became of a table. */
typedef struct table_result {
    uint64_t rows;       /* that were written */
    uint64_t not_undone; /* rows whose newer version no UPDATE by the key finds */
    bool may_lack_rows;  /* that the transaction removed or replaced in a file of its own */
    heap_sums sums, toast_sums;
    row_text_sums values;
    ddl_gaps gaps; /* what of its definition is not restored */
    char *file;    /* under --output; else NULL */
} table_result;

typedef struct table_results {
    table_result *items; /* one a table */
    size_t count;
} table_results;

/* Writes at least one table, all of one database, to stdout, or to files in --output; nothing: only counts. False with one line in message. Free results in either case. */
bool write_tables(const rescue_options *own, row_format format, const rescue_tables *tables,
                  const heap *h, bool nothing, table_results *results, char message[512]);

/* Is every row of it, and every value, certain? An unlogged table's rows are not: nobody knows them. */
bool table_result_is_certain(const rescue_table *table, const table_result *result);

void table_results_free(table_results *results);

#endif
