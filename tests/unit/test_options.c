/*
 * test_options.c - the table of options, and command lines read by it.
 */
#include <stdio.h>

#include "command/commands.h"
#include "command/events/event_list.h"
#include "command/events/events_command.h"
#include "command/fetch/fetch.h"
#include "command/simulate/simulate.h"
#include "command/summary/summary.h"
#include "target/render.h"
#include "command/target/target_command.h"
#include "command/verify/verify.h"

#include "cases.h"

/* ---- the table ---------------------------------------------------------------------------- */

/* Lines of at most so many bytes. */
static void assert_narrow(const char *lines, size_t most)
{
    for (const char *line = lines; *line != '\0';
         line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
        assert_true(strcspn(line, "\n") <= most);
}

static void rows_are_complete(void **state)
{
    (void)state;
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_table[id];
        assert_non_null(row->name);
        assert_true(row->group < GROUPS && row->type < OPTION_TYPES);
        assert_true(row->at > 0 && row->at < sizeof(options));
        assert_int_equal(row->arg == NULL, row->type == OPTION_FLAG);
        assert_true(row->words == NULL || row->type == OPTION_WORD);
        assert_int_equal(row->max != 0, row->type == OPTION_NUMBER);
    }
}

/* A help may not lie: it names every word, and calls the first one the default. */
static void assert_words_in_help(const option_use *use)
{
    const char *help = option_help(use);
    char word[32], fallback[64], named[64];
    size_t n = 0;
    for (const char *c = option_words(use); *c != '\0'; c++)
        n += *c == ' ';
    for (unsigned i = 0; i <= n; i++)
        assert_non_null(strstr(help, options_word(option_words(use), i, word)));
    options_word(option_words(use), 0, word);
    snprintf(fallback, sizeof fallback, "%s (the default)", word);
    snprintf(named, sizeof named, "(default %s", word);
    const char *first = strstr(help, word), *said = strstr(help, "the default)");
    assert_true(
        strstr(help, fallback) != NULL || strstr(help, named) != NULL
        || (first == help && said != NULL && memchr(first, ')', (size_t)(said - first)) == NULL));
}

static void entries_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < commands.count; i++) {
        const command *one = commands.items[i];
        assert_non_null(one->name);
        assert_non_null(one->usage);
        assert_non_null(one->summary);
        assert_non_null(one->help);
        assert_non_null(one->run);
        assert_true(one->trouble > EXIT_NOTHING);
        assert_int_equal(strncmp(one->exits, "Exit status: 0 ", 15), 0);
        for (const option_use *use = one->takes; use->row != NULL; use++) {
            const char *help = option_help(use);
            assert_true(strlen(help) > 10 && help[strlen(help) - 1] != '\n');
            assert_narrow(help, 72);
            assert_int_equal(option_words(use) != NULL, use->row->type == OPTION_WORD);
            if (option_words(use) != NULL)
                assert_words_in_help(use);
        }
    }
}

static void names_letters_and_fields_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < commands.count; i++) {
        for (const option_use *a = commands.items[i]->takes; a->row != NULL; a++) {
            for (const option_use *b = a + 1; b->row != NULL; b++) {
                assert_string_not_equal(a->row->name, b->row->name);
                assert_true(a->row->letter == '\0' || a->row->letter != b->row->letter);
                assert_true(a->row->at != b->row->at || a->row->is_own != b->row->is_own);
            }
        }
    }
}

static void help_names_every_option_of_a_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < commands.count; i++) {
        const command *one = commands.items[i];
        text help = { 0 };
        command_help(&commands, one, &help);
        for (const option_use *use = one->takes; use->row != NULL; use++) {
            char name[64];
            snprintf(name, sizeof name, "--%s ", use->row->name);
            assert_non_null(strstr(text_chars(&help), name));
        }
        assert_non_null(strstr(text_chars(&help), one->help));
        assert_true(help.len > strlen(one->exits));
        assert_string_equal(text_chars(&help) + help.len - strlen(one->exits), one->exits);
        assert_narrow(text_chars(&help), 100);
        text_free(&help);
    }
}

