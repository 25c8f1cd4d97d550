/*
 * test_archive.c - from files in a folder to the list of segments that is read.
 *
 * A row is a folder and what must come of it. The segments are real: eight of 1 MB, numbers 1 to 8,
 * with commits at 20n and 20n + 10 minutes past noon, but none in the fourth and fifth.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive_open.h"
#include "cases.h"
#include "folder.h"
#include "wal_builder.h"

#define MB UINT64_C(0x100000)
#define SEGMENTS 8
#define MINUTE INT64_C(60000000)
#define FILES_MAX 10

/* ---- the WAL -------------------------------------------------------------------------------- */

static wal_builder *ours, *foreign;

/* Commits of segment n (from 0) at 20n and 20n + 10 minutes past noon. */
static wal_builder *build(uint64_t system_id)
{
    wal_builder *w = wal_new_with(&(wal_config){ .major = "15", .system_id = system_id });
    for (unsigned n = 0; n < SEGMENTS; n++) {
        const wp_lsn end = (n + 2) * MB;
        const bool has_commits = n != 3 && n != 4;
        if (has_commits)
            wal_commit(w,
                       &(wal_xact){ .xid = 700 + n, .time = WAL_NOON + 20 * (wp_time)n * MINUTE });
        if (has_commits)
            wal_commit(w, &(wal_xact){ .xid = 800 + n,
                                       .time = WAL_NOON + (20 * (wp_time)n + 10) * MINUTE });
        while (wal_next(w) + 9000 < end)
            wal_filler(w, 4000);
        wal_switch(w);
    }
    return w;
}

static int build_all(void **state)
{
    (void)state;
    ours = build(WAL_SYSTEM_ID);
    foreign = build(42);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    wal_free(ours);
    wal_free(foreign);
    return 0;
}

/* ---- a folder and what must come of it ------------------------------------------------------ */

typedef enum what {
    OURS, /* segment number `number` */
    PACKED,
    FOREIGN,
    ZEROS,
    SHORT,   /* its first half */
    CHANGED, /* another byte in its first page */
    OTHER_VERSION,
    OTHER_ORDER,
    TEXT,
    FOLDER
} what;

typedef struct file {
    const char *name;
    what what;
    unsigned number;
    const char *text;
} file;

#define BACKUP_TEXT \
    "START WAL LOCATION: 0/100028 (file " N1 ")\nSTOP WAL LOCATION: 0/100100 (file " N1 ")\n"

typedef struct archive_case {
    const char *name;
    file files[FILES_MAX];
    archive_limits limits;
    const char *sources[3]; /* below the folder; none: the folder */
    /* "TLI/NUMBER" of each segment, p: .partial, -HEX: read up to there; [HEX-HEX] a gap; NULL: refused */
    const char *list;
    const char *words[2]; /* in the message, or in one of the warnings */
    const char *
        tree; /* "TLI own HEX" or "TLI from PARENT at HEX (REASON) own HEX", own left out: none; NULL: any */
} archive_case;

#define N1 "000000010000000000000001"
#define N2 "000000010000000000000002"
#define N3 "000000010000000000000003"
#define N4 "000000010000000000000004"
#define N5 "000000010000000000000005"
#define N6 "000000010000000000000006"
#define N7 "000000010000000000000007"
#define N8 "000000010000000000000008"
#define T2(n) "00000002000000000000000" n
#define T3(n) "00000003000000000000000" n
#define ALL                                                                      \
    {                                                                            \
        { N1, OURS, 1, NULL }, { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL },     \
            { N4, OURS, 4, NULL }, { N5, OURS, 5, NULL }, { N6, OURS, 6, NULL }, \
            { N7, OURS, 7, NULL },                                               \
        {                                                                        \
            N8, OURS, 8, NULL                                                    \
        }                                                                        \
    }
#define HISTORY2                                                                   \
    {                                                                              \
        "00000002.history", TEXT, 0, "1\t0/380000\tno recovery target specified\n" \
    }

