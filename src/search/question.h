/*
 * question.h - what is looked for, made once from the command line (cli/options_question.h).
 *
 * A search knows nothing else of what a user said. All that it points to is borrowed.
 */
#ifndef PITR_FIND_QUESTION_H
#define PITR_FIND_QUESTION_H

#include <walparse/walparse.h>

#include "archive/archive_open.h"
#include "recovery/target.h"

typedef enum question_kind {
    QUESTION_LIST,         /* all events that match; the others choose one place */
    QUESTION_PATTERN,      /* an event whose text matches */
    QUESTION_XID,          /* the end of a transaction */
    QUESTION_TIME,         /* the first end of a transaction from a time on */
    QUESTION_LSN,          /* a position in the WAL */
    QUESTION_RESTORE_POINT /* by its name */
} question_kind;

/* Which of several matches. */
typedef enum pick_rule { PICK_LAST, PICK_FIRST, PICK_UNIQUE, PICK_NUMBER } pick_rule;

typedef struct question_pick {
    pick_rule rule;
    uint64_t number; /* PICK_NUMBER: counted from 1 */
} question_pick;

/* What can narrow a question. As bits: 1U << NARROW_DATABASE and so on. */
typedef enum narrowing {
    NARROW_DATABASE,
    NARROW_RELATION,
    NARROW_MIN_ROWS,
    NARROW_SINCE,
    NARROW_UNTIL,
    NARROW_FROM_LSN,
    NARROW_TO_LSN,
    NARROWINGS
} narrowing;

/* Ends of transactions, both limits included. */
typedef struct question_range {
    bool has_since, has_until;
    wp_time since, until;
    wp_lsn from_lsn, to_lsn; /* 0: not limited */
} question_range;

typedef struct question {
    question_kind kind;
    bool is_after;             /* right after it is meant, not right before it */
    const char *pattern;       /* QUESTION_PATTERN, QUESTION_LIST; NULL: any text */
    uint64_t xid;              /* QUESTION_XID: may have its epoch, as txid_current() gives it */
    wp_time time;              /* QUESTION_TIME */
    wp_lsn lsn;                /* QUESTION_LSN; else 0 */
    const char *restore_point; /* QUESTION_RESTORE_POINT */
    bool has_pick;
    question_pick pick;

    const char *database; /* name or OID; NULL: any */
    const char *relation; /* a pattern; NULL: any */
    uint64_t min_rows;    /* 0: any number */
    bool include_temporary;
    question_range range;
    bool reads_on;       /* what a command fetches is read past its LSNs, too */
    bool stays_in_range; /* what lies outside its LSNs tells nothing of what lies in it */

    bool has_timeline; /* one was named, or `latest` was: others are not looked at */
    wp_tli timeline;   /* 0: the latest */
    uint64_t system_id;
    const char *from_command; /* fetches segments; NULL: none */
    const char *backup;       /* a base backup, which gives names; NULL: none */
    const char *dsn;          /* a server that gives names; NULL: none */
    char *const *sources;
    size_t nsources;
    unsigned jobs; /* threads, 1 or more */

    bool has_target_kind;
    target_kind target_kind; /* the one to be printed */
    bool needs_all_kinds;    /* the others as well */
    bool is_inspectable;     /* before the transaction locks the object */
} question;

/* Is one place chosen, by where it lies and not by what was done there? */
bool question_is_by_position(const question *q);
/* The same, or a restore point: no event is looked for. */
bool question_is_by_place(const question *q);
/* Is the target right before something that is not wanted? */
bool question_stops_before(const question *q);

/* As WAL knows it: without the epoch. */
wp_xid question_xid(const question *q);

/*
 * Of a question by position: is this the first end of a transaction that it means? Of a position, the first one from there on.
 * The range limits all but positions.
 */
bool question_means(const question *q, const wp_xact_end *end);

/* Which limits of the range leave out what happened at lsn and at that time: bits of narrowing. */
unsigned question_leaves_out(const question *q, wp_lsn lsn, wp_time time);
/* None of them does. */
bool question_has_in_range(const question *q, wp_lsn lsn, wp_time time);

/* Where to look along a timeline; 0: the latest. Without the command that fetches. */
archive_limits question_limits(const question *q, wp_tli timeline);

/* The option that narrows so, without dashes: "min-rows". Static. */
const char *narrowing_option(narrowing which);

#endif
