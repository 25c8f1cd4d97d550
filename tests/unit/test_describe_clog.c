/*
 * test_describe_clog.c - the states of transactions, as pg_waldump prints them. Texts of 10 to 18, but for records
 * of 32-bit servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/clogdesc.c
 * of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "zero page", "9.5 to 9.6", 0x00, "05000000", NULL, "ZEROPAGE 5" },
    { "zero page", "10 to 16", 0x00, "fbffffff", NULL, "ZEROPAGE page -5" },
    { "zero page", "17 to 19", 0x00, "0000000002000000", NULL, "ZEROPAGE page 8589934592" },
    { "truncate", "9.5 to 9.6", 0x10, "05000000", NULL, "TRUNCATE 5" },
    { "truncate", "10 to 16", 0x10, "0500000034120000", NULL, "TRUNCATE page 5; oldestXact 4660" },
    { "truncate", "17 to 19", 0x10, "050000000000000034120000", NULL, "TRUNCATE page 5; oldestXact 4660" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_clog, wpi_identify_clog, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_clog", cases, check);
}