// clang-format off
static const archive_case archive_cases[] = {
    { "plain segments", { { N1, OURS, 1, NULL }, { N2, OURS, 2, NULL } }, .list = "1/1 1/2" },
    { "gzip, by content not by name", { { N1, PACKED, 1, NULL }, { N2 ".gz", OURS, 2, NULL } }, .list = "1/1 1/2" },
    { "what archivers leave lying about", { { N1, OURS, 1, NULL }, { N2 ".tmp", TEXT, 0, "x" }, { "archive_status/" N3, TEXT, 0, "x" },
        { N1 ".00000028.backup", TEXT, 0, BACKUP_TEXT }, { "." N3 ".a1B2c3", TEXT, 0, "x" } }, .list = "1/1",
        .words = { N2 ".tmp\" follows by its name, and is not read: it is being copied" } },
    { "a backup history file that is none", { { N1, OURS, 1, NULL }, { N1 ".00000028.backup", TEXT, 0, "START WAL" } },
        .list = "1/1", .words = { N1 ".00000028.backup\" is not a backup history file: it has no START WAL LOCATION" } },
    { "a gap", { { N1, OURS, 1, NULL }, { N4, OURS, 4, NULL }, { N5, OURS, 5, NULL } }, .list = "1/1 [200000-400000] 1/4 1/5" },
    { "full before partial", { { N1, OURS, 1, NULL }, { N1 ".partial", OURS, 1, NULL }, { N2 ".partial", OURS, 2, NULL } }, .list = "1/1 1/2p" },
    { "both orders of .gz.partial", { { N1 ".gz.partial", PACKED, 1, NULL }, { N2 ".partial.gz", PACKED, 2, NULL } }, .list = "1/1p 1/2p" },

    { "segments made in advance", { { N1, OURS, 1, NULL }, { N2, OURS, 2, NULL }, { N3, ZEROS, 0, NULL }, { N4, ZEROS, 0, NULL } }, .list = "1/1 1/2" },
    { "recycled ones behind the end", { { N1, OURS, 1, NULL }, { N5, OURS, 5, NULL }, { N6, OURS, 3, NULL }, { N7, OURS, 4, NULL } },
        .list = "1/1 [200000-500000] 1/5", .words = { N6 "\" holds the WAL of " N3, "1 more like it" } },
    { "a stray one in a gap", { { N1, OURS, 1, NULL }, { N3, OURS, 7, NULL }, { N5, OURS, 5, NULL } },
        .list = "1/1 [200000-300000] 1/3 [400000-500000] 1/5" },
    { "a text with a segment's name", { { N1, OURS, 1, NULL }, { N3, TEXT, 0, "not WAL, but a text of more than forty bytes" } },
        .list = "1/1 [200000-300000] 1/3" },
    { "nothing but such a text", { { N3, TEXT, 0, "not WAL, but a text of more than forty bytes" } }, .words = { N3 "\" is not a WAL segment" } },
    { "nothing but a renamed one", { { N3, OURS, 1, NULL } }, .words = { N3 "\" holds the WAL of " N1 } },
    { "nothing but zeros", { { N3, ZEROS, 0, NULL }, { N4, ZEROS, 0, NULL } }, .words = { "no usable WAL segment among 2 files", "nothing but zeros" } },
    { "an empty folder", { { "sub", FOLDER, 0, NULL } }, .words = { "no WAL segments in \"", "24 hex digits" } },
    { "a folder with a segment's name", { { N1, OURS, 1, NULL }, { N2, FOLDER, 0, NULL } }, .words = { N2 "\" is named like WAL but is not a file" } },
    { "another version", { { N1, OTHER_VERSION, 1, NULL } }, .words = { "WAL that cannot be read", "D0FF" } },
    { "the other byte order", { { N1, OTHER_ORDER, 1, NULL } }, .words = { "WAL that cannot be read", "byte order" } },
    { "zstd", { { N1 ".zst", TEXT, 0, "\x28\xB5\x2F\xFD" "and so on" } }, .words = { "zstd-compressed", "unpack it first" } },
    { "noise under a packed name", { { N1 ".gz", TEXT, 0, "0123456789012345678901234567890123456789" } }, .words = { "encrypted or damaged" } },
    { "a number beyond the segment size", { { N1, OURS, 1, NULL }, { "00000001000000000000FFFF", OURS, 2, NULL } },
        .list = "1/1", .words = { "00000001000000000000FFFF\" is not a name for a segment of 1 MB" } },

    { "two clusters, one behind the other", { { N1, OURS, 1, NULL }, { N2, OURS, 2, NULL }, { N5, FOREIGN, 5, NULL } },
        .words = { "7300000000000000001 (PostgreSQL 15, 2 segments, " N1 " to " N2 ")", "42 (PostgreSQL 15, 1 segment, " N5 " to " N5 ")" } },
    { "two clusters on two timelines", { { N1, OURS, 1, NULL }, { T2("2"), FOREIGN, 2, NULL } }, .words = { "7300000000000000001 (", "42 (" } },
    { "two clusters in two sources", { { "a/" N1, OURS, 1, NULL }, { "b/" N2, FOREIGN, 2, NULL } }, .sources = { "a", "b" }, .words = { "7300000000000000001 (", "42 (" } },

    { "two sources, one archive", { { "a/" N1, OURS, 1, NULL }, { "b/" N1, OURS, 1, NULL }, { "b/" N2, OURS, 2, NULL } }, .sources = { "a", "b" }, .list = "1/1 1/2" },
    { "copies that differ", { { "a/" N1, OURS, 1, NULL }, { "a/" N2, OURS, 2, NULL }, { "b/" N1, CHANGED, 1, NULL } }, .sources = { "a", "b" },
        .list = "1/1 1/2", .words = { "/b/" N1 "\" differs from \"", "/a/" N1 "\", which is read" } },
    { "a copy in flight", { { "a/" N1, OURS, 1, NULL }, { "a/" N2, SHORT, 2, NULL }, { "b/" N2, OURS, 2, NULL } }, .sources = { "a", "b" },
        .list = "1/1 1/2", .words = { "/a/" N2 "\" is an incomplete copy of \"", "/b/" N2 "\", which is read" } },
    { "the same folder twice", { { N1, OURS, 1, NULL }, { N2, OURS, 2, NULL } }, .sources = { ".", "." }, .list = "1/1 1/2" },
    { "files by name", { { "a/" N1, OURS, 1, NULL }, { "a/my.wal", OURS, 2, NULL } }, .sources = { "a/" N1, "a/my.wal" }, .list = "1/1 1/2" },
    { "a text by name", { { N1, OURS, 1, NULL }, { "my.txt", TEXT, 0, "not WAL, but a text of more than forty bytes" } }, .sources = { N1, "my.txt" },
        .words = { "my.txt\" is not a WAL segment" } },
    { "no such file", { { N1, OURS, 1, NULL } }, .sources = { N1, "nowhere" }, .words = { "nowhere\": No such file" } },
    { "all there is, by name", { { N1, OURS, 1, NULL }, { N1 ".00000028.backup", TEXT, 0, BACKUP_TEXT }, { "00000002.history", TEXT, 0, "1\t0/200000\tx\n" } },
        .sources = { N1, N1 ".00000028.backup", "00000002.history" }, .list = "1/1" },
    { "a data directory", { { "pg_wal/" N1, OURS, 1, NULL }, { "base/" N2, OURS, 2, NULL }, { "pg_wal/archive_status/" N1 ".done", TEXT, 0, "" } }, .list = "1/1" },
    { "an old data directory", { { "pg_xlog/" N1, OURS, 1, NULL } }, .list = "1/1" },
    { "folders of folders", { { "15-1/0000000100000000/" N1 "-0123456789abcdef0123456789abcdef01234567.gz", PACKED, 1, NULL },
        { "15-1/0000000100000000/" N2 "-0123456789abcdef0123456789abcdef01234567", OURS, 2, NULL }, { "15-1/archive.info", TEXT, 0, "x" } }, .list = "1/1 1/2" },

    { "a promotion", { { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL }, { N3 ".partial", OURS, 3, NULL }, { T2("3"), OURS, 3, NULL }, { T2("4"), OURS, 4, NULL }, HISTORY2 },
        .list = "1/2 2/3 2/4" },
    { "a promotion, history packed", { { N2, OURS, 2, NULL }, { T2("3"), OURS, 3, NULL }, { "00000002.history.gz", PACKED, 0, "1\t0/380000\tx\n" } }, .list = "1/2 2/3" },
    { "the old primary went on", { { N3, OURS, 3, NULL }, { N4, OURS, 4, NULL }, { N5, OURS, 5, NULL }, { T2("3"), OURS, 3, NULL }, { T2("4"), OURS, 4, NULL }, HISTORY2 },
        .list = "2/3 2/4", .tree = "1 own 380000, 2 from 1 at 380000 (no recovery target specified)" },
    { "the old timeline, asked for", { { N3, OURS, 3, NULL }, { N4, OURS, 4, NULL }, { T2("3"), OURS, 3, NULL }, { T2("4"), OURS, 4, NULL }, HISTORY2 },
        .limits = { .timeline = 1 }, .list = "1/3 1/4" },
    { "the new one's first segment is missing", { { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL }, { T2("4"), OURS, 4, NULL }, HISTORY2 },
        .list = "1/2 1/3-380000 [380000-400000] 2/4" },
    { "no way back to the old timeline", { { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL }, { N4, OURS, 4, NULL }, { T2("3"), OURS, 3, NULL }, { T2("5"), OURS, 5, NULL }, HISTORY2 },
        .list = "1/2 2/3 [400000-500000] 2/5", .tree = "1 own 380000, 2 from 1 at 380000 (no recovery target specified)" },
    { "no history file", { { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL }, { N4, OURS, 4, NULL }, { T2("3"), OURS, 3, NULL }, { T2("4"), OURS, 4, NULL } },
        .list = "1/2 2/3 2/4", .words = { "no 00000002.history among the sources" } },
    { "a history that is none", { { N2, OURS, 2, NULL }, { T2("3"), OURS, 3, NULL }, { "00000002.history", TEXT, 0, "rubbish\n" } },
        .list = "1/2 2/3", .words = { "00000002.history\" is ignored: line 1" } },
    { "a branch that is not an ancestor", { { N2, OURS, 2, NULL }, { T2("3"), OURS, 3, NULL }, { T3("3"), OURS, 3, NULL }, { "00000003.history", TEXT, 0, "1\t0/380000\tx\n" } },
        .list = "1/2 3/3", .tree = "1 own 380000, 2 from 1 at 300000 () own 300000, 3 from 1 at 380000 (x)" },
    { "branches of branches", { { N2, OURS, 2, NULL }, { N3, OURS, 3, NULL }, { T2("3"), OURS, 3, NULL }, { T3("3"), OURS, 3, NULL }, { "000000040000000000000004", OURS, 4, NULL },
        { "00000002.history", TEXT, 0, "1\t0/280000\tx\n" }, { "00000003.history", TEXT, 0, "1\t0/280000\tx\n2\t0/380000\tbefore transaction 898\n" },
        { "00000004.history", TEXT, 0, "1\t0/320000\tat restore point \"a b\"  \n" }, { "00000009.history", TEXT, 0, "1\t0/280000\tx\n2\t0/390000\ty\n" } },
        .list = "1/2 1/3-320000 [320000-400000] 4/4", .tree = "1 own 320000, 2 from 1 at 280000 (x) own 280000, 3 from 2 at 380000 (before transaction 898) own 380000, "
        "4 from 1 at 320000 (at restore point \"a b\"), 9 from 2 at 390000 (y) own 390000" },
    { "a timeline that is not there", { { N1, OURS, 1, NULL } }, .limits = { .timeline = 7 }, .words = { "no segment of timeline 7" } },

    { "from an LSN", ALL, .limits = { .from_lsn = 3 * MB + 5 }, .list = "1/3 1/4 1/5 1/6 1/7 1/8" },
    { "to an LSN", ALL, .limits = { .to_lsn = 3 * MB + 5 }, .list = "1/1 1/2 1/3 +4" },
    { "between LSNs", ALL, .limits = { .from_lsn = 3 * MB, .to_lsn = 4 * MB }, .list = "1/3 1/4 +5" },
    { "LSNs that are not there", ALL, .limits = { .from_lsn = 90 * MB }, .words = { "no segment in the range asked for: the archive has 0/100000 to 0/900000" } },
    /* Segment 3 has 40 and 50 minutes, 4 and 5 nothing, 6 has 100 and 110. One segment and five minutes are the margin. */
    { "since a time", ALL, .limits = { .has_since = true, .since = WAL_NOON + 106 * MINUTE }, .list = "1/5 1/6 1/7 1/8" },
    { "since a time in segments without commits", ALL, .limits = { .has_since = true, .since = WAL_NOON + 70 * MINUTE }, .list = "1/2 1/3 1/4 1/5 1/6 1/7 1/8" },
    { "since before everything", ALL, .limits = { .has_since = true, .since = WAL_NOON - 90 * MINUTE }, .list = "1/1 1/2 1/3 1/4 1/5 1/6 1/7 1/8" },
    { "since after everything", ALL, .limits = { .has_since = true, .since = WAL_NOON + 900 * MINUTE }, .list = "1/7 1/8" },
    { "until a time", ALL, .limits = { .has_until = true, .until = WAL_NOON + 30 * MINUTE }, .list = "1/1 1/2 1/3 +4" },
    { "until before everything", ALL, .limits = { .has_until = true, .until = WAL_NOON - 90 * MINUTE }, .list = "1/1 +2" },
    { "until after everything", ALL, .limits = { .has_until = true, .until = WAL_NOON + 900 * MINUTE }, .list = "1/1 1/2 1/3 1/4 1/5 1/6 1/7 1/8" },
    { "between times", ALL, .limits = { .has_since = true, .since = WAL_NOON + 105 * MINUTE, .has_until = true, .until = WAL_NOON + 111 * MINUTE },
        .list = "1/5 1/6 1/7 +8" },
    { "times out of all bounds", ALL, .limits = { .has_since = true, .since = INT64_MIN, .has_until = true, .until = INT64_MAX },
        .list = "1/1 1/2 1/3 1/4 1/5 1/6 1/7 1/8" },
};
// clang-format on

