/*
 * ddl_take.h - how rows of a catalog become those of ddl_catalogs.h.
 */
#ifndef PITR_FIND_DDL_TAKE_H
#define PITR_FIND_DDL_TAKE_H

#include "rescue/ddl_catalogs.h"

typedef struct ddl_take {
    wp_oid catalog; /* 0: the end of the list */
    /* context: ddl_catalogs. False: memory is out, and it says so. */
    bool (*take)(void *context, const catalog_row *row);
    bool is_link;  /* to sequences */
    bool is_newer; /* than the oldest major: pg_sequence is of 10 */
} ddl_take;

/* In the order in which they are read. */
extern const ddl_take ddl_takes[];

#endif
