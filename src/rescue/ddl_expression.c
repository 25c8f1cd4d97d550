/*
 * ddl_expression.c - the nodes of an expression to SQL. Mirrors get_rule_expr() of utils/adt/ruleutils.c.
 */
#include "rescue/ddl_expression.h"

#include <stdio.h>
#include <string.h>

#include "rescue/ddl_constant.h"
#include "rescue/ddl_expression_parts.h"
#include "rescue/dictionary.h"

/* Levels that an expression may be deep: as many as nobody writes by hand. */
#define DEPTH_MAX 100

enum { IMPLICIT_CAST = 2, SQL_SYNTAX = 3, EXPLICIT_CAST = 1 };

static bool add_type(ddl_printer *p, wp_oid type, int32_t typmod)
{
    return p->names->type(p->names->context, type, typmod, p->out)
           || ddl_untold(p, "a type that is not known");
}

static wp_oid oid_of(ddl_node node, const char *field)
{
    const int64_t number = ddl_node_number_of(node, field, 0);
    return number > 0 && number <= UINT32_MAX ? (wp_oid)number : 0;
}

static int32_t typmod_of(ddl_node node, const char *field)
{
    return (int32_t)ddl_node_number_of(node, field, -1);
}

/* The items of a list field, with a text between them. */
static bool add_items(ddl_printer *p, ddl_node list, const char *between, bool shows_implicit)
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
    if (ddl_node_is(arg, "CONST") && oid_of(arg, "consttype") == type
        && typmod_of(arg, "consttypmod") == -1) {
        if (!ddl_constant_add(p, arg, DDL_CONSTANT_BARE))
            return false;
    } else {
        text_add(p->out, "(");
        if (!ddl_print(p, arg, false))
            return false;
        text_add(p->out, ")");
    }
    text_add(p->out, "::");
    return add_type(p, type, typmod);
}

/* A node that casts its arg. */
static bool add_cast_node(ddl_printer *p, ddl_node node, const char *format, const char *typmod,
                          bool shows_implicit)
{
    const ddl_node arg = ddl_node_field(node, "arg");
    if (ddl_node_number_of(node, format, 0) == IMPLICIT_CAST && !shows_implicit)
        return ddl_print(p, arg, false);
    return add_cast(p, arg, oid_of(node, "resulttype"), typmod ? typmod_of(node, typmod) : -1);
}

static bool add_relabel(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "relabelformat", "resulttypmod", shows_implicit);
}

static bool add_io_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "coerceformat", NULL, shows_implicit);
}

static bool add_array_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return add_cast_node(p, node, "coerceformat", "resulttypmod", shows_implicit);
}

static bool add_domain_cast(ddl_printer *p, ddl_node node, bool shows_implicit)
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
        if (!ddl_constant_add(p, first, DDL_CONSTANT_BARE))
            return false;
        text_add(p->out, " FROM ");
        if (!ddl_print(p, second, false))
            return false;
        text_add(p->out, ")");
    }
    return true;
}

static bool add_function(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    const ddl_node args = ddl_node_field(node, "args");
    const int64_t format = ddl_node_number_of(node, "funcformat", 0);
    ddl_node rest = ddl_node_items(args), first;
    if (format == IMPLICIT_CAST && !shows_implicit)
        return ddl_node_next(&rest, &first) ? ddl_print(p, first, false)
                                            : ddl_untold(p, "a cast of nothing");
    if (format == IMPLICIT_CAST || format == EXPLICIT_CAST)
        return ddl_node_next(&rest, &first)
                   ? add_cast(p, first, oid_of(node, "funcresulttype"), length_cast(args))
                   : ddl_untold(p, "a cast of nothing");
    if (ddl_node_is_true(node, "funcvariadic") || ddl_node_is_true(node, "funcretset"))
        return ddl_untold(p, "a function with VARIADIC, or one that gives many rows");

    text name = { 0 };
    bool is_done = false;
    bool is_good = p->names->function(p->names->context, oid_of(node, "funcid"), &name);
    if (!is_good)
        return untold_object(p, "function", oid_of(node, "funcid"), &name);
    if (format == SQL_SYNTAX)
        is_good = add_sql_syntax(p, text_chars(&name), args, &is_done);
    if (is_good && !is_done) {
        text_add(p->out, text_chars(&name));
        text_add(p->out, "(");
        is_good = add_items(p, args, ", ", true);
        text_add(p->out, ")");
    }
    text_free(&name);
    return is_good;
}

static bool add_operator_name(ddl_printer *p, ddl_node node)
{
    text name = { 0 };
    if (!p->names->operator_name(p->names->context, oid_of(node, "opno"), &name))
        return untold_object(p, "operator", oid_of(node, "opno"), &name);
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

static bool add_op(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_operation(p, node, NULL);
}

static bool add_distinct(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_operation(p, node, "IS DISTINCT FROM");
}

static bool add_any(ddl_printer *p, ddl_node node, bool shows_implicit)
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
    if (!add_items(p, ddl_node_field(node, "args"), ", ", true))
        return false;
    text_add(p->out, ")");
    return true;
}

