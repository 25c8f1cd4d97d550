/*
 * describe_gist.c - GiST indexes. Mirrors access/rmgrdesc/gistdesc.c; layouts from access/gistxlog.h.
 */
#include "describe/ops.h"

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, FOREVER, "PAGE_UPDATE") },
    { OP(0x10, 1200, 1600, "DELETE"),
      FIELDS(FIELD(U32, "delete: latestRemovedXid ", 0), FIELD(U16, ", nitems: ", 4)) },
    { OP(0x10, 1600, 1700, "DELETE"),
      FIELDS(FIELD(U32, "delete: snapshotConflictHorizon ", 0), FIELD(U16, ", nitems: ", 4)) },
    { OP(0x10, 1700, FOREVER, "DELETE"),
      FIELDS(FIELD(U32, "delete: snapshotConflictHorizon ", 0), FIELD(U16, ", nitems: ", 4),
             FIELD(FLAG, ", isCatalogRel ", 6)) },
    { OP(0x20, 1200, 1600, "PAGE_REUSE"),
      FIELDS(FIELD(LOCATOR, "rel ", 0), FIELD(U32, "; blk ", 12), FIELD(FULL_XID, "; latestRemovedXid ", 16)) },
    { OP(0x20, 1600, 1700, "PAGE_REUSE"),
      FIELDS(FIELD(LOCATOR, "rel ", 0), FIELD(U32, "; blk ", 12),
             FIELD(FULL_XID, "; snapshotConflictHorizon ", 16)) },
    { OP(0x20, 1700, FOREVER, "PAGE_REUSE"),
      FIELDS(FIELD(LOCATOR, "rel ", 0), FIELD(U32, "; blk ", 12),
             FIELD(FULL_XID, "; snapshotConflictHorizon ", 16), FIELD(FLAG, ", isCatalogRel ", 24)) },
    { OP(0x30, ALWAYS, FOREVER, "PAGE_SPLIT"),
      FIELDS(FIELD_32(U16, "page_split: splits to ", 18, 14), WORDS(" pages")) },
    { OP(0x50, ALWAYS, 1200, "CREATE_INDEX") },
    { OP(0x60, 1200, FOREVER, "PAGE_DELETE"),
      FIELDS(FIELD(FULL_XID, "deleteXid ", 0), FIELD(U16, "; downlink ", 8)) },
    { OP(0x70, 1300, 1900, "ASSIGN_LSN") },
};
// clang-format on

WPI_DESCRIBED_BY(ops, gist, WPI_INFO_OP_MASK)
