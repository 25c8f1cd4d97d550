/* rules_state.c - standby, clock, settings that wait, tables without WAL, the log. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "command/check/duration.h"

#define CLOCK_SECONDS_MAX 5
#define NAMES_BYTES 300

static void pending_restart(check *c)
{
    const answer *a = &c->server.answers[ASK_SETTINGS];
    char names[NAMES_BYTES] = "";
    size_t n = 0, len = 0;
    for (size_t i = 0; i < a->rows; i++) {
        const char *name = answer_value(a, i, 0);
        if (name == NULL || !answer_is_true(a, i, 3))
            continue;
        if (strlen(name) + len + 3 < sizeof names)
            len +=
                (size_t)snprintf(names + len, sizeof names - len, "%s%s", n > 0 ? ", " : "", name);
        n++;
    }
    if (!a->is_known) {
        verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_PENDING_RESTART, "%s", a->why);
        return;
    }
    if (n == 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_PENDING_RESTART,
                     "no setting waits for a restart");
        return;
    }
    verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_PENDING_RESTART,
                                "%zu setting%s wait%s for a restart: %s", n, plural(n),
                                n == 1 ? "s" : "", names);
    verdict_why(one, "The file says one thing, and the server does another until it is restarted.");
    verdict_change(one, "pg_ctl restart -D DATA_DIRECTORY");
}

static void standby(check *c)
{
    const answer *a = &c->server.answers[ASK_POSITION];
    char delay[DURATION_TEXT_BYTES];
    if (!c->server.in_recovery)
        return;
    const int64_t ms = server_setting_number(&c->server, "recovery_min_apply_delay", 0);
    if (answer_is_true(a, 0, 2)) {
        verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_STANDBY,
                                    "this is a standby, and its replay is paused");
        verdict_why(one, "It falls behind, and the WAL that it does not replay piles up.");
        verdict_change(one,
                       "SELECT pg_%s_replay_resume();  -- not while somebody looks for lost "
                       "rows there",
                       c->server.has_wal_names ? "wal" : "xlog");
    } else if (ms > 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_STANDBY,
                     "this is a standby that applies WAL %s late", duration_text(ms / 1000, delay));
    } else {
        verdicts_add(&c->found, VERDICT_OK, CHECK_STANDBY,
                     "this is a standby; --switch and base backups are for its primary");
    }
}

static void clock_skew(check *c)
{
    const server_facts *f = &c->server;
    if (f->clock == WP_TIME_UNKNOWN) {
        verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_CLOCK, "the server does not tell its time");
        return;
    }
    check_measure(c, METRIC_CLOCK_OFFSET, f->clock_offset);
    if (fabs(f->clock_offset) - f->clock_error <= CLOCK_SECONDS_MAX) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_CLOCK, "%.1f s apart from this machine's",
                     fabs(f->clock_offset));
        return;
    }
    verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_CLOCK,
                                "the server's clock is %.1f s %s, by this machine's",
                                fabs(f->clock_offset), f->clock_offset > 0 ? "ahead" : "late");
    verdict_why(one, "Commits carry the server's time: --before-time and recovery_target_time mean "
                     "another moment than people and other logs say.");
    verdict_change(one, "timedatectl set-ntp true   # on both machines");
}

/* Of how many databases could it not be asked? */
static void unlogged_tables_of_all(check *c)
{
    const server_facts *f = &c->server;
    char names[NAMES_BYTES] = "";
    int64_t n = 0;
    size_t len = 0, unasked = 0;
    for (size_t i = 0; i < f->nunlogged; i++) {
        const unlogged_tables *one = &f->unlogged[i];
        unasked += !one->tables.is_known;
        n += answer_number(&one->tables, 0, 0, 0);
        for (size_t row = 0; row < one->tables.rows; row++) {
            const char *name = answer_value(&one->tables, row, 1);
            if (name != NULL && strlen(name) + strlen(one->database) + len + 6 < sizeof names)
                len += (size_t)snprintf(names + len, sizeof names - len, "%s%s.%s",
                                        len > 0 ? ", " : "", one->database, name);
        }
    }
    if (n > 0) {
        verdict *one =
            verdicts_add(&c->found, VERDICT_NOTE, CHECK_UNLOGGED_TABLES,
                         "%" PRId64 " unlogged table%s: %s", n, plural((uint64_t)n), names);
        verdict_why(one,
                    "Their rows are in no WAL and in no base backup: nothing brings them back.");
        verdict_change(one, "ALTER TABLE ... SET LOGGED;");
    } else if (unasked == 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_UNLOGGED_TABLES,
                     "no unlogged table in %zu database%s", f->nunlogged, plural(f->nunlogged));
    }
    if (unasked > 0)
        verdicts_add(&c->found, VERDICT_NOTE, CHECK_UNLOGGED_TABLES,
                     "%zu database%s could not be asked for unlogged tables", unasked,
                     plural(unasked));
}

