/*
 * describe_hash.c - hash indexes, whose changes are in the WAL from 10 on. Mirrors access/rmgrdesc/hashdesc.c; layouts
 * from access/hash_xlog.h.
 */
#include "describe/ops.h"

#define SPLIT_UPDATES_MASKS 0x01
#define SPLIT_UPDATES_SPLITPOINT 0x02

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, 1000, FOREVER, "INIT_META_PAGE"),
      FIELDS(FIELD(DOUBLE, "num_tuples ", 0), FIELD(U16, ", fillfactor ", 12)) },
    { OP(0x10, 1000, FOREVER, "INIT_BITMAP_PAGE"), FIELDS(FIELD(U16, "bmsize ", 0)) },
    { OP(0x20, 1000, FOREVER, "INSERT"), FIELDS(FIELD(U16, "off ", 0)) },
    { OP(0x30, 1000, FOREVER, "ADD_OVFL_PAGE"),
      FIELDS(FIELD(U16, "bmsize ", 0), FIELD(FLAG, ", bmpage_found ", 2)) },
    { OP(0x40, 1000, FOREVER, "SPLIT_ALLOCATE_PAGE"),
      FIELDS(FIELD(U32, "new_bucket ", 0), FLAG_BIT(", meta_page_masks_updated ", 8, SPLIT_UPDATES_MASKS),
             FLAG_BIT(", issplitpoint_changed ", 8, SPLIT_UPDATES_SPLITPOINT)) },
    { OP(0x50, 1000, FOREVER, "SPLIT_PAGE") },
    { OP(0x60, 1000, FOREVER, "SPLIT_COMPLETE"),
      FIELDS(FIELD(U16, "old_bucket_flag ", 0), FIELD(U16, ", new_bucket_flag ", 2)) },
    { OP(0x70, 1000, FOREVER, "MOVE_PAGE_CONTENTS"),
      FIELDS(FIELD(U16, "ntups ", 0), FIELD(FLAG, ", is_primary ", 2)) },
    { OP(0x80, 1000, FOREVER, "SQUEEZE_PAGE"),
      FIELDS(FIELD(U32, "prevblkno ", 0), FIELD(U32, ", nextblkno ", 4), FIELD(U16, ", ntups ", 8),
             FIELD(FLAG, ", is_primary ", 10)) },
    { OP(0x90, 1000, FOREVER, "DELETE"),
      FIELDS(FIELD(FLAG, "clear_dead_marking ", 0), FIELD(FLAG, ", is_primary ", 1)) },
    { OP(0xA0, 1000, FOREVER, "SPLIT_CLEANUP") },
    { OP(0xB0, 1000, FOREVER, "UPDATE_META_PAGE"), FIELDS(FIELD(DOUBLE, "ntuples ", 0)) },
    { OP(0xC0, 1000, 1200, "VACUUM_ONE_PAGE"), FIELDS(FIELD(I32, "ntuples ", 12)) },
    { OP(0xC0, 1200, 1400, "VACUUM_ONE_PAGE"),
      FIELDS(FIELD(I32, "ntuples ", 4), FIELD(U32, ", latest removed xid ", 0)) },
    { OP(0xC0, 1400, 1600, "VACUUM_ONE_PAGE"),
      FIELDS(FIELD(I32, "ntuples ", 4), FIELD(U32, ", latestRemovedXid ", 0)) },
    { OP(0xC0, 1600, 1700, "VACUUM_ONE_PAGE"),
      FIELDS(FIELD(U16, "ntuples ", 4), FIELD(U32, ", snapshotConflictHorizon ", 0)) },
    { OP(0xC0, 1700, FOREVER, "VACUUM_ONE_PAGE"),
      FIELDS(FIELD(U16, "ntuples ", 4), FIELD(U32, ", snapshotConflictHorizon ", 0),
             FIELD(FLAG, ", isCatalogRel ", 6)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, hash, WPI_INFO_OP_MASK)
