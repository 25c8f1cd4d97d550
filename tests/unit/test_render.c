/*
 * test_render.c - results as text. What a shell makes of the shell form and of the restore_commands is
 * asked of a real shell; JSON is read back by a small reader that knows only RFC 8259.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command/events/event_list.h"
#include "target/render.h"
#include "search/event_text.h"
#include "recovery/restore_command.h"

#include "cases.h"

#define NOON INT64_C(848688485074335) /* 2026-11-22 18:48:05.074335 UTC */

/* A name with everything in it that breaks quotings: quotes, backslash, newline, Latin-1, escapes. */
#define NASTY "a'b\"c\\d\ne$(f)`g`,h\t\033[31m\xF6"

typedef struct sample {
    options options;
    archive archive;
    search_result found;
    text_list warnings;
    report report;
} sample;

static const wp_event nasty_event = {
    .kind = WP_EVENT_DROP_TABLE,
    .text = "DROP TABLE public.\"" NASTY "\"",
    .database = { 16384, "shop" },
    .schema = { 2200, "public" },
    .object = { 16392, NASTY },
    .locator = { 1663, 16384, 16399 },
    .relkind = 'r',
};
static const wp_xact_end commit = {
    .op = WP_XACT_COMMIT, .xid = 898, .time = NOON, .lsn = 0x161B5B8, .end_lsn = 0x161BD38
};

static void sample_init(sample *s, const char *major)
{
    static wp_tli timelines[] = { 1 };
    static archive_gap gaps[] = { { 1, 0x1000000, 0x1100000 } };
    memset(s, 0, sizeof *s);
    s->archive.info.profile = wp_profile_by_major(major);
    assert_non_null(s->archive.info.profile);
    s->archive.info.system_identifier = UINT64_C(7000000000000000001);
    s->archive.info.segment_size = 1 << 20;
    s->archive.block_size = 8192;
    s->archive.timelines = timelines;
    s->archive.ntimelines = 1;
    s->archive.gaps = gaps;
    s->archive.ngaps = 1;
    s->archive.nsegments = 19;
    s->found.scan.start_lsn = 0x1000028;
    s->found.scan.end_lsn = 0x2000000;
    s->found.has_xact = true;
    s->found.commits = 107;
    const event_view view = { &nasty_event, &commit, 1 };
    assert_true(event_match_set(&s->found.event, &view, 1));
    assert_true(matches_add(&s->found.matches, &view));
    text_list_addf(&s->warnings, "a \"warning\"");

    s->found.place = target_before_xact(&commit);
    const wp_stop_result stop = { .outcome = WP_STOP_STOPS,
                                  .lsn = commit.lsn,
                                  .next_lsn = commit.lsn,
                                  .kept = 100,
                                  .lost = 7,
                                  .last_xid = 897,
                                  .last_time = NOON - 3 };
    s->report = (report){ .options = &s->options,
                          .archive = &s->archive,
                          .found = &s->found,
                          .place = &s->found.place,
                          .timeline = 1,
                          .restore_command = "cp \"/it's/%f\" \"%p\"",
                          .warnings = &s->warnings };
    for (int i = 0; i < TARGET_KINDS; i++)
        s->report.has_target[i] =
            (i != TARGET_LSN || s->archive.info.profile->recovery.has_lsn_target)
            && target_make(&s->found.place, (target_kind)i, &stop, &stop, &s->report.targets[i]);
    s->report.target =
        s->report.targets[s->report.has_target[TARGET_LSN] ? TARGET_LSN : TARGET_XID];
}

static void sample_free(sample *s)
{
    event_match_free(&s->found.event);
    matches_free(&s->found.matches);
    text_list_free(&s->warnings);
}

/* ---- conf --------------------------------------------------------------------------------- */

static const char settings_of_15[] = "recovery_target_lsn = '0/161B5B8'\n"
                                     "recovery_target_inclusive = 'false'\n"
                                     "recovery_target_timeline = '1'\n"
                                     "recovery_target_action = 'pause'\n"
                                     "restore_command = 'cp \"/it''s/%f\" \"%p\"'\n"
                                     "archive_mode = 'off'\n";