/* ---- the log: who did it -------------------------------------------------------------------- */

static const char log_why[] = "WAL does not tell who did it. With these in the log `--log` can: by "
                              "the transaction's id, the session, or the time.";

/* The escapes of log_line_prefix that are missing, as "%m %p"; %t, %m and %n are a time each. */
static void missing_escapes(const char *prefix, char out[NAMES_BYTES])
{
    static const char *const wanted[] = { "%m", "%p", "%x", "%v", "%u", "%d", "%h", "%a" };
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const bool has_time =
            i == 0 && (strstr(prefix, "%t") != NULL || strstr(prefix, "%n") != NULL);
        const bool has_host = wanted[i][1] == 'h' && strstr(prefix, "%r") != NULL;
        const bool has_session = wanted[i][1] == 'p' && strstr(prefix, "%c") != NULL;
        if (strstr(prefix, wanted[i]) == NULL && !has_time && !has_host && !has_session)
            len += (size_t)snprintf(out + len, NAMES_BYTES - len, "%s%s", len > 0 ? " " : "",
                                    wanted[i]);
    }
}

static void log_settings(check *c)
{
    const server_facts *f = &c->server;
    const char *to = server_setting(f, "log_destination");
    const char *prefix = server_setting(f, "log_line_prefix");
    const char *statements = server_setting(f, "log_statement");
    char missing[NAMES_BYTES] = "";
    if (to == NULL || prefix == NULL || statements == NULL)
        return;
    const bool has_all = strstr(to, "csvlog") != NULL || strstr(to, "jsonlog") != NULL;
    if (!has_all)
        missing_escapes(prefix, missing);
    const bool logs_ddl = strcmp(statements, "none") != 0;
    if (missing[0] == '\0' && logs_ddl) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_LOG, "log_statement is %s, %s", statements,
                     has_all ? to : "log_line_prefix has all");
        return;
    }
    verdict *one = verdicts_add(&c->found, VERDICT_NOTE, CHECK_LOG, "%s%s%s%s",
                                logs_ddl ? "" : "log_statement is none",
                                !logs_ddl && missing[0] != '\0' ? "; " : "",
                                missing[0] != '\0' ? "log_line_prefix has no " : "", missing);
    verdict_why(one, log_why);
    if (!logs_ddl)
        verdict_change(one, "ALTER SYSTEM SET log_statement = 'ddl';  -- then SELECT "
                            "pg_reload_conf();");
    if (missing[0] != '\0')
        verdict_change(one, "ALTER SYSTEM SET log_line_prefix = '%%m [%%p] x=%%x v=%%v u=%%u d=%%d "
                            "h=%%h a=%%a ';  -- then SELECT pg_reload_conf();");
}

void rules_state(check *c)
{
    pending_restart(c);
    standby(c);
    clock_skew(c);
    unlogged_tables_of_all(c);
    log_settings(c);
}
