/*
 * test_describe_spgist.c - SP-GiST indexes, as pg_waldump prints them. Texts of 10 to 18, but for records of
 * 32-bit servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/spgdesc.c of
 * their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "create index", "9.5 to 11", 0x00, "", NULL, "CREATE_INDEX " },
    { "no create index", "12", 0x00, "", NULL, "UNKNOWN " },
    { "add leaf", "9.5 to 13", 0x10, "0000050006000700", NULL,
      "ADD_LEAF add leaf to page; off 5; headoff 6; parentoff 7" },
    { "add leaf, new page, nulls", "9.6 to 13", 0x10, "0101050006000700", NULL,
      "ADD_LEAF add leaf to page; off 5; headoff 6; parentoff 7 (newpage) (nulls)" },
    { "add leaf", "14 to 19", 0x10, "00000500060007000800", NULL,
      "ADD_LEAF off: 5, headoff: 6, parentoff: 7, nodeI: 8" },
    { "add leaf, new page, nulls", "14 to 19", 0x10, "01010500060007000800", NULL,
      "ADD_LEAF off: 5, headoff: 6, parentoff: 7, nodeI: 8 (newpage) (nulls)" },
    { "move leafs", "9.5 to 13", 0x20, "0c00", NULL, "MOVE_LEAFS 12 leafs" },
    { "move leafs", "14 to 19", 0x20, "0c000101010004000300", NULL,
      "MOVE_LEAFS nmoves: 12, parentoff: 4, nodeI: 3 (newpage) (replacedead) (nulls)" },
    { "add node", "9.5 to 13", 0x30, "0c00", NULL, "ADD_NODE off 12" },
    { "add node", "14 to 19", 0x30, "0c000d0001ff04000300", NULL,
      "ADD_NODE off: 12, newoff: 13, parentBlk: -1, parentoff: 4, nodeI: 3 (newpage)" },
    { "split tuple", "9.5 to 13", 0x40, "0c000d000100", NULL,
      "SPLIT_TUPLE prefix off: 12, postfix off: 13 (same 0, new 1)" },
    { "split tuple", "14 to 19", 0x40, "0c000d000101", NULL,
      "SPLIT_TUPLE prefixoff: 12, postfixoff: 13 (newpage) (same)" },
    { "pick split", "9.5 to 13", 0x50, "01001400150000000500000101", NULL,
      "PICKSPLIT ndel 20; nins 21 (innerIsParent) (isRootSplit)" },
    { "pick split", "14 to 19", 0x50, "010014001500000005000001010006000700", NULL,
      "PICKSPLIT ndelete: 20, ninsert: 21, inneroff: 5, parentoff: 6, nodeI: 7 (innerIsParent) (nulls) (isRootSplit)" },
    { "vacuum leaf", "9.5 to 13", 0x60, "", NULL, "VACUUM_LEAF " },
    { "vacuum leaf", "14 to 19", 0x60, "0100020003000400", NULL,
      "VACUUM_LEAF ndead: 1, nplaceholder: 2, nmove: 3, nchain: 4" },
    { "vacuum root", "9.5 to 13", 0x70, "", NULL, "VACUUM_ROOT " },
    { "vacuum root", "14 to 19", 0x70, "0900", NULL, "VACUUM_ROOT ndelete: 9" },
    { "vacuum redirect", "9.5 to 13", 0x80, "01000200ec020000", NULL, "VACUUM_REDIRECT newest XID 748" },
    { "vacuum redirect", "14 to 15", 0x80, "01000200ec020000", NULL,
      "VACUUM_REDIRECT ntoplaceholder: 1, firstplaceholder: 2, newestredirectxid: 748" },
    { "vacuum redirect", "16", 0x80, "01000200ec020000", NULL,
      "VACUUM_REDIRECT ntoplaceholder: 1, firstplaceholder: 2, snapshotConflictHorizon: 748" },
    { "vacuum redirect", "17 to 19", 0x80, "01000200ec02000001", NULL,
      "VACUUM_REDIRECT ntoplaceholder: 1, firstplaceholder: 2, snapshotConflictHorizon: 748, isCatalogRel: T" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_spgist, wpi_identify_spgist, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_spgist", cases, check);
}
