/*
 * test_describe_generic.c - generic records, as pg_waldump prints them. Texts of 10 to 18, but for records of
 * 32-bit servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/genericdesc.c
 * of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "changes lie with the blocks", "9.6 to 19", 0x00, "", NULL, "Generic " },
    { "a change", "9.6 to 18", 0x00, "18000200abcd", NULL, "Generic offset 24, length 2" },
    { "two changes", "10 to 19", 0x00, "18000200abcd64000000", NULL,
      "Generic offset 24, length 2; offset 100, length 0" },
    { "a change that is cut short", "18", 0x00, "18000200ab", NULL, NULL },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_generic, wpi_identify_generic, true }, *state);
}

int main(void)
{
    return RUN_CASES("describe_generic", cases, check);
}
