/*
 * test_backup_blocks.c - blocks out of a base backup in each of its forms: the same bytes that were put there, and no more read than is
 * needed.
 *
 * The data directory is made up: each byte of a file is told by its name. Archives are made by tar and the packers themselves.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "backup/backup_blocks.h"
#include "codec/packing.h"
#include "codec/sha1.h"
#include "../../walparse/base/crc32c.h"

#define BLOCK 8192
/* pg_control says so: parts of files are small here. */
#define BLOCKS_PER_FILE 4
#define CATALOG_VERSION "PG_15_202209061"
#define LARGE_BLOCKS 1024

/* ---- a data directory ----------------------------------------------------------------------- */

typedef struct file_row {
    const char *name;
    wp_locator at;
    uint32_t part;
    uint32_t bytes;
    bool is_other; /* none that a locator leads to */
} file_row;

// clang-format off
static const file_row files[] = {
    { "base/5/1247",         { 1663, 5, 1247 },  0, 2 * BLOCK, false },
    { "base/5/16500",        { 1663, 5, 16500 }, 0, BLOCK, false }, /* pg_class, by its map */
    { "base/5/16384",        { 1663, 5, 16384 }, 0, 4 * BLOCK, false },
    { "base/5/16384.1",      { 1663, 5, 16384 }, 1, 4 * BLOCK, false },
    { "base/5/16384.2",      { 1663, 5, 16384 }, 2, BLOCK + 100, false },
    { "base/5/16400",        { 1663, 5, 16400 }, 0, 2 * BLOCK, false }, /* cut: what follows does not count */
    { "base/5/16400.1",      { 1663, 5, 16400 }, 1, BLOCK, true },
    { "base/5/16401",        { 1663, 5, 16401 }, 0, 0, false },
    { "base/5/16402",        { 1663, 5, 16402 }, 0, 4 * BLOCK, false }, /* full, and nothing after it */
    { "base/5/16384_fsm",    { 0, 0, 0 },        0, 3 * BLOCK, true },
    { "base/5/16385",        { 1663, 5, 16385 }, 0, LARGE_BLOCKS * BLOCK, true },
    { "base/6/1247",         { 1663, 6, 1247 },  0, BLOCK, false },
    { "global/1262",         { 1664, 0, 1262 },  0, BLOCK, false },
    { "global/20001",        { 1664, 0, 20001 }, 0, BLOCK, false }, /* by its map */
    { "pg_xact/0000",        { 0, 0, WP_REDO_XACT }, 0, 32 * BLOCK, false },
    { "pg_xact/0001",        { 0, 0, WP_REDO_XACT }, 1, 3 * BLOCK, false },
    { "pg_multixact/offsets/0000", { 0, 0, WP_REDO_MULTIXACT_OFFSETS }, 0, BLOCK, false },
    { "pg_multixact/members/0000", { 0, 0, WP_REDO_MULTIXACT_MEMBERS }, 0, 2 * BLOCK, false },
    { "pg_multixact/members/000000000000001", { 0, 0, WP_REDO_MULTIXACT_MEMBERS }, 1, BLOCK, false },
    { "pg_tblspc/16390/" CATALOG_VERSION "/5/16393",  { 16390, 5, 16393 },  0, 2 * BLOCK, false },
    { "pg_tblspc/16390/" CATALOG_VERSION "/16391/1247",  { 16390, 16391, 1247 },  0, BLOCK, false },
    { "pg_tblspc/16390/" CATALOG_VERSION "/16391/16392", { 16390, 16391, 16392 }, 0, 3 * BLOCK, false },
    /* What pg_upgrade leaves. */
    { "pg_tblspc/16390/PG_14_202107181/16391/16392", { 0, 0, 0 }, 0, 4 * BLOCK, true },
};
// clang-format on

static const wp_oid catalogs[] = { 0, 5, 6, 16391 };

/* A byte of a file: nothing that repeats with any power of two. */
static uint8_t byte_at(size_t file, size_t at)
{
    return (uint8_t)((at * 2654435761u >> 13) + file * 37);
}

static void put_pattern(const folder *f, const char *name, size_t file)
{
    uint8_t *bytes = malloc(files[file].bytes + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < files[file].bytes; i++)
        bytes[i] = byte_at(file, i);
    put_file(f, name, (wp_view){ bytes, files[file].bytes });
    free(bytes);
}

