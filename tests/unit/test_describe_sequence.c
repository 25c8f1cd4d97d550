/*
 * test_describe_sequence.c - sequences, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/seqdesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "log", "9.5 to 19", 0x00, "7f0600000500000000400000", NULL, "LOG rel 1663/5/16384" },
    { "no such operation", "18", 0x10, "", NULL, "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_sequence, wpi_identify_sequence, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_sequence", cases, check);
}
