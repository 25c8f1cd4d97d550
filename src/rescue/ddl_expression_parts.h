/*
 * ddl_expression_parts.h - what the files share that print expressions: ddl_expression.c, ddl_calls.c and ddl_constant.c.
 */
#ifndef PITR_FIND_DDL_EXPRESSION_PARTS_H
#define PITR_FIND_DDL_EXPRESSION_PARTS_H

#include <stdio.h>

#include "rescue/ddl_expression.h"

typedef struct ddl_printer ddl_printer;

struct ddl_printer {
    const ddl_expression_names *names;
    text *out;
    char *why; /* 160 bytes; the first reason stays */
    unsigned depth;
    bool (*print)(ddl_printer *p, ddl_node node, bool shows_implicit); /* any node */
};

/* Prints a node. shows_implicit: a cast that was not written is shown, since what it stands in chose it by its type. */
static inline bool ddl_print(ddl_printer *p, ddl_node node, bool shows_implicit)
{
    return p->print(p, node, shows_implicit);
}

/* Keeps the reason; false, always. */
static inline bool ddl_untold(ddl_printer *p, const char *what)
{
    if (!*p->why)
        snprintf(p->why, 160, "%s", what);
    return false;
}

#endif
