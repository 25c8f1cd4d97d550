/*
 * test_walk.c - how far WAL is sound that is still being written: the ends of records are those the builder knows.
 */
#include <walparse/walk.h>

#include "cases.h"
#include "wal_builder.h"

#define RECORDS_MAX 4000

typedef struct story {
    wal_builder *w;
    wp_segment_info info;
    wp_lsn ends[RECORDS_MAX]; /* of records, aligned */
    size_t n;
} story;

static story begin(const char *major, uint8_t max_align)
{
    story s = { .w = wal_new_with(
                    &(wal_config){ .major = major, .max_align = max_align, .segment = 9 }) };
    s.info = wal_info(s.w, 0);
    return s;
}

/* Records of odd lengths, one of which is larger than some pages. */
static void fill(story *s, size_t records)
{
    for (size_t i = 0; i < records; i++) {
        (void)wal_filler(s->w, i % 40 == 7 ? 30000 : 27 + (uint32_t)(i * 37 % 400));
        assert_true(s->n < RECORDS_MAX);
        s->ends[s->n++] = wal_end(s->w);
    }
}

/* The last end of a record that lies at or before an LSN; the start where there is none. */
static wp_lsn sound_at(const story *s, wp_lsn lsn)
{
    wp_lsn sound = wal_start(s->w);
    for (size_t i = 0; i < s->n && s->ends[i] <= lsn; i++)
        sound = s->ends[i];
    return sound;
}

static wp_walk walk_all(const story *s, wp_walk_end *end)
{
    wp_walk walk;
    wp_walk_begin(&walk, &s->info, wal_start(s->w));
    *end = wp_walk_on(&walk, wal_written(s->w));
    return walk;
}

static void finds_the_last_record(void **state)
{
    static const char *const majors[] = { "9.5", "10", "13", "15", "18", "19" };
    (void)state;
    for (size_t i = 0; i < sizeof majors / sizeof *majors; i++) {
        for (uint8_t align = 4; align <= 8; align = (uint8_t)(align + 4)) {
            story s = begin(majors[i], align);
            wp_walk_end end;
            fill(&s, 900);
            const wp_walk walk = walk_all(&s, &end);
            assert_int_equal(walk.sound, wal_end(s.w));
            assert_int_equal(walk.prev, wal_last(s.w));
            assert_int_equal(end, WP_WALK_STOP); /* of the zeros of the last page */
            wal_free(s.w);
        }
    }
}

/* The same bytes in pieces of any size: those of a header that is cut are handed over again. */
static void takes_pieces(void **state)
{
    static const size_t sizes[] = { 1, 7, 24, 39, 41, 1000, 8191, 8192, 100000 };
    (void)state;
    story s = begin("15", 8);
    fill(&s, 400);
    const wp_view all = wal_written(s.w);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        wp_walk walk;
        wp_walk_end end = WP_WALK_MORE;
        wp_walk_begin(&walk, &s.info, wal_start(s.w));
        for (size_t until = 0; end == WP_WALK_MORE && until < all.len;) {
            const size_t at = (size_t)(walk.at - wal_start(s.w));
            until = all.len - until < sizes[i] ? all.len : until + sizes[i];
            end = wp_walk_on(&walk, (wp_view){ all.bytes + at, until - at });
        }
        assert_int_equal(walk.sound, wal_end(s.w));
    }
    wal_free(s.w);
}

/* Cut anywhere, what was sound goes on with the rest from a copy, or from where it was sound. */
static void goes_on_where_it_was_sound(void **state)
{
    (void)state;
    story s = begin("15", 8);
    fill(&s, 120);
    const wp_view all = wal_written(s.w);
    wp_walk walk;
    wp_walk_begin(&walk, &s.info, wal_start(s.w));
    for (size_t cut = 1; cut < all.len; cut += cut < 20000 ? 3 : 1001) {
        const size_t at = (size_t)(walk.at - wal_start(s.w));
        wp_walk attempt = walk;
        (void)wp_walk_on(&attempt, (wp_view){ all.bytes + at, cut - at });
        /* The padding of a record is not waited for. */
        assert_true(attempt.sound >= sound_at(&s, wal_start(s.w) + cut));
        assert_true(attempt.sound <= sound_at(&s, wal_start(s.w) + cut + 7));
        if (attempt.sound <= wal_start(s.w) + cut && attempt.sound > walk.sound) {
            walk = attempt;
            wp_walk_back(&walk);
            assert_int_equal(walk.at, attempt.sound);
        }
    }
    assert_int_equal(walk.sound, wal_end(s.w));
    wal_free(s.w);
}