static void put_crc(uint8_t *bytes, size_t at)
{
    set_u32(bytes + at, ~wpi_crc32c_table()(UINT32_MAX, bytes, at));
}

static void put_map(const folder *f, const char *name, wp_oid catalog, wp_oid node)
{
    uint8_t bytes[512] = { 0 };
    set_u32(bytes, 0x592717);
    set_u32(bytes + 4, 1);
    set_u32(bytes + 8, catalog);
    set_u32(bytes + 12, node);
    put_crc(bytes, 504);
    put_file(f, name, (wp_view){ bytes, sizeof bytes });
}

/* Of 15; where its fields lie: test_datadir.c. */
static void put_control(const folder *f)
{
    uint8_t bytes[8192] = { 0 };
    set_u64(bytes, UINT64_C(7656812345678901234));
    set_u32(bytes + 8, 1300);
    set_u32(bytes + 12, 202209061);
    set_u32(bytes + 216, BLOCK);
    set_u32(bytes + 220, BLOCKS_PER_FILE);
    set_u32(bytes + 252, 1);
    put_crc(bytes, 288);
    put_file(f, "data/global/pg_control", (wp_view){ bytes, sizeof bytes });
}

static void put_label(const folder *f, const char *more)
{
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "START WAL LOCATION: 0/3000028 (file 000000010000000000000003)\n"
                   "CHECKPOINT LOCATION: 0/3000060\nBACKUP METHOD: streamed\n"
                   "BACKUP FROM: primary\nSTART TIME: 2026-11-22 10:48:05 UTC\nLABEL: x\n"
                   "START TIMELINE: 1\n%s",
                   more);
    put_text(f, "data/backup_label", text);
}

static folder f;

/* The tablespace lies beside the data directory, which has a link to it. */
static int make(void **state)
{
    (void)state;
    f = folder_new();
    put_text(&f, "data/PG_VERSION", "15\n");
    put_label(&f, "");
    put_control(&f);
    put_map(&f, "data/global/pg_filenode.map", 1260, 20001);
    put_map(&f, "data/base/5/pg_filenode.map", 1259, 16500);
    put_map(&f, "data/base/6/pg_filenode.map", 1259, 1259);
    put_map(&f, "spc/" CATALOG_VERSION "/16391/pg_filenode.map", 1259, 1259);
    put_map(&f, "spc/PG_14_202107181/16391/pg_filenode.map", 1259, 77777);
    put_subfolder(&f, "data/pg_tblspc");
    put_text(&f, "data/backup_manifest",
             "{ \"WAL-Ranges\": [ { \"Timeline\": 1, \"Start-LSN\": \"0/3000028\", "
             "\"End-LSN\": \"0/3000138\" } ] }");
    char name[256];
    for (size_t i = 0; i < COUNT(files); i++) {
        const char *in_spc = strstr(files[i].name, "16390/");
        (void)snprintf(name, sizeof name, "%s/%s", in_spc ? "spc" : "data",
                       in_spc ? in_spc + 6 : files[i].name);
        put_pattern(&f, name, i);
    }
    (void)snprintf(name, sizeof name, "16390 %s\n", in_folder(&f, "spc"));
    put_text(&f, "data/tablespace_map", name);
    assert_int_equal(symlink("../../spc", in_folder(&f, "data/pg_tblspc/16390")), 0);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    folder_remove(&f);
    return 0;
}

/* Runs a command in the folder. */
static bool runs(const char *command)
{
    char script[2048];
    (void)snprintf(script, sizeof script, "cd '%s' && %s", f.path, command);
    return system(script) == 0; // NOLINT(cert-env33-c)
}

/* ---- what comes out ------------------------------------------------------------------------- */

static void check_file(backup_blocks *b, size_t n)
{
    const file_row *row = &files[n];
    const bool is_log = row->at.spc == 0;
    const uint32_t before = row->part * (is_log ? 32 : BLOCKS_PER_FILE);
    const uint32_t blocks = row->bytes / BLOCK;
    uint8_t page[BLOCK];
    char message[512] = "";
    for (uint32_t block = 0; block < blocks; block++) {
        if (backup_blocks_read(b, &row->at, before + block, page, message) != BACKUP_BLOCK_READ)
            fail_msg("%s, block %u: %s", row->name, block, message);
        for (size_t i = 0; i < BLOCK; i++)
            if (page[i] != byte_at(n, (size_t)block * BLOCK + i))
                fail_msg("%s, block %u differs at %zu", row->name, block, i);
    }
}

