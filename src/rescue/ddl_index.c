/*
 * ddl_index.c - CREATE INDEX of those that are no constraint's, and which index is the replica identity. Mirrors pg_get_indexdef_worker() of
 * utils/adt/ruleutils.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl_state.h"

enum { DESCENDING = 1, NULLS_FIRST = 2 }; /* bits of indoption */

/* What is told of an index, and why it cannot be: the first reason. */
typedef struct told {
    ddl_work *w;
    const ddl_index *x;
    const char *operators; /* of an exclusion constraint; NULL: it is none's */
    text statement;
    char why[160];
    bool is_btree;
} told;

static bool untold(told *t, const char *why, const char *name)
{
    if (!*t->why)
        snprintf(t->why, sizeof t->why, "%s%s", why, name);
    return false;
}

static void add_object(told *t, const ddl_object *o)
{
    const char *schema = dictionary_schema(t->w->d->dictionary, o->schema);
    ddl_add_qualified(schema ? schema : "pg_catalog", o->name, &t->statement);
}

/* An opclass is named where it is not the default one of its type: of a type of an extension nobody knows. */
static bool add_opclass(told *t, wp_oid class, wp_oid type)
{
    const ddl_catalogs *c = &t->w->d->catalogs;
    const ddl_object *o = ddl_object_of(c->opclasses.items, c->opclasses.count, class);
    if (!o || (o->oid >= FIRST_NORMAL_OID && !t->w->is_open))
        return untold(t, "operator class ", o ? o->name : "[unknown]");
    const dictionary_type *of = dictionary_type_of(t->w->d->dictionary, type);
    if (o->is_default && !(type >= FIRST_NORMAL_OID && of && of->type.kind == 'b'))
        return true;
    text_add(&t->statement, " ");
    add_object(t, o);
    return true;
}

static bool add_collation(told *t, wp_oid collation, wp_oid of_column)
{
    const ddl_catalogs *c = &t->w->d->catalogs;
    const ddl_object *o = ddl_object_of(c->collations.items, c->collations.count, collation);
    if (!collation || collation == of_column)
        return true;
    if (!o || (o->oid >= FIRST_NORMAL_OID && !t->w->is_open))
        return untold(t, "collation ", o ? o->name : "[unknown]");
    text_add(&t->statement, " COLLATE ");
    add_object(t, o);
    return true;
}

static void add_order(told *t, int64_t option)
{
    if (!t->is_btree)
        return;
    const bool is_descending = option & DESCENDING, has_nulls_first = option & NULLS_FIRST;
    if (is_descending)
        text_add(&t->statement, has_nulls_first ? " DESC" : " DESC NULLS LAST");
    else if (has_nulls_first)
        text_add(&t->statement, " NULLS FIRST");
}

/* A column of the table; its type and collation. */
static bool add_key_column(told *t, int64_t number, wp_oid *type, wp_oid *collation)
{
    const dictionary_column *column = ddl_column_of(t->w, number);
    if (!column || ddl_is_generated_untold(t->w, column) || ddl_is_raw(t->w, (size_t)number - 1))
        return untold(t, "a column of it is not restored", "");
    quote_identifier(column->name, &t->statement);
    *type = t->w->r->columns[number - 1].typid;
    *collation = column->collation;
    return true;
}

static bool add_key_expression(told *t, ddl_node *expressions)
{
    ddl_node node;
    if (!ddl_node_next(expressions, &node))
        return untold(t, "an expression that cannot be read", "");
    text_add(&t->statement, "(");
    if (!ddl_add_node(t->w, node, &t->statement, t->why))
        return false;
    text_add(&t->statement, ")");
    return true;
}

static ddl_node expressions_of(const ddl_index *x)
{
    const char *tree = x->expressions ? x->expressions : "";
    return ddl_node_items(ddl_node_of((wp_view){ (const uint8_t *)tree, strlen(tree) }));
}

static bool add_operator(told *t)
{
    int64_t op;
    text name = { 0 };
    const bool is_told = ddl_next_number(&t->operators, &op) && op > 0 && op <= UINT32_MAX
                         && ddl_add_operator(t->w, (wp_oid)op, &name);
    text_addf(&t->statement, " WITH %s", text_chars(&name));
    if (!is_told)
        (void)untold(t, "operator ", text_chars(&name));
    text_free(&name);
    return is_told;
}

static bool add_keys(told *t)
{
    const ddl_index *x = t->x;
    const char *keys = x->keys, *classes = x->classes, *options = x->options,
               *collations = x->collations;
    ddl_node expressions = expressions_of(x);
    int64_t key, class = 0, option = 0, collation = 0;
    for (int i = 0; keys && ddl_next_number(&keys, &key); i++) {
        wp_oid type = 0, own_collation = 0;
        text_add(&t->statement, i == x->nkeys ? ") INCLUDE (" : i ? ", " : "(");
        if (key == 0 ? !add_key_expression(t, &expressions)
                     : !add_key_column(t, key, &type, &own_collation))
            return false;
        if (i >= x->nkeys)
            continue;
        if (!classes || !options || !collations || !ddl_next_number(&classes, &class)
            || !ddl_next_number(&options, &option) || !ddl_next_number(&collations, &collation))
            return untold(t, "its row cannot be read", "");
        if (!add_collation(t, (wp_oid)collation, own_collation)
            || !add_opclass(t, (wp_oid) class, type))
            return false;
        add_order(t, option);
        if (t->operators && !add_operator(t))
            return false;
    }
    text_add(&t->statement, ")");
    return true;
}

static bool add_predicate(told *t)
{
    return !t->x->predicate || ddl_add_expression(t->w, t->x->predicate, &t->statement, t->why);
}

