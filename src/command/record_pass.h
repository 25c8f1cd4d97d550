/*
 * record_pass.h - one pass over an archive's records that tells nothing of what it cannot read: another pass does.
 */
#ifndef PITR_FIND_RECORD_PASS_H
#define PITR_FIND_RECORD_PASS_H

#include "archive/archive.h"

typedef struct record_pass {
    const archive *wal;
    unsigned jobs;
    const wp_record_filter *filter;                   /* of wp_record_facts() */
    void (*take)(void *context, const wp_fact *fact); /* in LSN order, on the calling thread */
    void *context;
    const bool *stop; /* set by take to end early */
} record_pass;

/* False with one line in message. */
bool record_pass_run(const record_pass *pass, char message[512]);

/* For record_reader and scan_config: context is a wp_record_filter. */
bool record_pass_decode(void *filter, const wp_record *record, wp_facts *facts);

#endif
