/*
 * describe_spgist.c - SP-GiST indexes. Mirrors access/rmgrdesc/spgdesc.c; layouts from access/spgxlog.h.
 */
#include "describe/ops.h"

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1200, "CREATE_INDEX") },

    { OP(0x10, ALWAYS, 1400, "ADD_LEAF"),
      FIELDS(FIELD(U16, "add leaf to page; off ", 2), FIELD(U16, "; headoff ", 4), FIELD(U16, "; parentoff ", 6),
             FIELD(IF, " (newpage)", 0), FIELD(IF, " (nulls)", 1)) },
    { OP(0x20, ALWAYS, 1400, "MOVE_LEAFS"), FIELDS(FIELD(U16, "", 0), WORDS(" leafs")) },
    { OP(0x30, ALWAYS, 1400, "ADD_NODE"), FIELDS(FIELD(U16, "off ", 0)) },
    { OP(0x40, ALWAYS, 1400, "SPLIT_TUPLE"),
      FIELDS(FIELD(U16, "prefix off: ", 0), FIELD(U16, ", postfix off: ", 2), FIELD(U8, " (same ", 5),
             FIELD(U8, ", new ", 4), WORDS(")")) },
    { OP(0x50, ALWAYS, 1400, "PICKSPLIT"),
      FIELDS(FIELD(U16, "ndel ", 2), FIELD(U16, "; nins ", 4), FIELD(IF, " (innerIsParent)", 12),
             FIELD(IF, " (isRootSplit)", 0)) },
    { OP(0x60, ALWAYS, 1400, "VACUUM_LEAF") },
    { OP(0x70, ALWAYS, 1400, "VACUUM_ROOT") },
    { OP(0x80, ALWAYS, 1400, "VACUUM_REDIRECT"), FIELDS(FIELD(U32, "newest XID ", 4)) },

    { OP(0x10, 1400, FOREVER, "ADD_LEAF"),
      FIELDS(FIELD(U16, "off: ", 2), FIELD(U16, ", headoff: ", 4), FIELD(U16, ", parentoff: ", 6),
             FIELD(U16, ", nodeI: ", 8), FIELD(IF, " (newpage)", 0), FIELD(IF, " (nulls)", 1)) },
    { OP(0x20, 1400, FOREVER, "MOVE_LEAFS"),
      FIELDS(FIELD(U16, "nmoves: ", 0), FIELD(U16, ", parentoff: ", 6), FIELD(U16, ", nodeI: ", 8),
             FIELD(IF, " (newpage)", 2), FIELD(IF, " (replacedead)", 3), FIELD(IF, " (nulls)", 4)) },
    { OP(0x30, 1400, FOREVER, "ADD_NODE"),
      FIELDS(FIELD(U16, "off: ", 0), FIELD(U16, ", newoff: ", 2), FIELD(I8, ", parentBlk: ", 5),
             FIELD(U16, ", parentoff: ", 6), FIELD(U16, ", nodeI: ", 8), FIELD(IF, " (newpage)", 4)) },
    { OP(0x40, 1400, FOREVER, "SPLIT_TUPLE"),
      FIELDS(FIELD(U16, "prefixoff: ", 0), FIELD(U16, ", postfixoff: ", 2), FIELD(IF, " (newpage)", 4),
             FIELD(IF, " (same)", 5)) },
    { OP(0x50, 1400, FOREVER, "PICKSPLIT"),
      FIELDS(FIELD(U16, "ndelete: ", 2), FIELD(U16, ", ninsert: ", 4), FIELD(U16, ", inneroff: ", 8),
             FIELD(U16, ", parentoff: ", 14), FIELD(U16, ", nodeI: ", 16), FIELD(IF, " (innerIsParent)", 12),
             FIELD(IF, " (nulls)", 11), FIELD(IF, " (isRootSplit)", 0)) },
    { OP(0x60, 1400, FOREVER, "VACUUM_LEAF"),
      FIELDS(FIELD(U16, "ndead: ", 0), FIELD(U16, ", nplaceholder: ", 2), FIELD(U16, ", nmove: ", 4),
             FIELD(U16, ", nchain: ", 6)) },
    { OP(0x70, 1400, FOREVER, "VACUUM_ROOT"), FIELDS(FIELD(U16, "ndelete: ", 0)) },
    { OP(0x80, 1400, 1600, "VACUUM_REDIRECT"),
      FIELDS(FIELD(U16, "ntoplaceholder: ", 0), FIELD(U16, ", firstplaceholder: ", 2),
             FIELD(U32, ", newestredirectxid: ", 4)) },
    { OP(0x80, 1600, 1700, "VACUUM_REDIRECT"),
      FIELDS(FIELD(U16, "ntoplaceholder: ", 0), FIELD(U16, ", firstplaceholder: ", 2),
             FIELD(U32, ", snapshotConflictHorizon: ", 4)) },
    { OP(0x80, 1700, FOREVER, "VACUUM_REDIRECT"),
      FIELDS(FIELD(U16, "ntoplaceholder: ", 0), FIELD(U16, ", firstplaceholder: ", 2),
             FIELD(U32, ", snapshotConflictHorizon: ", 4), FIELD(FLAG, ", isCatalogRel: ", 8)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, spgist, WPI_INFO_OP_MASK)
