/*
 * test_describe_tablespace.c - tablespaces, as pg_waldump prints them. Texts of 10 to 18, but for records of
 * 32-bit servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/tblspcdesc.c
 * of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "create", "9.5 to 19", 0x00, "744000002f7372762f61206200", NULL, "CREATE 16500 \"/srv/a b\"" },
    { "create in place", "15", 0x00, "7440000000", NULL, "CREATE 16500 \"\"" },
    { "path without an end", "18", 0x00, "744000002f737276", NULL, NULL },
    { "no path", "18", 0x00, "74400000", NULL, NULL },
    { "drop", "9.5 to 19", 0x10, "74400000", NULL, "DROP 16500" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_tablespace, wpi_identify_tablespace, false },
                    *state);
}

int main(void)
{
    return RUN_CASES("describe_tablespace", cases, check);
}
