/*
 * watch_metrics.h - what a watch counts, as metrics (base/metrics.h). The names stand in docs/manual/metrics.md.
 */
#ifndef PITR_FIND_WATCH_METRICS_H
#define PITR_FIND_WATCH_METRICS_H

#include <walparse/walparse.h>

#include "base/metrics.h"

typedef struct watch_counts {
    uint64_t events[WP_EVENT_KINDS]; /* told, by kind */
    uint64_t destructive;            /* of them */
    uint64_t commits;
    uint64_t wal_bytes;        /* read */
    uint64_t troubles, losses; /* lines about WAL not read; connections lost */
    wp_time last_event, last_destructive,
        last_commit; /* when those committed; WP_TIME_UNKNOWN: none did */
    wp_time started;
    wp_lsn position, server_end; /* all before is read; what the server has flushed, 0: not known */
    wp_tli timeline;
    bool is_connected;
    uint64_t hooks_run, hooks_failed, hooks_waiting;
    bool has_hook;
} watch_counts;

void watch_metrics(const watch_counts *counts, metrics_format format, text *out);

#endif
