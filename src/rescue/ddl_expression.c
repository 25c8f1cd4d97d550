/*
 * ddl_expression.c - the nodes of an expression to SQL. Mirrors get_rule_expr() of utils/adt/ruleutils.c.
 */
#include "rescue/ddl_expression.h"

#include <stdio.h>
#include <string.h>

#include "rescue/ddl_calls.h"
#include "rescue/ddl_constant.h"

/* Levels that an expression may be deep: as many as nobody writes by hand. */
#define DEPTH_MAX 100

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
    if (!ddl_add_items(p, args, is_and ? " AND " : " OR ", false))
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
        || number <= 0 || ddl_node_number_of(node, "varreturningtype", 0) != 0)
        return ddl_untold(p, "a whole row, or a system column");
    return p->names->column(p->names->context, number, p->out)
           || ddl_untold(p, "a column that is not restored");
}

static bool add_array(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    (void)shows_implicit;
    const ddl_node elements = ddl_node_field(node, "elements");
    text_add(p->out, "ARRAY[");
    if (!ddl_add_items(p, elements, ", ", true))
        return false;
    text_add(p->out, "]");
    if (!ddl_node_is_null(elements))
        return true;
    text_add(p->out, "::");
    return ddl_add_type_name(p, ddl_oid_of(node, "array_typeid"), -1);
}

static bool add_subscript(ddl_printer *p, ddl_node *lower, bool is_slice, ddl_node upper)
{
    ddl_node from;
    text_add(p->out, "[");
    if (is_slice) {
        if (!ddl_node_next(lower, &from) || (!ddl_node_is_null(from) && !ddl_print(p, from, false)))
            return ddl_untold(p, "a subscript of its own kind");
        text_add(p->out, ": "); /* :name is a variable of psql */
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
    if (!p->names->collation(p->names->context, ddl_oid_of(node, "collOid"), p->out))
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
        text_addf(p->out, "(%d)", ddl_typmod_of(node, "typmod"));
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
    { "FUNCEXPR", ddl_add_function },
    { "OPEXPR", ddl_add_op },
    { "DISTINCTEXPR", ddl_add_distinct },
    { "NULLIFEXPR", ddl_add_nullif },
    { "SCALARARRAYOPEXPR", ddl_add_any },
    { "BOOLEXPR", add_bool },
    { "RELABELTYPE", ddl_add_relabel },
    { "COERCEVIAIO", ddl_add_io_cast },
    { "ARRAYCOERCEEXPR", ddl_add_array_cast },
    { "COERCETODOMAIN", ddl_add_domain_cast },
    { "COERCETODOMAINVALUE", add_domain_value },
    { "COLLATEEXPR", add_collate },
    { "COLLATE", add_collate },
    { "CASEEXPR", add_case },
    { "CASE", add_case },
    { "ARRAYEXPR", add_array },
    { "ARRAY", add_array },
    { "COALESCEEXPR", ddl_add_coalesce },
    { "COALESCE", ddl_add_coalesce },
    { "MINMAXEXPR", ddl_add_min_max },
    { "MINMAX", ddl_add_min_max },
    { "SUBSCRIPTINGREF", add_subscripts },
    { "ARRAYREF", add_subscripts },
    { "SQLVALUEFUNCTION", add_sql_value },
    { "NULLTEST", add_null_test },
    { "BOOLEANTEST", add_truth_test },
};

static bool print(ddl_printer *p, ddl_node node, bool shows_implicit)
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
    ddl_printer p = { .names = names, .out = out, .why = why, .print = print };
    return print(&p, tree, false);
}
