/*
 * test_archive_command.c - which archive_command does not do what it should.
 */
#include "command/check/archive_command.h"

#include "cases.h"

typedef struct command_case {
    const char *name, *command;
    archive_command_flaw flaw;
} command_case;

static const command_case cases[] = {
    /* From PostgreSQL's manual (continuous archiving), and of archivers' own manuals. */
    { "the manual's", "test ! -f /mnt/server/archivedir/%f && cp %p /mnt/server/archivedir/%f",
      ARCHIVE_COMMAND_SOUND },
    { "the manual's, packed", "gzip < %p > /mnt/server/archivedir/%f.gz",
      ARCHIVE_COMMAND_OVERWRITES },
    { "a script", "local_backup_script.sh \"%p\" \"%f\"", ARCHIVE_COMMAND_SOUND },
    { "pgBackRest", "pgbackrest --stanza=main archive-push %p", ARCHIVE_COMMAND_SOUND },
    { "Barman", "barman-wal-archive backup pg %p", ARCHIVE_COMMAND_SOUND },
    { "Barman by rsync", "rsync -a %p barman@backup:/var/lib/barman/pg/incoming/%f",
      ARCHIVE_COMMAND_OVERWRITES },
    { "WAL-G", "wal-g wal-push \"%p\" >> /var/log/wal-g.log 2>&1", ARCHIVE_COMMAND_SOUND },
    { "pg_probackup", "pg_probackup archive-push -B /b --instance=i --wal-file-name=%f",
      ARCHIVE_COMMAND_SOUND },
    { "by ssh", "gzip -c %p | ssh backup 'test ! -e /a/%f.gz && cat > /a/%f.gz'",
      ARCHIVE_COMMAND_SOUND },
    { "object storage", "aws s3 cp %p s3://bucket/%f", ARCHIVE_COMMAND_SOUND },

    { "none", NULL, ARCHIVE_COMMAND_EMPTY },
    { "empty", "", ARCHIVE_COMMAND_EMPTY },
    { "blank", "  \t ", ARCHIVE_COMMAND_EMPTY },
    { "true", "true", ARCHIVE_COMMAND_NOTHING },
    { "with its folder", "/bin/true", ARCHIVE_COMMAND_NOTHING },
    { "with arguments", "/usr/bin/true %p %f", ARCHIVE_COMMAND_NOTHING },
    { "cd", "cd .", ARCHIVE_COMMAND_NOTHING },
    { "a colon", " : ", ARCHIVE_COMMAND_NOTHING },
    { "exit", "exit 0", ARCHIVE_COMMAND_NOTHING },
    { "only told of", "echo %p %f >> /var/log/wal", ARCHIVE_COMMAND_NOTHING },
    { "a comment", "# cp %p /a/%f", ARCHIVE_COMMAND_NOTHING },
    { "nothing, twice", "cd /a; true", ARCHIVE_COMMAND_NOTHING },
    { "on Windows", "REM", ARCHIVE_COMMAND_NOTHING },
    { "it fails", "exit 1", ARCHIVE_COMMAND_NO_FILE },
    { "no file named", "rsync -a pg_wal/ backup:/wal/", ARCHIVE_COMMAND_NO_FILE },

    { "or true", "cp %p /a/%f || true", ARCHIVE_COMMAND_HIDES },
    { "or true after a test", "test ! -f /a/%f && cp %p /a/%f || exit 0", ARCHIVE_COMMAND_HIDES },
    { "then exit", "cp %p /a/%f; exit 0", ARCHIVE_COMMAND_HIDES },
    { "then a word", "cp %p /a/%f; echo done", ARCHIVE_COMMAND_HIDES },
    { "into a log", "wal-g wal-push %p 2>&1 | logger -t wal", ARCHIVE_COMMAND_HIDES },
    { "or a line in a log", "test ! -f /a/%f && cp %p /a/%f || logger -t wal failed",
      ARCHIVE_COMMAND_HIDES },
    { "or a mail", "test ! -f /a/%f && cp %p /a/%f || mail -s failed dba", ARCHIVE_COMMAND_HIDES },
    { "in the background", "test ! -f /a/%f && cp %p /a/%f &", ARCHIVE_COMMAND_HIDES },
    { "told to two", "test ! -f /a/%f && cp %p /a/%f >/dev/null 2>&1", ARCHIVE_COMMAND_SOUND },
    { "told to two, shorter", "test ! -f /a/%f && aws s3 cp %p s3://a/%f &>/dev/null",
      ARCHIVE_COMMAND_SOUND },
    { "a line in a log, and fails", "test ! -f /a/%f && cp %p /a/%f || { logger failed; exit 1; }",
      ARCHIVE_COMMAND_SOUND },
    { "or it fails", "test ! -f /a/%f && cp %p /a/%f || exit 1", ARCHIVE_COMMAND_SOUND },
    { "and a word", "test ! -f /a/%f && cp %p /a/%f && echo done", ARCHIVE_COMMAND_SOUND },
    { "a semicolon in quotes", "sh -c 'test ! -f /a/%f && cp %p /a/%f; exit $?'",
      ARCHIVE_COMMAND_SOUND },

    { "moved", "mv %p /a/%f", ARCHIVE_COMMAND_MOVES },
    { "moved where it was copied to", "cp -n %p /a/tmp && mv /a/tmp /a/%f", ARCHIVE_COMMAND_SOUND },

    { "copied over", "cp %p /a/%f", ARCHIVE_COMMAND_OVERWRITES },
    { "with its folder", "/bin/cp -p %p /a/%f", ARCHIVE_COMMAND_OVERWRITES },
    { "into a folder", "cp %p /a/", ARCHIVE_COMMAND_OVERWRITES },
    { "not over", "cp -n %p /a/%f", ARCHIVE_COMMAND_SOUND },
    { "a test in brackets", "[ ! -e /a/%f ] && cp %p /a/%f", ARCHIVE_COMMAND_SOUND },
    { "rsync that leaves what is there", "rsync -a --ignore-existing %p h:/a/%f",
      ARCHIVE_COMMAND_SOUND },
    { "noclobber", "set -C; gzip < %p > /a/%f.gz", ARCHIVE_COMMAND_SOUND },
    { "added to", "cat %p >> /a/%f", ARCHIVE_COMMAND_SOUND },
    { "a quote that is not closed", "cp '%p /a/%f", ARCHIVE_COMMAND_OVERWRITES },
    { "only separators", ";;&|", ARCHIVE_COMMAND_EMPTY },
};

static void judges(void **state)
{
    const command_case *row = *state;
    assert_int_equal(archive_command_judge(row->command), row->flaw);
}

/* More parts than are looked at, and a separator at the very end. */
static void holds_much(void **state)
{
    char command[4096] = "";
    (void)state;
    for (int i = 0; i < 500; i++)
        memcpy(command + 5 * i, "true;", 6);
    assert_int_equal(archive_command_judge(command), ARCHIVE_COMMAND_NOTHING);
    for (const char *end = "&|;>'\"\\"; *end != '\0'; end++) {
        const char one[] = { 'a', *end, '\0' };
        (void)archive_command_judge(one);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = { cmocka_unit_test(holds_much) };
    int failed = RUN_CASES("archive_command", cases, judges);
    failed += cmocka_run_group_tests_name("archive_command, much of it", others, NULL, NULL);
    return failed;
}
