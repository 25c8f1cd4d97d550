/*
 * totals.h - records and their bytes, summed by what they have in common.
 */
#ifndef PITR_FIND_TOTALS_H
#define PITR_FIND_TOTALS_H

#include <walparse/walparse.h>

#include "archive/archive.h"
#include "command/stats/checkpoints.h"
#include "search/question.h"
#include "search/relation_names.h"

/* In the order of the words of --by. */
typedef enum totals_by {
    BY_MANAGER,
    BY_RECORD,   /* manager and type */
    BY_RELATION, /* file of the first block; an image counts for its own file */
    BY_DATABASE, /* of that file */
    BY_XID,
    BY_MINUTE, /* of the next commit */
    BY_SEGMENT,
    BY_CHECKPOINT, /* from one redo point to the next */
    BY_IMAGE       /* why images are there; a record counts for its first */
} totals_by;

/* More groups than this are summed up as one. */
#define TOTALS_GROUPS_MAX ((size_t)1 << 22)

typedef struct totals_key {
    uint64_t high, low; /* rise with the order of groups */
} totals_key;

typedef struct totals_group {
    totals_key key;
    uint64_t records, record_bytes, image_bytes; /* record_bytes without images */
    wp_time last_commit;                         /* WP_TIME_UNKNOWN: none */
} totals_group;

/* Records of few managers and types take turns: their groups are mostly found here, not in the tree. */
#define TOTALS_RECENT 64

typedef struct totals {
    totals_by by;
    const archive *wal;
    const checkpoints *checkpoints;      /* borrowed: those found, where they are needed */
    question_range range;                /* of which records are summed up */
    void *tree;                          /* of <search.h> */
    totals_group *recent[TOTALS_RECENT]; /* by a hash of the key */
    totals_group **groups;               /* totals_sort() makes it */
    size_t ngroups;
    totals_group sum;   /* of all */
    totals_group rest;  /* of those beyond TOTALS_GROUPS_MAX */
    totals_group ahead; /* BY_MINUTE: records before the commit that gives them their minute */
    const relation_names *names; /* borrowed; NULL: none */
    wp_lsn names_at;             /* they are those of this moment */
    wp_lsn start_lsn;            /* of the first record, summed or not: whoever reads sets it */
    wp_lsn end_lsn;              /* after the last one summed */
} totals;

/* What the facts are to be summed up by. BY_CHECKPOINT: in parts between redo points. */
wp_stats_by totals_parts(totals_by by);
totals totals_start(totals_by by, const archive *wal);
/* False: memory is out. */
bool totals_add(totals *to, const wp_fact_stats *fact);
/* No more: groups in the order of their keys, or the largest first. False: memory is out. */
bool totals_sort(totals *to, bool is_by_size);
void totals_free(totals *to);

static inline uint64_t totals_bytes(const totals_group *group)
{
    return group->record_bytes + group->image_bytes;
}

#endif
