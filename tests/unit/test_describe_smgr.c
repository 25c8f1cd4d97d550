/*
 * test_describe_smgr.c - files made and cut, in the words of each major's tool.
 *
 * What the words are: smgr_desc of servers of 10 to 18, called with such bytes; of 9.5, 9.6 and 19 the tools' lines.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "CREATE", "15", 0x10, "7F060000050000000840000000000000", NULL,
      "CREATE base/5/16392" },
    { "CREATE of a fork", "15", 0x10, "7F060000050000000840000003000000", NULL,
      "CREATE base/5/16392_init" },
    { "CREATE of a shared one", "15", 0x10, "8006000000000000EE04000002000000", NULL,
      "CREATE global/1262_vm" },
    { "CREATE of no fork there is", "15", 0x10, "7F060000050000000840000004000000", NULL,
      NULL },
    { "TRUNCATE, 9.5", "9.5", 0x20, "070000007F0600000500000008400000", NULL,
      "TRUNCATE base/5/16392 to 7 blocks" },
    { "TRUNCATE, 9.6", "9.6", 0x20, "070000007F060000050000000840000007000000", NULL,
      "TRUNCATE base/5/16392 to 7 blocks flags 7" },
    { "TRUNCATE, 18, elsewhere", "18", 0x20, "00000000744000000500000008400000FFFFFFFF", NULL,
      "TRUNCATE pg_tblspc/16500/PG_18_202506291/5/16392 to 0 blocks flags -1" },
    { "0x30", "15", 0x30, "", NULL,
      "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_smgr, wpi_identify_smgr, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_smgr", cases, check);
}
