/*
 * test_layout.c - which layout a folder has, and which of its folders hold WAL.
 *
 * A row is a folder with empty files; what counts is their names.
 */
#include <stdio.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "archive/layout.h"
#include "base/text.h"

#define FILES_MAX 8
#define LOG "0000000100000000"
#define SEG LOG "00000001"

typedef struct layout_case {
    const char *name;
    const char *files[FILES_MAX];
    const char *source; /* below the folder */
    layout_kind kind;
    const char *root, *unit; /* below the folder; unit NULL: it has no name */
    const char *folders;     /* below the source, a blank behind each; "." is the source itself */
    const char *words;       /* refused with these */
} layout_case;

#define STANZA "archive/main/archive.info", "archive/main/15-1/" LOG "/" SEG
#define BARMAN                                                                     \
    "main/wals/" LOG "/" SEG, "main/incoming/x", "main/streaming/" SEG ".partial", \
        "main/identity.json"
#define PROBACKUP "wal/main/" SEG, "backups/main/pg_probackup.conf"

// clang-format off
static const layout_case layout_cases[] = {
    { "nothing known", { SEG }, "", LAYOUT_PLAIN, NULL, NULL, "", NULL },
    { "pgBackRest", { STANZA, "archive/main/14-1/00000002.history" }, "", LAYOUT_PGBACKREST, "", "main",
      "archive/main/14-1 archive/main/15-1 archive/main/15-1/" LOG " ", NULL },
    { "pgBackRest: archive", { STANZA }, "archive", LAYOUT_PGBACKREST, "", "main", "main/15-1 main/15-1/" LOG " ", NULL },
    { "pgBackRest: a stanza", { STANZA, "archive/b/archive.info" }, "archive/main", LAYOUT_PGBACKREST, "", "main", "15-1 15-1/" LOG " ", NULL },
    { "pgBackRest: a cluster", { STANZA }, "archive/main/15-1", LAYOUT_PGBACKREST, "", "main", ". " LOG " ", NULL },
    { "pgBackRest: one folder", { STANZA }, "archive/main/15-1/" LOG, LAYOUT_PGBACKREST, "", "main", ". ", NULL },
    { "pgBackRest: several stanzas", { STANZA, "archive/b/archive.info.copy" }, "", LAYOUT_PLAIN, NULL, NULL, NULL, "2 stanzas (b, main)" },
    { "pgBackRest: no WAL yet", { "archive/main/archive.info" }, "", LAYOUT_PLAIN, NULL, NULL, "", NULL },
    { "Barman", { BARMAN }, "", LAYOUT_BARMAN, "", "main", "main/incoming main/streaming main/wals main/wals/" LOG " ", NULL },
    { "Barman: a server", { BARMAN }, "main", LAYOUT_BARMAN, "", "main", "incoming streaming wals wals/" LOG " ", NULL },
    { "Barman: wals", { BARMAN }, "main/wals", LAYOUT_BARMAN, "", "main", ". " LOG " ", NULL },
    { "Barman: several servers", { BARMAN, "b/wals/xlog.db" }, "", LAYOUT_PLAIN, NULL, NULL, NULL, "2 servers (b, main)" },
    { "barman-cloud", { "main/wals/" LOG "/" SEG ".gz" }, "", LAYOUT_BARMAN_CLOUD, "", "main", "main/wals main/wals/" LOG " ", NULL },
    { "WAL-G", { "wal_005/" SEG ".lz4", "basebackups_005/x" }, "", LAYOUT_WALG, "", NULL, "wal_005 ", NULL },
    { "WAL-G: wal_005", { "wal_005/" SEG ".lz4" }, "wal_005", LAYOUT_WALG, "", NULL, ". ", NULL },
    { "pg_probackup", { PROBACKUP }, "", LAYOUT_PROBACKUP, "", "main", "wal/main ", NULL },
    { "pg_probackup: an instance", { PROBACKUP }, "wal/main", LAYOUT_PROBACKUP, "", "main", ". ", NULL },
    { "pg_probackup: several instances", { PROBACKUP, "wal/b/" SEG, "backups/b/pg_probackup.conf" }, "", LAYOUT_PLAIN, NULL, NULL, NULL,
      "2 instances (b, main)" },
    { "pg_rman", { "pg_rman.ini", "20261122/104805/arclog/" SEG, "20261122/104805/database/" SEG, "timeline_history/00000002.history", "x/1/arclog/" SEG },
      "", LAYOUT_RMAN, "", NULL, "20261122/104805/arclog timeline_history ", NULL },
    { "pgmoneta", { "s/wal/" SEG ".zstd", "s/backup/20261122104805/backup.info" }, "", LAYOUT_PGMONETA, "", "s", "s/wal ", NULL },
    { "a backup beside a folder wal", { "wal/" SEG, "backup/base/backup_label" }, "", LAYOUT_PLAIN, NULL, NULL, "", NULL },
    { "pghoard", { "site/xlog/" SEG, "site/timeline/00000002.history" }, "", LAYOUT_PGHOARD, "", "site", "site/timeline site/xlog ", NULL },
    { "a data directory", { "PG_VERSION", "pg_wal/" SEG, "base/1/1" }, "", LAYOUT_DATA_DIRECTORY, "", NULL, "pg_wal ", NULL },
    { "its pg_xlog", { "PG_VERSION", "pg_xlog/" SEG }, "pg_xlog", LAYOUT_DATA_DIRECTORY, "", NULL, ". ", NULL },
};
// clang-format on

