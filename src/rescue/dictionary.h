/*
 * dictionary.h - the catalogs of one database where replay has come to: relations, columns, types, and the rows of any catalog.
 *
 * Only the layout of pg_attribute, pg_class and pg_type's first columns is known by major (to begin with); every other catalog is read by
 * the rows that pg_attribute has of it. So a catalog's new columns are no trouble.
 */
#ifndef PITR_FIND_DICTIONARY_H
#define PITR_FIND_DICTIONARY_H

#include <walparse/value.h>

#include "base/text.h"
#include "rescue/heap.h"

/* A column, as pg_attribute has it. */
typedef struct dictionary_column {
    char name[WP_NAME_BYTES];
    int16_t number; /* attnum, from 1 */
    int32_t typmod; /* atttypmod, -1: none */
    wp_oid collation;
    bool is_not_null, has_default;
    char identity;  /* attidentity: a, d or '\0'; from 10 on */
    char generated; /* attgenerated: s, v or '\0'; from 12 on */
} dictionary_column;

/* A relation, as pg_class has it. */
typedef struct dictionary_relation {
    wp_oid oid, schema, type /* reltype */, toast /* reltoastrelid, 0: none */, access_method;
    wp_oid of_type; /* reloftype */
    char name[WP_NAME_BYTES];
    char kind, persistence; /* relkind, relpersistence */
    bool is_partition;
    wp_locator file; /* rel 0: it has none, or is temporary. Mapped ones by the map */
    /* By attnum from 1 on, dropped ones too; NULL until dictionary_learn(). */
    const wp_column *columns;
    const dictionary_column *details; /* as many */
    size_t ncolumns;                  /* relnatts, from the first on */
} dictionary_relation;

typedef struct dictionary_type {
    wp_oid oid, schema, relation /* typrelid */, array /* typarray */, collation;
    char name[WP_NAME_BYTES];
    char category;  /* typcategory */
    int32_t typmod; /* typtypmod, of a domain */
    bool is_not_null;
    wp_oid modifiers_out; /* typmodout, 0: none */
    wp_type type;         /* columns NULL until dictionary_learn() has learnt its relation */
} dictionary_type;

typedef struct dictionary dictionary;

/* Files that are needed, and that replay did not follow: it is to be run again with them. Start with all zero, free items. */
typedef struct dictionary_needs {
    wp_locator *items;
    size_t count, room;
} dictionary_needs;

/* Adds one that is not in it. False: out of memory. */
bool dictionary_needs_add(dictionary_needs *to, const wp_locator *file);

/*
 * The catalogs of a database and the shared ones, with their TOAST tables, as files: what replay has to follow before it starts. Those that
 * initdb gave them (each is in the file of its OID at first), those of the backup's maps, and of all rows of pg_class in the backup. Not
 * the catalogs that only describe values (pg_statistic, pg_largeobject). h needs no more than its base, profile and sizes; of the base the
 * file of pg_class must have been fetched. Adds to out. False with one line in message.
 */
bool dictionary_catalog_files(const heap *h, wp_oid db_spc, wp_oid db, dictionary_needs *out,
                              char message[512]);

/* A database, as pg_database has it. */
typedef struct dictionary_database {
    wp_oid oid, tablespace;
    int32_t encoding;              /* -1: not known, as it may be without a backup */
    char name[WP_NAME_BYTES];      /* empty: the same */
    char collate[128], ctype[128]; /* datcollate, datctype */
    bool is_invalid;               /* its removal has begun: datconnlimit -2 */
} dictionary_database;

/*
 * The databases. is_followed tells whether replay followed a file; when it did not follow that of pg_database, it is added to needs, and there
 * are none. Free *out with free(). False with one line in message.
 */
bool dictionary_databases(const heap *h, bool (*is_followed)(void *context, const wp_locator *file),
                          void *context, dictionary_needs *needs, dictionary_database **out,
                          size_t *count, heap_sums *sums, char message[512]);