static void words_read_back(void **state)
{
    (void)state;
    char buf[32];
    const char *actions = option_table[OPT_ACTION].words;
    assert_string_equal(options_word(actions, 0, buf), "pause");
    assert_string_equal(options_word(actions, 2, buf), "shutdown");
    assert_string_equal(options_word(TARGET_FORMAT_WORDS, FORMAT_SHELL, buf), "shell");
    assert_string_equal(options_word(TARGET_FORMAT_WORDS, FORMAT_PROBACKUP, buf), "pg_probackup");
    assert_string_equal(options_word(option_table[OPT_TARGET].words, TARGET_TIME, buf), "time");
}

static const char *format_words(const command *one)
{
    return option_words(command_option(one, &option_table[OPT_FORMAT]));
}

static void formats_are_in_the_order_of_their_words(void **state)
{
    (void)state;
    char buf[32];
    assert_string_equal(options_word(format_words(&target_command), FORMAT_JSON, buf), "json");
    assert_string_equal(options_word(format_words(&events_command), EVENTS_CSV, buf), "csv");
    assert_string_equal(options_word(format_words(&simulate_command), SIMULATE_JSON, buf), "json");
    assert_string_equal(options_word(format_words(&verify_command), VERIFY_JSON, buf), "json");
    assert_string_equal(options_word(format_words(&verify_command), VERIFY_CSV, buf), "csv");
}

/* ---- command lines ------------------------------------------------------------------------ */

#define ARGS_MAX 12

typedef struct line_case {
    const char *name;
    const char *args[ARGS_MAX];
    const char *says; /* part of the message; NULL: the line is fine */
} line_case;

/* Files there are. */
static bool exists(const char *path)
{
    return strcmp(path, "wal") == 0 || strcmp(path, "more") == 0;
}

static bool parse(const char *const args[ARGS_MAX], options *out, char message[512])
{
    static char *argv[ARGS_MAX + 2];
    int argc = 0;
    static char program[] = "pitr-find";
    argv[argc++] = program;
    for (; argc <= ARGS_MAX && args[argc - 1] != NULL; argc++)
        memcpy(&argv[argc], &args[argc - 1], sizeof argv[argc]);
    argv[argc] = NULL;
    message[0] = '\0';
    return command_parse(&commands, argc, argv, exists, out, message);
}

