/*
 * store.h - the pages of the wanted files: from the backup when they are first asked for, in memory while there is room, then
 * in the scratch file.
 */
#ifndef WPI_REDO_STORE_H
#define WPI_REDO_STORE_H

#include "base/table.h"
#include "redo/page.h"

typedef struct wpi_stored {
    struct wpi_stored_file *file;
    uint32_t block;
    uint8_t state;   /* wp_page_state */
    uint8_t fault;   /* wp_page_fault */
    bool is_loaded;  /* state says what is known; else the backup was not asked yet */
    bool is_changed; /* differs from what the backup or the scratch file has */
    bool has_slot;   /* in the scratch file; else the backup has it */
    bool was_used;   /* since the clock's hand went by */
    wp_lsn fault_lsn;
    uint64_t slot;
    uint64_t pinned_by; /* the call that works with its bytes */
    wpi_redo_page page; /* bytes NULL: not in memory */
    size_t place;       /* in the store's list of those in memory */
} wpi_stored;

typedef struct wpi_stored_file {
    wp_locator locator;
    wpi_table pages; /* of wpi_stored, by block */
    bool
        is_untold; /* it began with pages that the WAL does not have: what the backup has is of before that */
    bool is_cut; /* blocks from `cut` on are not those of the backup any more */
    uint32_t cut;
    uint32_t end; /* after the last block that the WAL tells of; 0: none */
} wpi_stored_file;

#define WPI_RELMAP_BYTES_MAX 1024

/* pg_filenode.map of a database, as the WAL has it. */
typedef struct wpi_relmap {
    bool is_told; /* since its database was copied as files */
    uint32_t len;
    uint8_t bytes[WPI_RELMAP_BYTES_MAX];
} wpi_relmap;

typedef struct wpi_store {
    wp_redo_config config;
    wp_redo_counts counts;
    wpi_table files;   /* of wpi_stored_file */
    wpi_table copies;  /* databases copied as files: a set of tablespace and database */
    bool is_minimal;   /* wal_level is */
    wpi_table relmaps; /* of wpi_relmap, by tablespace and database */
    wpi_stored **held; /* the pages in memory */
    size_t nheld, held_room, held_max;
    size_t hand;
    uint64_t call; /* number of the record, or of the question */
    uint64_t nslots;
} wpi_store;

void wpi_store_free(wpi_store *store);

/* The file, when it is wanted. *out NULL: it is not. */
wp_status wpi_store_file(wpi_store *store, const wp_locator *locator, wpi_stored_file **out);

/* The same of one of which it may be that no record has told yet: it is made in *untouched then. NULL: it is not wanted. */
const wpi_stored_file *wpi_store_known_file(const wpi_store *store, const wp_locator *locator,
                                            wpi_stored_file *untouched);

/*
 * A page of a file; its bytes are in memory when it is known. It stays there until the next call begins (store->call).
 */
wp_status wpi_store_page(wpi_store *store, wpi_stored_file *file, uint32_t block, wpi_stored **out);

/*
 * The page as it is, for those who ask: one that no record has touched is read into bytes (room for a block), and is not kept.
 */
wp_status wpi_store_look(wpi_store *store, wpi_stored_file *file, uint32_t block, uint8_t *bytes,
                         wp_page *out);

/* A record tells of the page: the file goes as far. */
void wpi_store_reach(wpi_stored *stored);

/* Gives the page bytes, of undefined content, and makes it known: the caller fills them in. */
wp_status wpi_store_renew(wpi_store *store, wpi_stored_file *file, uint32_t block,
                          wpi_stored **out);

/* The page contradicts the record at lsn. */
void wpi_store_damage(wpi_store *store, wpi_stored *stored, wp_page_fault fault, wp_lsn lsn);

/* The page is not known any more. */
void wpi_store_lose(wpi_store *store, wpi_stored *stored);

/* The file is a new one. While wal_level is minimal, what it gets may not be in the WAL. */
void wpi_store_create(wpi_store *store, wpi_stored_file *file);

/* The file now ends before a block. What it had from there on is gone. */
void wpi_store_cut(wpi_store *store, wpi_stored_file *file, uint32_t block);

/*
 * The files of a database in a tablespace are now copies of which the WAL says nothing: none of their pages is known until it
 * has them whole. False: out of memory.
 */
bool wpi_store_copy(wpi_store *store, wp_oid spc, wp_oid db);

#endif
