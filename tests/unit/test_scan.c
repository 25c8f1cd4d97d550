/*
 * test_scan.c - reading an archive: the same result with any number of threads, damage told in words.
 *
 * The WAL: six segments of 1 MB, numbers 1 to 6, whose records run over the segment ends; 50 commits in
 * each; the last one is half full.
 */
#include <stdio.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "scan/scan.h"
#include "wal_builder.h"
#include "archive/archive_open.h"

#define MB UINT64_C(0x100000)
#define SEGMENTS 6
#define COMMITS 50
#define FILLER 3904

static const unsigned all_jobs[] = { 1, 2, 3, 8 };

/* ---- the WAL -------------------------------------------------------------------------------- */

/* ours; another cluster's; ours, but with other records at other places */
static wal_builder *ours, *foreign, *other;

static wal_builder *build(uint64_t system_id, uint32_t filler)
{
    wal_builder *w = wal_new_with(&(wal_config){ .major = "15", .system_id = system_id });
    wp_xid xid = 700;
    for (unsigned n = 0; n < SEGMENTS; n++) {
        const wp_lsn end = (n + 1) * MB + (n + 1 < SEGMENTS ? MB : MB / 2);
        for (unsigned i = 0; i < COMMITS; i++, xid++)
            wal_commit(w, &(wal_xact){ .xid = xid, .time = WAL_NOON + xid });
        while (wal_next(w) < end)
            wal_filler(w, filler);
    }
    return w;
}

/* ---- what a scan says ----------------------------------------------------------------------- */

typedef struct trace {
    uint64_t hash; /* of all calls back, in order */
    uint64_t nends, nfacts;
    bool stop;
    uint64_t stop_after; /* transaction ends; 0: never */
} trace;

static void mix(trace *t, uint64_t value)
{
    t->hash = (t->hash ^ value) * UINT64_C(1099511628211);
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    trace *t = context;
    mix(t, end->xid);
    mix(t, end->lsn);
    t->nends++;
    t->stop |= t->stop_after && t->nends >= t->stop_after;
}

static void on_event(void *context, const wp_event *event)
{
    trace *t = context;
    for (const char *c = event->text; *c; c++)
        mix(t, (uint8_t)*c);
    mix(t, event->rows);
}

static void on_fact(void *context, const wp_fact *fact)
{
    trace *t = context;
    mix(t, fact->kind);
    mix(t, fact->lsn);
    t->nfacts++;
}

typedef struct said {
    scan_outcome outcome;
    unsigned passes;
    trace trace;
    scan_result result;
    char message[512];
} said;

static said scan_all(const archive *a, unsigned jobs, uint64_t stop_after)
{
    said out = { 0 };
    scan *s = scan_new(a, NULL);
    do {
        out.trace = (trace){ .hash = 1, .stop_after = stop_after };
        const scan_config config = { .jobs = jobs,
                                     .callbacks = { .context = &out.trace,
                                                    .on_event = on_event,
                                                    .on_xact_end = on_xact_end,
                                                    .on_fact = on_fact },
                                     .stop = &out.trace.stop };
        out.outcome = scan_run(s, &config, &out.result, out.message);
        out.passes++;
    } while (out.outcome == SCAN_AGAIN && out.passes < 20);
    out.result.reducer = NULL; /* gone with the scan */
    scan_free(s);
    return out;
}

static void check_same(const said *a, const said *b)
{
    assert_int_equal(a->outcome, b->outcome);
    assert_string_equal(a->message, b->message);
    assert_int_equal(a->passes, b->passes);
    assert_true(a->trace.hash == b->trace.hash);
    assert_int_equal(a->result.ndamages, b->result.ndamages);
    assert_memory_equal(a->result.damages, b->result.damages, sizeof a->result.damages);
    assert_true(a->result.end_lsn == b->result.end_lsn);
    if (a->outcome != SCAN_DONE)
        return;
    assert_memory_equal(a->result.rmgr_records, b->result.rmgr_records,
                        sizeof a->result.rmgr_records);
    assert_true(a->result.records == b->result.records && a->result.commits == b->result.commits);
}

static void open_folder(const char *path, archive *out)
{
    char copy[128], *sources[] = { copy }, message[512] = "";
    (void)snprintf(copy, sizeof copy, "%s", path);
    if (!archive_open(sources, 1, &(archive_limits){ 0 }, out, message))
        fail_msg("%s", message);
}