static void check_folders(const layout_case *row, const char *source, const wal_layout *got)
{
    text list = { 0 };
    const size_t len = strlen(source);
    for (size_t i = 0; i < got->nfolders; i++) {
        assert_memory_equal(got->folders[i], source, len);
        const char *rest = got->folders[i] + len;
        text_addf(&list, "%s ", *rest == '/' ? rest + 1 : *rest ? rest : ".");
    }
    assert_string_equal(text_chars(&list), row->folders);
    text_free(&list);
}

static void recognises(void **state)
{
    const layout_case *row = *state;
    folder f = folder_new();
    char source[256], root[256], message[512] = "";
    for (size_t i = 0; i < FILES_MAX && row->files[i]; i++)
        put_text(&f, row->files[i], "");
    (void)snprintf(source, sizeof source, "%s%s%s", f.path, *row->source ? "/" : "", row->source);
    (void)snprintf(root, sizeof root, "%s%s", f.path, row->root ? row->root : "");
    wal_layout got;
    const bool is_good = layout_of(source, &got, message);
    folder_remove(&f);
    assert_int_equal(is_good, row->words == NULL);
    if (row->words && !strstr(message, row->words))
        fail_msg("\"%s\" is not in \"%s\"", row->words, message);
    assert_int_equal(got.kind, row->kind);
    if (got.kind != LAYOUT_PLAIN) {
        assert_string_equal(got.root, root);
        assert_int_equal(got.name != NULL, row->unit != NULL);
        if (row->unit)
            assert_string_equal(got.name, row->unit);
        check_folders(row, source, &got);
    }
    layout_free(&got);
}

/* A link back up is walked no deeper than a pattern is. */
static void is_not_caught_in_a_loop(void **state)
{
    (void)state;
    folder f = folder_new();
    wal_layout got;
    char message[512];
    put_text(&f, "pg_rman.ini", "");
    put_text(&f, "20261122/104805/arclog/" SEG, "");
    assert_int_equal(symlink("..", in_folder(&f, "20261122/104806")), 0);
    assert_true(layout_of(f.path, &got, message));
    assert_int_equal(got.nfolders, 1);
    layout_free(&got);
    folder_remove(&f);
}

static void needs_a_folder(void **state)
{
    (void)state;
    wal_layout got;
    char message[512];
    assert_false(layout_of("/no/such/folder", &got, message));
    assert_non_null(strstr(message, "cannot open \"/no/such/folder\""));
    layout_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(is_not_caught_in_a_loop),
                                        cmocka_unit_test(needs_a_folder) };
    return RUN_CASES("layouts", layout_cases, recognises)
           + cmocka_run_group_tests_name("walking", tests, NULL, NULL);
}
