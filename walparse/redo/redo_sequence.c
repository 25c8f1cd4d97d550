/*
 * redo_sequence.c - the only page of a sequence, with its only row. Mirrors seq_redo() of commands/sequence.c.
 *
 *     header | line pointer | free | row | u32 magic, in an aligned special space
 */
#include "redo/run.h"

#define MAGIC 0x1717
#define ROW_AT 12

/* LOG: locator, the whole row */
static wp_page_fault log_row(const wpi_run *run, wpi_redo_page *page)
{
    const wp_view main = run->record->main;
    const uint8_t *row = main.bytes + ROW_AT;
    const size_t len = main.len - ROW_AT;
    wpi_redo_page_init_special(page, sizeof(uint32_t));
    wpi_put_u32_at(page->bytes + wpi_redo_page_special(page), MAGIC);
    if (row[WPI_ROW_HOFF_AT] < WPI_ROW_BITS_AT || row[WPI_ROW_HOFF_AT] > len)
        return WP_FAULT_RECORD;
    return wpi_redo_page_add(page, 1, row, len);
}

static void redo_log(wpi_run *run)
{
    wpi_stored *stored = wpi_run_new_page(run, 0);
    if (stored)
        wpi_run_done(run, stored, log_row(run, &stored->page));
}

static const wpi_redo_op ops[] = {
    { 0x00, ROW_AT + WPI_ROW_BITS_AT, { ALWAYS, FOREVER }, .redo = redo_log },
};

const wpi_redo_ops wpi_redo_sequence = REDO_OPS(ops, WPI_INFO_OP_MASK);
