/* rules_archiving.c - how WAL gets out of the server. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/plural.h"
#include "command/check/archive_command.h"
#include "command/check/duration.h"

/* So many whole segments may wait for the archiver. */
#define WAITING_MAX 10
/* With less of it in the current segment nothing is worth archiving: what a server at rest writes by itself. */
#define IDLE_BYTES 1024
#define SHOWN 120 /* bytes of a command */

static const char no_archive[] =
    "Without an archive of WAL nothing that was written after a base backup can be recovered.";

/* Programs that take the WAL of a server as a standby does, and keep it. */
static const char *receiver(const check *c)
{
    static const char *const names[] = { "pg_receivewal", "pg_receivexlog", "barman_receive_wal",
                                         "pgmoneta", "wal-g" };
    const answer *senders = &c->server.answers[ASK_SENDERS];
    for (size_t i = 0; i < senders->rows; i++)
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            const char *name = answer_value(senders, i, 0);
            if (name != NULL && strcmp(name, names[n]) == 0)
                return names[n];
        }
    return NULL;
}

/* ---- archive_mode --------------------------------------------------------------------------- */

/* Does this server hand WAL to its archiver? */
static bool is_archiving(const check *c)
{
    return server_setting_is(&c->server, "archive_mode", "always")
           || (server_setting_is(&c->server, "archive_mode", "on") && !c->server.in_recovery);
}

static void mode_of_standby(check *c, const char *mode)
{
    if (strcmp(mode, "always") == 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_MODE, "archive_mode is always");
    } else if (strcmp(mode, "on") == 0) {
        verdict *one = verdicts_add(&c->found, VERDICT_NOTE, CHECK_ARCHIVE_MODE,
                                    "archive_mode is on: a standby archives nothing until it is "
                                    "promoted");
        verdict_why(one, "That is right where the primary fills the archive. An archive that is to "
                         "be filled from here needs always.");
        verdict_change(one,
                       "ALTER SYSTEM SET archive_mode = always;  -- on the primary, then restart");
    } else {
        verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_ARCHIVE_MODE,
                                    "archive_mode is off: once promoted, this standby archives "
                                    "nothing");
        verdict_why(one, no_archive);
        verdict_change(one,
                       "archive_mode = on   # in postgresql.conf of the standby, then restart");
    }
}

static void archive_mode(check *c)
{
    const char *mode = shown_setting(c, CHECK_ARCHIVE_MODE, "archive_mode"), *by = receiver(c);
    if (mode == NULL)
        return;
    if (c->server.in_recovery) {
        mode_of_standby(c, mode);
    } else if (strcmp(mode, "off") != 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_MODE, "archive_mode is %s", mode);
    } else if (by != NULL) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_MODE,
                     "archive_mode is off, and %s receives the WAL", by);
    } else {
        verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_ARCHIVE_MODE,
                                    "archive_mode is off, and nobody receives the WAL");
        verdict_why(one, no_archive);
        verdict_change(one, "ALTER SYSTEM SET archive_mode = on;  -- then restart the server");
    }
}

/* ---- archive_command, archive_library ------------------------------------------------------- */

static const struct {
    verdict_level level;
    const char *what, *why;
} flaws[ARCHIVE_COMMAND_SOUND] = {
    [ARCHIVE_COMMAND_EMPTY] = { VERDICT_CRITICAL, "archive_command is empty: nothing is archived",
                                "The server keeps all WAL until one is set, and pg_wal grows until "
                                "the disk is full." },
    [ARCHIVE_COMMAND_NOTHING] = { VERDICT_CRITICAL,
                                  "archive_command does nothing, and tells the server that it did",
                                  "The server then removes WAL that nobody has: it is lost." },
    [ARCHIVE_COMMAND_NO_FILE] = { VERDICT_CRITICAL, "archive_command names neither %p nor %f",
                                  "It is not told which segment to archive, so it cannot." },
    [ARCHIVE_COMMAND_HIDES] = { VERDICT_CRITICAL,
                                "archive_command ends well even where the copy fails",
                                "The server then removes WAL that was not archived. The status has "
                                "to be that of the copy: no ; or || or pipe to a log after it." },
    [ARCHIVE_COMMAND_MOVES] = { VERDICT_CRITICAL, "archive_command moves the file away",
                                "The server still needs it, for its own recovery after a crash." },
    [ARCHIVE_COMMAND_OVERWRITES] = { VERDICT_WARNING,
                                     "archive_command writes over a file that is there",
                                     "A server that was restored or set up wrongly then destroys "
                                     "the archive of another one." },
};

