/*
 * follow.h - WAL of a running server, from bytes as they come to events as they commit.
 *
 *     follow_new(&config, &f, message);
 *     follow_begin(f, start_of_a_segment, tli, message);
 *     while (live_source_next(source, 1000, &chunk, message) == LIVE_WAL)
 *         follow_feed(f, &chunk, message);
 *
 * Events are told while follow_feed() runs, as soon as the last byte of the record that commits them is there. What is
 * told is borrowed until the callback returns.
 */
#ifndef PITR_FIND_FOLLOW_H
#define PITR_FIND_FOLLOW_H

#include "base/message.h"
#include "live/source.h"
#include "recovery/target.h"
#include "scan/scan.h"
#include "search/matches.h"
#include "search/question.h"

typedef struct live_event {
    event_view view; /* as `events` shows it */
    uint32_t number; /* in its transaction, from 1, whatever the filter lets pass */
    bool is_destructive;
    bool
        is_maybe; /* whether it is meant depends on names that are not known, or on rows that were not counted */
    const char *database; /* name, or NULL */
    target_place place; /* right before its transaction ends, or before what replay does at once */
    bool has_target;
    target target;   /* by LSN (by xid before 10); where a server stops with it is not looked up */
    wp_lsn lock_lsn; /* first record by which the transaction locks the object; 0: not known */
    wp_lsn inspectable_lsn; /* recovery_target_lsn of --inspectable; 0: none */
} live_event;

typedef struct follow_callbacks {
    void *context;
    /* False: follow_feed() ends at once, and returns false with an empty message. */
    bool (*on_event)(void *context, const live_event *event);
    /* After the events of a transaction that committed; may be NULL. */
    void (*on_commit)(void *context, const wp_xact_end *end);
    /* One line for people: WAL that could not be read, what may have been done besides. May be NULL. */
    void (*on_trouble)(void *context, const char *line);
} follow_callbacks;

/*
 * The last event told: so far all is told, and nothing after it. lsn 0: none. On a later timeline a place may come again that
 * the one before had reached already, so the timeline counts first.
 */
typedef struct follow_told {
    wp_lsn lsn; /* of the record that committed it */
    uint32_t number;
    wp_tli tli;
} follow_told;

/* Is that event not after the last one told? */
static inline bool follow_is_told(follow_told last, follow_told event)
{
    if (event.tli != last.tli)
        return event.tli < last.tli;
    return event.lsn < last.lsn || (event.lsn == last.lsn && event.number <= last.number);
}

/* All of it is borrowed until follow_free(). */
typedef struct follow_config {
    const question *question; /* what narrows it: database, relation, rows, range, temporary ones */
    const char *pattern;      /* as in `events`; NULL: any text */
    const wp_external_names *external_names; /* NULL: none */
    const scan_seed *seed;                   /* catalogs of a base backup; NULL: none */
    uint64_t system_identifier;              /* 0: that of the first segment */
    wp_lsn tell_from;                        /* events of commits from here on are told */
    follow_told told;                        /* those up to here are not told again */
    wp_view
        saved; /* what follow_save() wrote; empty: nothing is known yet. Needed by follow_new() only */
    follow_callbacks callbacks;
} follow_config;

typedef struct follow follow;

/* False with one line in message: the pattern is none, what was saved cannot be used, memory is out. */
bool follow_new(const follow_config *config, follow **out, char message[MESSAGE_BYTES]);

/*
 * WAL comes from here on, on this timeline: the start of a segment. Before the first bytes; and later where WAL is missing: then
 * that is told.
 * With something saved, at is to be follow_restart_lsn(): what is known of that segment is not told again.
 */
bool follow_begin(follow *f, wp_lsn at, wp_tli tli, char message[MESSAGE_BYTES]);

/*
 * The timeline ended at that place, and tli goes on from there. Bytes come next from the start of the segment that holds it; what
 * was told of them is not told again.
 */
bool follow_fork(follow *f, wp_lsn ended_at, wp_tli tli, char message[MESSAGE_BYTES]);

/* The next bytes. False with one line in message: another cluster's WAL, no WAL at all, memory is out. */
bool follow_feed(follow *f, const live_chunk *chunk, char message[MESSAGE_BYTES]);

wp_lsn follow_position(const follow *f); /* all before it is read */
wp_tli follow_timeline(const follow *f);
follow_told follow_last_told(const follow *f);
/* Of the segments so far; NULL: none has begun. */
const wp_segment_info *follow_info(const follow *f);
/* Was something not read, or told with less than all is known of it? */
bool follow_is_in_doubt(const follow *f);

/*
 * The start of the segment from which a restart has to read so that nothing is missed: with what follow_save() writes now; and
 * without it, where transactions that are open have begun.
 */
wp_lsn follow_restart_lsn(const follow *f);
wp_lsn follow_oldest_lsn(const follow *f);

/* Can it be saved here: has a segment begun, and does no record of one before go on? */
bool follow_can_save(const follow *f);
/* Hands all that is known so far to write, which returns false when it cannot. False: it could not. */
bool follow_save(const follow *f, bool (*write)(void *context, const void *bytes, size_t n),
                 void *context);

void follow_free(follow *f);

/* Does it take rows, columns or objects away that somebody may want back? */
bool live_is_destructive(const wp_event *event);

#endif