static const line_case lines[] = {
    { "the shortest", { "--before", "DROP", "wal" }, NULL },
    { "a command", { "target", "--before=DROP", "wal" }, NULL },
    { "options behind operands", { "wal", "--before", "DROP", "-q" }, NULL },
    { "several sources", { "--before", "DROP", "wal", "more", "gone" }, NULL },
    { "a value that looks like an option", { "--before", "--after", "wal" }, NULL },
    { "everything behind -- is an operand", { "--before", "x", "--", "-q", "--help" }, NULL },
    { "help needs nothing else", { "--help" }, NULL },
    { "version of a command", { "events", "-V" }, NULL },
    { "events of a source", { "events", "wal" }, NULL },
    { "latest timeline", { "--before", "x", "--timeline", "latest", "wal" }, NULL },
    { "letters together", { "--before", "x", "-qj4", "wal" }, NULL },

    { "nothing", { NULL }, "no SOURCE" },
    { "no source", { "--before", "DROP" }, "no SOURCE" },
    { "nothing to look for", { "--database", "shop", "wal" }, "--before REGEX" },
    { "nothing but what there is", { "-q", "wal", "--timeline", "1" }, NULL },
    { "two things to look for",
      { "--before", "a", "--after-xid", "7", "wal" },
      "--before and --after-xid" },
    { "an unknown option", { "--befor", "a", "wal" }, "do you mean --before?" },
    { "an option nobody has", { "--invisible", "wal" }, "unknown option --invisible" },
    { "an option of a later day", { "--watch=/x", "wal" }, "unknown option --watch:" },
    { "a long option with one dash",
      { "-before", "a", "wal" },
      "unknown option -before: do you mean --before?" },
    { "the archive for a pattern",
      { "--before", "wal" },
      "\"wal\" is taken as the REGEX of --before" },
    { "help as a command", { "help" }, NULL },
    { "help for a command", { "help", "events" }, NULL },
    { "an unknown letter", { "-x", "wal" }, "unknown option -x" },
    { "an unknown command", { "undo-all", "wal" }, "unknown command \"undo-all\"" },
    { "a misspelt option", { "--bfeore", "a", "wal" }, "do you mean --before?" },
    { "a word left out", { "--point", "a", "wal" }, "unknown option --point: see" },
    { "a misspelt option of a command",
      { "verify", "--fromat=csv", "wal" },
      "do you mean --format?" },
    { "a misspelt command",
      { "evnets", "wal" },
      "unknown command \"evnets\" (and no such file): do you mean events?" },
    { "a misspelt command behind an option", { "-q", "verfy", "wal" }, "do you mean verify?" },
    { "a missing source is no command", { "--before", "x", "shop" }, NULL },
    { "a command behind an option", { "-q", "events", "wal" }, NULL },
    { "a command behind its option", { "--format", "csv", "verify", "wal" }, NULL },
    { "a command behind a value like a command",
      { "--database", "verify", "events", "wal" },
      NULL },
    { "a command behind letters", { "-qj4", "-j", "2", "verify", "wal" }, NULL },
    { "a command behind another's option",
      { "--pick", "last", "events", "wal" },
      "--pick is not an option of `events`" },
    { "a command behind a source",
      { "wal", "events" },
      "the command comes first: pitr-find events" },
    { "the pattern behind the source",
      { "events", "wal", "drop" },
      "there is no file \"drop\". If it is the REGEX, it comes first" },
    { "a second source that is not there", { "events", "wal", "/no/such/folder" }, NULL },
    { "a segment that is not there", { "events", "wal", "000000010000000000000009" }, NULL },
    { "an unknown command, and no source", { "rewind" }, "unknown command \"rewind\"" },
    { "another command's option",
      { "events", "--pick", "last", "wal" },
      "--pick is not an option of `events`" },
    { "another command's letter",
      { "fetch", "-j4", "000000010000000000000001", "pg_wal/X", "wal" },
      "--jobs is not an option of `fetch`" },
    { "a missing value", { "wal", "--before" }, "--before needs a value: REGEX" },
    { "a missing value behind a letter", { "--before", "x", "wal", "-j" }, "--jobs needs a value" },
    { "an empty value", { "--before", "", "wal" }, "--before needs a value that is not empty" },
    { "an empty value behind =", { "--before=", "wal" }, "not empty" },
    { "a flag with a value", { "--quiet=yes", "wal" }, "--quiet takes no value" },
    { "a wrong word", { "--before", "x", "--target", "name", "wal" }, "one of: lsn xid time" },
    { "a part of a word", { "--before", "x", "--format", "js", "wal" }, "one of: conf json shell" },
    { "two words", { "--before", "x", "--format", "conf json", "wal" }, "one of: conf json shell" },
    { "another command's word", { "events", "--format", "conf", "wal" }, "one of: table csv json" },
    { "no threads", { "--before", "x", "-j0", "wal" }, "number from 1 to 1024" },
    { "too many threads", { "--before", "x", "-j1025", "wal" }, "number from 1 to 1024" },
    { "a negative xid", { "--before-xid", "-5", "wal" }, "whole number above 0" },
    { "a hexadecimal xid", { "--before-xid", "0x10", "wal" }, "whole number above 0" },
    { "an LSN for an xid", { "--before-xid", "0/161B5B8", "wal" }, "whole number above 0" },
    { "an xid beyond 64 bits",
      { "--before-xid", "18446744073709551616", "wal" },
      "whole number above 0" },
    { "a wrong LSN", { "--before-lsn", "161B5B8", "wal" }, "WAL position" },
    { "the LSN that is none", { "--before-lsn", "0/0", "wal" }, "WAL position" },
    { "a wrong time",
      { "--before-time", "yesterday", "wal" },
      "--before-time: \"yesterday\" is not a time" },
    { "a wrong pick",
      { "--before", "x", "--pick", "all", "wal" },
      "last, first, unique or a number" },
    { "pick number 0",
      { "--before", "x", "--pick", "0", "wal" },
      "last, first, unique or a number" },
    { "a wrong timeline", { "--before", "x", "--timeline", "4294967296", "wal" }, "timeline" },
    { "a restore point, the second of its name",
      { "--restore-point", "x", "--pick", "2", "wal" },
      NULL },
    { "a restore point and an event",
      { "--restore-point", "x", "--before", "y", "wal" },
      "--before and --restore-point" },
    { "narrowing a restore point",
      { "--restore-point", "x", "--min-rows", "7", "wal" },
      "--min-rows goes with --before" },
    { "before the lock", { "--before", "x", "--inspectable", "wal" }, NULL },
    { "before the lock, by lsn",
      { "--before-xid", "7", "--inspectable", "--target", "lsn", "wal" },
      NULL },
    { "before the lock, by time",
      { "--before", "x", "--inspectable", "--target", "time", "wal" },
      "only --target lsn can" },
    { "before the lock of what is to be kept",
      { "--after", "x", "--inspectable", "wal" },
      "--inspectable goes with --before" },
    { "narrowing a position",
      { "--before-xid", "7", "--database", "shop", "wal" },
      "--database goes with --before" },
    { "a range the wrong way round",
      { "--before", "x", "--since", "2026-01-02T00:00Z", "--until", "2026-01-01T00:00Z", "wal" },
      "--since is later" },
    { "positions the wrong way round",
      { "events", "--from-lsn", "0/2", "--to-lsn", "0/1", "wal" },
      "--from-lsn is after" },
};

