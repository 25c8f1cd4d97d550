/*
 * redo_database.c - databases that are copied as files. Mirrors dbase_redo() of commands/dbcommands.c.
 *
 * The WAL does not have the pages of such a copy, and of its model only what changes later: what nothing else tells of is
 * not known. A copy that is logged (from 15 on) is all files made and images.
 */
#include "redo/run.h"

/* CREATE, from 15 on CREATE_FILE_COPY: u32 database, u32 tablespace, u32 database and tablespace of the model */
static void redo_create(wpi_run *run)
{
    const uint8_t *main = run->record->main.bytes;
    if (!wpi_store_copy(run->store, wpi_u32(main + 4), wpi_u32(main)))
        run->status = WP_ERR_NOMEM;
}

static const wpi_redo_op ops[] = {
    { 0x00, 16, { ALWAYS, FOREVER }, .redo = redo_create },
};

const wpi_redo_ops wpi_redo_database = REDO_OPS(ops, WPI_INFO_OP_MASK);
