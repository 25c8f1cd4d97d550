/*
 * test_options.c - the table of options, and command lines read by it.
 */
#include <stdio.h>

#include "cli/options.h"

#include "cases.h"

/* ---- the table ---------------------------------------------------------------------------- */

static void rows_are_complete(void **state)
{
    (void)state;
    for (int id = 0; id < OPTIONS; id++) {
        const option_row *row = &option_table[id];
        assert_non_null(row->name);
        assert_non_null(row->help);
        assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] != '\n');
        assert_int_not_equal(row->commands, 0);
        assert_true(row->group < GROUPS && row->type < OPTION_TYPES);
        assert_true(row->at > 0 && row->at < sizeof(options));
        assert_int_equal(row->arg == NULL, row->type == OPTION_FLAG);
        assert_int_equal(row->words != NULL, row->type == OPTION_WORD);
        assert_int_equal(row->max != 0, row->type == OPTION_NUMBER);
        for (const char *line = row->help; *line != '\0';
             line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
            assert_true(strcspn(line, "\n") <= 72);
    }
    for (int id = 0; id < COMMANDS; id++) {
        assert_non_null(command_table[id].name);
        assert_non_null(command_table[id].usage);
        assert_non_null(command_table[id].summary);
        assert_non_null(command_table[id].help);
        assert_int_equal(strncmp(command_table[id].exits, "Exit status: 0 ", 15), 0);
    }
}

static void names_letters_and_fields_are_unique(void **state)
{
    (void)state;
    for (int a = 0; a < OPTIONS; a++) {
        for (int b = a + 1; b < OPTIONS; b++) {
            const option_row *x = &option_table[a], *y = &option_table[b];
            if ((x->commands & y->commands) == 0)
                continue;
            assert_string_not_equal(x->name, y->name);
            assert_true(x->letter == '\0' || x->letter != y->letter);
            assert_int_not_equal(x->at, y->at);
        }
    }
}

static void help_names_every_option_of_a_command(void **state)
{
    (void)state;
    for (int command = 0; command < COMMANDS; command++) {
        text help = { 0 };
        options_help((command_id)command, &help);
        for (int id = 0; id < OPTIONS; id++) {
            char name[64];
            snprintf(name, sizeof name, "--%s%c", option_table[id].name,
                     option_table[id].arg != NULL ? ' ' : '\n');
            if (option_table[id].arg == NULL)
                name[strlen(name) - 1] = ' ';
            const bool takes = (option_table[id].commands & 1U << command) != 0;
            if (takes)
                assert_non_null(strstr(text_chars(&help), name));
        }
        assert_non_null(strstr(text_chars(&help), command_table[command].help));
        const char *exits = command_table[command].exits;
        assert_true(help.len > strlen(exits));
        assert_string_equal(text_chars(&help) + help.len - strlen(exits), exits);
        for (const char *line = text_chars(&help); *line != '\0'; line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= 100);
        text_free(&help);
    }
}

static void words_read_back(void **state)
{
    (void)state;
    char buf[32];
    assert_string_equal(options_word(OPT_ACTION, 0, buf), "pause");
    assert_string_equal(options_word(OPT_ACTION, 2, buf), "shutdown");
    assert_string_equal(options_word(OPT_FORMAT, FORMAT_SHELL, buf), "shell");
    assert_string_equal(options_word(OPT_EVENTS_FORMAT, EVENTS_CSV, buf), "csv");
    assert_string_equal(options_word(OPT_TARGET, TARGET_TIME, buf), "time");
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
    return options_parse(argc, argv, exists, out, message);
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
    { "an unknown command", { "dump", "wal" }, "unknown command \"dump\"" },
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
      "--pick is no option of `events`" },
    { "a command behind a source",
      { "wal", "events" },
      "the command comes first: pitr-find events" },
    { "the pattern behind the source",
      { "events", "wal", "drop" },
      "there is no file \"drop\". If it is the REGEX, it comes first" },
    { "a second source that is not there", { "events", "wal", "/no/such/folder" }, NULL },
    { "a segment that is not there", { "events", "wal", "000000010000000000000009" }, NULL },
    { "an unknown command, and no source", { "stats" }, "unknown command \"stats\"" },
    { "another command's option",
      { "events", "--pick", "last", "wal" },
      "--pick is no option of `events`" },
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
    assert_int_equal(o.command, COMMAND_TARGET);
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
    assert_int_equal(o.command, COMMAND_SUMMARY);
    assert_true(parse((const char *const[ARGS_MAX]){ "summary", "wal" }, &o, message));
    assert_int_equal(o.command, COMMAND_SUMMARY);
    assert_true(
        parse((const char *const[ARGS_MAX]){ "--before", "x", "wal", "more" }, &o, message));
    assert_int_equal(o.command, COMMAND_TARGET);
    assert_false(parse((const char *const[ARGS_MAX]){ "--format", "json", "wal" }, &o, message));
}

static void commands_stand_behind_options(void **state)
{
    (void)state;
    options o;
    char message[512];
    assert_true(parse((const char *const[ARGS_MAX]){ "-q", "--jobs", "3", "verify", "wal", "more" },
                      &o, message));
    assert_int_equal(o.command, COMMAND_VERIFY);
    assert_int_equal(o.nsources, 2);
    assert_string_equal(o.sources[0], "wal");
    /* A value is none. */
    assert_true(parse((const char *const[ARGS_MAX]){ "--before", "verify", "wal" }, &o, message));
    assert_int_equal(o.command, COMMAND_TARGET);
    assert_string_equal(o.before, "verify");
    /* Nor is what follows --. */
    assert_true(
        parse((const char *const[ARGS_MAX]){ "--before", "x", "--", "verify" }, &o, message));
    assert_int_equal(o.command, COMMAND_TARGET);
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
    assert_int_equal(o.command, COMMAND_EVENTS);
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
    assert_int_equal(o.command, COMMAND_SIMULATE);
    assert_int_equal(o.nsettings, row->nsettings);
    assert_int_equal(o.nsources, row->nsources);
    assert_int_equal(o.settings_has_file, row->has_file);
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
    assert_int_equal(o.command, COMMAND_FETCH);
    assert_string_equal(o.fetch_name, "00000002.history");
    assert_string_equal(o.fetch_path, "pg_wal/X");
    assert_int_equal(o.nsources, 2);
    static const char *const no_path[ARGS_MAX] = { "fetch", "00000002.history", NULL };
    assert_false(parse(no_path, &o, message));
    assert_int_equal(o.command, COMMAND_FETCH);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_complete),
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
