/*
 * match_lines.h - lines of the story that tell of matches, and of events in general.
 */
#ifndef PITR_FIND_MATCH_LINES_H
#define PITR_FIND_MATCH_LINES_H

#include "base/text.h"
#include "search/search.h"

/* So many matches, and other things that a transaction did, are told. */
#define MATCH_LINES_MAX 20

/* Prints what was put together, under a label, and empties it. */
void story_line(const char *label, text *line);

/* " in database shop"; nothing for what is done to databases. */
void match_add_database(text *out, const wp_event *event);

/* The matches there are, numbered for --pick, but for the chosen one; 0: none is. */
void match_lines_tell(const search_result *found, uint64_t chosen);

/* The restore points of the name asked for, but the chosen one, numbered for --pick. */
void match_lines_tell_points(const search_result *found, uint64_t chosen);

#endif
