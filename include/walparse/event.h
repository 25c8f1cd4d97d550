/*
 * event.h - one thing that one committed transaction did to one object.
 */
#ifndef WALPARSE_EVENT_H
#define WALPARSE_EVENT_H

#include <walparse/fact.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of how much they cost whoever did not mean them. */
typedef enum wp_event_kind {
    WP_EVENT_DROP_TABLE,
    WP_EVENT_DROP_INDEX,
    WP_EVENT_DROP_VIEW,
    WP_EVENT_DROP_MATERIALIZED_VIEW,
    WP_EVENT_DROP_SEQUENCE,
    WP_EVENT_DROP_FOREIGN_TABLE,
    WP_EVENT_DROP_PROPERTY_GRAPH,
    WP_EVENT_DROP_SCHEMA,
    WP_EVENT_DROP_DATABASE,
    WP_EVENT_DROP_TABLESPACE,
    WP_EVENT_DROP_EXTENSION,
    WP_EVENT_DROP_ROLE,
    WP_EVENT_DROP_FUNCTION,
    WP_EVENT_DROP_PROCEDURE,
    WP_EVENT_DROP_AGGREGATE,
    WP_EVENT_DROP_TYPE, /* domains, too */
    WP_EVENT_DROP_TRIGGER,
    WP_EVENT_DROP_POLICY,
    WP_EVENT_DROP_RULE,
    WP_EVENT_TABLE_DROP_CONSTRAINT, /* ALTER TABLE ... */
    WP_EVENT_FOREIGN_TABLE_DROP_CONSTRAINT,
    WP_EVENT_TRUNCATE,
    WP_EVENT_TABLE_DROP_COLUMN, /* ALTER TABLE ... */
    WP_EVENT_FOREIGN_TABLE_DROP_COLUMN,
    WP_EVENT_DELETE,
    WP_EVENT_UPDATE,
    WP_EVENT_TABLE_SET_SCHEMA,
    WP_EVENT_VIEW_SET_SCHEMA,
    WP_EVENT_MATERIALIZED_VIEW_SET_SCHEMA,
    WP_EVENT_SEQUENCE_SET_SCHEMA,
    WP_EVENT_FOREIGN_TABLE_SET_SCHEMA,
    WP_EVENT_PROPERTY_GRAPH_SET_SCHEMA,
    WP_EVENT_TABLE_RENAME,
    WP_EVENT_INDEX_RENAME,
    WP_EVENT_VIEW_RENAME,
    WP_EVENT_MATERIALIZED_VIEW_RENAME,
    WP_EVENT_SEQUENCE_RENAME,
    WP_EVENT_FOREIGN_TABLE_RENAME,
    WP_EVENT_PROPERTY_GRAPH_RENAME,
    WP_EVENT_TABLE_RENAME_COLUMN,
    WP_EVENT_VIEW_RENAME_COLUMN,
    WP_EVENT_MATERIALIZED_VIEW_RENAME_COLUMN,
    WP_EVENT_FOREIGN_TABLE_RENAME_COLUMN,
    WP_EVENT_REWRITE_TABLE,
    WP_EVENT_REWRITE_MATERIALIZED_VIEW,
    WP_EVENT_CREATE_TABLE,
    WP_EVENT_CREATE_INDEX,
    WP_EVENT_CREATE_VIEW,
    WP_EVENT_CREATE_MATERIALIZED_VIEW,
    WP_EVENT_CREATE_SEQUENCE,
    WP_EVENT_CREATE_FOREIGN_TABLE,
    WP_EVENT_CREATE_PROPERTY_GRAPH,
    WP_EVENT_INSERT,
    WP_EVENT_CREATE_FUNCTION,
    WP_EVENT_CREATE_PROCEDURE,
    WP_EVENT_CREATE_AGGREGATE,
    WP_EVENT_CREATE_TYPE,
    WP_EVENT_CREATE_TRIGGER,
    WP_EVENT_CREATE_POLICY,
    WP_EVENT_CREATE_RULE,
    WP_EVENT_TABLE_ADD_CONSTRAINT,
    WP_EVENT_FOREIGN_TABLE_ADD_CONSTRAINT,
    WP_EVENT_CREATE_SCHEMA, /* from here on: named without a schema */
    WP_EVENT_CREATE_EXTENSION,
    WP_EVENT_CREATE_ROLE,
    WP_EVENT_CREATE_TABLESPACE,
    WP_EVENT_CREATE_DATABASE,
    WP_EVENT_KINDS /* how many there are */
} wp_event_kind;

