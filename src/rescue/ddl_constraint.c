/*
 * ddl_constraint.c - what holds of the rows, after they are there: ALTER TABLE ... ADD CONSTRAINT, out of pg_constraint.
 */
#include <stdio.h>
#include <string.h>

#include "rescue/ddl_state.h"

/* (a, b) of {1,2}. False: not all are columns of the new table with their values. */
static bool add_columns(ddl_work *w, const char *keys, int from, int to, text *out)
{
    int64_t number;
    const char *between = "(";
    for (int i = 0; keys && i < to && ddl_next_number(&keys, &number); i++) {
        if (i < from)
            continue;
        const dictionary_column *column = ddl_column_of(w, number);
        if (!column || ddl_is_generated_untold(w, column) || ddl_is_raw(w, (size_t)number - 1))
            return false;
        text_add(out, between);
        quote_identifier(column->name, out);
        between = ", ";
    }
    text_add(out, ")");
    return *between == ',';
}

static int count_numbers(const char *keys)
{
    int64_t number;
    int n = 0;
    while (keys && ddl_next_number(&keys, &number))
        n++;
    return n;
}

static void add_deferral(const ddl_constraint *k, text *out)
{
    if (k->is_deferrable)
        text_addf(out, " DEFERRABLE%s", k->is_deferred ? " INITIALLY DEFERRED" : "");
}

static void add_head(const ddl_work *w, const ddl_constraint *k, bool has_name, text *out)
{
    text_add(out, "ALTER TABLE ONLY ");
    ddl_add_table(w, out);
    text_add(out, " ADD ");
    if (has_name) {
        text_add(out, "CONSTRAINT ");
        quote_identifier(k->name, out);
        text_add(out, " ");
    }
}

/* A statement, or a gap. */
static void end_statement(ddl_work *w, const text *statement, bool is_told, const char *what,
                          const ddl_constraint *k)
{
    w->out->failed |= statement->failed;
    if (is_told)
        text_addf(w->out, "%s;\n", text_chars(statement));
    else
        ddl_gap(w, "%s %s: a column of it is not restored", what, k->name);
}

/* ---- keys ---- */

static void make_key(ddl_work *w, const ddl_constraint *k)
{
    const char *what = k->kind == 'p' ? "primary key" : "unique constraint";
    const ddl_index *x = ddl_index_of(&w->d->catalogs, k->index);
    const ddl_class *class = ddl_class_of(&w->d->catalogs, k->index);
    if (!x || !x->is_valid) {
        ddl_gap(w, "%s %s: its index is not valid", what, k->name);
        return;
    }
    text statement = { 0 };
    add_head(w, k, !w->is_renamed, &statement);
    text_add(&statement, k->kind == 'p'       ? "PRIMARY KEY "
                         : x->nulls_are_equal ? "UNIQUE NULLS NOT DISTINCT "
                                              : "UNIQUE ");
    bool is_told = add_columns(w, x->keys, 0, x->nkeys, &statement);
    if (k->is_period) {
        statement.len--; /* the bracket */
        text_add(&statement, " WITHOUT OVERLAPS)");
    }
    const int n = count_numbers(x->keys);
    if (n > x->nkeys) {
        text_add(&statement, " INCLUDE ");
        is_told = is_told && add_columns(w, x->keys, x->nkeys, n, &statement);
    }
    if (class)
        ddl_add_storage_options(class->options, &statement);
    add_deferral(k, &statement);
    if (k->is_period && is_told) {
        char named[100];
        snprintf(named, sizeof named, "%s %s", what, k->name);
        ddl_gap_statement(w, named, "it may need extension btree_gist", &statement);
    } else {
        end_statement(w, &statement, is_told, what, k);
    }
    text_free(&statement);
}

/* ---- exclusion constraints ---- */

static bool add_exclusion(ddl_work *w, const ddl_constraint *k, text *out, char why[160])
{
    const ddl_index *x = ddl_index_of(&w->d->catalogs, k->index);
    add_head(w, k, !w->is_renamed, out);
    snprintf(why, 160, "its index is not there");
    if (!x || !k->operators || !ddl_add_exclusion(w, x, k->operators, out, why)) {
        text_clear(out);
        return false;
    }
    add_deferral(k, out);
    return true;
}

static void make_exclusion(ddl_work *w, const ddl_constraint *k)
{
    text statement = { 0 };
    char why[160], other_why[160], what[100];
    if (add_exclusion(w, k, &statement, why)) {
        end_statement(w, &statement, true, "exclusion constraint", k);
    } else {
        w->is_open = true;
        (void)add_exclusion(w, k, &statement, other_why);
        w->is_open = false;
        snprintf(what, sizeof what, "exclusion constraint %s", k->name);
        ddl_gap_statement(w, what, why, &statement);
    }
    text_free(&statement);
}

/* ---- checks ---- */

static void add_check(ddl_work *w, const ddl_constraint *k, const text *told, text *out)
{
    add_head(w, k, true, out);
    text_addf(out, "CHECK (%s)%s%s", text_chars(told), k->is_no_inherit ? " NO INHERIT" : "",
              k->is_not_enforced ? " NOT ENFORCED"
              : k->is_not_valid  ? " NOT VALID"
                                 : "");
}

