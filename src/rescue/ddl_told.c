/*
 * ddl_told.c - expressions with the names that the catalogs of the database have for what is in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl_state.h"

/* Types that may not be there when the SQL is run are not named: those made already are. */
static bool add_type(void *context, wp_oid type, int32_t typmod, text *out)
{
    const ddl_work *w = context;
    const dictionary_type *t = dictionary_type_of(w->d->dictionary, type);
    if (!t)
        return false;
    const wp_oid element = t->type.kind == 'b' && t->type.element ? t->type.element : type;
    if (type >= FIRST_NORMAL_OID && !w->is_open && !ddl_oids_have(&w->d->types, element))
        return false;
    return dictionary_add_type(w->d->dictionary, type, typmod, out);
}

static bool add_value(void *context, wp_oid type, const wp_datum *datum, wp_text *out)
{
    const ddl_work *w = context;
    return ddl_value(w->d, type, datum, out);
}

/* schema.name of one that is not the server's own. True where that is good enough. */
static bool add_name(const ddl_work *w, const ddl_object *o, bool is_operator, text *out)
{
    const char *schema = dictionary_schema(w->d->dictionary, o->schema);
    if (!schema)
        return false;
    text_add(out, w->is_open && is_operator ? "OPERATOR(" : "");
    quote_identifier(schema, out);
    text_add(out, ".");
    if (is_operator)
        text_add(out, o->name);
    else
        quote_identifier(o->name, out);
    text_add(out, w->is_open && is_operator ? ")" : "");
    return w->is_open;
}

static bool add_function(void *context, wp_oid function, text *out)
{
    const ddl_work *w = context;
    const ddl_object *f =
        ddl_object_of(w->d->catalogs.functions.items, w->d->catalogs.functions.count, function);
    if (!f)
        return false;
    if (f->oid >= FIRST_NORMAL_OID)
        return add_name(w, f, false, out);
    quote_identifier(f->name, out);
    return true;
}

bool ddl_add_operator(const ddl_work *w, wp_oid op, text *out)
{
    const ddl_object *o =
        ddl_object_of(w->d->catalogs.operators.items, w->d->catalogs.operators.count, op);
    if (!o || strspn(o->name, "+-*/<>=~!@#%^&|`?") != strlen(o->name))
        return false;
    if (o->oid >= FIRST_NORMAL_OID)
        return add_name(w, o, true, out);
    text_add(out, o->name);
    return true;
}

static bool add_operator(void *context, wp_oid op, text *out)
{
    return ddl_add_operator(context, op, out);
}

static bool add_relation(void *context, wp_oid relation, text *out)
{
    ddl_work *w = context;
    const dictionary_relation *s = dictionary_relation_of(w->d->dictionary, relation);
    const ddl_owned *owner = ddl_owner_of(w, relation);
    const bool is_own = owner && ddl_column_of(w, owner->column);
    if (!s || s->kind != 'S' || (!is_own && !ddl_oids_have(&w->d->sequences, relation)))
        return false;
    return ddl_add_sequence_name(w, relation, out);
}

static bool add_column(void *context, int64_t number, text *out)
{
    ddl_work *w = context;
    const dictionary_column *column = w->domain ? NULL : ddl_column_of(w, number);
    if (!column || ddl_is_raw(w, (size_t)number - 1))
        return false;
    quote_identifier(column->name, out);
    return true;
}

static bool add_collation_name(void *context, wp_oid collation, text *out)
{
    const ddl_work *w = context;
    const ddl_object *o =
        ddl_object_of(w->d->catalogs.collations.items, w->d->catalogs.collations.count, collation);
    if (!o || o->oid >= FIRST_NORMAL_OID)
        return false;
    ddl_add_qualified("pg_catalog", o->name, out);
    return true;
}

bool ddl_add_node(ddl_work *w, ddl_node node, text *out, char why[160])
{
    const ddl_expression_names names = { .type = add_type,
                                         .value = add_value,
                                         .function = add_function,
                                         .operator_name = add_operator,
                                         .relation = add_relation,
                                         .column = add_column,
                                         .collation = add_collation_name,
                                         .context = w };
    return ddl_expression_add(&names, node, out, why);
}

bool ddl_add_expression(ddl_work *w, const char *tree, text *out, char why[160])
{
    if (!tree || !*tree) {
        snprintf(why, 160, "an expression that cannot be read");
        return false;
    }
    return ddl_add_node(w, ddl_node_of((wp_view){ (const uint8_t *)tree, strlen(tree) }), out, why);
}

bool ddl_add_open_expression(ddl_work *w, const char *tree, text *out)
{
    text told = { 0 };
    char why[160];
    w->is_open = true;
    const bool is_told = ddl_add_expression(w, tree, &told, why);
    w->is_open = false;
    if (is_told)
        text_add(out, text_chars(&told));
    text_free(&told);
    return is_told;
}

void ddl_add_collation(ddl_work *w, wp_oid collation, wp_oid type, const char *of, text *out)
{
    const dictionary_type *t = dictionary_type_of(w->d->dictionary, type);
    if (!collation || !t || t->collation == collation)
        return;
    text name = { 0 };
    if (add_collation_name(w, collation, &name)) {
        text_add(out, " COLLATE ");
        text_add(out, text_chars(&name));
    } else {
        ddl_gap(w, "collation of %s: it is none of the server's own", of);
    }
    text_free(&name);
}
