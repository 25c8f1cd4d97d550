/* check_command.c - `check`: is this server set up so that a DROP can be undone? See check.h. */
#include "command/check/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/result.h"
#include "command/check/duration.h"

#define DEFAULT_BACKUP_AGE "7d"
#define DEFAULT_ARCHIVE_LAG "1h"
#define DEFAULT_SWITCH_TIMEOUT 60

/* Options of its own. */
typedef struct check_options {
    option_strings archives, backups, skips;
    const char *max_backup_age, *max_archive_lag;
    uint64_t switch_timeout; /* seconds; 0: the default */
    bool does_switch, is_plugin;
    const char *dsn;
} check_options;

_Static_assert(sizeof(check_options) <= OPTIONS_OWN_BYTES, "no room for its options");

/* ---- the command line ----------------------------------------------------------------------- */

static bool take_operands(options *out, const command_line *line)
{
    check_options *own = (void *)out->own;
    if (out->nsources == 0)
        return message_fail(line->message, "no DSN: say which server, with words like \"host=db1 "
                                           "dbname=postgres\"; see pitr-find check --help");
    if (out->nsources > 1)
        return message_fail(line->message, "check takes one DSN: an archive is given by --archive");
    own->dsn = out->sources[0];
    out->nsources = 0;
    return true;
}

static bool check_duration(const command_line *line, const char *option, const char *value)
{
    int64_t seconds;
    return value == NULL || duration_parse(value, &seconds)
           || message_fail(line->message,
                           "--%s takes a number and s, min, h or d, like 7d (not \"%.100s\")",
                           option, value);
}

static bool check_skips(const command_line *line, const option_strings *skips)
{
    for (size_t i = 0; i < skips->count; i++)
        if (check_topic_called(skips->items[i]) == CHECK_TOPIC_COUNT)
            return message_fail(line->message,
                                "--skip takes the name of a check, as the output has it (not "
                                "\"%.100s\")",
                                skips->items[i]);
    return true;
}

static bool check_line(const options *o, const command_line *line)
{
    const check_options *own = (const void *)o->own;
    if (own->is_plugin && o->given[OPT_FORMAT])
        return message_fail(line->message, "--nagios has a format of its own: leave --format out");
    if (own->switch_timeout != 0 && !own->does_switch)
        return message_fail(line->message, "--switch-timeout goes with --switch");
    return check_duration(line, "max-backup-age", own->max_backup_age)
           && check_duration(line, "max-archive-lag", own->max_archive_lag)
           && check_skips(line, &own->skips);
}

static int64_t seconds_of(const char *given, const char *otherwise)
{
    int64_t seconds = 0;
    (void)duration_parse(given != NULL ? given : otherwise, &seconds);
    return seconds;
}

/* ---- what is asked -------------------------------------------------------------------------- */

static session_config server_of(const check_options *own, const char *database)
{
    return (session_config){
        .conninfo = own->dsn, .option = "DSN", .server = "the server", .database = database
    };
}

/* A database that does not let us in is told of with the others. */
static bool ask_databases(const check_options *own, check *c, char message[MESSAGE_BYTES])
{
    const answer *databases = &c->server.answers[ASK_DATABASES];
    for (size_t i = 0; i < databases->rows && !c->found.skips[CHECK_UNLOGGED_TABLES]; i++) {
        const char *name = answer_value(databases, i, 0);
        const session_config config = server_of(own, name);
        session *s;
        if (name == NULL)
            continue;
        if (!session_open(&config, &s, message)) {
            if (!server_facts_miss_unlogged(name, &c->server))
                return message_no_memory(message);
            continue;
        }
        const bool is_good = server_facts_ask_unlogged(s, name, &c->server, message);
        session_close(s);
        if (!is_good)
            return false;
    }
    return true;
}

