/* server_facts.c - see server_facts.h. */
#include "command/check/server_facts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/grow.h"
#include "base/message.h"

#define NO_RIGHT "42501" /* insufficient_privilege */
/* Times and numbers beyond are no server's: two of them can be subtracted, and a few added. */
#define TIME_MAX (INT64_C(1) << 61)
#define NUMBER_MAX (INT64_C(1) << 61)

/* Microseconds since 2000, as a wp_time has them. */
#define TIME(expression) "(extract(epoch FROM " expression ") * 1000000)::bigint - 946684800000000"

static const char *const questions[SERVER_QUESTIONS] = {
    /* version, number of it, user as SQL quotes it, superuser, in recovery, functions are named after wal (not xlog) */
    [ASK_SERVER] =
        "SELECT current_setting('server_version'), current_setting('server_version_num'),"
        " quote_ident(current_user), rolsuper, pg_is_in_recovery(),"
        " to_regproc('pg_switch_wal') IS NOT NULL FROM pg_roles"
        " WHERE rolname = current_user",
    /* name, value, unit, waits for a restart */
    [ASK_SETTINGS] =
        "SELECT name, setting, unit, pending_restart FROM pg_settings WHERE pending_restart OR name"
        " IN ('wal_level', 'archive_mode', 'archive_command', 'archive_library', 'archive_timeout',"
        " 'full_page_writes', 'fsync', 'synchronous_commit', 'track_commit_timestamp',"
        " 'data_checksums', 'max_wal_senders', 'wal_keep_size', 'wal_keep_segments',"
        " 'max_slot_wal_keep_size', 'wal_segment_size', 'wal_block_size', 'log_destination',"
        " 'logging_collector', 'log_line_prefix', 'log_statement', 'recovery_min_apply_delay',"
        " 'wal_writer_delay', 'hba_file')",
    /* system identifier, timeline of the last checkpoint */
    [ASK_CONTROL] = "SELECT system_identifier,"
                    " (SELECT timeline_id FROM pg_control_checkpoint()) FROM pg_control_system()",
    /* archived, last one, when; failed, last one, when; now; counted since */
    [ASK_ARCHIVER] =
        "SELECT archived_count, last_archived_wal, " TIME("last_archived_time") ", failed_count, last_failed_wal, " TIME(
            "last_failed_time") ", " TIME("clock_timestamp()") ", " TIME("stats_reset") " FROM pg_stat_archiver",
    /* segments that wait for the archiver, the first of them */
    [ASK_READY] = "SELECT count(*), min(name) FROM pg_ls_archive_statusdir()"
                  " WHERE name ~ '^[0-9A-F]{24}[.]ready$'",
    /* name, kind, active, WAL from here on, its state, temporary, nobody since */
    [ASK_SLOTS] = "SELECT r->>'slot_name', r->>'slot_type', r->>'active', r->>'restart_lsn',"
                  " r->>'wal_status', r->>'temporary', r->>'inactive_since' FROM"
                  " (SELECT to_jsonb(s) AS r FROM pg_replication_slots s) x ORDER BY 1 LIMIT 1000",
    /* application, user */
    [ASK_SENDERS] = "SELECT application_name, usename FROM pg_stat_replication LIMIT 1000",
    /* name, superuser: who may take a base backup */
    [ASK_ROLES] = "SELECT rolname, rolsuper FROM pg_roles WHERE rolcanlogin"
                  " AND (rolreplication OR rolsuper) ORDER BY rolsuper, rolname LIMIT 1000",
    /* line, kind, users, method, error: errors, and who may replicate */
    [ASK_HBA] = "SELECT line_number, type, array_to_string(user_name, ','), auth_method, error"
                " FROM pg_hba_file_rules WHERE error IS NOT NULL OR 'replication' = ANY (database)"
                " ORDER BY line_number LIMIT 1000",
    /* name */
    [ASK_DATABASES] = "SELECT datname FROM pg_database WHERE datallowconn AND datconnlimit <> -2"
                      " AND has_database_privilege(oid, 'CONNECT') ORDER BY oid LIMIT 100",
};

/* where it is, file of that, replay is paused, received up to: before 10 the functions have other names */
static const char position_wal[] =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() "
    "END, CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() END";
static const char position_xlog[] =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_xlog_replay_location() ELSE "
    "pg_current_xlog_location() END, CASE WHEN NOT pg_is_in_recovery() THEN "
    "pg_xlogfile_name(pg_current_xlog_location()) END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_is_xlog_replay_paused() END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_last_xlog_receive_location() END";

static const char clock_sql[] = "SELECT " TIME("clock_timestamp()");

