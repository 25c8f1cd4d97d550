/*
 * infer.h - from what a committed transaction left in the WAL to what was done: the rules.
 */
#ifndef WPI_INFER_H
#define WPI_INFER_H

#include <walparse/reducer.h>

#include "catalog/catalog.h"

typedef enum wpi_work_kind {
    WPI_WORK_DML,
    WPI_WORK_INSERTED, /* a catalog row came */
    WPI_WORK_UPDATED,
    WPI_WORK_DELETED,
    WPI_WORK_LOCKED,
    WPI_WORK_FILE_CREATED,
    WPI_WORK_FILE_EMPTIED,     /* truncated to no blocks */
    WPI_WORK_TRUNCATED,        /* spelt out in the WAL */
    WPI_WORK_DATABASE_REMOVED, /* its directory */
    WPI_WORK_TABLESPACE_REMOVED
} wpi_work_kind;

/* A catalog row before and after. */
typedef struct wpi_row_change {
    wp_oid catalog, db;
    wpi_change rows;
} wpi_row_change;

/* One thing a running transaction did. */
typedef struct wpi_work {
    wpi_work_kind kind;
    wp_lsn lsn;
    union {
        struct {
            wp_locator locator;
            int64_t inserted, updated, deleted;
        } dml;
        wpi_row_change *row; /* INSERTED, UPDATED, DELETED; owned by the transaction */
        wp_locator file;     /* FILE_CREATED, FILE_EMPTIED */
        struct {
            wp_oid db, oid;
        } relation; /* LOCKED, TRUNCATED; REMOVED: the database or tablespace */
    } of;
} wpi_work;

typedef struct wpi_infer wpi_infer;

wpi_infer *wpi_infer_new(const wp_reducer_config *config, wpi_catalog *catalog);
void wpi_infer_free(wpi_infer *infer);

/* An in-place update at lsn made a database unusable, ahead of its removal. False: out of memory. */
bool wpi_infer_invalidated(wpi_infer *infer, wp_oid db, wp_lsn lsn);

/* A row of the catalog that nobody saw was deleted or updated (wp_tuple_op): can that have been an event? */
bool wpi_means_something(wp_oid catalog, unsigned op);

/* Forgets the texts, if there are many. False: it did not. */
bool wpi_infer_forget_texts(wpi_infer *infer);

/* What it knows from one transaction to the next; and back into a new one. */
void wpi_infer_save(const wpi_infer *infer, wpi_saver *saver);
void wpi_infer_load(wpi_infer *infer, wpi_loader *loader);

/* How many transactions dropped more than was told, and where the first of them ended. */
uint64_t wpi_infer_unnamed(const wpi_infer *infer, wp_lsn *first);

/*
 * A transaction committed with these works, in LSN order (rows of its rolled-back parts left out):
 * calls on_event for each event, then applies its catalog rows. may_miss_works: there may be more of them in
 * WAL that was not read. unseen: catalogs (wpi_watched_bit) of which it changed rows that are not among the works.
 * False: out of memory.
 */
bool wpi_infer_commit(wpi_infer *infer, const wpi_work *works, size_t nworks, bool may_miss_works,
                      uint32_t unseen, const wp_fact_xact *fact, const wp_xact_end *end);

#endif
