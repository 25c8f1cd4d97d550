/*
 * watch_command.c - the entry of `watch`. See watch.h.
 */
#include <string.h>

#include "base/message.h"
#include "command/watch/guard.h"
#include "command/watch/watch.h"

/* ---- operands ------------------------------------------------------------------------------- */

/* "host=db1 user=rep", postgresql://...; a path that exists is none. */
static bool is_connection(const char *word, const command_line *line)
{
    if (line->path_exists(word))
        return false;
    return strchr(word, '=') != NULL || strncmp(word, "postgres://", 11) == 0
           || strncmp(word, "postgresql://", 13) == 0;
}

/* watch [REGEX] SOURCE */
static bool take_operands(options *out, const command_line *line)
{
    watch_options *own = (void *)out->own;
    if (out->nsources == 0)
        return message_fail(line->message, "no SOURCE: name the folder of the WAL, or a connection "
                                           "string like \"host=db1 user=rep\"; see pitr-find watch "
                                           "--help");
    if (out->nsources > 2)
        return message_fail(line->message, "watch takes a REGEX and one SOURCE (not \"%.100s\")",
                            out->sources[2]);
    if (out->nsources == 2) {
        if (line->path_exists(out->sources[0]) || is_connection(out->sources[0], line))
            return message_fail(line->message,
                                "watch takes one SOURCE, after the REGEX (not \"%.100s\")",
                                out->sources[1]);
        out->regex = out->sources[0];
        out->sources++;
        out->nsources--;
    }
    own->is_server = is_connection(out->sources[0], line);
    return own->is_server || line->path_exists(out->sources[0])
           || message_fail(line->message,
                           "cannot open \"%.200s\": there is no such folder, and a connection "
                           "string has a = or begins with postgresql://",
                           out->sources[0]);
}

static bool check(const options *o, const command_line *line)
{
    const watch_options *own = (const void *)o->own;
    const bool has_guard_option = own->on != NULL || own->is_dry_run || own->guard_rows != 0;
    if (own->slot != NULL && !own->is_server)
        return message_fail(line->message,
                            "--slot is one of a server: it does not go with a folder");
    if (own->create_slot && own->slot == NULL)
        return message_fail(line->message, "--create-slot needs the slot's name: --slot NAME");
    if (own->exec_seconds != 0 && own->exec.count == 0)
        return message_fail(line->message, "--exec-timeout is for a hook: --exec CMD [ARG]...");
    if (has_guard_option && own->guard == NULL)
        return message_fail(line->message,
                            "--on, --guard-rows and --dry-run are for a standby: --guard CONNINFO");
    return true;
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
#define OWN(field) .is_own = true, .at = offsetof(watch_options, field)

static const option_row slot_row = { .name = "slot", .arg = "NAME", .type = OPTION_STRING,
    .group = GROUP_WHERE, OWN(slot),
    .help = "physical replication slot: the server keeps the WAL that was not\nread yet (default: a temporary one, from 10 on)" };
static const option_row create_slot_row = { .name = "create-slot", .type = OPTION_FLAG,
    .group = GROUP_WHERE, OWN(create_slot),
    .help = "make the slot of --slot if there is none of that name" };
static const option_row state_row = { .name = "state", .arg = "FILE", .type = OPTION_STRING,
    .group = GROUP_WHERE, OWN(state),
    .help = "keep in this file how far it is, and go on there after a\nrestart: nothing is missed, nothing told twice" };
static const option_row output_row = { .name = "output", .arg = "FILE", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, OWN(output),
    .help = "append the lines to this file; with --state exactly once,\nwhatever ends the program" };
static const option_row listen_row = { .name = "listen", .arg = "ADDR:PORT", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, OWN(listen),
    .help = "metrics over HTTP, for Prometheus: GET /metrics, /healthz" };
static const option_row exec_row = { .name = "exec", .arg = "CMD [ARG]...", .type = OPTION_REST,
    .group = GROUP_OUTPUT, OWN(exec),
    .help = "run this for each event told, one after the other, with the\nevent as JSON on its standard input and PITR_* in its\nenvironment; takes the rest of the line" };
static const option_row exec_timeout_row = { .name = "exec-timeout", .arg = "SECONDS", .type = OPTION_NUMBER,
    .group = GROUP_OUTPUT, OWN(exec_seconds), .max = 86400,
    .help = "end a CMD that takes longer (default 30)" };
static const option_row guard_row = { .name = "guard", .arg = "CONNINFO", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, OWN(guard),
    .help = "pause this delayed standby before it replays what is lost by\nan event" };
static const option_row on_row = { .name = "on", .arg = "REGEX", .type = OPTION_STRING,
    .group = GROUP_OUTPUT, OWN(on),
    .help = "with --guard: pause for events whose text matches (default: DROP\nand TRUNCATE of permanent tables, mass DELETE and UPDATE)" };
static const option_row guard_rows_row = { .name = "guard-rows", .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_OUTPUT, OWN(guard_rows), .max = UINT64_MAX,
    .help = "with --guard: a DELETE or UPDATE counts from N rows on (default\n1000)" };
static const option_row dry_run_row = { .name = "dry-run", .type = OPTION_FLAG,
    .group = GROUP_OUTPUT, OWN(is_dry_run),
    .help = "with --guard: say what would be done, and do not pause" };

static const option_use takes[] = {
    { .row = &option_table[OPT_DATABASE] },
    { .row = &option_table[OPT_RELATION] },
    { .row = &option_table[OPT_MIN_ROWS] },
    { .row = &option_table[OPT_INCLUDE_TEMP] },
    { .row = &option_table[OPT_FROM_LSN],
      .help = "begin with commit records that start here or later (default:\nwhere --state or the slot left off, else now)" },
    { .row = &option_table[OPT_TO_LSN],
      .help = "end once all WAL up to here is read" },
    { .row = &slot_row },
    { .row = &create_slot_row },
    { .row = &state_row },
    { .row = &option_table[OPT_BACKUP],
      .help = "a base backup (directory, base.tar, an archiver's): its\ncatalogs give names" },
    { .row = &option_table[OPT_DSN],
      .help = "a server of this cluster to ask for names at the start\n(default: the SOURCE itself, where it is a server)" },
    { .row = &option_table[OPT_FORMAT], .words = "table json",
      .help = "table (the default), or json (an object a line)" },
    { .row = &output_row },
    { .row = &guard_row },
    { .row = &on_row },
    { .row = &guard_rows_row },
    { .row = &dry_run_row },
    { .row = &listen_row },
    { .row = &exec_timeout_row },
    { .row = &exec_row },
    TAKES_TO_READ
    TAKES_ALWAYS
};

const command watch_command = {
    .name = "watch",
    .usage = "watch [OPTION]... [REGEX] SOURCE",
    .summary = "tell what transactions do as they commit, each loss with its target",
    .help = "Tells what transactions do to tables and other objects as soon as they commit, one row per event,\n"
            "and with each loss the target that stops a restore right before it. With a REGEX, only what\n"
            "matches. It ends with a signal (SIGINT, SIGTERM).",
    .exits = "Exit status: 0 ended by a signal or at --to-lsn, 2 wrong usage or trouble, 3 ended, and some WAL on\n"
             "the way was missing or could not be read, or a name was not known.\n",
    .operands = "A SOURCE is a running server, by a connection string of libpq (\"host=db1 user=rep\",\n"
                "postgresql://...), or a folder that grows: a WAL archive, the repository of an archiver, or a\n"
                "server's pg_wal.\n",
    .takes = takes,
    .take_operands = take_operands,
    .check = check,
    .run = watch_run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
