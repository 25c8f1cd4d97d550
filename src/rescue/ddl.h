/*
 * ddl.h - what makes a lost relation anew: CREATE TABLE with its types, NOT NULL, defaults and primary key, its sequences and their setval.
 *
 * As far as the catalogs tell without an expression's text: a default is told where its node tree is a constant, a nextval() or a cast of one.
 * What is left out is told as a comment in the SQL, and counted.
 */
#ifndef PITR_FIND_DDL_H
#define PITR_FIND_DDL_H

#include "rescue/dictionary.h"

typedef struct ddl_options {
    const char *schema, *name; /* the relation is to be called so; NULL: as it was */
} ddl_options;

/* A line each of what is left out: "column total: its default is an expression". */
typedef struct ddl_gaps {
    text_list lines;
} ddl_gaps;

/*
 * Before the rows: SET client_encoding and the like (once a file: ddl_preamble()), CREATE TYPE of enums, domains and composites that the table needs are
 * told as comments or made with IF NOT EXISTS semantics, CREATE SEQUENCE, CREATE TABLE. After the rows: PRIMARY KEY, UNIQUE, indexes, ALTER SEQUENCE OWNED BY,
 * setval. The relation's columns must be learnt (dictionary_learn()). False with one line in message.
 */
bool ddl_before_rows(dictionary *d, const dictionary_relation *r, const ddl_options *o, text *out,
                     ddl_gaps *gaps, char message[512]);
bool ddl_after_rows(dictionary *d, const dictionary_relation *r, const ddl_options *o, text *out,
                    ddl_gaps *gaps, char message[512]);

/* What stands before all: client_encoding, standard_conforming_strings, check_function_bodies ... */
void ddl_preamble(const dictionary_database *db, text *out);

/* The columns of the relation's primary key, or of the unique index that is its replica identity; by position in columns[]. 0: it has none. */
bool ddl_key(dictionary *d, const dictionary_relation *r, size_t *columns, size_t room, size_t *n,
             char message[512]);

#endif
