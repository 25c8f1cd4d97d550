/*
 * ddl_node.h - the text of a pg_node_tree: {LABEL :field value :field (item item)}, as nodeToString() of nodes/outfuncs.c writes it.
 *
 * A node is a piece of that text; nothing is allocated. The text may say anything: what is not well formed has no fields and no items.
 */
#ifndef PITR_FIND_DDL_NODE_H
#define PITR_FIND_DDL_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/types.h>

/* Borrowed from the tree's text. */
typedef struct ddl_node {
    const char *at, *end;
} ddl_node;

/* Null where it is not one node, list or token, with all brackets. */
ddl_node ddl_node_of(wp_view tree);

/* Is it "<>", or no text at all? */
bool ddl_node_is_null(ddl_node node);
/* Is it {LABEL ...}? */
bool ddl_node_is(ddl_node node, const char *label);
/* Its label, for people: as many bytes as fit. */
void ddl_node_label(ddl_node node, char label[40]);
/* The value of a field. Without such a field: null. */
ddl_node ddl_node_field(ddl_node node, const char *name);
/* What stands in a list (item item ...); empty where it is none. */
ddl_node ddl_node_items(ddl_node list);
/* Takes the next item from its start. False: there are no more. */
bool ddl_node_next(ddl_node *items, ddl_node *item);

/* A whole number, and nothing else. */
bool ddl_node_number(ddl_node value, int64_t *out);
/* The same of a field; where it is none: otherwise. */
int64_t ddl_node_number_of(ddl_node node, const char *field, int64_t otherwise);
bool ddl_node_is_true(ddl_node node, const char *field);

/* A datum: "4 [ 1 0 0 0 0 0 0 0 ]". Free *bytes with free(). *len counts what stands between the brackets. */
bool ddl_node_datum(ddl_node value, int64_t *told_len, uint8_t **bytes, size_t *len);

#endif
