/*
 * search_warnings.h - what should be known about a search, one line each.
 */
#ifndef PITR_FIND_SEARCH_WARNINGS_H
#define PITR_FIND_SEARCH_WARNINGS_H

#include "search/search.h"

/* About what was read, whether anything was found or not. */
void search_warnings(const question *q, const archive *wal, const search_result *found,
                     text_list *out);

#endif
