/*
 * test_folder_source.c - a folder that grows: what is handed out is the WAL the builder wrote, every byte once and in order, and
 * never a byte of what is not written yet.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "live/folder_source.h"
#include "wal_builder.h"

#define MB ((size_t)1 << 20)
#define FIRST 9 /* number of the first segment: there is older WAL to find in files used again */
/* Not waited for in tests that go well. */
#define PATIENCE_MS 20000

typedef struct watcher {
    folder f;
    wal_builder *w;
    blob truth;
    live_source *source;
    size_t seen; /* bytes handed out from the start on, all as in truth */
    char message[512];
} watcher;

static const char *name_of(wp_tli tli, size_t i)
{
    static char names[16][80];
    static unsigned turn;
    char *out = names[turn++ % 16];
    (void)snprintf(out, 80, "%08X%08X%08X", (unsigned)tli, 0U, (unsigned)(FIRST + i));
    return out;
}

static wp_view part(const watcher *t, size_t i, size_t len)
{
    return (wp_view){ t->truth.at + i * MB, len };
}

/* Three segments and a half, with records larger than a window among small ones. */
static watcher begin(void)
{
    watcher t = { .f = folder_new(),
                  .w = wal_new_with(&(wal_config){ .major = "15", .segment = FIRST }) };
    for (size_t i = 0; wal_next(t.w) < wal_start(t.w) + 3 * MB + MB / 2; i++)
        (void)wal_filler(t.w, i % 50 == 9 ? 200000 : 40 + (uint32_t)(i * 61 % 3000));
    while (t.truth.len < 4 * MB) {
        const wp_view segment = wal_segment(t.w, t.truth.len / MB);
        put_raw(&t.truth, segment.bytes, segment.len);
    }
    return t;
}

static void end(watcher *t)
{
    live_source_free(t->source);
    folder_remove(&t->f);
    wal_free(t->w);
    blob_free(&t->truth);
}

static void watch_folder(watcher *t, const char *below, wp_lsn from)
{
    const folder_source_config config = { .folder = in_folder(&t->f, below), .from = from };
    if (!folder_source_open(&config, &t->source, t->message))
        fail_msg("%s", t->message);
}

/* Takes what there is. Everything but WAL ends it. */
static live_status take(watcher *t, live_chunk *chunk)
{
    live_status status;
    while ((status = live_source_next(t->source, 0, chunk, t->message)) == LIVE_WAL) {
        assert_int_equal(chunk->at, wal_start(t->w) + t->seen);
        assert_true(chunk->bytes.len > 0 && t->seen + chunk->bytes.len <= t->truth.len);
        assert_memory_equal(chunk->bytes.bytes, t->truth.at + t->seen, chunk->bytes.len);
        t->seen += chunk->bytes.len;
    }
    return status;
}

/* News may come late: it is waited for. */
static void take_up_to(watcher *t, size_t bytes)
{
    live_chunk chunk;
    for (int i = 0; t->seen < bytes; i++) {
        assert_int_equal(take(t, &chunk), LIVE_IDLE);
        assert_true(i < PATIENCE_MS / 20);
        if (t->seen < bytes)
            (void)usleep(20000);
    }
    assert_int_equal(take(t, &chunk), LIVE_IDLE);
    assert_int_equal(t->seen, bytes);
}

static void overwrite(const watcher *t, const char *name, size_t at, wp_view bytes)
{
    const int fd = open(in_folder(&t->f, name), O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes.bytes, bytes.len, (off_t)at), bytes.len);
    assert_int_equal(close(fd), 0);
}

static size_t end_of_wal(const watcher *t)
{
    return (size_t)(wal_end(t->w) - wal_start(t->w));
}

/* Segments come whole; the newest one is copied in pieces. */
static void an_archive_grows(void **state)
{
    (void)state;
    watcher t = begin();
    put_file(&t.f, name_of(1, 0), part(&t, 0, MB));
    watch_folder(&t, ".", wal_start(t.w));
    take_up_to(&t, MB);
    for (size_t i = 1; i < 3; i++) {
        const char *name = name_of(1, i);
        put_file(&t.f, name, part(&t, i, 0));
        for (size_t len = 0; len < MB; len += 100000) {
            put_file(&t.f, name, part(&t, i, len));
            live_chunk chunk;
            assert_int_equal(take(&t, &chunk), LIVE_IDLE);
            assert_true(t.seen <= i * MB + len);
        }
        put_file(&t.f, name, part(&t, i, MB));
        take_up_to(&t, (i + 1) * MB);
    }
    end(&t);
}