static void reads_lines(void **state)
{
    const line_case *row = *state;
    options o;
    char message[512];
    const bool ok = parse(row->args, &o, message);
    if (row->says == NULL && !ok)
        fail_msg("refused: %s", message);
    if (row->says == NULL)
        return;
    assert_false(ok);
    if (strstr(message, row->says) == NULL)
        fail_msg("says: %s", message);
    assert_null(strchr(message, '\n'));
}

static void fills_every_field(void **state)
{
    (void)state;
    options o;
    char message[512];
    assert_true(parse((const char *const[ARGS_MAX]){ "--before", "DROP TABLE", "--pick=3",
                                                     "--database=shop", "--min-rows", "10",
                                                     "--include-temp", "--from-lsn=16/B374D848",
                                                     "--timeline=2", "wal", "more" },
                      &o, message));
    assert_ptr_equal(o.command, &target_command);
    assert_true(o.given[OPT_BEFORE] && !o.given[OPT_AFTER] && o.given[OPT_FROM_LSN]);
    assert_string_equal(o.before, "DROP TABLE");
    assert_int_equal(o.pick.rule, PICK_NUMBER);
    assert_int_equal(o.pick.number, 3);
    assert_string_equal(o.database, "shop");
    assert_int_equal(o.min_rows, 10);
    assert_true(o.include_temp && !o.quiet);
    assert_int_equal(o.from_lsn, UINT64_C(0x16B374D848));
    assert_int_equal(o.timeline, 2);
    assert_int_equal(o.nsources, 2);
    assert_string_equal(o.sources[0], "wal");
    assert_string_equal(o.sources[1], "more");

    assert_true(parse((const char *const[ARGS_MAX]){ "--after-xid=4294967296123", "--target=time",
                                                     "--format=json", "--action=promote",
                                                     "--restore-command=false", "-j", "3", "-q",
                                                     "wal", "--since=2026-11-22T10:48:05Z" },
                      &o, message));
    assert_int_equal(o.after_xid, UINT64_C(4294967296123));
    assert_int_equal(o.target, TARGET_TIME);
    assert_int_equal(o.format, FORMAT_JSON);
    assert_int_equal(o.action, 1);
    assert_string_equal(o.restore_command, "false");
    assert_int_equal(o.jobs, 3);
    assert_true(o.quiet && !o.since.is_local);
}

static void the_last_of_several_values_counts(void **state)
{
    (void)state;
    options o;
    char message[512];
    assert_true(parse((const char *const[ARGS_MAX]){ "--before", "a", "--before=b", "--pick=2",
                                                     "--pick=first", "wal" },
                      &o, message));
    assert_string_equal(o.before, "b");
    assert_int_equal(o.pick.rule, PICK_FIRST);
}

