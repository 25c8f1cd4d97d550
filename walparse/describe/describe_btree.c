/*
 * describe_btree.c - entries of B-trees, and their pages. Mirrors access/rmgrdesc/nbtdesc.c and access/nbtxlog.h.
 */
#include <math.h>
#include <stdio.h>

#include "base/cursor.h"
#include "describe/digits.h"
#include "describe/offsets.h"
#include "describe/ops.h"

/* ---- INSERT_LEAF, INSERT_UPPER, INSERT_META, INSERT_POST: u16 offset ---- */

static const wpi_field insert_9_5[] = { FIELD(U16, "off ", 0) };
static const wpi_field insert_16[] = { FIELD(U16, "off: ", 0) };

/*
 * ---- SPLIT_*: u32 level, u16 first of the right page, u16 new entry, u16 in its posting list (from 13 on) ----
 *
 * The new entry is told by 10.23, 11.22 and 12.22, not by the tools of 9.5.8, 9.6.4 and of the betas of 10 to 12.
 */

static const wpi_field split_9_5[] = { FIELD(U32, "level ", 0), FIELD(U16, ", firstright ", 4) };
static const wpi_field split_10[] = { FIELD(U32, "level ", 0), FIELD(U16, ", firstright ", 4),
                                      FIELD(U16, ", newitemoff ", 6) };
static const wpi_field split_13[] = { FIELD(U32, "level ", 0), FIELD(U16, ", firstrightoff ", 4),
                                      FIELD(U16, ", newitemoff ", 6),
                                      FIELD(U16, ", postingoff ", 8) };
static const wpi_field split_16[] = { FIELD(U32, "level: ", 0), FIELD(U16, ", firstrightoff: ", 4),
                                      FIELD(U16, ", newitemoff: ", 6),
                                      FIELD(U16, ", postingoff: ", 8) };

/* ---- DEDUP (from 13 on): u16 nintervals ---- */

static const wpi_field dedup_13[] = { FIELD(U16, "nintervals ", 0) };
static const wpi_field dedup_16[] = { FIELD(U16, "nintervals: ", 0) };

/* ---- what VACUUM and DELETE take away: from 16 on listed, unless a page image stands for it ---- */

/* Of an entry with a list of rows: its offset, and the places in the list that go. */
static bool put_update(wpi_text *out, uint16_t offset, wpi_cursor *c)
{
    const size_t n = wpi_take_u16(c);
    const uint8_t *places = wpi_take(c, n * 2);
    wpi_put(out, "{ off: ");
    wpi_put_u32(out, offset);
    wpi_put(out, ", nptids: ");
    wpi_put_u32(out, (uint32_t)n);
    wpi_put(out, ", ptids:");
    const bool is_good = !c->overrun && wpi_put_offsets(out, places, n);
    wpi_put(out, " }");
    return is_good;
}

static bool put_removed(const wpi_record *record, size_t ndeleted, size_t nupdated, wpi_text *out)
{
    const wp_view data = wpi_block_0_data(record);
    if (!data.bytes)
        return true;
    wpi_cursor c = wpi_cursor_of(data);
    const uint8_t *deleted = wpi_take(&c, ndeleted * 2);
    const uint8_t *updated = wpi_take(&c, nupdated * 2);
    if (c.overrun)
        return false;
    wpi_put(out, ", deleted:");
    (void)wpi_put_offsets(out, deleted, ndeleted);
    wpi_put(out, ", updated: [");
    for (size_t i = 0; i < nupdated; i++) {
        if (i > 0)
            wpi_put(out, ", ");
        if (!put_update(out, wpi_u16(updated + 2 * i), &c))
            return false;
    }
    wpi_put_char(out, ']');
    return true;
}

/* ---- VACUUM: u32 block before which all is vacuumed; from 13 on u16 ndeleted, u16 nupdated ---- */

static const wpi_field vacuum_9_5[] = { FIELD(U32, "lastBlockVacuumed ", 0) };
static const wpi_field vacuum_13[] = { FIELD(U16, "ndeleted ", 0), FIELD(U16, "; nupdated ", 2) };
static const wpi_field vacuum_16[] = { FIELD(U16, "ndeleted: ", 0), FIELD(U16, ", nupdated: ", 2) };

static bool put_vacuumed(const wpi_record *record, wpi_text *out)
{
    const uint8_t *main = record->main.bytes;
    return put_removed(record, wpi_u16(main), wpi_u16(main + 2), out);
}