/* From the end on: its segment is read all the same. */
static void begins_at_the_end(void **state)
{
    (void)state;
    watcher t = begin();
    for (size_t i = 0; i < 3; i++)
        put_file(&t.f, name_of(1, i), part(&t, i, MB));
    watch_folder(&t, ".", 0);
    assert_int_equal(t.source->from, wal_start(t.w) + 3 * MB);
    live_source_free(t.source);
    put_file(&t.f, name_of(1, 3), part(&t, 3, MB));
    put_subfolder(&t.f, "archive_status"); /* it is a server's own folder */
    watch_folder(&t, ".", 0);
    assert_int_equal(t.source->from, wal_end(t.w));
    assert_int_equal(t.source->from_tli, 1);
    assert_int_equal(t.source->segment_bytes, MB);
    assert_true(t.source->system_identifier == WAL_SYSTEM_ID);
    t.seen = 3 * MB;
    take_up_to(&t, end_of_wal(&t));
    end(&t);
}

/* Segments of a server lie over old WAL, and ahead of it lie files that are made ready for later. */
static void a_server_writes(void **state)
{
    static const size_t steps[] = { 8192, 24576, 1000, 65536, 328 };
    (void)state;
    watcher t = begin();
    wal_builder *old = wal_new_with(&(wal_config){ .major = "15", .segment = FIRST - 6 });
    while (wal_segments(old) < 6)
        (void)wal_commit(old, &(wal_xact){ .xid = 600, .time = WAL_NOON });
    put_subfolder(&t.f, "pg_wal");
    char names[5][100];
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(names[i], sizeof names[i], "pg_wal/%s", name_of(1, i));
        put_file(&t.f, names[i], wal_segment(old, i));
    }
    overwrite(&t, names[0], 0, part(&t, 0, 8192));
    watch_folder(&t, "pg_wal", wal_start(t.w));
    live_chunk chunk;
    size_t written = 8192;
    for (size_t i = 0; written < end_of_wal(&t); i++) {
        const size_t left = MB - written % MB;
        const size_t n = steps[i % COUNT(steps)] < left ? steps[i % COUNT(steps)] : left;
        overwrite(&t, names[written / MB], written % MB, (wp_view){ t.truth.at + written, n });
        written += n;
        assert_int_equal(take(&t, &chunk), LIVE_IDLE);
        assert_true(t.seen <= written);
    }
    take_up_to(&t, end_of_wal(&t));
    wal_free(old);
    end(&t);
}

/* pg_receivewal, and an archiver that packs. */
static void files_are_renamed_and_packed(void **state)
{
    (void)state;
    watcher t = begin();
    char partial[100], whole[200], packed[100];
    (void)snprintf(partial, sizeof partial, "%s.partial", name_of(1, 0));
    put_file(&t.f, partial, part(&t, 0, MB / 2));
    watch_folder(&t, ".", wal_start(t.w));
    live_chunk chunk;
    assert_int_equal(take(&t, &chunk), LIVE_IDLE);
    assert_true(t.seen > 0 && t.seen <= MB / 2);
    overwrite(&t, partial, MB / 2, (wp_view){ t.truth.at + MB / 2, MB / 2 });
    (void)snprintf(whole, sizeof whole, "%s", in_folder(&t.f, name_of(1, 0)));
    assert_int_equal(rename(in_folder(&t.f, partial), whole), 0);
    take_up_to(&t, MB);
    blob gzip = { 0 };
    put_gzip(&gzip, part(&t, 1, MB));
    (void)snprintf(packed, sizeof packed, "%s.gz", name_of(1, 1));
    put_file(&t.f, packed, (wp_view){ gzip.at, gzip.len / 3 });
    assert_int_equal(take(&t, &chunk), LIVE_IDLE);
    put_file(&t.f, packed, view_of(&gzip));
    take_up_to(&t, 2 * MB);
    blob_free(&gzip);
    end(&t);
}

/* A segment that is damaged is handed out once it is whole: whoever reads it says so. */
static void damage_is_handed_out(void **state)
{
    (void)state;
    watcher t = begin();
    memset(t.truth.at + MB + MB / 2, 0x55, 40);
    for (size_t i = 0; i < 2; i++)
        put_file(&t.f, name_of(1, i), part(&t, i, MB));
    watch_folder(&t, ".", wal_start(t.w));
    take_up_to(&t, 2 * MB);
    put_file(&t.f, name_of(1, 2), part(&t, 2, MB));
    take_up_to(&t, 3 * MB);
    end(&t);
}

