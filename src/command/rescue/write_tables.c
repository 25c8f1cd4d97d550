/* write_tables.c - see write_tables.h. */
#include "command/rescue/write_tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/message.h"
#include "base/temporary.h"
#include "command/rescue/object_name.h"
#include "rescue/ddl.h"

#define KEY_COLUMNS_MAX 32 /* INDEX_MAX_KEYS */

/* Where one table, or all of them, are written to. */
typedef struct output {
    FILE *file;
    char *temporary, *name; /* NULL: stdout, or nothing */
} output;

typedef struct writer {
    const rescue_options *own;
    row_format format;
    const rescue_tables *tables;
    const heap *heap;
    bool nothing;
    ddl *ddl;
    char *message;
} writer;

/* Rows of one table on their way. */
typedef struct table_run {
    const writer *writer;
    const rescue_table *table;
    table_result *result;
    row_text *text;
    row_writer *rows;
    bool is_failed;
} table_run;

/* ---- where to ------------------------------------------------------------------------------- */

static bool fail_to_write(const writer *w)
{
    return message_fail(w->message, "cannot write the result: %s", strerror(errno));
}

static bool open_nothing(const writer *w, output *out)
{
    out->file = fopen("/dev/null", "w");
    return out->file != NULL || fail_to_write(w);
}

/* A name in that of a file: what has a meaning there is spelled out, and a dot in a schema, which ends at the first one. */
static void add_file_name(const char *name, bool is_schema, text *out)
{
    for (; *name != '\0'; name++) {
        const unsigned char c = (unsigned char)*name;
        if (c < 0x20 || c == 0x7F || c == '/' || c == '%' || (c == '.' && is_schema))
            text_addf(out, "%%%02X", c);
        else
            text_add_bytes(out, name, 1);
    }
}

static const char *const endings[ROW_FORMATS] = {
    [ROWS_SQL] = "sql",   [ROWS_COPY] = "copy",  [ROWS_CSV] = "csv",
    [ROWS_JSON] = "json", [ROWS_INSERT] = "sql", [ROWS_UNDO] = "sql",
};

/* DIR/SCHEMA.NAME.ENDING */
static bool open_file(const writer *w, const rescue_table *table, output *out)
{
    const dictionary *d = table->database->dictionary;
    const char *schema = dictionary_schema(d, table->relation->schema);
    text name = { 0 };
    if (mkdir(w->own->output, 0700) != 0 && errno != EEXIST)
        return message_fail(w->message, "cannot make \"%s\": %s", w->own->output, strerror(errno));
    text_addf(&name, "%s/", w->own->output);
    add_file_name(schema != NULL ? schema : "", true, &name);
    text_add(&name, ".");
    add_file_name(table->relation->name, false, &name);
    text_addf(&name, ".%s", endings[w->format]);
    if (name.failed) {
        text_free(&name);
        return message_no_memory(w->message);
    }
    out->name = name.bytes;
    if (!temporary_check(out->name, w->message))
        return false;
    const int fd = temporary_file(out->name, &out->temporary, w->message);
    if (fd < 0)
        return false;
    out->file = fdopen(fd, "w");
    return out->file != NULL || fail_to_write(w);
}

static bool open_output(const writer *w, const rescue_table *table, output *out)
{
    *out = (output){ 0 };
    if (w->nothing)
        return open_nothing(w, out);
    if (w->own->output != NULL)
        return open_file(w, table, out);
    out->file = stdout;
    return true;
}

