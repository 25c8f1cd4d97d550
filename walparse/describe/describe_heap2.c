/*
 * describe_heap2.c - pruning, freezing and vacuuming of rows, and the rest of the heap's records. Mirrors
 * access/rmgrdesc/heapdesc.c, heap2_desc, and access/heapam_xlog.h.
 */
#include <walparse/profile.h>

#include "decode/prune.h"
#include "describe/offsets.h"
#include "describe/ops.h"

#define OP_MASK 0x70
#define INIT_PAGE 0x80

/* ---- lists in the data of block 0, from 16 on; a page image stands for them ---- */

static const wpi_field plan_fields[] = { FIELD(U32, "{ xmax: ", 0), FIELD(U16, ", infomask: ", 6),
                                         FIELD(U16, ", infomask2: ", 4),
                                         FIELD(U16, ", ntuples: ", WPI_PLAN_NTUPLES_AT) };

/* The plans, each with its share of the offsets that come after all plans. */
static bool put_plans(const wpi_record *record, const uint8_t *plans, size_t n, wpi_cursor *offsets,
                      wpi_text *out)
{
    wpi_put(out, ", plans: [");
    for (size_t i = 0; i < n; i++) {
        const uint8_t *plan = plans + i * WPI_PLAN_BYTES;
        if (i > 0)
            wpi_put(out, ", ");
        (void)wpi_put_fields(record, (wp_view){ plan, WPI_PLAN_BYTES }, plan_fields,
                             NFIELDS(plan_fields), out);
        wpi_put(out, ", offsets:");
        const size_t ntuples = wpi_u16(plan + WPI_PLAN_NTUPLES_AT);
        if (!wpi_put_offsets(out, wpi_take(offsets, ntuples * 2), ntuples))
            return false;
        wpi_put(out, " }");
    }
    wpi_put_char(out, ']');
    return true;
}

static void put_count(wpi_text *out, const char *words, size_t n)
{
    wpi_put(out, words);
    wpi_put_u32(out, (uint32_t)n);
}

/* ---- CLEAN, PRUNE (14 to 16): u32 xid, u16 nredirected, u16 ndead ---- */

static const wpi_field clean_9_5[] = { FIELD(U32, "remxid ", 0) };
static const wpi_field prune_14[] = { FIELD(U32, "latestRemovedXid ", 0),
                                      FIELD(U16, " nredirected ", 4), FIELD(U16, " ndead ", 6) };
static const wpi_field prune_16[] = { FIELD(U32, "snapshotConflictHorizon: ", 0),
                                      FIELD(U16, ", nredirected: ", 4),
                                      FIELD(U16, ", ndead: ", 6) };

/* What is not redirected or dead in the data is unused. */
static bool put_pruned_16(const wpi_record *record, wpi_text *out)
{
    const wp_view data = wpi_block_0_data(record);
    if (!data.bytes)
        return true;
    const size_t nredirected = wpi_u16(record->main.bytes + 4);
    const size_t ndead = wpi_u16(record->main.bytes + 6);
    wpi_cursor c = wpi_cursor_of(data);
    const uint8_t *redirected = wpi_take(&c, nredirected * 4);
    const uint8_t *dead = wpi_take(&c, ndead * 2);
    if (c.overrun)
        return false;
    const size_t nunused = wpi_left(&c) / 2;
    put_count(out, ", nunused: ", nunused);
    wpi_put(out, ", redirected:");
    (void)wpi_put_redirects(out, redirected, nredirected);
    wpi_put(out, ", dead:");
    (void)wpi_put_offsets(out, dead, ndead);
    wpi_put(out, ", unused:");
    return wpi_put_offsets(out, c.pos, nunused);
}

/* ---- VACUUM (14 to 16): u16 nunused ---- */

static const wpi_field vacuum_14[] = { FIELD(U16, "nunused ", 0) };
static const wpi_field vacuum_16[] = { FIELD(U16, "nunused: ", 0) };

static bool put_vacuumed_16(const wpi_record *record, wpi_text *out)
{
    const wp_view data = wpi_block_0_data(record);
    if (!data.bytes)
        return true;
    const size_t n = wpi_u16(record->main.bytes);
    wpi_cursor c = wpi_cursor_of(data);
    wpi_put(out, ", unused:");
    return wpi_put_offsets(out, wpi_take(&c, n * 2), n);
}

/* ---- FREEZE_PAGE (up to 16): u32 xid, u16 ntuples; in 16 u16 nplans ---- */

static const wpi_field freeze_9_5[] = { FIELD(U32, "cutoff xid ", 0), FIELD(U16, " ntuples ", 4) };
static const wpi_field freeze_16[] = { FIELD(U32, "snapshotConflictHorizon: ", 0),
                                       FIELD(U16, ", nplans: ", 4) };

static bool put_frozen_16(const wpi_record *record, wpi_text *out)
{
    const wp_view data = wpi_block_0_data(record);
    if (!data.bytes)
        return true;
    const size_t nplans = wpi_u16(record->main.bytes + 4);
    wpi_cursor c = wpi_cursor_of(data);
    const uint8_t *plans = wpi_take(&c, nplans * WPI_PLAN_BYTES);
    return !c.overrun && put_plans(record, plans, nplans, &c, out);
}