typedef struct stop_case {
    const char *name;
    wal_fault fault;
    void (*leave)(wal_builder *w);
} stop_case;

static void leave_cut(wal_builder *w)
{
    (void)wal_put_cut(w, &(wal_record){ .rmid = WP_RMGR_XLOG,
                                        .info = 0x20,
                                        .main = { wal_written(w).bytes, 9000 } });
}

static const stop_case stops[] = {
    { "old pages follow", WAL_FAULT_NONE, wal_recycled_tail },
    { "old records follow on the page", WAL_FAULT_NONE, wal_recycled_rest },
    { "a record is cut at the end of a page", WAL_FAULT_NONE, leave_cut },
    { "a wrong checksum", WAL_FAULT_CRC, NULL },
    { "a record that points elsewhere", WAL_FAULT_PREV, NULL },
    { "an impossible length", WAL_FAULT_LENGTH, NULL },
};

static void stops_at(void **state)
{
    const stop_case *row = *state;
    story s = begin("15", 8);
    wp_walk_end end;
    fill(&s, 60);
    const wp_lsn sound = wal_end(s.w);
    if (row->fault != WAL_FAULT_NONE) {
        wal_break(s.w, row->fault);
        (void)wal_filler(s.w, 100);
        (void)wal_filler(s.w, 100);
    } else {
        row->leave(s.w);
    }
    const wp_view all = wal_segment(s.w, 0);
    wp_walk walk;
    wp_walk_begin(&walk, &s.info, wal_start(s.w));
    end = wp_walk_on(&walk, all);
    assert_int_equal(end, WP_WALK_STOP);
    assert_int_equal(walk.sound, sound);
    wal_free(s.w);
}

static void a_switch_ends_the_segment(void **state)
{
    (void)state;
    story s = begin("15", 8);
    fill(&s, 60);
    (void)wal_switch(s.w);
    const wp_lsn next = wal_start(s.w) + wal_segment_size(s.w);
    wp_walk walk;
    wp_walk_begin(&walk, &s.info, wal_start(s.w));
    assert_int_equal(wp_walk_on(&walk, wal_segment(s.w, 0)), WP_WALK_SWITCH);
    assert_int_equal(walk.at, next);
    assert_int_equal(walk.sound, next);
    (void)wal_filler(s.w, 200);
    (void)wp_walk_on(&walk, wal_segment(s.w, 1));
    assert_int_equal(walk.sound, wal_end(s.w));
    wal_free(s.w);
}

static void a_void_record_is_passed(void **state)
{
    (void)state;
    story s = begin("15", 8);
    wp_walk_end end;
    fill(&s, 60);
    uint8_t content[20000] = { 1 };
    (void)wal_put_overwritten(
        s.w,
        &(wal_record){ .rmid = WP_RMGR_XLOG, .info = 0x20, .main = { content, sizeof content } });
    (void)wal_filler(s.w, 100);
    assert_int_equal(walk_all(&s, &end).sound, wal_end(s.w));
    wal_free(s.w);
}

/* A walk may begin where a record goes on: the rest of that is taken on trust, the next record is not. */
static void begins_inside_a_record(void **state)
{
    (void)state;
    story s = begin("15", 8);
    while (wal_segments(s.w) < 2)
        (void)wal_filler(s.w, 300000);
    fill(&s, 10);
    const wp_lsn second = wal_start(s.w) + wal_segment_size(s.w);
    const wp_view all = wal_segment(s.w, 1);
    wp_walk walk;
    wp_walk_begin(&walk, &s.info, second);
    assert_int_equal(wp_walk_on(&walk, (wp_view){ all.bytes, 5000 }), WP_WALK_MORE);
    assert_int_equal(walk.sound, second);
    wp_walk_back(&walk);
    assert_int_equal(wp_walk_on(&walk, all), WP_WALK_STOP);
    assert_int_equal(walk.sound, wal_end(s.w));
    wal_free(s.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_last_record),      cmocka_unit_test(takes_pieces),
        cmocka_unit_test(goes_on_where_it_was_sound), cmocka_unit_test(a_switch_ends_the_segment),
        cmocka_unit_test(a_void_record_is_passed),    cmocka_unit_test(begins_inside_a_record),
    };
    return RUN_CASES("stops", stops, stops_at) + cmocka_run_group_tests(tests, NULL, NULL);
}