static void suggest_command(const check *c, verdict *one)
{
    const char *path = c->archive_path != NULL ? c->archive_path : "/wal_archive";
    /* What would have to be quoted twice is better written by hand. */
    if (path[strcspn(path, "'\"\\$` %")] != '\0')
        path = "/wal_archive";
    verdict_change(
        one,
        "ALTER SYSTEM SET archive_command = 'test ! -f %s/%%f && cp %%p %s/%%f';  -- then "
        "SELECT pg_reload_conf();",
        path, path);
}

static void add_both(check *c)
{
    const wp_profile *server = c->server.profile;
    const bool stops = server == NULL || server->archives_by_one_only;
    verdict *one =
        verdicts_add(&c->found, stops ? VERDICT_CRITICAL : VERDICT_WARNING, CHECK_ARCHIVE_COMMAND,
                     "archive_command and archive_library are both set: %s",
                     stops ? "nothing is archived" : "archive_command is not used");
    verdict_why(one, "PostgreSQL 15 takes the library alone; 16 and newer refuse, and archive "
                     "nothing.");
    verdict_change(one, "ALTER SYSTEM SET archive_command = '';  -- then SELECT pg_reload_conf();");
}

static void archive_command(check *c)
{
    const char *line = server_setting(&c->server, "archive_command");
    const char *library = server_setting(&c->server, "archive_library");
    const bool has_library = library != NULL && library[0] != '\0';
    if (!is_archiving(c))
        return; /* and then the server shows none */
    if (has_library && line != NULL && line[0] != '\0') {
        add_both(c);
        return;
    }
    if (has_library) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_COMMAND, "archive_library is %s",
                     library);
        return;
    }
    if (shown_setting(c, CHECK_ARCHIVE_COMMAND, "archive_command") == NULL)
        return;
    const archive_command_flaw flaw = archive_command_judge(line);
    if (flaw == ARCHIVE_COMMAND_SOUND) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_COMMAND, "%.*s", SHOWN, line);
        return;
    }
    verdict *one = verdicts_add(&c->found, flaws[flaw].level, CHECK_ARCHIVE_COMMAND, "%s%s%.*s",
                                flaws[flaw].what, line[0] != '\0' ? ": " : "", SHOWN, line);
    verdict_why(one, flaws[flaw].why);
    suggest_command(c, one);
}

/* ---- the archiver --------------------------------------------------------------------------- */

/* What is known of it. */
typedef struct archiver {
    const answer *said;
    int64_t archived, failed;
    const char *last, *last_failed;
    wp_time last_time, failed_time, now;
} archiver;

static archiver archiver_of(const check *c)
{
    const answer *a = &c->server.answers[ASK_ARCHIVER];
    return (archiver){ .said = a,
                       .archived = answer_number(a, 0, 0, 0),
                       .last = answer_value(a, 0, 1),
                       .last_time = answer_time(a, 0, 2),
                       .failed = answer_number(a, 0, 3, 0),
                       .last_failed = answer_value(a, 0, 4),
                       .failed_time = answer_time(a, 0, 5),
                       .now = answer_time(a, 0, 6) };
}

static int64_t seconds_since(const archiver *a, wp_time time)
{
    return time == WP_TIME_UNKNOWN || a->now < time ? 0 : (a->now - time) / 1000000;
}

static void add_failure(check *c, const archiver *a)
{
    char ago[DURATION_TEXT_BYTES];
    verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_ARCHIVER,
                                "the archiver fails: %s, %s ago; %" PRId64 " failure%s",
                                a->last_failed != NULL ? a->last_failed : "a segment",
                                duration_text(seconds_since(a, a->failed_time), ago), a->failed,
                                plural((uint64_t)a->failed));
    verdict_why(one, "Nothing that was written since then can be recovered from the archive, and "
                     "pg_wal grows until the disk is full.");
    verdict_change(one, "see the server's log for what archive_command says; then fix it there");
}

