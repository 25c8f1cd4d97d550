/*
 * survey.h - what went on in all of the WAL, summed up in a fixed number of stretches of time.
 */
#ifndef PITR_FIND_SURVEY_H
#define PITR_FIND_SURVEY_H

#include "search/search.h"
#include "search/sources.h"

/* So many stretches at most: where there are more, two become one. */
#define SURVEY_BUCKETS_MAX 200
/* So many destructive events, and checkpoints, before and after the incident are told each. */
#define SURVEY_NEAR 50

typedef struct survey_bucket {
    uint64_t commits, rollbacks;
    uint64_t rows; /* inserted, updated and deleted by those commits */
    uint64_t ddl;  /* events that are not about rows */
    uint64_t destructive;
    uint64_t checkpoints;
    uint64_t wal_bytes; /* up to the end of each transaction, from that of the one before */
} survey_bucket;

/* A checkpoint. */
typedef struct survey_checkpoint {
    wp_lsn lsn, redo;
    wp_time time;
    bool is_online;
} survey_checkpoint;

/* The last ones before the incident, and the first ones from there on. */
typedef struct survey_near {
    event_match *before; /* a ring of SURVEY_NEAR */
    event_match *after;
    uint64_t nbefore, nafter; /* how many there are in all */
} survey_near;

typedef struct survey {
    wp_lsn incident; /* the place that is asked about */
    wp_lsn own_end; /* events of the transaction that ends there are the incident itself; 0: none */
    wp_time start;  /* of the first bucket; WP_TIME_UNKNOWN: no transaction ends */
    uint64_t width; /* of each, microseconds */
    survey_bucket buckets[SURVEY_BUCKETS_MAX];
    size_t nbuckets;
    survey_bucket sum;
    uint64_t timeless; /* ends of transactions with a time that no calendar has: in no bucket */
    wp_time first_time, last_time;
    wp_lsn start_lsn, end_lsn;
    survey_near near;                                          /* destructive events of others */
    survey_checkpoint before[SURVEY_NEAR], after[SURVEY_NEAR]; /* a ring, the first ones */
    uint64_t ncheckpoints_before, ncheckpoints_after;
    scan_damage *damages; /* copies; path borrowed */
    size_t ndamages;      /* that are listed */
    uint64_t damages_total;
    scan_unexpected unexpected;
} survey;

/* Reads the archive through once. False with one line in message. Free with survey_free() in any case. */
bool survey_make(const question *q, const sources *from, const archive *wal, wp_lsn incident,
                 wp_lsn own_end, survey *out, char message[512]);

/* In WAL order: index from 0 to the returned count - 1. */
size_t survey_before(const survey *s);
const event_match *survey_before_at(const survey *s, size_t index);
size_t survey_after(const survey *s);

/* Counts something at a time into its bucket. Pure; for survey.c and its test. NULL: no calendar has that time. */
survey_bucket *survey_bucket_at(survey *s, wp_time time);

void survey_bucket_add(survey_bucket *to, const survey_bucket *from);

void survey_free(survey *s);

#endif
