/*
 * ddl_constant.h - constants of an expression as SQL.
 */
#ifndef PITR_FIND_DDL_CONSTANT_H
#define PITR_FIND_DDL_CONSTANT_H

#include "rescue/ddl_expression_parts.h"

typedef enum ddl_constant_form {
    DDL_CONSTANT_BARE, /* without its type: a cast follows */
    DDL_CONSTANT_TYPED /* with its type where it could be taken for one of another */
} ddl_constant_form;

bool ddl_constant_add(ddl_printer *p, ddl_node node, ddl_constant_form form);

/* Is it a constant integer that is not NULL? */
bool ddl_constant_int4(ddl_node node, int32_t *out);

/* The next relation that a constant in a tree's text names. False: there are no more. *at moves on; NULL is fine. */
bool ddl_constant_next_relation(const char **at, wp_oid *relation);

#endif