/* Has it archived nothing since it failed? */
static bool is_failing(const archiver *a)
{
    return a->failed > 0 && a->failed_time != WP_TIME_UNKNOWN
           && (a->last_time == WP_TIME_UNKNOWN || a->failed_time > a->last_time);
}

static void add_archiver(check *c, const archiver *a)
{
    char ago[DURATION_TEXT_BYTES];
    if (!a->said->is_known) {
        verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_ARCHIVER, "%s", a->said->why);
    } else if (a->last_time == WP_TIME_UNKNOWN && c->switched.outcome == SWITCH_SEEN) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVER, "it works, as --switch shows");
    } else if (is_failing(a)) {
        add_failure(c, a);
    } else if (a->last_time == WP_TIME_UNKNOWN) {
        verdict *one = verdicts_add(&c->found, VERDICT_WARNING, CHECK_ARCHIVER,
                                    "nothing was archived yet, as far as its statistics go back");
        verdict_why(one, "Whether the archiver works is not seen before it archives a segment.");
        verdict_change(one, "pitr-find check --switch ...   # has the server archive one now");
    } else {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVER,
                     "%s was archived %s ago; %" PRId64 " archived, %" PRId64 " failure%s", a->last,
                     duration_text(seconds_since(a, a->last_time), ago), a->archived, a->failed,
                     plural((uint64_t)a->failed));
    }
}

/* ---- how far behind it is ------------------------------------------------------------------- */

typedef struct lag {
    bool is_known;
    int64_t waiting; /* whole segments */
    uint64_t bytes;  /* written, and not archived */
    int64_t age;     /* seconds since the last one was archived */
} lag;

static lag lag_of(const check *c, const archiver *a)
{
    const answer *ready = &c->server.answers[ASK_READY];
    wp_segment_name name;
    wp_lsn start;
    lag l = { .age = seconds_since(a, a->last_time) };
    if (a->last == NULL || a->last_time == WP_TIME_UNKNOWN || c->server.segment_size == 0
        || c->server.lsn == 0)
        return l;
    /* It may be a .backup, .history or .partial file. */
    if (!wp_segment_name_parse(a->last, &name) || name.tli != c->server.tli
        || !wp_segment_name_start(&name, c->server.segment_size, &start))
        return l;
    const wp_lsn end = start + c->server.segment_size;
    l.is_known = true;
    l.bytes = c->server.lsn > end ? c->server.lsn - end : 0;
    l.waiting = (int64_t)(l.bytes / c->server.segment_size);
    if (ready->is_known)
        l.waiting = answer_number(ready, 0, 0, l.waiting);
    return l;
}

/* After a promotion what was archived last is of another timeline: that passes. */
static void add_unknown_lag(check *c, const archiver *a)
{
    const bool is_hidden = c->server.segment_size == 0 || c->server.lsn == 0;
    if (!a->said->is_known || a->last == NULL)
        return;
    verdict *one =
        verdicts_add(&c->found, is_hidden ? VERDICT_UNKNOWN : VERDICT_NOTE, CHECK_ARCHIVE_LAG,
                     "%s was archived last: how much waits after it is not known", a->last);
    verdict_why(one, is_hidden ? "The server does not tell where it is in its WAL."
                               : "That is no segment of the timeline that the server is on.");
    verdict_change(one, "pitr-find check --switch ...   # has the server archive a segment now");
}