/*
 * Reads pg_namespace, pg_class, pg_type, pg_range and pg_enum of a database. Files of catalogs that replay did not follow are added to needs, and *out is NULL when there are any: it is to be asked again then, there may be more. Doubts
 * are added to sums. h is borrowed until dictionary_free(). False with one line in message: memory, files that cannot be read, catalogs that
 * contradict themselves or what is known of them.
 */
bool dictionary_read(const heap *h, wp_oid db_spc, wp_oid db,
                     bool (*is_followed)(void *context, const wp_locator *file), void *context,
                     dictionary_needs *needs, dictionary **out, heap_sums *sums, char message[512]);

/* By OID; NULL: there is none. Borrowed. */
const dictionary_relation *dictionary_relation_of(const dictionary *d, wp_oid oid);
const dictionary_relation *dictionary_relation_named(const dictionary *d, const char *schema,
                                                     const char *name);
/* All of them, by OID. */
const dictionary_relation *dictionary_relations(const dictionary *d, size_t *count);
const dictionary_type *dictionary_type_of(const dictionary *d, wp_oid oid);
/* pg_namespace.nspname; NULL: there is none. */
const char *dictionary_schema(const dictionary *d, wp_oid oid);
/* The label of an enum's value, as wp_value_config asks. */
bool dictionary_label(const dictionary *d, wp_oid typid, wp_oid value, wp_view *label);

/*
 * Learns the columns of relations, and of all composite types that they are made of, with missing values. False with one
 * line in message.
 */
bool dictionary_learn(dictionary *d, const wp_oid *relations, size_t n, char message[512]);

/*
 * Does a transaction of these ids, which has not ended, give the relation another file, as TRUNCATE and what rewrites it do? False with one line
 * in message.
 */
bool dictionary_is_rewritten(const dictionary *d, const dictionary_relation *r, const wp_xid *xids,
                             size_t nxids, bool *out, char message[512]);

/* "schema.name", each quoted as quote_ident() does. */
void dictionary_add_name(const dictionary *d, const dictionary_relation *r, text *out);
/*
 * As format_type() prints it with an empty search_path: "character varying(20)", "public.color[]". False: the type is not there, or a function
 * of an extension prints its modifiers; what was added is of no use then.
 */
bool dictionary_add_type(const dictionary *d, wp_oid typid, int32_t typmod, text *out);

/* The same as regtype prints it: no modifier is told, which is another thing than none for bit and character; quoted as by that server. */
bool dictionary_add_regtype(const dictionary *d, wp_oid typid, text *out);

/* ---- rows of any catalog ---- */

/* A row of a catalog. Columns are asked for by name. */
typedef struct catalog_row catalog_row;

/* Calls take for each row of a catalog (pg_constraint is 2606) until it returns false. False with one line in message. */
bool dictionary_catalog(dictionary *d, wp_oid catalog,
                        bool (*take)(void *context, const catalog_row *row), void *context,
                        char message[512]);

/* Is there a column of that name, with a value? */
bool catalog_row_has(const catalog_row *row, const char *column);
/* oid, regproc, int2, int4, int8 or bool; 0 where it is not there. The system column "oid" of 9.5 to 11 too. */
int64_t catalog_row_number(const catalog_row *row, const char *column);
/* "char"; '\0' where it is not there. */
char catalog_row_char(const catalog_row *row, const char *column);
/* As COPY prints it, of any type ("{1,2}"). False: it is NULL, or cannot be told. */
bool catalog_row_text(const catalog_row *row, const char *column, wp_text *out);

/* What of the catalogs was not certain that dictionary_catalog() read whole, added up. */
const heap_sums *dictionary_sums(const dictionary *d);

/* NULL is fine. */
void dictionary_free(dictionary *d);

/* Appends an identifier, quoted where quote_ident() quotes it (every key word but unreserved ones, and what is not lower case). */
void quote_identifier(const char *name, text *out);
/* The same, quoted where quote_ident() of that major quotes it: as regclass and the like print it. */
void quote_identifier_as(const wp_profile *profile, const char *name, text *out);
/* Appends a literal: '...' with quotes doubled, E'...' where it has backslashes. */
void quote_literal(wp_view value, text *out);

#endif
