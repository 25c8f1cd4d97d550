/*
 * ddl_table.c - CREATE TABLE: columns, their types, collations, NOT NULL, defaults and what generates them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl_state.h"

static const ddl_default *default_of(const ddl_work *w, int16_t column)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->defaults.count; i++)
        if (c->defaults.items[i].relation == w->r->oid && c->defaults.items[i].column == column)
            return &c->defaults.items[i];
    return NULL;
}

static void tell_default(ddl_work *w, const dictionary_column *column, const char *tree,
                         const char *why)
{
    text statement = { 0 };
    char what[100];
    snprintf(what, sizeof what, "default of column %s", column->name);
    text_add(&statement, "ALTER TABLE ONLY ");
    ddl_add_table(w, &statement);
    text_add(&statement, " ALTER COLUMN ");
    quote_identifier(column->name, &statement);
    text_add(&statement, " SET DEFAULT ");
    if (!ddl_add_open_expression(w, tree, &statement))
        text_clear(&statement);
    ddl_gap_statement(w, what, why, &statement);
    text_free(&statement);
}

static bool add_default(ddl_work *w, const dictionary_column *column, text *out)
{
    const ddl_default *is = default_of(w, column->number);
    text told = { 0 };
    char why[160] = "it is not in pg_attrdef";
    if (is && !ddl_make_sequences_of(w, is->tree))
        return false;
    if (is && ddl_add_expression(w, is->tree, &told, why))
        text_addf(out, " DEFAULT %s", text_chars(&told));
    else
        tell_default(w, column, is ? is->tree : NULL, why);
    text_free(&told);
    return true;
}

/* False: its expression cannot be told, and why says it. */
static bool add_generated(ddl_work *w, const dictionary_column *column, text *out, char why[160])
{
    const ddl_default *is = default_of(w, column->number);
    text told = { 0 };
    snprintf(why, 160, "it is not in pg_attrdef");
    const bool is_told = is && ddl_add_expression(w, is->tree, &told, why);
    if (is_told && out)
        text_addf(out, " GENERATED ALWAYS AS (%s) %s", text_chars(&told),
                  column->generated == 'v' ? "VIRTUAL" : "STORED");
    text_free(&told);
    return is_told;
}

static void tell_generated(ddl_work *w, const dictionary_column *column, const char *why)
{
    const ddl_default *is = default_of(w, column->number);
    text expression = { 0 };
    text_add(&expression, "GENERATED ALWAYS AS (");
    if (!is || !ddl_add_open_expression(w, is->tree, &expression))
        text_clear(&expression);
    ddl_gap(w, "generated column %s: it is a plain one without values now: %s%s%s%s", column->name,
            why, expression.len > 0 ? ": " : "", text_chars(&expression),
            expression.len > 0 ? ")" : "");
    text_free(&expression);
}

bool ddl_is_generated_untold(ddl_work *w, const dictionary_column *column)
{
    char why[160];
    return column->generated && !add_generated(w, column, NULL, why);
}

/* From 18 on NOT NULL is a constraint with a name. */
static const ddl_constraint *not_null_of(const ddl_work *w, const dictionary_column *column)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->constraints.count; i++) {
        const ddl_constraint *k = &c->constraints.items[i];
        const char *at = k->keys ? k->keys : "";
        int64_t number;
        if (k->relation == w->r->oid && k->kind == 'n' && ddl_next_number(&at, &number)
            && number == column->number)
            return k;
    }
    return NULL;
}

static void add_not_null(const ddl_work *w, const dictionary_column *column, text *out)
{
    const ddl_constraint *k = column->is_not_null ? not_null_of(w, column) : NULL;
    if (!column->is_not_null || (k && k->is_not_valid)) /* rows of before need not keep it */
        return;
    if (k) {
        text_add(out, " CONSTRAINT ");
        quote_identifier(k->name, out);
    }
    text_add(out, k && k->is_no_inherit ? " NOT NULL NO INHERIT" : " NOT NULL");
}

static bool add_raw_column(ddl_work *w, const dictionary_column *column, text *out)
{
    ddl_gap(w, "type and default of column %s: its values are the bytes of another type",
            column->name);
    text_add(out, "bytea");
    add_not_null(w, column, out);
    return true;
}

static bool add_column(ddl_work *w, size_t position, text *out)
{
    const dictionary_column *column = &w->r->details[position];
    const wp_oid type = w->r->columns[position].typid;
    char why[160];
    quote_identifier(column->name, out);
    text_add(out, " ");
    if (ddl_is_raw(w, position))
        return add_raw_column(w, column, out);
    if (!dictionary_add_type(w->d->dictionary, type, column->typmod, out)) {
        snprintf(w->message, 512, "column %s is of a type that is not in pg_type", column->name);
        return false;
    }
    ddl_add_collation(w, column->collation, type, column->name, out);
    if (column->generated && !add_generated(w, column, out, why)) {
        tell_generated(w, column, why);
        return true;
    }
    if (column->identity && !ddl_add_identity(w, column, out))
        return false;
    if (column->has_default && !column->generated && !add_default(w, column, out))
        return false;
    add_not_null(w, column, out);
    return true;
}

static bool make_types(ddl_work *w)
{
    for (size_t i = 0; i < w->r->ncolumns; i++)
        if (ddl_column_of(w, (int64_t)i + 1) && !ddl_is_raw(w, i)
            && !ddl_make_type(w, w->r->columns[i].typid))
            return false;
    return true;
}

