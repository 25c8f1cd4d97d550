/*
 * test_describe_btree.c - entries of B-trees and their pages, in the words of each major's tool.
 *
 * What the words are comes from access/rmgrdesc/nbtdesc.c of the majors named, from what the tools of 9.5 to 19 print for
 * WAL of servers, from what servers of 10 to 14 log while they replay it, and from pg_walinspect of 15 to 18; where bytes lie,
 * from access/nbtxlog.h.
 */
#include "describe_case.h"

#define INSERT_LEAF 0x00
#define INSERT_UPPER 0x10
#define INSERT_META 0x20
#define SPLIT_L 0x30
#define SPLIT_R 0x40
#define OP_5 0x50
#define OP_6 0x60
#define DELETE 0x70
#define UNLINK_PAGE 0x80
#define UNLINK_PAGE_META 0x90
#define NEWROOT 0xA0
#define MARK_PAGE_HALFDEAD 0xB0
#define VACUUM 0xC0
#define REUSE_PAGE 0xD0
#define META_CLEANUP 0xE0

#define XID "80030000"          /* 896 */
#define FULL_XID XID "02000000" /* in epoch 2 */
#define FILE   \
    "7F060000" \
    "05000000" \
    "00400000" /* 1663/5/16384 */
#define SPLIT  \
    "01000000" \
    "8900"     \
    "0700"     \
    "0300"
#define LEAF   \
    "0A000000" \
    "0B000000" \
    "FFFFFFFF"
#define META_9_5 \
    "01000000"   \
    "02000000"   \
    "03000000"   \
    "04000000" /* root, level, fast root, fast level */
#define META "04000000" META_9_5

