/*
 * search.h - goes through an archive's WAL and finds what was asked for.
 *
 * Drives scan.h. What is kept does not grow with the WAL: the match that is chosen, a list of matches
 * of limited length, and what is needed to say where recovery would stop.
 */
#ifndef PITR_FIND_SEARCH_H
#define PITR_FIND_SEARCH_H

#include "backup.h"
#include "deeds.h"
#include "options.h"
#include "picks.h"
#include "scan.h"
#include "target.h"
#include "text.h"

/* So many prepared transactions are followed. */
#define SEARCH_PREPARED_MAX 1000

typedef enum search_status {
    SEARCH_DONE,
    SEARCH_NOTHING, /* nothing matches; message says what was looked through */
    SEARCH_FAILED   /* one line in message */
} search_status;

/* A transaction that is prepared and waits for its COMMIT PREPARED. */
typedef struct search_prepared {
    wp_xid xid;
    char gid[200];
} search_prepared;

typedef struct search_prepared_list {
    search_prepared *items;
    size_t count, room;
} search_prepared_list;

typedef struct search_result {
    pick event;    /* what was found; has_event may be false */
    bool has_xact; /* a transaction was found (always, but for --before-lsn) */
    target_boundary boundary;
    deeds deeds;                   /* of the chosen transaction */
    search_prepared_list in_doubt; /* prepared, and not yet ended, where recovery stops */
    picks picks;                   /* of --before and --after: all that matched */
    uint64_t matched_xacts;
    uint64_t commits; /* in all WAL read */
    wp_xid last_xid;  /* of the last commit read */
    wp_time last_time;
    wp_xid asked_subxid; /* the xid asked for is a subtransaction of the one found; else 0 */
    bool met_nameless_database;
    wp_lsn backup_end; /* behind the record that ends the backup, 0: the WAL read has none */
    scan_result scan;
    scan *scanner; /* scan.reducer belongs to it */
} search_result;

/*
 * For `target`. base: gives names, borrowed until search_free(); NULL: none. Free the result in any case,
 * with search_free().
 */
search_status search_target(const options *o, const archive *wal, const backup *base,
                            search_result *out, char message[512]);

/* Where `events` go. A scan may have to begin again: what was added before restart() is void. */
typedef struct search_sink {
    void *context;
    bool (*restart)(void *context);
    bool (*add)(void *context, const event_view *view);
} search_sink;

/* For `events`. out holds counts and the scan's result, nothing of the rest. */
search_status search_events(const options *o, const archive *wal, const backup *base,
                            const search_sink *sink, search_result *out, char message[512]);

void search_free(search_result *result);

/* The timeline in whose segment files an LSN is read. */
wp_tli search_timeline(const archive *wal, wp_lsn lsn);

#endif
