/*
 * family.h - which transaction ids belong together: a transaction and its subtransactions, with what became of them; and where
 * the transaction can have begun.
 */
#ifndef PITR_FIND_FAMILY_H
#define PITR_FIND_FAMILY_H

#include "archive/archive.h"

/* Smaller ones are not given to transactions: FirstNormalTransactionId in access/transam.h. */
#define FAMILY_FIRST_XID 3U

/* What becomes of rows. */
typedef enum fate {
    FATE_UNKNOWN, /* neither the end of the transaction nor a rollback is in the WAL; of family_find(), also of one that was lost */
    FATE_KEPT,
    FATE_ROLLED_BACK,
    FATES
} fate;

typedef struct family_member {
    wp_xid xid;
    fate fate;
    wp_xid
        inside; /* a subtransaction that this one was part of, maybe of a part; 0: none is known */
    wp_lsn abort_lsn; /* where it was rolled back alone; 0: it was not, or nobody knows */
} family_member;

/* Start with all zero. */
typedef struct family {
    wp_xid top;
    family_member *members; /* by rising xid; the transaction itself is one */
    size_t count, room;
    wp_xid *xids; /* of the members */
    bool has_end; /* the WAL has the record that ends the transaction */
    wp_xact_op end_op;
    wp_lsn end_lsn;     /* where that record starts */
    wp_lsn prepare_lsn; /* of its PREPARE; 0: none */
    bool is_assigned;   /* the WAL says that it has subtransactions: it is none itself */
    wp_lsn
        lost_lsn; /* without an end: a later shutdown or end of recovery, which it did not live through; 0: none */
    wp_lsn not_before; /* the last place known before which it had no record; 0: none is known */
    wp_lsn wal_start, wal_end; /* the first record, and after the last one */
    wp_xid first_next,
        last_next; /* the next xid to be given, as the WAL says it first and last; 0: never */
} family;

/*
 * Reads the archive, more than once where a subtransaction is asked for; what a command fetches, to the transaction's end. False with one line in message. Free with family_free() in any
 * case.
 */
bool family_find(const archive *wal, wp_xid xid, unsigned jobs, family *out, char message[512]);

/* NULL: it is none. */
const family_member *family_member_of(const family *in, wp_xid xid);

/* Did it commit, for certain? */
bool family_is_commit(const family *of);

/* Where it is over; 0: it is not. */
wp_lsn family_bound(const family *of);

/* Its records, up to there. What it points to is the family's. */
wp_record_filter family_filter(const family *of);

void family_free(family *out);

#endif
