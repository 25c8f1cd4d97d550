/*
 * ddl_catalogs.h - what a table is made of beside its columns: rows of pg_constraint, pg_index, pg_attrdef and others, kept for all tables of a run.
 *
 * Rows of the server's own relations are left out. A text that cannot be read is empty; one that is not there is NULL.
 */
#ifndef PITR_FIND_DDL_CATALOGS_H
#define PITR_FIND_DDL_CATALOGS_H

#include "rescue/dictionary.h"

/* Objects of initdb have lower numbers (access/transam.h, FirstNormalObjectId). */
#define FIRST_NORMAL_OID 16384

/* pg_am, pg_opclass, pg_collation, pg_extension, pg_proc, pg_operator. */
typedef struct ddl_object {
    wp_oid oid, schema;
    bool is_default; /* opcdefault */
    char name[WP_NAME_BYTES];
} ddl_object;

typedef struct ddl_default { /* pg_attrdef */
    wp_oid relation;
    int16_t column;
    char *tree;
} ddl_default;

typedef struct ddl_constraint { /* pg_constraint */
    wp_oid oid, relation, type, index, foreign;
    char kind, on_update, on_delete, match;
    bool is_deferrable, is_deferred, is_not_valid, is_no_inherit, is_period, is_not_enforced;
    char name[WP_NAME_BYTES];
    char *keys, *foreign_keys, *deleted_keys, *operators; /* {1,2} */
    char *tree;
} ddl_constraint;

typedef struct ddl_index { /* pg_index */
    wp_oid oid, relation;
    int nkeys; /* without INCLUDE */
    bool is_unique, is_primary, is_exclusion, is_valid, is_replica_identity, is_clustered;
    bool nulls_are_equal, is_immediate;
    char *keys, *classes, *options, *collations; /* 1 2 */
    char *expressions, *predicate;
} ddl_index;

typedef struct ddl_sequence { /* pg_sequence */
    wp_oid oid, type;
    int64_t start, increment, max, min, cache;
    bool is_cycled;
} ddl_sequence;

/* pg_depend: a sequence that belongs to a column. */
typedef struct ddl_owned {
    wp_oid sequence, relation;
    int16_t column;
    char kind; /* deptype: a, or i of an identity column */
} ddl_owned;

/* pg_depend: a type that belongs to an extension. */
typedef struct ddl_member {
    wp_oid type, extension;
} ddl_member;

typedef struct ddl_label { /* pg_enum */
    wp_oid type;
    float order;
    char name[WP_NAME_BYTES];
} ddl_label;

typedef struct ddl_range { /* pg_range */
    wp_oid type, subtype, collation, opclass, canonical, difference, multirange;
} ddl_range;

typedef struct ddl_storage { /* pg_type: typstorage */
    wp_oid type;
    char storage;
} ddl_storage;

/* pg_attribute: columns that are stored otherwise than others of their type, or have more that is set. */
typedef struct ddl_column {
    wp_oid relation;
    int16_t number;
    char storage, compression; /* '\0': as others */
    int32_t statistics_target; /* -1: as others */
    bool has_options, has_privileges;
} ddl_column;

/* pg_type: of domains. */
typedef struct ddl_domain {
    wp_oid type;
    char *tree; /* typdefaultbin */
} ddl_domain;

/* pg_trigger, pg_rewrite, pg_policy, pg_statistic_ext. */
typedef struct ddl_named {
    wp_oid relation;
    const char *what;
    char name[WP_NAME_BYTES];
} ddl_named;

typedef struct ddl_comment { /* pg_description, of relations */
    wp_oid relation;
    int32_t column;
    char *text;
} ddl_comment;

typedef struct ddl_class { /* pg_class */
    wp_oid oid, access_method;
    char replica_identity;
    bool has_privileges, has_oids, has_row_security, has_tablespace;
    char *options; /* {fillfactor=70} */
} ddl_class;

typedef struct ddl_parent { /* pg_inherits */
    wp_oid relation, parent;
} ddl_parent;

#define DDL_ROWS(type)      \
    struct {                \
        type *items;        \
        size_t count, room; \
    }

typedef struct ddl_catalogs {
    bool has_links, has_rest, is_out_of_memory;
    DDL_ROWS(ddl_object) access_methods, opclasses, collations, extensions, functions, operators;
    DDL_ROWS(ddl_default) defaults;
    DDL_ROWS(ddl_constraint) constraints;
    DDL_ROWS(ddl_index) indexes;
    DDL_ROWS(ddl_sequence) sequences;
    DDL_ROWS(ddl_owned) owned;
    DDL_ROWS(ddl_member) members;
    DDL_ROWS(ddl_label) labels;
    DDL_ROWS(ddl_range) ranges;
    DDL_ROWS(ddl_domain) domains;
    DDL_ROWS(ddl_named) named;
    DDL_ROWS(ddl_comment) comments;
    DDL_ROWS(ddl_class) classes;
    DDL_ROWS(ddl_parent) parents;
    DDL_ROWS(ddl_storage) storages;
    DDL_ROWS(ddl_column) columns;
} ddl_catalogs;

/* Reads defaults and owned alone, or all; once. False with one line in message. */
bool ddl_catalogs_read_links(ddl_catalogs *c, dictionary *d, char message[512]);
bool ddl_catalogs_read(ddl_catalogs *c, dictionary *d, char message[512]);
void ddl_catalogs_free(ddl_catalogs *c);

/* NULL: there is none. */
const ddl_object *ddl_object_of(const ddl_object *items, size_t count, wp_oid oid);
const ddl_class *ddl_class_of(const ddl_catalogs *c, wp_oid oid);
const ddl_index *ddl_index_of(const ddl_catalogs *c, wp_oid oid);

#endif