/* USING gist (a, b) INCLUDE (c) WITH (...): what indexes and exclusion constraints have in common. */
static bool add_body(told *t)
{
    const ddl_catalogs *c = &t->w->d->catalogs;
    const ddl_class *class = ddl_class_of(c, t->x->oid);
    const ddl_object *method = class ? ddl_object_of(c->access_methods.items,
                                                     c->access_methods.count, class->access_method)
                                     : NULL;
    if (!method || (method->oid >= FIRST_NORMAL_OID && !t->w->is_open))
        return untold(t, "access method ", method ? method->name : "[unknown]");
    if (!t->x->is_valid)
        return untold(t, "it is not valid", "");
    t->is_btree = strcmp(method->name, "btree") == 0;
    text_add(&t->statement, "USING ");
    quote_identifier(method->name, &t->statement);
    text_add(&t->statement, " ");
    if (!add_keys(t))
        return false;
    if (t->x->nulls_are_equal)
        text_add(&t->statement, " NULLS NOT DISTINCT");
    ddl_add_storage_options(class->options, &t->statement);
    return true;
}

static bool tell(told *t, const dictionary_relation *index)
{
    text_addf(&t->statement, "CREATE %sINDEX ", t->x->is_unique ? "UNIQUE " : "");
    if (!t->w->is_renamed) {
        quote_identifier(index->name, &t->statement);
        text_add(&t->statement, " ");
    }
    text_add(&t->statement, "ON ");
    ddl_add_table(t->w, &t->statement);
    text_add(&t->statement, " ");
    if (!add_body(t))
        return false;
    text_add(&t->statement, t->x->predicate ? " WHERE " : "");
    return add_predicate(t);
}

bool ddl_add_exclusion(ddl_work *w, const ddl_index *x, const char *operators, text *out,
                       char why[160])
{
    told t = { .w = w, .x = x, .operators = operators };
    text_add(&t.statement, "EXCLUDE ");
    bool is_told = add_body(&t);
    if (is_told && x->predicate) {
        text_add(&t.statement, " WHERE (");
        is_told = add_predicate(&t);
        text_add(&t.statement, ")");
    }
    if (is_told)
        text_add(out, text_chars(&t.statement));
    memcpy(why, t.why, sizeof t.why);
    text_free(&t.statement);
    return is_told;
}

static bool is_of_constraint(const ddl_catalogs *c, const ddl_index *x)
{
    for (size_t i = 0; i < c->constraints.count; i++) {
        const ddl_constraint *k = &c->constraints.items[i];
        if (k->index == x->oid && k->relation == x->relation && strchr("pux", k->kind))
            return true;
    }
    return false;
}

/* A gap, with the statement where names of others are all that is in its way. */
static void tell_open(told *t, const dictionary_relation *index)
{
    told open = { .w = t->w, .x = t->x };
    char what[100];
    snprintf(what, sizeof what, "index %s", index->name);
    t->w->is_open = true;
    if (!tell(&open, index))
        text_clear(&open.statement);
    t->w->is_open = false;
    ddl_gap_statement(t->w, what, t->why, &open.statement);
    text_free(&open.statement);
}

static void make_index(ddl_work *w, const ddl_index *x)
{
    const dictionary_relation *index = dictionary_relation_of(w->d->dictionary, x->oid);
    if (!index)
        return;
    told t = { .w = w, .x = x };
    if (tell(&t, index))
        text_addf(w->out, "%s;\n", text_chars(&t.statement));
    else
        tell_open(&t, index);
    w->out->failed |= t.statement.failed;
    text_free(&t.statement);
}

/* ALTER TABLE ... REPLICA IDENTITY, and CLUSTER ON. */
static void add_marks(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    const ddl_class *class = ddl_class_of(c, w->r->oid);
    const char identity = class ? class->replica_identity : 'd';
    if (identity == 'f' || identity == 'n') {
        text_add(w->out, "ALTER TABLE ONLY ");
        ddl_add_table(w, w->out);
        text_addf(w->out, " REPLICA IDENTITY %s;\n", identity == 'f' ? "FULL" : "NOTHING");
    }
    for (size_t i = 0; i < c->indexes.count; i++) {
        const ddl_index *x = &c->indexes.items[i];
        const dictionary_relation *index =
            x->relation == w->r->oid ? dictionary_relation_of(w->d->dictionary, x->oid) : NULL;
        if (!index)
            continue;
        if (identity == 'i' && x->is_replica_identity)
            ddl_gap(w, "index %s as replica identity", index->name);
        if (x->is_clustered)
            ddl_gap(w, "index %s as that of CLUSTER", index->name);
    }
}

bool ddl_make_indexes(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->indexes.count; i++)
        if (c->indexes.items[i].relation == w->r->oid && !is_of_constraint(c, &c->indexes.items[i]))
            make_index(w, &c->indexes.items[i]);
    add_marks(w);
    return true;
}

static void add_comment(ddl_work *w, const ddl_comment *comment)
{
    const dictionary_column *column = comment->column ? ddl_column_of(w, comment->column) : NULL;
    if (comment->column && !column)
        return;
    text_addf(w->out, "COMMENT ON %s ", column ? "COLUMN" : "TABLE");
    ddl_add_table(w, w->out);
    if (column) {
        text_add(w->out, ".");
        quote_identifier(column->name, w->out);
    }
    text_add(w->out, " IS ");
    quote_literal((wp_view){ (const uint8_t *)comment->text, strlen(comment->text) }, w->out);
    text_add(w->out, ";\n");
}

void ddl_make_comments(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->comments.count; i++)
        if (c->comments.items[i].relation == w->r->oid && c->comments.items[i].text)
            add_comment(w, &c->comments.items[i]);
}
