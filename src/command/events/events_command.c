/*
 * events_command.c - see events_command.h.
 */
#include "command/events/events_command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"
#include "base/result.h"
#include "command/events/event_list.h"
#include "command/with_sources.h"
#include "file/filename.h"
#include "scan/ending.h"
#include "search/search_timelines.h"

/* ---- operands ------------------------------------------------------------------------------- */

/* events SOURCE REGEX: what is no file, and not spelt like one either, was meant to be the REGEX. */
static bool has_no_late_regex(const options *out, const command_line *line)
{
    for (size_t i = 1; i < out->nsources; i++) {
        const char *word = out->sources[i];
        if (!line->path_exists(word) && strchr(word, '/') == NULL
            && filename_parse(word).kind == FILENAME_OTHER)
            return message_fail(line->message,
                                "there is no file \"%.100s\". If it is the REGEX, it comes first: "
                                "pitr-find events REGEX SOURCE...",
                                word);
    }
    return true;
}

/* events [REGEX] SOURCE... */
static bool take_operands(options *out, const command_line *line)
{
    const size_t least = out->from_command != NULL ? 1 : 2;
    if (out->nsources < least)
        return true;
    if (line->path_exists(out->sources[0]))
        return has_no_late_regex(out, line);
    out->regex = out->sources[0];
    out->sources++;
    out->nsources--;
    return true;
}

/* ---- the list ------------------------------------------------------------------------------- */

static exit_code output_trouble(void)
{
    log_error("cannot write the result: %s", strerror(errno));
    return EXIT_TROUBLE;
}

static bool restart_list(void *context, const archive *from)
{
    return event_list_restart(context, from);
}

static bool add_to_list(void *context, const event_view *view)
{
    return event_list_add(context, view);
}

static exit_code print_events(const timeline_search *h, event_list *list)
{
    text_list warnings = { 0 };
    text end = { 0 };
    if (ending_words(&h->found->scan, h->found->latest_time, true, &end))
        log_story("pitr-find: %s", text_chars(&end));
    text_free(&end);
    timeline_search_warnings(h, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    if (!event_list_copy(list, stdout))
        return output_trouble();
    return timeline_search_is_in_doubt(h) ? EXIT_DOUBT : EXIT_FOUND;
}

static exit_code answer_events(const options *o, const question *q, const sources *from)
{
    event_list list = { .format = (events_format)o->format,
                        .table = { .width = event_table_terminal_width() },
                        .spool = tmpfile() };
    if (list.spool == NULL) {
        log_error("cannot make a temporary file: %s", strerror(errno));
        return EXIT_TROUBLE;
    }
    const search_sink sink = { .context = &list, .restart = restart_list, .add = add_to_list };
    timeline_search h = { .question = q, .from = from, .sink = &sink };
    char message[MESSAGE_BYTES];
    exit_code code = EXIT_TROUBLE;
    switch (timeline_search_run(&h, message)) {
    case SEARCH_FAILED:
        code = result_trouble(message);
        break;
    case SEARCH_NOTHING:
        code = timeline_search_tell_nothing(&h, message);
        break;
    case SEARCH_DONE:
        code = print_events(&h, &list);
        break;
    }
    timeline_search_free(&h);
    text_free(&list.row);
    fclose(list.spool);
    return code;
}

static exit_code run(const options *o)
{
    const char *advice =
        o->regex != NULL
            ? "is it a part of the REGEX? Quote that: pitr-find events \"DROP TABLE orders\" SOURCE..."
            : "is it the REGEX? Name the archive after it: pitr-find events REGEX SOURCE...";
    return with_sources(o, advice, answer_events);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_use takes[] = {
    { .row = &option_table[OPT_DATABASE] },
    { .row = &option_table[OPT_RELATION] },
    { .row = &option_table[OPT_MIN_ROWS] },
    { .row = &option_table[OPT_INCLUDE_TEMP] },
    { .row = &option_table[OPT_SINCE] },
    { .row = &option_table[OPT_UNTIL] },
    { .row = &option_table[OPT_FROM_LSN] },
    { .row = &option_table[OPT_TO_LSN] },
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &option_table[OPT_FORMAT], .words = "table csv json",
      .help = "table (the default), csv, or json (an object a line)" },
    { .row = &option_table[OPT_BACKUP],
      .help = "a base backup (directory, base.tar, an archiver's): its\ncatalogs give names" },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_TO_READ
    { .row = &option_table[OPT_DSN] },
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};
// clang-format on

// clang-format off
const command events_command = {
    .name = "events",
    .usage = "events [OPTION]... [REGEX] SOURCE...",
    .summary = "list what committed transactions did, one row per event",
    .help = "Lists what committed transactions did to tables and other objects, in WAL order. With a REGEX,\n"
            "only what matches. Of two or more operands the first is the REGEX, unless it names a file.",
    .exits = "Exit status: 0 listed, 1 nothing matched, 2 wrong usage or unreadable input, 3 in doubt, listed\n"
             "or not: a gap, damage, a missing name or an unknown kind of record in the range searched.\n",
    .takes = takes,
    .take_operands = take_operands,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