static void spoil(blob *b, what how)
{
    if (b->len == 0)
        return;
    if (how == OTHER_VERSION)
        set_u16(b->at, 0xD0FF);
    if (how == OTHER_ORDER)
        set_u16(b->at, 0x10D1);
    if (how == CHANGED)
        b->at[100]++;
    if (how == SHORT)
        b->len /= 2;
}

static void put(const folder *f, const file *one)
{
    blob b = { 0 };
    if (one->text)
        put_raw(&b, one->text, strlen(one->text));
    else if (one->what == ZEROS)
        put_zeros(&b, MB);
    else if (one->number)
        put_view(&b, wal_segment(one->what == FOREIGN ? foreign : ours, one->number - 1));
    spoil(&b, one->what);
    blob packed = { 0 };
    if (one->what == PACKED)
        put_gzip(&packed, view_of(&b));
    if (one->what == FOLDER)
        put_subfolder(f, one->name);
    else
        put_file(f, one->name, view_of(one->what == PACKED ? &packed : &b));
    blob_free(&b);
    blob_free(&packed);
}

__attribute__((format(printf, 3, 4))) static void append(char *words, size_t room,
                                                         const char *format, ...)
{
    const size_t at = strlen(words);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words + at, room - at, format, args);
    va_end(args);
}

