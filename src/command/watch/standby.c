/* standby.c - see standby.h. */
#include "command/watch/standby.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "recovery/conf_lines.h"

/* From the epoch of Unix to that of PostgreSQL. */
#define EPOCH_SECONDS INT64_C(946684800)
#define MICROSECONDS INT64_C(1000000)

static const char limits_sql[] = "SET statement_timeout = '2s'; SET lock_timeout = '1s'";

static const char about_sql[] =
    "SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), current_user,"
    " pg_catalog.has_function_privilege('pg_catalog.pg_wal_replay_pause()', 'EXECUTE'),"
    " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'),"
    " (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint,"
    " (SELECT count(*) FROM pg_catalog.pg_settings WHERE setting <> '' AND name IN ('recovery_target',"
    " 'recovery_target_lsn', 'recovery_target_xid', 'recovery_target_time', 'recovery_target_name')),"
    " (SELECT count(*) FROM pg_catalog.pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global'))";

static const char recovery_conf_sql[] =
    "SELECT pg_catalog.pg_read_file('recovery.conf', 0, 100000, true)";

/* What no standby has, and none but a standby is asked for. */
#define IN_RECOVERY(what) " CASE WHEN pg_catalog.pg_is_in_recovery() THEN " what " END,"
static const char look_sql[] = "SELECT pg_catalog.pg_is_in_recovery()," IN_RECOVERY(
    "pg_catalog.pg_last_wal_replay_lsn()")
    IN_RECOVERY(
        "pg_catalog.%s()") " (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint,"
                           " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'recovery_min_apply_delay'),"
                           " (SELECT min_recovery_end_lsn FROM pg_catalog.pg_control_recovery())";

static const char pause_sql[] =
    "SELECT pg_catalog.pg_wal_replay_pause() WHERE pg_catalog.pg_is_in_recovery()"
    " AND coalesce(pg_catalog.pg_last_wal_replay_lsn(), '0/0') <= '%s'";

bool standby_prepare(session *s, char message[MESSAGE_BYTES])
{
    return session_ask(s, limits_sql, NULL, NULL, message);
}

/* ---- values --------------------------------------------------------------------------------- */

static bool is_true(const session_row *row, int column)
{
    const char *value = session_value(row, column);
    return value != NULL && value[0] == 't';
}

static uint64_t number_at(const session_row *row, int column)
{
    const char *value = session_value(row, column);
    return value != NULL ? strtoull(value, NULL, 10) : 0;
}

/* 0: null. */
static wp_lsn lsn_at(const session_row *row, int column)
{
    const char *value = session_value(row, column);
    wp_lsn lsn = 0;
    return value != NULL && wp_lsn_parse(value, &lsn) ? lsn : 0;
}

static wp_time time_at(const session_row *row, int column)
{
    const char *value = session_value(row, column);
    return value != NULL ? strtoll(value, NULL, 10) - EPOCH_SECONDS * MICROSECONDS
                         : WP_TIME_UNKNOWN;
}

