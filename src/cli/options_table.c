/*
 * options_table.c - every command and every option, one row each.
 */
#include "cli/options.h"

#define FIELD(name) offsetof(options, name)

// clang-format off
const command_row command_table[COMMANDS] = {
    [COMMAND_TARGET] = {
        .name = "target",
        .usage = "[target] --before REGEX [OPTION]... SOURCE...",
        .summary = "find the incident and print the recovery target (the default)",
        .help = "Reads archived WAL, finds the event that matches, and prints the settings that make a restore\n"
                "stop right before it. The result goes to stdout, the story to stderr.",
        .exits = "Exit status: 0 found, 1 nothing matched, 2 wrong usage or unreadable input, 3 in doubt, found\n"
                 "or not: a gap, damage, a missing name or an unknown kind of record in the range searched.\n" },
    [COMMAND_EVENTS] = {
        .name = "events",
        .usage = "events [OPTION]... [REGEX] SOURCE...",
        .summary = "list what committed transactions did, one row per event",
        .help = "Lists what committed transactions did to tables and other objects, in WAL order. With a REGEX,\n"
                "only what matches. Of two or more operands the first is the REGEX, unless it names a file.",
        .exits = "Exit status: 0 listed, 1 nothing matched, 2 wrong usage or unreadable input, 3 in doubt, listed\n"
                 "or not: a gap, damage, a missing name or an unknown kind of record in the range searched.\n" },
    [COMMAND_SIMULATE] = {
        .name = "simulate",
        .usage = "simulate [OPTION]... SETTINGS SOURCE...",
        .summary = "tell where a server would really stop for given settings",
        .help = "Says where a server of this WAL's major would really stop recovery, what it would keep and\n"
                "lose there, or which FATAL error it would end in; and what is wrong with the settings.\n"
                "SETTINGS is a file (recovery.conf, postgresql.auto.conf, or - for standard input), or words\n"
                "like recovery_target_xid=898 recovery_target_inclusive=off, or a file and then words.",
        .exits = "Exit status: 0 it stops as it is asked to, 1 it does not, 2 wrong usage or unreadable input,\n"
                 "3 it does, but damage or an unknown kind of record in the WAL leaves doubt.\n" },
    [COMMAND_VERIFY] = {
        .name = "verify",
        .usage = "verify [OPTION]... SOURCE...",
        .summary = "tell whether the archive is whole, and from where to where it can recover",
        .help = "Reads all WAL of every timeline, with all checksums, and tells what is missing, damaged or out of\n"
                "place; and for each base backup from where to where can be recovered with this archive.",
        .exits = "Exit status: 0 the archive is whole, 1 it is not, 2 wrong usage or unreadable input.\n" },
    [COMMAND_FETCH] = {
        .name = "fetch",
        .usage = "fetch [OPTION]... %f %p SOURCE...",
        .summary = "hand a file of the archive to a restoring server (restore_command)",
        .help = "Unpacks a segment, a history file or a .backup file, asked for by name, to a path. As a setting:\n"
                "    restore_command = 'pitr-find fetch \"%f\" \"%p\" /wal_archive'\n"
                "What is damaged, cut short, contradicts its copy or is of another cluster is not handed over. A\n"
                ".partial segment is, when no whole one is there and it is the last of its timeline.",
        .exits = "Exit status: 0 done, 1 there is no such file, 255 anything else is wrong (a server takes what is\n"
                 "below that for the end of the archive, and stops at this).\n" },
    [COMMAND_SUMMARY] = {
        .name = "summary",
        .usage = "[summary] [OPTION]... SOURCE...",
        .summary = "say what is in the archive (the default without --before and its like)",
        .help = "Tells which cluster the WAL is of, from when to when it goes, which databases and base backups\n"
                "there are, the last events that destroyed something (DROP, TRUNCATE, a dropped column, DELETE and\n"
                "UPDATE of 1000 rows or more), and how to go on.",
        .exits = "Exit status: 0 told, 2 wrong usage or unreadable input, 3 told, but a gap or damage leaves doubt.\n" },
};