/* The list in the words of a row. */
static void describe(const archive *a, char *words, size_t room)
{
    size_t gap = 0;
    words[0] = '\0';
    for (size_t i = 0; i < a->nsegments; i++) {
        const archive_segment *s = &a->segments[i];
        if (gap < a->ngaps && a->gaps[gap].until == s->start_lsn) {
            append(words, room, " [%llX-%llX]", (unsigned long long)a->gaps[gap].from,
                   (unsigned long long)a->gaps[gap].until);
            gap++;
        }
        append(words, room, "%s%u/%u%s", i ? " " : "", s->tli, (unsigned)(s->start_lsn / MB),
               s->is_partial ? "p" : "");
        if (s->end_lsn != s->start_lsn + MB)
            append(words, room, "-%llX", (unsigned long long)s->end_lsn);
    }
    if (a->following.path)
        append(words, room, " +%u", (unsigned)(a->following.start_lsn / MB));
    assert_int_equal(gap, a->ngaps);
}

static void describe_tree(const archive *a, char *words, size_t room)
{
    words[0] = '\0';
    for (size_t i = 0; i < a->timeline_tree.count; i++) {
        const branch *one = &a->timeline_tree.items[i];
        append(words, room, "%s%u", i ? ", " : "", one->tli);
        if (one->parent)
            append(words, room, " from %u at %llX (%s)", one->parent,
                   (unsigned long long)one->begin, one->reason);
        if (one->own != UINT64_MAX)
            append(words, room, " own %llX", (unsigned long long)one->own);
    }
}

