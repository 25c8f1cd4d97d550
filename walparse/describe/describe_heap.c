/*
 * describe_heap.c - rows that come, change and go. Mirrors access/rmgrdesc/heapdesc.c, heap_desc, and
 * access/heapam_xlog.h.
 */
#include "describe/inval.h"
#include "describe/ops.h"

#define OP_MASK 0x70
#define INIT_PAGE 0x80

/* ---- INSERT: u16 offset, u8 flags ---- */

static const wpi_field insert_9_5[] = { FIELD(U16, "off ", 0) };
static const wpi_field insert_12[] = { FIELD(U16, "off ", 0), FIELD(HEX, " flags ", 2) };
static const wpi_field insert_16[] = { FIELD(U16, "off: ", 0), FIELD(HEX, ", flags: ", 2) };

/* ---- DELETE: u32 xmax, u16 offset, u8 infobits, u8 flags ---- */

static const wpi_field delete_9_5[] = { FIELD(U16, "off ", 4), FIELD(INFOBITS, " ", 6) };
static const wpi_field delete_12[] = { FIELD(U16, "off ", 4), FIELD(HEX, " flags ", 7),
                                       FIELD(INFOBITS, " ", 6) };
static const wpi_field delete_16[] = { FIELD(U32, "xmax: ", 0), FIELD(U16, ", off: ", 4),
                                       FIELD(INFOBITS_LIST, ", infobits: ", 6),
                                       FIELD(HEX, ", flags: ", 7) };

/* ---- UPDATE, HOT_UPDATE: of the old row as in DELETE, u32 xmax, u16 offset of the new one ---- */

static const wpi_field update_9_5[] = { FIELD(U16, "off ", 4), FIELD(U32, " xmax ", 0),
                                        FIELD(INFOBITS, " ", 6), FIELD(U16, "; new off ", 12),
                                        FIELD(U32, " xmax ", 8) };
static const wpi_field update_12[] = { FIELD(U16, "off ", 4),        FIELD(U32, " xmax ", 0),
                                       FIELD(HEX, " flags ", 7),     FIELD(INFOBITS, " ", 6),
                                       FIELD(U16, "; new off ", 12), FIELD(U32, " xmax ", 8) };
static const wpi_field update_16[] = { FIELD(U32, "old_xmax: ", 0),
                                       FIELD(U16, ", old_off: ", 4),
                                       FIELD(INFOBITS_LIST, ", old_infobits: ", 6),
                                       FIELD(HEX, ", flags: ", 7),
                                       FIELD(U32, ", new_xmax: ", 8),
                                       FIELD(U16, ", new_off: ", 12) };

/* ---- TRUNCATE: u32 database, u32 count, u8 flags, 3 bytes of padding, u32 relations ---- */

#define TRUNCATE_COUNT_AT 4
#define TRUNCATE_FLAGS_AT 8
#define TRUNCATE_RELATIONS_AT 12
#define TRUNCATE_CASCADE 1
#define TRUNCATE_RESTART_SEQS 2

/* The relations; NULL: there are fewer than it says. */
static const uint8_t *truncated(const wpi_record *record, uint8_t *flags, uint32_t *n)
{
    const wp_view main = record->main;
    if (main.len < TRUNCATE_RELATIONS_AT)
        return NULL;
    *n = wpi_u32(main.bytes + TRUNCATE_COUNT_AT);
    *flags = main.bytes[TRUNCATE_FLAGS_AT];
    if (*n > (main.len - TRUNCATE_RELATIONS_AT) / 4)
        return NULL;
    return main.bytes + TRUNCATE_RELATIONS_AT;
}

static bool put_truncated_11(const wpi_record *record, wpi_text *out)
{
    uint8_t flags;
    uint32_t n;
    const uint8_t *relations = truncated(record, &flags, &n);
    if (!relations)
        return false;
    if (flags & TRUNCATE_CASCADE)
        wpi_put(out, "cascade ");
    if (flags & TRUNCATE_RESTART_SEQS)
        wpi_put(out, "restart_seqs ");
    wpi_put(out, "nrelids ");
    wpi_put_u32(out, n);
    wpi_put(out, " relids");
    for (uint32_t i = 0; i < n; i++) {
        wpi_put_char(out, ' ');
        wpi_put_u32(out, wpi_u32(relations + 4 * (size_t)i));
    }
    return true;
}

