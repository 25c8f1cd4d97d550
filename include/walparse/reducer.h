/*
 * reducer.h - facts in LSN order in, events out.
 *
 * The reducer follows transactions (subtransactions, prepared ones) and the rows of the few catalogs
 * that give names. When a transaction commits it tells the caller what it did, first the events in the
 * order of their records, then the end of the transaction. Everything handed to a callback is borrowed
 * until the callback returns.
 */
#ifndef WALPARSE_REDUCER_H
#define WALPARSE_REDUCER_H

#include <walparse/event.h>
#include <walparse/external_names.h>
#include <walparse/mapper.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wp_reducer wp_reducer;

/*
 * Names that an earlier run over the same WAL met only after it had needed them. A catalog row that was
 * there before the WAL begins, and is shown by a page image late in it, held all along.
 */
typedef struct wp_earlier_rows wp_earlier_rows;

/* What a catalog says of a relation, a schema or a database, from one LSN on. */
typedef enum wp_named_kind { WP_NAMED_RELATION, WP_NAMED_SCHEMA, WP_NAMED_DATABASE } wp_named_kind;

typedef struct wp_named_object {
    wp_named_kind kind;
    wp_lsn lsn; /* of the record that shows it, or its commit; 0: it held before the WAL given */
    wp_oid db;  /* 0: a database */
    wp_oid oid;
    /* Of a relation: */
    wp_oid schema;
    wp_oid filenode;   /* 0: it has no file, or one that only the relation map names */
    wp_oid tablespace; /* 0: the database's own */
    char relkind, persistence;
    bool is_committed; /* false: by a transaction that has not ended yet */
    wp_name_source source;
    const char *name;   /* borrowed until the callback returns */
    const char *quoted; /* the same, as quote_ident writes it */
} wp_named_object;

typedef struct wp_callbacks {
    void *context;
    /* One committed change. May be NULL. */
    void (*on_event)(void *context, const wp_event *event);
    /*
     * What the transaction whose events were just told may have done besides: it changed catalog rows that are not in
     * the WAL given. One call for each kind that it can have been; names are "[?]", and lsn is that of the first
     * such record. May be NULL.
     */
    void (*on_possible)(void *context, const wp_event *event);
    /* A transaction ended, with or without events. May be NULL. */
    void (*on_xact_end)(void *context, const wp_xact_end *end);
    /*
     * A text or name that events may carry was met for the first time: quoted schema name with its
     * dot ("public."), or quoted object name. wp_reducer_new() tells those of config.external_names. May be NULL.
     */
    void (*on_name)(void *context, const char *quoted);
    /*
     * A relation, schema or database is met for the first time, or has got another name, schema or file. Those of
     * config.external_names are told by wp_reducer_new(). May be NULL.
     */
    void (*on_object)(void *context, const wp_named_object *object);
    /*
     * A record passes whose replay takes something away at once, not when its transaction commits. An event
     * told later may name it as its stop_lsn. May be NULL.
     */
    void (*on_nontransactional)(void *context, wp_lsn lsn);
    /* Any other fact as it passes: restore points, checkpoints, damage, segment ends. May be NULL. */
    void (*on_fact)(void *context, const wp_fact *fact);
} wp_callbacks;

typedef struct wp_reducer_config {
    const struct wp_profile *profile;
    uint8_t max_align;
    bool include_temporary; /* temporary tables, and tables made and dropped by one transaction */
    bool tells_cut_ends;    /* a COMMIT that goes on in missing WAL ends its transaction, too */
    /*
     * The mappers are live, and are told at once what wp_reducer_moved() learns (wp_mapper_config.on_class). So the file that
     * VACUUM FULL or CLUSTER makes for a catalog is listed there before anything is in it. What no later fact can ask about is
     * forgotten: nothing grows with time.
     */
    bool is_live;
    const wp_catalog_file *moved; /* what the mappers were given; copied */
    size_t nmoved;
    /* From an earlier run, or NULL; borrowed by wp_reducer_new(). */
    const wp_earlier_rows *earlier_rows;
    /* Names to fall back on, or NULL; borrowed until wp_reducer_free(). */
    const wp_external_names *external_names;
    wp_callbacks callbacks;
} wp_reducer_config;

/* Limits on memory: what goes beyond is forgotten, and wp_reducer_warnings() says so. */
#define WP_CATALOG_BYTES_MAX (UINT64_C(512) << 20)
#define WP_COLUMN_BYTES_MAX (UINT64_C(64) << 20) /* of the former, for columns */
#define WP_PENDING_BYTES_MAX (UINT64_C(1) << 30)
#define WP_TEXTS_MAX (UINT32_C(1) << 20)