/* Gives the file its name where all of it was written. */
static bool close_output(const writer *w, output *out, bool is_good, char **name)
{
    *name = NULL;
    if (out->file == NULL) {
        free(out->name);
        return false;
    }
    if (fflush(out->file) != 0 || ferror(out->file))
        is_good = is_good && fail_to_write(w);
    if (out->temporary != NULL && is_good)
        is_good = temporary_keep(out->temporary, fileno(out->file), out->name, w->message);
    else
        temporary_drop(out->temporary);
    if (out->file != stdout)
        (void)fclose(out->file);
    if (is_good)
        *name = out->name;
    else
        free(out->name);
    return is_good;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_of_transaction(const subject *s, wp_xid xid)
{
    for (size_t i = 0; i < s->nxids; i++)
        if (s->xids[i] == xid)
            return true;
    return false;
}

static bool find_newest(const table_run *run, const heap_row *row, heap_newest *out)
{
    return heap_find_newest(run->writer->heap, &run->table->relation->file, row, out,
                            run->writer->message);
}

static bool is_meant(table_run *run, const heap_row *row)
{
    const unsigned rows = run->table->rows;
    if (rows == SUBJECT_ALL)
        return true;
    if (row->remover == 0 || !is_of_transaction(run->writer->tables->subject, row->remover))
        return false;
    if (row->is_moved || (row->is_replaced && (rows & SUBJECT_UPDATED)))
        return true;
    if (!row->is_replaced)
        return rows & SUBJECT_DELETED;
    heap_newest newest;
    run->is_failed = !find_newest(run, row, &newest);
    free(newest.page);
    return newest.is_removed && (rows & SUBJECT_DELETED);
}

static bool fail_of_row(const table_run *run)
{
    const char *why = row_writer_refusal(run->rows);
    return why != NULL ? message_fail(run->writer->message, "%s", why) : fail_to_write(run->writer);
}

static row_text_status put_row(table_run *run, const heap_row *row, const row_field *fields)
{
    row_text_status status = ROW_TEXT_GOOD;
    heap_newest newest = { .is_removed = run->writer->format == ROWS_UNDO };
    if (run->writer->format == ROWS_UNDO && row->is_replaced)
        status = find_newest(run, row, &newest) ? ROW_TEXT_GOOD : ROW_TEXT_FAILED;
    if (run->writer->format == ROWS_UNDO && status == ROW_TEXT_GOOD && !newest.is_removed)
        status = row_text_check_key(run->text, row, &newest, run->writer->message);
    free(newest.page);
    run->result->not_undone += status == ROW_TEXT_DOUBTFUL;
    if (status != ROW_TEXT_GOOD)
        return status;
    /* A row that was removed is undone by an INSERT. */
    if (newest.is_removed ? row_writer_insert(run->rows, fields)
                          : row_writer_row(run->rows, fields))
        return ROW_TEXT_GOOD;
    (void)fail_of_row(run);
    return ROW_TEXT_FAILED;
}

static bool take_row(void *context, const heap_row *row)
{
    table_run *run = context;
    const row_field *fields;
    if (!is_meant(run, row) || run->is_failed)
        return !run->is_failed;
    row_text_status status = row_text_row(run->text, row, &fields, run->writer->message);
    if (status == ROW_TEXT_GOOD)
        status = put_row(run, row, fields);
    run->result->rows += status == ROW_TEXT_GOOD;
    run->is_failed = status == ROW_TEXT_FAILED;
    return !run->is_failed;
}

static bool write_rows(table_run *run, const char *name, output *out)
{
    const writer *w = run->writer;
    size_t ncolumns;
    const row_column *columns = row_text_columns(run->text, &ncolumns);
    run->rows = row_writer_begin(out->file, w->format, name, columns, ncolumns);
    if (run->rows == NULL)
        return message_no_memory(w->message);
    const wp_locator *file = &run->table->relation->file;
    bool is_good =
        file->rel == 0 || heap_rows(w->heap, file, take_row, run, &run->result->sums, w->message);
    is_good = is_good && !run->is_failed;
    if (is_good && run->table->rows != SUBJECT_ALL)
        is_good = dictionary_is_rewritten(run->table->database->dictionary, run->table->relation,
                                          w->tables->subject->xids, w->tables->subject->nxids,
                                          &run->result->may_lack_rows, w->message);
    if (!row_writer_end(run->rows, is_good))
        is_good = is_good && fail_to_write(w);
    run->result->values = *row_text_counts(run->text);
    if (row_text_toast_sums(run->text) != NULL)
        run->result->toast_sums = *row_text_toast_sums(run->text);
    return is_good;
}

/* ---- one table ------------------------------------------------------------------------------ */

static bool put_text(const writer *w, text *sql, output *out)
{
    const bool is_good =
        !sql->failed && fwrite(text_chars(sql), 1, sql->len, out->file) == sql->len;
    if (sql->failed)
        (void)message_no_memory(w->message);
    else if (!is_good)
        (void)fail_to_write(w);
    text_clear(sql);
    return is_good;
}

/* What the table is to be called. */
static bool name_of(const writer *w, const rescue_table *table, object_name *out)
{
    const dictionary *d = table->database->dictionary;
    const char *schema = dictionary_schema(d, table->relation->schema);
    *out = (object_name){ 0 };
    if (w->own->into != NULL && !object_name_parse(w->own->into, false, out))
        return message_fail(w->message, "--into takes a name like public.orders (not \"%.100s\")",
                            w->own->into);
    if (out->name[0] == '\0')
        memcpy(out->name, table->relation->name, sizeof out->name);
    if (out->schema[0] == '\0' && schema != NULL)
        (void)snprintf(out->schema, sizeof out->schema, "%s", schema);
    return true;
}

/* Rows that were updated are found again by their key. */
static bool set_key(const writer *w, const rescue_table *table, row_text *t)
{
    size_t key[KEY_COLUMNS_MAX], n;
    if (table->rows == SUBJECT_ALL)
        return message_fail(w->message,
                            "--format undo takes back an UPDATE or a DELETE: of %s there is the "
                            "whole table",
                            table->relation->name);
    if (!(table->rows & SUBJECT_UPDATED))
        return true;
    if (!ddl_key(w->ddl, table->relation, key, sizeof key / sizeof *key, &n, w->message))
        return false;
    if (n == 0)
        return message_fail(w->message,
                            "%s has no primary key, nor another that is unique and NOT NULL: "
                            "--format undo finds rows by it; --format insert writes them whole",
                            table->relation->name);
    return row_text_set_key(t, key, n)
           || message_fail(w->message,
                           "a column of the key of %s is left out: --format undo needs it",
                           table->relation->name);
}

/* Free *out with row_text_free() in either case. */
static bool text_of(const writer *w, const rescue_table *table, row_text **out)
{
    const row_text_config config = { .dictionary = table->database->dictionary,
                                     .heap = w->heap,
                                     .relation = table->relation,
                                     .is_raw = w->own->raw,
                                     .skipped = w->own->skipped.items,
                                     .nskipped = w->own->skipped.count };
    *out = NULL;
    return row_text_new(&config, out, w->message)
           && (w->format != ROWS_UNDO || set_key(w, table, *out));
}

static bool write_into(const writer *w, const rescue_table *table, table_result *result,
                       output *out)
{
    const dictionary_relation *relation = table->relation;
    const bool has_ddl = w->format == ROWS_SQL;
    table_run run = { .writer = w, .table = table, .result = result };
    object_name name;
    text quoted = { 0 }, sql = { 0 };
    bool is_good = text_of(w, table, &run.text) && name_of(w, table, &name);
    if (is_good) {
        const ddl_options how = { .schema = name.schema,
                                  .name = w->own->into != NULL ? name.name : NULL,
                                  .skipped = w->own->skipped.items,
                                  .nskipped = w->own->skipped.count,
                                  .is_raw = w->own->raw };
        quote_identifier(name.schema, &quoted);
        text_add(&quoted, ".");
        quote_identifier(name.name, &quoted);
        is_good = (!has_ddl
                   || (ddl_before_rows(w->ddl, relation, &how, &sql, &result->gaps, w->message)
                       && put_text(w, &sql, out)))
                  && write_rows(&run, text_chars(&quoted), out)
                  && (!has_ddl
                      || (ddl_after_rows(w->ddl, relation, &how, &sql, &result->gaps, w->message)
                          && put_text(w, &sql, out)));
    }
    row_text_free(run.text);
    text_free(&quoted);
    text_free(&sql);
    return is_good;
}

static bool write_table(writer *w, size_t index, table_result *result)
{
    const rescue_table *table = &w->tables->items[index];
    const bool is_first = index == 0 || w->own->output != NULL;
    output out;
    text preamble = { 0 };
    bool is_good = open_output(w, table, &out);
    if (is_good && is_first
        && (w->format == ROWS_SQL || w->format == ROWS_INSERT || w->format == ROWS_UNDO)) {
        ddl_preamble(table->database->row, &preamble);
        is_good = put_text(w, &preamble, &out);
    }
    text_free(&preamble);
    is_good = is_good && write_into(w, table, result, &out);
    return close_output(w, &out, is_good, &result->file);
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* Each column that is to be left out is one of some table's. */
static bool check_skipped(const writer *w)
{
    const option_strings *skipped = &w->own->skipped;
    for (size_t i = 0; i < skipped->count; i++) {
        bool is_there = false;
        for (size_t t = 0; !is_there && t < w->tables->count; t++) {
            is_there = row_text_has_column(w->tables->items[t].relation, skipped->items[i]);
        }
        if (!is_there)
            return message_fail(w->message, "--skip-column: there is no column \"%.100s\"",
                                skipped->items[i]);
    }
    return true;
}

/* The columns of all tables, in one reading of the catalog. */
static bool learn_columns(const writer *w)
{
    const rescue_tables *tables = w->tables;
    wp_oid *relations = calloc(tables->count + 1, sizeof *relations);
    if (relations == NULL)
        return message_no_memory(w->message);
    for (size_t i = 0; i < tables->count; i++)
        relations[i] = tables->items[i].relation->oid;
    const bool is_good = dictionary_learn(tables->items[0].database->dictionary, relations,
                                          tables->count, w->message);
    free(relations);
    return is_good;
}

/* Whatever is refused is refused before the first byte is written. */
static bool check_tables(const writer *w)
{
    bool is_good = check_skipped(w);
    for (size_t i = 0; is_good && i < w->tables->count; i++) {
        row_text *rows;
        is_good = text_of(w, &w->tables->items[i], &rows);
        row_text_free(rows);
    }
    return is_good;
}

/* What was written of SQL must not be taken for all of it. */
static void break_sql(const writer *w)
{
    if (w->own->output == NULL && !w->nothing
        && (w->format == ROWS_SQL || w->format == ROWS_INSERT || w->format == ROWS_UNDO))
        (void)fputs(ROWS_END_EARLY, stdout);
}

bool write_tables(const rescue_options *own, row_format format, const rescue_tables *tables,
                  const heap *h, bool nothing, table_results *results, char message[MESSAGE_BYTES])
{
    writer w = { .own = own,
                 .format = format,
                 .tables = tables,
                 .heap = h,
                 .nothing = nothing,
                 .message = message };
    *results = (table_results){ .items = calloc(tables->count + 1, sizeof *results->items),
                                .count = tables->count };
    if (results->items == NULL)
        return message_no_memory(message);
    /* All tables are of one database. */
    w.ddl = ddl_new(tables->items[0].database->dictionary, h);
    if (w.ddl == NULL)
        return message_no_memory(message);
    bool is_good = learn_columns(&w) && check_tables(&w);
    for (size_t i = 0; is_good && own->output == NULL && i < tables->count; i++)
        is_good = ddl_expect(w.ddl, tables->items[i].relation->oid) || message_no_memory(message);
    const bool is_begun = is_good;
    for (size_t i = 0; is_good && i < tables->count; i++) {
        /* What was made for one file is not there for the next one. */
        if (own->output != NULL)
            ddl_restart(w.ddl);
        is_good = write_table(&w, i, &results->items[i]);
    }
    ddl_free(w.ddl);
    if (is_begun && !is_good)
        break_sql(&w);
    return is_good;
}

bool table_result_is_certain(const rescue_table *table, const table_result *result)
{
    return table->relation->persistence == 'p' && heap_sums_are_certain(&result->sums)
           && heap_sums_are_certain(&result->toast_sums) && result->values.missing_chunks == 0
           && result->values.damaged_values == 0 && result->not_undone == 0
           && !result->may_lack_rows;
}

void table_results_free(table_results *results)
{
    for (size_t i = 0; i < results->count && results->items != NULL; i++) {
        text_list_free(&results->items[i].gaps.lines);
        free(results->items[i].file);
    }
    free(results->items);
    *results = (table_results){ 0 };
}
