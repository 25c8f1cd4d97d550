/* verify_command.c - `verify`: is the archive whole? See verify.h. */
#include "command/verify/verify.h"

#include "base/message.h"
#include "base/result.h"

static bool print_verification(const options *o, const verification *v)
{
    text out = { 0 };
    render_verify[o->format](v, &out);
    return result_print(&out);
}

/* Metrics say that nothing could be verified, too. */
static exit_code fail(const options *o, const char *message)
{
    text out = { 0 };
    const exit_code code = result_trouble(message);
    if (o->format != VERIFY_PROMETHEUS)
        return code;
    render_verify_down(o->sources[0], &out);
    (void)result_print(&out);
    return code;
}

static exit_code run(const options *o)
{
    const verify_input input = { .sources = o->sources,
                                 .nsources = o->nsources,
                                 .backups = &o->backup,
                                 .nbackups = o->backup != NULL,
                                 .system_id = o->system_id,
                                 .jobs = options_jobs(o) };
    verification v;
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    if (!verify(&input, &v, message))
        code = fail(o, message);
    else if (print_verification(o, &v))
        code = v.problems_total == 0 ? EXIT_FOUND : EXIT_NOTHING;
    verification_free(&v);
    return code;
}

// clang-format off
static const option_use takes[] = {
    { .row = &option_table[OPT_FORMAT], .words = "table json csv prometheus",
      .help = "table (the default), json, csv (a row a segment), or\nprometheus (metrics for the textfile collector of node_exporter)" },
    { .row = &option_table[OPT_BACKUP],
      .help = "a base backup (directory, base.tar, an archiver's) to be\njudged beside those of the .backup files in the archive" },
    TAKES_TO_READ
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command verify_command = {
    .name = "verify",
    .usage = "verify [OPTION]... SOURCE...",
    .summary = "tell whether the archive is whole, and from where to where it can recover",
    .help = "Reads all WAL of every timeline, with all checksums, and tells what is missing, damaged or out of\n"
            "place; and for each base backup the range in which it can be recovered with this archive.",
    .exits = "Exit status: 0 the archive is whole, 1 it is not, 2 wrong usage or unreadable input.\n",
    .takes = takes,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