/* Scans with every number of threads, which must make no difference. */
static said scan_folder(const char *path, uint64_t stop_after)
{
    archive a;
    open_folder(path, &a);
    const said first = scan_all(&a, all_jobs[0], stop_after);
    for (size_t i = 1; i < COUNT(all_jobs); i++) {
        const said next = scan_all(&a, all_jobs[i], stop_after);
        check_same(&first, &next);
    }
    said out = first;
    memset(out.result.damages, 0, sizeof out.result.damages);
    for (size_t i = 0; i < first.result.ndamages && i < SCAN_DAMAGES_MAX; i++) {
        out.result.damages[i] = first.result.damages[i];
        out.result.damages[i].path = NULL; /* gone with the archive */
    }
    archive_free(&a);
    return out;
}

/* ---- rows ----------------------------------------------------------------------------------- */

typedef enum change {
    NOTHING,
    MISSING,     /* segment `at` to `to` */
    FLIP,        /* a bit of segment `at` at `offset` */
    ZERO_FROM,   /* segment `at` holds zeros from `offset` on */
    SHORT,       /* segment `at` has `offset` bytes */
    PARTIAL_CUT, /* the same, and its name ends in .partial */
    LONG,        /* segment `at` has `offset` bytes too many */
    FOREIGN,     /* segment `at` is of another cluster */
    OTHER,       /* segment `at` is ours, but of another history */
    MOVED,       /* segment `at` holds segment `to` */
    RUBBISH,     /* segment `at` holds a text */
    PACKED,      /* all are gzip files */
    PACKED_CUT   /* segment `at` is a gzip file, half of it there */
} change;

typedef struct scan_case {
    const char *name;
    change change;
    unsigned at, to;
    size_t offset;
    scan_outcome outcome;
    uint64_t ends; /* transactions told of: 50 a segment */
    size_t ndamages;
    const char *words[2]; /* in a damage, or in the message */
} scan_case;

#define NAME(n) "00000001000000000000000" n

// clang-format off
static const scan_case scan_cases[] = {
    { "whole", NOTHING, 0, 0, 0, SCAN_DONE, 300, 0, { NULL, NULL } },
    { "whole, packed", PACKED, 0, 0, 0, SCAN_DONE, 300, 0, { NULL, NULL } },
    { "a missing segment", MISSING, 3, 3, 0, SCAN_DONE, 250, 1, { "segment " NAME("3") " is missing (0/300000 to 0/400000)", NULL } },
    { "two missing segments", MISSING, 3, 4, 0, SCAN_DONE, 200, 1, { "2 segments are missing: " NAME("3") " to " NAME("4") " (0/300000 to 0/500000)", NULL } },
    { "a bit of a record", FLIP, 3, 0, 0x80100, SCAN_DONE, 300, 1, { "record with a wrong checksum (", " in " NAME("3") } },
    { "a bit of the last segment's record", FLIP, 6, 0, 0x40100, SCAN_DONE, 300, 1, { "record with a wrong checksum (", " in " NAME("6") } },
    { "a bit of a page address", FLIP, 3, 0, 0x8000A, SCAN_DONE, 300, 1, { " in " NAME("3"), NULL } },
    { "a bit of a first page's magic", FLIP, 3, 0, 0, SCAN_DONE, 250, 2, { "wrong page header (0000D100, expected 0000D110) at 0/2F", "wrong page header (0000D100, expected 0000D110) at 0/300000 in " NAME("3") } },
    { "zeros in the middle", ZERO_FROM, 3, 0, 0x80000, SCAN_DONE, 300, 1, { "incomplete record at 0/37F", " in " NAME("3") } },
    { "zeros all through", ZERO_FROM, 3, 0, 0, SCAN_DONE, 250, 2, { "incomplete record at 0/2F", "zeros instead of records at 0/300000 in " NAME("3") } },
    { "zeros at the end, inside a record", ZERO_FROM, 6, 0, 0x40000, SCAN_DONE, 300, 1, { "incomplete record at 0/63F", " in " NAME("6") } },
    { "a short file in the middle", SHORT, 3, 0, 0x80000, SCAN_DONE, 300, 1, { "the file ends early, at 0/37F", " in " NAME("3") } },
    { "a short file that ends in a page header", SHORT, 3, 0, 0x8000A, SCAN_DONE, 300, 1, { "the file ends early, at 0/37F", " in " NAME("3") } },
    { "a short file at the end", SHORT, 6, 0, 0x40000, SCAN_DONE, 300, 1, { NAME("6") " does not have the size of a segment: a server refuses it, copy it again. What may follow 0/63F", NULL } },
    { "a long file at the end", LONG, 6, 0, 0x40000, SCAN_DONE, 300, 1, { NAME("6") " does not have the size of a segment: a server refuses it, copy it again. What may follow 0/68", NULL } },
    { "a packed stream cut in the middle", PACKED_CUT, 3, 0, 0, SCAN_DONE, 300, 1, { "the file ends early, at 0/3", " in " NAME("3") " (its compressed data is cut short or damaged)" } },
    { "a packed stream cut at the end", PACKED_CUT, 6, 0, 0, SCAN_DONE, 300, 1, { NAME("6") " has compressed data that is cut short or damaged: a server refuses it, copy it again. What may follow 0/6", NULL } },
    { "a partial file cut at the end", PARTIAL_CUT, 6, 0, 0x40000, SCAN_DONE, 300, 0, { NULL, NULL } },
    { "a renamed file in the middle", MOVED, 3, 5, 0, SCAN_DONE, 250, 2, { "wrong page header at 0/300000 in " NAME("3"), NULL } },
    { "a text in the middle", RUBBISH, 3, 0, 0, SCAN_DONE, 250, 2, { " at 0/300000 in " NAME("3"), NULL } },
    { "a segment of another history", OTHER, 3, 0, 0, SCAN_DONE, 300, 2, { "record that does not go on as announced (", " at 0/3FF" } },
    { "a segment of another cluster", FOREIGN, 3, 0, 0, SCAN_FAILED, 100, 1, { "7300000000000000001 (PostgreSQL 15, 5 segments", "42 (PostgreSQL 15, 1 segment" } },
};
// clang-format on

