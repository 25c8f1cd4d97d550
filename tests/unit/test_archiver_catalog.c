/*
 * test_archiver_catalog.c - what the archivers' own files say. The texts are as the archivers write them: pgBackRest
 * 2.45 and pg_probackup 2.5 were seen to, the others' sources say so.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cases.h"
#include "archive/archiver_catalog.h"
#include "archive/archiver_catalog_text.h"

/* 2026-11-22 22:20:55 UTC */
#define WHEN INT64_C(848701255000000)
#define NOT_SAID WP_TIME_UNKNOWN

typedef struct archiver_catalog_case {
    const char *name;
    layout_kind kind;
    const char *path, *text;
    const char *id; /* of the only backup; NULL: there is none */
    wp_lsn start, stop;
    wp_tli tli;
    wp_time time;
    uint64_t cluster; /* the first; 0: none */
    const char *passphrase;
} archiver_catalog_case;

#define BARMAN                                                                   \
    "begin_time=2026-11-22 23:20:55+01:00\nbegin_wal=000000010000000000000010\n" \
    "begin_xlog=0/1000028\nend_xlog=0/1000100\nsystemid=7711124370108294134\n"   \
    "timeline=1\nversion=150020\ncompression=None\n"
#define RMAN "# configuration\nBACKUP_MODE=FULL\n# result\nTIMELINEID=3\nSTOP_LSN=0/01000100\n"
#define MONETA                                             \
    "LABEL=20261122222055\nWAL=000000010000000000000010\n" \
    "START_WALPOS=0/1000028\nEND_WALPOS=0/1000100\nSTART_TIMELINE=1\n"
#define CONTROL "stream = true\ntimelineid = 10\nstart-lsn = 0/1000028\nstop-lsn = 0/1000100\n"
#define CURRENT                                                                     \
    "{\"backrest-format\":5,\"backup-archive-start\":\"0000000A0000000000000010\"," \
    "\"backup-lsn-start\":\"0/1000028\",\"backup-lsn-stop\":\"0/1000100\","         \
    "\"backup-reference\":[\"x\",{\"backup-lsn-stop\":\"9/9\"}],"                   \
    "\"backup-timestamp-start\":1795386055,\"db-id\":2}"
#define HISTORY                                                                            \
    "[db:history]\n1={\"db-catalogue-version\":1,\"db-system-id\":18446744073709551615}\n" \
    "2={\"db-system-id\":7711124370108294134,\"db-version\":\"15\"}\n"
#define F "20261122-222055F"

