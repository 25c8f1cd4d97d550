/*
 * ddl_expression.h - an expression of a catalog (a default, a CHECK, a part of an index) as SQL, out of its pg_node_tree.
 *
 * It prints what pg_get_expr() prints with an empty search_path, except that pretty-printing does not matter, and tells only what
 * it knows for certain: constants, columns, functions and operators of the server itself, casts, and the common constructs. Mirrors
 * utils/adt/ruleutils.c. Anything else is not told at all.
 */
#ifndef PITR_FIND_DDL_EXPRESSION_H
#define PITR_FIND_DDL_EXPRESSION_H

#include <walparse/value.h>

#include "base/text.h"
#include "rescue/ddl_node.h"

/* What the catalogs have to say. All append to out, and answer false for what they do not know, or is not the server's own: of a function or
 * an operator out then has its name for people, or nothing. */
typedef struct ddl_expression_names {
    bool (*type)(void *context, wp_oid type, int32_t typmod, text *out); /* as format_type() */
    bool (*value)(void *context, wp_oid type, const wp_datum *datum, wp_text *out); /* as COPY */
    bool (*function)(void *context, wp_oid function, text *out);
    bool (*operator_name)(void *context, wp_oid op, text *out);
    bool (*relation)(void *context, wp_oid relation, text *out); /* of a regclass: schema.name */
    bool (*column)(void *context, int64_t number, text *out);
    bool (*collation)(void *context, wp_oid collation, text *out);
    void *context;
} ddl_expression_names;

/* False: it cannot be told; why says what of it in a few words, and out has something in it that means nothing. */
bool ddl_expression_add(const ddl_expression_names *names, ddl_node tree, text *out, char why[160]);

#endif