static void change_bytes(const scan_case *row, unsigned number, blob *b)
{
    static const char text[] = "not WAL, but a text of more than forty bytes";
    if (number == row->at && row->change == FLIP)
        b->at[row->offset] ^= 0x10;
    if (number == row->at && row->change == ZERO_FROM)
        memset(b->at + row->offset, 0, b->len - row->offset);
    if (number == row->at && (row->change == SHORT || row->change == PARTIAL_CUT))
        b->len = row->offset;
    if (number == row->at && row->change == LONG) {
        uint8_t *zeros = calloc(1, row->offset);
        put_raw(b, zeros, row->offset);
        free(zeros);
    }
    if (number == row->at && row->change == RUBBISH) {
        b->len = 0;
        put_raw(b, text, sizeof text);
    }
    if (row->change == PACKED || (number == row->at && row->change == PACKED_CUT)) {
        blob packed = { 0 };
        put_gzip(&packed, view_of(b));
        if (row->change == PACKED_CUT)
            packed.len /= 2;
        blob_free(b);
        *b = packed;
    }
}

static void put_segment(const folder *f, const scan_case *row, unsigned number)
{
    wal_builder *from = number != row->at        ? ours
                        : row->change == FOREIGN ? foreign
                        : row->change == OTHER   ? other
                                                 : ours;
    const unsigned of = number == row->at && row->change == MOVED ? row->to : number;
    if (row->change == MISSING && number >= row->at && number <= row->to)
        return;
    blob b = { 0 };
    put_view(&b, wal_segment(from, of - 1));
    change_bytes(row, number, &b);
    char name[WP_SEGMENT_NAME_BYTES], file[WP_SEGMENT_NAME_BYTES + 8];
    (void)snprintf(file, sizeof file, "%s%s", wp_segment_name_format(1, number * MB, MB, name),
                   number == row->at && row->change == PARTIAL_CUT ? ".partial" : "");
    put_file(f, file, view_of(&b));
    blob_free(&b);
}

static bool has_damage(const said *got, const char *words)
{
    for (size_t i = 0; i < got->result.ndamages; i++)
        if (strstr(got->result.damages[i].text, words))
            return true;
    return false;
}

static void print_damages(const said *got)
{
    for (size_t i = 0; i < got->result.ndamages; i++)
        print_message("# damage: %s\n", got->result.damages[i].text);
}

static void check_words(const scan_case *row, const said *got)
{
    for (size_t i = 0; i < COUNT(row->words) && row->words[i]; i++) {
        const bool is_there = row->outcome == SCAN_FAILED
                                  ? strstr(got->message, row->words[i]) != NULL
                                  : has_damage(got, row->words[i]);
        if (is_there)
            continue;
        print_damages(got);
        fail_msg("\"%s\" is not said; message: %s", row->words[i], got->message);
    }
}