/*
 * ---- DELETE: locator of the table, i32 count; in 12 and 13 u32 xid, 32-bit count; from 14 on u32 xid,
 *      u16 ndeleted, u16 nupdated; from 16 on u8 whether of a catalog ----
 */

static const wpi_field delete_9_5[] = { FIELD(I32, "", 12), WORDS(" items") };
static const wpi_field delete_12[] = { FIELD(I32, "", 4),
                                       FIELD(U32, " items, latest removed xid ", 0) };
static const wpi_field delete_13[] = { FIELD(U32, "latestRemovedXid ", 0),
                                       FIELD(U32, "; ndeleted ", 4) };
static const wpi_field delete_14[] = { FIELD(U32, "latestRemovedXid ", 0),
                                       FIELD(U16, "; ndeleted ", 4), FIELD(U16, "; nupdated ", 6) };
static const wpi_field delete_16[] = { FIELD(U32, "snapshotConflictHorizon: ", 0),
                                       FIELD(U16, ", ndeleted: ", 4),
                                       FIELD(U16, ", nupdated: ", 6) };
static const wpi_field delete_17[] = { FIELD(U32, "snapshotConflictHorizon: ", 0),
                                       FIELD(U16, ", ndeleted: ", 4), FIELD(U16, ", nupdated: ", 6),
                                       FIELD(FLAG, ", isCatalogRel: ", 8) };

static bool put_deleted(const wpi_record *record, wpi_text *out)
{
    const uint8_t *main = record->main.bytes;
    return put_removed(record, wpi_u16(main + 4), wpi_u16(main + 6), out);
}

/* ---- MARK_PAGE_HALFDEAD: u16 offset in the parent, u32 leaf, left, right, top parent ---- */

static const wpi_field halfdead_9_5[] = { FIELD(U32, "topparent ", 16), FIELD(U32, "; leaf ", 4),
                                          FIELD(U32, "; left ", 8), FIELD(U32, "; right ", 12) };
static const wpi_field halfdead_16[] = { FIELD(U32, "topparent: ", 16), FIELD(U32, ", leaf: ", 4),
                                         FIELD(U32, ", left: ", 8), FIELD(U32, ", right: ", 12) };

/*
 * ---- UNLINK_PAGE, UNLINK_PAGE_META: u32 left, right, left and right of the leaf, top parent, xid; from 14 on
 *      u32 left, right, level, u64 xid (where servers align it to 8 bytes, at 16), u32 those of the leaf ----
 */

static const wpi_field unlink_9_5[] = {
    FIELD(U32, "left ", 0),       FIELD(U32, "; right ", 4),      FIELD(U32, "; btpo_xact ", 20),
    FIELD(U32, "; leafleft ", 8), FIELD(U32, "; leafright ", 12), FIELD(U32, "; topparent ", 16)
};

// clang-format off
static const wpi_field unlink_14[] = {
    FIELD(U32, "left ", 0), FIELD(U32, "; right ", 4), FIELD(U32, "; level ", 8), FIELD_32(FULL_XID, "; safexid ", 16, 12),
    FIELD_32(U32, "; leafleft ", 24, 20), FIELD_32(U32, "; leafright ", 28, 24), FIELD_32(U32, "; leaftopparent ", 32, 28),
};
static const wpi_field unlink_16[] = {
    FIELD(U32, "left: ", 0), FIELD(U32, ", right: ", 4), FIELD(U32, ", level: ", 8), FIELD_32(FULL_XID, ", safexid: ", 16, 12),
    FIELD_32(U32, ", leafleft: ", 24, 20), FIELD_32(U32, ", leafright: ", 28, 24), FIELD_32(U32, ", leaftopparent: ", 32, 28),
};
// clang-format on

/* ---- NEWROOT: u32 block, u32 level ---- */

static const wpi_field newroot_9_5[] = { FIELD(U32, "lev ", 4) };
static const wpi_field newroot_16[] = { FIELD(U32, "level: ", 4) };

/* ---- REUSE_PAGE: locator, u32 block, u32 xid; from 14 on u64 xid; from 16 on u8 whether of a catalog ---- */

static const wpi_field reuse_9_5[] = { FIELD(LOCATOR, "rel ", 0),
                                       FIELD(U32, "; latestRemovedXid ", 16) };
static const wpi_field reuse_14[] = { FIELD(LOCATOR, "rel ", 0),
                                      FIELD(FULL_XID, "; latestRemovedXid ", 16) };
static const wpi_field reuse_16[] = { FIELD(LOCATOR, "rel: ", 0),
                                      FIELD(FULL_XID, ", snapshotConflictHorizon: ", 16) };
