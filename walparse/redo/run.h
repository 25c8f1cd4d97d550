/*
 * run.h - one record on its way to the pages it changes, for the files of the resource managers.
 *
 * Each file redo_*.c has its operations as rows: which bits of xl_info, in which majors, how long the record's own data is at
 * least, and the function that applies it. Images are applied before: a function sees the pages that are left.
 */
#ifndef WPI_REDO_RUN_H
#define WPI_REDO_RUN_H

#include "format/record.h"
#include "format/versions.h"
#include "redo/store.h"

typedef struct wpi_run {
    wpi_store *store;
    const wpi_record *record;
    uint64_t restored; /* bits of the ids of blocks that their images replaced */
    wp_status status;  /* negative: the call fails with it */
} wpi_run;

typedef struct wpi_redo_op {
    uint8_t op;
    uint8_t main_bytes; /* that the record's own data has at least */
    wpi_versions versions;
    /* Either of them; none: nothing but its images, where it has some. */
    void (*redo)(wpi_run *run);
    wp_page_fault (*change)(const wpi_record *record, wpi_stored *stored); /* the page of block 0 */
} wpi_redo_op;

typedef struct wpi_redo_ops {
    const wpi_redo_op *rows;
    uint8_t nrows, op_mask;
} wpi_redo_ops;

#define REDO_OPS(table, mask)                                                        \
    {                                                                                \
        .rows = (table), .nrows = sizeof(table) / sizeof *(table), .op_mask = (mask) \
    }

extern const wpi_redo_ops wpi_redo_xlog, wpi_redo_smgr, wpi_redo_heap, wpi_redo_heap2;
extern const wpi_redo_ops wpi_redo_clog, wpi_redo_multixact, wpi_redo_relmap, wpi_redo_sequence,
    wpi_redo_database;

/* A file, when it is wanted. NULL: it is not, or the run's status is negative. */
wpi_stored_file *wpi_run_file(wpi_run *run, const wp_locator *locator);

/*
 * The page of a block that the record's data is to change. NULL: there is nothing to do: the file is not wanted, an image
 * replaced the page, it has the change already, or it is not known; or the run's status is negative.
 */
wpi_stored *wpi_run_page(wpi_run *run, uint8_t id);

/* The same of a page that the record begins anew, whatever it was. */
wpi_stored *wpi_run_new_page(wpi_run *run, uint8_t id);

/* The page has the change now; with a fault it is damaged. */
void wpi_run_done(wpi_run *run, wpi_stored *stored, wp_page_fault fault);

/* A page of a transaction log: as wpi_run_page(), and as wpi_run_new_page(). They have no LSN: their records are applied always. */
wpi_stored *wpi_run_log_page(wpi_run *run, wp_redo_log log, uint32_t block);
wpi_stored *wpi_run_new_log_page(wpi_run *run, wp_redo_log log, uint32_t block);

/* Applies the images of the record; its blocks of the main fork are in wanted files, else they are left out. */
void wpi_run_images(wpi_run *run);
/* What the record does to blocks that no image replaced is not followed: they are not known any more. */
void wpi_run_lose(wpi_run *run);
/* Marks all its blocks that no image replaced as damaged. */
void wpi_run_damage(wpi_run *run, wp_page_fault fault);

#endif