// clang-format off
static const describe_case cases[] = {
    { "INSERT_LEAF, 9.5", "9.5", INSERT_LEAF, "1400", NULL, "INSERT_LEAF off 20" },
    { "INSERT_UPPER, 15", "15", INSERT_UPPER, "1400", NULL, "INSERT_UPPER off 20" },
    { "INSERT_META, 10", "10", INSERT_META, "1400", NULL, "INSERT_META off 20" },
    { "INSERT_META, 16", "16", INSERT_META, "1400", NULL, "INSERT_META off: 20" },
    { "INSERT_LEAF, 19", "19", INSERT_LEAF, "1400", NULL, "INSERT_LEAF off: 20" },
    { "INSERT_LEAF, half an offset", "19", INSERT_LEAF, "14", NULL, NULL },

    { "SPLIT_L, 9.5", "9.5", SPLIT_L, "01000000" "8900", NULL, "SPLIT_L level 1, firstright 137" },
    { "SPLIT_R, 12", "12", SPLIT_R, "01000000" "8900" "0700", NULL, "SPLIT_R level 1, firstright 137, newitemoff 7" },
    { "SPLIT_R, 13", "13", SPLIT_R, SPLIT, NULL, "SPLIT_R level 1, firstrightoff 137, newitemoff 7, postingoff 3" },
    { "SPLIT_L, 18", "18", SPLIT_L, SPLIT, NULL, "SPLIT_L level: 1, firstrightoff: 137, newitemoff: 7, postingoff: 3" },
    { "SPLIT_L_ROOT, 9.6", "9.6", OP_5, "01000000" "8900", NULL, "SPLIT_L_ROOT level 1, firstright 137" },
    { "SPLIT_R_ROOT, 10", "10", OP_6, "01000000" "8900" "0700", NULL, "SPLIT_R_ROOT level 1, firstright 137, newitemoff 7" },
    { "SPLIT_L_HIGHKEY, 11", "11", OP_5, "01000000" "8900" "0700", NULL, "SPLIT_L_HIGHKEY level 1, firstright 137, newitemoff 7" },
    { "SPLIT_R_HIGHKEY, 11", "11", OP_6, "01000000" "8900" "0700", NULL, "SPLIT_R_HIGHKEY level 1, firstright 137, newitemoff 7" },
    { "between the splits and the posting lists", "12", OP_5, "01000000" "8900", NULL, "UNKNOWN " },
    { "between the splits and DEDUP", "12", OP_6, "01000000" "8900", NULL, "UNKNOWN " },

    { "INSERT_POST, 13", "13", OP_5, "1400", NULL, "INSERT_POST off 20" },
    { "INSERT_POST, 17", "17", OP_5, "1400", NULL, "INSERT_POST off: 20" },
    { "DEDUP, 14", "14", OP_6, "2800", NULL, "DEDUP nintervals 40" },
    { "DEDUP, 19", "19", OP_6, "2800", NULL, "DEDUP nintervals: 40" },

    { "DELETE, 9.5", "9.5", DELETE, FILE "02000000" "0100" "0200", NULL, "DELETE 2 items" },
    { "DELETE, 11, a count below 0", "11", DELETE, FILE "FEFFFFFF", NULL, "DELETE -2 items" },
    { "DELETE, 12", "12", DELETE, XID "02000000" "0100" "0200", NULL, "DELETE 2 items, latest removed xid 896" },
    { "DELETE, 13", "13", DELETE, XID "02000000", "0100" "0200", "DELETE latestRemovedXid 896; ndeleted 2" },
    { "DELETE, 15", "15", DELETE, XID "0200" "0100", "0100" "0200", "DELETE latestRemovedXid 896; ndeleted 2; nupdated 1" },
    { "DELETE, 16", "16", DELETE, XID "0200" "0200" "00", "0100" "0200" "0700" "0800" "0200" "0300" "0400" "0100" "0500",
      "DELETE snapshotConflictHorizon: 896, ndeleted: 2, nupdated: 2, deleted: [1, 2], "
      "updated: [{ off: 7, nptids: 2, ptids: [3, 4] }, { off: 8, nptids: 1, ptids: [5] }]" },
    { "DELETE, 16, with a page image", "16", DELETE, XID "0200" "0200" "00", NULL,
      "DELETE snapshotConflictHorizon: 896, ndeleted: 2, nupdated: 2" },
    { "DELETE, 17, of a catalog", "17", DELETE, XID "0100" "0000" "01", "0100",
      "DELETE snapshotConflictHorizon: 896, ndeleted: 1, nupdated: 0, isCatalogRel: T, deleted: [1], updated: []" },
    { "DELETE, 19, only updates", "19", DELETE, XID "0000" "0100" "00", "0700" "0000",
      "DELETE snapshotConflictHorizon: 896, ndeleted: 0, nupdated: 1, isCatalogRel: F, deleted: [], "
      "updated: [{ off: 7, nptids: 0, ptids: [] }]" },
    { "DELETE of more than there are", "19", DELETE, XID "FFFF" "0000" "00", "0100" "0200", NULL },
    { "DELETE, an update without its places", "19", DELETE, XID "0100" "0100" "00", "0100" "0700" "0200" "0300", NULL },
    { "DELETE, 65,535 updates", "19", DELETE, XID "0100" "FFFF" "00", "0100" "0700", NULL },

    { "UNLINK_PAGE, 9.5", "9.5", UNLINK_PAGE, "01000000" "02000000" LEAF XID, NULL,
      "UNLINK_PAGE left 1; right 2; btpo_xact 896; leafleft 10; leafright 11; topparent 4294967295" },
    { "UNLINK_PAGE_META, 13", "13", UNLINK_PAGE_META, "01000000" "02000000" LEAF XID, NULL,
      "UNLINK_PAGE_META left 1; right 2; btpo_xact 896; leafleft 10; leafright 11; topparent 4294967295" },
    { "UNLINK_PAGE, 14", "14", UNLINK_PAGE, "01000000" "02000000" "03000000" "00000000" FULL_XID LEAF, NULL,
      "UNLINK_PAGE left 1; right 2; level 3; safexid 2:896; leafleft 10; leafright 11; leaftopparent 4294967295" },
    { "UNLINK_PAGE, 15, of a 32-bit server", "15-i386", UNLINK_PAGE, "01000000" "02000000" "03000000" FULL_XID LEAF, NULL,
      "UNLINK_PAGE left 1; right 2; level 3; safexid 2:896; leafleft 10; leafright 11; leaftopparent 4294967295" },
    { "UNLINK_PAGE, 19", "19", UNLINK_PAGE, "01000000" "02000000" "03000000" "00000000" FULL_XID LEAF, NULL,
      "UNLINK_PAGE left: 1, right: 2, level: 3, safexid: 2:896, leafleft: 10, leafright: 11, leaftopparent: 4294967295" },
    { "UNLINK_PAGE_META, 18, of a 32-bit server", "18-i386", UNLINK_PAGE_META, "01000000" "02000000" "03000000" FULL_XID LEAF, NULL,
      "UNLINK_PAGE_META left: 1, right: 2, level: 3, safexid: 2:896, leafleft: 10, leafright: 11, leaftopparent: 4294967295" },

    { "NEWROOT, 9.5", "9.5", NEWROOT, "03000000" "01000000", NULL, "NEWROOT lev 1" },
    { "NEWROOT, 16", "16", NEWROOT, "03000000" "01000000", NULL, "NEWROOT level: 1" },

    { "MARK_PAGE_HALFDEAD, 9.6", "9.6", MARK_PAGE_HALFDEAD, "05000000" "01000000" "02000000" "03000000" "FFFFFFFF", NULL,
      "MARK_PAGE_HALFDEAD topparent 4294967295; leaf 1; left 2; right 3" },
    { "MARK_PAGE_HALFDEAD, 19", "19", MARK_PAGE_HALFDEAD, "05000000" "01000000" "02000000" "03000000" "FFFFFFFF", NULL,
      "MARK_PAGE_HALFDEAD topparent: 4294967295, leaf: 1, left: 2, right: 3" },

    { "VACUUM, 9.5", "9.5", VACUUM, "05000000", "0100", "VACUUM lastBlockVacuumed 5" },
    { "VACUUM, 13", "13", VACUUM, "0100" "0200", "0100", "VACUUM ndeleted 1; nupdated 2" },
    { "VACUUM, 16", "16", VACUUM, "0100" "0100", "0100" "0700" "0100" "0300",
      "VACUUM ndeleted: 1, nupdated: 1, deleted: [1], updated: [{ off: 7, nptids: 1, ptids: [3] }]" },
    { "VACUUM, 19, with a page image", "19", VACUUM, "0100" "0100", NULL, "VACUUM ndeleted: 1, nupdated: 1" },
    { "VACUUM of more than there are", "16", VACUUM, "0200" "0000", "0100", NULL },

    { "REUSE_PAGE, 9.5", "9.5", REUSE_PAGE, FILE "07000000" XID, NULL, "REUSE_PAGE rel 1663/5/16384; latestRemovedXid 896" },
    { "REUSE_PAGE, 13", "13", REUSE_PAGE, FILE "07000000" XID, NULL, "REUSE_PAGE rel 1663/5/16384; latestRemovedXid 896" },
    { "REUSE_PAGE, 15", "15", REUSE_PAGE, FILE "07000000" FULL_XID, NULL, "REUSE_PAGE rel 1663/5/16384; latestRemovedXid 2:896" },
    { "REUSE_PAGE, 16", "16", REUSE_PAGE, FILE "07000000" FULL_XID "01", NULL,
      "REUSE_PAGE rel: 1663/5/16384, snapshotConflictHorizon: 2:896" },
    { "REUSE_PAGE, 17", "17", REUSE_PAGE, FILE "07000000" FULL_XID "01", NULL,
      "REUSE_PAGE rel: 1663/5/16384, snapshotConflictHorizon: 2:896, isCatalogRel: T" },

    { "META_CLEANUP, before there was any", "10", META_CLEANUP, "", META_9_5, "UNKNOWN " },
    { "META_CLEANUP, 11", "11", META_CLEANUP, "", META_9_5 XID "00000000" "0000000000C07940",
      "META_CLEANUP oldest_btpo_xact 896; last_cleanup_num_heap_tuples: 412.000000" },
    { "META_CLEANUP, 11, of a 32-bit server", "11-i386", META_CLEANUP, "", META_9_5 XID "0000000000C07940",
      "META_CLEANUP oldest_btpo_xact 896; last_cleanup_num_heap_tuples: 412.000000" },
    { "META_CLEANUP, 12", "12", META_CLEANUP, "", META XID "000000000000F0BF",
      "META_CLEANUP oldest_btpo_xact 896; last_cleanup_num_heap_tuples: -1.000000" },
    { "META_CLEANUP, 13, a part of a row", "13", META_CLEANUP, "", META XID "000000000000F43F" "01000000",
      "META_CLEANUP oldest_btpo_xact 896; last_cleanup_num_heap_tuples: 1.250000" },
    { "META_CLEANUP, 13, very many", "13", META_CLEANUP, "", META XID "000000000000F043",
      "META_CLEANUP oldest_btpo_xact 896; last_cleanup_num_heap_tuples: 18446744073709551616.000000" },
    { "META_CLEANUP, 14", "14", META_CLEANUP, "", META "02000000" "01000000", "META_CLEANUP last_cleanup_num_delpages 2" },
    { "META_CLEANUP, 19", "19", META_CLEANUP, "", META "02000000" "01000000", "META_CLEANUP last_cleanup_num_delpages: 2" },
    { "META_CLEANUP without a meta page", "12", META_CLEANUP, "", NULL, NULL },
    { "META_CLEANUP, 16, without a meta page", "16", META_CLEANUP, "", NULL, NULL },

    { "the last code, which no major uses", "19", 0xF0, "", NULL, "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_btree, wpi_identify_btree, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_btree", cases, check);
}
