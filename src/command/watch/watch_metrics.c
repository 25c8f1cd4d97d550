/* watch_metrics.c - see watch_metrics.h. */
#include "command/watch/watch_metrics.h"

static void add_number(metrics *m, const char *name, metrics_type type, const char *help,
                       uint64_t value)
{
    metrics_family(m, name, type, help);
    metrics_sample_integer(m, NULL, 0, value);
}

static void add_time(metrics *m, const char *name, const char *help, wp_time time)
{
    metrics_family(m, name, METRICS_GAUGE, help);
    metrics_sample_time(m, NULL, 0, time);
}

static void add_events(metrics *m, const watch_counts *c)
{
    metrics_family(m, "pitr_watch_events_total", METRICS_COUNTER, "Events told, by kind.");
    for (int kind = 0; kind < WP_EVENT_KINDS; kind++) {
        const metrics_label label = { "kind", wp_event_kind_name((wp_event_kind)kind) };
        if (c->events[kind] > 0)
            metrics_sample_integer(m, &label, 1, c->events[kind]);
    }
    add_number(m, "pitr_watch_destructive_events_total", METRICS_COUNTER,
               "Those that take rows, columns or objects away.", c->destructive);
    add_number(m, "pitr_watch_commits_total", METRICS_COUNTER, "Commits read.", c->commits);
    add_time(m, "pitr_watch_last_event_timestamp_seconds", "When the last event told committed.",
             c->last_event);
    add_time(m, "pitr_watch_last_destructive_event_timestamp_seconds",
             "When the last destructive one did.", c->last_destructive);
    add_time(m, "pitr_watch_last_commit_timestamp_seconds", "When the last commit read was.",
             c->last_commit);
}

static void add_position(metrics *m, const watch_counts *c)
{
    add_number(m, "pitr_watch_wal_bytes_total", METRICS_COUNTER, "Bytes of WAL read.",
               c->wal_bytes);
    add_number(m, "pitr_watch_position_lsn", METRICS_GAUGE, "All WAL before it is read.",
               c->position);
    if (c->server_end != 0) {
        add_number(m, "pitr_watch_server_flush_lsn", METRICS_GAUGE,
                   "What the server has flushed, as it last said.", c->server_end);
        add_number(m, "pitr_watch_lag_bytes", METRICS_GAUGE, "Between the two.",
                   c->server_end > c->position ? c->server_end - c->position : 0);
    }
    add_number(m, "pitr_watch_timeline", METRICS_GAUGE, "Timeline that is read.", c->timeline);
}

static void add_connection(metrics *m, const watch_counts *c)
{
    add_number(m, "pitr_watch_connected", METRICS_GAUGE,
               "1: the source can be read. 0: the connection is lost, and tried again.",
               c->is_connected);
    add_number(m, "pitr_watch_losses_total", METRICS_COUNTER, "Times the connection was lost.",
               c->losses);
    add_number(m, "pitr_watch_troubles_total", METRICS_COUNTER,
               "Warnings about WAL that was not read, or told with less than all of it.",
               c->troubles);
}

static void add_hooks(metrics *m, const watch_counts *c)
{
    if (!c->has_hook)
        return;
    add_number(m, "pitr_watch_hooks_total", METRICS_COUNTER, "Hooks that ended.", c->hooks_run);
    add_number(m, "pitr_watch_hook_failures_total", METRICS_COUNTER,
               "Those that failed, or took too long.", c->hooks_failed);
    add_number(m, "pitr_watch_hooks_waiting", METRICS_GAUGE, "Events whose hook has not ended.",
               c->hooks_waiting);
}

void watch_metrics(const watch_counts *c, metrics_format format, text *out)
{
    const metrics_label version = { "version", wp_version() };
    metrics m = { .out = out, .format = format };
    metrics_family(&m, "pitr_watch_info", METRICS_INFO, "Always 1: the version of pitr-find.");
    metrics_sample_integer(&m, &version, 1, 1);
    add_time(&m, "pitr_watch_start_timestamp_seconds", "When the watch began.", c->started);
    add_connection(&m, c);
    add_position(&m, c);
    add_events(&m, c);
    add_hooks(&m, c);
    metrics_end(&m);
}
