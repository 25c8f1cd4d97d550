/*
 * other_timelines.h - WAL of timelines that the followed history does not contain.
 *
 * An incident may lie on a branch that was left: after the fork of a point-in-time recovery, on an old primary that
 * went on. Positions and transaction ids repeat there.
 */
#ifndef PITR_FIND_OTHER_TIMELINES_H
#define PITR_FIND_OTHER_TIMELINES_H

#include "search/search.h"

/* What a branch holds that the followed history does not. */
typedef struct other_timelines_branch {
    wp_tli tli;
    wp_lsn from;     /* its own WAL begins here */
    wp_lsn diverges; /* the branch and the followed history part here */
    bool has_commits;
    wp_lsn match; /* the end of a transaction that a position asked for names as well; 0: none */
} other_timelines_branch;

typedef struct other_timelines {
    other_timelines_branch *items; /* newest timeline first; only those with commits of their own */
    size_t count;
} other_timelines;

/*
 * Looks into the own WAL of each branch, as far as it needs to, and at nothing when --timeline was given. Names are of
 * no use here, so no other segments are read. False with one line in message. Free with other_timelines_free() in either case.
 */
bool other_timelines_look(const question *q, const archive *wal, other_timelines *out,
                          char message[512]);

/* Opens the archive along a branch; what ends before its own WAL is of no interest. */
bool other_timelines_open(const question *q, const other_timelines_branch *branch, archive *out,
                          char message[512]);

/* What was found ends at lsn: which branches were not searched, or have that position or transaction too. */
void other_timelines_warn(const question *q, const archive *wal, const other_timelines *all,
                          wp_lsn lsn, text_list *out);

void other_timelines_free(other_timelines *all);

#endif