static void a_timeline_ends(void **state)
{
    (void)state;
    watcher t = begin();
    const size_t fork = 2 * MB + (size_t)(MB / 2 / 8192 * 8192);
    wal_builder *next = wal_new_with(&(wal_config){ .major = "15", .segment = FIRST, .tli = 2 });
    while (wal_segments(next) < 4)
        (void)wal_filler(next, 3000);
    live_chunk chunk;
    /* Where a record of timeline 1 ends is where 2 begins. */
    for (size_t i = 0; i < 2; i++)
        put_file(&t.f, name_of(1, i), part(&t, i, MB));
    watch_folder(&t, ".", wal_start(t.w));
    take_up_to(&t, 2 * MB);
    char partial[100], line[100], lsn[WP_LSN_TEXT_BYTES];
    (void)snprintf(partial, sizeof partial, "%s.partial", name_of(1, 2));
    put_file(&t.f, partial, part(&t, 2, fork - 2 * MB));
    assert_int_equal(take(&t, &chunk), LIVE_IDLE);
    const wp_lsn at = wal_start(t.w) + t.seen;
    assert_true(t.seen > 2 * MB && t.seen <= fork);
    (void)snprintf(line, sizeof line, "1\t%s\tno recovery target specified\n",
                   wp_lsn_format(at, lsn));
    put_text(&t.f, "00000002.history", line);
    assert_int_equal(take(&t, &chunk), LIVE_IDLE);
    put_file(&t.f, name_of(2, 2), wal_segment(next, 2));
    (void)usleep(20000);
    assert_int_equal(take(&t, &chunk), LIVE_TIMELINE);
    assert_int_equal(chunk.at, at);
    assert_int_equal(chunk.tli, 2);
    assert_string_equal(t.message, "");
    assert_int_equal(live_source_next(t.source, 0, &chunk, t.message), LIVE_WAL);
    assert_int_equal(chunk.at, wal_start(t.w) + 2 * MB);
    assert_int_equal(chunk.tli, 2);
    assert_memory_equal(chunk.bytes.bytes, wal_segment(next, 2).bytes, chunk.bytes.len);
    wal_free(next);
    end(&t);
}

/* A server removed what was not read yet. */
static void removed_wal_is_told(void **state)
{
    (void)state;
    watcher t = begin();
    put_subfolder(&t.f, "archive_status");
    for (size_t i = 0; i < 2; i++)
        put_file(&t.f, name_of(1, i), part(&t, i, MB));
    watch_folder(&t, ".", wal_start(t.w));
    live_chunk chunk;
    assert_int_equal(live_source_next(t.source, 0, &chunk, t.message), LIVE_WAL);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(unlink(in_folder(&t.f, name_of(1, i))), 0);
    put_file(&t.f, name_of(1, 2), part(&t, 2, MB));
    put_file(&t.f, name_of(1, 3), part(&t, 3, MB));
    t.seen += chunk.bytes.len;
    live_status status = LIVE_IDLE;
    for (int i = 0; status == LIVE_IDLE && i < PATIENCE_MS / 20; i++) {
        status = take(&t, &chunk);
        (void)usleep(20000);
    }
    assert_int_equal(status, LIVE_GAP);
    assert_int_equal(chunk.at, wal_start(t.w) + 2 * MB);
    assert_non_null(strstr(t.message, "was removed before it was read"));
    t.seen = 2 * MB;
    take_up_to(&t, end_of_wal(&t));
    end(&t);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    watcher t = begin();
    put_file(&t.f, name_of(1, 1), part(&t, 1, MB));
    folder_source_config config = { .folder = in_folder(&t.f, "."), .from = wal_start(t.w) };
    assert_false(folder_source_open(&config, &t.source, t.message));
    assert_null(t.source);
    assert_non_null(strstr(t.message, "what is there begins at 0/A00000"));
    config = (folder_source_config){ .folder = in_folder(&t.f, "."), .system_identifier = 5 };
    assert_false(folder_source_open(&config, &t.source, t.message));
    config.folder = in_folder(&t.f, "nowhere");
    assert_false(folder_source_open(&config, &t.source, t.message));
    watch_folder(&t, ".", wal_start(t.w) + MB);
    t.seen = MB;
    take_up_to(&t, 2 * MB);
    wal_builder *other =
        wal_new_with(&(wal_config){ .major = "15", .segment = FIRST + 2, .system_id = 77 });
    (void)wal_filler(other, 100);
    put_file(&t.f, name_of(1, 2), wal_segment(other, 0));
    live_chunk chunk;
    (void)usleep(20000);
    assert_int_equal(take(&t, &chunk), LIVE_FAILED);
    assert_non_null(strstr(t.message, "another cluster"));
    assert_int_equal(take(&t, &chunk), LIVE_FAILED);
    wal_free(other);
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_grows),     cmocka_unit_test(begins_at_the_end),
        cmocka_unit_test(a_server_writes),      cmocka_unit_test(files_are_renamed_and_packed),
        cmocka_unit_test(damage_is_handed_out), cmocka_unit_test(a_timeline_ends),
        cmocka_unit_test(removed_wal_is_told),  cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("folder source", tests, NULL, NULL);
}
