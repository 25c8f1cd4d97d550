/*
 * stop_words.c - where and why a server stops, in its own words. Mirrors getRecoveryStopReason() and the messages of
 * access/transam/xlogrecovery.c.
 */
#include <walparse/stop.h>

#include <stdio.h>
#include <string.h>

#include <walparse/profile.h>

/* As the server writes it: no zeros at the end of the fraction. */
static void format_time(wp_time time, char buf[WP_TIME_TEXT_BYTES])
{
    wp_time_format_setting(time, buf);
    char *zone = strrchr(buf, '+');
    char *at = zone;
    while (at && at > buf && at[-1] == '0')
        at--;
    if (at && at > buf && at[-1] == '.')
        at--;
    if (zone && strchr(buf, '.'))
        memmove(at, zone, strlen(zone) + 1);
}

/* Nothing stopped it, and the server goes into service: its words are those of a stop at nothing. */
static void reason_at_end(const wp_stop_config *config, char buf[WP_STOP_TEXT_BYTES])
{
    static const char *const words[] = {
        [WP_STOP_AT_END] = "no recovery target specified",
        [WP_STOP_AT_LSN] = "before LSN 0/0",
        [WP_STOP_AT_XID] = "before transaction 0",
        [WP_STOP_AT_TIME] = "before 2000-01-01 00:00:00+00",
        [WP_STOP_AT_NAME] = "at restore point \"\"",
        [WP_STOP_IMMEDIATE] = "reached consistency",
    };
    (void)snprintf(buf, WP_STOP_TEXT_BYTES, "%s", words[config->kind]);
}

char *wp_stop_reason(const wp_stop_config *config, const wp_stop_result *r,
                     char buf[WP_STOP_TEXT_BYTES])
{
    const char *side = r->is_applied ? "after" : "before";
    char lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES];
    buf[0] = '\0';
    if (r->outcome == WP_STOP_ENDS) {
        reason_at_end(config, buf);
        return buf;
    }
    if (r->outcome != WP_STOP_STOPS)
        return buf;
    switch (config->kind) {
    case WP_STOP_AT_LSN:
        (void)snprintf(buf, WP_STOP_TEXT_BYTES, "%s LSN %s", side, wp_lsn_format(r->lsn, lsn));
        break;
    case WP_STOP_AT_XID:
        (void)snprintf(buf, WP_STOP_TEXT_BYTES, "%s transaction %u", side, r->xid);
        break;
    case WP_STOP_AT_TIME:
        format_time(r->time, time);
        (void)snprintf(buf, WP_STOP_TEXT_BYTES, "%s %s", side, time);
        break;
    case WP_STOP_AT_NAME:
        (void)snprintf(buf, WP_STOP_TEXT_BYTES, "at restore point \"%s\"", config->name);
        break;
    case WP_STOP_IMMEDIATE:
        (void)snprintf(buf, WP_STOP_TEXT_BYTES, "reached consistency");
        break;
    case WP_STOP_AT_END:
        break;
    }
    return buf;
}

const char *wp_stop_limit_name(wp_stop_limit limit)
{
    static const char *const names[WP_LIMITS] = {
        [WP_LIMIT_CONNECTIONS] = "max_connections",
        [WP_LIMIT_WORKER_PROCESSES] = "max_worker_processes",
        [WP_LIMIT_WAL_SENDERS] = "max_wal_senders",
        [WP_LIMIT_PREPARED_XACTS] = "max_prepared_transactions",
        [WP_LIMIT_LOCKS_PER_XACT] = "max_locks_per_transaction",
    };
    return (unsigned)limit < WP_LIMITS ? names[limit] : "?";
}

char *wp_stop_fatal(const wp_stop_config *config, const wp_stop_result *r,
                    char buf[WP_STOP_TEXT_BYTES])
{
    const char *text = "";
    switch (r->outcome) {
    case WP_STOP_FATAL_EARLY:
        text = "requested recovery stop point is before consistent recovery point";
        break;
    case WP_STOP_FATAL_NEVER:
        text = "recovery ended before configured recovery target was reached";
        break;
    case WP_STOP_FATAL_BACKUP_CUT:
        text = "WAL ends before end of online backup";
        break;
    case WP_STOP_FATAL_MINIMAL:
        if (config->profile->recovery.minimal_wal_is_fatal) {
            text = config->profile->recovery.quotes_settings
                       ? "WAL was generated with \"wal_level=minimal\", cannot continue recovering"
                       : "WAL was generated with wal_level=minimal, cannot continue recovering";
            break;
        }
        (void)snprintf(
            buf, WP_STOP_TEXT_BYTES,
            "hot standby is not possible because wal_level was not set to \"%s\" or higher "
            "on the master server",
            config->profile->recovery.standby_wal_level
                ? config->profile->recovery.standby_wal_level
                : "replica");
        return buf;
    case WP_STOP_FATAL_LOW:
        if (config->profile->recovery.low_setting_pauses) {
            text = "recovery aborted because of insufficient parameter settings";
            break;
        }
        (void)snprintf(buf, WP_STOP_TEXT_BYTES,
                       "hot standby is not possible because %s = %d is a lower setting than on the "
                       "master server (its value was %d)",
                       wp_stop_limit_name(r->low), r->low_value, r->low_wanted);
        return buf;
    case WP_STOP_STOPS:
    case WP_STOP_ENDS:
    case WP_STOP_WAITS:
    case WP_STOP_PAUSES_LOW:
        break;
    }
    (void)snprintf(buf, WP_STOP_TEXT_BYTES, "%s", text);
    return buf;
}
