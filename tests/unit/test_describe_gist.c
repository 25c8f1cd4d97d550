/*
 * test_describe_gist.c - GiST indexes, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/gistdesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "page update", "9.5 to 19", 0x00, "", NULL, "PAGE_UPDATE " },
    { "no deletes yet", "11", 0x10, "", NULL, "UNKNOWN " },
    { "delete", "12 to 15", 0x10, "ec0200000300", NULL, "DELETE delete: latestRemovedXid 748, nitems: 3" },
    { "delete", "16", 0x10, "ec0200000300", NULL, "DELETE delete: snapshotConflictHorizon 748, nitems: 3" },
    { "delete", "17 to 19", 0x10, "ec020000030000", NULL,
      "DELETE delete: snapshotConflictHorizon 748, nitems: 3, isCatalogRel F" },
    { "page reuse", "12 to 15", 0x20, "7f060000050000000040000009000000ec02000002000000", NULL,
      "PAGE_REUSE rel 1663/5/16384; blk 9; latestRemovedXid 2:748" },
    { "page reuse", "16", 0x20, "7f060000050000000040000009000000ec02000002000000", NULL,
      "PAGE_REUSE rel 1663/5/16384; blk 9; snapshotConflictHorizon 2:748" },
    { "page reuse", "17 to 19", 0x20, "7f060000050000000040000009000000ec0200000200000001", NULL,
      "PAGE_REUSE rel 1663/5/16384; blk 9; snapshotConflictHorizon 2:748, isCatalogRel T" },
    { "page split", "9.5 to 19", 0x30, "0700000000000000630000000000000001000200", NULL,
      "PAGE_SPLIT page_split: splits to 2 pages" },
    { "page split, 32-bit", "9.5 to 18-i386", 0x30, "07000000630000000000000001000200", NULL,
      "PAGE_SPLIT page_split: splits to 2 pages" },
    { "create index", "9.5 to 11", 0x50, "", NULL, "CREATE_INDEX " },
    { "no create index", "12", 0x50, "", NULL, "UNKNOWN " },
    { "page delete", "12 to 19", 0x60, "ec020000010000000500", NULL, "PAGE_DELETE deleteXid 1:748; downlink 5" },
    { "no LSN assigned yet", "12", 0x70, "", NULL, "UNKNOWN " },
    { "LSN assigned", "13 to 18", 0x70, "", NULL, "ASSIGN_LSN " },
    { "no LSN assigned any more", "19", 0x70, "", NULL, "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_gist, wpi_identify_gist, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_gist", cases, check);
}