static void check_files(backup_blocks *b)
{
    uint8_t page[BLOCK];
    char message[512];
    for (size_t i = COUNT(files); i-- > 0;)
        if (!files[i].is_other)
            check_file(b, i);
    static const struct {
        wp_locator at;
        uint32_t blocks;
        bool is_missing;
    } counts[] = { { { 1663, 5, 1247 }, 2, false },       { { 1663, 5, 16384 }, 9, false },
                   { { 1663, 5, 16400 }, 2, false },      { { 1663, 5, 16401 }, 0, false },
                   { { 1663, 5, 16402 }, 4, false },      { { 1663, 5, 16999 }, 0, true },
                   { { 16390, 16391, 16392 }, 3, false }, { { 1664, 0, 20001 }, 1, false },
                   { { 0, 0, WP_REDO_XACT }, 0, false },  { { 16390, 5, 16393 }, 2, false },
                   { { 1663, 5, 2619 }, 0, true } };
    for (size_t i = 0; i < COUNT(counts); i++) {
        const wp_locator *at = &counts[i].at;
        assert_int_equal(backup_blocks_count(b, at), counts[i].blocks);
        assert_int_equal(backup_blocks_has(b, at), !counts[i].is_missing);
        assert_int_equal(backup_blocks_has_rest(b, at),
                         at->rel == 16384 || at->rel == 16400 || at->rel == 16402);
        if (at->spc != 0)
            assert_int_equal(backup_blocks_read(b, at, counts[i].blocks, page, message),
                             BACKUP_BLOCK_ABSENT);
    }
    const wp_locator cut = { 1663, 5, 16400 }, xact = { 0, 0, WP_REDO_XACT };
    assert_int_equal(backup_blocks_read(b, &cut, 4, page, message), BACKUP_BLOCK_ABSENT);
    assert_int_equal(backup_blocks_read(b, &xact, 35, page, message), BACKUP_BLOCK_ABSENT);
    assert_int_equal(backup_blocks_read(b, &xact, UINT32_MAX, page, message), BACKUP_BLOCK_ABSENT);
    assert_int_equal(backup_blocks_read(b, &cut, UINT32_MAX, page, message), BACKUP_BLOCK_ABSENT);
}

static void check_about(const backup_blocks *b)
{
    const backup_about *about = backup_blocks_about(b);
    assert_int_equal(about->label.start_lsn, 0x3000028);
    assert_int_equal(about->stop_lsn, 0x3000138);
    assert_int_equal(about->label.timeline, 1);
    assert_int_equal(about->control.system_identifier, UINT64_C(7656812345678901234));
    assert_true(about->has_checksums);
    assert_string_equal(about->profile->major, "15");
    static const wp_locator databases[] = { { 1663, 5, 0 }, { 1663, 6, 0 }, { 16390, 16391, 0 } };
    size_t n;
    const wp_locator *got = backup_blocks_databases(b, &n);
    assert_int_equal(n, COUNT(databases));
    assert_memory_equal(got, databases, sizeof databases);
    assert_int_equal(backup_blocks_map(b, 1663, 5).len, 512);
    assert_int_equal(backup_blocks_map(b, 1664, 0).len, 512);
    assert_null(backup_blocks_map(b, 1663, 16391).bytes);
    assert_int_equal(backup_blocks_map(b, 16390, 16391).bytes[12]
                         + 256 * backup_blocks_map(b, 16390, 16391).bytes[13],
                     1259);
}

/* The files that are asked for by their numbers. */
static size_t list_files(wp_locator *out)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(files); i++)
        if (!files[i].is_other && files[i].at.rel != 1247 && files[i].at.rel != 16500
            && files[i].at.rel != 20001)
            out[n++] = files[i].at;
    out[n++] = (wp_locator){ 1663, 5, 16999 };
    return n;
}

static backup_blocks *must_open(const char *path, const backup_wants *wants)
{
    backup_blocks *b;
    char message[512];
    if (!backup_blocks_open(path, wants, &b, message))
        fail_msg("%s", message);
    return b;
}

/* ---- each form ------------------------------------------------------------------------------ */

