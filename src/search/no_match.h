/*
 * no_match.h - words for a search that found nothing: what was looked for, and what there is.
 */
#ifndef PITR_FIND_NO_MATCH_H
#define PITR_FIND_NO_MATCH_H

#include "base/message.h"
#include "search/search.h"

#define NO_MATCH_RANGE_BYTES 192

/* "12 committed transactions between 0/1000000 and 0/2000000", and which times leave out others. */
void no_match_range(const question *q, const search_result *found, char buf[NO_MATCH_RANGE_BYTES]);

/* Why there is no target; base as for search_target(). */
void no_match_message(const question *q, const backup *base, const search_result *found,
                      char message[MESSAGE_BYTES]);

/*
 * The first words: the message, or where it may be there all the same, that and why. For a search that found nothing.
 */
void no_match_head(const question *q, const search_result *found, bool is_in_doubt,
                   const char *message);

/* What helps then, for people: what comes near, what there is, where to look. */
void no_match_tell(const question *q, const archive *wal, const search_result *found);

#endif
