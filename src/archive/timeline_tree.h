/*
 * timeline_tree.h - the tree of timelines: which left which, where and why; and what of each the followed one lacks.
 */
#ifndef PITR_FIND_TIMELINE_TREE_H
#define PITR_FIND_TIMELINE_TREE_H

#include "archive/timeline_file.h"

/* "00000002.history", and the endings of its packing. Longer names are cut. */
#define BRANCH_FILE_BYTES 48

/* A timeline that has segments or a history file, or that a history file names. */
typedef struct branch {
    wp_tli tli;
    wp_tli parent;                      /* 0: it is the first one, or nobody tells */
    wp_lsn begin;                       /* where it left its parent; 0 with the parent */
    char reason[TIMELINE_REASON_BYTES]; /* why, as the history file has it; "" where none does */
    wp_tli told_by;                     /* the timeline whose history file says so; 0: a guess */
    /* Another history file says something else of where it began; by 0: none does. */
    struct {
        wp_tli by, parent;
        wp_lsn begin;
    } contradicted;
    bool has_history;             /* its history file is there, and is one */
    bool has_bad_history;         /* there is a file, and it holds none */
    char file[BRANCH_FILE_BYTES]; /* the name of that file; "": none, or a command gives it */
    bool has_segments;
    bool is_followed; /* it belongs to the history of the followed timeline */
    wp_lsn diverges;  /* here the followed history and this timeline's part */
    wp_lsn
        own; /* WAL of this timeline from here on is not in the followed history; UINT64_MAX: none */
} branch;

typedef struct timeline_tree {
    branch *items; /* rising */
    size_t count, room;
} timeline_tree;

struct segment_files;

/* False with one line in message: memory, a read error. Free with timeline_tree_free() in either case. */
bool timeline_tree_build(struct segment_files *segment_files, const timeline_history *followed,
                         timeline_tree *out, char message[512]);

/* The branch of a timeline, added where it is new. NULL: no memory. */
branch *timeline_tree_add(timeline_tree *all, wp_tli tli);
void timeline_tree_sort(timeline_tree *all);

/* The name of a timeline's history file as it lies there, or as a server asks for it where that is not known. */
const char *timeline_tree_file(const timeline_tree *all, wp_tli tli, char name[BRANCH_FILE_BYTES]);

#define BRANCHES_LINE_BYTES 400

/* What two history files say of a branch, where they contradict each other; false: they do not. */
bool timeline_tree_explain(const timeline_tree *all, const branch *one,
                           char line[BRANCHES_LINE_BYTES]);

/* NULL: nobody knows of that timeline. */
const branch *timeline_tree_find(const timeline_tree *all, wp_tli tli);

/* What a server finds that looks for the latest timeline from that one, see timeline_latest(). */
wp_tli timeline_tree_latest(const timeline_tree *all, wp_tli from);

void timeline_tree_free(timeline_tree *all);

#endif
