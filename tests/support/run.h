/*
 * run.h - WAL that was built, read by the library: facts and events.
 */
#ifndef TEST_RUN_H
#define TEST_RUN_H

#include <walparse/mapper.h>
#include <walparse/reducer.h>

#include "wal_builder.h"

/* What the mappers of all segments said. */
typedef struct mapped {
    wp_facts facts;
    wp_mapper_stats stats;
    wp_status status; /* the first that was < 0, else WP_OK */
} mapped;

typedef struct run_options {
    size_t piece; /* bytes fed at a time; 0: all at once */
    const wp_catalog_file *moved;
    size_t nmoved;
    bool include_temporary;
    bool with_databases;  /* the text of an event begins with its database */
    bool with_creates;    /* CREATE events, too */
    bool with_incidents;  /* ` (by N)` behind what event N of the transaction, from 0, took along */
    bool with_possible;   /* what may have been done, but to rows of tables: `XID maybe TEXT` */
    size_t skip_segments; /* reading begins so many segments late */
    wp_lsn watch_lsn;
    wp_tli tli; /* of the segment's name; 0: not known */
} run_options;

/* Every segment of w by a mapper of its own, which is fed the segments behind it until it is done. */
mapped map_all(wal_builder *w, const run_options *options);
/* Segment bytes of one's own: `info` is what wp_segment_probe() would say. */
mapped map_bytes(const wp_segment_info *info, wp_view bytes, const run_options *options);
void mapped_free(mapped *m);

/* The first fact of a kind, NULL when there is none. */
const wp_fact *fact_of(const mapped *m, wp_fact_kind kind);
/* The n-th (from 0). */
const wp_fact *nth_fact_of(const mapped *m, wp_fact_kind kind, size_t n);
size_t count_facts(const mapped *m, wp_fact_kind kind);
const wp_fact_end *segment_end(const mapped *m);

/*
 * The events of a builder's WAL as lines `XID TEXT`, with ` xN` behind it where rows were counted. When
 * a catalog moved, all is mapped again with what the reducer found. Borrowed: free with free().
 */
char *events_of(wal_builder *w, const run_options *options);
char *events_of_facts(const wp_facts *facts, const wal_builder *w, const run_options *options);

/* The majors there are profiles for, as WAL configurations: each with 8-byte, 15 on also with 4-byte
   alignment. NULL past the end. */
const wal_config *each_server(size_t i);
/* "15", "15 i386". */
const char *server_name(const wal_config *config, char buf[16]);
/* Notes which server a test is at, for the message when it fails; NULL: none any more. */
void now_on(const wal_config *config);
/* Empty when none is noted. */
const char *noted_server(void);

#endif
