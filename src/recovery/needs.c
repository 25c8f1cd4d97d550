/* needs.c - see needs.h. */
#include "recovery/needs.h"

void needs_lift(int32_t needs[WP_LIMITS], const wp_control_settings *found)
{
    const int32_t values[WP_LIMITS] = {
        [WP_LIMIT_CONNECTIONS] = found->max_connections,
        [WP_LIMIT_WORKER_PROCESSES] = found->max_worker_processes,
        [WP_LIMIT_WAL_SENDERS] = found->max_wal_senders,
        [WP_LIMIT_PREPARED_XACTS] = found->max_prepared_xacts,
        [WP_LIMIT_LOCKS_PER_XACT] = found->max_locks_per_xact,
    };
    for (int i = 0; i < WP_LIMITS; i++)
        if (values[i] > needs[i])
            needs[i] = values[i];
}