typedef enum wp_warning {
    WP_WARN_NAMES_FORGOTTEN = 0x1, /* WP_CATALOG_BYTES_MAX or WP_COLUMN_BYTES_MAX reached */
    WP_WARN_XACTS_FORGOTTEN = 0x2, /* WP_PENDING_BYTES_MAX reached */
    WP_WARN_CATALOG_MOVED =
        0x4, /* a catalog moved to a file the mappers did not know of: run again */
    WP_WARN_NAMES_LEARNT =
        0x8 /* a name was learnt after it was needed: run again with earlier rows */
} wp_warning;

/* A catalog whose rows were changed where they were not looked for: what was done there is not told. */
typedef struct wp_lost_catalog {
    wp_oid db; /* 0: shared by all */
    wp_oid catalog;
    const char *name;
    wp_lsn lsn; /* of the first commit that shows it, and its transaction */
    wp_xid xid;
    bool is_certain; /* it lies elsewhere; else the transaction may have begun before the WAL */
} wp_lost_catalog;

#define WP_LOST_CATALOGS_MAX 16 /* are listed; there may be more */

/** Makes a reducer; free it with wp_reducer_free(). */
WP_API wp_status wp_reducer_new(const wp_reducer_config *config, wp_reducer **out, wp_error *err);

/** Adds facts, which must follow those added before in LSN order. Only WP_ERR_NOMEM can fail. */
WP_API wp_status wp_reducer_add(wp_reducer *reducer, const wp_facts *facts, wp_error *err);

/** WAL is missing between the facts added so far and those to come. */
WP_API void wp_reducer_after_gap(wp_reducer *reducer);

/**
 * Writes all that the reducer knows, so that a new one goes on from here. write: false ends it (WP_ERR_LIMIT). Where
 * wp_reducer_lost() has something it is not among that.
 */
WP_API wp_status wp_reducer_save(const wp_reducer *reducer,
                                 bool (*write)(void *context, const void *bytes, size_t n),
                                 void *context, wp_error *err);

/**
 * Makes a reducer that was just made with the same config know what was saved. WP_ERR_VERSION: another version of this library has
 * written it, or one for another kind of machine; WP_ERR_DAMAGE, WP_ERR_NOMEM: then it is of no use.
 */
WP_API wp_status wp_reducer_load(wp_reducer *reducer, wp_view saved, wp_error *err);

/**
 * Of a stream without an end, now and then: forgets what is kept to save work, where it is much. True: wp_event.text_id has got new
 * meanings.
 */
WP_API bool wp_reducer_tidy(wp_reducer *reducer);

/** Bits of wp_warning that hold so far. */
WP_API unsigned wp_reducer_warnings(const wp_reducer *reducer);

/**
 * The files catalogs were seen to move to, sorted as the mapper wants them. Borrowed until the next
 * call. When it holds more than the mappers were given (WP_WARN_CATALOG_MOVED), facts were missed: map
 * and reduce again with this list.
 */
WP_API const wp_catalog_file *wp_reducer_moved(const wp_reducer *reducer, size_t *count);

/**
 * How many transactions dropped more than is told, for the rows of what went are not in the WAL read. *first: the end of
 * the first of them.
 */
WP_API uint64_t wp_reducer_unnamed(const wp_reducer *reducer, wp_lsn *first);

/** The catalogs that the facts so far prove to lie elsewhere. Borrowed until the next call. */
WP_API const wp_lost_catalog *wp_reducer_lost(const wp_reducer *reducer, size_t *count);

/**
 * What this run, and the one it got earlier rows from, learnt too late. Free it with
 * wp_earlier_rows_free(). WP_ERR_NOMEM.
 */
WP_API wp_status wp_reducer_earlier_rows(const wp_reducer *reducer, wp_earlier_rows **out,
                                         wp_error *err);

/** NULL is fine. */
WP_API void wp_earlier_rows_free(wp_earlier_rows *rows);

/** Name of a database as known now, or NULL. Borrowed until the next call. */
WP_API const char *wp_reducer_database_name(const wp_reducer *reducer, wp_oid db);

/**
 * Inside on_event and on_xact_end: the first record by which the transaction that ends locked a relation
 * exclusively, in the WAL given; 0: none, or it did not commit.
 */
WP_API wp_lsn wp_reducer_first_lock(const wp_reducer *reducer, wp_oid db, wp_oid rel);

/**
 * The first record of any transaction still open, prepared ones too, that says what it did; 0: none is open. A reducer that
 * is to tell the same from here on needs the facts from there on.
 */
WP_API wp_lsn wp_reducer_oldest_lsn(const wp_reducer *reducer);

/** Calls back with every prepared transaction that is still in doubt. */
WP_API void wp_reducer_each_prepared(const wp_reducer *reducer,
                                     void (*visit)(void *context, wp_xid xid, const char *gid),
                                     void *context);

/** NULL is fine. */
WP_API void wp_reducer_free(wp_reducer *reducer);

#ifdef __cplusplus
}
#endif
#endif
