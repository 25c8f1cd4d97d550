/*
 * wal_reach.h - from where to where WAL was read: for whoever finds nothing in it.
 */
#ifndef PITR_FIND_WAL_REACH_H
#define PITR_FIND_WAL_REACH_H

#include "archive/archive.h"
#include "search/question.h"

/* Start with all zero. */
typedef struct wal_reach {
    wp_lsn begin, end; /* the first record, and after the last one; 0: none was read */
} wal_reach;

/* Any fact of a scan. */
void wal_reach_take(wal_reach *reach, const wp_fact *fact);

/*
 * Lines of the story: that there is no such thing along the timeline in that range; where this WAL begins and ends, and with which times, for which a few segments
 * are read again; and where younger WAL may be. what: "no such record", say.
 */
void wal_reach_tell_nothing(const wal_reach *reach, const archive *wal, const question *q,
                            const char *what);

#endif