/* Given instead of a number once there are WP_TEXTS_MAX texts. */
#define WP_NO_TEXT_ID UINT32_MAX

/** False for schemas, databases, tablespaces, extensions and roles, which are named without a schema. */
WP_API bool wp_event_kind_has_schema(wp_event_kind kind);

/** False for functions, procedures, aggregates, types and what has no schema. */
WP_API bool wp_event_kind_names_relation(wp_event_kind kind);

/** DROP DATABASE and its like: the object is a database. */
WP_API bool wp_event_kind_is_database(wp_event_kind kind);

/** The SQL words of a kind: "DROP TABLE", "DELETE FROM", "ALTER TABLE RENAME TO". Never NULL. */
WP_API const char *wp_event_kind_name(wp_event_kind kind);

/** Those of the words that a text begins with: "ALTER TABLE". Never NULL. */
WP_API const char *wp_event_kind_verb(wp_event_kind kind);

/** Does the transaction keep an exclusive lock on the object, or what is left of it, until it ends? */
WP_API bool wp_event_kind_locks(wp_event_kind kind);

/* An object's OID (0 = unknown) and name (NULL = unknown). */
typedef struct wp_object_name {
    wp_oid oid;
    const char *name;
} wp_object_name;

/* Where a name was learnt. Each is asked only where those before it do not know. */
typedef enum wp_name_source {
    WP_NAME_FROM_WAL,
    WP_NAME_FROM_BACKUP, /* a catalog page marked WP_PAGE_FROM_BACKUP */
    WP_NAME_FROM_SERVER, /* wp_reducer_config.known: as it is now, not as it was then */
    WP_NAME_FIXED        /* every server has it: public, template1 */
} wp_name_source;

/* How a transaction ended. One per COMMIT, ABORT, COMMIT PREPARED or ROLLBACK PREPARED record. */
typedef struct wp_xact_end {
    wp_xact_op op;
    wp_xid xid; /* the one in the record that ends it; the prepared one's own for *_PREPARED */
    wp_time time;
    wp_lsn lsn, end_lsn;   /* start of the record; aligned byte after it */
    wp_lsn prev_lsn;       /* start of the record before */
    const char *gid;       /* of a prepared transaction, when known; else NULL */
    const wp_xid *subxids; /* as the record lists them */
    uint32_t nsubxids;
    bool began_before; /* it is known to have begun in WAL that was not read */
    /*
     * All but the header of the record is in WAL that was not handed over (wp_reducer_config.tells_cut_ends):
     * whether it is whole nobody knows, nor its time, its end (0) and its subtransactions.
     */
    bool is_cut;
    uint32_t
        origin; /* of replication, pg_replication_origin.roident: it was applied here; 0: none */
} wp_xact_end;

typedef struct wp_event {
    wp_event_kind kind;
    uint32_t
        text_id; /* the same number for the same text, counted from 0; WP_NO_TEXT_ID: too many */
    const char *text; /* canonical SQL, names quoted as quote_ident does */
    /* Where text has the object's name, with its schema; name_end 0: it ends the text. */
    uint32_t name_at, name_end;
    /*
     * DROP SCHEMA: the schema is the object. DROP DATABASE: the database is the object, too. Of triggers,
     * policies, rules and constraints, the object is the relation they are part of.
     */
    wp_object_name database, schema, object;
    wp_name_source database_from, schema_from, object_from; /* hold where there is a name */
    wp_locator locator; /* file of the object; rel 0 where it has none or none is known */
    char relkind;       /* as in pg_class; 0 = unknown or no relation */
    bool is_temporary;
    bool is_possible; /* given to on_possible: it may have been done */
    bool has_rows;
    bool
        may_miss_rows; /* the transaction may have touched more of them, in WAL that was not read */
    /* DELETE, UPDATE, INSERT: nothing is known of the file, and the transaction changed system catalogs: it may be one */
    bool may_be_catalog;
    uint64_t rows;
    wp_lsn lsn; /* first record of the transaction that speaks of it */
    /*
     * Recovery must stop before this record to keep the object: the start of the record that ends the
     * transaction, or an earlier one where replay acts at once (a database's or tablespace's directory).
     */
    wp_lsn stop_lsn;
    const wp_xact_end *xact;
    /*
     * Events of a transaction are numbered from 0. taken_by: the one whose DROP took this object along, by
     * CASCADE or as part of a schema; its own number when none did. took: how many it took along itself.
     */
    uint32_t number, taken_by, took;
} wp_event;

#ifdef __cplusplus
}
#endif
#endif