static bool add_columns(ddl_work *w, text *out)
{
    const char *between = "\n    ";
    for (size_t i = 0; i < w->r->ncolumns; i++) {
        if (w->r->columns[i].is_dropped)
            continue;
        if (ddl_is_skipped(w, &w->r->details[i])) {
            ddl_gap(w, "column %s: it is skipped", w->r->details[i].name);
            continue;
        }
        text_add(out, between);
        if (!add_column(w, i, out))
            return false;
        between = ",\n    ";
    }
    return true;
}

static void tell_parent(ddl_work *w, wp_oid parent)
{
    const dictionary_relation *r = dictionary_relation_of(w->d->dictionary, parent);
    const char *schema = r ? dictionary_schema(w->d->dictionary, r->schema) : NULL;
    ddl_gap(w, "%s of %s.%s: %s is a plain table now",
            w->r->is_partition ? "partition" : "inheritance", schema ? schema : "[schema]",
            r ? r->name : "[unknown]", w->r->name);
}

/* What it was, where it is not what it becomes. */
static void tell_kind(ddl_work *w, const ddl_class *class)
{
    if (w->r->kind == 'm')
        ddl_gap(w, "query of materialized view %s: it is a table now", w->r->name);
    if (w->r->kind == 'p')
        ddl_gap(w, "partitioning of table %s: it is a plain table now", w->r->name);
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->parents.count; i++)
        if (c->parents.items[i].relation == w->r->oid)
            tell_parent(w, c->parents.items[i].parent);
    if (w->r->of_type)
        ddl_gap(w, "type of table %s: it is a plain table now", w->r->name);
    if (class && class->has_oids)
        ddl_gap(w, "WITH OIDS of %s", w->r->name);
    if (class && class->has_tablespace)
        ddl_gap(w, "tablespace of %s: it is in the default one", w->r->name);
    const ddl_object *method =
        class ? ddl_object_of(w->d->catalogs.access_methods.items,
                              w->d->catalogs.access_methods.count, class->access_method)
              : NULL;
    if (method && strcmp(method->name, "heap") != 0)
        ddl_gap(w, "access method %s of %s", method->name, w->r->name);
}

#define STORAGE_PLAIN 'p'

static const char *storage_name(char storage)
{
    switch (storage) {
    case STORAGE_PLAIN:
        return "PLAIN";
    case 'e':
        return "EXTERNAL";
    case 'm':
        return "MAIN";
    default:
        return "EXTENDED";
    }
}

static void set_column(ddl_work *w, const dictionary_column *column, const char *what,
                       const char *value)
{
    text_add(w->out, "ALTER TABLE ONLY ");
    ddl_add_table(w, w->out);
    text_add(w->out, " ALTER COLUMN ");
    quote_identifier(column->name, w->out);
    text_addf(w->out, " SET %s %s;\n", what, value);
}

/* A server need not have lz4: what cannot be set for certain is told. */
static void set_columns(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->columns.count; i++) {
        const ddl_column *is = &c->columns.items[i];
        const dictionary_column *column =
            is->relation == w->r->oid ? ddl_column_of(w, is->number) : NULL;
        char target[16];
        if (!column || ddl_is_raw(w, (size_t)is->number - 1))
            continue;
        if (is->storage && is->storage != STORAGE_PLAIN)
            set_column(w, column, "STORAGE", storage_name(is->storage));
        snprintf(target, sizeof target, "%d", is->statistics_target);
        if (is->statistics_target >= 0)
            set_column(w, column, "STATISTICS", target);
        if (is->compression)
            ddl_gap(w, "compression of column %s: %s", column->name,
                    is->compression == 'l' ? "lz4" : "pglz");
        if (is->has_options)
            ddl_gap(w, "options of column %s", column->name);
        if (is->has_privileges)
            ddl_gap(w, "privileges (GRANT) on column %s", column->name);
    }
}

/* Values that were there before the column became plain may be too long for a page. */
void ddl_finish_columns(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->columns.count; i++) {
        const ddl_column *is = &c->columns.items[i];
        const dictionary_column *column = is->relation == w->r->oid && is->storage == STORAGE_PLAIN
                                              ? ddl_column_of(w, is->number)
                                              : NULL;
        if (column && !ddl_is_raw(w, (size_t)is->number - 1))
            set_column(w, column, "STORAGE", storage_name(is->storage));
    }
}

bool ddl_make_table(ddl_work *w)
{
    const ddl_class *class = ddl_class_of(&w->d->catalogs, w->r->oid);
    text statement = { 0 };
    bool is_new;
    if (!ddl_oids_add(&w->d->tables, w->r->oid, &is_new))
        return ddl_out_of_memory(w);
    if (!ddl_make_schema(w, w->schema))
        return false;
    tell_kind(w, class);
    if (!make_types(w) || !ddl_make_own_sequences(w))
        return false;
    text_addf(&statement, "CREATE %sTABLE ", w->r->persistence == 'u' ? "UNLOGGED " : "");
    ddl_add_table(w, &statement);
    text_add(&statement, " (");
    const bool is_good = add_columns(w, &statement);
    text_add(&statement, "\n)");
    if (class && w->r->kind != 'p')
        ddl_add_storage_options(class->options, &statement);
    text_add(&statement, ";\n");
    text_add(w->out, text_chars(&statement));
    w->out->failed |= statement.failed;
    text_free(&statement);
    if (is_good)
        set_columns(w);
    return is_good;
}
