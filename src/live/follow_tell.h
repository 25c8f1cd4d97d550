/*
 * follow_tell.h - what a follow knows, and what it tells of what the reducer says. Only follow*.c include this.
 */
#ifndef PITR_FIND_FOLLOW_TELL_H
#define PITR_FIND_FOLLOW_TELL_H

#include "live/follow.h"
#include "search/filter.h"

/* A database that could not be removed stays unusable, maybe for long: so many places are remembered. */
#define FOLLOW_PLACES 64

/* A mapper, and the list it borrows. */
typedef struct segment_reader {
    wp_mapper *mapper;
    wp_catalog_file *moved;
    size_t nmoved;
} segment_reader;

struct follow {
    follow_config config;
    filter filter;
    wp_segment_info info;         /* once there is a reducer */
    wp_reducer *reducer;          /* NULL: no segment has begun */
    wp_external_names *names;     /* what was saved, and those of config; NULL: only those */
    segment_reader own;           /* of the segment that position lies in */
    segment_reader tail;          /* of the one whose last record goes on */
    wp_facts facts, held;         /* held: of `own`, as long as there is a tail */
    uint8_t head[WP_PROBE_BYTES]; /* of the segment, until it is whole */
    size_t head_bytes;
    bool is_mapping; /* own reads the segment */
    bool is_through; /* it is done with it */
    bool has_tail;
    bool is_news;  /* the facts of the bytes that are read are not known yet */
    char *message; /* of the call */
    wp_lsn began_at, segment_start, tail_start, position;
    wp_lsn known_until; /* facts of bytes before are known */
    wp_tli known_tli;   /* of known_until */
    wp_tli tli;
    bool is_loaded; /* from what was saved, and nothing was read since */
    bool is_seeded; /* or there is no seed */
    bool is_broken, is_stopped, is_in_doubt;
    const char *failure; /* one line, or NULL */

    follow_told told;
    wp_lsn possible_lsn;     /* of the last transaction of which something possible was told */
    wp_xact_end last_commit; /* xid 0: none yet; without gid and subtransactions */
    struct follow_place {
        wp_lsn lsn;       /* of a record that replay acts on at once */
        wp_xact_end last; /* the last commit before it */
    } places[FOLLOW_PLACES];
    size_t nplaces;
    uint64_t unnamed; /* as last told */
    size_t nlost, nlost_certain;
    unsigned warnings;
};

bool follow_make_reducer(follow *f, char message[MESSAGE_BYTES]);
/* Makes one that is new know what follow_save() wrote. */
bool follow_load(follow *f, wp_view saved, char message[MESSAGE_BYTES]);
bool follow_set_filter(follow *f, char message[MESSAGE_BYTES]);
/* Where the reducer tells. */
wp_callbacks follow_listen(follow *f);
/* Tells what the reducer has come to know of what it misses, and keeps it small. */
void follow_look(follow *f);
void follow_trouble(follow *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
