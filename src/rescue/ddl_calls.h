/*
 * ddl_calls.h - casts, functions and operators of an expression as SQL, and what all nodes share.
 */
#ifndef PITR_FIND_DDL_CALLS_H
#define PITR_FIND_DDL_CALLS_H

#include "rescue/ddl_expression_parts.h"

/* Each prints a node of its kind. False: it cannot be told. */
bool ddl_add_relabel(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_io_cast(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_array_cast(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_domain_cast(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_function(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_op(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_distinct(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_any(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_nullif(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_coalesce(ddl_printer *p, ddl_node node, bool shows_implicit);
bool ddl_add_min_max(ddl_printer *p, ddl_node node, bool shows_implicit);

/* An OID that a field has; 0: none. */
wp_oid ddl_oid_of(ddl_node node, const char *field);
int32_t ddl_typmod_of(ddl_node node, const char *field);
bool ddl_add_type_name(ddl_printer *p, wp_oid type, int32_t typmod);
/* The items of a list, with a text between them. */
bool ddl_add_items(ddl_printer *p, ddl_node list, const char *between, bool shows_implicit);

#endif