static bool has_warning(const archive *a, const char *text)
{
    for (size_t i = 0; i < a->nwarnings; i++)
        if (strstr(a->warnings[i], text))
            return true;
    return false;
}

static void check_list(const archive_case *row, const archive *a)
{
    char words[512];
    describe(a, words, sizeof words);
    assert_string_equal(words, row->list);
    assert_int_equal(a->info.system_identifier, WAL_SYSTEM_ID);
    assert_int_equal(a->info.segment_size, MB);
    assert_true(a->info.start_lsn == a->segments[0].start_lsn);
    if (row->tree) {
        describe_tree(a, words, sizeof words);
        assert_string_equal(words, row->tree);
    }
    for (size_t i = 0; i < COUNT(row->words) && row->words[i]; i++)
        if (!has_warning(a, row->words[i]))
            fail_msg("no warning with \"%s\", but \"%s\"", row->words[i],
                     a->nwarnings ? a->warnings[0] : "none");
    if (!row->words[0] && a->nwarnings)
        fail_msg("unexpected warning: %s", a->warnings[0]);
}

static void lists(void **state)
{
    const archive_case *row = *state;
    folder f = folder_new();
    for (size_t i = 0; i < FILES_MAX && row->files[i].name; i++)
        put(&f, &row->files[i]);
    char paths[3][128], *sources[3];
    size_t n = 0;
    for (; n < 3 && (n == 0 || row->sources[n]); n++) {
        (void)snprintf(paths[n], sizeof paths[n], "%s",
                       in_folder(&f, row->sources[n] ? row->sources[n] : ""));
        sources[n] = paths[n];
    }
    archive a;
    char message[512] = "";
    const bool is_open = archive_open(sources, n, &row->limits, &a, message);
    folder_remove(&f);
    if (is_open != (row->list != NULL))
        fail_msg("%s", is_open ? "was opened" : message);
    if (is_open)
        check_list(row, &a);
    for (size_t i = 0; !is_open && i < COUNT(row->words) && row->words[i]; i++)
        if (!strstr(message, row->words[i]))
            fail_msg("\"%s\" is not in \"%s\"", row->words[i], message);
    assert_null(strchr(message, '\n'));
    archive_free(&a);
}

