/*
 * heap.h - the rows of a file as they are where replay has come to: what a transaction that begins there would see.
 *
 * What is not certain is counted, by reason, and never hidden.
 */
#ifndef PITR_FIND_HEAP_H
#define PITR_FIND_HEAP_H

#include <walparse/visible.h>

#include "backup/backup_blocks.h"

/* Pages of the files of a cluster, replayed up to an LSN. All of it is borrowed. */
typedef struct heap {
    const wp_profile *profile;
    wp_redo *redo;
    wp_fates *fates;
    backup_blocks *base; /* NULL: there is no backup, and only what the WAL proves is known */
    uint8_t max_align;
    uint32_t block_bytes;
} heap;

/* What there is of a file, and what is not certain of it. Sums of several files add up: heap_sums_add(). */
typedef struct heap_sums {
    uint64_t blocks, unknown_blocks, damaged_blocks; /* blocks: all of them */
    bool may_have_more;                              /* nothing tells how long the file is */
    uint64_t rows;                                   /* that are there for certain */
    uint64_t
        in_doubt; /* rows of which nobody knows whether they are there; they are not handed out */
    uint64_t doubts[WP_ROW_DOUBTS];
    /* The first damaged or unknown block, for people; fault holds of a damaged one. */
    bool has_first;
    wp_locator first_file;
    uint32_t first_block;
    wp_page_fault first_fault;
} heap_sums;

/* A row that is there. The bytes are borrowed until take returns; other calls on the heap do not disturb them. */
typedef struct heap_row {
    wp_view tuple; /* with its header */
    uint32_t block;
    uint16_t item;  /* from 1 */
    wp_xid remover; /* a transaction that has removed or replaced it, and has not ended; 0: none */
    bool is_replaced;   /* by that one: the row has a newer version */
    bool is_moved;      /* and that is in another partition */
    wp_row_place newer; /* where it is, if it is not */
} heap_row;

typedef bool heap_take(void *context, const heap_row *row);

/*
 * Hands out each row of the file's main fork that is there, in order of block and item, and adds to sums. take returns false to end early,
 * which is no failure. False with one line in message: memory, or the backup or the scratch file cannot be read.
 */
bool heap_rows(const heap *h, const wp_locator *file, heap_take *take, void *context,
               heap_sums *sums, char message[512]);

/* What a transaction that has not ended has made of a row that it has replaced. */
typedef struct heap_newest {
    bool is_known;   /* its newer versions are there; false: nothing else holds */
    bool is_removed; /* the same transaction has removed the newest version, too */
    bool is_moved;   /* the newest version is in another partition */
    wp_view tuple;   /* the newest version that is here; borrowed from page */
    uint8_t *page;   /* free it with free() */
} heap_newest;

/* Free out->page in either case. False with one line in message. */
bool heap_find_newest(const heap *h, const wp_locator *file, const heap_row *row, heap_newest *out,
                      char message[512]);

void heap_sums_add(heap_sums *to, const heap_sums *from);
/* Is every row of it certain? */
bool heap_sums_are_certain(const heap_sums *sums);

#endif