typedef struct form_case {
    const char *name;
    const char *needs;   /* program */
    const char *command; /* in the folder */
    const char *path;
    uint32_t most; /* KB that may be read; 0: all of it */
} form_case;

#define TABLESPACE_TAR "tar -C spc -cf out/16390.tar ."
#define MANIFEST "cp data/backup_manifest out"
#define BASE_TAR \
    "tar -C data --exclude=./pg_tblspc/* --exclude=./backup_manifest -cf out/base.tar ."
/* A manifest of what is in `from`, with two parts of a table in a bundle, in out/L. */
#define BACKREST(from, type)                                                                                   \
    "mkdir -p out/L/bundle && cp -a " from                                                                     \
    " out/L/pg_data && rm -f out/L/pg_data/backup_manifest "                                                   \
    "out/L/pg_data/pg_tblspc/16390 && mkdir out/L/pg_tblspc && cp -a spc out/L/pg_tblspc/16390 && "            \
    "cd out/L && { printf '[backrest]\\nbackrest-format=5\\n\\n[backup]\\nbackup-lsn-stop=\"0/3000138\"\\n\\n" \
    "[backup:option]\\noption-compress-type=\"" type "\"\\n\\n[target:file]\\n' && "                           \
    "find pg_data pg_tblspc -type f -printf '%p={\"size\":%s}\\n'; } >backup.manifest"
#define BUNDLE                                                                                  \
    " && cat pg_data/base/5/16384 pg_data/base/5/16384.1 >bundle/1 && rm pg_data/base/5/16384 " \
    "pg_data/base/5/16384.1 && sed -i -e 's|^\\(pg_data/base/5/16384={\\)|\\1\"bni\":1,|' "     \
    "-e 's|^\\(pg_data/base/5/16384[.]1={\\)|\\1\"bni\":1,\"bno\":32768,|' backup.manifest"
/* Names begin with a slash, and pg_control lies apart. */
#define WALG                                                                                \
    "p=out/base_000000010000000000000003/tar_partitions && mkdir -p $p && "                 \
    "tar -C data -P --transform 's|^|/|' -chf $p/part_001.tar base pg_xact PG_VERSION && "  \
    "tar -C data -P --transform 's|^|/|' -chf $p/part_002.tar --exclude=pg_control global " \
    "pg_multixact pg_tblspc && "                                                            \
    "tar -C data -P --transform 's|^|/|' -cf $p/pg_control.tar global/pg_control && "       \
    "tar -C data -cf $p/part_003.tar backup_label tablespace_map && "
#define WALG_SENTINEL                                                                               \
    " && echo '{\"LSN\":50331688,\"DeltaFrom\":null,\"FinishLSN\":50331960,\"PgVersion\":150020}' " \
    ">out/base_000000010000000000000003_backup_stop_sentinel.json"
/* The wanted files have 580 KB, the large one 8 MB. */
#define FEW 900