/* ---- what rows cannot say ------------------------------------------------------------------- */

static void open_folder(const folder *f, const archive_limits *limits, archive *out)
{
    char path[128], *sources[] = { path }, message[512] = "";
    (void)snprintf(path, sizeof path, "%s", f->path);
    if (!archive_open(sources, 1, limits, out, message))
        fail_msg("%s", message);
}

/* Only what decides something is opened: the files between may be anything. */
static void middle_is_not_opened(void **state)
{
    (void)state;
    folder f = folder_new();
    static const file files[] = ALL;
    for (size_t i = 0; i < SEGMENTS; i++)
        put(&f, &files[i]);
    put_text(&f, N4, "nobody looks at this");
    archive a;
    open_folder(&f, &(archive_limits){ 0 }, &a);
    assert_int_equal(a.nsegments, SEGMENTS);
    assert_int_equal(a.nwarnings, 0);
    archive_free(&a);
    folder_remove(&f);
}

/* Whoever meets another cluster's segment later gets the list of clusters. */
static void clusters_in_the_middle(void **state)
{
    (void)state;
    folder f = folder_new();
    static const file files[] = { { N1, OURS, 1, NULL },
                                  { N2, FOREIGN, 2, NULL },
                                  { N3, OURS, 3, NULL } };
    for (size_t i = 0; i < COUNT(files); i++)
        put(&f, &files[i]);
    archive a;
    char message[512] = "";
    open_folder(&f, &(archive_limits){ 0 }, &a);
    assert_false(archive_fail_clusters(&a, message));
    assert_non_null(strstr(message, "7300000000000000001 (PostgreSQL 15, 2 segments"));
    assert_non_null(strstr(message, "42 (PostgreSQL 15, 1 segment"));
    archive_free(&a);
    folder_remove(&f);
}