/* Only comments, then the settings: a name's newline must not begin a line of its own. */
static const char *skip_comments(const char *conf)
{
    while (*conf == '#')
        conf += strcspn(conf, "\n") + 1;
    return conf;
}

static void conf_is_comments_and_settings(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "15");
    render_conf(&s.report, &out);
    assert_string_equal(skip_comments(text_chars(&out)), settings_of_15);
    const size_t first = strcspn(text_chars(&out), "\n");
    assert_non_null(memmem(out.bytes, first, "postgresql.auto.conf", 20));
    assert_non_null(memmem(out.bytes, first, "recovery.signal", 15));
    assert_non_null(strstr(text_chars(&out), "DROP TABLE public.\"a'b"));
    assert_null(strchr(text_chars(&out), '\033'));
    text_free(&out);
    sample_free(&s);
}

static void conf_of_an_old_major(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "9.6");
    render_conf(&s.report, &out);
    assert_non_null(memmem(out.bytes, strcspn(out.bytes, "\n"), "recovery.conf", 13));
    assert_null(strstr(text_chars(&out), "recovery.signal"));
    assert_null(strstr(text_chars(&out), "\narchive_mode")); /* FATAL there */
    assert_int_equal(strncmp(skip_comments(text_chars(&out)), "recovery_target_xid = '898'\n", 28),
                     0);
    text_free(&out);
    sample_free(&s);
}

/* ---- shell -------------------------------------------------------------------------------- */

static void run_shell(const char *script, char *out, size_t room)
{
    FILE *shell = popen(script, "r"); // NOLINT(cert-env33-c)
    assert_non_null(shell);
    const size_t len = fread(out, 1, room - 1, shell);
    out[len] = '\0';
    assert_int_equal(pclose(shell), 0);
}

static void a_shell_evaluates_it(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    char read[1000], want[1000];
    sample_init(&s, "15");
    text_add(&out, "set -eu\n");
    render_shell(&s.report, &out);
    text_add(
        &out,
        "printf '%s|' \"$PITR_TARGET_KIND\" \"$PITR_TARGET_LSN\" \"$PITR_TARGET_XID\" \"$PITR_TARGET_TIME\" "
        "\"$PITR_TARGET_INCLUSIVE\" \"$PITR_TARGET_TIMELINE\" \"$PITR_TARGET_ACTION\" "
        "\"$PITR_RESTORE_COMMAND\" \"$PITR_EVENT\" \"$PITR_DATABASE\" \"$PITR_MAJOR\"\n");
    run_shell(text_chars(&out), read, sizeof read);
    snprintf(
        want, sizeof want,
        "lsn|0/161B5B8|898|2026-11-22 18:48:05.074335+00|false|1|pause|cp \"/it's/%%f\" \"%%p\"|%s|shop|15|",
        nasty_event.text);
    assert_string_equal(read, want);
    text_free(&out);
    sample_free(&s);
}

/* ---- json --------------------------------------------------------------------------------- */

/* Behind the value at *at, which must be JSON; fails the test where it is not. */
static const char *skip_json(const char *at, int depth);

static const char *skip_json_string(const char *at)
{
    assert_int_equal(*at, '"');
    for (at++; *at != '"'; at++) {
        assert_true((uint8_t)*at >= 0x20);
        if (*at != '\\')
            continue;
        at++;
        assert_non_null(strchr("\"\\/bfnrtu", *at));
        for (int i = 0; *at == 'u' && i < 4; i++)
            assert_non_null(strchr("0123456789abcdefABCDEF", at[1 + i]));
    }
    return at + 1;
}

static const char *skip_json_list(const char *at, char end, int depth)
{
    at++;
    at += strspn(at, " \n");
    while (*at != end) {
        if (end == '}') {
            at = skip_json_string(at);
            assert_int_equal(*at++, ':');
        }
        at = skip_json(at, depth + 1);
        at += strspn(at, " \n");
        assert_true(*at == ',' || *at == end);
        at += *at == ',';
        at += strspn(at, " \n");
    }
    return at + 1;
}

