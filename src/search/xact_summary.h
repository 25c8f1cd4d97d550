/*
 * xact_summary.h - what a transaction did, with what one statement took along told as one incident.
 *
 * Memory: the texts of XACT_SUMMARY_MAX events, and counts of what XACT_SUMMARY_INCIDENTS_MAX others took along.
 */
#ifndef PITR_FIND_XACT_SUMMARY_H
#define PITR_FIND_XACT_SUMMARY_H

#include <walparse/walparse.h>

#include "base/text.h"

#define XACT_SUMMARY_MAX 100
#define XACT_SUMMARY_INCIDENTS_MAX 100

typedef struct deed {
    size_t at;                    /* of its text in chars */
    bool has_rows, may_miss_rows; /* these and what follows: as in wp_event */
    uint64_t rows;
    uint32_t number, taken_by;
} deed;

/* A DROP and what it took along. */
typedef struct xact_summary_incident {
    uint32_t number; /* of the DROP */
    size_t at;       /* of its text in chars */
    uint64_t total;  /* taken along */
    uint64_t counts[WP_EVENT_KINDS];
} xact_summary_incident;

/* In the order it was done. Start with all zero. */
typedef struct xact_summary {
    text chars; /* the texts, each with its NUL */
    deed *items;
    size_t count, room;
    xact_summary_incident *incidents;
    size_t nincidents, incidents_room;
    uint64_t total;
} xact_summary;

/* Events beyond the limits, or that there is no memory for, are only counted. */
void xact_summary_add(xact_summary *d, const wp_event *event);
void xact_summary_clear(xact_summary *d); /* keeps the memory */
void xact_summary_free(xact_summary *d);

/* Borrowed until the next change. */
const char *xact_summary_text(const xact_summary *d, size_t at);
/* The incident that the DROP of this number began; NULL: it took nothing along, or it is not known. */
const xact_summary_incident *xact_summary_incident_of(const xact_summary *d, uint32_t number);
/* Appends "12 tables, 1 view". */
void xact_summary_add_counts(text *out, const xact_summary_incident *incident);

#endif