// clang-format off
static const form_case forms[] = {
    { "a folder", "tar", "true", "data", FEW },
    { "a folder without its link, and tablespace_map", "tar",
      "rm -rf alone && cp -a data alone && rm alone/pg_tblspc/16390", "alone", FEW },
    { "base.tar and a tar of the tablespace", "tar",
      TABLESPACE_TAR " && " BASE_TAR " && " MANIFEST, "out", FEW },
    { "base.tar by its path", "tar",
      TABLESPACE_TAR " && " BASE_TAR " && " MANIFEST, "out/base.tar", FEW },
    { "one tar with all", "tar",
      "tar -C data -chf out/base.tar PG_VERSION backup_label base global pg_xact pg_multixact pg_tblspc && " MANIFEST,
      "out/base.tar", FEW },
    { "pax, from its end to its begin", "tar",
      TABLESPACE_TAR " && tar -C data --format=pax -cf out/base.tar pg_xact pg_multixact global base tablespace_map backup_label PG_VERSION && " MANIFEST,
      "out", FEW },
    { "a folder of 9.6, whose pg_clog it is", "tar", "cp -a data/. out && mv out/pg_xact out/pg_clog && ln -sfn ../../spc out/pg_tblspc/16390", "out", FEW },
    { "pgmoneta, zstd", "zstd",
      "cp -a data out/data && cp -a spc out/spc && find out/data out/spc -type f ! -name backup_manifest -exec zstd -q --rm {} + && "
      "find out -name '*.zst' -exec sh -c 'mv $1 ${1}d' - {} \\; && echo STATUS=1 >out/backup.info", "out", FEW },
    { "pgmoneta, gzip, its label unpacked", "gzip",
      "cp -a data out/data && cp -a spc out/spc && find out/data out/spc -type f ! -name 'backup_*' -exec gzip {} + && "
      "echo STATUS=1 >out/backup.info", "out", FEW },
    { "Barman: tablespaces beside the data, the label in backup.info", "tar",
      "cp -a data out/data && cp -a spc out/16390 && rm out/data/pg_tblspc/16390 out/data/tablespace_map && "
      "{ echo status=DONE; awk -v q=\"'\" '{ s = s $0 \"\\\\n\" } END { print \"backup_label=\" q s q }' out/data/backup_label; } >out/backup.info && "
      "rm out/data/backup_label", "out", FEW },
    { "Barman 3.13: backup.info in meta, which has the end", "tar",
      "mkdir -p out/base/ID out/meta && cp -a data out/base/ID/data && cp -a spc out/base/ID/16390 && rm out/base/ID/data/pg_tblspc/16390 "
      "out/base/ID/data/backup_manifest && printf 'status=DONE\\nend_xlog=0/3000138\\n' >out/meta/ID-backup.info", "out/base/ID/", FEW },
    { "Barman, packed by pg_basebackup", "gzip",
      TABLESPACE_TAR " && " BASE_TAR " && " MANIFEST " && gzip out/*.tar && mkdir out/ID && mv out/base.tar.gz out/16390.tar.gz out/backup_manifest -t out/ID && "
      "mkdir out/B && mv out/ID out/B/data && echo status=DONE >out/B/backup.info", "out/B", 0 },
    { "barman-cloud, in parts", "gzip",
      "tar -C data -cf out/data.tar PG_VERSION tablespace_map base pg_xact pg_multixact && tar -C data -cf out/data_0001.tar global backup_label && "
      "tar -C spc -cf out/16390.tar " CATALOG_VERSION "/16391 && tar -C spc -cf out/16390_0001.tar " CATALOG_VERSION "/5 PG_14_202107181 && gzip out/*.tar && "
      "printf 'status=DONE\\nend_xlog=0/3000138\\n' >out/backup.info", "out", 0 },
    { "WAL-G, lz4", "lz4", WALG "lz4 -qm --rm $p/*.tar" WALG_SENTINEL, "out/base_000000010000000000000003", 0 },
    { "WAL-G, plain", "tar", WALG "true" WALG_SENTINEL, "out/base_000000010000000000000003/", FEW },
    { "pgBackRest, with a bundle", "tar", BACKREST("data", "none") BUNDLE, "out/L", FEW },
    { "pgBackRest, gz", "gzip", BACKREST("data", "gz") " && find pg_* -type f -exec gzip {} +", "out/L", FEW },
    { "base.tar.gz", "gzip", TABLESPACE_TAR " && " BASE_TAR " && gzip out/*.tar && " MANIFEST, "out", 0 },
    { "base.tar.gz and a plain tar of the tablespace", "gzip",
      TABLESPACE_TAR " && " BASE_TAR " && gzip out/base.tar && " MANIFEST, "out", 0 },
    { "base.tar.lz4", "lz4", TABLESPACE_TAR " && " BASE_TAR " && lz4 -qm --rm out/*.tar && " MANIFEST, "out", 0 },
    { "base.tar.zst", "zstd", TABLESPACE_TAR " && " BASE_TAR " && zstd -q --rm out/*.tar && " MANIFEST, "out", 0 },
    { "base.tar.bz2", "bzip2", TABLESPACE_TAR " && " BASE_TAR " && bzip2 out/*.tar && " MANIFEST, "out", 0 },
    { "base.tar.xz", "xz", TABLESPACE_TAR " && " BASE_TAR " && xz -0 out/*.tar && " MANIFEST, "out", 0 },
};
// clang-format on

/* A program to pack with, and what this build unpacks it by. */
static bool has_program(const char *name)
{
    static const struct {
        const char *name;
        packing_id id;
    } packers[] = { { "lz4", PACKING_LZ4 },
                    { "zstd", PACKING_ZSTD },
                    { "bzip2", PACKING_BZIP2 },
                    { "xz", PACKING_XZ } };
    for (size_t i = 0; i < COUNT(packers); i++)
        if (strcmp(packers[i].name, name) == 0 && !packing_at(packers[i].id)->codec)
            return false;
    char command[64];
    (void)snprintf(command, sizeof command, "command -v %s >/dev/null", name);
    return runs(command);
}