static const wpi_field reuse_17[] = { FIELD(LOCATOR, "rel: ", 0),
                                      FIELD(FULL_XID, ", snapshotConflictHorizon: ", 16),
                                      FIELD(FLAG, ", isCatalogRel: ", 24) };

/*
 * ---- META_CLEANUP (from 11 on): the meta page in the data of block 0. u32 version (from 12 on), root, level, fast
 *      root, fast level; then u32 xid and a double, from 14 on u32 number of pages ----
 */

#define META_XID_AT_11 16
#define META_XID_AT 20
#define META_TUPLES_AT 24
#define EXACT_MAX 9007199254740992.0 /* 2 to the 53: whole numbers up to it are told as they are */
#define DOUBLE_CHARS_MAX 320

/* As %f; the point is one, whatever the locale. */
static void put_double(wpi_text *out, double value)
{
    if (value >= -EXACT_MAX && value <= EXACT_MAX && (double)(int64_t)value == value
        && !(value == 0 && signbit(value))) {
        wpi_put_i64(out, (int64_t)value);
        wpi_put(out, ".000000");
        return;
    }
    char text[DOUBLE_CHARS_MAX];
    (void)snprintf(text, sizeof text, "%f", value);
    char *start = wpi_text_reserve(out, DOUBLE_CHARS_MAX);
    if (start)
        out->len += (size_t)(wpi_add_printed(start, text) - start);
}

static bool put_meta(const wpi_record *record, size_t xid_at, size_t tuples_at, wpi_text *out)
{
    const wp_view data = wpi_block_0_data(record);
    if (data.len < tuples_at + sizeof(double))
        return false;
    wpi_put(out, "oldest_btpo_xact ");
    wpi_put_u32(out, wpi_u32(data.bytes + xid_at));
    wpi_put(out, "; last_cleanup_num_heap_tuples: ");
    const uint64_t bits = wpi_u64(data.bytes + tuples_at);
    double tuples;
    memcpy(&tuples, &bits, sizeof tuples);
    put_double(out, tuples);
    return true;
}

static bool put_meta_11(const wpi_record *record, wpi_text *out)
{
    return put_meta(record, META_XID_AT_11,
                    record->max_align == 4 ? META_XID_AT_11 + 4 : META_TUPLES_AT, out);
}

static bool put_meta_12(const wpi_record *record, wpi_text *out)
{
    return put_meta(record, META_XID_AT, META_TUPLES_AT, out);
}

static bool put_meta_14(const wpi_record *record, wpi_text *out)
{
    static const wpi_field field = FIELD(U32, "last_cleanup_num_delpages ", 20);
    return wpi_put_fields(record, wpi_block_0_data(record), &field, 1, out);
}

static bool put_meta_16(const wpi_record *record, wpi_text *out)
{
    static const wpi_field field = FIELD(U32, "last_cleanup_num_delpages: ", 20);
    return wpi_put_fields(record, wpi_block_0_data(record), &field, 1, out);
}