static bool force_switch(const check_options *own, session *s, check *c,
                         char message[MESSAGE_BYTES])
{
    const switch_order order = { .archives = own->archives.items,
                                 .narchives = own->archives.count,
                                 .timeout_s = own->switch_timeout != 0
                                                  ? (int64_t)own->switch_timeout
                                                  : DEFAULT_SWITCH_TIMEOUT };
    if (!own->does_switch || c->found.skips[CHECK_SWITCH])
        return true;
    if (!c->server.in_recovery)
        return switch_wal(s, &c->server, &order, &c->switched, message)
               && server_facts_ask_again(s, &c->server, message);
    c->switched = (switch_result){ .outcome = SWITCH_REFUSED };
    (void)message_fail(c->switched.why, "a standby cannot end a segment: ask its primary");
    return true;
}

static bool ask_server(const check_options *own, check *c, char message[MESSAGE_BYTES])
{
    const session_config config = server_of(own, NULL);
    session *s;
    if (!session_open(&config, &s, message))
        return false;
    const bool is_good =
        server_facts_ask(s, &c->server, message) && force_switch(own, s, c, message);
    session_close(s);
    return is_good && ask_databases(own, c, message);
}

static void look_into_archive(const options *o, check *c)
{
    const check_options *own = (const void *)o->own;
    const archive_order order = { .archives = own->archives.items,
                                  .narchives = own->archives.count,
                                  .backups = own->backups.items,
                                  .nbackups = own->backups.count,
                                  .system_id = c->server.system_identifier,
                                  .jobs = options_jobs(o) };
    archive_facts_gather(&order, &c->archive);
}

/* A path that is not there is a slip of the command line, and nothing that the server does. */
static bool are_there(const option_strings *paths, const char *option, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < paths->count; i++)
        if (access(paths->items[i], R_OK) != 0)
            return message_fail(message, "--%s: cannot open \"%.200s\": %s", option,
                                paths->items[i], strerror(errno));
    return true;
}

static bool gather(const options *o, check *c, char message[MESSAGE_BYTES])
{
    const check_options *own = (const void *)o->own;
    if (!are_there(&own->archives, "archive", message)
        || !are_there(&own->backups, "backup", message) || !ask_server(own, c, message))
        return false;
    look_into_archive(o, c);
    return true;
}

/* ---- the answer ----------------------------------------------------------------------------- */

static void judge(check *c)
{
    rules_wal(c);
    rules_archiving(c);
    rules_archive(c);
    rules_slots(c);
    rules_access(c);
    rules_state(c);
    verdicts_sort(&c->found);
}