/* ---- CLEANUP_INFO (up to 13): locator, u32 xid ---- */

static const wpi_field cleanup_info_9_5[] = { FIELD(U32, "remxid ", 12) };

/* ---- PRUNE_* (from 17 on): a byte without meaning, u8 flags; in 19 u16 flags; then u32 xid ---- */

#define PRUNE_XID_AT 2
static bool put_prune_lists(const wpi_record *record, wp_view data, unsigned flags, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(data);
    wpi_prune_lists p;
    if (!wpi_take_prune_lists(&c, flags, &p))
        return false;
    put_count(out, ", nplans: ", p.nplans);
    put_count(out, ", nredirected: ", p.redirected.n);
    put_count(out, ", ndead: ", p.dead.n);
    put_count(out, ", nunused: ", p.unused.n);
    if (p.nplans > 0 && !put_plans(record, p.plans, p.nplans, &c, out))
        return false;
    if (p.redirected.n > 0) {
        wpi_put(out, ", redirected:");
        (void)wpi_put_redirects(out, p.redirected.items, p.redirected.n);
    }
    if (p.dead.n > 0) {
        wpi_put(out, ", dead:");
        (void)wpi_put_offsets(out, p.dead.items, p.dead.n);
    }
    if (p.unused.n > 0) {
        wpi_put(out, ", unused:");
        (void)wpi_put_offsets(out, p.unused.items, p.unused.n);
    }
    return true;
}

/* Without an xid the description begins with a comma, as the server's does. */
static bool put_pruned_17(const wpi_record *record, wpi_text *out)
{
    static const wpi_field xid[] = { FIELD(U32, "snapshotConflictHorizon: ", PRUNE_XID_AT) };
    const wp_view main = record->main;
    if (main.len < PRUNE_XID_AT)
        return false;
    const unsigned flags = wpi_prune_flags(record);
    if ((flags & WPI_PRUNE_HAS_XID) && !wpi_put_fields(record, main, xid, NFIELDS(xid), out))
        return false;
    wpi_put(out, flags & WPI_PRUNE_IS_CATALOG ? ", isCatalogRel: T" : ", isCatalogRel: F");
    if (flags & WPI_PRUNE_ALL_VISIBLE)
        wpi_put(out, flags & WPI_PRUNE_ALL_FROZEN ? ", vm_flags: 0x03" : ", vm_flags: 0x01");
    const wp_view data = wpi_block_0_data(record);
    return !data.bytes || put_prune_lists(record, data, flags, out);
}

/* ---- VISIBLE (up to 18): u32 xid, u8 flags (from 9.6 on) ---- */

static const wpi_field visible_9_5[] = { FIELD(U32, "cutoff xid ", 0) };
static const wpi_field visible_9_6[] = { FIELD(U32, "cutoff xid ", 0), FIELD(U8, " flags ", 4) };
static const wpi_field visible_12[] = { FIELD(U32, "cutoff xid ", 0), FIELD(HEX, " flags ", 4) };
static const wpi_field visible_16[] = { FIELD(U32, "snapshotConflictHorizon: ", 0),
                                        FIELD(HEX, ", flags: ", 4) };

/* ---- MULTI_INSERT: u8 flags, a byte of padding, u16 ntuples, u16 offsets unless the page is new ---- */

#define INSERT_ALL_FROZEN_SET 0x20
#define MULTI_INSERT_OFFSETS_AT 4

static const wpi_field multi_insert_9_5[] = { FIELD(U16, "", 2), WORDS(" tuples") };
static const wpi_field multi_insert_12[] = { FIELD(U16, "", 2), FIELD(HEX, " tuples flags ", 0) };
static const wpi_field multi_insert_16[] = { FIELD(U16, "ntuples: ", 2),
                                             FIELD(HEX, ", flags: ", 0) };

/* Where the data of the rows is there, so are their offsets. */
static bool put_inserted(const wpi_record *record, wpi_text *out)
{
    if ((record->info & INIT_PAGE) || !wpi_block_0_data(record).bytes)
        return true;
    const size_t n = wpi_u16(record->main.bytes + 2);
    wpi_cursor c = wpi_cursor_of(record->main);
    (void)wpi_take(&c, MULTI_INSERT_OFFSETS_AT);
    wpi_put(out, ", offsets:");
    return wpi_put_offsets(out, wpi_take(&c, n * 2), n);
}

static bool put_inserted_19(const wpi_record *record, wpi_text *out)
{
    if (record->main.bytes[0] & INSERT_ALL_FROZEN_SET)
        wpi_put(out, ", vm_flags: 0x03");
    return put_inserted(record, out);
}

/* ---- LOCK_UPDATED: u32 xmax, u16 offset, u8 infobits, u8 flags (from 9.6 on) ---- */