static void a_source_alone_is_told_about(void **state)
{
    (void)state;
    options o;
    char message[512];
    assert_true(parse((const char *const[ARGS_MAX]){ "-j2", "wal", "more" }, &o, message));
    assert_ptr_equal(o.command, &summary_command);
    assert_true(parse((const char *const[ARGS_MAX]){ "summary", "wal" }, &o, message));
    assert_ptr_equal(o.command, &summary_command);
    assert_true(
        parse((const char *const[ARGS_MAX]){ "--before", "x", "wal", "more" }, &o, message));
    assert_ptr_equal(o.command, &target_command);
    assert_false(parse((const char *const[ARGS_MAX]){ "--format", "json", "wal" }, &o, message));
}

static void commands_stand_behind_options(void **state)
{
    (void)state;
    options o;
    char message[512];
    assert_true(parse((const char *const[ARGS_MAX]){ "-q", "--jobs", "3", "verify", "wal", "more" },
                      &o, message));
    assert_ptr_equal(o.command, &verify_command);
    assert_int_equal(o.nsources, 2);
    assert_string_equal(o.sources[0], "wal");
    /* A value is none. */
    assert_true(parse((const char *const[ARGS_MAX]){ "--before", "verify", "wal" }, &o, message));
    assert_ptr_equal(o.command, &target_command);
    assert_string_equal(o.before, "verify");
    /* Nor is what follows --. */
    assert_true(
        parse((const char *const[ARGS_MAX]){ "--before", "x", "--", "verify" }, &o, message));
    assert_ptr_equal(o.command, &target_command);
}

typedef struct events_case {
    const char *name;
    const char *args[ARGS_MAX];
    const char *regex;
    size_t nsources;
} events_case;

static const events_case events[] = {
    { "one operand is the source", { "events", "DROP" }, NULL, 1 },
    { "of two the first is the pattern", { "events", "DROP", "wal" }, "DROP", 1 },
    { "unless it is a file", { "events", "wal", "more" }, NULL, 2 },
    { "three", { "events", "DROP", "wal", "more" }, "DROP", 2 },
    { "options between", { "events", "-q", "DROP", "--format=csv", "wal" }, "DROP", 1 },
};

static void splits_operands_of_events(void **state)
{
    const events_case *row = *state;
    options o;
    char message[512];
    assert_true(parse(row->args, &o, message));
    assert_ptr_equal(o.command, &events_command);
    assert_int_equal(o.nsources, row->nsources);
    if (row->regex == NULL)
        assert_null(o.regex);
    else
        assert_string_equal(o.regex, row->regex);
}

typedef struct simulate_case {
    const char *name;
    const char *args[ARGS_MAX];
    size_t nsettings, nsources; /* 0 and 0: refused */
    bool has_file;
} simulate_case;

static const simulate_case simulations[] = {
    { "a file", { "simulate", "recovery.conf", "wal" }, 1, 1, true },
    { "standard input", { "simulate", "-", "wal", "more" }, 1, 2, true },
    { "a word", { "simulate", "recovery_target_xid=1", "wal" }, 1, 1, false },
    { "words", { "simulate", "a=1", "-q", "b = 2", "wal", "more" }, 2, 2, false },
    { "a file and words", { "simulate", "x.conf", "a=1", "wal" }, 2, 1, true },
    { "a path with = is no word", { "simulate", "a=1", "./b=2" }, 1, 1, false },
    { "settings alone", { "simulate", "a=1" }, 0, 0, false },
    { "nothing", { "simulate" }, 0, 0, false },
};

static void splits_operands_of_simulate(void **state)
{
    const simulate_case *row = *state;
    options o;
    char message[512];
    assert_int_equal(parse(row->args, &o, message), row->nsources > 0);
    if (row->nsources == 0)
        return;
    assert_ptr_equal(o.command, &simulate_command);
    const simulate_operands *own = (const void *)o.own;
    assert_int_equal(own->nsettings, row->nsettings);
    assert_int_equal(o.nsources, row->nsources);
    assert_int_equal(own->has_file, row->has_file);
}

