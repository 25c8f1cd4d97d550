/*
 * event.h - one thing that one committed transaction did to one object.
 */
#ifndef WALPARSE_EVENT_H
#define WALPARSE_EVENT_H

#include <walparse/fact.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wp_event_kind {
    WP_EVENT_DROP_TABLE,
    WP_EVENT_DROP_INDEX,
    WP_EVENT_DROP_VIEW,
    WP_EVENT_DROP_MATERIALIZED_VIEW,
    WP_EVENT_DROP_SEQUENCE,
    WP_EVENT_DROP_FOREIGN_TABLE,
    WP_EVENT_DROP_SCHEMA,
    WP_EVENT_DROP_DATABASE,
    WP_EVENT_DROP_TABLESPACE,
    WP_EVENT_DROP_EXTENSION,
    WP_EVENT_DROP_ROLE,
    WP_EVENT_TRUNCATE,
    WP_EVENT_DELETE,
    WP_EVENT_UPDATE,
    WP_EVENT_INSERT,
    WP_EVENT_KINDS /* how many there are */
} wp_event_kind;

/* Given instead of a number once there are WP_TEXTS_MAX texts. */
#define WP_NO_TEXT_ID UINT32_MAX

/** False for schemas, databases, tablespaces, extensions and roles, which are named without a schema. */
WP_API bool wp_event_kind_has_schema(wp_event_kind kind);

/** The SQL words of a kind: "DROP TABLE", "DELETE FROM". Never NULL. */
WP_API const char *wp_event_kind_name(wp_event_kind kind);

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
    wp_lsn lsn, end_lsn;   /* start of the record; aligned byte behind it */
    wp_lsn prev_lsn;       /* start of the record before */
    const char *gid;       /* of a prepared transaction, when known; else NULL */
    const wp_xid *subxids; /* as the record lists them */
    uint32_t nsubxids;
} wp_xact_end;

typedef struct wp_event {
    wp_event_kind kind;
    uint32_t
        text_id; /* the same number for the same text, counted from 0; WP_NO_TEXT_ID: too many */
    const char *text; /* canonical SQL, names quoted as quote_ident does */
    /* DROP SCHEMA: the schema is the object. DROP DATABASE: the database is the object, too. */
    wp_object_name database, schema, object;
    wp_name_source database_from, schema_from, object_from; /* hold where there is a name */
    wp_locator locator; /* file of the object; rel 0 where it has none or none is known */
    char relkind;       /* as in pg_class; 0 = unknown or no relation */
    bool is_temporary;
    bool has_rows;
    uint64_t rows;
    wp_lsn lsn; /* first record of the transaction that speaks of it */
    /*
     * Recovery must stop before this record to keep the object: the start of the record that ends the
     * transaction, or an earlier one where replay acts at once (a database's or tablespace's directory).
     */
    wp_lsn stop_lsn;
    const wp_xact_end *xact;
} wp_event;

#ifdef __cplusplus
}
#endif
#endif