static bool put_truncated_16(const wpi_record *record, wpi_text *out)
{
    static const char *const names[] = { "", "CASCADE", "RESTART_SEQS", "CASCADE, RESTART_SEQS" };
    uint8_t flags;
    uint32_t n;
    const uint8_t *relations = truncated(record, &flags, &n);
    if (!relations)
        return false;
    wpi_put(out, "flags: [");
    wpi_put(out, names[flags & (TRUNCATE_CASCADE | TRUNCATE_RESTART_SEQS)]);
    wpi_put(out, "], nrelids: ");
    wpi_put_u32(out, n);
    wpi_put(out, ", relids: [");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            wpi_put(out, ", ");
        wpi_put_u32(out, wpi_u32(relations + 4 * (size_t)i));
    }
    wpi_put_char(out, ']');
    return true;
}

/* ---- HEAP_CONFIRM, INPLACE: u16 offset; from 18 on INPLACE has messages ---- */

static const wpi_field offset_9_5[] = { FIELD(U16, "off ", 0) };
static const wpi_field offset_16[] = { FIELD(U16, "off: ", 0) };

#define INPLACE_INVALS_AT 4

static bool put_inplace_invals(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    (void)wpi_take(&c, INPLACE_INVALS_AT);
    const wpi_invals invals = wpi_take_invals(&c);
    wpi_put_invals(out, record->profile, &invals);
    return !c.overrun;
}

/* ---- LOCK: u32 xid, u16 offset, u8 infobits, u8 flags (from 9.6 on) ---- */

static const wpi_field lock_9_5[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xid ", 0),
                                      FIELD(INFOBITS, " ", 6) };
static const wpi_field lock_9_6[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xid ", 0),
                                      FIELD(U8, ": flags ", 7), FIELD(INFOBITS, " ", 6) };
static const wpi_field lock_12[] = { FIELD(U16, "off ", 4), FIELD(U32, ": xid ", 0),
                                     FIELD(HEX, ": flags ", 7), FIELD(INFOBITS, " ", 6) };

/* ---- the operations ---- */

// clang-format off
static const wpi_op ops[] = {
    { OP(0x00, 1600, FOREVER, "INSERT"), FIELDS_OF(insert_16) },
    { OP(0x00, 1200, 1600, "INSERT"), FIELDS_OF(insert_12) },
    { OP(0x00, ALWAYS, 1200, "INSERT"), FIELDS_OF(insert_9_5) },
    { OP(0x40, 1600, FOREVER, "HOT_UPDATE"), FIELDS_OF(update_16) },
    { OP(0x40, 1200, 1600, "HOT_UPDATE"), FIELDS_OF(update_12) },
    { OP(0x40, ALWAYS, 1200, "HOT_UPDATE"), FIELDS_OF(update_9_5) },
    { OP(0x20, 1600, FOREVER, "UPDATE"), FIELDS_OF(update_16) },
    { OP(0x20, 1200, 1600, "UPDATE"), FIELDS_OF(update_12) },
    { OP(0x20, ALWAYS, 1200, "UPDATE"), FIELDS_OF(update_9_5) },
    { OP(0x10, 1600, FOREVER, "DELETE"), FIELDS_OF(delete_16) },
    { OP(0x10, 1200, 1600, "DELETE"), FIELDS_OF(delete_12) },
    { OP(0x10, ALWAYS, 1200, "DELETE"), FIELDS_OF(delete_9_5) },
    { OP(0x60, 1600, FOREVER, "LOCK"), FIELDS_OF(delete_16) },
    { OP(0x60, 1200, 1600, "LOCK"), FIELDS_OF(lock_12) },
    { OP(0x60, 906, 1200, "LOCK"), FIELDS_OF(lock_9_6) },
    { OP(0x60, ALWAYS, 906, "LOCK"), FIELDS_OF(lock_9_5) },
    { OP(0x70, 1800, FOREVER, "INPLACE"), FIELDS_OF(offset_16), REST(put_inplace_invals) },
    { OP(0x70, 1600, 1800, "INPLACE"), FIELDS_OF(offset_16) },
    { OP(0x70, ALWAYS, 1600, "INPLACE"), FIELDS_OF(offset_9_5) },
    { OP(0x50, 1600, FOREVER, "HEAP_CONFIRM"), FIELDS_OF(offset_16) },
    { OP(0x50, ALWAYS, 1600, "HEAP_CONFIRM"), FIELDS_OF(offset_9_5) },
    { OP(0x30, 1600, FOREVER, "TRUNCATE"), REST(put_truncated_16) },
    { OP(0x30, 1100, 1600, "TRUNCATE"), REST(put_truncated_11) },
    { OP(0x00 | INIT_PAGE, ALWAYS, FOREVER, "INSERT+INIT") },
    { OP(0x40 | INIT_PAGE, ALWAYS, FOREVER, "HOT_UPDATE+INIT") },
    { OP(0x20 | INIT_PAGE, ALWAYS, FOREVER, "UPDATE+INIT") },
};
// clang-format on

WPI_DESCRIBED_BY(ops, heap, OP_MASK)
