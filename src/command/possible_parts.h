/*
 * possible_parts.h - transaction ids that may be those of a transaction's subtransactions: rolled back alone, or not ended, and no
 * record tells whose they are.
 */
#ifndef PITR_FIND_POSSIBLE_PARTS_H
#define PITR_FIND_POSSIBLE_PARTS_H

#include "command/family.h"

/* So many are kept. */
#define POSSIBLE_PARTS_MAX ((size_t)1 << 16)

typedef struct possible_part {
    wp_xid xid;
    wp_lsn first_lsn; /* 0: not met yet */
    bool is_rolled_back, is_interrupted, is_cleared;
} possible_part;

/* Start with all zero but for `of`, which is borrowed. */
typedef struct possible_parts {
    const family *of;
    possible_part *items; /* by rising xid */
    size_t count, room;
    bool has_more;     /* than POSSIBLE_PARTS_MAX */
    wp_oid db;         /* of the transaction; 0: not known */
    bool is_seen;      /* it has a record */
    bool is_prepared;  /* its PREPARE has come */
    bool is_over;      /* its end, or the place that it did not live through, has come */
    bool looks_at_all; /* any id may be one: it has no end */
    bool has_fresh;    /* some have had a record since the last one of the transaction */
    bool is_failed;    /* memory is out */
    bool is_done;      /* of a pass: there is no more to see */
} possible_parts;

/* Facts of the family's records, and what comes of all records, in LSN order. */
void possible_parts_take(possible_parts *parts, const wp_fact *fact);

/* Then reads the archive once more, where there are any, and leaves those that nothing speaks against. False with one line in message. */
bool possible_parts_weigh(possible_parts *parts, const archive *wal, unsigned jobs,
                          char message[512]);

/* A warning, where there are any left. True: there are. */
bool possible_parts_warn(const possible_parts *parts);

void possible_parts_free(possible_parts *parts);

#endif
