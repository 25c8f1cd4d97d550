/*
 * test_describe_origin.c - origins of replication, as pg_waldump prints them. Texts of 10 to 18, but for records
 * of 32-bit servers, are what the server's rm_desc makes of these bytes; others follow
 * access/rmgrdesc/replorigindesc.c of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "set", "9.5 to 18", 0x00, "3402000001000000070001", NULL, "SET set 7; lsn 1/234; force: 1" },
    { "set, not by force", "19", 0x00, "3402000001000000070000", NULL, "SET set 7; lsn 1/00000234; force: 0" },
    { "drop", "9.5 to 19", 0x10, "0700", NULL, "DROP drop 7" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_origin, wpi_identify_origin, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_origin", cases, check);
}
