/*
 * doubt.h - is there anything in what was read, or could not be, that what is asked for may hide behind? Exit status 3.
 */
#ifndef PITR_FIND_DOUBT_H
#define PITR_FIND_DOUBT_H

#include "search.h"

bool doubt_of_search(const options *o, const archive *wal, const search_result *found);

#endif