static const wpi_field lock_9_5[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xmax ", 0),
                                      FIELD(INFOBITS, " ", 6) };
static const wpi_field lock_9_6[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xmax ", 0),
                                      FIELD(U8, ": flags ", 7), FIELD(INFOBITS, " ", 6) };
static const wpi_field lock_12[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xmax ", 0),
                                     FIELD(HEX, ": flags ", 7), FIELD(INFOBITS, " ", 6) };
static const wpi_field lock_16[] = { FIELD(U32, "xmax: ", 0), FIELD(U16, ", off: ", 4),
                                     FIELD(INFOBITS_LIST, ", infobits: ", 6),
                                     FIELD(HEX, ", flags: ", 7) };

/* ---- NEW_CID: u32 top-level xid, u32 cmin, cmax, combo; locator, tid ---- */

static const wpi_field new_cid_9_5[] = { FIELD(LOCATOR, "rel ", 16), FIELD(TID, "; tid ", 28),
                                         FIELD(U32, "; cmin: ", 4), FIELD(U32, ", cmax: ", 8),
                                         FIELD(U32, ", combo: ", 12) };
static const wpi_field new_cid_16[] = { FIELD(LOCATOR, "rel: ", 16), FIELD(TID, ", tid: ", 28),
                                        FIELD(U32, ", cmin: ", 4), FIELD(U32, ", cmax: ", 8),
                                        FIELD(U32, ", combo: ", 12) };

/* ---- the operations ---- */

// clang-format off
static const wpi_op ops[] = {
    { OP(0x10, 1700, FOREVER, "PRUNE_ON_ACCESS"), REST(put_pruned_17) },
    { OP(0x10, 1600, 1700, "PRUNE"), FIELDS_OF(prune_16), REST(put_pruned_16) },
    { OP(0x10, 1400, 1600, "PRUNE"), FIELDS_OF(prune_14) },
    { OP(0x10, ALWAYS, 1400, "CLEAN"), FIELDS_OF(clean_9_5) },
    { OP(0x50, 1900, FOREVER, "MULTI_INSERT"), FIELDS_OF(multi_insert_16), REST(put_inserted_19) },
    { OP(0x50, 1600, 1900, "MULTI_INSERT"), FIELDS_OF(multi_insert_16), REST(put_inserted) },
    { OP(0x50, 1200, 1600, "MULTI_INSERT"), FIELDS_OF(multi_insert_12) },
    { OP(0x50, ALWAYS, 1200, "MULTI_INSERT"), FIELDS_OF(multi_insert_9_5) },
    { OP(0x70, 1600, FOREVER, "NEW_CID"), FIELDS_OF(new_cid_16) },
    { OP(0x70, ALWAYS, 1600, "NEW_CID"), FIELDS_OF(new_cid_9_5) },
    { OP(0x40, 1600, 1900, "VISIBLE"), FIELDS_OF(visible_16) },
    { OP(0x40, 1200, 1600, "VISIBLE"), FIELDS_OF(visible_12) },
    { OP(0x40, 906, 1200, "VISIBLE"), FIELDS_OF(visible_9_6) },
    { OP(0x40, ALWAYS, 906, "VISIBLE"), FIELDS_OF(visible_9_5) },
    { OP(0x20, 1700, FOREVER, "PRUNE_VACUUM_SCAN"), REST(put_pruned_17) },
    { OP(0x20, 1600, 1700, "VACUUM"), FIELDS_OF(vacuum_16), REST(put_vacuumed_16) },
    { OP(0x20, 1400, 1600, "VACUUM"), FIELDS_OF(vacuum_14) },
    { OP(0x20, ALWAYS, 1400, "FREEZE_PAGE"), FIELDS_OF(freeze_9_5) },
    { OP(0x30, 1700, FOREVER, "PRUNE_VACUUM_CLEANUP"), REST(put_pruned_17) },
    { OP(0x30, 1600, 1700, "FREEZE_PAGE"), FIELDS_OF(freeze_16), REST(put_frozen_16) },
    { OP(0x30, 1400, 1600, "FREEZE_PAGE"), FIELDS_OF(freeze_9_5) },
    { OP(0x30, ALWAYS, 1400, "CLEANUP_INFO"), FIELDS_OF(cleanup_info_9_5) },
    { OP(0x50 | INIT_PAGE, ALWAYS, FOREVER, "MULTI_INSERT+INIT") },
    { OP(0x60, 1600, FOREVER, "LOCK_UPDATED"), FIELDS_OF(lock_16) },
    { OP(0x60, 1200, 1600, "LOCK_UPDATED"), FIELDS_OF(lock_12) },
    { OP(0x60, 906, 1200, "LOCK_UPDATED"), FIELDS_OF(lock_9_6) },
    { OP(0x60, ALWAYS, 906, "LOCK_UPDATED"), FIELDS_OF(lock_9_5) },
    { OP(0x00, ALWAYS, FOREVER, "REWRITE") }, /* has no description in any major */
};
// clang-format on

WPI_DESCRIBED_BY(ops, heap2, OP_MASK)
