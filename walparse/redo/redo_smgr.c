/*
 * redo_smgr.c - files that are made and cut. Mirrors smgr_redo() of catalog/storage.c.
 */
#include "redo/run.h"

#define TRUNCATE_HEAP 0x01

/* The file that is named there. */
static wpi_stored_file *file_at(wpi_run *run, const uint8_t *bytes)
{
    const wp_locator locator = { wpi_u32(bytes), wpi_u32(bytes + 4), wpi_u32(bytes + 8) };
    return wpi_run_file(run, &locator);
}

/*
 * CREATE: locator, i32 fork. The server leaves a file that is there as it is; but all that is in a new file comes from the WAL
 * after this, so what a backup has of it (taken later, or of an older file of that number) is not needed. Not so while wal_level
 * is minimal.
 */
static void redo_create(wpi_run *run)
{
    const uint8_t *main = run->record->main.bytes;
    if (wpi_u32(main + 12) != WPI_FORK_MAIN)
        return;
    wpi_stored_file *file = file_at(run, main);
    if (file)
        wpi_store_create(run->store, file);
}

/* TRUNCATE: u32 block, locator, i32 flags (from 9.6 on) */
static void redo_truncate(wpi_run *run)
{
    const wp_view main = run->record->main;
    const bool has_flags = run->record->profile->smgr_truncate_has_flags;
    if (has_flags && main.len < 20)
        run->status = WP_ERR_DAMAGE;
    if (run->status < 0 || (has_flags && !(wpi_u32(main.bytes + 16) & TRUNCATE_HEAP)))
        return;
    wpi_stored_file *file = file_at(run, main.bytes + 4);
    if (file)
        wpi_store_cut(run->store, file, wpi_u32(main.bytes));
}

static const wpi_redo_op ops[] = {
    { 0x10, 16, { ALWAYS, FOREVER }, .redo = redo_create },
    { 0x20, 16, { ALWAYS, FOREVER }, .redo = redo_truncate },
};

const wpi_redo_ops wpi_redo_smgr = REDO_OPS(ops, WPI_INFO_OP_MASK);
