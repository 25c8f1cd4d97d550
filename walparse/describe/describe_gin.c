/*
 * describe_gin.c - GIN indexes. Mirrors access/rmgrdesc/gindesc.c; layouts from access/ginxlog.h and ginblock.h.
 */
#include <walparse/profile.h>

#include "base/cursor.h"
#include "describe/ops.h"

#define IS_DATA 0x01
#define IS_LEAF 0x02
#define SPLIT_ROOT 0x04

#define CHANGED 0 /* id of the block */
#define IS_DELETE_AT 2
#define POSTING_HEAD_BYTES 8 /* first item, u16 bytes of the others */
#define ITEM_BYTES 6

typedef enum segment_action {
    SEGMENT_DELETE = 1,
    SEGMENT_INSERT,
    SEGMENT_REPLACE,
    SEGMENT_ADD_ITEMS,
} segment_action;

/* BlockIdData: the high half first. */
static uint32_t take_block_number(wpi_cursor *c)
{
    const uint32_t high = wpi_take_u16(c);
    return high << 16 | wpi_take_u16(c);
}

static void skip_posting_list(wpi_cursor *c)
{
    (void)wpi_take(c, POSTING_HEAD_BYTES - sizeof(uint16_t));
    const size_t bytes = wpi_take_u16(c);
    (void)wpi_take(c, bytes + (bytes & 1));
}

/* u8 segment, u8 action, what the action needs. *is_known: it is one that can be skipped. */
static bool put_segment(wpi_cursor *c, wpi_text *out, bool *is_known)
{
    const uint8_t segment = wpi_take_u8(c);
    const uint8_t action = wpi_take_u8(c);
    uint16_t items = 0;
    if (action == SEGMENT_INSERT || action == SEGMENT_REPLACE)
        skip_posting_list(c);
    if (action == SEGMENT_ADD_ITEMS) {
        items = wpi_take_u16(c);
        (void)wpi_take(c, (size_t)items * ITEM_BYTES);
    }
    if (c->overrun)
        return false;

    wpi_put_char(out, ' ');
    wpi_put_u32(out, segment);
    *is_known = true;
    switch (action) {
    case SEGMENT_ADD_ITEMS:
        wpi_put(out, " (add ");
        wpi_put_u32(out, items);
        wpi_put(out, " items)");
        break;
    case SEGMENT_DELETE:
        wpi_put(out, " (delete)");
        break;
    case SEGMENT_INSERT:
        wpi_put(out, " (insert)");
        break;
    case SEGMENT_REPLACE:
        wpi_put(out, " (replace)");
        break;
    default:
        wpi_put(out, " unknown action ");
        wpi_put_u32(out, action);
        wpi_put(out, " ???");
        *is_known = false;
    }
    return true;
}

/* ginxlogRecompressDataLeaf: u16 count, the actions. */
static bool put_recompressed(wpi_cursor *c, wpi_text *out)
{
    const uint16_t count = wpi_take_u16(c);
    if (c->overrun)
        return false;
    wpi_put_char(out, ' ');
    wpi_put_u32(out, count);
    wpi_put(out, " segments:");
    bool is_known = true;
    for (uint16_t i = 0; i < count && is_known; i++)
        if (!put_segment(c, out, &is_known))
            return false;
    return true;
}

static bool put_image(const wpi_record *record, const wpi_block *block, wpi_text *out)
{
    if (!block || !block->has_image)
        return false;
    const uint8_t apply = record->profile->image_apply;
    wpi_put(out, !apply || (block->image.info & apply)
                     ? " (full page image)"
                     : " (full page image, for WAL verification)");
    return true;
}

/* PostingItem at 2: child block, item. */
static bool put_posting_item(wpi_cursor *c, wpi_text *out)
{
    (void)wpi_take_u16(c);
    const uint32_t child = take_block_number(c), block = take_block_number(c);
    const uint16_t offset = wpi_take_u16(c);
    wpi_put(out, " pitem: ");
    wpi_put_u32(out, child);
    wpi_put_char(out, '-');
    wpi_put_u32(out, block);
    wpi_put_char(out, '/');
    wpi_put_u32(out, offset);
    return !c->overrun;
}

static bool put_is_delete(wpi_cursor *c, wpi_text *out)
{
    (void)wpi_take(c, IS_DELETE_AT);
    wpi_put(out, " isdelete: ");
    wpi_put_flag(out, wpi_take_u8(c) != 0);
    return !c->overrun;
}

/* u16 flags; of an inner page, the two children. What is inserted lies with the block. */
static bool put_insert(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const uint16_t flags = wpi_take_u16(&c);
    if (!(flags & IS_LEAF)) {
        const uint32_t left = take_block_number(&c), right = take_block_number(&c);
        wpi_put(out, " children: ");
        wpi_put_u32(out, left);
        wpi_put_char(out, '/');
        wpi_put_u32(out, right);
    }
    if (c.overrun)
        return false;
    const wpi_block *block = wpi_record_block(record, CHANGED);
    if (put_image(record, block, out))
        return true;
    if (!block)
        return false;
    wpi_cursor data = wpi_cursor_of(block->data);
    if (!(flags & IS_DATA))
        return put_is_delete(&data, out);
    return flags & IS_LEAF ? put_recompressed(&data, out) : put_posting_item(&data, out);
}

static bool put_vacuumed(const wpi_record *record, wpi_text *out)
{
    const wpi_block *block = wpi_record_block(record, CHANGED);
    if (put_image(record, block, out))
        return true;
    if (!block)
        return false;
    wpi_cursor data = wpi_cursor_of(block->data);
    return put_recompressed(&data, out);
}

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, ALWAYS, 1200, "CREATE_INDEX") },
    { OP(0x10, ALWAYS, FOREVER, "CREATE_PTREE") },
    { OP(0x20, ALWAYS, FOREVER, "INSERT"),
      FIELDS(FLAG_BIT("isdata: ", 0, IS_DATA), FLAG_BIT(" isleaf: ", 0, IS_LEAF)), REST(put_insert) },
    { OP(0x30, ALWAYS, FOREVER, "SPLIT"),
      FIELDS(FLAG_BIT("isrootsplit: ", 24, SPLIT_ROOT), FLAG_BIT(" isdata: ", 24, IS_DATA),
             FLAG_BIT(" isleaf: ", 24, IS_LEAF)) },
    { OP(0x40, ALWAYS, FOREVER, "VACUUM_PAGE") },
    { OP(0x50, ALWAYS, FOREVER, "DELETE_PAGE") },
    { OP(0x60, ALWAYS, FOREVER, "UPDATE_META_PAGE") },
    { OP(0x70, ALWAYS, FOREVER, "INSERT_LISTPAGE") },
    { OP(0x80, ALWAYS, FOREVER, "DELETE_LISTPAGE"), FIELDS(FIELD_32(I32, "ndeleted: ", 56, 48)) },
    { OP(0x90, ALWAYS, FOREVER, "VACUUM_DATA_LEAF_PAGE"), REST(put_vacuumed) },
};
// clang-format on

WPI_DESCRIBED_BY(ops, gin, WPI_INFO_OP_MASK)
