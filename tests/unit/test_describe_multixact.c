/*
 * test_describe_multixact.c - MultiXacts, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/mxactdesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "zero offsets page", "9.5 to 16", 0x00, "05000000", NULL, "ZERO_OFF_PAGE 5" },
    { "zero offsets page", "17 to 19", 0x00, "0000000002000000", NULL, "ZERO_OFF_PAGE 8589934592" },
    { "zero members page", "9.5 to 16", 0x10, "05000000", NULL, "ZERO_MEM_PAGE 5" },
    { "zero members page", "17 to 19", 0x10, "0000000002000000", NULL, "ZERO_MEM_PAGE 8589934592" },
    { "create", "9.5 to 18", 0x20, "09000000ffffffff07000000bd02000000000000be02000001000000bf02000002000000c002000003000000c102000004000000c202000005000000c302000006000000", NULL,
      "CREATE_ID 9 offset 4294967295 nmembers 7: 701 (keysh) 702 (sh) 703 (fornokeyupd) 704 (forupd) 705 (nokeyupd) 706 (upd) 707 (unk) " },
    { "create", "19", 0x20, "0900000000000000000000000200000007000000bd02000000000000be02000001000000bf02000002000000c002000003000000c102000004000000c202000005000000c302000006000000", NULL,
      "CREATE_ID 9 offset 8589934592 nmembers 7: 701 (keysh) 702 (sh) 703 (fornokeyupd) 704 (forupd) 705 (nokeyupd) 706 (upd) 707 (unk) " },
    { "create, 32-bit", "19-i386", 0x20, "09000000000000000200000007000000bd02000000000000be02000001000000bf02000002000000c002000003000000c102000004000000c202000005000000c302000006000000", NULL,
      "CREATE_ID 9 offset 8589934592 nmembers 7: 701 (keysh) 702 (sh) 703 (fornokeyupd) 704 (forupd) 705 (nokeyupd) 706 (upd) 707 (unk) " },
    { "create of none", "15", 0x20, "090000000100000000000000", NULL, "CREATE_ID 9 offset 1 nmembers 0: " },
    { "create of fewer than none", "15", 0x20, "0900000001000000feffffff", NULL, "CREATE_ID 9 offset 1 nmembers -2: " },
    { "create of more than there are", "9.5 to 18", 0x20, "0900000001000000ffffff7fbd02000000000000be02000001000000bf02000002000000c002000003000000c102000004000000c202000005000000c302000006000000", NULL,
      NULL },
    { "create of one more than there are", "19", 0x20, "0900000000000000010000000000000008000000bd02000000000000be02000001000000bf02000002000000c002000003000000c102000004000000c202000005000000c302000006000000", NULL,
      NULL },
    { "truncate", "9.5 to 18", 0x30, "0100000002000000030000000400000005000000", NULL,
      "TRUNCATE_ID offsets [2, 3), members [4, 5)" },
    { "truncate", "19", 0x30, "01000000020000000000000002000000", NULL,
      "TRUNCATE_ID oldestMulti 2, oldestOffset 8589934592" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_multixact, wpi_identify_multixact, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_multixact", cases, check);
}