static const char *skip_json(const char *at, int depth)
{
    static const char *const words[] = { "null", "true", "false" };
    assert_true(depth < 10);
    if (*at == '{' || *at == '[')
        return skip_json_list(at, *at == '{' ? '}' : ']', depth);
    if (*at == '"')
        return skip_json_string(at);
    for (size_t i = 0; i < COUNT(words); i++) {
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    }
    const size_t digits = strspn(at, "0123456789.");
    assert_true(digits > 0);
    return at + digits;
}

static void assert_holds(const text *out, const char *part)
{
    if (strstr(text_chars(out), part) == NULL)
        fail_msg("no %s in %s", part, text_chars(out));
}

static const char json_event[] =
    "\"event\":{\"kind\":\"DROP TABLE\",\"text\":\"DROP TABLE public.\\\"a'b\\\"c\\\\d\\u000ae$(f)`g`,h\\u0009\\u001b[31m\xEF\xBF\xBD\\\"\","
    "\"text_bytes\":\"44524f50205441424c45207075626c69632e2261276222635c640a65242866296067602c68091b5b33316df622\","
    "\"database\":{\"oid\":16384,\"name\":\"shop\",\"name_source\":\"wal\"},\"schema\":{\"oid\":2200,\"name\":\"public\",\"name_source\":\"wal\"},"
    "\"object\":{\"oid\":16392,\"name\":\"a'b\\\"c\\\\d\\u000ae$(f)`g`,h\\u0009\\u001b[31m\xEF\xBF\xBD\",\"name_bytes\":\"61276222635c640a65242866296067602c68091b5b33316df6\",\"name_source\":\"wal\",\"relkind\":\"r\",\"filenode\":16399},"
    "\"rows\":null,\"xid\":898,\"prepared_gid\":null,\"time\":\"2026-11-22T18:48:05.074335Z\",\"timeline\":1,"
    "\"commit_lsn\":\"0/161B5B8\",\"commit_end_lsn\":\"0/161BD38\",\"segment\":\"000000010000000000000016\"}";

static void json_is_what_the_contract_says(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "15");
    render_json(&s.report, &out);
    assert_string_equal(skip_json(text_chars(&out), 0), "\n");
    assert_holds(
        &out,
        "\"source\":{\"system_identifier\":\"7000000000000000001\",\"major\":15,\"page_magic\":\"D110\","
        "\"wal_segment_size\":1048576,\"block_size\":8192,\"timelines\":[1],\"start_lsn\":\"0/1000028\","
        "\"end_lsn\":\"0/2000000\",\"segments\":19,\"gaps\":[{\"timeline\":1,\"from\":\"0/1000000\",\"until\":\"0/1100000\"}]}");
    assert_holds(&out, json_event);
    assert_holds(
        &out,
        "\"target\":{\"kind\":\"lsn\",\"settings\":{\"recovery_target_lsn\":\"0/161B5B8\","
        "\"recovery_target_inclusive\":\"false\",\"recovery_target_timeline\":\"1\",\"recovery_target_action\":\"pause\","
        "\"restore_command\":\"cp \\\"/it's/%f\\\" \\\"%p\\\"\",\"archive_mode\":\"off\"},\"exact\":true,\"stops_before_lsn\":\"0/161B5B8\"}");
    assert_holds(
        &out,
        "\"time\":{\"kind\":\"time\",\"settings\":{\"recovery_target_time\":\"2026-11-22 18:48:05.074335+00\"");
    assert_holds(
        &out,
        "\"keeps\":{\"last_xid\":897,\"last_commit_time\":\"2026-11-22T18:48:05.074332Z\"},\"loses\":{\"transactions\":7}");
    assert_holds(&out, "\"backup\":null");
    assert_holds(&out, "\"candidates\":[{\"kind\":\"DROP TABLE\"");
    assert_holds(&out, "\"warnings\":[\"a \\\"warning\\\"\"]");
    text_free(&out);
    sample_free(&s);
}

static void json_of_an_old_major_has_no_lsn_target(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "9.5");
    render_json(&s.report, &out);
    assert_string_equal(skip_json(text_chars(&out), 0), "\n");
    assert_holds(&out, "\"major\":9.5,");
    assert_holds(&out, "\"alternatives\":{\"lsn\":null,\"xid\":{");
    text_free(&out);
    sample_free(&s);
}