static void archive_lag(check *c, const archiver *a)
{
    char ago[DURATION_TEXT_BYTES], most[DURATION_TEXT_BYTES];
    const lag l = lag_of(c, a);
    if (!l.is_known) {
        add_unknown_lag(c, a);
        return;
    }
    check_measure(c, METRIC_ARCHIVE_AGE, (double)l.age);
    check_measure(c, METRIC_ARCHIVE_WAITING, (double)l.waiting);
    check_measure(c, METRIC_ARCHIVE_LAG, (double)l.bytes);
    (void)duration_text(l.age, ago);
    (void)duration_text(c->max_archive_lag, most);
    const bool is_old = l.age > c->max_archive_lag && (l.waiting > 0 || l.bytes > IDLE_BYTES);
    if (!is_old && l.waiting <= WAITING_MAX) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_LAG,
                     "%" PRId64 " segment%s wait%s; %" PRIu64 " bytes are not archived yet",
                     l.waiting, plural((uint64_t)l.waiting), l.waiting == 1 ? "s" : "", l.bytes);
        return;
    }
    verdict *one = verdicts_add(
        &c->found, is_old && l.waiting > 0 ? VERDICT_CRITICAL : VERDICT_WARNING, CHECK_ARCHIVE_LAG,
        "%" PRId64 " segment%s wait%s, %" PRIu64
        " bytes are not archived; the last one was %s ago (limit %s)",
        l.waiting, plural((uint64_t)l.waiting), l.waiting == 1 ? "s" : "", l.bytes, ago, most);
    verdict_why(one, "What is not archived is lost with the server. A DROP now could not be undone "
                     "from the archive alone: keep pg_wal.");
    if (l.waiting == 0)
        verdict_change(one, "ALTER SYSTEM SET archive_timeout = '5min';  -- then SELECT "
                            "pg_reload_conf();");
    else
        verdict_change(one, "make archive_command quicker, or find out in the server's log why it "
                            "waits");
}

static void archive_timeout(check *c)
{
    if (shown_setting(c, CHECK_ARCHIVE_TIMEOUT, "archive_timeout") == NULL)
        return;
    const int64_t timeout = server_setting_number(&c->server, "archive_timeout", 0);
    char span[DURATION_TEXT_BYTES];
    if (timeout > 0) {
        verdicts_add(&c->found, VERDICT_OK, CHECK_ARCHIVE_TIMEOUT, "archive_timeout is %s",
                     duration_text(timeout / 1000, span));
        return;
    }
    verdict *one = verdicts_add(&c->found, VERDICT_NOTE, CHECK_ARCHIVE_TIMEOUT,
                                "archive_timeout is 0: a segment is archived once it is full");
    verdict_why(one, "On a quiet server the last transactions then lie for hours in pg_wal alone.");
    verdict_change(one,
                   "ALTER SYSTEM SET archive_timeout = '5min';  -- then SELECT pg_reload_conf();");
}

/* ---- the switch ----------------------------------------------------------------------------- */

static void add_refused(check *c, const switch_result *r)
{
    verdict *one = verdicts_add(&c->found, VERDICT_UNKNOWN, CHECK_SWITCH, "%s", r->why);
    verdict_why(one, "Whether a segment gets into the archive now is not seen.");
    if (!r->lacks_right) {
        verdict_change(one, "leave --switch out");
        return;
    }
    verdict_change(one,
                   "GRANT EXECUTE ON FUNCTION %s, pg_create_restore_point(text) TO %s;  -- "
                   "in the database that is connected to",
                   c->server.has_wal_names ? "pg_switch_wal()" : "pg_switch_xlog()",
                   c->server.user);
}

static void forced_switch(check *c)
{
    const switch_result *r = &c->switched;
    if (r->outcome == SWITCH_REFUSED)
        add_refused(c, r);
    if (r->outcome == SWITCH_SEEN) {
        check_measure(c, METRIC_SWITCH, r->seconds);
        verdicts_add(&c->found, VERDICT_OK, CHECK_SWITCH, "%s was %s after %.1f s", r->segment,
                     r->is_by_server ? "archived, as the server says," : "in the archive, whole,",
                     r->seconds);
    }
    if (r->outcome != SWITCH_LATE)
        return;
    verdict *one = verdicts_add(&c->found, VERDICT_CRITICAL, CHECK_SWITCH,
                                "%s is not in the archive %.0f s after the switch: %s", r->segment,
                                r->seconds, r->why);
    verdict_why(one, "The server was made to end a segment, and it does not get where recovery "
                     "looks for it.");
    verdict_change(one, "see the server's log for what archive_command says; is --archive the "
                        "folder that it writes to?");
}

void rules_archiving(check *c)
{
    const archiver a = archiver_of(c);
    archive_mode(c);
    archive_command(c);
    forced_switch(c);
    if (!is_archiving(c))
        return;
    add_archiver(c, &a);
    archive_lag(c, &a);
    archive_timeout(c);
}
