/*
 * test_describe_path.c - paths of relations' files. The folders of tablespaces are those that servers of 10 to 18
 * made; of 9.5, 9.6 and 19 what their tools printed.
 */
#include "cases.h"
#include "describe/text.h"

static const struct path_case {
    const char *major;
    wp_locator locator;
    uint8_t fork;
    const char *want;
} paths[] = {
    { "15", { 1664, 0, 1262 }, 0, "global/1262" },
    { "15", { 1664, 0, 1262 }, 2, "global/1262_vm" },
    { "15", { 1663, 5, 16392 }, 0, "base/5/16392" },
    { "15", { 1663, 5, 16392 }, 1, "base/5/16392_fsm" },
    { "15", { 1663, 5, 16392 }, 3, "base/5/16392_init" },
    { "15", { 1663, 5, 16392 }, 4, "base/5/16392_unknown" },
    { "9.5", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_9.5_201510051/5/16392" },
    { "9.6", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_9.6_201608131/5/16392" },
    { "10", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_10_201707211/5/16392" },
    { "11", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_11_201809051/5/16392" },
    { "12", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_12_201909212/5/16392" },
    { "13", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_13_202007201/5/16392" },
    { "14", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_14_202107181/5/16392" },
    { "15", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_15_202209061/5/16392" },
    { "16", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_16_202307071/5/16392" },
    { "17", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_17_202406281/5/16392" },
    { "18", { 16384, 5, 16392 }, 2, "pg_tblspc/16384/PG_18_202506291/5/16392_vm" },
    { "19", { 16384, 5, 16392 }, 0, "pg_tblspc/16384/PG_19_202608182/5/16392" },
};

static void paths_are_the_servers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        wpi_text text = { 0 };
        wpi_put_path(&text, wp_profile_by_major(paths[i].major), &paths[i].locator, paths[i].fork);
        wpi_put_char(&text, '\0');
        assert_string_equal(text.start, paths[i].want);
        free(text.start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(paths_are_the_servers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
