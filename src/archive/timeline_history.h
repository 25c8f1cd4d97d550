/*
 * timeline_history.h - which stretch of which timeline belongs to the history of the one followed.
 */
#ifndef PITR_FIND_TIMELINE_HISTORY_H
#define PITR_FIND_TIMELINE_HISTORY_H

#include "archive/segment_files.h"
#include "archive/timeline_file.h"

/*
 * Ancestry of a timeline: from its .history file when the sources have one (an unreadable text is put into
 * *complaint, to be freed, and ignored), else the history of the newest older timeline that has a file, and from there on
 * the segments: a timeline begins with its first one and the older ones end there. False with one line in message on a read error.
 */
bool timeline_history_of(segment_files *segment_files, wp_tli tli, timeline_history *out,
                         bool *is_from_file, char **complaint, char message[512]);

/* True when the sources hold a history file of that timeline. */
bool timeline_history_has_file(const segment_files *segment_files, wp_tli tli);

/* Two history files of one timeline that differ. False: stop. */
typedef bool timeline_history_pair(void *context, const find_history *first,
                                   const find_history *other);

/* Calls it for each file that differs from the first one of its timeline. False with one line in message, or as call. */
bool timeline_history_each_conflict(segment_files *segment_files, timeline_history_pair *call,
                                    void *context, char message[512]);

/* A history file that is none, and why. False: stop. */
typedef bool timeline_history_unreadable(void *context, const find_history *file, const char *why);

/* Calls it for each. False: as call. */
bool timeline_history_each_unreadable(segment_files *segment_files,
                                      timeline_history_unreadable *call, void *context);

/* Index of a timeline's span; -1: it does not belong to the history. */
int timeline_history_find(const timeline_history *history, wp_tli tli);

#endif