int64_t standby_delay_ms(const char *value)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = { { "", 1 },        { "us", 0.001 },  { "ms", 1 },      { "s", 1000 },
                  { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
    char *unit;
    errno = 0;
    const double number = strtod(value, &unit);
    if (unit == value || errno != 0 || !(number >= 0))
        return -1;
    unit += strspn(unit, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const double ms = number * units[i].ms;
        if (strcmp(unit, units[i].unit) == 0)
            return ms <= INT32_MAX ? (int64_t)(ms + 0.5) : -1;
    }
    return -1;
}

/* ---- what it is ----------------------------------------------------------------------------- */

static bool take_about(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    standby_about *about = context;
    about->system_identifier = number_at(row, 0);
    snprintf(about->user, sizeof about->user, "%s",
             session_value(row, 1) != NULL ? session_value(row, 1) : "");
    about->may_pause = is_true(row, 2);
    const char *directory = session_value(row, 3);
    if (directory != NULL && about->data_directory == NULL
        && (about->data_directory = strdup(directory)) == NULL)
        return message_no_memory(message);
    about->started = time_at(row, 4);
    about->has_target = number_at(row, 5) > 0;
    about->tablespaces = number_at(row, 6);
    return true;
}

static const char *const targets[] = { "recovery_target", "recovery_target_lsn",
                                       "recovery_target_xid", "recovery_target_time",
                                       "recovery_target_name" };

/* Before 12 the settings of recovery stand in a file that is read at the start. */
static bool take_recovery_conf(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    standby_about *about = context;
    conf_lines lines = { 0 };
    const char *file = session_value(row, 0);
    if (file == NULL)
        return true;
    const wp_view view = { (const uint8_t *)file, strlen(file) };
    const bool is_good = conf_lines_add_text(&lines, view);
    if (is_good && lines.bad_line == 0) {
        const conf_line *delay = conf_lines_find(&lines, "recovery_min_apply_delay");
        about->knows_settings = true;
        about->delay_ms = delay != NULL ? standby_delay_ms(delay->value) : 0;
        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
            about->has_target |= conf_lines_find(&lines, targets[i]) != NULL;
    }
    conf_lines_free(&lines);
    return is_good || message_no_memory(message);
}

bool standby_ask_about(session *s, standby_about *out, char message[MESSAGE_BYTES])
{
    *out = (standby_about){ .profile = wp_profile_by_server_version(session_server_version(s)),
                            .delay_ms = -1 };
    if (out->profile == NULL || !out->profile->recovery.has_lsn_target)
        return message_fail(
            message, "the server of --guard is PostgreSQL %s: --guard takes 10 to %s",
            out->profile != NULL ? out->profile->major : "of an unknown major", "19");
    if (!session_ask(s, about_sql, take_about, out, message)) {
        standby_about_free(out);
        return false;
    }
    if (out->profile->recovery.has_signal_file) {
        out->knows_settings = true;
        return true;
    }
    /* Who may not read it gets an error, which is no reason to do without the rest. */
    if (session_ask(s, recovery_conf_sql, take_recovery_conf, out, message)
        || session_sqlstate(s)[0] != '\0')
        return true;
    standby_about_free(out);
    return false;
}

void standby_about_free(standby_about *about)
{
    free(about->data_directory);
    *about = (standby_about){ 0 };
}

/* ---- where it stands ------------------------------------------------------------------------ */

static bool take_look(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    (void)message;
    guard_look *look = context;
    const char *pause = session_value(row, 2), *delay = session_value(row, 4);
    look->is_in_recovery = is_true(row, 0);
    look->replayed = lsn_at(row, 1);
    look->pause = GUARD_NOT_PAUSED;
    if (pause != NULL && strcmp(pause, "paused") == 0)
        look->pause = GUARD_PAUSED;
    else if (pause != NULL && (strcmp(pause, "pause requested") == 0 || strcmp(pause, "t") == 0))
        look->pause = GUARD_PAUSE_ASKED;
    look->clock = time_at(row, 3);
    if (delay != NULL)
        look->delay_ms = standby_delay_ms(delay);
    look->min_recovery = lsn_at(row, 5);
    return true;
}

bool standby_ask_look(session *s, const standby_about *about, guard_look *out,
                      char message[MESSAGE_BYTES])
{
    const bool tells = about->profile->recovery.tells_paused;
    guard_look look = { .tells_paused = tells,
                        .delay_ms = about->delay_ms,
                        .clock = WP_TIME_UNKNOWN };
    text sql = { 0 };
    text_addf(&sql, look_sql, tells ? "pg_get_wal_replay_pause_state" : "pg_is_wal_replay_paused");
    const bool is_good = !sql.failed || message_no_memory(message);
    const bool is_asked = is_good && session_ask(s, text_chars(&sql), take_look, &look, message);
    text_free(&sql);
    if (is_asked && look.clock == WP_TIME_UNKNOWN)
        return message_fail(message, "the server of --guard gives no answer that is known");
    if (is_asked)
        *out = look;
    return is_asked;
}

bool standby_ask_pause(session *s, wp_lsn end, char message[MESSAGE_BYTES])
{
    char lsn[WP_LSN_TEXT_BYTES], sql[sizeof pause_sql + WP_LSN_TEXT_BYTES];
    snprintf(sql, sizeof sql, pause_sql, wp_lsn_format(end, lsn));
    return session_ask(s, sql, NULL, NULL, message);
}
