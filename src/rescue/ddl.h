/*
 * ddl.h - what makes a lost relation anew: its schema, types and sequences, CREATE TABLE, and after the rows its constraints, indexes and setval.
 *
 * The SQL runs in an empty database, and in the one that the relation was lost from: what may be there still (schemas, types, sequences of
 * no column) is made only where it is not. Expressions are told as far as ddl_expression.h can. What is left out stands as a comment
 * "-- not restored: ..." where it would be, and is told as a gap.
 *
 * Materialized views, partitions, typed and inheriting tables become plain tables. A generated column whose expression cannot be told becomes a plain
 * column without values. Foreign keys are comments with their statement: the other table may not be there.
 */
#ifndef PITR_FIND_DDL_H
#define PITR_FIND_DDL_H

#include "rescue/dictionary.h"

typedef struct ddl_options {
    /* The relation is to be called so; NULL: as it was. Where that is another name, names of indexes are left to the server, and sequences have new ones. */
    const char *schema, *name;
    const char *const *skipped; /* names of columns that are left out */
    size_t nskipped;
    bool is_raw; /* columns of types without decoder are bytea */
} ddl_options;

/* A line each of what is left out: "default of column total: function public.price". */
typedef struct ddl_gaps {
    text_list lines;
} ddl_gaps;

/* Remembers over all relations of a run what it has made already. */
typedef struct ddl ddl;

/* All is borrowed until ddl_free(). NULL: out of memory. */
ddl *ddl_new(dictionary *d, const heap *h);
void ddl_free(ddl *d);
/* Nothing is made yet: what comes next goes to another file. What the catalogs say is kept. */
void ddl_restart(ddl *d);
/* A relation that is made in the same file at some time: made first where another one has a column of its rows. False: out of memory. */
bool ddl_expect(ddl *d, wp_oid relation);

/* The files that replay must follow beside the relation's own: those of its sequences. False with one line in message. */
bool ddl_files(ddl *d, const dictionary_relation *r, dictionary_needs *out, char message[512]);

/* What stands before all: client_encoding, standard_conforming_strings, search_path ... */
void ddl_preamble(const dictionary_database *db, text *out);

/*
 * Before and after the rows. The relation's columns must be learnt (dictionary_learn()). A materialized view's, too. gaps may hold those of other
 * relations already. False with one line in message.
 */
bool ddl_before_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                     ddl_gaps *gaps, char message[512]);
bool ddl_after_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                    ddl_gaps *gaps, char message[512]);

/*
 * The columns of the relation's primary key, else of the index that is its replica identity, else of a unique constraint of columns that are
 * NOT NULL; by position in columns[]. *n 0: it has none, or one of more columns than room. False with one line in message.
 */
bool ddl_key(ddl *d, const dictionary_relation *r, size_t *columns, size_t room, size_t *n,
             char message[512]);

#endif
