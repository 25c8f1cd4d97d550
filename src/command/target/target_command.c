/*
 * target_command.c - see target_command.h. A result is put together completely before its first byte is written.
 */
#include "command/target/target_command.h"

#include "base/message.h"
#include "base/result.h"
#include "command/with_sources.h"
#include "target/archiver.h"
#include "target/find_target.h"
#include "target/render.h"
#include "target/story.h"
#include "target/write_settings.h"

/* By target_format. */
static void (*const render_target[TARGET_FORMATS])(const report *r, text *out) = {
    [FORMAT_CONF] = render_conf,          [FORMAT_JSON] = render_json,
    [FORMAT_SHELL] = render_shell,        [FORMAT_PGBACKREST] = archiver_render,
    [FORMAT_BARMAN] = archiver_render,    [FORMAT_WALG] = archiver_render,
    [FORMAT_PROBACKUP] = archiver_render,
};

static bool print_target(const report *r)
{
    text out = { 0 };
    render_target[r->options->format](r, &out);
    return result_print(&out);
}

/* The result goes out before anything is written: where that fails nothing has changed. */
static exit_code deliver(const report *r, const data_directory *into, const write_plan *plan)
{
    char message[MESSAGE_BYTES];
    story_found(r);
    if (!print_target(r))
        return EXIT_TROUBLE;
    if (into == NULL)
        return EXIT_FOUND;
    if (!data_directory_write(into, plan->files, plan->nfiles, message))
        return result_trouble(message);
    story_written(r, plan);
    return EXIT_FOUND;
}

/* Settings to be written are planned first: what is known of them is told with the rest. */
static exit_code tell(void *context, const report *r, text_list *warnings)
{
    const data_directory *into = context;
    write_plan plan = { 0 };
    char message[MESSAGE_BYTES];
    const bool is_good =
        (!archiver_has_format((target_format)r->options->format)
         || archiver_backup(r, message) != NULL)
        && (into == NULL || write_settings_plan(r, into, &plan, warnings, message));
    const exit_code code = is_good ? deliver(r, into, &plan) : result_trouble(message);
    write_settings_free(&plan);
    return code;
}

static exit_code answer_target(const options *o, const question *asked, const sources *from)
{
    question q = *asked;
    char message[MESSAGE_BYTES];
    q.needs_all_kinds = o->format == FORMAT_JSON;
    if (!archiver_check(o, from->wal, message))
        return result_trouble(message);
    return find_target(o, &q, from, tell, (void *)(uintptr_t)from->into);
}

static exit_code run(const options *o)
{
    return with_sources(o,
                        "is it a part of the pattern? Quote that: --before \"DROP TABLE orders\"",
                        answer_target);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_use takes[] = {
    TAKES_TO_ASK
    { .row = &option_table[OPT_FORMAT], .words = TARGET_FORMAT_WORDS,
      .help = "conf (lines for the server's configuration, the default),\njson, shell (assignments, safe for eval); or the command by\nwhich pgbackrest, barman, wal-g or pg_probackup restores\nto the target, into $PGDATA" },
    { .row = &option_table[OPT_ACTION] },
    { .row = &option_table[OPT_INSPECTABLE] },
    { .row = &option_table[OPT_RESTORE_COMMAND] },
    { .row = &option_table[OPT_BACKUP] },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_TO_READ
    { .row = &option_table[OPT_DSN] },
    { .row = &option_table[OPT_LOG] },
    { .row = &option_table[OPT_LOG_LINE_PREFIX] },
    { .row = &option_table[OPT_WRITE] },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command target_command = {
    .name = "target",
    .usage = "[target] --before REGEX [OPTION]... SOURCE...",
    .summary = "find the incident and print the recovery target (the default)",
    .help = "Reads archived WAL, finds the event that matches, and prints the settings that make a restore\n"
            "stop right before it. The result goes to stdout, the story to stderr.",
    .exits = "Exit status: 0 found, 1 nothing matched, 2 wrong usage or unreadable input, 3 in doubt, found\n"
             "or not: a gap, damage, a missing name or an unknown kind of record in the range searched; or\n"
             "found, and no restore gets there yet.\n",
    .takes = takes,
    .check = find_target_check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