static void a_form_gives_the_bytes_that_were_put_there(void **state)
{
    const form_case *row = *state;
    if (!has_program(row->needs))
        skip();
    assert_true(runs("rm -rf out && mkdir out"));
    if (!runs(row->command))
        fail_msg("%s", row->command);
    wp_locator list[COUNT(files) + 1];
    const backup_wants all = { list, list_files(list), catalogs, COUNT(catalogs) };
    char path[128], message[512];
    (void)snprintf(path, sizeof path, "%s", in_folder(&f, row->path));

    backup_blocks *b = must_open(path, &all);
    check_about(b);
    check_files(b);
    const uint64_t read = backup_blocks_bytes_read(b);
    if (row->most > 0 && read > row->most * UINT64_C(1024))
        fail_msg("%zu bytes were read", (size_t)read);
    assert_true(read > 10 * 1024);
    /* Twice: catalogs in files that only the maps name were not known the first time. */
    char script[256];
    (void)snprintf(script, sizeof script,
                   "test %zu -le $((2 * $(find out -name '*.tar*' -exec cat {} + | wc -c) + 9000))",
                   (size_t)read);
    if (row->most == 0 && !runs(script))
        fail_msg("%zu bytes were read", (size_t)read);
    backup_blocks_free(b);

    /* In pieces: nothing is there before it was asked for. */
    uint8_t page[BLOCK];
    b = must_open(path, NULL);
    check_about(b);
    assert_int_equal(backup_blocks_read(b, &list[0], 0, page, message), BACKUP_BLOCK_FAILED);
    const backup_wants first = { list, all.nfiles, NULL, 0 }, second = { NULL, 0, catalogs, 4 };
    assert_true(backup_blocks_fetch(b, &first, message));
    assert_int_equal(backup_blocks_read(b, &files[0].at, 0, page, message), BACKUP_BLOCK_FAILED);
    assert_true(backup_blocks_fetch(b, &second, message));
    check_files(b);
    /* Not for what it has already, nor for what it does not have. */
    const uint64_t before = backup_blocks_bytes_read(b);
    const wp_locator absent[] = { { 1663, 5, 30000 }, { 16390, 6, 30000 } };
    const backup_wants none = { absent, COUNT(absent), NULL, 0 };
    assert_true(backup_blocks_fetch(b, &all, message));
    assert_true(backup_blocks_fetch(b, &none, message));
    assert_int_equal(backup_blocks_read(b, &absent[0], 0, page, message), BACKUP_BLOCK_ABSENT);
    assert_int_equal(backup_blocks_bytes_read(b), before);
    backup_blocks_free(b);
}

/* ---- refused -------------------------------------------------------------------------------- */

typedef struct refused_case {
    const char *name;
    const char *command; /* out is a copy of the data directory, or to be made */
    const char *says;
} refused_case;