static void tells_folders_and_timelines(void **state)
{
    (void)state;
    folder f = folder_new();
    static const file files[] = { { "x/" N1, OURS, 1, NULL },
                                  { "x/" N2, OURS, 2, NULL },
                                  { "y/" T2("3") ".gz", PACKED, 3, NULL } };
    for (size_t i = 0; i < COUNT(files); i++)
        put(&f, &files[i]);
    archive a;
    open_folder(&f, &(archive_limits){ 0 }, &a);
    assert_int_equal(a.ndirectories, 2);
    assert_string_equal(a.directories[0], in_folder(&f, "x"));
    assert_string_equal(a.directories[1], in_folder(&f, "y"));
    assert_int_equal(a.ntimelines, 2);
    assert_int_equal(a.timelines[0], 1);
    assert_int_equal(a.timelines[1], 2);
    assert_int_equal(a.timeline, 2);
    assert_true(a.is_compressed);
    archive_free(&a);
    folder_remove(&f);
}

/* A device or a pipe would be waited for without end. */
static void no_pipes(void **state)
{
    (void)state;
    folder f = folder_new();
    char pipe_path[128], *sources[] = { pipe_path }, message[512] = "";
    (void)snprintf(pipe_path, sizeof pipe_path, "%s", in_folder(&f, N1));
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    archive a;
    assert_false(archive_open(sources, 1, &(archive_limits){ 0 }, &a, message));
    assert_non_null(strstr(message, "neither a file nor a folder"));
    (void)snprintf(pipe_path, sizeof pipe_path, "%s", f.path);
    assert_false(archive_open(sources, 1, &(archive_limits){ 0 }, &a, message));
    assert_non_null(strstr(message, "is not a file"));
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(middle_is_not_opened),
        cmocka_unit_test(clusters_in_the_middle),
        cmocka_unit_test(tells_folders_and_timelines),
        cmocka_unit_test(no_pipes),
    };
    build_all(NULL);
    const int failed = RUN_CASES("archive", archive_cases, lists)
                       + cmocka_run_group_tests_name("more", tests, NULL, NULL);
    free_all(NULL);
    return failed;
}