static bool add_nullif(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, "NULLIF");
}

static bool add_coalesce(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, "COALESCE");
}

static bool add_min_max(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return add_call(p, node, ddl_node_number_of(node, "op", 0) == 0 ? "GREATEST" : "LEAST");
}

/* ---- truth ---- */

static bool add_bool(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    const ddl_node op = ddl_node_field(node, "boolop"), args = ddl_node_field(node, "args");
    const size_t len = (size_t)(op.end - op.at);
    const bool is_and = len == 3 && memcmp(op.at, "and", 3) == 0;
    const bool is_or = len == 2 && memcmp(op.at, "or", 2) == 0;
    const bool is_not = len == 3 && memcmp(op.at, "not", 3) == 0;
    if (!is_and && !is_or && !is_not)
        return ddl_untold(p, "an unknown connective");
    text_add(p->out, is_not ? "(NOT " : "(");
    if (!add_items(p, args, is_and ? " AND " : " OR ", false))
        return false;
    text_add(p->out, ")");
    return true;
}

static bool add_test(ddl_printer *p, ddl_node node, const char *const *words, int64_t nwords,
                     int64_t which, bool shows_implicit)
{
    if (which < 0 || which >= nwords)
        return ddl_untold(p, "an unknown test");
    text_add(p->out, "(");
    if (!ddl_print(p, ddl_node_field(node, "arg"), shows_implicit))
        return false;
    text_addf(p->out, " %s)", words[which]);
    return true;
}

static bool add_null_test(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    static const char *const words[] = { "IS NULL", "IS NOT NULL" };
    return add_test(p, node, words, 2, ddl_node_number_of(node, "nulltesttype", -1), true);
}

static bool add_truth_test(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    static const char *const words[] = { "IS TRUE",      "IS NOT TRUE", "IS FALSE",
                                         "IS NOT FALSE", "IS UNKNOWN",  "IS NOT UNKNOWN" };
    return add_test(p, node, words, 6, ddl_node_number_of(node, "booltesttype", -1), false);
}

/* ---- the rest ---- */

static bool add_var(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    const int64_t number = ddl_node_number_of(node, "varattno", 0);
    if (ddl_node_number_of(node, "varno", 0) != 1 || ddl_node_number_of(node, "varlevelsup", 0) != 0
        || number <= 0 || ddl_node_number_of(node, "varreturningtype", 0) != 0
        || !p->names->column(p->names->context, number, p->out))
        return ddl_untold(p, "a whole row, or a system column");
    return true;
}

static bool add_array(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    const ddl_node elements = ddl_node_field(node, "elements");
    text_add(p->out, "ARRAY[");
    if (!add_items(p, elements, ", ", true))
        return false;
    text_add(p->out, "]");
    if (!ddl_node_is_null(elements))
        return true;
    text_add(p->out, "::");
    return add_type(p, oid_of(node, "array_typeid"), -1);
}

static bool add_subscript(ddl_printer *p, ddl_node *lower, bool is_slice, ddl_node upper)
{
    ddl_node from;
    text_add(p->out, "[");
    if (is_slice) {
        if (!ddl_node_next(lower, &from) || (!ddl_node_is_null(from) && !ddl_print(p, from, false)))
            return ddl_untold(p, "a subscript of its own kind");
        text_add(p->out, ":");
    }
    if (!ddl_node_is_null(upper) && !ddl_print(p, upper, false))
        return false;
    text_add(p->out, "]");
    return true;
}

static bool add_subscripts(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    const ddl_node of = ddl_node_field(node, "refexpr");
    const ddl_node lowers = ddl_node_field(node, "reflowerindexpr");
    const bool is_column = ddl_node_is(of, "VAR");
    if (!ddl_node_is_null(ddl_node_field(node, "refassgnexpr")))
        return ddl_untold(p, "an assignment to a subscript");
    text_add(p->out, is_column ? "" : "(");
    if (!ddl_print(p, of, shows_implicit))
        return false;
    text_add(p->out, is_column ? "" : ")");
    ddl_node rest = ddl_node_items(ddl_node_field(node, "refupperindexpr")), upper;
    ddl_node lower = ddl_node_items(lowers);
    while (ddl_node_next(&rest, &upper))
        if (!add_subscript(p, &lower, !ddl_node_is_null(lowers), upper))
            return false;
    return true;
}

static bool add_collate(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    text_add(p->out, "(");
    if (!ddl_print(p, ddl_node_field(node, "arg"), shows_implicit))
        return false;
    text_add(p->out, " COLLATE ");
    if (!p->names->collation(p->names->context, oid_of(node, "collOid"), p->out))
        return ddl_untold(p, "a collation that is not known");
    text_add(p->out, ")");
    return true;
}

