/* test_warnings.c - what is said of a clock that ran backwards, and what is then not said of backups. */
#include <string.h>

#include "target/warnings.h"

#include "cases.h"

#define NOON INT64_C(848688485074335) /* 2026-11-22 18:48:05.074335 UTC */

static bool says(const text_list *list, const char *part)
{
    bool is_there = false;
    for (size_t i = 0; i < list->count; i++)
        is_there |= strstr(list->items[i], part) != NULL;
    return is_there;
}

static void the_clock_is_to_blame(void **state)
{
    (void)state;
    archive_backup later = { .label = { .start_lsn = 0x2000000, .stop_lsn = 0x2100000 },
                             .is_usable = true };
    const archive wal = { .info = { .profile = wp_profile_by_major("15"), .segment_size = 1 << 20 },
                          .backups = &later,
                          .nbackups = 1 };
    const wp_xact_end end = {
        .xid = 800, .time = NOON + 5, .lsn = 0x1000100, .end_lsn = 0x1000200
    };
    const question q = { .kind = QUESTION_TIME, .time = NOON };
    search_result found = { .has_xact = true,
                            .event = { .xact = end },
                            .place = target_before_xact(&end),
                            .last_earlier = { .xid = 950 },
                            .least_earlier = NOON - 3000000 };
    const target t = { .exact = true,
                       .is_known = true,
                       .stop = { .outcome = WP_STOP_STOPS, .lsn = end.lsn, .next_lsn = end.lsn } };
    for (uint64_t earlier = 0; earlier < 2; earlier++) {
        found.earlier_after = earlier;
        text_list said = { 0 };
        const report r = { .question = &q,
                           .archive = &wal,
                           .found = &found,
                           .place = &found.place,
                           .target = t,
                           .timeline = 1 };
        warnings_of_target(&r, &said);
        assert_int_equal(says(&said, "is too new for the target"), earlier == 0);
        assert_int_equal(says(&said, "the clock ran backwards, by 3 seconds or more"), earlier > 0);
        assert_int_equal(says(&said, "--after-xid 950"), earlier > 0);
        text_list_free(&said);
    }
}

static void side_by_side(void **state)
{
    (void)state;
    const archive wal = { .info = { .profile = wp_profile_by_major("15"),
                                    .segment_size = 1 << 20 } };
    const wp_xact_end end = {
        .xid = 800, .time = NOON + 5, .lsn = 0x1000100, .end_lsn = 0x1000200
    };
    const question q = { .kind = QUESTION_TIME, .time = NOON };
    const search_result found = { .has_xact = true,
                                  .event = { .xact = end },
                                  .place = target_before_xact(&end),
                                  .earlier_after = 2,
                                  .last_earlier = { .xid = 801 },
                                  .least_earlier = NOON - 900 };
    text_list said = { 0 };
    const report r = { .question = &q,
                       .archive = &wal,
                       .found = &found,
                       .place = &found.place,
                       .target = { .exact = true },
                       .timeline = 1 };
    warnings_of_target(&r, &said);
    assert_true(says(&said, "transactions that ended side by side"));
    assert_true(says(&said, "2 transactions committed earlier by the clock"));
    assert_false(says(&said, "ran backwards"));
    text_list_free(&said);
}

/* COMMIT PREPARED of the transaction that was found does what recovery is stopped before; others' may be wanted. */
static void prepared_at_the_target(void **state)
{
    (void)state;
    const archive wal = { .info = { .profile = wp_profile_by_major("15"),
                                    .segment_size = 1 << 20 } };
    const wp_xact_end end = { .op = WP_XACT_COMMIT_PREPARED,
                              .xid = 800,
                              .time = NOON,
                              .lsn = 0x1000100,
                              .end_lsn = 0x1000200 };
    const wp_event event = { .kind = WP_EVENT_DROP_TABLE,
                             .text = "DROP TABLE public.orders",
                             .database = { 16384, "shop" } };
    const event_view view = { &event, &end, 1 };
    const wp_stop_prepared prepared[] = { { .xid = 790, .gid = "other" },
                                          { .xid = 800, .gid = "a\\b'c" } };
    const options o = { .action = 0 };
    const question q = { .kind = QUESTION_XID };
    search_result found = { .has_xact = true, .place = target_before_xact(&end) };
    assert_true(event_match_set(&found.event, &view, 1));
    for (size_t first = 0; first < 2; first++) {
        text_list said = { 0 };
        const report r = { .options = &o,
                           .question = &q,
                           .archive = &wal,
                           .found = &found,
                           .place = &found.place,
                           .target = { .exact = true,
                                       .is_known = true,
                                       .stop = { .outcome = WP_STOP_STOPS,
                                                 .lsn = end.lsn,
                                                 .next_lsn = end.lsn,
                                                 .in_doubt = prepared + first,
                                                 .nin_doubt = 2 - first } },
                           .timeline = 1 };
        warnings_of_target(&r, &said);
        assert_int_equal(said.count, 2 - first);
        assert_true(says(&said, "After pg_wal_replay_resume(), in database shop, run: ROLLBACK "
                                "PREPARED E'a\\\\b''c'; Do NOT run COMMIT PREPARED"));
        assert_int_equal(says(&said, "transaction 790 is prepared at the target and keeps its "
                                     "locks: after recovery run ROLLBACK PREPARED 'other'; (or "
                                     "COMMIT PREPARED)"),
                         first == 0);
        text_list_free(&said);
    }
    event_match_free(&found.event);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_clock_is_to_blame),
                                        cmocka_unit_test(side_by_side),
                                        cmocka_unit_test(prepared_at_the_target) };
    return cmocka_run_group_tests_name("warnings", tests, NULL, NULL);
}
