/*
 * subject.h - which tables are to be rescued, as the question and the event found say it: before their names and files are known.
 */
#ifndef PITR_FIND_SUBJECT_H
#define PITR_FIND_SUBJECT_H

#include "command/rescue/rescue.h"
#include "search/search_timelines.h"

typedef enum subject_scope {
    SUBJECT_RELATION, /* one table, or all partitions of one */
    SUBJECT_SCHEMA,   /* all tables of a schema */
    SUBJECT_DATABASE  /* all tables of a database */
} subject_scope;

/* Which rows of a table. */
typedef enum subject_rows {
    SUBJECT_ALL = 0,
    SUBJECT_DELETED = 0x1, /* those that the transaction removed */
    SUBJECT_UPDATED = 0x2  /* and replaced */
} subject_rows;

typedef struct subject_item {
    subject_scope scope;
    wp_oid db;       /* 0: not known yet, see subject.table */
    wp_oid oid;      /* of relation or schema; 0: not known */
    wp_locator file; /* where oid is 0 */
    unsigned rows;   /* bits of subject_rows; SUBJECT_ALL: all */
    uint64_t told;   /* rows that the event tells of; 0: none */
} subject_item;

typedef struct subject {
    subject_item *items;
    size_t count, room;
    const wp_xid *xids; /* of the transaction whose rows are meant, borrowed from the search */
    size_t nxids;
    const char *table;    /* --table; NULL: the items say it */
    const char *database; /* --database: name or OID; NULL: any */
    wp_lsn until;         /* rows right before this place */
} subject;

/*
 * Of what was found: all that the transaction did and that matches, or all that it did where it is chosen by its id. That may take another
 * reading of the WAL. False with one line in message: nothing of it is a table with rows. Free with
 * subject_free() in either case.
 */
bool subject_of(const rescue_options *own, const timeline_search *h, subject *out,
                char message[512]);

void subject_free(subject *s);

#endif
