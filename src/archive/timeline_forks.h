/*
 * timeline_forks.h - where timelines left their parents, as the WAL itself tells: for history files that are missing.
 */
#ifndef PITR_FIND_TIMELINE_FORKS_H
#define PITR_FIND_TIMELINE_FORKS_H

#include "archive/timeline_tree.h"
#include "base/text.h"
#include <walparse/walparse.h>

/* More than these are not remembered. */
#define FORKS_MAX 32

typedef struct fork_place {
    wp_tli tli, parent;
    wp_lsn lsn;
} fork_place;

/* Start with all zero. */
typedef struct forks {
    fork_place items[FORKS_MAX];
    size_t count;
} forks;

/* The record with which a server opens a timeline says which one it left; others are of no interest. */
void forks_note(forks *all, const wp_fact *fact);

/* NULL: the WAL that was read does not show it. */
const fork_place *forks_find(const forks *all, wp_tli tli);

/*
 * Does the WAL of a timeline contradict what is taken for its origin? A history file is held against where the WAL opens
 * the timeline - which timeline that leaves may be another than the file's last one, when recovery ended before a fork -
 * and a guess against the parent. one: the branch of that timeline, or NULL.
 */
bool forks_contradict(const fork_place *seen, const branch *one);

/* One line about it, with a printf command that writes the history as far as it is known. */
void forks_explain(const forks *all, const fork_place *seen, const timeline_tree *tree, text *out);

/*
 * Adds the content of a timeline's history file, as an argument of printf: what its ancestors' files say and what the
 * WAL says. False: not all of it is known.
 */
bool forks_write(const forks *all, const timeline_tree *tree, wp_tli tli, text *out);

#endif
