/*
 * story.h - a pretend server that writes the WAL of statements, for tests that read like a story.
 *
 *     story *s = story_new(&(story_options){ .wal.major = "15" });
 *     relation orders = { .oid = 16400, .name = "orders" };
 *     begin(s, 700); create(s, &orders); commit(s);
 *     begin(s, 701); drop(s, &orders); commit(s);
 *
 * It keeps the pages of the catalogs that give names, so that full-page images, prefixes and suffixes of
 * updates, line pointers and blocks are what a server's would be; and the lists a commit record carries.
 * What each statement leaves in the WAL follows wal_level and major, as real servers were seen to do.
 */
#ifndef TEST_STORY_H
#define TEST_STORY_H

#include "wal_builder.h"

#define STORY_DB 16384u

typedef enum wal_level { LEVEL_REPLICA, LEVEL_MINIMAL, LEVEL_LOGICAL } wal_level;

typedef struct story_options {
    wal_config wal;
    wp_oid db; /* 0: STORY_DB */
    wal_level level;
    wal_packing images; /* first change of a page after a checkpoint carries one, packed so */
} story_options;

typedef struct relation {
    wp_oid oid;
    const char *name;
    wp_oid nsp;        /* 0: public */
    char kind;         /* 0: 'r' */
    char persistence;  /* 0: 'p' */
    wp_oid filenode;   /* 0: the oid, where the kind has a file */
    wp_oid tablespace; /* 0: the database's */
    wp_oid toast;
    wp_oid rewrites;    /* of a transient table: the one it will replace (11 on) */
    wp_oid indexed;     /* of an index: its table */
    wp_oid owner_table; /* of a sequence: the table it belongs to */
    wp_oid rowtype;     /* of a table or view; 0: none is written */
    bool is_partition;
    bool is_dying; /* of an index: indislive is false */
} relation;

typedef struct story story;

story *story_new(const story_options *options);
void story_free(story *s);
/* Where the story's records go; records of one's own may be put there too. */
wal_builder *story_wal(story *s);
wp_oid story_db(const story *s);
/* What follows happens in another database. Its objects may have the same OIDs. */
void in_database(story *s, wp_oid db);
wp_locator file_of(const story *s, const relation *r);
bool has_file(const relation *r);

/* ---- transactions: the one begun, or switched to, last is the one that acts ---- */

void begin(story *s, wp_xid xid);
void switch_to(story *s, wp_xid xid);
void savepoint(story *s, wp_xid subxid);
void release(story *s);
void rollback_to(story *s);
wp_lsn commit(story *s);
wp_lsn rollback(story *s);
wp_lsn prepare(story *s, const char *gid);
wp_lsn commit_prepared(story *s, const char *gid);
wp_lsn rollback_prepared(story *s, const char *gid);
/* The xid records bear now: that of the innermost savepoint. */
wp_xid current_xid(const story *s);
/* Time of the next commit; each one moves it on by a second. */
void story_time(story *s, wp_time time);

/* ---- pieces of statements ---- */

void lock(story *s, wp_oid rel);
void create_file(story *s, wp_locator locator);
/* The file goes when the transaction commits. */
void unlink_at_commit(story *s, wp_locator locator);
void invalidate(story *s, wp_oid rel);
void class_insert(story *s, const relation *r);
void class_update(story *s, const relation *r);
void class_delete(story *s, const relation *r);
void class_inplace(story *s, const relation *r);
/* Several rows in one MULTI_INSERT. */
void class_multi_insert(story *s, const relation *const *rels, uint16_t n);
void index_insert(story *s, const relation *index);
void index_update(story *s, const relation *index);
void index_delete(story *s, const relation *index);
void depend_insert(story *s, const relation *sequence);
void depend_delete(story *s, const relation *sequence);
/* Any row of pg_depend: object (its column sub, or 0) -> what it needs. */
void depends(story *s, wp_oid catalog, wp_oid oid, uint32_t sub, wp_oid on_catalog, wp_oid on,
             char deptype);
void depends_no_more(story *s, wp_oid oid, uint32_t sub, wp_oid on);
/* Rows of pg_attribute. A relation has none but those put in by these. */
void column_insert(story *s, const relation *r, uint16_t number, const char *name);
void column_rename(story *s, const relation *r, uint16_t number, const char *name);
void column_drop(story *s, const relation *r, uint16_t number);
void type_insert(story *s, const relation *r);
void type_delete(story *s, const relation *r);
void database_insert(story *s, wp_oid db, const char *name);
void database_delete(story *s, wp_oid db);
/* Rows of catalogs that have an oid; columns: all of them, with the oid where the version has it as a column. */
void raw_insert(story *s, wp_oid catalog, wp_oid oid, wp_view columns);
void raw_update(story *s, wp_oid catalog, wp_oid oid, wp_view columns);
void raw_delete(story *s, wp_oid catalog, wp_oid oid);
/* Rows deleted before and seen by nobody leave the page of a row; their line pointers are free. */
void prune_class_page_of(story *s, const relation *r);

/* VACUUM FULL pg_class: its pages are logged whole under a new filenode, then the relation map changes. */
void move_pg_class(story *s, wp_oid filenode);

/* ---- statements ---- */

void checkpoint(story *s);
void create_schema(story *s, wp_oid oid, const char *name);
void rename_schema(story *s, wp_oid oid, const char *name);
void drop_schema(story *s, wp_oid oid);
void create(story *s, relation *r);
void drop(story *s, const relation *r);
void rename_to(story *s, relation *r, const char *name);
void set_schema(story *s, relation *r, wp_oid nsp);
/* TRUNCATE, REINDEX: a new file for each, the old ones go. */
void new_file(story *s, relation *r, wp_oid filenode);
/* VACUUM FULL, CLUSTER, rewriting ALTER TABLE, REFRESH: through a transient table. */
void rewrite(story *s, relation *r, wp_oid transient);
/* ... with this many rows, each put into the new file. */
void rewrite_with_rows(story *s, relation *r, wp_oid transient, unsigned rows);
/* pg_repack: a and b, both there before, take each other's file. */
void swap_files(story *s, relation *a, relation *b);
void set_tablespace(story *s, relation *r, wp_oid tablespace, wp_oid filenode);
/* TRUNCATE of wal_level logical says so itself (11 on). */
void log_truncate(story *s, const relation *r);
void insert_rows(story *s, const relation *r, unsigned n);
void multi_insert_rows(story *s, const relation *r, uint16_t n);
void update_rows(story *s, const relation *r, unsigned n);
void delete_rows(story *s, const relation *r, unsigned n);
/* INSERT ... ON CONFLICT that met a conflict: the row is put in and taken back. */
void speculative_row(story *s, const relation *r);

/* ---- a table with all that hangs on one ---- */

typedef struct full_table {
    relation table, toast, toast_index, pkey, sequence;
    char names[4][64];
} full_table;

/* OIDs from oid on: table, toast, its index, primary key, sequence, row type. */
void full_table_init(full_table *t, wp_oid oid, const char *name);
void create_full(story *s, full_table *t);
void drop_full(story *s, const full_table *t);
void truncate_full(story *s, full_table *t, wp_oid filenodes_from);
void rewrite_full(story *s, full_table *t, wp_oid oids_from);

#endif
