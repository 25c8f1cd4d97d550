/*
 * search.h - goes through an archive's WAL and finds what was asked for.
 *
 * Drives scan.h. What is kept does not grow with the WAL: the match that is chosen, a list of matches
 * of limited length, and what is needed to say where recovery would stop.
 */
#ifndef PITR_FIND_SEARCH_H
#define PITR_FIND_SEARCH_H

#include "search/around.h"
#include "backup/backup.h"
#include "search/xact_summary.h"
#include "recovery/stop_window.h"
#include "archive/timeline_forks.h"
#include "search/nearest.h"
#include "search/question.h"
#include "search/matches.h"
#include "scan/scan.h"
#include "search/series.h"
#include "recovery/target.h"
#include "base/text.h"

/* So many restore points of one name are kept to be told. */
#define SEARCH_POINTS_MAX 20

typedef enum search_status {
    SEARCH_DONE,
    SEARCH_NOTHING, /* nothing matches; message says what was looked through */
    SEARCH_FAILED   /* one line in message */
} search_status;

/* The restore points of the name that was asked for. */
typedef struct search_points {
    wp_fact_restore_point items[SEARCH_POINTS_MAX]; /* the first ones */
    uint64_t total;
    wp_fact_restore_point chosen;
    uint64_t number;      /* of the one chosen, counted from 1 */
    wp_lsn before_backup; /* one is here, before the backup starts; 0: none is */
} search_points;

/* The targets whose stop is simulated: one of each kind, and the one of --inspectable. */
#define SEARCH_AT_LOCK TARGET_KINDS
#define SEARCH_TARGETS (TARGET_KINDS + 1)

typedef struct search_result {
    event_match event; /* what was found; has_event may be false */
    bool has_xact;     /* a transaction was found */
    target_place place;
    target_place
        lock_place; /* before the transaction locks the object; right 0: it is not known to lock it */
    stop_window *stop_window;  /* see search_stop() */
    xact_summary xact_summary; /* of the chosen transaction */
    wp_xid *
        xids; /* of the chosen transaction and its subtransactions that it committed; NULL: none was chosen */
    size_t nxids;
    matches matches;      /* of --before and --after: all that matched */
    nearest near;         /* of events that do not match, as long as none does */
    search_points points; /* of --restore-point */
    series_before before; /* what other transactions destroyed shortly before */
    /* By time, after the place: commits before the moment asked for, which the target loses. */
    uint64_t earlier_after;
    wp_xact_end last_earlier; /* of them; without gid and subtransactions */
    wp_time least_earlier;    /* of their times */
    wp_lsn end_before; /* of the last transaction's end before the one found; 0: none was read */
    wp_time end_before_time;
    wp_time earliest_time; /* of all transactions' ends in the WAL; WP_TIME_UNKNOWN: none */
    uint64_t rowless;      /* TRUNCATEs and DROPs that --min-rows alone keeps from matching */
    uint64_t matched_xacts;
    uint64_t commits; /* in the range asked for */
    wp_lsn range_from,
        range_until;     /* that range, as far as there is WAL; times narrow it further */
    wp_time latest_time; /* of all transactions' ends in the WAL read; WP_TIME_UNKNOWN: none */
    wp_xid oldest_xid; /* of all that end in the WAL read, the one that began first; 0: none did */
    wp_xid asked_subxid;        /* the xid asked for is a subtransaction of the one found; else 0 */
    uint64_t unnamed_databases; /* events that --database may mean, in databases without a name */
    matches
        maybe; /* events that may be meant, as far as their names are not known; see note_maybe() */
    uint64_t unnamed;          /* events that were taken, and whose names are not all known */
    uint64_t maybe_catalogs;   /* those whose rows may be those of a system catalog */
    uint64_t guesses;          /* those of which it is not known either that they dropped a table */
    uint64_t part_counted;     /* transactions of events that were taken, and may miss rows */
    wp_lsn first_part_counted; /* the end of the first of them */
    wp_lsn last_part_counted;
    bool tells_cut; /* what was found, or listed, is of a transaction whose commit record is cut */
    int32_t needs[WP_LIMITS]; /* settings that the WAL read demands; 0: it does not say */
    wp_lsn backup_end;        /* after the record that ends the backup, 0: the WAL read has none */
    forks forks;              /* of the timelines that were come by */
    around around;            /* when the first places were written that could not be read */
    bool
        has_wrong_guess; /* the WAL contradicts what was taken for a timeline's origin (timeline_forks.h) */
    scan_result scan;
    scan *scanner; /* scan.reducer belongs to it */
} search_result;

/* Which kind of target is to be printed: the one asked for, or the best for what is found and for this major. */
target_kind search_kind(const question *q, const archive *wal);

/*
 * Where recovery would really stop with the target of a kind, or that of SEARCH_AT_LOCK. NULL: there is none, or it
 * stops further back than was looked.
 */
const wp_stop_result *search_stop(const search_result *found, unsigned index);

/* Where the backup becomes consistent, as the backup and the archive tell; 0: they do not. */
wp_lsn search_backup_stop(const backup *base, const archive *wal);

/*
 * For `target`. base, and where it has none known, give names; both are borrowed until search_free(); NULL: none. Free the result in any case,
 * with search_free().
 */
search_status search_target(const question *q, const archive *wal, const backup *base,
                            const wp_external_names *external_names, search_result *out,
                            char message[512]);

/* Where `events` go. A scan may have to begin again, or go on in another archive: what was added before restart() is void. */
typedef struct search_sink {
    void *context;
    bool (*restart)(void *context, const archive *from);
    bool (*add)(void *context, const event_view *view);
    /* Ends of transactions, after their events, and facts, as in wp_callbacks. NULL: not asked for. */
    void (*end)(void *context, const wp_xact_end *end);
    void (*fact)(void *context, const wp_fact *fact);
} search_sink;

/* For `events`. out holds counts and the scan's result, nothing of the rest. */
search_status search_events(const question *q, const archive *wal, const backup *base,
                            const wp_external_names *external_names, const search_sink *sink,
                            search_result *out, char message[512]);

void search_free(search_result *result);

#endif