static void json_says_where_names_come_from(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "15");
    const wp_event event = { .kind = WP_EVENT_DELETE,
                             .text = "DELETE FROM public.t",
                             .database = { 5, "postgres" },
                             .schema = { 2200, "public" },
                             .object = { 16392, "t" },
                             .database_from = WP_NAME_FROM_SERVER,
                             .schema_from = WP_NAME_FIXED,
                             .object_from = WP_NAME_FROM_BACKUP };
    const wp_xact_end end = { .op = WP_XACT_COMMIT, .xid = 5, .lsn = 0x10 };
    const event_view view = { &event, &end, 1 };
    event_json(s.archive.info.segment_size, &view, &out);
    assert_holds(&out, "{\"oid\":5,\"name\":\"postgres\",\"name_source\":\"server\"}");
    assert_holds(&out, "{\"oid\":2200,\"name\":\"public\",\"name_source\":null}");
    assert_holds(&out, "{\"oid\":16392,\"name\":\"t\",\"name_source\":\"backup\",");
    text_free(&out);
    sample_free(&s);
}

static void json_of_nothing_known_is_null(void **state)
{
    (void)state;
    sample s;
    text out = { 0 };
    sample_init(&s, "15");
    const wp_event unknown = { .kind = WP_EVENT_DELETE,
                               .text = "DELETE FROM [16392]",
                               .object = { 16392, NULL },
                               .has_rows = true };
    const wp_xact_end end = {
        .op = WP_XACT_COMMIT_PREPARED, .xid = 5, .time = WP_TIME_UNKNOWN, .lsn = 0x10, .gid = "g'1"
    };
    const event_view view = { &unknown, &end, 2 };
    event_json(s.archive.info.segment_size, &view, &out);
    assert_string_equal(
        text_chars(&out),
        "{\"kind\":\"DELETE FROM\",\"text\":\"DELETE FROM [16392]\",\"database\":{\"oid\":null,\"name\":null,\"name_source\":null},"
        "\"schema\":{\"oid\":null,\"name\":null,\"name_source\":null},\"object\":{\"oid\":16392,\"name\":null,\"name_source\":null,\"relkind\":null,\"filenode\":null},"
        "\"rows\":0,\"xid\":5,\"prepared_gid\":\"g'1\",\"time\":null,\"timeline\":2,\"commit_lsn\":\"0/10\","
        "\"commit_end_lsn\":null,\"segment\":\"000000020000000000000000\"}");
    text_free(&out);
    sample_free(&s);
}

/* ---- lists -------------------------------------------------------------------------------- */

typedef struct list_case {
    const char *name;
    events_format format;
    size_t width;
    const char *zone;
    const char *want;
} list_case;

