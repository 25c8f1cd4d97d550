/*
 * redo_relmap.c - which files the catalogs without a file in pg_class have. Mirrors relmap_redo() of utils/cache/relmapper.c.
 */
#include "redo/run.h"

#include <stdlib.h>

/* UPDATE: u32 database, u32 tablespace, i32 bytes, the whole map */
static void redo_update(wpi_run *run)
{
    wpi_cursor c = wpi_cursor_of(run->record->main);
    const uint32_t db = wpi_take_u32(&c), spc = wpi_take_u32(&c);
    uint32_t n = 0;
    const uint8_t *map = wpi_take_array(&c, 1, &n);
    if (c.overrun || n > WPI_RELMAP_BYTES_MAX) {
        run->status = WP_ERR_DAMAGE;
        return;
    }
    const wpi_key key = { spc, db, 0 };
    wpi_relmap *stored = wpi_table_get(&run->store->relmaps, key);
    if (!stored) {
        stored = calloc(1, sizeof *stored);
        if (!stored || !wpi_table_put(&run->store->relmaps, key, stored)) {
            free(stored);
            run->status = WP_ERR_NOMEM;
            return;
        }
    }
    stored->is_told = true;
    stored->len = n;
    memcpy(stored->bytes, map, n);
}

static const wpi_redo_op ops[] = {
    { 0x00, 12, { ALWAYS, FOREVER }, .redo = redo_update },
};

const wpi_redo_ops wpi_redo_relmap = REDO_OPS(ops, WPI_INFO_OP_MASK);