static bool add_sql_value(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    static const char *const words[] = {
        "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIME",   "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP",
        "LOCALTIME",    "LOCALTIME",    "LOCALTIMESTAMP", "LOCALTIMESTAMP",    "CURRENT_ROLE",
        "CURRENT_USER", "USER",         "SESSION_USER",   "CURRENT_CATALOG",   "CURRENT_SCHEMA"
    };
    const int64_t op = ddl_node_number_of(node, "op", -1);
    if (op < 0 || op >= (int64_t)(sizeof words / sizeof *words))
        return ddl_untold(p, "an unknown SQLValueFunction");
    text_add(p->out, words[op]);
    if (op == 2 || op == 4 || op == 6 || op == 8)
        text_addf(p->out, "(%d)", typmod_of(node, "typmod"));
    return true;
}

static bool add_case_branch(ddl_printer *p, ddl_node when, bool has_arg)
{
    ddl_node condition = ddl_node_field(when, "expr");
    if (has_arg) { /* the condition is CaseTestExpr = value */
        ddl_node rest = ddl_node_items(ddl_node_field(condition, "args")), first;
        if (!ddl_node_is(condition, "OPEXPR") || !ddl_node_next(&rest, &first)
            || !ddl_node_is(first, "CASETESTEXPR") || !ddl_node_next(&rest, &condition))
            return ddl_untold(p, "a CASE of its own kind");
    }
    text_add(p->out, " WHEN ");
    if (!ddl_print(p, condition, false))
        return false;
    text_add(p->out, " THEN ");
    return ddl_print(p, ddl_node_field(when, "result"), true);
}

static bool add_case(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    const ddl_node arg = ddl_node_field(node, "arg"), last = ddl_node_field(node, "defresult");
    const bool has_arg = !ddl_node_is_null(arg);
    text_add(p->out, "CASE");
    if (has_arg) {
        text_add(p->out, " ");
        if (!ddl_print(p, arg, true))
            return false;
    }
    ddl_node rest = ddl_node_items(ddl_node_field(node, "args")), when;
    while (ddl_node_next(&rest, &when))
        if (!add_case_branch(p, when, has_arg))
            return false;
    if (!ddl_node_is_null(last)) {
        text_add(p->out, " ELSE ");
        if (!ddl_print(p, last, true))
            return false;
    }
    text_add(p->out, " END");
    return true;
}

static bool add_domain_value(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)node;
    (void)shows_implicit;
    text_add(p->out, "VALUE");
    return true;
}

static bool add_constant(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    return ddl_constant_add(p, node, DDL_CONSTANT_TYPED);
}

/* ---- all of them ---- */

typedef struct node_row {
    const char *label; /* as nodeToString() writes it; up to 15 some had shorter ones */
    bool (*add)(ddl_printer *p, ddl_node node, bool shows_implicit);
} node_row;

static const node_row rows[] = {
    { "CONST", add_constant },
    { "VAR", add_var },
    { "FUNCEXPR", add_function },
    { "OPEXPR", add_op },
    { "DISTINCTEXPR", add_distinct },
    { "NULLIFEXPR", add_nullif },
    { "SCALARARRAYOPEXPR", add_any },
    { "BOOLEXPR", add_bool },
    { "RELABELTYPE", add_relabel },
    { "COERCEVIAIO", add_io_cast },
    { "ARRAYCOERCEEXPR", add_array_cast },
    { "COERCETODOMAIN", add_domain_cast },
    { "COERCETODOMAINVALUE", add_domain_value },
    { "COLLATEEXPR", add_collate },
    { "COLLATE", add_collate },
    { "CASEEXPR", add_case },
    { "CASE", add_case },
    { "ARRAYEXPR", add_array },
    { "ARRAY", add_array },
    { "COALESCEEXPR", add_coalesce },
    { "COALESCE", add_coalesce },
    { "MINMAXEXPR", add_min_max },
    { "MINMAX", add_min_max },
    { "SUBSCRIPTINGREF", add_subscripts },
    { "ARRAYREF", add_subscripts },
    { "SQLVALUEFUNCTION", add_sql_value },
    { "NULLTEST", add_null_test },
    { "BOOLEANTEST", add_truth_test },
};

bool ddl_print(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    if (p->depth == DEPTH_MAX)
        return ddl_untold(p, "an expression that is nested too deep");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!ddl_node_is(node, rows[i].label))
            continue;
        p->depth++;
        const bool is_good = rows[i].add(p, node, shows_implicit);
        p->depth--;
        return is_good && !p->out->failed;
    }
    char label[40], what[80];
    ddl_node_label(node, label);
    snprintf(what, sizeof what, "an expression of kind %s", *label ? label : "unknown");
    return ddl_untold(p, what);
}

bool ddl_expression_add(const ddl_expression_names *names, ddl_node tree, text *out, char why[160])
{
    *why = '\0';
    ddl_printer p = { .names = names, .out = out, .why = why };
    return ddl_print(&p, tree, false);
}
