/*
 * timeline_history.h - which stretch of which timeline belongs to the history of the one followed.
 */
#ifndef PITR_FIND_TIMELINE_HISTORY_H
#define PITR_FIND_TIMELINE_HISTORY_H

#include "archive/segment_files.h"
#include "archive/timeline_file.h"

/*
 * Ancestry of a timeline: from its .history file when the sources have one (*file is set to it; where all there are hold
 * no history, *complaint is about the first, to be freed), else the history of the newest older timeline that has a
 * file, and from there on the segments: a timeline begins with its first one and the older ones end there. False with
 * one line in message on a read error.
 */
bool timeline_history_of(segment_files *segment_files, wp_tli tli, timeline_history *out,
                         const find_history **file, char **complaint, char message[512]);

/* The first history file of that timeline, good or not. NULL: there is none. */
const find_history *timeline_history_file(const segment_files *segment_files, wp_tli tli);

/* Two history files of one timeline that differ, each a history. False: stop. */
typedef bool timeline_history_pair(void *context, const find_history *first,
                                   const find_history *other);

/*
 * Calls it for each file that differs from the first one of its timeline; one that is no history differs from none.
 * False with one line in message, or as call.
 */
bool timeline_history_each_conflict(segment_files *segment_files, timeline_history_pair *call,
                                    void *context, char message[512]);

/* A history file that is none, and why; used: the one of that timeline that is, or NULL. False: stop. */
typedef bool timeline_history_unreadable(void *context, const find_history *file, const char *why,
                                         const find_history *used);

/* Calls it for each. False: as call. */
bool timeline_history_each_unreadable(segment_files *segment_files,
                                      timeline_history_unreadable *call, void *context);

/*
 * May a server be given the first file in place of the second? So it is where a restore_command finds both in one folder:
 * it takes the first ending of packing_suffix() that is there. `fetch`, which reads several folders, unpacks both.
 */
bool timeline_history_hides(const find_history *first, const find_history *second);

/* Index of a timeline's span; -1: it does not belong to the history. */
int timeline_history_find(const timeline_history *history, wp_tli tli);

#endif
