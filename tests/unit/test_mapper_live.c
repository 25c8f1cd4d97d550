/*
 * test_mapper_live.c - WAL as it comes: whatever the pieces, the facts are those of whole pages, and each record is out with
 * its last byte.
 */
#include <dirent.h>
#include <stdio.h>

#include "cases.h"
#include "file/input.h"

#define FILES_MAX 64

/* ---- what a mapper says ----------------------------------------------------------------------- */

typedef struct span {
    wp_lsn lsn, end_lsn;
} span;

/* The records of one segment, in order. */
typedef struct spans {
    span *items;
    size_t count, room;
} spans;

static bool note_span(void *context, const wp_record *record, wp_facts *facts)
{
    spans *all = context;
    (void)facts;
    if (all->count == all->room) {
        all->room = all->room ? all->room * 2 : 4096;
        all->items = realloc(all->items, all->room * sizeof *all->items);
        assert_non_null(all->items);
    }
    all->items[all->count++] = (span){ record->lsn, record->end_lsn };
    return true;
}

/* A generator of one's own: the same pieces on every machine. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* 0: all at once; 1: byte by byte; else of random sizes, most of them below that. */
static size_t next_piece(size_t size, uint32_t *seed, size_t left)
{
    size_t n = size == 0 ? left : size == 1 ? 1 : 1 + draw(seed) % size;
    if (size > 1 && draw(seed) % 64 == 0)
        n = 8192 * (1 + draw(seed) % 3);
    return n < left ? n : left;
}

/* Every record that lies wholly in what has come was handed out, and no other. */
static void check_prompt(const spans *want, const spans *got, wp_lsn position)
{
    if (got->count < want->count && want->items[got->count].end_lsn <= position)
        fail_msg("the record at %llX waits though %llX has come",
                 (unsigned long long)want->items[got->count].lsn, (unsigned long long)position);
    if (got->count)
        assert_true(got->items[got->count - 1].end_lsn < position + 8
                    || got->items[got->count - 1].end_lsn % 0x100000 == 0); /* a SWITCH */
}

typedef struct live_run {
    const wp_segment_info *info;
    wp_view bytes; /* of the segment, and what follows */
    size_t piece;
    const spans *want; /* NULL: facts are asked for */
} live_run;

static void map_live(const live_run *run, bool is_live, wp_facts *facts, spans *got)
{
    const wp_mapper_config config = { .segment = *run->info,
                                      .is_live = is_live,
                                      .on_record = got ? note_span : NULL,
                                      .context = got };
    wp_mapper *mapper = NULL;
    wp_error err = { 0 };
    uint32_t seed = 11;
    assert_int_equal(wp_mapper_new(&config, &mapper, &err), WP_OK);
    size_t at = 0;
    while (at < run->bytes.len && !wp_mapper_is_done(mapper)) {
        const size_t n = next_piece(run->piece, &seed, run->bytes.len - at);
        assert_true(wp_mapper_feed(mapper, (wp_view){ run->bytes.bytes + at, n }, facts, &err)
                    >= 0);
        at += n;
        if (run->want)
            check_prompt(run->want, got, run->info->start_lsn + at);
    }
    assert_int_equal(wp_mapper_finish(mapper, facts, &err), WP_OK);
    wp_mapper_free(mapper);
}

static void same_facts(const live_run *whole)
{
    static const size_t pieces[] = { 1, 40, 3000, 60000 };
    wp_facts want = { 0 };
    spans records = { 0 };
    wp_facts none = { 0 };
    map_live(whole, false, &want, NULL);
    map_live(whole, false, &none, &records);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        live_run run = *whole;
        wp_facts got = { 0 };
        run.piece = pieces[i];
        map_live(&run, true, &got, NULL);
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.bytes, want.bytes, want.len);
        wp_facts_free(&got);
        wp_facts_clear(&none);
        spans seen = { 0 };
        run.want = &records;
        map_live(&run, true, &none, &seen);
        assert_int_equal(seen.count, records.count);
        if (seen.count)
            assert_memory_equal(seen.items, records.items, seen.count * sizeof *seen.items);
        free(seen.items);
    }
    wp_facts_free(&none);
    wp_facts_free(&want);
    free(records.items);
}

/* ---- WAL of servers ---------------------------------------------------------------------------- */

typedef struct server_wal {
    const char *name;
} server_wal;

static const server_wal server_wals[] = {
    { "pg9.5" },
    { "pg9.6" },
    { "pg10" },
    { "pg11" },
    { "pg12" },
    { "pg13" },
    { "pg14" },
    { "pg15" },
    { "pg16" },
    { "pg17" },
    { "pg18" },
    { "pg19-new" },
    { "pg16-i386" },
    { "pg18-i386" },
    { "pg15-lz4" },
    { "pg15-crossing" },
    { "pg18-logical" },
    { "pg10-logical" },
    { "timelines12" },
    { "timelines17" },
    { "pg12-stops" },
    { "pg15-stops" },
    { "pg15-zstd" },
    { "pg19-overwritten" },
    { "pg19-all-visible" },
};

