/*
 * test_simulate_settings.c - recovery settings as servers of each major read them.
 *
 * Which values are refused, by which message, and what is made of the others was seen on real servers
 * (tests/servers/simulate.sh); times are what `date -u -d` of GNU coreutils makes of them.
 */
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "archive/backup_label.h"
#include "recovery/settings.h"
#include "recovery/server_time.h"

#include "cases.h"
#include "folder.h"

#define UTC_AT(unix_seconds) ((INT64_C(unix_seconds) - INT64_C(946684800)) * 1000000)

/* ---- lines -------------------------------------------------------------------------------- */

typedef struct line_case {
    const char *name;
    const char *text;
    const char *want; /* name=value, each with a ; behind it */
    unsigned bad_line;
    const char *near;
} line_case;

static const line_case line_cases[] = {
    { "quoted", "a = 'b'\n", "a=b;", 0, "" },
    { "without =", "a 'b'\n", "a=b;", 0, "" },
    { "no blanks, no newline at the end", "a='b'", "a=b;", 0, "" },
    { "comments and empty lines", "# x\n\n  a = 'b' # y\n\t#z\n", "a=b;", 0, "" },
    { "names in lower case", "Recovery_Target = 'IMMEDIATE'\n", "recovery_target=IMMEDIATE;", 0,
      "" },
    { "doubled quotes", "a = 'it''s'\n", "a=it's;", 0, "" },
    { "backslashes", "a = 'it\\'s \\\\ \\t\\101 \\q'\n", "a=it's \\ \tA q;", 0, "" },
    { "an empty value", "a = ''\n", "a=;", 0, "" },
    { "plain words", "a = off\nb latest\nc = pg_wal/x-1.y:z\n", "a=off;b=latest;c=pg_wal/x-1.y:z;",
      0, "" },
    { "numbers", "a = 898\nb = -1\nc = 0x2D9\nd = 16MB\ne = .5\n",
      "a=898;b=-1;c=0x2D9;d=16MB;e=.5;", 0, "" },
    { "a qualified name", "my.setting = 1\n", "my.setting=1;", 0, "" },
    { "line ends of Windows", "a = 'b'\r\nc = 1\r\n", "a=b;c=1;", 0, "" },
    { "a hash in quotes", "a = 'b # c'\n", "a=b # c;", 0, "" },
    { "an LSN without quotes", "a = 1\nb = 0/161B5B8\n", "a=1;", 2, "/" },
    { "a time without quotes", "b = 2026-11-22 10:00\n", "", 1, "-11" },
    { "two words", "a = b c\n", "", 1, "c" },
    { "no value", "a =\n", "", 1, "" },
    { "a name alone", "a\n", "", 1, "" },
    { "an open quote", "a = 'b\n", "", 1, "'" },
    { "a number as name", "1 = 2\n", "", 1, "1" },
};

static void reads_lines(void **state)
{
    const line_case *row = *state;
    conf_lines lines = { 0 };
    text got = { 0 };
    assert_true(
        conf_lines_add_text(&lines, (wp_view){ (const uint8_t *)row->text, strlen(row->text) }));
    for (size_t i = 0; i < lines.count; i++)
        text_addf(&got, "%s=%s;", lines.items[i].name, lines.items[i].value);
    assert_string_equal(text_chars(&got), row->want);
    assert_int_equal(lines.bad_line, row->bad_line);
    assert_string_equal(lines.bad_near, row->near);
    text_free(&got);
    conf_lines_free(&lines);
}

static void words(void **state)
{
    (void)state;
    conf_lines lines = { 0 };
    assert_true(conf_lines_is_word("recovery_target_xid=898"));
    assert_true(conf_lines_is_word("recovery_target_xid = 898"));
    assert_true(conf_lines_is_word("a="));
    assert_false(conf_lines_is_word("/wal_archive"));
    assert_false(conf_lines_is_word("=898"));
    assert_false(conf_lines_is_word("./a=b"));
    assert_false(conf_lines_is_word("recovery.conf"));
    assert_true(conf_lines_add_word(&lines, "Recovery_Target_Time=2026-11-22 10:00+00"));
    assert_true(conf_lines_add_word(&lines, "b = 'it''s'"));
    assert_true(conf_lines_add_word(&lines, "c="));
    assert_string_equal(conf_lines_find(&lines, "recovery_target_time")->value,
                        "2026-11-22 10:00+00");
    assert_string_equal(conf_lines_find(&lines, "b")->value, "it's");
    assert_string_equal(conf_lines_find(&lines, "c")->value, "");
    assert_null(conf_lines_find(&lines, "d"));
    conf_lines_free(&lines);
}

