/*
 * rescue_report.h - what was rescued and what is not certain: the story on stderr, and the report as JSON.
 */
#ifndef PITR_FIND_RESCUE_REPORT_H
#define PITR_FIND_RESCUE_REPORT_H

#include "command/rescue/write_tables.h"
#include "search/search_timelines.h"

typedef struct rescue_report {
    const rescue_options *own;
    const timeline_search *search;
    const subject *subject;
    const extract *extract;
    const backup_blocks *base; /* NULL: none */
    const manifest_check *manifest;
    const rescue_tables *tables;
    const table_results *results;
} rescue_report;

/* Is all of it certain: the catalogs, how far the WAL goes, each table? */
bool rescue_is_certain(const rescue_report *r);

/* Lines on stderr; each doubt has one. */
void rescue_tell(const rescue_report *r);

/* Writes --report, where it is given. False with one line in message. */
bool rescue_write_report(const rescue_report *r, exit_code code, char message[512]);

#endif
