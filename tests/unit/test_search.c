/*
 * test_search.c - targets whose stop lies further back than one pass keeps in sight: a second one finds it.
 *
 * The WAL: many more commits than the window of stop_window.h holds, each a microsecond after the one before, but for
 * those of a clock that was set back; three restore points of one name.
 */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "folder.h"
#include "search/search.h"
#include "wal_builder.h"
#include "archive/archive_open.h"

#define COMMITS (4 * STOP_WINDOW_ENDS)
#define FIRST_XID 700
#define SET_BACK (3 * STOP_WINDOW_ENDS) /* so many commits, at this one */

static archive wal;
static wp_lsn points[3];

static void build(const folder *f)
{
    wal_builder *w = wal_new_with(&(wal_config){ .major = "15" });
    for (unsigned i = 0; i < COMMITS; i++) {
        const wp_time time = WAL_NOON + i - (i == SET_BACK ? SET_BACK - 10 : 0);
        wal_commit(w, &(wal_xact){ .xid = FIRST_XID + i, .time = time });
        if (i % (COMMITS / 4) == 100 && i > 100)
            points[i / (COMMITS / 4) - 1] = wal_restore_point(w, "again", time);
    }
    for (size_t i = 0; i < wal_segments(w); i++) {
        char name[WP_SEGMENT_NAME_BYTES];
        const wp_lsn start = wal_start(w) + i * wal_segment_size(w);
        put_file(f, wp_segment_name_format(1, start, wal_segment_size(w), name), wal_segment(w, i));
    }
    wal_free(w);
}

static question ask(target_kind kind)
{
    return (question){ .jobs = 1, .has_target_kind = kind != TARGET_NAME, .target_kind = kind };
}

static void search(const question *q, search_result *found)
{
    char message[512] = "";
    if (search_target(q, &wal, NULL, NULL, found, message) != SEARCH_DONE)
        fail_msg("%s", message);
}

static question ask_before(wp_xid xid, target_kind kind)
{
    question q = ask(kind);
    q.kind = QUESTION_XID;
    q.xid = xid;
    return q;
}

static void by_time_far_back(void **state)
{
    (void)state;
    const question q = ask_before(FIRST_XID + SET_BACK, TARGET_TIME);
    search_result found;
    search(&q, &found);
    const wp_stop_result *by_time = search_stop(&found, TARGET_TIME);
    assert_non_null(by_time);
    assert_int_equal(by_time->outcome, WP_STOP_STOPS);
    assert_int_equal(by_time->kept, 10);
    assert_int_equal(by_time->lost, COMMITS - 10);
    assert_int_equal(search_stop(&found, TARGET_LSN)->kept, SET_BACK);
    search_free(&found);
}

/* Who does not ask for it pays nothing, and is told nothing. JSON tells of all kinds. */
static void only_when_asked(void **state)
{
    (void)state;
    question q = ask_before(FIRST_XID + SET_BACK, TARGET_LSN);
    search_result found;
    search(&q, &found);
    assert_null(search_stop(&found, TARGET_TIME));
    assert_int_equal(search_stop(&found, TARGET_LSN)->kept, SET_BACK);
    assert_int_equal(search_stop(&found, TARGET_XID)->kept, SET_BACK);
    search_free(&found);
    q.needs_all_kinds = true;
    search(&q, &found);
    assert_int_equal(search_stop(&found, TARGET_TIME)->kept, 10);
    search_free(&found);
}

static void the_others_in_one_pass(void **state)
{
    (void)state;
    static const unsigned places[] = { 0, 5, STOP_WINDOW_ENDS, COMMITS / 2, COMMITS - 1 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const question q = ask_before(FIRST_XID + places[i], TARGET_TIME);
        search_result found;
        search(&q, &found);
        for (unsigned kind = 0; kind < TARGET_NAME; kind++) {
            assert_int_equal(search_stop(&found, kind)->kept, places[i]);
            assert_int_equal(search_stop(&found, kind)->lost, COMMITS - places[i]);
        }
        search_free(&found);
    }
}

