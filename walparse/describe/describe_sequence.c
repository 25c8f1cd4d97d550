/*
 * describe_sequence.c - sequences. Mirrors access/rmgrdesc/seqdesc.c; layout from commands/sequence.h.
 */
#include "describe/ops.h"

static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, FOREVER, "LOG"), FIELDS(FIELD(LOCATOR, "rel ", 0)) },
};

WPI_DESCRIBED_BY(ops, sequence, WPI_INFO_OP_MASK)
