/*
 * ddl_calls.c - casts, functions and operators of an expression. Mirrors get_func_expr(), get_oper_expr() and get_coercion_expr() of
 * utils/adt/ruleutils.c.
 */
#include "rescue/ddl_calls.h"

#include <stdio.h>
#include <string.h>

#include "rescue/ddl_constant.h"

enum { IMPLICIT_CAST = 2, SQL_SYNTAX = 3, EXPLICIT_CAST = 1 };

bool ddl_add_type_name(ddl_printer *p, wp_oid type, int32_t typmod)
{
    return p->names->type(p->names->context, type, typmod, p->out)
           || ddl_untold(p, "a type that is not known");
}

wp_oid ddl_oid_of(ddl_node node, const char *field)
{
    const int64_t number = ddl_node_number_of(node, field, 0);
    return number > 0 && number <= UINT32_MAX ? (wp_oid)number : 0;
}

int32_t ddl_typmod_of(ddl_node node, const char *field)
{
    return (int32_t)ddl_node_number_of(node, field, -1);
}

/* The items of a list field, with a text between them. */
bool ddl_add_items(ddl_printer *p, ddl_node list, const char *between, bool shows_implicit)
{
    ddl_node rest = ddl_node_items(list), item;
    for (size_t i = 0; ddl_node_next(&rest, &item); i++) {
        if (i > 0)
            text_add(p->out, between);
        if (!ddl_print(p, item, shows_implicit))
            return false;
    }
    return true;
}

/* ---- casts ---- */

static bool add_cast(ddl_printer *p, ddl_node arg, wp_oid type, int32_t typmod)
{
    if (ddl_node_is(arg, "CONST") && ddl_oid_of(arg, "consttype") == type
        && ddl_typmod_of(arg, "consttypmod") == -1) {
        if (!ddl_constant_add(p, arg, DDL_CONSTANT_BARE))
            return false;
    } else {
        text_add(p->out, "(");
        if (!ddl_print(p, arg, false))
            return false;
        text_add(p->out, ")");
    }
    text_add(p->out, "::");
    return ddl_add_type_name(p, type, typmod);
}

/* A node that casts its arg. */
static bool add_cast_node(ddl_printer *p, ddl_node node, const char *format, const char *typmod,
                          bool shows_implicit)
{
    const ddl_node arg = ddl_node_field(node, "arg");
    if (ddl_node_number_of(node, format, 0) == IMPLICIT_CAST && !shows_implicit)
        return ddl_print(p, arg, false);
    return add_cast(p, arg, ddl_oid_of(node, "resulttype"),
                    typmod ? ddl_typmod_of(node, typmod) : -1);
}

bool ddl_add_relabel(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "relabelformat", "resulttypmod", shows_implicit);
}

bool ddl_add_io_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "coerceformat", NULL, shows_implicit);
}

bool ddl_add_array_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "coerceformat", "resulttypmod", shows_implicit);
}

bool ddl_add_domain_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "coercionformat", "resulttypmod", shows_implicit);
}

/* The typmod that a function casts to: its second argument, a constant integer. */
static int32_t length_cast(ddl_node args)
{
    ddl_node rest = ddl_node_items(args), item, second = { rest.at, rest.at };
    size_t n = 0;
    for (; ddl_node_next(&rest, &item); n++)
        if (n == 1)
            second = item;
    int32_t typmod;
    return (n == 2 || n == 3) && ddl_constant_int4(second, &typmod) ? typmod : -1;
}

/* ---- functions and operators ---- */

/* One that is not the server's own: by its name, where it has one. Frees the name. */
static bool untold_object(ddl_printer *p, const char *what, wp_oid oid, text *name)
{
    char words[160];
    if (name->len > 0)
        snprintf(words, sizeof words, "%s %s", what, text_chars(name));
    else
        snprintf(words, sizeof words, "%s %u", what, oid);
    text_free(name);
    return ddl_untold(p, words);
}