/* By name a server stops at the first one, whichever is meant. */
static void a_later_restore_point(void **state)
{
    (void)state;
    for (unsigned number = 1; number <= 3; number++) {
        question q = ask(TARGET_NAME);
        q.kind = QUESTION_RESTORE_POINT;
        q.has_pick = true;
        q.restore_point = "again";
        q.pick = (question_pick){ PICK_NUMBER, number };
        search_result found;
        search(&q, &found);
        assert_int_equal(found.points.total, 3);
        assert_int_equal(found.points.chosen.fact.lsn, points[number - 1]);
        const wp_stop_result *by_name = search_stop(&found, TARGET_NAME);
        assert_int_equal(by_name->lsn, points[0]);
        assert_int_equal(by_name->kept, COMMITS / 4 + 101);
        assert_int_equal(search_stop(&found, TARGET_LSN)->lsn, points[number - 1]);
        assert_int_equal(search_stop(&found, TARGET_LSN)->kept, number * (COMMITS / 4) + 101);
        target t;
        assert_true(
            target_make(&found.place, TARGET_NAME, by_name, search_stop(&found, TARGET_LSN), &t));
        assert_int_equal(t.exact, number == 1);
        assert_int_equal(t.costs, (number - 1) * (COMMITS / 4));
        search_free(&found);
    }
}

static search_status search_by_time(wp_time time, search_result *found, char message[512])
{
    question q = ask(TARGET_LSN);
    q.kind = QUESTION_TIME;
    q.time = time;
    return search_target(&q, &wal, NULL, NULL, found, message);
}

/* Where the clock was set back, what is lost is not all later. */
static void a_moment_the_clock_passes_twice(void **state)
{
    (void)state;
    char message[512] = "";
    search_result found;
    assert_int_equal(search_by_time(WAL_NOON + SET_BACK - 50, &found, message), SEARCH_DONE);
    assert_int_equal(found.event.xact.xid, FIRST_XID + SET_BACK - 50);
    assert_int_equal(found.earlier_after, 1);
    assert_int_equal(found.last_earlier.xid, FIRST_XID + SET_BACK);
    assert_int_equal(found.least_earlier, WAL_NOON + 10);
    search_free(&found);
    assert_int_equal(search_by_time(WAL_NOON + SET_BACK + 1, &found, message), SEARCH_DONE);
    assert_int_equal(found.event.xact.xid, FIRST_XID + SET_BACK + 1);
    assert_int_equal(found.earlier_after, 0);
    search_free(&found);
}

static void a_moment_before_the_wal(void **state)
{
    (void)state;
    char message[512] = "";
    search_result found;
    assert_int_equal(search_by_time(WAL_NOON, &found, message), SEARCH_DONE);
    assert_int_equal(found.event.xact.xid, FIRST_XID);
    search_free(&found);
    assert_int_equal(search_by_time(WAL_NOON - 1, &found, message), SEARCH_NOTHING);
    assert_non_null(strstr(message, "is before this WAL begins"));
    assert_non_null(strstr(message, "--before-xid 700"));
    search_free(&found);
    assert_int_equal(search_by_time(WAL_NOON + COMMITS, &found, message), SEARCH_NOTHING);
    search_free(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time_far_back),
        cmocka_unit_test(only_when_asked),
        cmocka_unit_test(the_others_in_one_pass),
        cmocka_unit_test(a_later_restore_point),
        cmocka_unit_test(a_moment_the_clock_passes_twice),
        cmocka_unit_test(a_moment_before_the_wal),
    };
    const folder f = folder_new();
    char path[128], *sources[] = { path }, message[512] = "";
    build(&f);
    (void)snprintf(path, sizeof path, "%s", f.path);
    if (!archive_open(sources, 1, &(archive_limits){ 0 }, &wal, message))
        fprintf(stderr, "%s\n", message);
    const int failed = cmocka_run_group_tests_name("search", tests, NULL, NULL);
    archive_free(&wal);
    folder_remove(&f);
    return failed;
}
