/*
 * place.h - what a file of a data directory is, by its name.
 */
#ifndef PITR_FIND_PLACE_H
#define PITR_FIND_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/types.h>

#define DEFAULT_TABLESPACE 1663
#define GLOBAL_TABLESPACE 1664
/* Blocks of each file of a log of transactions. */
#define PLACE_LOG_BLOCKS 32

typedef enum place_kind {
    PLACE_OTHER,
    PLACE_VERSION,
    PLACE_LABEL,
    PLACE_CONTROL,
    PLACE_TABLESPACES, /* tablespace_map */
    PLACE_MAP,
    PLACE_RELATION,
    PLACE_INCREMENT, /* of a relation's file: INCREMENTAL.NODE */
    PLACE_LOG        /* of transactions: see redo.h */
} place_kind;

typedef struct place {
    place_kind kind;
    wp_oid spc, db; /* MAP, RELATION and INCREMENT */
    wp_oid node;    /* RELATION and INCREMENT: file node ...; LOG: which one */
    uint32_t part;  /* ... and number of the .1, .2 ...; LOG: of its segment */
    uint32_t
        catalog_version; /* in a tablespace: that of the folder PG_15_202209061; 0: none. No part of what it is */
} place;

/* Is it one of those that are read whole, being small: all but files of relations and logs? */
bool place_is_small(place_kind kind);

/*
 * name: below the data directory, or below the tablespace spc, whose tar archive has the file; spc 0: the main archive,
 * or a folder.
 */
place place_of(const char *name, wp_oid spc);

bool place_is_same(const place *x, const place *y);

/* By database, file node and part: as for qsort(). */
int place_compare(const place *x, const place *y);

/* Moves *at past a number without leading zero, as oids and parts have in names. False: there is none. */
bool place_skip_number(const char **at, wp_oid *out);

#endif
