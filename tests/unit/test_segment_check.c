/*
 * test_segment_check.c - a segment is handed over with every byte, and only a sound one is called complete.
 */
#include <stdio.h>
#include <fcntl.h>
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "wal_builder.h"
#include "file/segment_check.h"

#define MB ((size_t)1 << 20)
#define START ((wp_lsn)MB)
#define RECORD_BYTES 5000

/* A segment that is full of records, the last of which goes on in the next. */
static blob full_segment(const wal_config *config)
{
    wal_builder *w = wal_new_with(config);
    while (wal_segments(w) < 2)
        (void)wal_filler(w, RECORD_BYTES);
    blob b = { 0 };
    const wp_view all = wal_segment(w, 0);
    put_raw(&b, all.bytes, all.len);
    wal_free(w);
    return b;
}

/* Records up to the middle, zeros behind. */
static blob half_segment(void)
{
    wal_builder *w = wal_new("15");
    while (wal_next(w) < START + MB / 2)
        (void)wal_filler(w, RECORD_BYTES);
    blob b = { 0 };
    const wp_view all = wal_segment(w, 0);
    put_raw(&b, all.bytes, all.len);
    wal_free(w);
    return b;
}

typedef struct outcome {
    whole is;
    blob copy;
} outcome;

static const segment_check_rules usual = { .name = { .tli = 1, .log = 0, .seg = 1 } };

static outcome judge(wp_view file, const segment_check_rules *rules)
{
    folder f = folder_new();
    outcome out = { 0 };
    char from[200], to[200], message[512] = "";
    put_file(&f, "000000010000000000000001", file);
    (void)snprintf(from, sizeof from, "%s", in_folder(&f, "000000010000000000000001"));
    (void)snprintf(to, sizeof to, "%s", in_folder(&f, "copy"));
    const int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    if (!segment_check_copy(from, rules, fd, &out.is, message))
        fail_msg("%s", message);
    uint8_t buf[65536];
    ssize_t n;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    while ((n = read(fd, buf, sizeof buf)) > 0)
        put_raw(&out.copy, buf, (size_t)n);
    (void)close(fd);
    folder_remove(&f);
    return out;
}

static void expect(const char *what, wp_view file, const segment_check_rules *rules,
                   segment_check_state want, const char *says)
{
    outcome got = judge(file, rules);
    if (got.is.state != want || !strstr(got.is.why, says))
        fail_msg("%s: state %d, not %d, \"%s\"", what, (int)got.is.state, (int)want, got.is.why);
    const bool is_handed_over = want <= SEGMENT_CHECK_TORN;
    if (is_handed_over && got.copy.len != MB)
        fail_msg("%s: %zu bytes", what, got.copy.len);
    if (is_handed_over && memcmp(got.copy.at, file.bytes, file.len < MB ? file.len : MB) != 0)
        fail_msg("%s: other bytes", what);
    blob_free(&got.copy);
}

static void takes_every_major(void **state)
{
    (void)state;
    static const char *const majors[] = { "9.5", "9.6", "10", "11", "12", "13",
                                          "14",  "15",  "16", "17", "18" };
    for (size_t i = 0; i < COUNT(majors); i++) {
        blob b = full_segment(&(wal_config){ .major = majors[i] });
        expect(majors[i], (wp_view){ b.at, b.len }, &usual, SEGMENT_CHECK_COMPLETE, "");
        blob_free(&b);
    }
}

/* One bit anywhere in a segment that is full of records shows, but in padding. */
static void sees_every_flipped_bit(void **state)
{
    (void)state;
    blob b = full_segment(&(wal_config){ .major = "15" });
    for (size_t i = 0; i < 200; i++) {
        const size_t at =
            i < 40 ? i : 40 + i * 5101; /* the first page header, and places all over */
        /* A flag that means nothing here, the length of a record that does not go on, padding. */
        const bool is_padding = (at == 2 && i % 8 == 2) || (at >= 16 && at < 24);
        b.at[at] ^= (uint8_t)(1u << i % 8);
        outcome got = judge((wp_view){ b.at, b.len }, &usual);
        if ((got.is.state == SEGMENT_CHECK_COMPLETE) != is_padding
            && !(at >= 24 && at < 32)) /* the system identifier: nobody knows the right one */
            fail_msg("byte %zu: state %d, \"%s\"", at, (int)got.is.state, got.is.why);
        blob_free(&got.copy);
        b.at[at] ^= (uint8_t)(1u << i % 8);
    }
    blob_free(&b);
}

