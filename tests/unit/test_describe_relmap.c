/*
 * test_describe_relmap.c - the map of catalogs' files, as pg_waldump prints them. Texts of 10 to 18, but for
 * records of 32-bit servers, are what the server's rm_desc makes of these bytes; others follow
 * access/rmgrdesc/relmapdesc.c of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "update", "9.5 to 14", 0x00, "050000007f060000ffffffff", NULL,
      "UPDATE database 5 tablespace 1663 size 4294967295" },
    { "update", "15 to 19", 0x00, "050000007f060000ffffffff", NULL, "UPDATE database 5 tablespace 1663 size -1" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_relmap, wpi_identify_relmap, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_relmap", cases, check);
}