/* A constant text as a word: year. */
static bool add_unit(ddl_printer *p, ddl_node node)
{
    text *out = p->out, unit = { 0 };
    p->out = &unit;
    const bool is_told = ddl_constant_add(p, node, DDL_CONSTANT_BARE);
    p->out = out;
    const size_t letters = unit.len > 2 ? strspn(unit.bytes + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
    if (is_told && letters > 0 && letters + 2 == unit.len)
        text_add_bytes(out, unit.bytes + 1, letters);
    else
        text_add(out, text_chars(&unit));
    text_free(&unit);
    return is_told;
}

/* What the server prints in SQL's own words, where a function stands for them. */
static bool add_sql_syntax(ddl_printer *p, const char *name, ddl_node args, bool *is_done)
{
    ddl_node rest = ddl_node_items(args), first, second;
    *is_done = false;
    if (!ddl_node_next(&rest, &first) || !ddl_node_next(&rest, &second))
        return true;
    if (strcmp(name, "timezone") == 0) {
        *is_done = true;
        text_add(p->out, "(");
        if (!ddl_print(p, second, false))
            return false;
        text_add(p->out, " AT TIME ZONE ");
        if (!ddl_print(p, first, false))
            return false;
        text_add(p->out, ")");
    } else if (strcmp(name, "\"extract\"") == 0) {
        *is_done = true;
        text_add(p->out, "EXTRACT(");
        if (!add_unit(p, first))
            return false;
        text_add(p->out, " FROM ");
        if (!ddl_print(p, second, false))
            return false;
        text_add(p->out, ")");
    }
    return true;
}

/* The last one of a VARIADIC function is an array of what was handed over. */
static bool add_arguments(ddl_printer *p, ddl_node args, bool is_variadic)
{
    ddl_node rest = ddl_node_items(args), item, next;
    bool has_more = ddl_node_next(&rest, &item);
    while (has_more) {
        has_more = ddl_node_next(&rest, &next);
        text_add(p->out, is_variadic && !has_more ? "VARIADIC " : "");
        if (!ddl_print(p, item, true))
            return false;
        text_add(p->out, has_more ? ", " : "");
        item = next;
    }
    return true;
}

bool ddl_add_function(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    const ddl_node args = ddl_node_field(node, "args");
    const int64_t format = ddl_node_number_of(node, "funcformat", 0);
    ddl_node rest = ddl_node_items(args), first;
    if (format == IMPLICIT_CAST && !shows_implicit)
        return ddl_node_next(&rest, &first) ? ddl_print(p, first, false)
                                            : ddl_untold(p, "a cast of nothing");
    if (format == IMPLICIT_CAST || format == EXPLICIT_CAST)
        return ddl_node_next(&rest, &first)
                   ? add_cast(p, first, ddl_oid_of(node, "funcresulttype"), length_cast(args))
                   : ddl_untold(p, "a cast of nothing");
    if (ddl_node_is_true(node, "funcretset"))
        return ddl_untold(p, "a function that gives many rows");

    text name = { 0 };
    bool is_done = false;
    bool is_good = p->names->function(p->names->context, ddl_oid_of(node, "funcid"), &name);
    if (!is_good)
        return untold_object(p, "function", ddl_oid_of(node, "funcid"), &name);
    if (format == SQL_SYNTAX)
        is_good = add_sql_syntax(p, text_chars(&name), args, &is_done);
    if (is_good && !is_done) {
        text_add(p->out, text_chars(&name));
        text_add(p->out, "(");
        is_good = add_arguments(p, args, ddl_node_is_true(node, "funcvariadic"));
        text_add(p->out, ")");
    }
    text_free(&name);
    return is_good;
}

static bool add_operator_name(ddl_printer *p, ddl_node node)
{
    text name = { 0 };
    if (!p->names->operator_name(p->names->context, ddl_oid_of(node, "opno"), &name))
        return untold_object(p, "operator", ddl_oid_of(node, "opno"), &name);
    text_add(p->out, text_chars(&name));
    text_free(&name);
    return true;
}

/* (a op b), or (op a). */
static bool add_operation(ddl_printer *p, ddl_node node, const char *op)
{
    ddl_node rest = ddl_node_items(ddl_node_field(node, "args")), first, second;
    if (!ddl_node_next(&rest, &first))
        return ddl_untold(p, "an operator of nothing");
    const bool is_binary = ddl_node_next(&rest, &second);
    text_add(p->out, "(");
    if (is_binary) {
        if (!ddl_print(p, first, true))
            return false;
        text_add(p->out, " ");
    }
    if (op)
        text_add(p->out, op);
    else if (!add_operator_name(p, node))
        return false;
    text_add(p->out, " ");
    if (!ddl_print(p, is_binary ? second : first, true))
        return false;
    text_add(p->out, ")");
    return true;
}

bool ddl_add_op(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_operation(p, node, NULL);
}

bool ddl_add_distinct(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_operation(p, node, "IS DISTINCT FROM");
}

bool ddl_add_any(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    ddl_node rest = ddl_node_items(ddl_node_field(node, "args")), first, second;
    if (!ddl_node_next(&rest, &first) || !ddl_node_next(&rest, &second))
        return ddl_untold(p, "ANY of nothing");
    text_add(p->out, "(");
    if (!ddl_print(p, first, true))
        return false;
    text_add(p->out, " ");
    if (!add_operator_name(p, node))
        return false;
    text_add(p->out, ddl_node_is_true(node, "useOr") ? " ANY (" : " ALL (");
    if (!ddl_print(p, second, true))
        return false;
    text_add(p->out, "))");
    return true;
}

/* NAME(a, b). */
static bool add_call(ddl_printer *p, ddl_node node, const char *name)
{
    text_add(p->out, name);
    text_add(p->out, "(");
    if (!ddl_add_items(p, ddl_node_field(node, "args"), ", ", true))
        return false;
    text_add(p->out, ")");
    return true;
}

bool ddl_add_nullif(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, "NULLIF");
}

bool ddl_add_coalesce(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, "COALESCE");
}

bool ddl_add_min_max(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, ddl_node_number_of(node, "op", 0) == 0 ? "GREATEST" : "LEAST");
}