static void splits_operands_of_fetch(void **state)
{
    (void)state;
    options o;
    char message[512];
    static const char *const good[ARGS_MAX] = {
        "fetch", "00000002.history", "-q", "pg_wal/X", "a", "b", NULL
    };
    assert_true(parse(good, &o, message));
    assert_ptr_equal(o.command, &fetch_command);
    const fetch_operands *own = (const void *)o.own;
    assert_string_equal(own->name, "00000002.history");
    assert_string_equal(own->path, "pg_wal/X");
    assert_int_equal(o.nsources, 2);
    static const char *const no_path[ARGS_MAX] = { "fetch", "00000002.history", NULL };
    assert_false(parse(no_path, &o, message));
    assert_ptr_equal(o.command, &fetch_command);
    static const char *const no_source[ARGS_MAX] = { "fetch", "00000002.history", "pg_wal/X",
                                                     NULL };
    assert_false(parse(no_source, &o, message));
    assert_non_null(strstr(message, "no SOURCE"));
}

static void a_command_stands_for_sources(void **state)
{
    (void)state;
    options o;
    char message[512];
    static const char *const alone[ARGS_MAX] = { "events",   "--from-command",
                                                 "cp %f %p", "--from-lsn",
                                                 "0/1",      NULL };
    assert_true(parse(alone, &o, message));
    assert_int_equal(o.nsources, 0);
    static const char *const matching[ARGS_MAX] = { "events", "--from-command=cp %f %p",
                                                    "--from-lsn=0/1", "drop", NULL };
    assert_true(parse(matching, &o, message));
    assert_string_equal(o.regex, "drop");
    assert_int_equal(o.nsources, 0);
    static const char *const nowhere[ARGS_MAX] = { "events", "--from-command", "cp %f %p", NULL };
    assert_false(parse(nowhere, &o, message));
    static const char *const no_path[ARGS_MAX] = { "events", "--from-command",
                                                   "cp %f",  "--from-lsn",
                                                   "0/1",    NULL };
    assert_false(parse(no_path, &o, message));
    assert_non_null(strstr(message, "%p"));
}

/* A command that brings an option of its own: nothing else has to know of it. */
typedef struct weigh_options {
    const char *scale;
    uint64_t most;
    bool is_dry;
    option_rest call;
} weigh_options;

static const option_row weigh_rows[] = {
    { .name = "scale",
      .arg = "WORD",
      .type = OPTION_STRING,
      .is_own = true,
      .at = offsetof(weigh_options, scale),
      .help = "which scale" },
    { .name = "most",
      .letter = 'm',
      .arg = "N",
      .type = OPTION_NUMBER,
      .is_own = true,
      .at = offsetof(weigh_options, most),
      .max = 9,
      .help = "no more" },
    { .name = "dry",
      .letter = 'd',
      .type = OPTION_FLAG,
      .is_own = true,
      .at = offsetof(weigh_options, is_dry),
      .help = "no water" },
    { .name = "call",
      .arg = "CMD [ARG]...",
      .type = OPTION_REST,
      .is_own = true,
      .at = offsetof(weigh_options, call),
      .help = "who is told" },
};
static const option_use weigh_takes[] = {
    { .row = &weigh_rows[0] }, { .row = &weigh_rows[1] },           { .row = &weigh_rows[2] },
    { .row = &weigh_rows[3] }, { .row = &option_table[OPT_QUIET] }, { .row = NULL },
};
static const command weigh_command = { .name = "weigh",
                                       .usage = "weigh SOURCE",
                                       .summary = "weighs",
                                       .help = "Weighs.",
                                       .exits = "",
                                       .takes = weigh_takes };

static bool parse_with_weigh(const char *const *args, options *out, char message[512])
{
    static const command *const both[] = { &target_command, &weigh_command };
    static const command_list list = { both, 2, &summary_command };
    static char *argv[ARGS_MAX];
    int argc = 0;
    for (; args[argc] != NULL; argc++)
        memcpy(&argv[argc], &args[argc], sizeof argv[argc]);
    argv[argc] = NULL;
    return command_parse(&list, argc, argv, exists, out, message);
}