// clang-format off
#define AS_BACKREST "mv out o && mkdir out && " BACKREST("o", "none") " && mv * .. && cd .."
static const refused_case refused[] = {
    { "no folder at all", "rm -rf out", "cannot open backup" },
    { "no version", "rm out/PG_VERSION", "has no PG_VERSION" },
    { "no label", "rm out/backup_label", "has no backup_label" },
    { "no pg_control", "rm out/global/pg_control", "has no global/pg_control" },
    { "no shared map", "rm out/global/pg_filenode.map", "has no global/pg_filenode.map" },
    { "a damaged map", "truncate -s 511 out/base/5/pg_filenode.map", "pg_filenode.map of database 5" },
    { "an incremental backup", "echo 'INCREMENTAL FROM LSN: 0/2000028' >>out/backup_label", "is incremental" },
    { "increments", "mv out/base/5/16384.1 out/base/5/INCREMENTAL.16384.1", "has only increments of file 16384 of database 5" },
    { "a tablespace that is not there", "sed -i 's|/spc$|/gone|' out/tablespace_map; rm out/pg_tblspc/16390", "lacks tablespace 16390" },
    { "pgBackRest: a bundle that is too short", AS_BACKREST BUNDLE " && truncate -s -1 bundle/1", "is shorter than its backup.manifest says" },
    { "pgBackRest: an offset beyond all files", AS_BACKREST " && sed -i 's|16384={|&\"bni\":1,\"bno\":18446744073709551615,|' backup.manifest && touch bundle/1", "is shorter than its backup.manifest says" },
    { "pgBackRest: a huge size", AS_BACKREST " && sed -i '/16384=/s|\"size\":|&18446744073709|' backup.manifest", "is shorter than its backup.manifest says" },
    { "pgBackRest: no size", AS_BACKREST " && sed -i '/16384=/s|\"size\"|\"sise\"|' backup.manifest", "has no size" },
    { "pgBackRest: another size than is packed", AS_BACKREST " && sed -i 's|=\"none\"|=\"gz\"|; /16384=/s|\"size\":|&1|' backup.manifest && find pg_* -type f -exec gzip {} +", "and the backup says that it has 132768" },
    { "pgBackRest: another sum than is told", AS_BACKREST " && sed -i 's|=\"none\"|=\"gz\"|; s|16384={|&\"checksum\":\"587b596f04f7db9c2cad3d6b87dd2b3a05de4f35\",|' backup.manifest && find pg_* -type f -exec gzip {} +", "its SHA-1 is another" },
    { "pgBackRest: a reference out of the repository", AS_BACKREST " && sed -i 's|16384={|&\"reference\":\"../x\",|' backup.manifest", "refers to no backup" },
    { "pgBackRest: a backup that it refers to and that is gone", AS_BACKREST " && sed -i 's|16384={|&\"reference\":\"20260101-000000F\",|' backup.manifest", "backup 20260101-000000F, which it refers to, is not beside it" },
    { "pgBackRest: increments of blocks", AS_BACKREST " && sed -i 's|16384={|&\"bi\":1,\"bim\":20,|' backup.manifest", "increments of blocks" },
    { "pgBackRest: a packing of the future", AS_BACKREST " && sed -i 's|=\"none\"|=\"rar\"|' backup.manifest", "compression \"rar\" is not known" },
    { "pgBackRest: not finished", AS_BACKREST " && mv backup.manifest backup.manifest.copy", "backup.manifest" },
    { "a delta of WAL-G", "mkdir -p o && mv out o/x; mkdir -p out/tar_partitions && echo '{\"DeltaFrom\":\"base_0\"}' >out_backup_stop_sentinel.json; rm -rf o", "is a delta of WAL-G" },
    { "a part of WAL-G's that is missing", "rm -rf out out_backup* && mkdir -p out/tar_partitions && cp spc.tar out/tar_partitions/part_002.tar", "it is not whole" },
    { "a part of barman-cloud's that is missing", "rm -rf out/* && cp spc.tar out/data.tar && cp spc.tar out/data_0002.tar", "the archive before it is not" },
    { "a backup that failed", "mv out o && mkdir out && mv o out/data && echo status=FAILED >out/backup.info", "its status is FAILED" },
    { "all backups of pgBackRest", "rm -rf out/* && touch out/backup.info out/backup.info.copy", "give one of them" },
    { "one of pg_probackup", "rm -rf out/* && mkdir out/database && touch out/backup.control", "is one of pg_probackup" },
    { "one of pg_rman", "rm -rf out/* && mkdir out/database && touch out/backup.ini", "is one of pg_rman" },
    { "a packed file that is cut", "mv out o && mkdir out && mv o out/data && gzip out/data/base/5/16384 && truncate -s -9 out/data/base/5/16384.gz", "cannot be unpacked to its end" },
    { "a packed file that is encrypted", "mv out o && mkdir out && mv o out/data && mv out/data/base/5/16384 out/data/base/5/16384.gz", "is not packed as it should be" },
    { "a tar that is cut", "tar -C out -cf base.tar . && rm -r out && mkdir out && head -c 3000000 base.tar >out/base.tar", "ends in the middle" },
    { "a packed tar that is cut", "tar -C out -cf base.tar . && rm -r out && mkdir out && gzip -c base.tar | head -c -1000 >out/base.tar.gz", "ends in the middle" },
    { "a packed tar whose checksum is wrong", "tar -C out -cf base.tar . && rm -r out && mkdir out && mv spc.tar out/16390.tar && gzip -c base.tar >out/base.tar.gz && printf '\\0\\0\\0\\0' | dd of=out/base.tar.gz conv=notrunc status=none bs=1 seek=$(($(stat -c %s out/base.tar.gz) - 8))", "cannot be unpacked to its end" },
    { "a tar with a file twice", "tar -C out -cf base.tar . && tar -C out -rf base.tar ./base/5/16384 && rm -r out && mkdir out && cp base.tar spc.tar out && mv out/spc.tar out/16390.tar", "holds part 0 of file 16384 of database 5 twice" },
};
// clang-format on