static int by_name(const void *x, const void *y)
{
    return strcmp(x, y);
}

static void read_file(const char *path, uint8_t **bytes, size_t *len)
{
    char message[512];
    wp_view window;
    *bytes = NULL;
    *len = 0;
    input *in = input_open(path, NULL, message);
    assert_non_null(in);
    while (input_read(in, &window, message) && window.len > 0) {
        *bytes = realloc(*bytes, *len + window.len);
        assert_non_null(*bytes);
        memcpy(*bytes + *len, window.bytes, window.len);
        *len += window.len;
    }
    input_free(in);
}

static size_t list_files(const char *folder, char names[FILES_MAX][512])
{
    size_t n = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return 0;
    for (const struct dirent *entry; (entry = readdir(dir)) && n < FILES_MAX;)
        if (strlen(entry->d_name) >= 24 && strspn(entry->d_name, "0123456789ABCDEF") == 24)
            (void)snprintf(names[n++], 512, "%s/%s", folder, entry->d_name);
    closedir(dir);
    qsort(names, n, 512, by_name);
    return n;
}

/* Byte by byte takes its time: the first segments will do. */
#define SEGMENTS_MAX 2

static void facts_of_servers(void **state)
{
    static char names[FILES_MAX][512];
    const server_wal *row = *state;
    char folder[128];
    (void)snprintf(folder, sizeof folder, "tests/fixtures/%s/wal", row->name);
    const size_t n = list_files(folder, names);
    assert_true(n > 0);
    uint8_t *next = NULL;
    size_t next_len = 0;
    read_file(names[0], &next, &next_len);
    for (size_t i = 0; i < n && i < SEGMENTS_MAX; i++) {
        uint8_t *bytes = next;
        size_t len = next_len;
        wp_segment_info info;
        wp_error err;
        next = NULL;
        next_len = 0;
        if (i + 1 < n)
            read_file(names[i + 1], &next, &next_len);
        if (wp_segment_probe((wp_view){ bytes, len }, &info, &err) == WP_OK) {
            bytes = realloc(bytes, len + next_len + 1);
            assert_non_null(bytes);
            if (next_len)
                memcpy(bytes + len, next, next_len);
            const live_run whole = { .info = &info, .bytes = { bytes, len + next_len } };
            same_facts(&whole);
        }
        free(bytes);
    }
    free(next);
}

/* ---- WAL that was built ------------------------------------------------------------------------ */

/* Records of all sizes; some are long, and one ends in the segment after. */
static wal_builder *build(const wal_config *server)
{
    wal_builder *w = wal_new_with(server);
    static const uint32_t sizes[] = { 40, 7000, 100, 8192, 24, 20000, 333, 8100, 90 };
    wp_xid xid = 700;
    for (unsigned i = 0; i < 60; i++) {
        wal_filler(w, sizes[i % COUNT(sizes)]);
        wal_commit(w, &(wal_xact){ .xid = xid++, .time = WAL_NOON });
        if (i % 20 == 0)
            wal_lock(w, xid, xid, 16384, 16400);
    }
    wal_fill_to(w, wal_start(w) + wal_segment_size(w) - 64);
    wal_filler(w, 30000);
    wal_commit(w, &(wal_xact){ .xid = xid, .time = WAL_NOON });
    return w;
}

static live_run run_of(wal_builder *w, wp_segment_info *info)
{
    *info = wal_info(w, 0);
    return (live_run){ .info = info, .bytes = wal_written(w) };
}

static void facts_of_every_major(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        wal_builder *w = build(each_server(i));
        wp_segment_info info;
        const live_run whole = run_of(w, &info);
        same_facts(&whole);
        wal_free(w);
    }
    now_on(NULL);
}

/* Bytes that are wrong, wherever: damage is told as of whole pages. */
static void facts_of_damaged_bytes(void **state)
{
    (void)state;
    const wal_config server = { .major = "15" };
    uint32_t seed = 5;
    for (unsigned i = 0; i < 40; i++) {
        wal_builder *w = build(&server);
        wp_segment_info info;
        const live_run sound = run_of(w, &info);
        uint8_t *bytes = malloc(sound.bytes.len);
        assert_non_null(bytes);
        memcpy(bytes, sound.bytes.bytes, sound.bytes.len);
        const size_t at = draw(&seed) % (400000) + 100;
        switch (i % 4) {
        case 0:
            bytes[at] ^= 0x55;
            break;
        case 1:
            memset(bytes + at, 0, draw(&seed) % 30000);
            break;
        case 2:
            bytes[(at / 8192 * 8192) + draw(&seed) % 24] ^= 1;
            break;
        default:
            memmove(bytes + at, bytes + at + 8, 5000);
            break;
        }
        const live_run damaged = { .info = &info, .bytes = { bytes, sound.bytes.len } };
        same_facts(&damaged);
        free(bytes);
        wal_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_every_major),
        cmocka_unit_test(facts_of_damaged_bytes),
    };
    return RUN_CASES("servers", server_wals, facts_of_servers)
           + cmocka_run_group_tests_name("built", tests, NULL, NULL);
}
