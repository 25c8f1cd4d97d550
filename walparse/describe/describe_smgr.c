/*
 * describe_smgr.c - files of relations made and cut. Mirrors access/rmgrdesc/smgrdesc.c; layouts from
 * catalog/storage_xlog.h.
 */
#include "base/cursor.h"
#include "describe/describe.h"

#define CREATE 0x10
#define TRUNCATE 0x20

#define FORK_MAX 3 /* init */

static wp_locator take_locator(wpi_cursor *c)
{
    wp_locator got = { .spc = wpi_take_u32(c) };
    got.db = wpi_take_u32(c);
    got.rel = wpi_take_u32(c);
    return got;
}

/* Locator, i32 fork. */
static bool describe_create(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_locator locator = take_locator(&c);
    const uint32_t fork = wpi_take_u32(&c);
    if (c.overrun || fork > FORK_MAX)
        return false;
    wpi_put_path(out, record->profile, &locator, (uint8_t)fork);
    return true;
}

/* u32 blocks, locator, i32 flags (9.6 on). */
static bool describe_truncate(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const uint32_t blocks = wpi_take_u32(&c);
    const wp_locator locator = take_locator(&c);
    wpi_put_path(out, record->profile, &locator, WPI_FORK_MAIN);
    wpi_put(out, " to ");
    wpi_put_u32(out, blocks);
    wpi_put(out, " blocks");
    if (record->profile->smgr_truncate_has_flags) {
        wpi_put(out, " flags ");
        wpi_put_i32(out, (int32_t)wpi_take_u32(&c));
    }
    return !c.overrun;
}

bool wpi_describe_smgr(const wpi_record *record, wpi_text *out)
{
    switch (record->info & WPI_INFO_OP_MASK) {
    case CREATE:
        return describe_create(record, out);
    case TRUNCATE:
        return describe_truncate(record, out);
    default:
        return true;
    }
}

const char *wpi_identify_smgr(const wp_profile *profile, uint8_t info)
{
    (void)profile;
    switch (info & WPI_INFO_OP_MASK) {
    case CREATE:
        return "CREATE";
    case TRUNCATE:
        return "TRUNCATE";
    default:
        return NULL;
    }
}