static void what_is_wrong_is_said(void **state)
{
    const refused_case *row = *state;
    sha1 *sums = sha1_new();
    const bool takes_sums = sums;
    sha1_free(sums);
    if (strstr(row->says, "SHA-1") && !takes_sums)
        skip();
    assert_true(runs("rm -rf out* o && cp -a data out && tar -C spc -cf spc.tar ."));
    if (!runs(row->command))
        fail_msg("%s", row->command);
    wp_locator list[COUNT(files) + 1];
    const backup_wants all = { list, list_files(list), catalogs, COUNT(catalogs) };
    backup_blocks *b;
    char message[512] = "";
    assert_false(backup_blocks_open(in_folder(&f, "out"), &all, &b, message));
    backup_blocks_free(b);
    if (!strstr(message, row->says) || strchr(message, '\n'))
        fail_msg("%s", message);
}

/* A database may lie in the tablespace that is missing: it is not said to have no catalogs. */
static void a_missing_tablespace_matters_only_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_true(runs("rm -rf out && cp -a data out && sed -i 's|/spc$|/gone|' out/tablespace_map "
                     "&& rm out/pg_tblspc/16390"));
    const wp_oid known[] = { 0, 5 }, other[] = { 16391 };
    const wp_locator there = { 1663, 5, 16384 };
    const backup_wants wants = { &there, 1, known, 2 }, more = { NULL, 0, other, 1 };
    char message[512] = "";
    backup_blocks *b = must_open(in_folder(&f, "out"), &wants);
    assert_int_equal(backup_blocks_count(b, &there), 9);
    assert_false(backup_blocks_fetch(b, &more, message));
    assert_non_null(strstr(message, "lacks tablespace 16390"));
    backup_blocks_free(b);
}

/* A link that leads to the tablespace of a server that went on. */
static void a_page_newer_than_the_backup_is_none_of_it(void **state)
{
    (void)state;
    uint8_t page[BLOCK] = { 0 };
    char message[512] = "";
    const wp_locator at = { 16390, 5, 16393 };
    const backup_wants wants = { &at, 1, NULL, 0 };
    set_u32(page + 4, 0x3000138); /* where the backup ends */
    set_u16(page + 18, BLOCK | 4);
    put_file(&f, "spc/" CATALOG_VERSION "/5/16393", (wp_view){ page, BLOCK });
    backup_blocks *b = must_open(in_folder(&f, "data"), &wants);
    assert_int_equal(backup_blocks_read(b, &at, 0, page, message), BACKUP_BLOCK_READ);
    backup_blocks_set_stop(b, 0x3000130);
    assert_int_equal(backup_blocks_read(b, &at, 0, page, message), BACKUP_BLOCK_FAILED);
    assert_non_null(strstr(message, "was changed at 0/3000138, and backup"));
    assert_non_null(strstr(message, "ends at 0/3000130: it is none of the backup's (does its"));
    backup_blocks_set_stop(b, 0);
    assert_int_equal(backup_blocks_read(b, &at, 0, page, message), BACKUP_BLOCK_READ);
    backup_blocks_free(b);
    set_u32(page + 4, 0x4000138);
    put_file(&f, "spc/" CATALOG_VERSION "/5/16393", (wp_view){ page, BLOCK });
    b = must_open(in_folder(&f, "data"), &wants);
    assert_int_equal(backup_blocks_read(b, &at, 0, page, message), BACKUP_BLOCK_FAILED);
    backup_blocks_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_tablespace_matters_only_where_it_is_asked_for),
        cmocka_unit_test(a_page_newer_than_the_backup_is_none_of_it),
    };
    (void)make(NULL);
    int failed = RUN_CASES("forms", forms, a_form_gives_the_bytes_that_were_put_there);
    failed += RUN_CASES("refused", refused, what_is_wrong_is_said);
    failed += cmocka_run_group_tests(tests, NULL, NULL);
    (void)drop(NULL);
    return failed;
}
