/*
 * test_fetch_command.c - a restore_command is filled in and run as a server does it.
 */
#include <stdio.h>
#include <unistd.h>

#include "cases.h"
#include "archive/fetch_command.h"
#include "folder.h"

#define NAME "00000001000000000000000C"

typedef struct fill_case {
    const char *name, *form, *want;
} fill_case;

static const fill_case fillings[] = {
    { "name and path", "cp /archive/%f \"%p\"", "cp /archive/" NAME " \"/tmp/x/0\"" },
    { "twice", "%f%f %p%p", NAME NAME " /tmp/x/0/tmp/x/0" },
    { "the last restart point", "tool %r", "tool " NAME },
    { "a percent sign", "date +%%Y%%f", "date +%Y%f" },
    { "other letters stay", "date +%Y %F", "date +%Y %F" },
    { "a percent sign at the end", "echo 100%", "echo 100%" },
    { "nothing", "", NULL },
};

static void fills(void **state)
{
    const fill_case *row = *state;
    char *got = command_fill(row->form, NAME, "/tmp/x/0");
    if (row->want)
        assert_string_equal(got, row->want);
    else
        assert_null(got);
    free(got);
}

typedef struct run_case {
    const char *name, *form;
    command_outcome want;
    const char *says; /* part of the message */
} run_case;

static const run_case runs[] = {
    { "it makes the file", "printf x > %p", COMMAND_DONE, "" },
    { "it makes none", "true", COMMAND_MISSING, "ended well, but left no file" },
    { "it makes a folder", "mkdir %p", COMMAND_BROKEN, "ended well, but left no file" },
    { "it makes a link to nothing", "ln -s no-such-file %p", COMMAND_BROKEN, "left no file" },
    { "status 1", "echo one >&2; echo 'the last' >&2; echo >&2; exit 1", COMMAND_MISSING,
      "the command for " NAME " ended with status 1: the last" },
    { "status 125", "exit 125", COMMAND_MISSING, "ended with status 125" },
    { "status 126", "exit 126", COMMAND_BROKEN, "ended with status 126" },
    { "no such program", "pitr-find-has-no-such-command", COMMAND_BROKEN, "ended with status 127" },
    { "a signal", "kill -9 $$", COMMAND_BROKEN, "ended by signal 9" },
    { "a file is left by one that fails", "printf x > %p; exit 1", COMMAND_MISSING, "status 1" },
    { "more is said than is kept", "head -c 100000 /dev/zero | tr '\\0' x; exit 3", COMMAND_MISSING,
      "ended with status 3: xxxx" },
};

static void judges(void **state)
{
    const run_case *row = *state;
    folder f = folder_new();
    char path[200], message[512] = "";
    (void)snprintf(path, sizeof path, "%s", in_folder(&f, "to"));
    const command_outcome got = command_fetch(row->form, NAME, path, message);
    const bool is_there = access(path, F_OK) == 0;
    if (got != row->want || !strstr(message, row->says))
        fail_msg("%s: outcome %d, \"%s\"", row->name, (int)got, message);
    assert_true(is_there == (got == COMMAND_DONE) || strcmp(row->form, "mkdir %p") == 0);
    assert_int_not_equal(access(in_folder(&f, "to.said"), F_OK), 0);
    folder_remove(&f);
}

static void knows_what_a_shell_takes(void **state)
{
    (void)state;
    assert_true(command_is_plain("/tmp/pitr-find.aB3_x/12"));
    static const char *const others[] = { "/tmp/a b", "/tmp/$x",  "/tmp/`x`",  "/tmp/a;b", "/tmp/'",
                                          "/tmp/\"",  "/tmp/\\x", "/tmp/a\nb", "/tmp/*" };
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(command_is_plain(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(knows_what_a_shell_takes) };
    int failed = RUN_CASES("forms", fillings, fills);
    failed += RUN_CASES("runs", runs, judges);
    failed += cmocka_run_group_tests_name("command", tests, NULL, NULL);
    return failed;
}
