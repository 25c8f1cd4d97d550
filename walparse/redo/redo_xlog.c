/*
 * redo_xlog.c - records that are nothing but page images. Mirrors xlog_redo() of access/transam/xlog.c.
 */
#include "redo/run.h"

static const wpi_redo_op ops[] = {
    { 0xA0, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* FPI_FOR_HINT */
    { 0xB0, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* FPI */
    { 0xC0, 0, { ALWAYS, 1200 }, .redo = NULL },    /* FPI_MULTI */
};

const wpi_redo_ops wpi_redo_xlog = REDO_OPS(ops, WPI_INFO_OP_MASK);
