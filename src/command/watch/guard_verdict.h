/*
 * guard_verdict.h - is the standby in time, and where does it stand? Pure.
 *
 *        ... inspectable | lock record ... | commit record ...
 *   replayed to here:    ^ BEFORE_LOCK     ^ BEFORE_END       ^ AFTER
 *
 * recovery_min_apply_delay holds back commits only, in order: what lies before a commit that waits is replayed at once, the
 * lock of a DROP too. Replay looks whether it is to pause before each record, and again when the wait for a commit is over, before
 * it applies it (access/transam/xlogrecovery.c, PerformWalRecovery; up to 14 xlog.c, StartupXLOG).
 */
#ifndef PITR_FIND_GUARD_VERDICT_H
#define PITR_FIND_GUARD_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/walparse.h>

/* What a standby must not get past. */
typedef struct guard_bounds {
    wp_lsn
        end; /* the record that does it: the commit, or one that acts at once; 0 is not allowed */
    bool is_delayed; /* that record is a commit */
    bool locks;      /* the object is locked from some record on until the end */
    wp_lsn lock;     /* that record; 0: not known */
    wp_time commit_time;
} guard_bounds;

typedef enum guard_pause {
    GUARD_NOT_PAUSED,
    GUARD_PAUSE_ASKED, /* it pauses before the next record, or when the wait for a commit is over */
    GUARD_PAUSED
} guard_pause;

/* A standby as it was seen. */
typedef struct guard_look {
    bool is_in_recovery;
    guard_pause pause;
    bool
        tells_paused; /* else GUARD_PAUSED is not known: before 14 a standby only tells that it was asked */
    wp_lsn replayed;     /* end of the last record replayed; 0: none since its start */
    wp_lsn min_recovery; /* after a restart it is consistent from here on; 0: not known */
    wp_time clock;       /* its own */
    int64_t delay_ms;    /* recovery_min_apply_delay; -1: not known */
} guard_look;

typedef enum guard_place {
    GUARD_BEFORE_LOCK,  /* the object can be read there */
    GUARD_BEFORE_END,   /* what it holds is all there, and it is locked */
    GUARD_AFTER,        /* it is gone */
    GUARD_PLACE_UNKNOWN /* before the end; where the lock is, is not known */
} guard_place;

typedef enum guard_answer {
    GUARD_IN_TIME,  /* for certain: replay does not get past the end */
    GUARD_TOO_LATE, /* for certain */
    GUARD_OPEN      /* not known yet */
} guard_answer;

typedef struct guard_verdict {
    guard_answer answer;
    guard_place place;
    bool has_left;
    int64_t
        left_ms; /* until the standby would have applied the end, by its own clock; may be below 0 */
} guard_verdict;

/* still_ms: so long the standby was asked to pause and has replayed nothing since. */
guard_verdict guard_judge(const guard_bounds *bounds, const guard_look *look, int64_t still_ms);

/*
 * Without a state "paused" (before 14), a standby that was asked, and stands still for so long, is taken for paused: unless it may
 * be applying the end itself for so long.
 */
#define GUARD_STILL_MS 3000

/* Can a restart stop before the lock? It must be consistent there. */
bool guard_can_go_back(const guard_look *look, wp_lsn inspectable);

#endif