static void scans(void **state)
{
    const scan_case *row = *state;
    folder f = folder_new();
    for (unsigned number = 1; number <= SEGMENTS; number++)
        put_segment(&f, row, number);
    const said got = scan_folder(f.path, 0);
    folder_remove(&f);
    if (got.outcome != row->outcome)
        fail_msg("outcome %d: %s", (int)got.outcome, got.message);
    check_words(row, &got);
    if (got.result.ndamages != row->ndamages) {
        print_damages(&got);
        fail_msg("%zu damages", got.result.ndamages);
    }
    assert_int_equal(got.trace.nends, row->ends);
    if (row->change == NOTHING || row->change == PACKED)
        assert_true(got.result.end_lsn == wal_end(ours) && got.result.start_lsn == MB
                    && got.result.commits == row->ends);
}

/* ---- what rows cannot say ------------------------------------------------------------------- */

static void write_segments(const folder *f, wal_builder *w)
{
    for (size_t i = 0; i < wal_segments(w); i++) {
        char name[WP_SEGMENT_NAME_BYTES];
        const wp_lsn start = wal_start(w) + i * wal_segment_size(w);
        put_file(f, wp_segment_name_format(1, start, wal_segment_size(w), name), wal_segment(w, i));
    }
}

/* A record that covers two segment boundaries and a whole segment between. */
static void record_over_three_segments(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    wal_commit(w, &(wal_xact){ .xid = 700, .time = WAL_NOON });
    wal_filler(w, (uint32_t)(2 * MB + MB / 2));
    const wp_lsn last = wal_commit(w, &(wal_xact){ .xid = 701, .time = WAL_NOON });
    folder f = folder_new();
    write_segments(&f, w);
    const said got = scan_folder(f.path, 0);
    assert_int_equal(got.outcome, SCAN_DONE);
    assert_int_equal(got.trace.nends, 2);
    assert_int_equal(got.result.ndamages, 0);
    assert_int_equal(got.result.records, 3);
    assert_true(got.result.end_lsn > last);
    folder_remove(&f);
    wal_free(w);
}

/* The last record goes on behind the limit: its rest is read from the segment there. */
static void rest_behind_the_limit(void **state)
{
    (void)state;
    folder f = folder_new();
    write_segments(&f, ours);
    char path[128], *sources[] = { path }, message[512] = "";
    (void)snprintf(path, sizeof path, "%s", f.path);
    archive a;
    assert_true(archive_open(sources, 1, &(archive_limits){ .to_lsn = 2 * MB + 100 }, &a, message));
    assert_int_equal(a.nsegments, 2);
    const said limited = scan_all(&a, 1, 0);
    assert_true(limited.result.end_lsn > 3 * MB);
    assert_int_equal(limited.result.ndamages, 0);
    archive_free(&a);
    folder_remove(&f);
}

/* Stopping takes effect within a list of facts, at the same place for any number of threads. */
static void stops_when_told(void **state)
{
    (void)state;
    folder f = folder_new();
    write_segments(&f, ours);
    const said got = scan_folder(f.path, 120);
    assert_int_equal(got.outcome, SCAN_STOPPED);
    assert_in_range(got.trace.nends, 120, 250);
    folder_remove(&f);
}

/* Files that vanish under our hands are an error with a name, on every thread. */
static void vanished_file(void **state)
{
    (void)state;
    folder f = folder_new();
    write_segments(&f, ours);
    archive a;
    open_folder(f.path, &a);
    assert_int_equal(unlink(a.segments[3].path), 0);
    for (size_t i = 0; i < COUNT(all_jobs); i++) {
        const said got = scan_all(&a, all_jobs[i], 0);
        assert_int_equal(got.outcome, SCAN_FAILED);
        assert_non_null(strstr(got.message, NAME("4") "\": No such file"));
    }
    archive_free(&a);
    folder_remove(&f);
}

/* Nothing runs over the segment's start: only the chain of records tells that it is of another history. */
static void chain_between_segments(void **state)
{
    (void)state;
    folder f = folder_new();
    wal_builder *builders[2];
    for (unsigned i = 0; i < 2; i++) {
        wal_builder *w = builders[i] = wal_new("15");
        for (wp_xid xid = 700; xid < 704; xid++) {
            wal_filler(w, 1000 + i * 500);
            wal_commit(w, &(wal_xact){ .xid = xid, .time = WAL_NOON });
            wal_switch(w);
        }
    }
    write_segments(&f, builders[0]);
    put_file(&f, NAME("3"), wal_segment(builders[1], 2));
    const said got = scan_folder(f.path, 0);
    print_damages(&got);
    assert_int_equal(got.outcome, SCAN_DONE);
    assert_int_equal(got.trace.nends, 4);
    assert_int_equal(got.result.ndamages, 2);
    assert_non_null(
        strstr(got.result.damages[0].text, NAME("3") " does not follow the segment before"));
    assert_non_null(
        strstr(got.result.damages[1].text, NAME("4") " does not follow the segment before"));
    wal_free(builders[0]);
    wal_free(builders[1]);
    folder_remove(&f);
}