/* ---- the operations ---- */

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, 1600, FOREVER, "INSERT_LEAF"), FIELDS_OF(insert_16) },
    { OP(0x00, ALWAYS, 1600, "INSERT_LEAF"), FIELDS_OF(insert_9_5) },
    { OP(0x50, 1600, FOREVER, "INSERT_POST"), FIELDS_OF(insert_16) },
    { OP(0x50, 1300, 1600, "INSERT_POST"), FIELDS_OF(insert_9_5) },
    { OP(0x50, 1100, 1200, "SPLIT_L_HIGHKEY"), FIELDS_OF(split_10) },
    { OP(0x50, 1000, 1100, "SPLIT_L_ROOT"), FIELDS_OF(split_10) },
    { OP(0x50, ALWAYS, 1000, "SPLIT_L_ROOT"), FIELDS_OF(split_9_5) },
    { OP(0x60, 1600, FOREVER, "DEDUP"), FIELDS_OF(dedup_16) },
    { OP(0x60, 1300, 1600, "DEDUP"), FIELDS_OF(dedup_13) },
    { OP(0x60, 1100, 1200, "SPLIT_R_HIGHKEY"), FIELDS_OF(split_10) },
    { OP(0x60, 1000, 1100, "SPLIT_R_ROOT"), FIELDS_OF(split_10) },
    { OP(0x60, ALWAYS, 1000, "SPLIT_R_ROOT"), FIELDS_OF(split_9_5) },
    { OP(0xC0, 1600, FOREVER, "VACUUM"), FIELDS_OF(vacuum_16), REST(put_vacuumed) },
    { OP(0xC0, 1300, 1600, "VACUUM"), FIELDS_OF(vacuum_13) },
    { OP(0xC0, ALWAYS, 1300, "VACUUM"), FIELDS_OF(vacuum_9_5) },
    { OP(0x70, 1700, FOREVER, "DELETE"), FIELDS_OF(delete_17), REST(put_deleted) },
    { OP(0x70, 1600, 1700, "DELETE"), FIELDS_OF(delete_16), REST(put_deleted) },
    { OP(0x70, 1400, 1600, "DELETE"), FIELDS_OF(delete_14) },
    { OP(0x70, 1300, 1400, "DELETE"), FIELDS_OF(delete_13) },
    { OP(0x70, 1200, 1300, "DELETE"), FIELDS_OF(delete_12) },
    { OP(0x70, ALWAYS, 1200, "DELETE"), FIELDS_OF(delete_9_5) },
    { OP(0x10, 1600, FOREVER, "INSERT_UPPER"), FIELDS_OF(insert_16) },
    { OP(0x10, ALWAYS, 1600, "INSERT_UPPER"), FIELDS_OF(insert_9_5) },
    { OP(0x20, 1600, FOREVER, "INSERT_META"), FIELDS_OF(insert_16) },
    { OP(0x20, ALWAYS, 1600, "INSERT_META"), FIELDS_OF(insert_9_5) },
    { OP(0x40, 1600, FOREVER, "SPLIT_R"), FIELDS_OF(split_16) },
    { OP(0x40, 1300, 1600, "SPLIT_R"), FIELDS_OF(split_13) },
    { OP(0x40, 1000, 1300, "SPLIT_R"), FIELDS_OF(split_10) },
    { OP(0x40, ALWAYS, 1000, "SPLIT_R"), FIELDS_OF(split_9_5) },
    { OP(0x30, 1600, FOREVER, "SPLIT_L"), FIELDS_OF(split_16) },
    { OP(0x30, 1300, 1600, "SPLIT_L"), FIELDS_OF(split_13) },
    { OP(0x30, 1000, 1300, "SPLIT_L"), FIELDS_OF(split_10) },
    { OP(0x30, ALWAYS, 1000, "SPLIT_L"), FIELDS_OF(split_9_5) },
    { OP(0xA0, 1600, FOREVER, "NEWROOT"), FIELDS_OF(newroot_16) },
    { OP(0xA0, ALWAYS, 1600, "NEWROOT"), FIELDS_OF(newroot_9_5) },
    { OP(0xB0, 1600, FOREVER, "MARK_PAGE_HALFDEAD"), FIELDS_OF(halfdead_16) },
    { OP(0xB0, ALWAYS, 1600, "MARK_PAGE_HALFDEAD"), FIELDS_OF(halfdead_9_5) },
    { OP(0x80, 1600, FOREVER, "UNLINK_PAGE"), FIELDS_OF(unlink_16) },
    { OP(0x80, 1400, 1600, "UNLINK_PAGE"), FIELDS_OF(unlink_14) },
    { OP(0x80, ALWAYS, 1400, "UNLINK_PAGE"), FIELDS_OF(unlink_9_5) },
    { OP(0x90, 1600, FOREVER, "UNLINK_PAGE_META"), FIELDS_OF(unlink_16) },
    { OP(0x90, 1400, 1600, "UNLINK_PAGE_META"), FIELDS_OF(unlink_14) },
    { OP(0x90, ALWAYS, 1400, "UNLINK_PAGE_META"), FIELDS_OF(unlink_9_5) },
    { OP(0xD0, 1700, FOREVER, "REUSE_PAGE"), FIELDS_OF(reuse_17) },
    { OP(0xD0, 1600, 1700, "REUSE_PAGE"), FIELDS_OF(reuse_16) },
    { OP(0xD0, 1400, 1600, "REUSE_PAGE"), FIELDS_OF(reuse_14) },
    { OP(0xD0, ALWAYS, 1400, "REUSE_PAGE"), FIELDS_OF(reuse_9_5) },
    { OP(0xE0, 1600, FOREVER, "META_CLEANUP"), REST(put_meta_16) },
    { OP(0xE0, 1400, 1600, "META_CLEANUP"), REST(put_meta_14) },
    { OP(0xE0, 1200, 1400, "META_CLEANUP"), REST(put_meta_12) },
    { OP(0xE0, 1100, 1200, "META_CLEANUP"), REST(put_meta_11) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, btree, WPI_INFO_OP_MASK)
