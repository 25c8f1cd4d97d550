/*
 * redo_clog.c - new pages of the log that says how transactions ended. Mirrors clog_redo() of access/transam/clog.c.
 *
 * How they ended is told by their own records, not here. Pages that are cut off are kept: nothing asks for them any more.
 */
#include "redo/run.h"

/* ZEROPAGE: i32 page; from 17 on i64 */
static void redo_zero_page(wpi_run *run)
{
    (void)wpi_run_new_log_page(run, WP_REDO_XACT, wpi_u32(run->record->main.bytes));
}

static const wpi_redo_op ops[] = {
    { 0x00, 4, { ALWAYS, FOREVER }, .redo = redo_zero_page },
    { 0x10, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* TRUNCATE */
};

const wpi_redo_ops wpi_redo_clog = REDO_OPS(ops, WPI_INFO_OP_MASK);
