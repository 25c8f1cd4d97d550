/*
 * test_describe_heap2.c - pruning, freezing, vacuuming and the other records of Heap2, in the words of each major's tool.
 *
 * What the words are comes from access/rmgrdesc/heapdesc.c and rmgrdesc_utils.c of the majors named, from what the tools of
 * 9.5 to 19 print for WAL of servers, from what servers of 10 to 14 log while they replay it, and from pg_walinspect of 15 to
 * 18; where bytes lie, from access/heapam_xlog.h.
 */
#include "describe_case.h"

#define REWRITE 0x00
#define OP_1 0x10
#define OP_2 0x20
#define OP_3 0x30
#define VISIBLE 0x40
#define MULTI_INSERT 0x50
#define LOCK_UPDATED 0x60
#define NEW_CID 0x70
#define INIT 0x80

#define XID "80030000" /* 896 */
#define ROW XID "0B00" /* and offset 11 */
#define PLAN(ntuples) \
    "00000000"        \
    "2100"            \
    "010B"            \
    "00"              \
    "00" ntuples /* xmax, infomask2 33, infomask 2817, flags, padding */
#define CID    \
    "84030000" \
    "01000000" \
    "FFFFFFFF" \
    "02000000" \
    "7F060000" \
    "05000000" \
    "00400000" \
    "0100"     \
    "0200"     \
    "0300"

