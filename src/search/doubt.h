/*
 * doubt.h - may what is asked for lie in WAL that could not be read, or that leaves it open? Exit status 3.
 */
#ifndef PITR_FIND_DOUBT_H
#define PITR_FIND_DOUBT_H

#include "search/search.h"

/* May what is asked for lie there, where WAL is missing or damaged? */
bool doubt_of_damage(const question *q, const scan_damage *damage);

/* How WAL is there where it may lie: "missing", "damaged", "missing and damaged"; NULL: all of it could be read. */
const char *doubt_hiding(const question *q, const search_result *found);

bool doubt_of_search(const question *q, const archive *wal, const search_result *found);

#endif