static void a_command_has_options_of_its_own(void **state)
{
    (void)state;
    options o;
    char message[512];
    static const char *const good[] = { "x", "-dqm3", "weigh", "--scale=old", "wal", NULL };
    assert_true(parse_with_weigh(good, &o, message));
    const weigh_options *own = (const void *)o.own;
    assert_ptr_equal(o.command, &weigh_command);
    assert_string_equal(own->scale, "old");
    assert_int_equal(own->most, 3);
    assert_true(own->is_dry && o.quiet && o.given[OPT_QUIET]);
    static const char *const other[] = { "x", "--before", "y", "-d", "wal", NULL };
    assert_false(parse_with_weigh(other, &o, message));
    assert_non_null(strstr(message, "--dry is not an option of `target`"));
    /* The first command, where it has an option of its own, is meant by that. */
    static const command *const first[] = { &weigh_command };
    static const command_list list = { first, 1, &summary_command };
    static char word[] = "x", dry[] = "-d", wal[] = "wal";
    char *argv[] = { word, dry, wal, NULL };
    assert_true(command_parse(&list, 3, argv, exists, &o, message));
    assert_ptr_equal(o.command, &weigh_command);
    char *alone[] = { word, wal, NULL };
    assert_true(command_parse(&list, 2, alone, exists, &o, message));
    assert_ptr_equal(o.command, &summary_command);
    static const char *const much[] = { "x", "weigh", "--most", "10", "wal", NULL };
    assert_false(parse_with_weigh(much, &o, message));
    assert_non_null(strstr(message, "from 1 to 9"));
}

/* Options, "--" and more SOURCEs are then words like any other. */
static void an_option_takes_the_rest_of_the_line(void **state)
{
    (void)state;
    options o;
    char message[512];
    static const char *const good[] = { "x",     "weigh", "wal", "--call", "say",
                                        "--dry", "-m9",   "--",  "wal",    NULL };
    assert_true(parse_with_weigh(good, &o, message));
    const weigh_options *own = (const void *)o.own;
    assert_int_equal(own->call.count, 5);
    for (size_t i = 0; i <= own->call.count; i++)
        assert_ptr_equal(own->call.items[i], good[4 + i]);
    assert_true(!own->is_dry && own->most == 0);
    assert_int_equal(o.nsources, 1);
    static const char *const nothing[] = { "x", "weigh", "wal", "--call", NULL };
    assert_false(parse_with_weigh(nothing, &o, message));
    assert_non_null(strstr(message, "--call needs a value: CMD [ARG]..."));
    static const char *const joined[] = { "x", "weigh", "wal", "--call=say", "hi", NULL };
    assert_false(parse_with_weigh(joined, &o, message));
    assert_non_null(strstr(message, "--call takes the rest of the line: --call CMD [ARG]..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_takes_the_rest_of_the_line),
        cmocka_unit_test(rows_are_complete),
        cmocka_unit_test(entries_are_complete),
        cmocka_unit_test(formats_are_in_the_order_of_their_words),
        cmocka_unit_test(a_command_has_options_of_its_own),
        cmocka_unit_test(names_letters_and_fields_are_unique),
        cmocka_unit_test(help_names_every_option_of_a_command),
        cmocka_unit_test(words_read_back),
        cmocka_unit_test(fills_every_field),
        cmocka_unit_test(the_last_of_several_values_counts),
        cmocka_unit_test(a_source_alone_is_told_about),
        cmocka_unit_test(commands_stand_behind_options),
        cmocka_unit_test(splits_operands_of_fetch),
        cmocka_unit_test(a_command_stands_for_sources),
    };
    int failed = RUN_CASES("command lines", lines, reads_lines);
    failed += RUN_CASES("operands of events", events, splits_operands_of_events);
    failed += RUN_CASES("operands of simulate", simulations, splits_operands_of_simulate);
    failed += cmocka_run_group_tests_name("options", tests, NULL, NULL);
    return failed;
}
