/*
 * redo_xlog.c - records that are nothing but page images, and what wal_level is. Mirrors xlog_redo() of access/transam/xlog.c.
 */
#include "redo/run.h"

#define WAL_LEVEL_MINIMAL 0

/* PARAMETER_CHANGE: four settings, from 12 on five, i32 wal_level, more. The first record that a server writes with new settings. */
static void redo_parameters(wpi_run *run)
{
    const wpi_record *record = run->record;
    const size_t at = record->profile->parameters_have_wal_senders ? 20 : 16;
    if (record->main.len < at + 4)
        run->status = WP_ERR_DAMAGE;
    else
        run->store->is_minimal = wpi_u32(record->main.bytes + at) == WAL_LEVEL_MINIMAL;
}

static const wpi_redo_op ops[] = {
    { 0x60, 0, { ALWAYS, FOREVER }, .redo = redo_parameters },
    { 0xA0, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* FPI_FOR_HINT */
    { 0xB0, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* FPI */
    { 0xC0, 0, { ALWAYS, 1200 }, .redo = NULL },    /* FPI_MULTI */
};

const wpi_redo_ops wpi_redo_xlog = REDO_OPS(ops, WPI_INFO_OP_MASK);
