/*
 * describe_origin.c - origins of replication. Mirrors access/rmgrdesc/replorigindesc.c; layouts from
 * replication/origin.h.
 */
#include "describe/ops.h"

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, FOREVER, "SET"),
      FIELDS(FIELD(U16, "set ", 8), FIELD(LSN, "; lsn ", 0), FIELD(U8, "; force: ", 10)) },
    { OP(0x10, ALWAYS, FOREVER, "DROP"), FIELDS(FIELD(U16, "drop ", 0)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, origin, WPI_INFO_OP_MASK)