/* number of all, name */
static const char unlogged_sql[] =
    "SELECT count(*) OVER (), quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class "
    "c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence = 'u' AND c.relkind = "
    "'r' ORDER BY c.relpages DESC, 2 LIMIT 3";

/* ---- answers -------------------------------------------------------------------------------- */

const char *answer_value(const answer *a, size_t row, size_t column)
{
    return row < a->rows && column < a->columns ? a->values[row * a->columns + column] : NULL;
}

int64_t answer_number(const answer *a, size_t row, size_t column, int64_t otherwise)
{
    const char *value = answer_value(a, row, column);
    const int64_t number = value != NULL ? strtoll(value, NULL, 10) : otherwise;
    return number > NUMBER_MAX ? NUMBER_MAX : number < -NUMBER_MAX ? -NUMBER_MAX : number;
}

bool answer_is_true(const answer *a, size_t row, size_t column)
{
    const char *value = answer_value(a, row, column);
    return value != NULL && value[0] == 't';
}

wp_time answer_time(const answer *a, size_t row, size_t column)
{
    const wp_time time = answer_number(a, row, column, -TIME_MAX);
    return time > -TIME_MAX && time < TIME_MAX ? time : WP_TIME_UNKNOWN;
}

wp_lsn answer_lsn(const answer *a, size_t row, size_t column)
{
    const char *value = answer_value(a, row, column);
    wp_lsn lsn = 0;
    return value != NULL && wp_lsn_parse(value, &lsn) ? lsn : 0;
}

static bool take_row(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    answer *a = context;
    const size_t columns = (size_t)session_columns(row);
    if (a->rows > 0 && columns != a->columns)
        return message_fail(message, "the server answers with rows that are unlike each other");
    a->columns = columns;
    if (a->rows == ANSWER_ROWS_MAX || a->bytes > ANSWER_BYTES_MAX)
        return message_fail(message, "the server answers with too much");
    for (int i = 0; i < (int)a->columns; i++) {
        const char *value = session_value(row, i);
        char **slot = GROW(a->values, a->nvalues, a->room);
        if (slot == NULL)
            return message_no_memory(message);
        *slot = value != NULL ? strdup(value) : NULL;
        if (value != NULL && *slot == NULL)
            return message_no_memory(message);
        a->bytes += value != NULL ? strlen(value) : 0;
    }
    a->rows++;
    return true;
}

void answer_free(answer *a)
{
    for (size_t i = 0; i < a->nvalues; i++)
        free(a->values[i]);
    free(a->values);
    *a = (answer){ 0 };
}

bool answer_ask(session *s, const char *sql, answer *out, char message[MESSAGE_BYTES])
{
    answer_free(out);
    out->is_known = session_ask(s, sql, take_row, out, message);
    if (out->is_known)
        return true;
    const char *state = session_sqlstate(s);
    memcpy(out->why, message, sizeof out->why);
    out->lacks_right = strcmp(state, NO_RIGHT) == 0;
    out->rows = 0;
    return state[0] != '\0';
}

/* ---- settings ------------------------------------------------------------------------------- */

static size_t setting_at(const answer *settings, const char *name)
{
    size_t i = 0;
    for (; i < settings->rows; i++) {
        const char *is = answer_value(settings, i, 0);
        if (is != NULL && strcmp(is, name) == 0)
            break;
    }
    return i;
}

const char *server_setting(const server_facts *f, const char *name)
{
    const answer *settings = &f->answers[ASK_SETTINGS];
    return answer_value(settings, setting_at(settings, name), 1);
}

bool server_setting_is(const server_facts *f, const char *name, const char *value)
{
    const char *is = server_setting(f, name);
    return is != NULL && strcmp(is, value) == 0;
}

/* Of a unit of pg_settings ("8kB", "min"): bytes, or milliseconds. */
static int64_t unit_size(const char *unit)
{
    static const struct {
        const char *name;
        int64_t size;
    } units[] = { { "B", 1 },  { "kB", 1024 }, { "MB", 1048576 }, { "GB", 1073741824 },
                  { "ms", 1 }, { "s", 1000 },  { "min", 60000 },  { "h", 3600000 } };
    char *name;
    const long number = strtol(unit, &name, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].size * (number > 0 && number < INT32_MAX ? number : 1);
    return 1;
}

int64_t server_setting_number(const server_facts *f, const char *name, int64_t otherwise)
{
    const answer *settings = &f->answers[ASK_SETTINGS];
    const size_t at = setting_at(settings, name);
    const char *unit = answer_value(settings, at, 2);
    const int64_t value = answer_number(settings, at, 1, otherwise);
    if (answer_value(settings, at, 1) == NULL || unit == NULL || value <= 0)
        return value;
    const int64_t size = unit_size(unit);
    return value > NUMBER_MAX / size ? NUMBER_MAX : value * size;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)(now.tv_sec - 946684800) + (double)now.tv_nsec / 1e9;
}

