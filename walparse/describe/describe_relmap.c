/*
 * describe_relmap.c - the map of catalogs' files. Mirrors access/rmgrdesc/relmapdesc.c; layout from utils/relmapper.h.
 */
#include "describe/ops.h"

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1500, "UPDATE"),
      FIELDS(FIELD(U32, "database ", 0), FIELD(U32, " tablespace ", 4), FIELD(U32, " size ", 8)) },
    { OP(0x00, 1500, FOREVER, "UPDATE"),
      FIELDS(FIELD(U32, "database ", 0), FIELD(U32, " tablespace ", 4), FIELD(I32, " size ", 8)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, relmap, WPI_INFO_OP_MASK)