static const list_case lists[] = {
    { "csv", EVENTS_CSV, 80, "CET-1",
      "commit_lsn,commit_end_lsn,time,timeline,xid,database_oid,database,schema_oid,schema,object_oid,object,relkind,"
      "filenode,rows,kind,prepared_gid,segment,text\n"
      "0/161B5B8,0/161BD38,2026-11-22T18:48:05.074335Z,1,898,16384,shop,2200,public,16392,\"a'b\"\"c\\\\d\\x0Ae$(f)`g`,h\\x09\\x1B[31m\\xF6\",r,"
      "16399,,DROP TABLE,,000000010000000000000016,\"DROP TABLE public.\"\"a'b\"\"c\\\\d\\x0Ae$(f)`g`,h\\x09\\x1B[31m\\xF6\"\"\"\n"
      "0/161B5B8,0/161BD38,2026-11-22T18:48:05.074335Z,1,898,16385,,,,16400,,,,12,DELETE FROM,,000000010000000000000016,"
      "DELETE FROM [16400]\n" },
    { "table", EVENTS_TABLE, 0, "UTC",
      "time                         xid  database  rows  LSN        event\n"
      "2026-11-22T18:48:05.074335Z  898  shop            0/161B5B8  DROP TABLE public.\"a'b\"c\\d\\x0Ae$(f)`g`,h\\x09\\x1B[31m\\xF6\"\n"
      "2026-11-22T18:48:05.074335Z  898  [16385]     12  0/161B5B8  DELETE FROM [16400]\n" },
    { "table, where it is not UTC", EVENTS_TABLE, 0, "CET-1",
      "time                         local time               xid  database  rows  LSN        event\n"
      "2026-11-22T18:48:05.074335Z  2026-11-22 19:48:05 CET  898  shop            0/161B5B8  DROP TABLE public.\"a'b\"c\\d\\x0Ae$(f)`g`,h\\x09\\x1B[31m\\xF6\"\n"
      "2026-11-22T18:48:05.074335Z  2026-11-22 19:48:05 CET  898  [16385]     12  0/161B5B8  DELETE FROM [16400]\n" },
    { "table on a wide terminal", EVENTS_TABLE, 115, "UTC",
      "time                         xid  database  rows  LSN        event\n"
      "2026-11-22T18:48:05.074335Z  898  shop            0/161B5B8  DROP TABLE public.\"a'b\"c\\d\\x0Ae$(f)`g`,h\\x09\\x1B[31...\n"
      "2026-11-22T18:48:05.074335Z  898  [16385]     12  0/161B5B8  DELETE FROM [16400]\n" },
    { "table on a narrow terminal", EVENTS_TABLE, 80, "CET-1",
      "time                  xid  database  rows  event\n"
      "2026-11-22T18:48:05Z  898  shop            DROP TABLE public.\"a'b\"c\\d\\x0Ae$(f...\n"
      "2026-11-22T18:48:05Z  898  [16385]     12  DELETE FROM [16400]\n" },
    { "table on one that is much too narrow", EVENTS_TABLE, 9, "UTC",
      "time                  xid  database  rows  event\n"
      "2026-11-22T18:48:05Z  898  shop            DROP TABLE public...\n"
      "2026-11-22T18:48:05Z  898  [16385]     12  DELETE FROM [16400]\n" },
};

/* A column that has nothing takes no room on a terminal. */
static void no_empty_column(void **state)
{
    (void)state;
    sample s;
    sample_init(&s, "15");
    const event_view view = { &nasty_event, &commit, 1 };
    event_list list = { .format = EVENTS_TABLE, .table = { .width = 120 }, .spool = tmpfile() };
    setenv("TZ", "UTC", 1);
    tzset();
    FILE *out = tmpfile();
    assert_true(list.spool != NULL && out != NULL && event_list_restart(&list, &s.archive));
    assert_true(event_list_add(&list, &view) && event_list_copy(&list, out));
    char line[200];
    rewind(out);
    assert_non_null(fgets(line, sizeof line, out));
    assert_string_equal(line, "time                         xid  database  LSN        event\n");
    fclose(out);
    fclose(list.spool);
    text_free(&list.row);
    sample_free(&s);
}

static void lists_as_wanted(void **state)
{
    const list_case *row = *state;
    sample s;
    sample_init(&s, "15");
    const wp_event other = { .kind = WP_EVENT_DELETE,
                             .text = "DELETE FROM [16400]",
                             .database = { 16385, NULL },
                             .object = { 16400, NULL },
                             .has_rows = true,
                             .rows = 12 };
    const event_view views[] = { { &nasty_event, &commit, 1 }, { &other, &commit, 1 } };
    event_list list = { .format = row->format,
                        .table = { .width = row->width },
                        .spool = tmpfile() };
    setenv("TZ", row->zone, 1);
    tzset();
    FILE *out = tmpfile();
    assert_true(list.spool != NULL && out != NULL);
    for (int pass = 0; pass < 2;
         pass++) { /* a scan that has to begin again leaves nothing behind */
        assert_true(event_list_restart(&list, &s.archive));
        assert_true(event_list_add(&list, &views[pass == 0 ? 1 : 0]));
    }
    assert_true(event_list_add(&list, &views[1]));
    assert_true(event_list_copy(&list, out));
    char read[4000];
    rewind(out);
    read[fread(read, 1, sizeof read - 1, out)] = '\0';
    assert_string_equal(read, row->want);
    fclose(out);
    fclose(list.spool);
    text_free(&list.row);
    sample_free(&s);
}

/* ---- restore_command ---------------------------------------------------------------------- */

