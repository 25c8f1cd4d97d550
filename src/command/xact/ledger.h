/*
 * ledger.h - what each transaction of a window wrote, summed up with its subtransactions.
 */
#ifndef PITR_FIND_LEDGER_H
#define PITR_FIND_LEDGER_H

#include "search/question.h"

/* Transactions that have not ended are remembered, so many. */
#define LEDGER_OPEN_MAX ((size_t)1 << 20)
/* So many are listed, the largest; the others are summed up as one. */
#define LEDGER_ROWS_MAX ((size_t)1 << 20)

typedef enum ledger_end {
    LEDGER_COMMIT, /* the first four are those of wp_xact_op */
    LEDGER_ROLLBACK,
    LEDGER_COMMIT_PREPARED,
    LEDGER_ROLLBACK_PREPARED,
    LEDGER_PREPARED, /* and neither committed nor rolled back in this WAL */
    LEDGER_LOST,     /* the server stopped or crashed: it did not commit */
    LEDGER_NONE,     /* no end in this WAL */
    LEDGER_ENDS
} ledger_end;

typedef struct ledger_row {
    wp_xid xid;
    ledger_end end;
    wp_lsn first_lsn, last_lsn; /* of its records; first_lsn 0: none yet */
    wp_lsn end_lsn;             /* LEDGER_LOST: of the shutdown or end of recovery; 0: none */
    wp_time time;
    uint64_t records, bytes, image_bytes; /* bytes: with those of images */
    int64_t inserted, updated,
        deleted; /* rows of files that are not of system catalogs; not those of rolled-back subtransactions */
    uint32_t nsubxacts;
    wp_xid top;          /* while it is open: an assignment named its transaction; 0: none did */
    bool is_rolled_back; /* while it is kept for an assignment to come */
} ledger_row;

typedef struct ledger {
    const question *question;
    uint64_t limit; /* 0: all */
    ledger_row *open;
    size_t nopen, slots; /* a hash table by xid; xid 0: free */
    ledger_row *
        rows; /* of the window: a heap with the smallest on top; ledger_finish() sorts it, the largest first */
    size_t nrows, rows_room;
    ledger_row rest;     /* of the window, beyond limit or LEDGER_ROWS_MAX: xid counts them */
    ledger_row sum;      /* the same of all of the window */
    bool is_failed;      /* memory is out */
    bool is_full;        /* LEDGER_OPEN_MAX was reached: some are forgotten */
    wp_lsn nameless_lsn; /* of a record without an id, and what it counts */
    uint32_t nameless_bytes;
    wp_lsn end_lsn; /* of the segments met */
} ledger;

/* False: memory is out. Free with ledger_free() in any case. */
bool ledger_start(const question *q, uint64_t limit, ledger *out);
/* Facts of wp_record_facts() in LSN order. False: no more, see is_failed. */
bool ledger_take(ledger *l, const wp_fact *fact);
/* No more facts. False: memory is out. */
bool ledger_finish(ledger *l);
void ledger_free(ledger *l);

#endif
