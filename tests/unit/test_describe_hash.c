/*
 * test_describe_hash.c - hash indexes, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/hashdesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "there was no WAL", "9.5 to 9.6", 0x20, "", NULL, "UNKNOWN " },
    { "meta page", "10 to 19", 0x00, "0000000000b08340900100003301", NULL,
      "INIT_META_PAGE num_tuples 630, fillfactor 307" },
    { "meta page, many", "10 to 19", 0x00, "00000054346f9d41900100004b00", NULL,
      "INIT_META_PAGE num_tuples 1.23457e+08, fillfactor 75" },
    { "meta page, no number", "10 to 11", 0x00, "000000000000f87f000000000100", NULL,
      "INIT_META_PAGE num_tuples nan, fillfactor 1" },
    { "meta page, no number", "12 to 19", 0x00, "000000000000f87f000000000100", NULL,
      "INIT_META_PAGE num_tuples NaN, fillfactor 1" },
    { "meta page, infinite", "11", 0x00, "000000000000f0ff000000000100", NULL,
      "INIT_META_PAGE num_tuples -inf, fillfactor 1" },
    { "meta page, infinite", "12", 0x00, "000000000000f0ff000000000100", NULL,
      "INIT_META_PAGE num_tuples -Infinity, fillfactor 1" },
    { "meta page, infinite", "18", 0x00, "000000000000f07f000000000100", NULL,
      "INIT_META_PAGE num_tuples Infinity, fillfactor 1" },
    { "bitmap page", "10 to 19", 0x10, "0010", NULL, "INIT_BITMAP_PAGE bmsize 4096" },
    { "insert", "10 to 19", 0x20, "0102", NULL, "INSERT off 513" },
    { "overflow page", "10 to 19", 0x30, "001001", NULL, "ADD_OVFL_PAGE bmsize 4096, bmpage_found T" },
    { "overflow page, no bitmap", "10 to 19", 0x30, "001000", NULL, "ADD_OVFL_PAGE bmsize 4096, bmpage_found F" },
    { "split, masks", "10 to 19", 0x40, "090000000100020001", NULL,
      "SPLIT_ALLOCATE_PAGE new_bucket 9, meta_page_masks_updated T, issplitpoint_changed F" },
    { "split, splitpoint", "10 to 19", 0x40, "090000000100020002", NULL,
      "SPLIT_ALLOCATE_PAGE new_bucket 9, meta_page_masks_updated F, issplitpoint_changed T" },
    { "split page", "10 to 19", 0x50, "", NULL, "SPLIT_PAGE " },
    { "split complete", "10 to 19", 0x60, "41004200", NULL, "SPLIT_COMPLETE old_bucket_flag 65, new_bucket_flag 66" },
    { "move", "10 to 19", 0x70, "030001", NULL, "MOVE_PAGE_CONTENTS ntups 3, is_primary T" },
    { "squeeze", "10 to 19", 0x80, "07000000ffffffff030000", NULL,
      "SQUEEZE_PAGE prevblkno 7, nextblkno 4294967295, ntups 3, is_primary F" },
    { "delete", "10 to 19", 0x90, "0001", NULL, "DELETE clear_dead_marking F, is_primary T" },
    { "cleanup", "10 to 19", 0xA0, "", NULL, "SPLIT_CLEANUP " },
    { "meta page updated", "10 to 19", 0xB0, "000000000000e03f", NULL, "UPDATE_META_PAGE ntuples 0.5" },
    { "vacuum one page", "10 to 11", 0xC0, "7f06000005000000004000000c000000", NULL, "VACUUM_ONE_PAGE ntuples 12" },
    { "vacuum one page", "12 to 13", 0xC0, "ec020000ffffffff", NULL,
      "VACUUM_ONE_PAGE ntuples -1, latest removed xid 748" },
    { "vacuum one page", "14 to 15", 0xC0, "ec02000070110100", NULL,
      "VACUUM_ONE_PAGE ntuples 70000, latestRemovedXid 748" },
    { "vacuum one page", "16", 0xC0, "ec0200000c00", NULL, "VACUUM_ONE_PAGE ntuples 12, snapshotConflictHorizon 748" },
    { "vacuum one page", "17 to 19", 0xC0, "ec0200000c0001", NULL,
      "VACUUM_ONE_PAGE ntuples 12, snapshotConflictHorizon 748, isCatalogRel T" },
    { "no such operation", "18", 0xD0, "", NULL, "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_hash, wpi_identify_hash, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_hash", cases, check);
}