typedef struct restore_case {
    const char *name;
    const char *suffixes[3];
    packing_id inside;
    const char *files;  /* shell commands that fill the directory "$d" */
    const char *wanted; /* files asked for; one with '!' before it is not there */
    const char *tool;   /* skipped where that is not installed; NULL: it is everywhere */
} restore_case;

static const restore_case restores[] = {
    { "plain files",
      { "" },
      PACKING_PLAIN,
      "echo one >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      NULL },
    { "no file yet", { NULL }, PACKING_PLAIN, "echo one >\"$d/1\"", "1 !2.history", NULL },
    { "gzip files",
      { ".gz" },
      PACKING_PLAIN,
      "echo one | gzip >\"$d/1.gz\"; echo hist | gzip >\"$d/2.history.gz\"",
      "1 2.history !3",
      "gzip" },
    { "lz4 files",
      { ".lz4" },
      PACKING_PLAIN,
      "echo one | lz4 -c >\"$d/1.lz4\"; echo hist | lz4 -c >\"$d/2.history.lz4\"",
      "1 2.history !3",
      "lz4" },
    { "zstd files",
      { ".zst" },
      PACKING_PLAIN,
      "echo one | zstd >\"$d/1.zst\"; echo hist | zstd >\"$d/2.history.zst\"",
      "1 2.history !3",
      "zstd" },
    { "zstd by another name files",
      { ".zstd" },
      PACKING_PLAIN,
      "echo one | zstd >\"$d/1.zstd\"; echo hist | zstd >\"$d/2.history.zstd\"",
      "1 2.history !3",
      "zstd" },
    { "bzip2 files",
      { ".bz2" },
      PACKING_PLAIN,
      "echo one | bzip2 >\"$d/1.bz2\"; echo hist | bzip2 >\"$d/2.history.bz2\"",
      "1 2.history !3",
      "bzip2" },
    { "xz files",
      { ".xz" },
      PACKING_PLAIN,
      "echo one | xz >\"$d/1.xz\"; echo hist | xz >\"$d/2.history.xz\"",
      "1 2.history !3",
      "xz" },
    { "lzma files",
      { ".lzma" },
      PACKING_PLAIN,
      "echo one | xz --format=lzma >\"$d/1.lzma\"; echo hist | xz --format=lzma >\"$d/2.history.lzma\"",
      "1 2.history !3",
      "xz" },
    { "brotli files",
      { ".br" },
      PACKING_PLAIN,
      "echo one | brotli >\"$d/1.br\"; echo hist | brotli >\"$d/2.history.br\"",
      "1 2.history !3",
      "brotli" },
    { "plain and gzip",
      { "", ".gz" },
      PACKING_PLAIN,
      "echo one | gzip >\"$d/1.gz\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      NULL },
    { "gzip, lz4 and zstd",
      { ".gz", ".lz4", ".zst" },
      PACKING_PLAIN,
      "echo one | gzip >\"$d/1.gz\"; echo hist | lz4 -c >\"$d/2.history.lz4\"; echo three | zstd >\"$d/3.zst\"",
      "1 2.history 3 !4",
      "lz4" },
    { "gzip and plain under plain names",
      { "" },
      PACKING_GZIP,
      "echo one | gzip >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "gzip" },
    { "lz4 and plain under plain names",
      { "" },
      PACKING_LZ4,
      "echo one | lz4 -c >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "lz4" },
    { "zstd and plain under plain names",
      { "" },
      PACKING_ZSTD,
      "echo one | zstd >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "zstd" },
    { "bzip2 and plain under plain names",
      { "" },
      PACKING_BZIP2,
      "echo one | bzip2 >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "bzip2" },
    { "xz and plain under plain names",
      { "" },
      PACKING_XZ,
      "echo one | xz >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "xz" },
    { "lzma and plain under plain names",
      { "" },
      PACKING_LZMA,
      "echo one | xz --format=lzma >\"$d/1\"; echo hist >\"$d/2.history\"",
      "1 2.history !3",
      "xz" },
    { "all of it",
      { "", ".gz" },
      PACKING_GZIP,
      "echo one | gzip >\"$d/1\"; echo hist | gzip >\"$d/2.history.gz\"; echo three >\"$d/3\"",
      "1 2.history 3 !4",
      NULL },
};

/* As the server does it: %f and %p are replaced, %% is one percent. */
static void expand(const char *command, const char *file, const char *path, text *out)
{
    for (const char *at = command; *at != '\0'; at++) {
        if (*at != '%') {
            text_add_bytes(out, at, 1);
            continue;
        }
        at++;
        if (*at == 'f')
            text_add(out, file);
        else if (*at == 'p')
            text_add(out, path);
        else
            text_add_bytes(out, at, 1);
    }
}

static void restore_one(const char *command, const char *directory, char *file)
{
    const bool is_there = file[0] != '!';
    file += !is_there;
    text path = { 0 }, script = { 0 };
    text_addf(&path, "%s.restored-%s", directory, file);
    expand(command, file, text_chars(&path), &script);
    const int status = system(text_chars(&script)); // NOLINT(cert-env33-c)
    if ((status == 0) != is_there)
        fail_msg("status %d of %s", status, text_chars(&script));
    if (is_there) {
        FILE *restored = fopen(text_chars(&path), "r");
        char word[16] = "";
        assert_non_null(restored);
        assert_non_null(fgets(word, sizeof word, restored));
        fclose(restored);
        assert_string_equal(word, file[0] == '1' ? "one\n" : file[0] == '2' ? "hist\n" : "three\n");
    }
    unlink(text_chars(&path));
    text_free(&path);
    text_free(&script);
}

static bool is_installed(const char *tool)
{
    char script[100];
    snprintf(script, sizeof script, "command -v %s >/dev/null", tool);
    return system(script) == 0; // NOLINT(cert-env33-c)
}

static unsigned suffix_bits(const restore_case *row)
{
    unsigned bits = 0, nwanted = 0, nfound = 0;
    packing_id of;
    while (nwanted < COUNT(row->suffixes) && row->suffixes[nwanted] != NULL)
        nwanted++;
    for (unsigned i = 0, k; packing_suffix(i, &of) != NULL; i++)
        for (k = 0; k < nwanted; k++)
            if (strcmp(packing_suffix(i, &of), row->suffixes[k]) == 0) {
                bits |= 1u << i;
                nfound++;
            }
    assert_int_equal(nfound, nwanted);
    return bits;
}

static void restores_files(void **state)
{
    const restore_case *row = *state;
    if (row->tool != NULL && !is_installed(row->tool))
        skip();
    char base[] = "/tmp/test_render-XXXXXX";
    assert_non_null(mkdtemp(base));
    char directory[200], wanted[100];
    snprintf(directory, sizeof directory, "%s/it's 100%% \"$HOME\" `x` \\", base);
    assert_int_equal(mkdir(directory, 0700), 0);
    setenv("d", directory, 1);
    assert_int_equal(system(row->files), 0); // NOLINT(cert-env33-c)

    text command = { 0 };
    const restore_layout layout = { suffix_bits(row), row->inside };
    restore_command_for(directory, &layout, &command);
    snprintf(wanted, sizeof wanted, "%s", row->wanted);
    char *rest = wanted;
    fflush(stdout);
    assert_non_null(freopen("/dev/null", "w", stderr)); /* cp tells of files that are not there */
    for (char *file; (file = strsep(&rest, " ")) != NULL;)
        restore_one(text_chars(&command), base, file);
    text_free(&command);
    setenv("d", base, 1);
    assert_int_equal(system("rm -rf \"$d\""), 0); // NOLINT(cert-env33-c)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conf_is_comments_and_settings),
        cmocka_unit_test(conf_of_an_old_major),
        cmocka_unit_test(a_shell_evaluates_it),
        cmocka_unit_test(json_is_what_the_contract_says),
        cmocka_unit_test(json_of_an_old_major_has_no_lsn_target),
        cmocka_unit_test(json_says_where_names_come_from),
        cmocka_unit_test(json_of_nothing_known_is_null),
        cmocka_unit_test(no_empty_column),
    };
    int failed = cmocka_run_group_tests_name("rendering", tests, NULL, NULL);
    failed += RUN_CASES("lists of events", lists, lists_as_wanted);
    failed += RUN_CASES("restore commands", restores, restores_files);
    return failed;
}