/* What `target` prints reads back. */
static void conf_values_read_back(void **state)
{
    (void)state;
    static const char *const values[] = { "plain",       "it's",
                                          "back\\slash", "gzip -dc < \"%f\" > \"%p\"",
                                          "#",           "" };
    for (size_t i = 0; i < COUNT(values); i++) {
        text line = { 0 };
        conf_lines lines = { 0 };
        text_add(&line, "a = ");
        text_add_conf(&line, values[i]);
        assert_true(
            conf_lines_add_text(&lines, (wp_view){ (const uint8_t *)line.bytes, line.len }));
        assert_string_equal(conf_lines_find(&lines, "a")->value, values[i]);
        conf_lines_free(&lines);
        text_free(&line);
    }
}

/* ---- settings ----------------------------------------------------------------------------- */

/* Majors a row holds for. */
#define ALL 0, 99
#define UP_TO_9 0, 9
#define UP_TO_10 0, 10
#define UP_TO_11 0, 11
#define UP_TO_18 0, 18
#define FROM_10 10, 99
#define FROM_11 11, 99
#define FROM_12 12, 99
#define FROM_19 19, 99

typedef struct setting_case {
    const char *name;
    int from, until;
    const char *lines;
    wp_stop_kind kind; /* when it is not refused */
    const char *fatal; /* part of it; NULL: not refused */
    const char *rule;  /* a finding there must be; NULL: there must be none */
} setting_case;

#define XID "recovery_target_xid = '898'\n"