// clang-format off
static const describe_case cases[] = {
    { "REWRITE, 9.5", "9.5", REWRITE, "00112233", NULL, "REWRITE " },
    { "REWRITE, 19", "19", REWRITE, "", NULL, "REWRITE " },

    { "CLEAN, 9.5", "9.5", OP_1, XID "0100" "0200", "0100" "0200" "0300" "0400", "CLEAN remxid 896" },
    { "CLEAN, 13", "13", OP_1, XID "0100" "0200", NULL, "CLEAN remxid 896" },
    { "PRUNE, 14", "14", OP_1, XID "0100" "0200", "0100" "0200" "0300" "0400", "PRUNE latestRemovedXid 896 nredirected 1 ndead 2" },
    { "PRUNE, 16, with a page image", "16", OP_1, XID "0100" "0200" "00", NULL,
      "PRUNE snapshotConflictHorizon: 896, nredirected: 1, ndead: 2" },
    { "PRUNE, 16, more dead than there are", "16", OP_1, XID "0100" "FFFF" "00", "0100" "0200" "0300", NULL },

    { "FREEZE_PAGE, 9.6", "9.6", OP_2, XID "0500", "00", "FREEZE_PAGE cutoff xid 896 ntuples 5" },
    { "FREEZE_PAGE, 13", "13", OP_2, XID "0500", NULL, "FREEZE_PAGE cutoff xid 896 ntuples 5" },
    { "FREEZE_PAGE, 14", "14", OP_3, XID "0500", NULL, "FREEZE_PAGE cutoff xid 896 ntuples 5" },
    { "FREEZE_PAGE, 16, with a page image", "16", OP_3, XID "0200" "00", NULL, "FREEZE_PAGE snapshotConflictHorizon: 896, nplans: 2" },
    { "FREEZE_PAGE, 16", "16", OP_3, XID "0200" "00", PLAN("0200") PLAN("0100") "0100" "0200" "0300",
      "FREEZE_PAGE snapshotConflictHorizon: 896, nplans: 2, plans: [{ xmax: 0, infomask: 2817, infomask2: 33, ntuples: 2, offsets: [1, 2] }, "
      "{ xmax: 0, infomask: 2817, infomask2: 33, ntuples: 1, offsets: [3] }]" },
    { "FREEZE_PAGE, 16, a plan too many", "16", OP_3, XID "0300" "00", PLAN("0000") PLAN("0000") "0100", NULL },
    { "FREEZE_PAGE, 16, an offset too few", "16", OP_3, XID "0100" "00", PLAN("0200") "0100", NULL },

    { "VACUUM, 15", "15", OP_2, "0200", "0100" "0200", "VACUUM nunused 2" },
    { "VACUUM, 16", "16", OP_2, "0200", "0100" "0200", "VACUUM nunused: 2, unused: [1, 2]" },
    { "VACUUM, 16, with a page image", "16", OP_2, "0200", NULL, "VACUUM nunused: 2" },
    { "VACUUM, 16, more than there are", "16", OP_2, "0300", "0100" "0200", NULL },

    { "CLEANUP_INFO, 9.5", "9.5", OP_3, "7F060000" "05000000" "00400000" XID, NULL, "CLEANUP_INFO remxid 896" },
    { "CLEANUP_INFO, 13", "13", OP_3, "7F060000" "05000000" "00400000" XID, NULL, "CLEANUP_INFO remxid 896" },

    { "PRUNE_ON_ACCESS, 17, with a page image", "17", OP_1, "AB" "60", NULL, "PRUNE_ON_ACCESS , isCatalogRel: F" },
    { "PRUNE_ON_ACCESS, 18, of a catalog", "18", OP_1, "AB" "0A" XID, NULL,
      "PRUNE_ON_ACCESS snapshotConflictHorizon: 896, isCatalogRel: T" },
    { "PRUNE_ON_ACCESS, 18, flags but no lists", "18", OP_1, "AB" "00", "0000", "PRUNE_ON_ACCESS , isCatalogRel: F, nplans: 0, "
      "nredirected: 0, ndead: 0, nunused: 0" },
    { "PRUNE_ON_ACCESS, 18, without the xid", "18", OP_1, "AB" "08" "8003", NULL, NULL },
    { "PRUNE_VACUUM_SCAN, 17, all lists", "17", OP_2, "AB" "F8" XID,
      "0200" "0000" PLAN("0200") PLAN("0100") "0200" "0900" "0A00" "0B00" "0C00" "0100" "0D00" "0200" "0E00" "0F00" "0100" "0200" "0300",
      "PRUNE_VACUUM_SCAN snapshotConflictHorizon: 896, isCatalogRel: F, nplans: 2, nredirected: 2, ndead: 1, nunused: 2, "
      "plans: [{ xmax: 0, infomask: 2817, infomask2: 33, ntuples: 2, offsets: [1, 2] }, "
      "{ xmax: 0, infomask: 2817, infomask2: 33, ntuples: 1, offsets: [3] }], "
      "redirected: [9->10, 11->12], dead: [13], unused: [14, 15]" },
    { "PRUNE_VACUUM_SCAN, 17, an offset of a plan too few", "17", OP_2, "AB" "10", "0100" "0000" PLAN("0200") "0100", NULL },
    { "PRUNE_VACUUM_SCAN, 17, more plans than there are", "17", OP_2, "AB" "10", "FFFF" "0000" PLAN("0000"), NULL },
    { "PRUNE_VACUUM_CLEANUP, 17", "17", OP_3, "AB" "80", "0200" "0100" "0200",
      "PRUNE_VACUUM_CLEANUP , isCatalogRel: F, nplans: 0, nredirected: 0, ndead: 0, nunused: 2, unused: [1, 2]" },
    { "PRUNE_VACUUM_CLEANUP, 17, more unused than there are", "17", OP_3, "AB" "80", "0300" "0100" "0200", NULL },
    { "PRUNE_ON_ACCESS, 19, all visible", "19", OP_1, "2201", "0100" "0900" "0A00",
      "PRUNE_ON_ACCESS , isCatalogRel: T, vm_flags: 0x01, nplans: 0, nredirected: 1, ndead: 0, nunused: 0, redirected: [9->10]" },
    { "PRUNE_VACUUM_SCAN, 19, all frozen", "19", OP_2, "0803" XID, NULL,
      "PRUNE_VACUUM_SCAN snapshotConflictHorizon: 896, isCatalogRel: F, vm_flags: 0x03" },
    { "PRUNE_VACUUM_CLEANUP, 19", "19", OP_3, "0403", NULL, "PRUNE_VACUUM_CLEANUP , isCatalogRel: F, vm_flags: 0x03" },
    { "PRUNE_VACUUM_CLEANUP, 19, half the flags", "19", OP_3, "04", NULL, NULL },

    { "VISIBLE, 9.5", "9.5", VISIBLE, XID, NULL, "VISIBLE cutoff xid 896" },
    { "VISIBLE, 11", "11", VISIBLE, XID "03", NULL, "VISIBLE cutoff xid 896 flags 3" },
    { "VISIBLE, 12", "12", VISIBLE, XID "03", NULL, "VISIBLE cutoff xid 896 flags 0x03" },
    { "VISIBLE, 18", "18", VISIBLE, XID "07", NULL, "VISIBLE snapshotConflictHorizon: 896, flags: 0x07" },
    { "VISIBLE, which 19 has not", "19", VISIBLE, XID "07", NULL, "UNKNOWN " },

    { "MULTI_INSERT, 9.5", "9.5", MULTI_INSERT, "0200" "0300" "0100" "0200" "0300", "00", "MULTI_INSERT 3 tuples" },
    { "MULTI_INSERT, 12, on a fresh page", "12", MULTI_INSERT | INIT, "0200" "0300", "00", "MULTI_INSERT+INIT 3 tuples flags 0x02" },
    { "MULTI_INSERT, 16", "16", MULTI_INSERT, "0200" "0300" "0100" "0200" "0300", "00",
      "MULTI_INSERT ntuples: 3, flags: 0x02, offsets: [1, 2, 3]" },
    { "MULTI_INSERT, 16, on a fresh page", "16", MULTI_INSERT | INIT, "0200" "0300", "00",
      "MULTI_INSERT+INIT ntuples: 3, flags: 0x02" },
    { "MULTI_INSERT, 18, with a page image", "18", MULTI_INSERT, "0200" "0300" "0100" "0200" "0300", NULL,
      "MULTI_INSERT ntuples: 3, flags: 0x02" },
    { "MULTI_INSERT, 18, an offset too few", "18", MULTI_INSERT, "0200" "0300" "0100" "0200", "00", NULL },
    { "MULTI_INSERT, 18, all frozen", "18", MULTI_INSERT, "2000" "0100" "0100", "00", "MULTI_INSERT ntuples: 1, flags: 0x20, offsets: [1]" },
    { "MULTI_INSERT, 19, all frozen", "19", MULTI_INSERT, "2200" "0100" "0100", "00",
      "MULTI_INSERT ntuples: 1, flags: 0x22, vm_flags: 0x03, offsets: [1]" },

    { "LOCK_UPDATED, 9.5", "9.5", LOCK_UPDATED, ROW "02", NULL, "LOCK_UPDATED off 11: xmax 896 LOCK_ONLY " },
    { "LOCK_UPDATED, 10", "10", LOCK_UPDATED, ROW "0A" "01", NULL, "LOCK_UPDATED off 11: xmax 896: flags 1 LOCK_ONLY KEYSHR_LOCK " },
    { "LOCK_UPDATED, 15", "15", LOCK_UPDATED, ROW "02" "01", NULL, "LOCK_UPDATED off 11: xmax 896: flags 0x01 LOCK_ONLY " },
    { "LOCK_UPDATED, 19", "19", LOCK_UPDATED, ROW "09" "00", NULL,
      "LOCK_UPDATED xmax: 896, off: 11, infobits: [IS_MULTI, KEYSHR_LOCK], flags: 0x00" },

    { "NEW_CID, 9.5", "9.5", NEW_CID, CID, NULL, "NEW_CID rel 1663/5/16384; tid 65538/3; cmin: 1, cmax: 4294967295, combo: 2" },
    { "NEW_CID, 19", "19", NEW_CID, CID, NULL, "NEW_CID rel: 1663/5/16384, tid: 65538/3, cmin: 1, cmax: 4294967295, combo: 2" },

    { "a fresh page where there is none", "15", OP_2 | INIT, "0200", NULL, "UNKNOWN nunused 2" },
};

/* What is unused ends where the data ends. */
static const describe_case open_cases[] = {
    { "PRUNE, 16", "16", OP_1, XID "0100" "0200" "00", "0100" "0200" "0300" "0400" "0500",
      "PRUNE snapshotConflictHorizon: 896, nredirected: 1, ndead: 2, nunused: 1, redirected: [1->2], dead: [3, 4], unused: [5]" },
    { "PRUNE, 16, nothing unused", "16", OP_1, XID "0000" "0100" "00", "0300",
      "PRUNE snapshotConflictHorizon: 896, nredirected: 0, ndead: 1, nunused: 0, redirected: [], dead: [3], unused: []" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_heap2, wpi_identify_heap2, false }, *state);
}

static void check_open(void **state)
{
    check_described(&(described){ wpi_describe_heap2, wpi_identify_heap2, true }, *state);
}

int main(void)
{
    return RUN_CASES("describe_heap2", cases, check)
           + RUN_CASES("describe_heap2, open", open_cases, check_open);
}
