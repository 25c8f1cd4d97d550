/*
 * place.h - what a file of a data directory is, by its name.
 */
#ifndef PITR_FIND_PLACE_H
#define PITR_FIND_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/types.h>

#define GLOBAL_TABLESPACE 1664

typedef enum place_kind {
    PLACE_OTHER,
    PLACE_VERSION,
    PLACE_LABEL,
    PLACE_CONTROL,
    PLACE_TABLESPACES, /* tablespace_map */
    PLACE_MAP,
    PLACE_RELATION
} place_kind;

typedef struct place {
    place_kind kind;
    wp_oid spc, db; /* MAP and RELATION */
    wp_oid node;    /* RELATION: file node ... */
    uint32_t part;  /* ... and number of the .1, .2 ... */
} place;

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