// clang-format off
static const setting_case setting_cases[] = {
    { "nothing", ALL, "", WP_STOP_AT_END, NULL, NULL },
    { "an xid", ALL, XID, WP_STOP_AT_XID, NULL, NULL },
    { "an LSN", FROM_10, "recovery_target_lsn = '0/161B5B8'\n", WP_STOP_AT_LSN, NULL, NULL },
    { "an LSN before 10", UP_TO_9, "recovery_target_lsn = '0/161B5B8'\n", 0, "unrecognized recovery parameter \"recovery_target_lsn\"", "unknown-name" },
    { "a name", ALL, "recovery_target_name = 'here'\n", WP_STOP_AT_NAME, NULL, NULL },
    { "immediate", ALL, "recovery_target = 'immediate'\n", WP_STOP_IMMEDIATE, NULL, NULL },
    { "a time", ALL, "recovery_target_time = '2026-11-22 10:48:05.074335+00'\n", WP_STOP_AT_TIME, NULL, NULL },

    { "an octal xid", ALL, "recovery_target_xid = '0777'\n", WP_STOP_AT_XID, NULL, "octal-xid" },
    { "a hexadecimal xid", ALL, "recovery_target_xid = '0x382'\n", WP_STOP_AT_XID, NULL, "hex-xid" },
    { "an LSN as xid", UP_TO_18, "recovery_target_xid = '16/B374D848'\n", WP_STOP_AT_XID, NULL, "lsn-as-xid" },
    { "text as xid", UP_TO_18, "recovery_target_xid = 'abc'\n", WP_STOP_AT_XID, NULL, "text-as-xid" },
    { "text behind an xid", UP_TO_18, "recovery_target_xid = '898 abc'\n", WP_STOP_AT_XID, NULL, "garbage-behind-xid" },
    { "an xid with an epoch", ALL, "recovery_target_xid = '4294968194'\n", WP_STOP_AT_XID, NULL, "epoch-in-xid" },
    { "a negative xid", UP_TO_18, "recovery_target_xid = '-5'\n", WP_STOP_AT_XID, NULL, "negative-xid" },
    { "an xid that is none", UP_TO_18, "recovery_target_xid = '2'\n", WP_STOP_AT_XID, NULL, "no-such-xid" },
    { "text as xid: refused", FROM_19, "recovery_target_xid = 'bogus'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },
    { "text behind an xid: refused", FROM_19, "recovery_target_xid = '1.1'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },
    { "a negative xid: refused", FROM_19, "recovery_target_xid = '-5'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },
    { "an xid that is none: refused", FROM_19, "recovery_target_xid = '0'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },
    { "an xid that is none with an epoch: refused", FROM_19, "recovery_target_xid = '4294967298'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },
    { "an xid beyond 64 bits", UP_TO_11, "recovery_target_xid = '99999999999999999999'\n", 0, "recovery_target_xid is not a valid number", "invalid-value" },
    { "an xid beyond 64 bits", FROM_12, "recovery_target_xid = '99999999999999999999'\n", 0, "invalid value for parameter \"recovery_target_xid\"", "invalid-value" },

    { "no LSN", 10, 11, "recovery_target_lsn = '161B5B8'\n", 0, "invalid input syntax for type pg_lsn: \"161B5B8\"", "invalid-value" },
    { "no LSN", FROM_12, "recovery_target_lsn = '161B5B8'\n", 0, "invalid value for parameter \"recovery_target_lsn\": \"161B5B8\"", "invalid-value" },
    { "an LSN of nine digits", FROM_12, "recovery_target_lsn = '0/161B5B800'\n", 0, "invalid value", "invalid-value" },

    { "a time with Z", UP_TO_11, "recovery_target_time = '2026-11-22 10:48:05Z'\n", WP_STOP_AT_TIME, NULL, "zone-abbreviation" },
    { "a time with Z", FROM_12, "recovery_target_time = '2026-11-22 10:48:05Z'\n", 0, "invalid value for parameter \"recovery_target_time\"", "zone-abbreviation" },
    { "a time with EDT", UP_TO_11, "recovery_target_time = '2026-11-22 10:48:05 EDT'\n", WP_STOP_AT_TIME, NULL, "zone-abbreviation" },
    { "a time with EDT", FROM_12, "recovery_target_time = '2026-11-22 10:48:05 EDT'\n", 0, "invalid value", "zone-abbreviation" },
    { "a time with UTC", ALL, "recovery_target_time = '2026-11-22 10:48:05 UTC'\n", WP_STOP_AT_TIME, NULL, NULL },
    { "a time without zone", ALL, "recovery_target_time = '2026-11-22 10:48:05'\n", WP_STOP_AT_TIME, NULL, "no-zone" },
    { "infinity", UP_TO_10, "recovery_target_time = 'infinity'\n", WP_STOP_AT_TIME, NULL, NULL },
    { "infinity", 11, 11, "recovery_target_time = 'infinity'\n", 0, "recovery_target_time is not a valid timestamp: \"infinity\"", "invalid-value" },
    { "now", FROM_12, "recovery_target_time = 'now'\n", 0, "invalid value for parameter \"recovery_target_time\": \"now\"", "invalid-value" },
    { "a time that is not understood here", ALL, "recovery_target_time = 'Nov 22 10:48:05 2026'\n", WP_STOP_AT_TIME, NULL, "unclear-time" },

    { "two targets", UP_TO_11, XID "recovery_target_name = 'here'\n", WP_STOP_AT_NAME, NULL, "two-targets" },
    { "two targets", FROM_12, XID "recovery_target_name = 'here'\n", 0, "multiple recovery targets specified", "two-targets" },
    { "one target twice", ALL, "recovery_target_xid = '7'\n" XID, WP_STOP_AT_XID, NULL, NULL },
    { "an empty target behind", FROM_12, XID "recovery_target_name = ''\n", 0, "multiple recovery targets specified", "empty-target" },
    { "an empty target behind", UP_TO_11, XID "recovery_target_name = ''\n", WP_STOP_AT_NAME, NULL, "empty-target" },
    { "an empty target before", FROM_12, "recovery_target_name = ''\n" XID, WP_STOP_AT_XID, NULL, "empty-target" },
    { "an empty time", UP_TO_11, "recovery_target_time = ''\n", 0, "invalid input syntax for type timestamp with time zone: \"\"", "empty-target" },
    { "an empty time", FROM_12, "recovery_target_time = ''\n", WP_STOP_AT_END, NULL, "empty-target" },
    { "immediate, misspelt", UP_TO_11, "recovery_target = 'now'\n", 0, "invalid value for recovery parameter \"recovery_target\": \"now\"", "invalid-value" },
    { "immediate, misspelt", FROM_12, "recovery_target = 'now'\n", 0, "invalid value for parameter \"recovery_target\": \"now\"", "invalid-value" },
    { "a name that is too long", UP_TO_11, "recovery_target_name = '0123456789012345678901234567890123456789012345678901234567890123'\n", 0, "recovery_target_name is too long (maximum 63 characters)", "invalid-value" },

    { "inclusive of a name", ALL, "recovery_target_name = 'here'\nrecovery_target_inclusive = off\n", WP_STOP_AT_NAME, NULL, "inclusive-ignored" },
    { "inclusive that is no boolean", ALL, XID "recovery_target_inclusive = 'maybe'\n", 0, "parameter \"recovery_target_inclusive\" requires a Boolean value", "invalid-value" },
    { "an unknown action", UP_TO_11, XID "recovery_target_action = 'resume'\n", 0, "invalid value for recovery parameter \"recovery_target_action\": \"resume\"", "invalid-value" },
    { "an unknown action", FROM_12, XID "recovery_target_action = 'resume'\n", 0, "invalid value for parameter \"recovery_target_action\": \"resume\"", "invalid-value" },
    { "a timeline in words", UP_TO_11, XID "recovery_target_timeline = 'current'\n", WP_STOP_AT_XID, NULL, "timeline-word" },
    { "the timeline current", FROM_12, XID "recovery_target_timeline = 'current'\n", WP_STOP_AT_XID, NULL, NULL },
    { "a timeline that is not a number", FROM_12, XID "recovery_target_timeline = 'abc'\n", 0, "recovery target timeline 0 does not exist", "no-timeline" },
    { "no restore_command", UP_TO_11, "restore_command = ''\n" XID, WP_STOP_AT_XID, NULL, "no-restore-command" },
    { "no restore_command", 12, 16, "restore_command = ''\n" XID, 0, "must specify restore_command when standby mode is not enabled", "no-restore-command" },
    { "no restore_command", 17, 18, "restore_command = ''\n" XID, 0, "must specify \"restore_command\" when standby mode is not enabled", "no-restore-command" },
    { "a setting of an older major", FROM_12, "standby_mode = on\n", 0, "unrecognized configuration parameter \"standby_mode\"", "unknown-name" },
    { "a setting of the server in recovery.conf", UP_TO_11, "hot_standby = on\n", 0, "unrecognized recovery parameter \"hot_standby\"", "unknown-name" },
    { "a setting of the server", FROM_12, "shared_buffers = 1GB\n" XID, WP_STOP_AT_XID, NULL, NULL },
    { "a target that is misspelt at its head", ALL, "recovry_target_xid = 3\n", 0, "parameter \"recovry_target_xid\"", "unknown-name" },
    { "a misspelt target", ALL, "recovery_target_lns = '0/1'\n", 0, "parameter \"recovery_target_lns\"", "unknown-name" },
    { "wrong syntax", UP_TO_11, "recovery_target_name = a b\n", 0, "syntax error in file \"recovery.conf\" line 2, near token \"b\"", "syntax" },
    { "wrong syntax", FROM_12, "recovery_target_name = a b\n", 0, "configuration file \"postgresql.auto.conf\" contains errors", "syntax" },
    { "an included file", FROM_12, "include 'other.conf'\n" XID, WP_STOP_AT_XID, NULL, "include" },
};
// clang-format on

static const char *rules_of(const findings *found, text *out)
{
    for (size_t i = 0; i < found->count; i++)
        text_addf(out, "%s ", found->items[i].rule);
    return text_chars(out);
}

static bool has_rule(const findings *found, const char *rule)
{
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->items[i].rule, rule) == 0)
            return true;
    return false;
}

static void read_file(const wp_profile *profile, const char *more, conf_lines *lines, recovery *out,
                      findings *found)
{
    text all = { 0 };
    *lines = (conf_lines){ 0 };
    *found = (findings){ .count = 0 };
    text_add(&all,
             strstr(more, "restore_command") != NULL ? "# none\n" : "restore_command = 'cp'\n");
    text_add(&all, more);
    assert_true(conf_lines_add_text(lines, (wp_view){ (const uint8_t *)all.bytes, all.len }));
    recovery_read(profile, lines, out, found);
    text_free(&all);
}

static void check_setting(const setting_case *row, const wp_profile *profile)
{
    conf_lines lines;
    recovery got;
    findings found;
    text rules = { 0 };
    read_file(profile, row->lines, &lines, &got, &found);
    if (row->fatal == NULL && got.fatal[0] != '\0')
        fail_msg("%s: refused: %s", profile->major, got.fatal);
    if (row->fatal != NULL && strstr(got.fatal, row->fatal) == NULL)
        fail_msg("%s: says \"%s\", not \"%s\"", profile->major, got.fatal, row->fatal);
    if (row->fatal == NULL)
        assert_int_equal(got.stop.kind, row->kind);
    /* Before 10 no server pauses unless hot standby is on. */
    const size_t expected = has_rule(&found, "pause-without-hot-standby") ? 1 : 0;
    assert_true(expected == 0 || !profile->recovery.hot_standby_by_default);
    if (row->rule == NULL ? found.count > expected : !has_rule(&found, row->rule))
        fail_msg("%s: findings: %s", profile->major, rules_of(&found, &rules));
    text_free(&rules);
    conf_lines_free(&lines);
}

static void reads_settings(void **state)
{
    const setting_case *row = *state;
    bool is_checked = false;
    for (size_t i = 0; wp_profile_at(i) != NULL; i++) {
        const long major = strtol(wp_profile_at(i)->major, NULL, 10);
        if (major < row->from || major > row->until)
            continue;
        check_setting(row, wp_profile_at(i));
        is_checked = true;
    }
    assert_true(is_checked);
}

/* ---- what the server does then ------------------------------------------------------------ */

typedef struct then_case {
    const char *name;
    const char *major;
    const char *words[3];
    recovery_then then;
} then_case;

static const then_case then_cases[] = {
    { "pause is the default", "10", { "recovery_target_xid=898" }, RECOVERY_PAUSES },
    { "9.6 serves nobody while it recovers",
      "9.6",
      { "recovery_target_xid=898" },
      RECOVERY_PROMOTES },
    { "9.6 told to pause",
      "9.6",
      { "recovery_target_xid=898", "recovery_target_action=pause" },
      RECOVERY_SHUTS_DOWN },
    { "9.6 with hot standby",
      "9.6",
      { "recovery_target_xid=898", "hot_standby=on" },
      RECOVERY_PAUSES },
    { "11 without hot standby",
      "11",
      { "recovery_target_xid=898", "hot_standby=off" },
      RECOVERY_PROMOTES },
    { "12 without hot standby",
      "12",
      { "recovery_target_xid=898", "hot_standby=off" },
      RECOVERY_SHUTS_DOWN },
    { "promote",
      "15",
      { "recovery_target_xid=898", "recovery_target_action=promote" },
      RECOVERY_PROMOTES },
    { "shutdown, in capitals",
      "15",
      { "recovery_target_xid=898", "recovery_target_action=SHUTDOWN" },
      RECOVERY_SHUTS_DOWN },
    { "nothing to stop at", "15", { "recovery_target_action=pause" }, RECOVERY_PROMOTES },
};

static void then(void **state)
{
    const then_case *row = *state;
    conf_lines lines = { 0 };
    findings found = { .count = 0 };
    recovery got;
    for (size_t i = 0; i < COUNT(row->words) && row->words[i] != NULL; i++)
        assert_true(conf_lines_add_word(&lines, row->words[i]));
    recovery_read(wp_profile_by_major(row->major), &lines, &got, &found);
    assert_string_equal(got.fatal, "");
    assert_int_equal(got.then, row->then);
    conf_lines_free(&lines);
}

static void timelines(void **state)
{
    (void)state;
    static const struct {
        const char *major, *lines;
        recovery_timeline timeline;
        wp_tli tli;
    } rows[] = {
        { "11", "", RECOVERY_TIMELINE_CURRENT, 0 },
        { "12", "", RECOVERY_TIMELINE_LATEST, 0 },
        { "11", "recovery_target_timeline = 'latest'\n", RECOVERY_TIMELINE_LATEST, 0 },
        { "11", "recovery_target_timeline = 'current'\n", RECOVERY_TIMELINE_LATEST, 0 },
        { "11", "recovery_target_timeline = 'abc'\n", RECOVERY_TIMELINE_LATEST, 0 },
        { "12", "recovery_target_timeline = 'current'\n", RECOVERY_TIMELINE_CURRENT, 0 },
        { "18", "recovery_target_timeline = '3'\n", RECOVERY_TIMELINE_NUMBER, 3 },
        { "18", "recovery_target_timeline = '0x10'\n", RECOVERY_TIMELINE_NUMBER, 16 },
        { "9.5", "recovery_target_timeline = 2\n", RECOVERY_TIMELINE_NUMBER, 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        conf_lines lines;
        recovery got;
        findings found;
        read_file(wp_profile_by_major(rows[i].major), rows[i].lines, &lines, &got, &found);
        assert_int_equal(got.timeline, rows[i].timeline);
        assert_int_equal(got.tli, rows[i].tli);
        conf_lines_free(&lines);
    }
}

/* ---- times -------------------------------------------------------------------------------- */

typedef struct moment_case {
    const char *name; /* the value */
    const char *major;
    const char *zone; /* the server's; NULL: not known */
    servertime_verdict verdict;
    wp_time want;
} moment_case;

static const moment_case moment_cases[] = {
    { "2026-11-22 10:48:05+00", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 11:48:05+1", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22T11:48:05+01:00", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 05:18:05 -0530", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 10:48:05 UTC", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 10:48:05 gmt", "15", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 10:48:05", "15", "UTC0", SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 11:48:05", "15", "CET-1CEST,M3.5.0,M10.5.0/3", SERVERTIME_GOOD,
      UTC_AT(1795344485) },
    { "2026-11-22", "15", "UTC0", SERVERTIME_GOOD, UTC_AT(1795305600) },
    { "2026-11-22 05:48:05 EST", "11", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 10:48:05Z", "11", NULL, SERVERTIME_GOOD, UTC_AT(1795344485) },
    { "2026-11-22 10:48:05z", "12", NULL, SERVERTIME_REFUSED, 0 },
    { "2026-11-22 10:48:05 CEST", "18", NULL, SERVERTIME_REFUSED, 0 },
    { "2026-11-22 10:48:05+25", "15", NULL, SERVERTIME_UNCLEAR, 0 },
    { "2026-13-22 10:48:05+00", "15", NULL, SERVERTIME_UNCLEAR, 0 },
    { "22.11.2026 10:48", "15", NULL, SERVERTIME_UNCLEAR, 0 },
    { "now", "10", NULL, SERVERTIME_UNCLEAR, 0 },
    { "today", "12", NULL, SERVERTIME_REFUSED, 0 },
    { "infinity", "9.6", NULL, SERVERTIME_GOOD, INT64_MAX },
    { "epoch", "10", NULL, SERVERTIME_GOOD, UTC_AT(0) },
    { "", "11", NULL, SERVERTIME_REFUSED, 0 },
    { "?", "15", NULL, SERVERTIME_REFUSED, 0 },
};

static void reads_times(void **state)
{
    const moment_case *row = *state;
    (void)setenv("TZ", "ABC-5", 1);
    tzset();
    const servertime got =
        servertime_read(&wp_profile_by_major(row->major)->recovery, row->name, row->zone);
    assert_int_equal(got.verdict, row->verdict);
    if (row->verdict == SERVERTIME_GOOD)
        assert_int_equal(got.time, row->want);
    assert_string_equal(getenv("TZ"), "ABC-5");
}

/* ---- labels ------------------------------------------------------------------------------- */

#define LABEL                                                                         \
    "START WAL LOCATION: 1/B000028 (file 00000003000000010000000B)\n"                 \
    "CHECKPOINT LOCATION: 1/B000060\nBACKUP METHOD: streamed\nBACKUP FROM: primary\n" \
    "START TIME: 2026-11-22 10:00:00 UTC\nLABEL: nightly\nSTART TIMELINE: 3\n"

static void labels(void **state)
{
    (void)state;
    wp_backup_label got;
    const char *history = "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\r\n"
                          "STOP WAL LOCATION: 0/2000138 (file 000000010000000000000002)\r\n"
                          "BACKUP FROM: standby\r\n";
    assert_true(backup_label_parse((wp_view){ (const uint8_t *)LABEL, sizeof LABEL - 1 }, &got));
    assert_int_equal(got.start_lsn, UINT64_C(0x10B000028));
    assert_int_equal(got.stop_lsn, 0);
    assert_int_equal(got.timeline, 3);
    assert_false(got.is_from_standby);
    assert_string_equal(got.label, "nightly");
    assert_true(backup_label_parse((wp_view){ (const uint8_t *)history, strlen(history) }, &got));
    assert_int_equal(got.stop_lsn, 0x2000138);
    assert_true(got.is_from_standby);
    static const char *const none[] = { "", "LABEL: x\n", "START WAL LOCATION: x\n",
                                        "START WAL LOCATION: 0/2000028\n",
                                        "START WAL LOCATION: 0/2000028 (file x)\n" };
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(
            backup_label_parse((wp_view){ (const uint8_t *)none[i], strlen(none[i]) }, &got));
}

static void labels_of_folders(void **state)
{
    (void)state;
    const folder f = folder_new();
    char message[512];
    label_file got;
    put_text(&f, "base/backup_label", LABEL);
    put_text(&f, "base/other", "hello\n");
    assert_true(backup_label_read(in_folder(&f, "base"), &got, message));
    assert_int_equal(got.label.timeline, 3);
    assert_true(backup_label_read(in_folder(&f, "base/backup_label"), &got, message));
    assert_false(backup_label_read(in_folder(&f, "base/other"), &got, message));
    assert_non_null(strstr(message, "is not a backup_label"));
    put_subfolder(&f, "empty");
    assert_false(backup_label_read(in_folder(&f, "empty"), &got, message));
    assert_non_null(strstr(message, "no backup_label in"));
    assert_false(backup_label_read(in_folder(&f, "nowhere"), &got, message));
    put_text(&f, "wal/00000003000000010000000B.00000028.backup", LABEL);
    put_text(&f, "wal/000000010000000000000002.00000028.backup",
             "START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n");
    put_text(&f, "wal/000000010000000000000003.00000028.backup", "nonsense\n");
    char path[200];
    snprintf(path, sizeof path, "%s", in_folder(&f, "wal"));
    char *folders[] = { path };
    label_files list;
    assert_true(backup_labels_read(folders, 1, &list, message));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].label.timeline, 1);
    assert_int_equal(list.items[1].label.timeline, 3);
    backup_labels_free(&list);
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest rest[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(conf_values_read_back),
        cmocka_unit_test(timelines),
        cmocka_unit_test(labels),
        cmocka_unit_test(labels_of_folders),
    };
    int failed = RUN_CASES("lines", line_cases, reads_lines);
    failed += RUN_CASES("settings", setting_cases, reads_settings);
    failed += RUN_CASES("then", then_cases, then);
    failed += RUN_CASES("times", moment_cases, reads_times);
    failed += cmocka_run_group_tests_name("settings", rest, NULL, NULL);
    return failed;
}
