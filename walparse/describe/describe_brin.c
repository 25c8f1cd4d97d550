/*
 * describe_brin.c - BRIN indexes. Mirrors access/rmgrdesc/brindesc.c; layouts from access/brin_xlog.h.
 */
#include "describe/ops.h"

/* Of xl_info: the operation, and that it starts with an empty page. */
#define OP_MASK 0x70
#define INIT_PAGE 0x80

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, FOREVER, "CREATE_INDEX"), FIELDS(FIELD(U16, "v", 4), FIELD(U32, " pagesPerRange ", 0)) },
    { OP(0x10, ALWAYS, FOREVER, "INSERT"),
      FIELDS(FIELD(U32, "heapBlk ", 0), FIELD(U32, " pagesPerRange ", 4), FIELD(U16, " offnum ", 8)) },
    { OP(0x10 | INIT_PAGE, ALWAYS, FOREVER, "INSERT+INIT") },
    { OP(0x20, ALWAYS, FOREVER, "UPDATE"),
      FIELDS(FIELD(U32, "heapBlk ", 4), FIELD(U32, " pagesPerRange ", 8), FIELD(U16, " old offnum ", 0),
             FIELD(U16, ", new offnum ", 12)) },
    { OP(0x20 | INIT_PAGE, ALWAYS, FOREVER, "UPDATE+INIT") },
    { OP(0x30, ALWAYS, FOREVER, "SAMEPAGE_UPDATE"), FIELDS(FIELD(U16, "offnum ", 0)) },
    { OP(0x40, ALWAYS, FOREVER, "REVMAP_EXTEND"), FIELDS(FIELD(U32, "targetBlk ", 0)) },
    { OP(0x50, 1000, FOREVER, "DESUMMARIZE"),
      FIELDS(FIELD(U32, "pagesPerRange ", 0), FIELD(U32, ", heapBlk ", 4), FIELD(U16, ", page offset ", 8)) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, brin, OP_MASK)
