/*
 * verification.h - is an archive whole, and from where to where can be recovered with it?
 *
 *   verify.c   each timeline's own WAL is read, with every checksum        -> segments, problems, points
 *   files.c    files that are no part of it: copies, strangers, leftovers   -> problems, notes
 *   windows.c  base backups against the above                               -> windows
 */
#ifndef PITR_FIND_VERIFICATION_H
#define PITR_FIND_VERIFICATION_H

#include "archive/archive.h"
#include "backup/backup.h"
#include "archive/timeline_forks.h"
#include "base/text.h"

/* More problems are only counted, and what lies after the last one listed is not known. */
#define VERIFY_PROBLEMS_MAX 10000

/* A transaction that committed. */
typedef struct verify_commit {
    wp_lsn lsn, end_lsn; /* 0: none */
    wp_time time;
} verify_commit;

/* One segment file that was read. */
typedef struct verify_segment {
    char name[WP_SEGMENT_NAME_BYTES];
    wp_tli tli;
    wp_lsn start_lsn;
    bool is_partial;
    bool is_damaged; /* a problem begins in it */
    uint64_t records, commits;
    verify_commit first, last;
} verify_segment;

typedef enum verify_kind {
    VERIFY_GAP,    /* segments are missing */
    VERIFY_DAMAGE, /* WAL that cannot be read */
    VERIFY_FILE,   /* a file named like a segment, .backup or .history that holds something else */
    VERIFY_CONFLICT, /* two files for one segment, with different content */
    VERIFY_CHECKSUM, /* the content is not that of the checksum in the name */
    VERIFY_HISTORY,  /* a timeline without a history file */
    VERIFY_KINDS
} verify_kind;

typedef struct verify_problem {
    verify_kind kind;
    wp_tli tli;
    wp_lsn from, until;   /* until 0: to the end of the segment */
    wp_lsn barrier;       /* replay gets no further; 0: it is not in the way */
    char *path;           /* NULL: no file */
    char *text;           /* one line for people */
    verify_commit before; /* damage: the last commit read before it */
} verify_problem;

typedef struct verify_timeline {
    wp_tli tli;
    const branch *branch; /* of verification.tree */
    fork_place opened;    /* where its WAL says that it begins; tli 0: it does not */
    timeline_history history;
    wp_lsn history_start;      /* where the WAL of its history begins here */
    wp_lsn start_lsn, end_lsn; /* of its own WAL: after the fork; after the last record */
    size_t segments;
    uint64_t commits;
    verify_commit first, last;
    verify_commit before_fork; /* the parent's last before it was left */
} verify_timeline;

typedef struct verify_point {
    wp_tli tli;
    char name[WP_NAME_BYTES];
    wp_lsn lsn; /* after its record, as the server returned it */
    wp_time time;
} verify_point;

/* WAL of wal_level = minimal: [from, until), 0: to the end. */
typedef struct verify_minimal {
    wp_tli tli;
    wp_lsn from, until;
    verify_commit before; /* the last commit read before it */
} verify_minimal;

typedef struct verify_backup {
    char *path;
    wp_backup_label label; /* stop_lsn also from the WAL */
    bool is_given;         /* by hand: it was looked at */
    bool is_catalogued;    /* its archiver keeps it */
} verify_backup;

/* What a base backup and this archive lead to, along one timeline. */
typedef struct verify_window {
    wp_tli tli;
    size_t backup; /* index */
    bool is_usable;
    char reason[160]; /* why it is not, or what ends it early; else "" */
    wp_lsn from_lsn;  /* the first position that a server takes as target */
    wp_time from_time;
    verify_commit last; /* LSN 0: none after from_lsn */
    wp_lsn end_lsn;     /* of the WAL: what lies after the last commit is idle */
} verify_window;

/* Settings that a hot standby must not have lower; -1: nobody says. */
typedef struct verify_parameters {
    int32_t max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions,
        max_locks_per_transaction;
} verify_parameters;

/* What is to be looked at. Borrowed. */
typedef struct verify_input {
    char *const *sources;
    size_t nsources;
    const char *const *backups; /* base backups given by hand */
    size_t nbackups;
    uint64_t system_id; /* 0: there must be one only */
    unsigned jobs;
} verify_input;

typedef struct verification {
    verify_input input;
    wp_segment_info info;
    timeline_tree tree;
    verify_timeline *timelines; /* that have segments, rising */
    size_t ntimelines, timelines_room;
    verify_segment *segments; /* by timeline, then position */
    size_t nsegments, segments_room;
    verify_problem *problems;
    size_t nproblems, problems_room; /* listed */
    uint64_t problems_total;
    verify_point *points;
    size_t npoints, points_room;
    verify_minimal *minimal;
    size_t nminimal, minimal_room;
    verify_backup *backups;
    size_t nbackups, backups_room;
    verify_window *windows;
    size_t nwindows, windows_room;
    verify_parameters parameters;
    text_list notes; /* what is no fault */
} verification;

/* Finds it all out. False with one line in message; in both cases verification_free() is due. */
bool verify(const verify_input *input, verification *v, char message[512]);
void verification_free(verification *v);

/* Adds a problem; path may be NULL. False: out of memory. */
bool verify_add_problem(verification *v, const verify_problem *problem, const char *path,
                        const char *line);

/* files.c. False with one line in message. */
bool verify_files(verification *v, char message[512]);

/* windows.c. False: out of memory. */
bool verify_windows(verification *v);

/* "gap", "damage" ... */
const char *verify_kind_name(verify_kind kind);

#endif