/* The quickest of a few answers is the most exact. */
static bool ask_clock(session *s, server_facts *f, char message[MESSAGE_BYTES])
{
    f->clock = WP_TIME_UNKNOWN;
    for (int i = 0; i < 3; i++) {
        answer told = { 0 };
        const double before = now_seconds();
        const bool is_good = answer_ask(s, clock_sql, &told, message);
        const double after = now_seconds(), half = (after - before) / 2;
        const wp_time clock = answer_time(&told, 0, 0);
        answer_free(&told);
        if (!is_good)
            return false;
        if (clock == WP_TIME_UNKNOWN || (f->clock != WP_TIME_UNKNOWN && half >= f->clock_error))
            continue;
        f->clock = clock;
        f->clock_error = half;
        f->clock_offset = (double)clock / 1e6 - (before + half);
    }
    return true;
}

static void take_server(server_facts *f)
{
    const answer *a = &f->answers[ASK_SERVER];
    f->profile = wp_profile_by_server_version((int)answer_number(a, 0, 1, 0));
    f->user = answer_value(a, 0, 2) != NULL ? answer_value(a, 0, 2) : "?";
    f->is_superuser = answer_is_true(a, 0, 3);
    f->in_recovery = answer_is_true(a, 0, 4);
    f->has_wal_names = answer_is_true(a, 0, 5);
}

static void take_position(server_facts *f)
{
    const answer *control = &f->answers[ASK_CONTROL], *position = &f->answers[ASK_POSITION];
    const char *id = answer_value(control, 0, 0), *file = answer_value(position, 0, 1);
    const int64_t size = server_setting_number(f, "wal_segment_size", 0);
    wp_segment_name name;
    f->system_identifier = id != NULL ? strtoull(id, NULL, 10) : 0;
    f->tli = (wp_tli)answer_number(control, 0, 1, 0);
    if (file != NULL && wp_segment_name_parse(file, &name))
        f->tli = name.tli;
    f->lsn = answer_lsn(position, 0, 0);
    const bool is_size = size >= WP_SEGMENT_SIZE_MIN && size <= WP_SEGMENT_SIZE_MAX;
    f->segment_size = is_size && (size & (size - 1)) == 0 ? (uint32_t)size : 0;
}

static bool ask_position(session *s, server_facts *f, char message[MESSAGE_BYTES])
{
    if (!answer_ask(s, f->has_wal_names ? position_wal : position_xlog, &f->answers[ASK_POSITION],
                    message))
        return false;
    take_position(f);
    return true;
}

bool server_facts_ask_again(session *s, server_facts *f, char message[MESSAGE_BYTES])
{
    return ask_position(s, f, message)
           && answer_ask(s, questions[ASK_ARCHIVER], &f->answers[ASK_ARCHIVER], message)
           && answer_ask(s, questions[ASK_READY], &f->answers[ASK_READY], message);
}

bool server_facts_ask(session *s, server_facts *out, char message[MESSAGE_BYTES])
{
    *out = (server_facts){ 0 };
    for (int i = 0; i < SERVER_QUESTIONS; i++) {
        if (questions[i] == NULL)
            continue;
        if (!answer_ask(s, questions[i], &out->answers[i], message))
            return false;
        if (i == ASK_SERVER && !out->answers[i].is_known)
            return false;
        if (i == ASK_SERVER)
            take_server(out);
    }
    return ask_position(s, out, message) && ask_clock(s, out, message);
}

bool server_facts_miss_unlogged(const char *database, server_facts *f)
{
    if (f->nunlogged < UNLOGGED_DATABASES_MAX)
        f->unlogged[f->nunlogged++].database = database;
    return f->nunlogged <= UNLOGGED_DATABASES_MAX;
}

bool server_facts_ask_unlogged(session *s, const char *database, server_facts *f,
                               char message[MESSAGE_BYTES])
{
    if (f->nunlogged == UNLOGGED_DATABASES_MAX)
        return true;
    unlogged_tables *one = &f->unlogged[f->nunlogged++];
    one->database = database;
    return answer_ask(s, unlogged_sql, &one->tables, message);
}

void server_facts_free(server_facts *f)
{
    for (int i = 0; i < SERVER_QUESTIONS; i++)
        answer_free(&f->answers[i]);
    for (size_t i = 0; i < f->nunlogged; i++)
        answer_free(&f->unlogged[i].tables);
    f->nunlogged = 0;
}