static void make_check(ddl_work *w, const ddl_constraint *k)
{
    text statement = { 0 }, told = { 0 };
    char why[160], what[100];
    if (ddl_add_expression(w, k->tree, &told, why)) {
        add_check(w, k, &told, &statement);
        end_statement(w, &statement, true, "CHECK constraint", k);
    } else {
        text_clear(&told);
        snprintf(what, sizeof what, "CHECK constraint %s", k->name);
        if (ddl_add_open_expression(w, k->tree, &told))
            add_check(w, k, &told, &statement);
        ddl_gap_statement(w, what, why, &statement);
    }
    text_free(&statement);
    text_free(&told);
}

/* NOT NULL is a matter of the column, but where rows of before need not keep it. */
static void make_not_null(ddl_work *w, const ddl_constraint *k)
{
    const char *at = k->keys ? k->keys : "";
    int64_t number = 0;
    const dictionary_column *column =
        ddl_next_number(&at, &number) ? ddl_column_of(w, number) : NULL;
    if (!k->is_not_valid || !column)
        return;
    text statement = { 0 };
    add_head(w, k, true, &statement);
    text_add(&statement, "NOT NULL ");
    quote_identifier(column->name, &statement);
    text_add(&statement, " NOT VALID");
    end_statement(w, &statement, true, "NOT NULL constraint", k);
    text_free(&statement);
}

/* ---- foreign keys ---- */

static const char *action_name(char action)
{
    switch (action) {
    case 'r':
        return "RESTRICT";
    case 'c':
        return "CASCADE";
    case 'n':
        return "SET NULL";
    case 'd':
        return "SET DEFAULT";
    default:
        return NULL;
    }
}

/* The columns of any table, as far as their names are known. */
static void add_names(const ddl_work *w, wp_oid relation, const char *keys, bool is_period,
                      text *out)
{
    const dictionary_relation *r = dictionary_relation_of(w->d->dictionary, relation);
    int64_t number;
    const char *between = "(";
    for (int left = count_numbers(keys); keys && ddl_next_number(&keys, &number); left--) {
        text_add(out, between);
        text_add(out, is_period && left == 1 ? "PERIOD " : "");
        if (r && r->details && number > 0 && (size_t)number <= r->ncolumns)
            quote_identifier(r->details[number - 1].name, out);
        else
            text_addf(out, "[column %d]", (int)number);
        between = ", ";
    }
    text_add(out, ")");
}

static void add_relation(const ddl_work *w, wp_oid relation, text *out)
{
    const dictionary_relation *r = dictionary_relation_of(w->d->dictionary, relation);
    if (relation == w->r->oid)
        ddl_add_table(w, out);
    else if (r)
        dictionary_add_name(w->d->dictionary, r, out);
    else
        text_addf(out, "[relation %u]", relation);
}

/* As a comment: the other table may not be there. */
static bool tell_foreign_key(ddl_work *w, const ddl_constraint *k)
{
    const wp_oid both[] = { k->relation, k->foreign };
    for (size_t i = 0; i < 2; i++) {
        const dictionary_relation *r = dictionary_relation_of(w->d->dictionary, both[i]);
        if (r && !r->columns && !dictionary_learn(w->d->dictionary, &both[i], 1, w->message))
            return false;
    }
    text line = { 0 };
    text_add(&line, "ALTER TABLE ");
    add_relation(w, k->relation, &line);
    text_add(&line, " ADD CONSTRAINT ");
    quote_identifier(k->name, &line);
    text_add(&line, " FOREIGN KEY ");
    add_names(w, k->relation, k->keys, k->is_period, &line);
    text_add(&line, " REFERENCES ");
    add_relation(w, k->foreign, &line);
    text_add(&line, " ");
    add_names(w, k->foreign, k->foreign_keys, k->is_period, &line);
    if (k->match == 'f')
        text_add(&line, " MATCH FULL");
    if (action_name(k->on_update))
        text_addf(&line, " ON UPDATE %s", action_name(k->on_update));
    if (action_name(k->on_delete))
        text_addf(&line, " ON DELETE %s", action_name(k->on_delete));
    if (k->deleted_keys) {
        text_add(&line, " ");
        add_names(w, k->relation, k->deleted_keys, false, &line);
    }
    add_deferral(k, &line);
    if (k->is_not_enforced)
        text_add(&line, " NOT ENFORCED");
    else if (k->is_not_valid)
        text_add(&line, " NOT VALID");
    char what[100];
    snprintf(what, sizeof what, "foreign key %s", k->name);
    ddl_gap_statement(w, what, "the other table may not be there", &line);
    text_free(&line);
    return true;
}

/* ---- all of them ---- */

static bool make_constraint(ddl_work *w, const ddl_constraint *k)
{
    switch (k->kind) {
    case 'p':
    case 'u':
        make_key(w, k);
        return true;
    case 'c':
        make_check(w, k);
        return true;
    case 'n':
        make_not_null(w, k);
        return true;
    case 'x':
        make_exclusion(w, k);
        return true;
    case 't':
        return true; /* a trigger, which is told as such */
    default:
        ddl_gap(w, "constraint %s", k->name);
        return true;
    }
}

bool ddl_make_constraints(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->constraints.count; i++)
        if (c->constraints.items[i].relation == w->r->oid && c->constraints.items[i].kind != 'f'
            && !make_constraint(w, &c->constraints.items[i]))
            return false;
    for (size_t i = 0; i < c->constraints.count; i++) {
        const ddl_constraint *k = &c->constraints.items[i];
        if (k->kind == 'f' && (k->relation == w->r->oid || k->foreign == w->r->oid)
            && !tell_foreign_key(w, k))
            return false;
    }
    return true;
}