static void sees_what_is_wrong(void **state)
{
    (void)state;
    blob b = full_segment(&(wal_config){ .major = "15" }), half = half_segment();
    const wp_view all = { b.at, b.len }, some = { half.at, half.len };
    segment_check_rules partial = usual, rules = usual;
    partial.is_partial = true;

    expect("zeros behind", some, &usual, SEGMENT_CHECK_OPEN, "WAL ends at 0/18");
    expect("a partial with zeros", some, &partial, SEGMENT_CHECK_OPEN, "WAL ends at 0/18");
    expect("a partial that is cut", (wp_view){ b.at, 300000 }, &partial, SEGMENT_CHECK_OPEN,
           "WAL ends at");
    expect("a partial that is whole", all, &partial, SEGMENT_CHECK_COMPLETE, "");
    expect("cut short", (wp_view){ b.at, 300000 }, &usual, SEGMENT_CHECK_BROKEN,
           "is cut short: 300000 of 1048576 bytes");
    expect("one byte less", (wp_view){ b.at, MB - 1 }, &usual, SEGMENT_CHECK_BROKEN,
           "is cut short");
    expect("empty", (wp_view){ b.at, 0 }, &usual, SEGMENT_CHECK_UNUSED, "it is empty");
    expect("less than a header", (wp_view){ b.at, 20 }, &usual, SEGMENT_CHECK_BROKEN, "");

    put_raw(&b, (const uint8_t *)"x", 1);
    expect("one byte more", (wp_view){ b.at, b.len }, &usual, SEGMENT_CHECK_BROKEN,
           "holds more than a segment of 1 MB");
    b.len--;

    rules.name.seg = 2;
    expect("an older one", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_UNUSED,
           "holds the WAL of 000000010000000000000001");
    rules.name.seg = 0;
    expect("a newer one", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_BROKEN,
           "holds the WAL of");
    rules = usual;
    rules.system_identifier = 4711;
    expect("another cluster", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_FOREIGN,
           "is of the cluster with system identifier 7300000000000000001, not 4711");
    rules = usual;
    rules.segment_size = 16 * MB;
    expect("another size", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_FOREIGN,
           "is a segment of 1 MB");
    rules = usual;
    rules.profile = wp_profile_by_major("14");
    expect("another major", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_FOREIGN,
           "is WAL of PostgreSQL 15, not 14");

    memset(b.at + (size_t)40 * 8192, 0, 8192);
    expect("a page of zeros", (wp_view){ b.at, b.len }, &usual, SEGMENT_CHECK_BROKEN,
           "is damaged at 0/");
    expect("the same, partial", (wp_view){ b.at, b.len }, &partial, SEGMENT_CHECK_BROKEN,
           "is damaged at 0/");
    memset(b.at, 0, b.len);
    expect("zeros", (wp_view){ b.at, b.len }, &usual, SEGMENT_CHECK_UNUSED, "nothing but zeros");
    blob_free(&b);
    blob_free(&half);
}

/* A newer timeline's file may begin with pages of its parent, never the other way round. */
static void looks_at_timelines(void **state)
{
    (void)state;
    blob b = full_segment(&(wal_config){ .major = "15", .tli = 3 });
    segment_check_rules rules = usual;
    rules.name.tli = 4;
    expect("of an ancestor", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_COMPLETE, "");
    rules.name.tli = 2;
    expect("of a descendant", (wp_view){ b.at, b.len }, &rules, SEGMENT_CHECK_BROKEN,
           "WAL of timeline 3");
    blob_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_major),
        cmocka_unit_test(sees_every_flipped_bit),
        cmocka_unit_test(sees_what_is_wrong),
        cmocka_unit_test(looks_at_timelines),
    };
    return cmocka_run_group_tests_name("whole", tests, NULL, NULL);
}