// clang-format off
static const archiver_catalog_case archiver_catalog_cases[] = {
    { "pgBackRest", LAYOUT_PGBACKREST, "r/backup.info", "[backup:current]\n" F "=" CURRENT "\n\n" HISTORY,
      F, 0x1000028, 0x1000100, 10, WHEN, UINT64_MAX, NULL },
    { "pgBackRest, the copy", LAYOUT_PGBACKREST, "r/backup.info.copy", "[backup:current]\n" F "=" CURRENT "\n",
      F, 0x1000028, 0x1000100, 10, WHEN, 0, NULL },
    { "pgBackRest, another section", LAYOUT_PGBACKREST, "backup.info", "[backup:old]\n" F "=" CURRENT "\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "pgBackRest, before it wrote positions", LAYOUT_PGBACKREST, "backup.info",
      "[backup:current]\n" F "={\"backup-archive-start\":\"000000010000000000000010\"}", NULL, 0, 0, 0, 0, 0, NULL },
    { "pgBackRest, broken off", LAYOUT_PGBACKREST, "backup.info",
      "[backup:current]\n" F "={\"backup-archive-start\":\"000000010000000000000010\",\"backup-lsn-sta", NULL, 0, 0, 0, 0, 0, NULL },
    { "archive.info", LAYOUT_PGBACKREST, "r/archive.info",
      "[db]\ndb-id=1\n[db:history]\n1={\"db-id\":7711124370108294134,\"db-version\":\"15\"}\n", NULL, 0, 0, 0, 0, UINT64_C(7711124370108294134), NULL },
    { "archive.info with a passphrase", LAYOUT_PGBACKREST, "archive.info",
      "[cipher]\ncipher-pass=\"a=b +/\"\n[other]\ncipher-pass=\"no\"\n", NULL, 0, 0, 0, 0, 0, "a=b +/" },
    { "Barman", LAYOUT_BARMAN, "h/s/base/20261122T222055/backup.info", BARMAN "status=DONE\n",
      "20261122T222055", 0x1000028, 0x1000100, 1, WHEN, UINT64_C(7711124370108294134), NULL },
    { "Barman, the other place", LAYOUT_BARMAN, "h/s/meta/20261122T222055-backup.info", BARMAN "status=WAITING_FOR_WALS\n",
      "20261122T222055", 0x1000028, 0x1000100, 1, WHEN, UINT64_C(7711124370108294134), NULL },
    { "Barman, lines end in CR LF", LAYOUT_BARMAN, "b/i/backup.info", "begin_xlog=0/1000028\r\nend_xlog=0/1000100\r\ntimeline=1\r\nstatus=DONE\r\n",
      "i", 0x1000028, 0x1000100, 1, NOT_SAID, 0, NULL },
    { "Barman, failed", LAYOUT_BARMAN, "b/i/backup.info", BARMAN "status=FAILED\n", NULL, 0, 0, 0, 0, UINT64_C(7711124370108294134), NULL },
    { "Barman, not begun", LAYOUT_BARMAN, "b/i/backup.info", "begin_xlog=None\nend_xlog=None\ntimeline=None\nstatus=DONE\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "Barman, ends before it starts", LAYOUT_BARMAN, "b/i/backup.info", "begin_xlog=0/200\nend_xlog=0/100\ntimeline=1\nstatus=DONE\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "identity.json", LAYOUT_BARMAN, "h/s/identity.json", "{\"systemid\": \"7711124370108294134\", \"version\": \"15\"}",
      NULL, 0, 0, 0, 0, UINT64_C(7711124370108294134), NULL },
    { "identity.json, too large a number", LAYOUT_BARMAN, "identity.json", "{\"systemid\": \"18446744073709551616\"}", NULL, 0, 0, 0, 0, 0, NULL },
    { "barman-cloud", LAYOUT_BARMAN_CLOUD, "p/s/base/20261122T222055/backup.info", BARMAN "status=DONE\n",
      "20261122T222055", 0x1000028, 0x1000100, 1, WHEN, UINT64_C(7711124370108294134), NULL },
    { "WAL-G", LAYOUT_WALG, "p/basebackups_005/base_000000020000000000000010_backup_stop_sentinel.json",
      "{\"LSN\":16777256,\"DeltaFrom\":null,\"FinishLSN\":16777472,\"SystemIdentifier\":7711124370108294134,\"Spec\":{\"a\":[1]}}",
      "base_000000020000000000000010", 0x1000028, 0x1000100, 2, NOT_SAID, UINT64_C(7711124370108294134), NULL },
    { "WAL-G, no positions", LAYOUT_WALG, "base_000000020000000000000010_backup_stop_sentinel.json", "{\"LSN\":null}", NULL, 0, 0, 0, 0, 0, NULL },
    { "WAL-G, another name", LAYOUT_WALG, "stream_20261122_backup_stop_sentinel.json", "{\"LSN\":1,\"FinishLSN\":2}", NULL, 0, 0, 0, 0, 0, NULL },
    { "pg_probackup", LAYOUT_PROBACKUP, "b/main/TOWJ27/backup.control", CONTROL "start-time = '2026-11-22 22:20:55+00'\nstatus = OK\n",
      "TOWJ27", 0x1000028, 0x1000100, 10, WHEN, 0, NULL },
    { "pg_probackup, running", LAYOUT_PROBACKUP, "b/main/TOWJ27/backup.control", CONTROL "status = RUNNING\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "pg_probackup.conf", LAYOUT_PROBACKUP, "b/main/pg_probackup.conf", "# a\npgdata = /x\nsystem-identifier = 7711124370108294134\n",
      NULL, 0, 0, 0, 0, UINT64_C(7711124370108294134), NULL },
    { "pg_rman", LAYOUT_RMAN, "b/20261122/222055/backup.ini", RMAN "START_LSN=0/01000028\nSTART_TIME='2026-11-22 22:20:55'\nSTATUS=OK\n",
      "20261122/222055", 0x1000028, 0x1000100, 3, NOT_SAID, 0, NULL },
    { "pg_rman, of WAL only", LAYOUT_RMAN, "b/20261122/222055/backup.ini", RMAN "START_LSN=0/00000000\nSTATUS=OK\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "pg_rman's system_identifier", LAYOUT_RMAN, "b/system_identifier", "SYSTEM_IDENTIFIER='7711124370108294134'\n",
      NULL, 0, 0, 0, 0, UINT64_C(7711124370108294134), NULL },
    { "pgmoneta", LAYOUT_PGMONETA, "p/s/backup/20261122222055/backup.info", MONETA "STATUS=1\n", "20261122222055", 0x1000028, 0x1000100, 1, NOT_SAID, 0, NULL },
    { "pgmoneta, failed", LAYOUT_PGMONETA, "p/s/backup/20261122222055/backup.info", MONETA "STATUS=0\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "no file of that layout", LAYOUT_PGHOARD, "backup.info", BARMAN "status=DONE\n", NULL, 0, 0, 0, 0, 0, NULL },
    { "nothing", LAYOUT_BARMAN, "backup.info", "", NULL, 0, 0, 0, 0, 0, NULL },
};
// clang-format on

static wp_view bytes_of(const char *text)
{
    return (wp_view){ (const uint8_t *)text, strlen(text) };
}

static void reads(void **state)
{
    const archiver_catalog_case *row = *state;
    catalogue got = { 0 };
    assert_true(archiver_catalog_parse(row->kind, row->path, bytes_of(row->text), &got));
    assert_int_equal(got.nbackups, row->id != NULL);
    if (row->id) {
        const archiver_catalog_backup *one = &got.backups[0];
        assert_string_equal(one->id, row->id);
        assert_int_equal(one->start, row->start);
        assert_int_equal(one->stop, row->stop);
        assert_int_equal(one->tli, row->tli);
        assert_true(one->time == row->time);
    }
    assert_int_equal(got.nclusters > 0, row->cluster != 0);
    assert_true(got.clusters[0] == row->cluster);
    assert_string_equal(got.passphrase, row->passphrase ? row->passphrase : "");
    archiver_catalog_free(&got);
}

/* Of several clusters in one repository, each backup is of its own; a backup is not there twice. */
static void tells_clusters_apart(void **state)
{
    (void)state;
    catalogue got = { 0 };
    const wp_view text = bytes_of("[backup:current]\n" F "=" CURRENT "\n" HISTORY);
    assert_true(archiver_catalog_parse(LAYOUT_PGBACKREST, "backup.info", text, &got));
    assert_true(archiver_catalog_parse(LAYOUT_PGBACKREST, "backup.info.copy", text, &got));
    assert_int_equal(got.nbackups, 1);
    assert_int_equal(got.nclusters, 2);
    assert_true(got.backups[0].cluster == UINT64_C(7711124370108294134));
    archiver_catalog_free(&got);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

typedef struct json_case {
    const char *name, *text, *value; /* of "k"; NULL: none */
} json_case;

static const json_case json_cases[] = {
    { "a string", "{\"k\":\"v\"}", "v" },
    { "a number", "{ \"a\" : 1 ,\n\t\"k\" : 18446744073709551615 }", "18446744073709551615" },
    { "a word", "{\"k\":null}", "null" },
    { "escapes", "{\"a\\\"\":\"\\\\\",\"k\":\"a\\\"\\/\\\\\"}", "a\"/\\" },
    { "an escape that is not read", "{\"k\":\"\\u0041\"}", NULL },
    { "only its own level", "{\"a\":{\"k\":1},\"b\":[{\"k\":2}],\"k\":3}", "3" },
    { "a brace in a string", "{\"a\":{\"b\":\"}]\"},\"k\":4}", "4" },
    { "an object", "{\"k\":{}}", NULL },
    { "not there", "{\"a\":1}", NULL },
    { "no object", "[\"k\",1]", NULL },
    { "nothing", "", NULL },
    { "broken off in a string", "{\"k\":\"v", NULL },
    { "broken off in an escape", "{\"k\":\"v\\", NULL },
    { "broken off in an object", "{\"a\":{\"b\":1", NULL },
    { "no colon", "{\"k\" 1}", NULL },
    { "no comma", "{\"a\":1 \"k\":2}", NULL },
    { "too long", "{\"k\":\"0123456789012345678901234567890123456789\"}", NULL },
};

static void gets(void **state)
{
    const json_case *row = *state;
    char value[32];
    const bool is_there = archiver_catalog_json_get(bytes_of(row->text), "k", value, sizeof value);
    assert_int_equal(is_there, row->value != NULL);
    if (row->value)
        assert_string_equal(value, row->value);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells_clusters_apart) };
    return RUN_CASES("catalogues", archiver_catalog_cases, reads)
           + RUN_CASES("JSON", json_cases, gets)
           + cmocka_run_group_tests_name("clusters", tests, NULL, NULL);
}
