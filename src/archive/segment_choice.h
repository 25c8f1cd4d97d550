/*
 * segment_choice.h - which file is read for which stretch of WAL.
 *
 * Several files may hold the same segment: full and .partial, the copies of several timelines, of several
 * sources. A position has them all, best first, and the best that proves good is read.
 */
#ifndef PITR_FIND_SEGMENT_CHOICE_H
#define PITR_FIND_SEGMENT_CHOICE_H

#include "archive/segment_files.h"
#include "archive/timeline_file.h"

typedef struct candidate {
    segment_file *at;
} candidate;

typedef struct position {
    wp_lsn start_lsn;
    candidate *files; /* candidates, best first, those before the first good one left out */
    size_t nfiles;
    bool is_bad;     /* all of them were looked into, and none is good */
    bool has_lesser; /* others, as far as they were looked into, are not the same as the one read */
    segment_file *spoilt; /* a bad one that the one read does not stand for; NULL: none */
} position;

typedef struct segment_choice {
    segment_files *segment_files;
    const timeline_history *history;
    candidate *files;
    position *list; /* rising */
    size_t n;
    position leftover; /* the first after the end with nothing but leftovers; nfiles 0: none */
} segment_choice;

/*
 * Sorts the files that belong to the history into positions. False: out of memory. Free with
 * segment_choice_free() in either case.
 */
bool segment_choice_build(segment_files *segment_files, const timeline_history *history,
                          segment_choice *out, char message[512]);

/* Where reading a position's file ends: at the segment's end, or where the next timeline branched off. */
wp_lsn segment_choice_end(const segment_choice *all, const position *one);

/* Looks into a position's files until one is good; one without any is bad afterwards. */
bool segment_choice_decide(segment_choice *all, position *one, char message[512]);

/*
 * Settles the positions that have no neighbour at one side, where files that do not belong are found: stray ones in
 * a gap, and what lies after the end. That is removed from the list if it is nothing but leftovers of a server
 * (*until moves with it); anything else is where WAL should be.
 */
bool segment_choice_decide_edges(segment_choice *all, size_t first, size_t *until,
                                 char message[512]);

/* Narrows [*first, *until) to the segments that have commits between two times; see the margins in the code. */
bool segment_choice_narrow_by_time(segment_choice *all, wp_time since, wp_time until_time,
                                   size_t *first, size_t *until, char message[512]);

void segment_choice_free(segment_choice *all);

#endif
