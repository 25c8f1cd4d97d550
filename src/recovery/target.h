/*
 * target.h - from a place in the WAL to the settings that stop a server there.
 *
 * Pure. Where a server really stops with them is walparse/stop.h's to say; this only compares.
 */
#ifndef PITR_FIND_TARGET_H
#define PITR_FIND_TARGET_H

#include <walparse/walparse.h>

/* The first ones in the order of the words of --target. */
typedef enum target_kind {
    TARGET_LSN,
    TARGET_XID,
    TARGET_TIME,
    TARGET_NAME, /* a restore point's */
    TARGET_KINDS
} target_kind;

/* Which place is chosen, of those there are for what was found. */
typedef enum target_choice {
    TARGET_RIGHT_BEFORE, /* the end of the transaction, or the record, that is not wanted */
    TARGET_RIGHT_AFTER,  /* what is wanted */
    TARGET_BEFORE_NONTRANSACTIONAL, /* inside the transaction, before a record that replay acts on at once, not at the commit */
    TARGET_BEFORE_LOCK /* inside it, before it locks the object, which can be read there */
} target_choice;

/* A place between two records that recovery shall stop at, and what the kinds of targets call it. */
typedef struct target_place {
    target_choice choice;
    wp_lsn right; /* nothing from here on is to be applied, everything before is */
    /* A stop elsewhere is as good, as long as the same transactions are committed: nothing between matters. */
    bool may_be_earlier, may_be_later;
    wp_lsn
        inside; /* the LSN asked for is not where a record begins but in this one; 0: it is not */
    bool is_by_previous; /* the LSN is that of the record before the one to stop at */
    wp_lsn lsn;          /* for recovery_target_lsn */
    bool lsn_inclusive;
    wp_lsn record,
        record_end; /* the record that a target by LSN stops at, as in stop_window_target */
    wp_xid xid;     /* 0: there is no target by xid */
    bool xid_inclusive;
    wp_time time; /* WP_TIME_UNKNOWN: there is no target by time */
    bool time_inclusive;
    char name[WP_NAME_BYTES]; /* empty: there is no target by name */
} target_place;

/* Right before a transaction ends, and right after that. */
target_place target_before_xact(const wp_xact_end *end);
target_place target_after_xact(const wp_xact_end *end);

/* After a restore point; last: the last commit before it, xid 0: none is known. */
target_place target_at_restore_point(const wp_fact_restore_point *point, const wp_xact_end *last);

/* Before a nontransactional record; last as above. */
target_place target_before_nontransactional(wp_lsn lsn, const wp_xact_end *last);

/*
 * Before an LSN that was asked for, which is where the record begins or in front of it; next: the first end of a
 * transaction from there on, NULL: none.
 */
target_place target_before_lsn(wp_lsn lsn, wp_lsn record, wp_lsn record_end,
                               const wp_xact_end *next);

/* After the last whole record, at a position where one begins that is not whole. */
target_place target_after_last(wp_lsn last_record, wp_lsn lsn);

/* Before a record further ahead in the transaction that a place is the end of. */
target_place target_before_lock(wp_lsn lock);

/* The same place, for a server that does not get the whole of the record there: after the one before. */
void target_by_previous(target_place *place, wp_lsn previous);

/* A target as a server takes it. */
typedef struct target {
    target_kind kind;
    char value[WP_NAME_BYTES > WP_TIME_TEXT_BYTES ? WP_NAME_BYTES : WP_TIME_TEXT_BYTES];
    bool inclusive;
    bool exact;            /* it stops where it should */
    bool is_known;         /* stop holds; else it stops further back than was looked */
    wp_stop_result stop;   /* in_doubt is borrowed */
    uint64_t costs;        /* commits lost that stopping at the place would keep */
    uint64_t lets_through; /* commits applied that should not be */
} target;

/* Fills in what a kind of target is made of, base being the rest. False: there is none of that kind. */
bool target_config(const target_place *place, target_kind kind, const wp_stop_config *base,
                   wp_stop_config *out);

/*
 * Builds a target of a kind; false when there is none. stop: where it really stops, NULL: not known. right: where
 * one by LSN does, NULL: not known.
 */
bool target_make(const target_place *place, target_kind kind, const wp_stop_result *stop,
                 const wp_stop_result *right, target *out);

/* True when a server stops there at all. */
bool target_stops(const target *t);

/* Where replay ends with it, as far as known; else where it should. */
wp_lsn target_position(const target_place *place, const target *t);

/* "lsn", "xid", "time", "name". */
const char *target_kind_name(target_kind kind);

#endif
