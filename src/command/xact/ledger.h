/*
 * ledger.h - what each transaction of a window wrote, summed up with its subtransactions.
 */
#ifndef PITR_FIND_LEDGER_H
#define PITR_FIND_LEDGER_H

#include "command/family.h"
#include "search/question.h"
#include "search/relation_names.h"

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
    LEDGER_NONE,     /* no end in this WAL, or it may be in WAL that could not be read */
    LEDGER_ENDS
} ledger_end;

typedef struct ledger_rows {
    int64_t inserted, updated, deleted;
} ledger_rows;

typedef struct ledger_row {
    wp_xid xid;
    ledger_end end;
    wp_lsn first_lsn, last_lsn; /* of its records; first_lsn 0: none yet */
    wp_lsn end_lsn;             /* LEDGER_LOST: of the shutdown or end of recovery; 0: none */
    wp_time time;
    uint64_t records, bytes, image_bytes; /* bytes: with those of images */
    ledger_rows rows[FATES]; /* of relations that are not system catalogs; open: FATE_UNKNOWN */
    uint64_t nameless;       /* of those, touched in files whose relation is not known */
    uint32_t nsubxacts;
    bool begins_here; /* its first record is in this WAL, for certain */
    /* While it is open: */
    wp_xid top; /* what it is a part of; 0: of nothing that is known */
    wp_xid first_part, next_part;
    fate fate;
    bool is_rolled_back; /* its ROLLBACK was met, and nothing that it is a part of */
    bool wrote_class;    /* it inserted or updated rows of pg_class, and kept that */
    bool lacks_invals;   /* its COMMIT has none */
} ledger_row;

/* Before place no xid from next on had a record. */
typedef struct ledger_next {
    wp_xid next;
    wp_lsn place;
} ledger_next;

typedef struct ledger {
    const question *question;
    const relation_names *names; /* NULL: files are told apart by their numbers alone */
    uint32_t segment_size;
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
    wp_lsn start_lsn, end_lsn; /* of the segments met */
    ledger_next *nexts;        /* by rising place and xid */
    size_t nnexts, nexts_room;
    wp_lsn unread_until; /* the end of what could not be read, so far */
    uint64_t late;       /* rows of the window that may have begun before this WAL */
    uint64_t
        minimal; /* commits of the window that show wal_level minimal: they wrote pg_class, and have no invalidations */
} ledger;

/* names: borrowed. False: memory is out. Free with ledger_free() in any case. */
bool ledger_start(const question *q, const relation_names *names, uint32_t segment_size,
                  uint64_t limit, ledger *out);
/* WAL up to an LSN could not be read, or not for certain; comes before the facts after it. */
void ledger_miss(ledger *l, wp_lsn until);
/* Facts of wp_record_facts() in LSN order. False: no more, see is_failed. */
bool ledger_take(ledger *l, const wp_fact *fact);
/* No more facts. False: memory is out. */
bool ledger_finish(ledger *l);
void ledger_free(ledger *l);

#endif
