/*
 * read_records.h - an archive's records, one after another, and on stderr what lies between them and cannot be read.
 */
#ifndef PITR_FIND_READ_RECORDS_H
#define PITR_FIND_READ_RECORDS_H

#include "archive/timeline_forks.h"
#include "base/log.h"
#include "scan/scan.h"
#include "search/question.h"
#include "search/wal_reach.h"

typedef struct record_reader {
    /* As in scan.h: called on any thread; borrowed context. */
    bool (*on_record)(void *context, const wp_record *record, wp_facts *facts);
    void *record_context;
    /*
     * What on_record added, in LSN order, on the calling thread: a WP_FACT_TEXT or WP_FACT_TALLY for each record; takes_all: any fact, those of the walk too. False: no more is
     * wanted.
     */
    bool (*take)(void *context, const wp_fact *fact);
    /* WAL in the range that could not be read, up to an LSN; before the facts after it. NULL: not asked for. */
    void (*miss)(void *context, wp_lsn until);
    void *context;
    bool takes_all;
    wal_reach *reach; /* where what was read begins and ends; NULL: nobody asks */
} record_reader;

/*
 * Reads all of it. Damage and gaps are told when their turn comes. EXIT_FOUND, EXIT_DOUBT: something in the range of LSNs could not be read, or is there twice;
 * EXIT_TROUBLE, after the line of an error.
 */
exit_code read_records(const question *q, const archive *wal, const record_reader *reader);

/* The line about a place that could not be read, on stderr. */
void read_records_tell(const scan_damage *damage, uint32_t segment_size);
/*
 * A line for each history file that the WAL contradicts, of the forks from the first on: it may have left out WAL of its timelines. Is there
 * one?
 */
bool read_records_tell_forks(const forks *all, size_t first, const archive *wal);

#endif
