/*
 * summary_command.c - `summary`: what is in the archive. See summary.h.
 */
#include "command/summary/summary.h"

#include "base/message.h"
#include "base/result.h"
#include "command/with_sources.h"
#include "search/doubt.h"
#include "search/search_warnings.h"

static exit_code print_summary(const options *o, const question *q, const sources *from,
                               const summary *s, const search_result *found)
{
    text out = { 0 };
    text_list warnings = { 0 };
    search_warnings(q, from->wal, found, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    summary_render(o, q, from, s, found, &out);
    const bool is_in_doubt = doubt_of_search(q, from->wal, found);
    if (!result_print(&out))
        return EXIT_TROUBLE;
    return is_in_doubt ? EXIT_DOUBT : EXIT_FOUND;
}

static exit_code answer_summary(const options *o, const question *q, const sources *from)
{
    summary s = { .ndatabases = 0 };
    search_result found;
    char message[MESSAGE_BYTES];
    const search_sink sink = { .context = &s, .restart = summary_restart, .add = summary_add };
    const search_status status =
        search_events(q, from->wal, from->base, from->external_names, &sink, &found, message);
    const exit_code code =
        status == SEARCH_FAILED ? result_trouble(message) : print_summary(o, q, from, &s, &found);
    search_free(&found);
    summary_free(&s);
    return code;
}

static exit_code run(const options *o)
{
    return with_sources(o, "is it what to look for? Say --before and then that", answer_summary);
}

// clang-format off
static const option_use takes[] = {
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &option_table[OPT_BACKUP],
      .help = "a base backup (directory, base.tar, an archiver's): its\ncatalogs give names" },
    TAKES_TO_READ
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command summary_command = {
    .name = "summary",
    .usage = "[summary] [OPTION]... SOURCE...",
    .summary = "say what is in the archive (the default without --before and its like)",
    .help = "Tells which cluster the WAL is of, from when to when it goes, which databases and base backups\n"
            "there are, the last events that destroyed something (DROP, TRUNCATE, a dropped column, DELETE and\n"
            "UPDATE of 1000 rows or more), and how to go on.",
    .exits = "Exit status: 0 told, 2 wrong usage or unreadable input, 3 told, but a gap or damage leaves doubt.\n",
    .takes = takes,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
