/*
 * test_profile.c - the table of versions: complete, in order, and at one with itself.
 */
#include <walparse/profile.h>

#include "cases.h"

static const char *const majors[] = { "9.5", "9.6", "10", "11", "12", "13",
                                      "14",  "15",  "16", "17", "18", "19" };

static void rows_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(majors); i++) {
        const wp_profile *profile = wp_profile_at(i);
        assert_non_null(profile);
        assert_string_equal(profile->major, majors[i]);
        assert_ptr_equal(wp_profile_by_major(majors[i]), profile);
        assert_ptr_equal(wp_profile_by_magic(profile->page_magic), profile);
    }
    assert_null(wp_profile_at(COUNT(majors)));
    assert_null(wp_profile_at(SIZE_MAX));
}

static void table_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        const wp_profile *p = wp_profile_at(i);
        assert_true(i == 0 || wp_profile_at(i - 1)->page_magic < p->page_magic);
        assert_non_null(p->recovery.conf_file);
        assert_non_null(p->recovery.wal_directory);
        /* The gid is either announced or in the header, and statistics have both counts or none. */
        assert_int_equal(p->prepare.gidlen_at < 0, p->prepare.gid_at >= 0);
        assert_int_equal(p->prepare.ncommitstats_at < 0, p->stats_item_bytes == 0);
        assert_int_equal(p->image_apply & (p->image_pglz | p->image_lz4 | p->image_zstd), 0);
        assert_int_not_equal(p->database_drop_op, p->database_wal_log_op);
    }
}

static void unknown_is_refused(void **state)
{
    (void)state;
    assert_null(wp_profile_by_magic(0));
    assert_null(wp_profile_by_magic(0xD07E));
    assert_null(wp_profile_by_magic(0x18D1));
    assert_null(wp_profile_by_major("9.4"));
    assert_null(wp_profile_by_major("20"));
    assert_null(wp_profile_by_major("1"));
    assert_null(wp_profile_by_major("15.18"));
    assert_null(wp_profile_by_major(""));
}

static void server_versions_name_majors(void **state)
{
    (void)state;
    assert_ptr_equal(wp_profile_by_server_version(90525), wp_profile_by_major("9.5"));
    assert_ptr_equal(wp_profile_by_server_version(90624), wp_profile_by_major("9.6"));
    assert_ptr_equal(wp_profile_by_server_version(100023), wp_profile_by_major("10"));
    assert_ptr_equal(wp_profile_by_server_version(180004), wp_profile_by_major("18"));
    assert_null(wp_profile_by_server_version(90426));
    assert_ptr_equal(wp_profile_by_server_version(190000), wp_profile_by_major("19"));
    assert_null(wp_profile_by_server_version(200000));
    assert_null(wp_profile_by_server_version(0));
    assert_null(wp_profile_by_server_version(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rows_are_found),
                                        cmocka_unit_test(table_is_whole),
                                        cmocka_unit_test(unknown_is_refused),
                                        cmocka_unit_test(server_versions_name_majors) };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
