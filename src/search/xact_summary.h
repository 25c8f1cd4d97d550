/*
 * xact_summary.h - what a transaction did, with what one statement took along told as one incident.
 *
 * Memory: the texts of DEEDS_MAX events, and counts of what DEEDS_INCIDENTS_MAX others took along.
 */
#ifndef PITR_FIND_XACT_SUMMARY_H
#define PITR_FIND_XACT_SUMMARY_H

#include <walparse/walparse.h>

#include "base/text.h"

#define DEEDS_MAX 100
#define DEEDS_INCIDENTS_MAX 100

typedef struct deed {
    size_t at;                    /* of its text in chars */
    bool has_rows, may_miss_rows; /* these and what follows: as in wp_event */
    uint64_t rows;
    uint32_t number, taken_by;
} deed;

/* A DROP and what it took along. */
typedef struct deeds_incident {
    uint32_t number; /* of the DROP */
    size_t at;       /* of its text in chars */
    uint64_t total;  /* taken along */
    uint64_t counts[WP_EVENT_KINDS];
} deeds_incident;

/* In the order it was done. Start with all zero. */
typedef struct deeds {
    text chars; /* the texts, each with its NUL */
    deed *items;
    size_t count, room;
    deeds_incident *incidents;
    size_t nincidents, incidents_room;
    uint64_t total;
} deeds;

/* Events beyond the limits, or that there is no memory for, are only counted. */
void deeds_add(deeds *d, const wp_event *event);
void deeds_clear(deeds *d); /* keeps the memory */
void deeds_free(deeds *d);

/* Borrowed until the next change. */
const char *deeds_text(const deeds *d, size_t at);
/* The incident that the DROP of this number began; NULL: it took nothing along, or it is not known. */
const deeds_incident *deeds_incident_of(const deeds *d, uint32_t number);
/* Appends "12 tables, 1 view". */
void deeds_add_counts(text *out, const deeds_incident *incident);

#endif