const option_row option_table[OPTIONS] = {
    [OPT_BEFORE] = { .name = "before", .arg = "REGEX", .type = OPTION_STRING, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(before),
        .help = "stop right before the event whose text matches (PCRE2, any\ncase, anywhere; a space matches any white space)" },
    [OPT_AFTER] = { .name = "after", .arg = "REGEX", .type = OPTION_STRING, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(after),
        .help = "stop right after it" },
    [OPT_BEFORE_XID] = { .name = "before-xid", .arg = "N", .type = OPTION_NUMBER, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(before_xid), .max = UINT64_MAX,
        .help = "stop right before transaction N ends" },
    [OPT_AFTER_XID] = { .name = "after-xid", .arg = "N", .type = OPTION_NUMBER, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(after_xid), .max = UINT64_MAX,
        .help = "stop right after transaction N has ended" },
    [OPT_BEFORE_TIME] = { .name = "before-time", .arg = "TS", .type = OPTION_TIME, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(before_time),
        .help = "stop before the first transaction that ended at TS or later" },
    [OPT_BEFORE_LSN] = { .name = "before-lsn", .arg = "LSN", .type = OPTION_LSN, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(before_lsn),
        .help = "stop before the record at this position" },
    [OPT_RESTORE_POINT] = { .name = "restore-point", .arg = "NAME", .type = OPTION_STRING, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(restore_point),
        .help = "stop at the restore point of that name" },
    [OPT_PICK] = { .name = "pick", .arg = "WHICH", .type = OPTION_PICKING, .commands = ON_TARGET,
        .group = GROUP_WHAT, .at = FIELD(pick),
        .help = "which match when several do: last, first, a number, or\nunique: several are an error (default last)" },
    [OPT_DATABASE] = { .name = "database", .arg = "NAME|OID", .type = OPTION_STRING, .commands = ON_SEARCH,
        .group = GROUP_NARROW, .at = FIELD(database),
        .help = "only events in this database" },
    [OPT_RELATION] = { .name = "relation", .arg = "REGEX", .type = OPTION_STRING, .commands = ON_SEARCH,
        .group = GROUP_NARROW, .at = FIELD(relation),
        .help = "only relations whose schema.name matches" },
    [OPT_MIN_ROWS] = { .name = "min-rows", .arg = "N", .type = OPTION_NUMBER, .commands = ON_SEARCH,
        .group = GROUP_NARROW, .at = FIELD(min_rows), .max = UINT64_MAX,
        .help = "only events that touched at least N rows" },
    [OPT_INCLUDE_TEMP] = { .name = "include-temp", .type = OPTION_FLAG, .commands = ON_SEARCH,
        .group = GROUP_NARROW, .at = FIELD(include_temp),
        .help = "also temporary tables, and tables made and dropped by the\nsame transaction" },
    [OPT_SINCE] = { .name = "since", .arg = "TS", .type = OPTION_TIME, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(since),
        .help = "only transactions that committed at TS or later" },
    [OPT_UNTIL] = { .name = "until", .arg = "TS", .type = OPTION_TIME, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(until),
        .help = "only transactions that committed at TS or earlier" },
    [OPT_FROM_LSN] = { .name = "from-lsn", .arg = "LSN", .type = OPTION_LSN, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(from_lsn),
        .help = "only commit records that start here or later" },
    [OPT_TO_LSN] = { .name = "to-lsn", .arg = "LSN", .type = OPTION_LSN, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(to_lsn),
        .help = "only commit records that start here or earlier" },
    [OPT_TIMELINE] = { .name = "timeline", .arg = "N", .type = OPTION_TIMELINE, .commands = ON_SEARCH | ON_SUMMARY,
        .group = GROUP_WHERE, .at = FIELD(timeline),
        .help = "follow timeline N; or latest (the default)" },
    [OPT_TARGET] = { .name = "target", .arg = "KIND", .type = OPTION_WORD, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(target), .words = "lsn xid time",
        .help = "kind of target: lsn, xid or time (default lsn, and xid where\nthe server is older than 10)" },
    [OPT_FORMAT] = { .name = "format", .arg = "FMT", .type = OPTION_WORD, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(format), .words = "conf json shell pgbackrest barman wal-g pg_probackup",
        .help = "conf (lines for the server's configuration, the default),\njson, shell (assignments, safe for eval); or the command by\nwhich pgbackrest, barman, wal-g or pg_probackup restores\nto the target, into $PGDATA" },
    [OPT_EVENTS_FORMAT] = { .name = "format", .arg = "FMT", .type = OPTION_WORD, .commands = ON_EVENTS,
        .group = GROUP_OUTPUT, .at = FIELD(format), .words = "table csv json",
        .help = "table (the default), csv, or json (an object a line)" },
    [OPT_SIMULATE_FORMAT] = { .name = "format", .arg = "FMT", .type = OPTION_WORD, .commands = ON_SIMULATE,
        .group = GROUP_OUTPUT, .at = FIELD(format), .words = "text json",
        .help = "text (the default) or json" },
    [OPT_SIMULATE_BACKUP] = { .name = "backup", .arg = "PATH", .type = OPTION_STRING, .commands = ON_SIMULATE,
        .group = GROUP_WHERE, .at = FIELD(backup),
        .help = "base backup that is restored: its folder, or its backup_label\n(default: the .backup files of the archive tell)" },
    [OPT_VERIFY_FORMAT] = { .name = "format", .arg = "FMT", .type = OPTION_WORD, .commands = ON_VERIFY,
        .group = GROUP_OUTPUT, .at = FIELD(format), .words = "table json csv",
        .help = "table (the default), json, or csv (a row a segment)" },
    [OPT_VERIFY_BACKUP] = { .name = "backup", .arg = "PATH", .type = OPTION_STRING, .commands = ON_VERIFY,
        .group = GROUP_WHERE, .at = FIELD(backup),
        .help = "a base backup (directory, or base.tar, also compressed) to be\njudged beside those of the .backup files in the archive" },
    [OPT_ACTION] = { .name = "action", .arg = "ACTION", .type = OPTION_WORD, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(action), .words = "pause promote shutdown",
        .help = "what the server does at the target: pause (the default),\npromote or shutdown" },
    [OPT_INSPECTABLE] = { .name = "inspectable", .type = OPTION_FLAG, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(inspectable),
        .help = "stop earlier, before the transaction first locks the object,\nso that it can be read while the server pauses there" },
    [OPT_RESTORE_COMMAND] = { .name = "restore-command", .arg = "CMD", .type = OPTION_STRING, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(restore_command),
        .help = "restore_command to print; by default one that reads SOURCE" },
    [OPT_BACKUP] = { .name = "backup", .arg = "PATH", .type = OPTION_STRING, .commands = ON_SEARCH | ON_SUMMARY,
        .group = GROUP_WHERE, .at = FIELD(backup),
        .help = "a base backup (directory, or base.tar, also compressed): its\ncatalogs give names; the target is checked against it" },
    [OPT_FROM_COMMAND] = { .name = "from-command", .arg = "CMD", .type = OPTION_STRING, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(from_command),
        .help = "a restore_command that fetches WAL (%f: name, %p: path), in\nplace of SOURCE; from --from-lsn, --backup or a .backup file on" },
    [OPT_SYSTEM_ID] = { .name = "system-id", .arg = "N", .type = OPTION_NUMBER, .commands = ON_ALL,
        .group = GROUP_WHERE, .at = FIELD(system_id), .max = UINT64_MAX,
        .help = "only WAL of the cluster with this system identifier" },
    [OPT_CIPHER_PASS_FILE] = { .name = "cipher-pass-file", .arg = "FILE", .type = OPTION_STRING, .commands = ON_ALL,
        .group = GROUP_WHERE, .at = FIELD(cipher_pass_file),
        .help = "first line: passphrase of an encrypted archive (also taken from\nPITR_CIPHER_PASS and PGBACKREST_REPO1_CIPHER_PASS)" },
    [OPT_DSN] = { .name = "dsn", .arg = "CONNINFO", .type = OPTION_STRING, .commands = ON_SEARCH,
        .group = GROUP_WHERE, .at = FIELD(dsn),
        .help = "a server of this cluster, live or restored, to ask for names\nthat neither WAL nor --backup gives (read-only)" },
    [OPT_WRITE] = { .name = "write", .arg = "DIR", .type = OPTION_STRING, .commands = ON_TARGET,
        .group = GROUP_OUTPUT, .at = FIELD(write),
        .help = "put the settings into this restored data directory, where its\nmajor reads them; a running or foreign one is refused" },
    [OPT_JOBS] = { .name = "jobs", .letter = 'j', .arg = "N", .type = OPTION_NUMBER, .commands = ON_SCAN,
        .group = GROUP_OTHER, .at = FIELD(jobs), .max = 1024,
        .help = "threads (default: one for each core)" },
    [OPT_QUIET] = { .name = "quiet", .letter = 'q', .type = OPTION_FLAG, .commands = ON_ALL,
        .group = GROUP_OTHER, .at = FIELD(quiet),
        .help = "nothing on stderr but errors" },
    [OPT_HELP] = { .name = "help", .letter = 'h', .type = OPTION_FLAG, .commands = ON_ALL,
        .group = GROUP_OTHER, .at = FIELD(help),
        .help = "print this help" },
    [OPT_VERSION] = { .name = "version", .letter = 'V', .type = OPTION_FLAG, .commands = ON_ALL,
        .group = GROUP_OTHER, .at = FIELD(version),
        .help = "print the versions of program and library" },
};
// clang-format on