static exit_code status_of(const check *c, bool is_plugin)
{
    const bool is_critical = verdicts_count(&c->found, VERDICT_CRITICAL) > 0;
    const bool warns = verdicts_count(&c->found, VERDICT_WARNING) > 0;
    /* The statuses of plugins are 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
    if (is_critical && is_plugin)
        return EXIT_TROUBLE;
    if (is_critical || warns)
        return EXIT_NOTHING;
    return verdicts_count(&c->found, VERDICT_UNKNOWN) > 0 ? EXIT_DOUBT : EXIT_FOUND;
}

static exit_code print_verdicts(const options *o, const check *c)
{
    const check_options *own = (const void *)o->own;
    text out = { 0 };
    if (own->is_plugin)
        render_check_nagios(c, &out);
    else if (o->format == CHECK_JSON)
        render_check_json(c, &out);
    else
        render_check_table(c, &out);
    return result_print(&out) ? status_of(c, own->is_plugin) : EXIT_TROUBLE;
}

/* A plugin tells on stdout what is wrong, and a server that cannot be reached is critical. */
static exit_code fail(const check_options *own, const char *message)
{
    text out = { 0 };
    if (!own->is_plugin)
        return result_trouble(message);
    text_add(&out, "PITR CRITICAL - ");
    text_add_visible(&out, message);
    text_add(&out, "\n");
    (void)result_print(&out);
    return EXIT_TROUBLE;
}

static exit_code run(const options *o)
{
    const check_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    check *c = calloc(1, sizeof *c);
    if (c == NULL) {
        (void)message_no_memory(message);
        return fail(own, message);
    }
    c->archive_path = own->archives.count > 0 ? own->archives.items[0] : NULL;
    c->max_backup_age = seconds_of(own->max_backup_age, DEFAULT_BACKUP_AGE);
    c->max_archive_lag = seconds_of(own->max_archive_lag, DEFAULT_ARCHIVE_LAG);
    for (size_t i = 0; i < own->skips.count; i++)
        c->found.skips[check_topic_called(own->skips.items[i])] = true;
    exit_code code;
    if (gather(o, c, message)) {
        judge(c);
        code = print_verdicts(o, c);
    } else {
        code = fail(own, message);
    }
    verdicts_free(&c->found);
    archive_facts_free(&c->archive);
    server_facts_free(&c->server);
    free(c);
    return code;
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
#define OWN(field) .is_own = true, .at = offsetof(check_options, field)

static const option_row archive_row = { .name = "archive", .arg = "PATH", .type = OPTION_STRINGS,
    .group = GROUP_WHERE, OWN(archives),
    .help = "where the WAL goes: a folder, or an archiver's repository; it\nis verified, with its base backups (may be given again)" };
static const option_row backup_row = { .name = "backup", .arg = "PATH", .type = OPTION_STRINGS,
    .group = GROUP_WHERE, OWN(backups),
    .help = "a base backup, beside those of the .backup files in the\narchive (may be given again)" };
static const option_row switch_row = { .name = "switch", .type = OPTION_FLAG,
    .group = GROUP_WHAT, OWN(does_switch),
    .help = "have the server end its WAL segment, and wait until that one\nis in --archive; without one, until it says so (needs a right)" };
static const option_row switch_timeout_row = { .name = "switch-timeout", .arg = "SECONDS", .type = OPTION_NUMBER,
    .group = GROUP_WHAT, OWN(switch_timeout), .max = 86400,
    .help = "how long to wait for that (default 60)" };
static const option_row max_backup_age_row = { .name = "max-backup-age", .arg = "DURATION", .type = OPTION_STRING,
    .group = GROUP_WHAT, OWN(max_backup_age),
    .help = "so old may the newest usable base backup be (default 7d)" };
static const option_row max_archive_lag_row = { .name = "max-archive-lag", .arg = "DURATION", .type = OPTION_STRING,
    .group = GROUP_WHAT, OWN(max_archive_lag),
    .help = "so long may WAL wait to be archived (default 1h)" };
static const option_row skip_row = { .name = "skip", .arg = "NAME", .type = OPTION_STRINGS,
    .group = GROUP_NARROW, OWN(skips),
    .help = "leave out the check of that name (may be given again)" };
static const option_row nagios_row = { .name = "nagios", .type = OPTION_FLAG,
    .group = GROUP_OUTPUT, OWN(is_plugin),
    .help = "a plugin of Nagios or Icinga: its line, performance data and\nexit statuses (0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN)" };

static const option_use takes[] = {
    { .row = &switch_row },
    { .row = &switch_timeout_row },
    { .row = &max_backup_age_row },
    { .row = &max_archive_lag_row },
    { .row = &skip_row },
    { .row = &archive_row },
    { .row = &backup_row },
    { .row = &option_table[OPT_CIPHER_PASS_FILE] },
    { .row = &option_table[OPT_FORMAT], .words = "table json",
      .help = "table (the default) or json" },
    { .row = &nagios_row },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command check_command = {
    .name = "check",
    .usage = "check [OPTION]... DSN",
    .summary = "tell whether a server is set up so that a DROP can be undone",
    .help = "Asks a running server for its settings, its archiver, its slots and who may take a base backup,\n"
            "and looks into the archive; tells what is wrong, why that matters, and which line to change.\n"
            "Nothing is changed: only --switch has the server do something.",
    .operands = "DSN is a connection string, like \"host=db1 user=monitor dbname=postgres\" or\n"
                "postgresql://monitor@db1/postgres. A DURATION is a number and s, min, h or d.\n",
    .exits = "Exit status: 0 all is well, 1 warnings or worse, 2 wrong usage or the server cannot be asked, 3 all\n"
             "is well as far as is known, and something could not be known.\n",
    .takes = takes,
    .take_operands = take_operands,
    .check = check_line,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