/* Many small segments through few slots: nothing is lost, nothing is late. */
static void more_segments_than_slots(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    for (wp_xid xid = 700; xid < 760; xid++) {
        wal_commit(w, &(wal_xact){ .xid = xid, .time = WAL_NOON });
        wal_switch(w);
    }
    folder f = folder_new();
    write_segments(&f, w);
    const said got = scan_folder(f.path, 0);
    assert_int_equal(got.outcome, SCAN_DONE);
    assert_int_equal(got.trace.nends, 60);
    assert_int_equal(got.result.ndamages, 0);
    folder_remove(&f);
    wal_free(w);
}

/* ---- WAL of real servers -------------------------------------------------------------------- */

/* What the server (pg_walinspect, pg_waldump) counted: lines MANAGER TAB RECORDS. */
static void check_counts(const char *path, const said *got)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[128];
    size_t nlines = 0;
    while (fgets(line, sizeof line, file)) {
        char *tab = strchr(line, '\t');
        if (line[0] == '#' || !tab)
            continue;
        *tab = '\0';
        const uint64_t wanted = strtoull(tab + 1, NULL, 10);
        uint64_t found = strcmp(line, "total") == 0 ? got->result.records : 0;
        for (unsigned id = 0; id < WP_RMGR_COUNT; id++) {
            char name[WP_RMGR_NAME_BYTES];
            if (strcmp(wp_rmgr_name((uint8_t)id, name), line) == 0)
                found = got->result.rmgr_records[id];
        }
        if (found != wanted)
            fail_msg("%s: %s: %llu records, the server says %llu", path, line,
                     (unsigned long long)found, (unsigned long long)wanted);
        nlines++;
    }
    fclose(file);
    assert_true(nlines > 5);
}

typedef struct fixture_case {
    const char *name;
    bool has_counts; /* from 15 on a server or pg_waldump could be asked */
} fixture_case;

static const fixture_case fixture_cases[] = {
    { "demo", true },          { "pg9.5", false },       { "pg9.6", false },
    { "pg10", false },         { "pg11", false },        { "pg12", false },
    { "pg13", false },         { "pg14", false },        { "pg15", true },
    { "pg16", true },          { "pg17", true },         { "pg18", true },
    { "pg10-logical", false }, { "pg15-logical", true }, { "pg18-logical", true },
    { "pg15-lz4", true },      { "pg15-zstd", true },    { "pg16-i386", true },
    { "pg18-i386", true },
};

static void counts_as_the_server(void **state)
{
    const fixture_case *row = *state;
    char wal[96], counts[96];
    (void)snprintf(wal, sizeof wal, "tests/fixtures/%s/wal", row->name);
    (void)snprintf(counts, sizeof counts, "tests/fixtures/%s/counts.tsv", row->name);
    const said got = scan_folder(wal, 0);
    assert_int_equal(got.outcome, SCAN_DONE);
    print_damages(&got);
    assert_int_equal(got.result.ndamages, 0);
    assert_true(got.result.records > 1000 && got.result.commits > 10);
    if (row->has_counts)
        check_counts(counts, &got);
}

/* The catalogs of these moved (VACUUM FULL): the first pass cannot know, the last one does. */
static void moved_catalogs_are_read_again(void **state)
{
    (void)state;
    const said got = scan_folder("tests/fixtures/pg15/wal", 0);
    assert_int_equal(got.outcome, SCAN_DONE);
    assert_in_range(got.passes, 2, SCAN_AGAIN_MAX + 1);
    assert_int_equal(got.result.warnings & WP_WARN_CATALOG_MOVED, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_over_three_segments),
        cmocka_unit_test(rest_behind_the_limit),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(vanished_file),
        cmocka_unit_test(chain_between_segments),
        cmocka_unit_test(more_segments_than_slots),
        cmocka_unit_test(moved_catalogs_are_read_again),
    };
    ours = build(WAL_SYSTEM_ID, FILLER);
    foreign = build(42, FILLER);
    other = build(WAL_SYSTEM_ID, FILLER + 1000);
    const int failed = RUN_CASES("scan", scan_cases, scans)
                       + RUN_CASES("fixtures", fixture_cases, counts_as_the_server)
                       + cmocka_run_group_tests_name("more", tests, NULL, NULL);
    wal_free(ours);
    wal_free(foreign);
    wal_free(other);
    return failed;
}
