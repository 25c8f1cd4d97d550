/*
 * position_copies.h - are the files of a position copies of one segment?
 */
#ifndef PITR_FIND_POSITION_COPIES_H
#define PITR_FIND_POSITION_COPIES_H

#include "archive/copies.h"
#include "archive/segment_choice.h"

/* What was found out of all positions compared. Start with all zero but choice; free with position_copies_free(). */
typedef struct position_copies {
    segment_choice *choice; /* the positions are of this one; borrowed */
    copies copies;
    segment_tally cut;       /* files that are an incomplete copy of the one that is read */
    segment_tally conflicts; /* files that differ from the one that is read */
} position_copies;

/*
 * Compares the file of a position that is read with its copies: those of the same timeline, both full or both partial.
 * One that is cut short (still being written, or broken off) gives way to a whole one. Where two are not alike the
 * position is decided first, as by segment_choice_decide(): a file that proves to be no copy at all, but of another cluster
 * or no WAL, is no conflict. False with one line in message on a read error.
 */
bool position_copies_compare(position_copies *all, position *one, char message[512]);

void position_copies_free(position_copies *all);

#endif
