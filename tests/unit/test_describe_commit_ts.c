/*
 * test_describe_commit_ts.c - the times of commits, as pg_waldump prints them. Texts of 10 to 18, but for records
 * of 32-bit servers, are what the server's rm_desc makes of these bytes; others follow
 * access/rmgrdesc/committsdesc.c of their majors. Times are as bin/pg_waldump/compat.c writes them.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "zero page", "9.5 to 16", 0x00, "05000000", NULL, "ZEROPAGE 5" },
    { "zero page", "17 to 19", 0x00, "0000000002000000", NULL, "ZEROPAGE 8589934592" },
    { "truncate", "9.5 to 9.6", 0x10, "05000000", NULL, "TRUNCATE 5" },
    { "truncate", "10 to 16", 0x10, "0500000034120000", NULL, "TRUNCATE pageno 5, oldestXid 4660" },
    { "truncate", "17 to 19", 0x10, "050000000000000034120000", NULL, "TRUNCATE pageno 5, oldestXid 4660" },
    { "set", "9.5 to 13", 0x20, "4042e8dc22ad020007000000ec020000", NULL,
      "SETTS set 2023-11-14 22:13:20.123456 UTC/7 for: 748" },
    { "not set any more", "14", 0x20, "4042e8dc22ad020007000000ec020000", NULL, "UNKNOWN " },
};

/* The subtransactions end where the record ends. */
static const describe_case open_cases[] = {
    { "set, with subtransactions", "9.6 to 13", 0x20, "4042e8dc22ad020007000000ec020000ed020000ee020000", NULL,
      "SETTS set 2023-11-14 22:13:20.123456 UTC/7 for: 748, 749, 750" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_commit_ts, wpi_identify_commit_ts, false }, *state);
}

static void check_open(void **state)
{
    check_described(&(described){ wpi_describe_commit_ts, wpi_identify_commit_ts, true }, *state);
}

int main(void)
{
    return RUN_CASES("describe_commit_ts", cases, check)
           + RUN_CASES("describe_commit_ts, open", open_cases, check_open);
}
