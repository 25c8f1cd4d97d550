/*
 * relation_names.h - what relations and databases are called, and were called at an LSN: names for the numbers in records.
 *
 * They come from the catalogs' rows in the WAL, from a base backup, from a server, and last, of the system's own relations, from
 * what is the same in every cluster.
 */
#ifndef PITR_FIND_RELATION_NAMES_H
#define PITR_FIND_RELATION_NAMES_H

#include "search/question.h"
#include "search/sources.h"

/* So much is kept; what goes beyond has no name, and a warning says so. */
#define RELATION_NAMES_BYTES_MAX ((size_t)256 << 20)

/* Files of relations that initdb makes have smaller numbers, unless they were rewritten: access/transam.h, FirstNormalObjectId. */
#define RELATION_NAMES_FIRST_NORMAL_OID 16384

typedef struct relation_names relation_names;

/*
 * Reads the whole archive, more than once where a catalog was moved. q: jobs. False with one line in message. Free with
 * relation_names_free(). What is handed out lives as long; all but this and free may be called on any thread.
 */
bool relation_names_read(const question *q, const sources *from, relation_names **out,
                         char message[512]);
void relation_names_free(relation_names *names); /* NULL is fine */

/*
 * The relation whose file it is, or was: public.orders, quoted as events have it, a schema that is not known as
 * its OID: [16390].orders. The name it had at lsn, or the first that is known after it. NULL: it is not known.
 */
const char *relation_names_of_file(const relation_names *names, const wp_locator *file, wp_lsn lsn);
/* Its relkind, as in pg_class. 0: it is not known. */
char relation_names_kind_of_file(const relation_names *names, const wp_locator *file, wp_lsn lsn);
/* Of a file of a TOAST table or its index: the table that it belongs to. NULL: it is none, or not known. */
const char *relation_names_of_toasted(const relation_names *names, const wp_locator *file,
                                      wp_lsn lsn);
/*
 * The OID of the relation whose file it is, or was at lsn; that of the catalog where it ever was one's, for a catalog is moved by way of
 * a relation that is dropped. False: it is not known.
 */
bool relation_names_relation_of_file(const relation_names *names, const wp_locator *file,
                                     wp_lsn lsn, wp_oid *relation);
/* The same as relation_names_of_file(), by the relation's OID. */
const char *relation_names_of_oid(const relation_names *names, wp_oid db, wp_oid oid, wp_lsn lsn);
/* Its last name, not quoted. NULL: it is not known. */
const char *relation_names_of_database(const relation_names *names, wp_oid db);

/*
 * Where WAL with names could not be read, the names after it may be old ones; those before it hold, unless they are told after it
 * only. For each reason that may make a name wrong which relation_names_of_file() or _of_oid() was asked for, at last or before, one warning on
 * stderr. Is there one? names: NULL is fine.
 */
bool relation_names_tell_doubts(const relation_names *names, wp_lsn last);
/* What is told by the name of a database as of lsn counts for that, too. */
void relation_names_ask_database(const relation_names *names, wp_oid db, wp_lsn lsn);

/* database: a name or an OID. Is one of this name known? An OID counts as known. */
bool relation_names_have_database(const relation_names *names, const char *database);
/* Is it, or was it, that one, or may it be, as its name is not known? */
bool relation_names_may_be_database(const relation_names *names, wp_oid db, const char *database);

/*
 * Is the pattern found in a name that a file may have which initdb made and whose name is not known? *out: the answer. False with
 * one line in message.
 */
bool relation_names_may_be_of_initdb(const char *pattern, bool *out, char message[512]);

/* Files; one whose tablespace is 0 lies in that of its database, whichever it is where that is 0, too. */
typedef struct relation_files {
    wp_locator *items; /* by db, rel, spc */
    size_t count, room;
    size_t
        maybe; /* files that are not among them, and may be meant: their schema's name is not known */
} relation_files;

/*
 * All files of relations that have, or had, a name in which the pattern (pattern.h) is found. database: a name or an
 * OID; NULL: any. False with one line in message. Free out->items.
 */
bool relation_names_files(const relation_names *names, const char *pattern, const char *database,
                          relation_files *out, char message[512]);

#endif
