/*
 * target.h - from a transaction to a recovery target: what to ask a server for, and where it would
 * really stop.
 *
 * Pure. The rules are the server's own: a target by LSN stops at the first record that starts there or
 * later; by transaction id at the record that ends that transaction; by time before the first record,
 * in WAL order, that ends any transaction at that time or later. Times need not rise along the WAL.
 */
#ifndef PITR_FIND_TARGET_H
#define PITR_FIND_TARGET_H

#include <walparse/walparse.h>

typedef enum target_kind { TARGET_LSN, TARGET_XID, TARGET_TIME, TARGET_KINDS } target_kind;

/* Where replay ends, and what it has applied by then. */
typedef struct target_stop {
    wp_lsn lsn;       /* the record that starts here is the first that is not applied */
    uint64_t commits; /* commits applied, counted from the start of what was read */
    wp_xid last_xid;  /* of the last commit applied; 0: none was read */
    wp_time last_time;
} target_stop;

/* How many of the latest moments are kept for targets by time. */
#define TARGET_STAIRS 4096

/*
 * The ends of transactions so far. Only those whose time is later than all before can stop a target by
 * time: they form a staircase, of which the upper steps are kept. Start with all zero.
 */
typedef struct target_history {
    uint64_t commits;
    wp_xid last_xid;
    wp_time last_time;
    uint64_t nstairs; /* ever */
    struct target_stair {
        wp_time time;
        target_stop stop;
    } stairs[TARGET_STAIRS];
} target_history;

/* The next transaction end in WAL order. */
void target_history_add(target_history *history, const wp_xact_end *end);

typedef enum target_reach {
    TARGET_PENDING, /* nothing read so far stops it */
    TARGET_REACHED,
    TARGET_BEFORE_KNOWN /* at stop.lsn or some way before: further back than the history goes */
} target_reach;

/* A place between two records that recovery shall stop at. */
typedef struct target_boundary {
    bool inclusive; /* stop right behind the record at lsn, not right before it */
    /*
     * The place lies inside the transaction, before a record whose replay takes something away at once.
     * The last commit before it is what xid and time speak of: behind it by xid; by time, where recovery
     * goes on to the next end of a transaction, only before it.
     */
    bool is_at_once;
    wp_lsn lsn;     /* for recovery_target_lsn */
    target_stop at; /* where that stops */
    bool has_xact;  /* a transaction ends there; what follows holds */
    wp_xid xid;
    wp_time time;
    wp_lsn xact_stop; /* where a target by xid stops */
    target_reach by_time;
    target_stop time_stop;
} target_boundary;

/*
 * The boundary at the end of a transaction: before it (add it to the history afterwards), or behind it
 * when inclusive. With inclusive, hand further ends to target_boundary_pass().
 */
void target_boundary_at_xact(const target_history *history, const wp_xact_end *end, bool inclusive,
                             target_boundary *out);

/* Where replay stands now, before a record at lsn. */
target_stop target_stop_before(const target_history *history, wp_lsn lsn);

/* The boundary before a record that acts at once; at is where replay stood there. */
void target_boundary_at_once(const target_history *history, const target_stop *at,
                             target_boundary *out);

/* The boundary before an LSN; next is the first transaction end there or later, NULL when none is. */
void target_boundary_at_lsn(const target_history *history, wp_lsn lsn, const wp_xact_end *next,
                            target_boundary *out);

/* A later transaction end, not yet in the history: may be where an inclusive target by time stops. */
void target_boundary_pass(target_boundary *boundary, const target_history *history,
                          const wp_xact_end *end);

/* A target as a server takes it. */
typedef struct target {
    target_kind kind;
    char value[WP_TIME_TEXT_BYTES]; /* of recovery_target_lsn, _xid or _time */
    bool inclusive;
    bool exact; /* stops where it should */
    target_reach reach;
    target_stop stop;
    uint64_t costs;        /* commits lost that another kind keeps */
    uint64_t lets_through; /* commits applied that should not be */
} target;

/* Builds the target of a kind. False when there is none: no transaction, or one without a time. */
bool target_make(const target_boundary *boundary, target_kind kind, target *out);

/* "lsn", "xid", "time". */
const char *target_kind_name(target_kind kind);

#endif
