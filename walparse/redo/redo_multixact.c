/*
 * redo_multixact.c - the logs of multixacts. Mirrors multixact_redo() and RecordNewMultiXact() of access/transam/multixact.c.
 *
 * Pages that are cut off are kept: nothing asks for them any more.
 */
#include "redo/multixact.h"
#include "redo/run.h"

#define MEMBER_BYTES 8 /* of the record: u32 xid, i32 status */

static void put_offset(wpi_run *run, uint32_t multi, uint64_t offset)
{
    const uint8_t bytes = run->record->profile->multixact_offset_bytes;
    const uint32_t per_page = run->store->config.block_bytes / bytes;
    wpi_stored *stored = wpi_run_log_page(run, WP_REDO_MULTIXACT_OFFSETS, multi / per_page);
    if (!stored)
        return;
    uint8_t *p = stored->page.bytes + (size_t)(multi % per_page) * bytes;
    wpi_put_u32_at(p, (uint32_t)offset);
    if (bytes == 8)
        wpi_put_u32_at(p + 4, (uint32_t)(offset >> 32));
}

/*
 * Where the members of the next multixact begin, which is where those of this one end: newer minor releases write it at once,
 * others when there is a next one. On another page it comes with that one.
 */
static void put_next_offset(wpi_run *run, uint32_t multi, uint64_t offset)
{
    const uint32_t per_page =
        run->store->config.block_bytes / run->record->profile->multixact_offset_bytes;
    if ((multi + 1) % per_page != 0 && run->status >= 0)
        put_offset(run, multi + 1, offset);
}

static void put_member(wpi_run *run, uint64_t member, uint32_t xid, uint8_t status)
{
    const wpi_member_place place = wpi_member_place_of(member, run->store->config.block_bytes);
    wpi_stored *stored = wpi_run_log_page(run, WP_REDO_MULTIXACT_MEMBERS, (uint32_t)place.page);
    if (!stored)
        return;
    stored->page.bytes[place.status_at] = status;
    wpi_put_u32_at(stored->page.bytes + place.xid_at, xid);
}

/* CREATE_ID: u32 multixact, u32 first member, i32 n, members; from 19 on the first member is u64, on an 8-byte boundary */
static void redo_create(wpi_run *run)
{
    wpi_cursor c = wpi_cursor_of(run->record->main);
    const uint32_t multi = wpi_take_u32(&c);
    const bool is_wide = run->record->profile->multixact_offset_bytes == 8;
    if (is_wide)
        wpi_align(&c, run->record->max_align);
    const uint64_t first = is_wide ? wpi_take_u64(&c) : wpi_take_u32(&c);
    uint32_t n = 0;
    const uint8_t *members = wpi_take_array(&c, MEMBER_BYTES, &n);
    if (c.overrun) {
        run->status = WP_ERR_DAMAGE;
        return;
    }
    put_offset(run, multi, first);
    put_next_offset(run, multi, is_wide ? first + n : (uint32_t)(first + n));
    for (uint32_t i = 0; i < n && run->status >= 0; i++) {
        const uint8_t *member = members + (size_t)i * MEMBER_BYTES;
        put_member(run, is_wide ? first + i : (uint32_t)(first + i), wpi_u32(member), member[4]);
    }
}

/* ZERO_OFF_PAGE, ZERO_MEM_PAGE: i32 page; from 17 on i64 */
static void redo_zero_offsets(wpi_run *run)
{
    (void)wpi_run_new_log_page(run, WP_REDO_MULTIXACT_OFFSETS, wpi_u32(run->record->main.bytes));
}

static void redo_zero_members(wpi_run *run)
{
    (void)wpi_run_new_log_page(run, WP_REDO_MULTIXACT_MEMBERS, wpi_u32(run->record->main.bytes));
}

static const wpi_redo_op ops[] = {
    { 0x00, 4, { ALWAYS, FOREVER }, .redo = redo_zero_offsets },
    { 0x10, 4, { ALWAYS, FOREVER }, .redo = redo_zero_members },
    { 0x20, 12, { ALWAYS, FOREVER }, .redo = redo_create },
    { 0x30, 0, { ALWAYS, FOREVER }, .redo = NULL }, /* TRUNCATE_ID */
};

const wpi_redo_ops wpi_redo_multixact = REDO_OPS(ops, WPI_INFO_OP_MASK);
