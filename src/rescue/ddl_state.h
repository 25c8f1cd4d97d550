/*
 * ddl_state.h - what the files of ddl share: the state of a run, and the work on one relation.
 */
#ifndef PITR_FIND_DDL_STATE_H
#define PITR_FIND_DDL_STATE_H

#include "rescue/ddl.h"
#include "rescue/ddl_catalogs.h"
#include "rescue/ddl_expression.h"

typedef struct ddl_oids {
    wp_oid *items;
    size_t count, room;
} ddl_oids;

typedef struct ddl_work ddl_work;

struct ddl {
    dictionary *dictionary;
    const heap *heap;
    ddl_catalogs catalogs;
    text_list schemas; /* that are made, as all of these */
    ddl_oids types, sequences, tables;
    ddl_oids expected;               /* tables that are made at some time */
    bool (*make_table)(ddl_work *w); /* ddl_make_table(): a type may need one */
};

/* One relation, and where its SQL goes. */
struct ddl_work {
    ddl *d;
    const dictionary_relation *r;
    const ddl_options *o;
    text *out;
    ddl_gaps *gaps;
    char *message; /* 512 bytes */
    bool is_renamed;
    const char *schema, *name; /* of the new one */
    /* Names of objects that may not be there are good enough: a statement is told, not run. */
    bool is_open;
    const char *domain; /* an expression of a domain is told: it has no columns */
};

/* False and says so: memory is out. */
bool ddl_out_of_memory(ddl_work *w);

/* Is it in the list now, and was it not before? *is_new. False: out of memory. */
bool ddl_oids_add(ddl_oids *list, wp_oid oid, bool *is_new);
bool ddl_oids_have(const ddl_oids *list, wp_oid oid);

/* "what: why: statement;", for people to run; without it where it is empty, or cannot stand on one line. Clears it. */
void ddl_gap_statement(ddl_work *w, const char *what, const char *why, text *statement);
/* A comment and a gap: "default of column a: ...". On one line, whatever names have in them. */
void ddl_gap(ddl_work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* schema.name of the new relation; or of any two names. */
void ddl_add_table(const ddl_work *w, text *out);
void ddl_add_qualified(const char *schema, const char *name, text *out);

/* The work's relation has this column, and the new one has it too. NULL: not so. number is attnum. */
const dictionary_column *ddl_column_of(const ddl_work *w, int64_t number);
bool ddl_is_skipped(const ddl_work *w, const dictionary_column *column);
/* Its values are had as bytes only. */
bool ddl_is_raw(const ddl_work *w, size_t position);
bool ddl_is_generated_untold(ddl_work *w, const dictionary_column *column);

/* An expression. False: it cannot be told, and why says it. */
bool ddl_add_expression(ddl_work *w, const char *tree, text *out, char why[160]);
bool ddl_add_node(ddl_work *w, ddl_node node, text *out, char why[160]);
/* An expression for people, who see to it that what is in it is there. Adds nothing, and is false, where it cannot be told. */
bool ddl_add_open_expression(ddl_work *w, const char *tree, text *out);

/* Tells a value. */
bool ddl_value(const ddl *d, wp_oid type, const wp_datum *datum, wp_text *out);
wp_value_config ddl_value_config(const ddl *d);

/* As in an expression. False: it is not the server's own; out may have something in it then. */
bool ddl_add_operator(const ddl_work *w, wp_oid op, text *out);

/* " COLLATE x" where the collation is not the type's own. of: what has it, for a gap. */
void ddl_add_collation(ddl_work *w, wp_oid collation, wp_oid type, const char *of, text *out);

/* ---- parts, in their order ---- */

bool ddl_make_schema(ddl_work *w, const char *name);
/* The type, and all that it is made of, as far as they are no types of the server. */
bool ddl_make_type(ddl_work *w, wp_oid type);
/* Sequences of the relation's columns, before the table and after the rows. */
bool ddl_make_own_sequences(ddl_work *w);
bool ddl_finish_own_sequences(ddl_work *w);
/* The sequences that an expression names: those that are none's, or another table's. */
bool ddl_make_sequences_of(ddl_work *w, const char *tree);
/* " GENERATED ... AS IDENTITY (...)". */
bool ddl_add_identity(ddl_work *w, const dictionary_column *column, text *out);
/* The column of the relation that a sequence belongs to; NULL: it is none's. */
const ddl_owned *ddl_owner_of(const ddl_work *w, wp_oid sequence);
/* The new name of a sequence, for regclass: schema.name. False: there is none. */
bool ddl_add_sequence_name(const ddl_work *w, wp_oid sequence, text *out);
bool ddl_make_table(ddl_work *w);
/* What of the columns is to come after the rows. */
void ddl_finish_columns(ddl_work *w);
bool ddl_make_constraints(ddl_work *w);
bool ddl_make_indexes(ddl_work *w);
/* "EXCLUDE USING gist (a WITH &&)" of an index; operators: {3888}. False: it cannot be told, and why says it. */
bool ddl_add_exclusion(ddl_work *w, const ddl_index *x, const char *operators, text *out,
                       char why[160]);
void ddl_make_comments(ddl_work *w);

/* ---- for lists in catalogs ---- */

/* The next number of "1 2 0" or "{1,2}". False: there are no more. */
bool ddl_next_number(const char **at, int64_t *out);
/* " WITH (fillfactor='70')" of {fillfactor=70}; nothing for NULL. */
void ddl_add_storage_options(const char *options, text *out);

#endif
