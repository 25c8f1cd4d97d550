/*
 * describe_clog.c - the states of transactions. Mirrors access/rmgrdesc/clogdesc.c; layouts from access/clog.h (17:
 * 64-bit page numbers).
 */
#include "describe/ops.h"

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1000, "ZEROPAGE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x00, 1000, 1700, "ZEROPAGE"), FIELDS(FIELD(I32, "page ", 0)) },
    { OP(0x00, 1700, FOREVER, "ZEROPAGE"), FIELDS(FIELD(I64, "page ", 0)) },
    { OP(0x10, ALWAYS, 1000, "TRUNCATE"), FIELDS(FIELD(I32, "", 0)) },
    { OP(0x10, 1000, 1700, "TRUNCATE"), FIELDS(FIELD(I32, "page ", 0), FIELD(U32, "; oldestXact ", 4)) },
    { OP(0x10, 1700, FOREVER, "TRUNCATE"), FIELDS(FIELD(I64, "page ", 0), FIELD(U32, "; oldestXact ", 8)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, clog, WPI_INFO_OP_MASK)
