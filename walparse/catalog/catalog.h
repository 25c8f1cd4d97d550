/*
 * catalog.h - the rows of followed catalogs as they lie on their pages, and what is known of objects.
 *
 * Two views of the same rows. *Pages*: (file, block, line pointer) -> row, so that a DELETE or an
 * UPDATE, which names only the place, can be told what was there. *Objects*: (catalog, database, oid) ->
 * the row as committed, so that a name can be told for an OID or a relfilenode.
 */
#ifndef WPI_CATALOG_H
#define WPI_CATALOG_H

#include <walparse/event.h>
#include <walparse/profile.h>

#include "base/saved.h"

/* The columns used, of whichever catalog the row is. Columns a catalog does not have are 0. */
typedef struct wpi_row {
    wp_oid catalog, db; /* db 0 for shared catalogs */
    wp_oid oid;         /* pg_index: indexrelid; pg_depend: objid; pg_attribute: attrelid */
    wp_oid nsp;
    /*
     * pg_index: indrelid; pg_depend: refobjid; pg_type: typrelid; pg_trigger, pg_policy, pg_rewrite,
     * pg_constraint: the table; pg_class, of an index or sequence: the table it was made for, if known
     */
    wp_oid owner;
    int32_t sub; /* pg_attribute: attnum; pg_depend: objsubid */
    wp_oid
        parent; /* pg_trigger, pg_constraint of a partition: the one it is a copy of (13, 11 on) */
    wp_oid index; /* pg_constraint: the index it has made for itself */
    wp_oid filenode, spc;
    wp_oid rewrite;             /* pg_class: the table a transient table rewrites */
    wp_oid classid, refclassid; /* pg_depend */
    char kind;                  /* relkind, typtype, deptype, prokind, contype */
    char persistence;
    bool is_live;    /* pg_index.indislive */
    bool is_invalid; /* pg_database: its removal has begun */
    uint8_t source;  /* wp_name_source */
    bool is_dropped; /* pg_attribute: attisdropped */
    /* pg_trigger: of a constraint; pg_rewrite: of a view; pg_type: an array or multirange */
    bool is_internal;
    char name[WP_NAME_BYTES];
} wpi_row;

/* How sure it is that an object's row is the committed one. */
typedef enum wpi_trust {
    WPI_TRUST_NONE,
    WPI_TRUST_OLD,      /* a version that may have been replaced, or one seen before a gap */
    WPI_TRUST_UNHINTED, /* the live version on a page, by a transaction of unknown fate */
    WPI_TRUST_FULL      /* committed for certain */
} wpi_trust;

typedef struct wpi_object {
    wpi_row row;
    wpi_trust trust;
    /* Texts of row-count events, cached by the reducer: valid while text_generation is current. */
    uint32_t text_generation;
    uint32_t text_ids[3];
} wpi_object;

typedef struct wpi_catalog wpi_catalog;

/* Tells whether a transaction is still running as far as the WAL read so far says. */
typedef bool (*wpi_is_running)(const void *context, wp_xid xid);

wpi_catalog *wpi_catalog_new(const wp_profile *profile);
void wpi_catalog_free(wpi_catalog *catalog);

/* A transaction that changed catalogs was rolled back: its rows on pages are not in force, those that it removed are. */
void wpi_catalog_rolled_back(wpi_catalog *catalog, wp_xid xid);

/* Called with each row that carries a name, when it is first parsed. */
typedef void (*wpi_on_row)(void *context, const wpi_row *row);
void wpi_catalog_on_row(wpi_catalog *catalog, wpi_on_row on_row, void *context);

/*
 * Called with each row of pg_class, pg_namespace and pg_database that is new or says another name, schema or file
 * than the one before it.
 */
typedef void (*wpi_on_object)(void *context, const wpi_row *row, bool is_committed);
void wpi_catalog_on_object(wpi_catalog *catalog, wpi_on_object on_object, void *context);

/*
 * How all transactions from this one on ended is known: one that does not run, and was not rolled back, has committed. 0: that is
 * known of none. What is known of earlier ones stays.
 */
void wpi_catalog_note_told(wpi_catalog *catalog, wp_xid xid);

/* False: out of memory. */
bool wpi_catalog_add_page(wpi_catalog *catalog, const wp_fact_page *fact, wpi_is_running is_running,
                          const void *context);

/* What a row fact did: the row before and after where known. */
typedef struct wpi_change {
    bool has_old, has_new;
    wpi_row old, new;
} wpi_change;

bool wpi_catalog_add_tuple(wpi_catalog *catalog, const wp_fact_tuple *fact, wpi_change *out);
void wpi_catalog_prune(wpi_catalog *catalog, const wp_fact_prune *fact);

/* WAL was missed: places are forgotten, objects are trusted less. */
void wpi_catalog_after_gap(wpi_catalog *catalog);

/* Borrowed until the next change; NULL when unknown. */
wpi_object *wpi_catalog_object(const wpi_catalog *catalog, wp_oid which, wp_oid db, wp_oid oid);
/* The pg_class object whose file this is. */
wpi_object *wpi_catalog_by_file(const wpi_catalog *catalog, const wp_locator *locator);
/* A transaction committed this row, or its removal. False: out of memory. */
bool wpi_catalog_commit_row(wpi_catalog *catalog, const wpi_row *row);
void wpi_catalog_commit_drop(wpi_catalog *catalog, const wpi_row *row);
/* A relation whose row was committed was made as a part of that table. */
void wpi_catalog_commit_owner(wpi_catalog *catalog, wp_oid db, wp_oid oid, wp_oid owner);

/*
 * Earlier rows. A name was asked for and is not known: should a page show it later, in a row that was there
 * before the WAL read begins, it is kept as an answer. miss_file: asked by (db, filenode) of pg_class.
 */
void wpi_catalog_miss(wpi_catalog *catalog, wp_oid which, wp_oid db, wp_oid oid);
void wpi_catalog_miss_file(wpi_catalog *catalog, const wp_locator *locator);
/* Transactions before this one ended before the WAL read begins. */
void wpi_catalog_set_horizon(wpi_catalog *catalog, wp_xid xid);
const wpi_row *wpi_catalog_answers(const wpi_catalog *catalog, size_t *count);

/* All that is known, but for answers; and back into a new one. What is wrong is noted in the loader. */
void wpi_catalog_save(const wpi_catalog *catalog, wpi_saver *saver);
void wpi_catalog_load(wpi_catalog *catalog, wpi_loader *loader);

/* A database went, or a file of a catalog: nobody asks for what was in it. */
void wpi_catalog_forget_database(wpi_catalog *catalog, wp_oid db);
void wpi_catalog_forget_file(wpi_catalog *catalog, wp_oid db, wp_oid filenode);
/* Where there are many, transactions that were rolled back long ago are forgotten: hints on the pages tell of those. */
void wpi_catalog_forget_old(wpi_catalog *catalog);
/* Texts that objects remember have new numbers. */
void wpi_catalog_forget_texts(wpi_catalog *catalog);

/* Rises whenever a name of a schema may have changed. */
uint32_t wpi_catalog_generation(const wpi_catalog *catalog);
/* True once WP_CATALOG_BYTES_MAX made it forget. */
bool wpi_catalog_has_forgotten(const wpi_catalog *catalog);

#endif
