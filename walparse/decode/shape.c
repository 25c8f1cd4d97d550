/*
 * shape.c - see shape.h. Mirrors what the sources of each major register: access/heap/heapam.c and pruneheap.c,
 * access/heapam_xlog.h, xact.h and xlog_internal.h, catalog/storage_xlog.h and pg_control.h,
 * commands/dbcommands_xlog.h and tablespace.h, storage/standbydefs.h, utils/relmapper.h, replication/message.h.
 */
#include "decode/shape.h"

#include <string.h>

#include "format/versions.h"

#define ID(n) (1u << (n))
#define INIT_PAGE 0x80 /* bit of xl_info of heap records: the first row on a fresh page */
/* Low bits of xl_info that are not the resource manager's: SPECIAL_REL_UPDATE, CHECK_CONSISTENCY. */
#define INFO_COMMON 0x03
#define FORK_MAP 2

/* The rules that fit a major and a kind of record add up; of the lengths, the last one counts. */
typedef struct rule {
    uint8_t rmid, op;
    wpi_versions versions;
    bool adds; /* only adds blocks and flags to rules before it */
    wpi_shape is;
} rule;

// clang-format off
#define HEAP(op, since, until) WP_RMGR_HEAP, op, { since, until }
#define HEAP2(op, since, until) WP_RMGR_HEAP2, op, { since, until }
#define XACT(op, since, until) WP_RMGR_XACT, op, { since, until }
#define XLOG(op, since, until) WP_RMGR_XLOG, op, { since, until }
#define ROWS .blocks = ID(0), .needed = ID(0), .data = ID(0)

/* The end of a transaction: its time; then, with that bit of xl_info, xinfo and what xinfo announces. */
#define XACT_END(op, name) \
    { XACT(op, ALWAYS, FOREVER), .is = { name, 0xC000003F, .bytes = { 8 }, .is_open = true, .info = 0x80, \
                                         .flags_at = 8, .flags_bytes = 4, .flags_info = 0x80 } }, \
    { XACT(op, 906, FOREVER), .adds = true, .is = { .flags = 0x20000000 } }, \
    { XACT(op, 1000, FOREVER), .adds = true, .is = { .flags = 0x40 } }, \
    { XACT(op, 1100, FOREVER), .adds = true, .is = { .flags = 0x80 } }, \
    { XACT(op, 1500, FOREVER), .adds = true, .is = { .flags = 0x100 } }

#define UPDATE(op, name) \
    { HEAP(op, ALWAYS, FOREVER), .is = { name, 0x7F, .bytes = { 14 }, .blocks = ID(0) | ID(1), .needed = ID(0), \
                                         .data = ID(0), .info = INIT_PAGE, .flags_at = 7, .flags_bytes = 1, \
                                         .longer_flags = 0x0C } }, \
    { HEAP(op, 1700, FOREVER), .adds = true, .is = { .maps = ID(2) | ID(3) } } /* from 17.11, 18.5 on */

#define PRUNE(op, name) \
    { HEAP2(op, 1700, 1900), .is = { name, 0xFE, .bytes = { 2, 6 }, ROWS, .flags_at = 1, .flags_bytes = 1 } }, \
    { HEAP2(op, 1900, FOREVER), .is = { name, 0x3FE, .bytes = { 2, 6 }, ROWS, .maps = ID(1), \
                                         .flags_at = 0, .flags_bytes = 2 } }

#define CHECKPOINT(op, name) \
    { XLOG(op, ALWAYS, 1200), .is = { name, .bytes = { 80, 76 } } }, \
    { XLOG(op, 1200, 1700), .is = { name, .bytes = { 88, 76 } } }, \
    { XLOG(op, 1700, 1900), .is = { name, .bytes = { 88, 80 } } }, \
    { XLOG(op, 1900, FOREVER), .is = { name, .bytes = { 96, 92 } } }

static const rule rules[] = {
    { HEAP(0x00, ALWAYS, FOREVER), .is = { "INSERT", 0x0F, .bytes = { 3 }, ROWS, .info = INIT_PAGE,
                                           .flags_at = 2, .flags_bytes = 1 } },
    { HEAP(0x00, 1400, FOREVER), .adds = true, .is = { .flags = 0x30 } },
    { HEAP(0x00, 1700, FOREVER), .adds = true, .is = { .maps = ID(1) } }, /* from 17.11, 18.5 on */
    { HEAP(0x10, ALWAYS, FOREVER), .is = { "DELETE", 0x0F, .bytes = { 8 }, .blocks = ID(0), .needed = ID(0),
                                           .flags_at = 7, .flags_bytes = 1, .longer_flags = 0x06 } },
    { HEAP(0x10, 1100, FOREVER), .adds = true, .is = { .flags = 0x10 } },
    { HEAP(0x10, 1700, FOREVER), .adds = true, .is = { .maps = ID(1) } }, /* from 17.11, 18.5 on */
    { HEAP(0x10, 1900, FOREVER), .adds = true, .is = { .flags = 0x20 } },
    UPDATE(0x20, "UPDATE"),
    { HEAP(0x30, 1100, FOREVER), .is = { "TRUNCATE", 0x03, .bytes = { 12 }, .item_bytes = 4, .count_at = 4,
                                          .count_bytes = 4, .flags_at = 8, .flags_bytes = 1 } },
    UPDATE(0x40, "HOT_UPDATE"),
    { HEAP(0x50, ALWAYS, FOREVER), .is = { "CONFIRM", .bytes = { 2 }, .blocks = ID(0), .needed = ID(0) } },
    { HEAP(0x60, ALWAYS, 906), .is = { "LOCK", .bytes = { 7 }, .blocks = ID(0), .needed = ID(0) } },
    { HEAP(0x60, 906, FOREVER), .is = { "LOCK", 0x01, .bytes = { 8 }, .blocks = ID(0), .needed = ID(0),
                                           .flags_at = 7, .flags_bytes = 1 } },
    { HEAP(0x60, 1700, FOREVER), .adds = true, .is = { .maps = ID(1) } }, /* from 17.11, 18.5 on */
    { HEAP(0x70, ALWAYS, 1800), .is = { "INPLACE", .bytes = { 2 }, ROWS } },
    { HEAP(0x70, 1800, FOREVER), .is = { "INPLACE", .bytes = { 20 }, ROWS, .item_bytes = 16, .count_at = 16,
                                          .count_bytes = 4 } },

    { HEAP2(0x00, ALWAYS, FOREVER), .is = { "REWRITE", .is_open = true } },
    { HEAP2(0x10, ALWAYS, 1400), .is = { "CLEAN", .bytes = { 8 }, ROWS } },
    { HEAP2(0x10, 1400, 1600), .is = { "PRUNE", .bytes = { 8 }, ROWS } },
    { HEAP2(0x10, 1600, 1700), .is = { "PRUNE", .bytes = { 9 }, ROWS } },
    PRUNE(0x10, "PRUNE_ON_ACCESS"),
    { HEAP2(0x20, ALWAYS, 1400), .is = { "FREEZE_PAGE", .bytes = { 6 }, ROWS } },
    { HEAP2(0x20, 1400, 1700), .is = { "VACUUM", .bytes = { 2 }, ROWS } },
    PRUNE(0x20, "PRUNE_VACUUM_SCAN"),
    { HEAP2(0x30, ALWAYS, 1400), .is = { "CLEANUP_INFO", .bytes = { 16 } } },
    { HEAP2(0x30, 1400, 1600), .is = { "FREEZE_PAGE", .bytes = { 6 }, ROWS } },
    { HEAP2(0x30, 1600, 1700), .is = { "FREEZE_PAGE", .bytes = { 7 }, ROWS } },
    PRUNE(0x30, "PRUNE_VACUUM_CLEANUP"),
    { HEAP2(0x40, ALWAYS, 906), .is = { "VISIBLE", .bytes = { 4 }, .blocks = ID(1), .maps = ID(0),
                                           .needed = ID(0) | ID(1) } },
    { HEAP2(0x40, 906, 1900), .is = { "VISIBLE", 0x03, .bytes = { 5 }, .blocks = ID(1), .maps = ID(0),
                                          .needed = ID(0) | ID(1), .flags_at = 4, .flags_bytes = 1 } },
    { HEAP2(0x40, 1600, 1900), .adds = true, .is = { .flags = 0x04 } },
    { HEAP2(0x50, ALWAYS, FOREVER), .is = { "MULTI_INSERT", 0x0F, .bytes = { 4 }, ROWS, .info = INIT_PAGE,
                                            .item_bytes = 2, .count_at = 2, .count_bytes = 2,
                                            .itemless_info = INIT_PAGE, .flags_at = 0, .flags_bytes = 1 } },
    { HEAP2(0x50, 1400, FOREVER), .adds = true, .is = { .flags = 0x30 } },
    { HEAP2(0x50, 1700, FOREVER), .adds = true, .is = { .maps = ID(1) } }, /* from 17.11, 18.5 on */
    { HEAP2(0x60, ALWAYS, 906), .is = { "LOCK_UPDATED", .bytes = { 7 }, .blocks = ID(0), .needed = ID(0) } },
    { HEAP2(0x60, 906, FOREVER), .is = { "LOCK_UPDATED", 0x01, .bytes = { 8 }, .blocks = ID(0),
                                            .needed = ID(0), .flags_at = 7, .flags_bytes = 1 } },
    { HEAP2(0x60, 1700, FOREVER), .adds = true, .is = { .maps = ID(1) } }, /* from 17.11, 18.5 on */
    { HEAP2(0x70, ALWAYS, FOREVER), .is = { "NEW_CID", .bytes = { 34 } } },

    XACT_END(0x00, "COMMIT"),
    { XACT(0x10, ALWAYS, FOREVER), .is = { "PREPARE", .is_open = true } },
    XACT_END(0x20, "ABORT"),
    XACT_END(0x30, "COMMIT_PREPARED"),
    XACT_END(0x40, "ABORT_PREPARED"),
    { XACT(0x50, ALWAYS, FOREVER), .is = { "ASSIGNMENT", .bytes = { 8 }, .item_bytes = 4, .count_at = 4,
                                           .count_bytes = 4 } },
    { XACT(0x60, 1400, FOREVER), .is = { "INVALIDATION", .bytes = { 4 }, .item_bytes = 16, .count_at = 0,
                                          .count_bytes = 4 } },

    CHECKPOINT(0x00, "CHECKPOINT_SHUTDOWN"),
    CHECKPOINT(0x10, "CHECKPOINT_ONLINE"),
    { XLOG(0x20, ALWAYS, FOREVER), .is = { "NOOP", .is_open = true } },
    { XLOG(0x30, ALWAYS, FOREVER), .is = { "NEXTOID", .bytes = { 4 } } },
    { XLOG(0x40, ALWAYS, FOREVER), .is = { .name = "SWITCH" } },
    { XLOG(0x50, ALWAYS, FOREVER), .is = { "BACKUP_END", .bytes = { 8 } } },
    { XLOG(0x60, ALWAYS, 1200), .is = { "PARAMETER_CHANGE", .bytes = { 24 } } },
    { XLOG(0x60, 1200, FOREVER), .is = { "PARAMETER_CHANGE", .bytes = { 28 } } },
    { XLOG(0x70, ALWAYS, FOREVER), .is = { "RESTORE_POINT", .bytes = { 72 } } },
    { XLOG(0x80, ALWAYS, FOREVER), .is = { "FPW_CHANGE", .bytes = { 1 } } },
    { XLOG(0x90, ALWAYS, 1700), .is = { "END_OF_RECOVERY", .bytes = { 16 } } },
    { XLOG(0x90, 1700, FOREVER), .is = { "END_OF_RECOVERY", .bytes = { 24, 20 } } },
    { XLOG(0xA0, ALWAYS, FOREVER), .is = { "FPI_FOR_HINT", .any_blocks = true } },
    { XLOG(0xB0, ALWAYS, FOREVER), .is = { "FPI", .any_blocks = true } },
    { XLOG(0xC0, ALWAYS, 1200), .is = { "FPI_MULTI", .any_blocks = true } },
    { XLOG(0xC0, 1900, FOREVER), .is = { "ASSIGN_LSN", .bytes = { 4 } } },
    { XLOG(0xD0, ALWAYS, FOREVER), .is = { "OVERWRITE_CONTRECORD", .bytes = { 16 } } },
    { XLOG(0xE0, 1700, 1900), .is = { "CHECKPOINT_REDO", .bytes = { 4 } } },
    { XLOG(0xE0, 1900, FOREVER), .is = { "CHECKPOINT_REDO", .bytes = { 8 } } },
    { XLOG(0xF0, 1900, FOREVER), .is = { "LOGICAL_DECODING_STATUS_CHANGE", .bytes = { 1 } } },
    { WP_RMGR_XLOG2, 0x00, { 1900, FOREVER }, .is = { "CHECKSUMS", .bytes = { 4 } } },

    { WP_RMGR_SMGR, 0x10, { ALWAYS, FOREVER }, .is = { "CREATE", .bytes = { 16 } } },
    { WP_RMGR_SMGR, 0x20, { ALWAYS, 906 }, .is = { "TRUNCATE", .bytes = { 16 } } },
    { WP_RMGR_SMGR, 0x20, { 906, FOREVER }, .is = { "TRUNCATE", 0x07, .bytes = { 20 }, .flags_at = 16,
                                                   .flags_bytes = 4 } },

    { WP_RMGR_DATABASE, 0x00, { ALWAYS, 1500 }, .is = { "CREATE", .bytes = { 16 } } },
    { WP_RMGR_DATABASE, 0x10, { ALWAYS, 1300 }, .is = { "DROP", .bytes = { 8 } } },
    { WP_RMGR_DATABASE, 0x10, { 1300, 1500 }, .is = { "DROP", .bytes = { 8 }, .item_bytes = 4, .count_at = 4,
                                                    .count_bytes = 4 } },
    { WP_RMGR_DATABASE, 0x00, { 1500, FOREVER }, .is = { "CREATE_FILE_COPY", .bytes = { 16 } } },
    { WP_RMGR_DATABASE, 0x10, { 1500, FOREVER }, .is = { "CREATE_WAL_LOG", .bytes = { 8 } } },
    { WP_RMGR_DATABASE, 0x20, { 1500, FOREVER }, .is = { "DROP", .bytes = { 8 }, .item_bytes = 4, .count_at = 4,
                                                      .count_bytes = 4 } },

    { WP_RMGR_TABLESPACE, 0x00, { ALWAYS, FOREVER }, .is = { "CREATE", .bytes = { 5 }, .is_open = true } },
    { WP_RMGR_TABLESPACE, 0x10, { ALWAYS, FOREVER }, .is = { "DROP", .bytes = { 4 } } },

    { WP_RMGR_RELMAP, 0x00, { ALWAYS, FOREVER }, .is = { "UPDATE", .bytes = { 12 }, .item_bytes = 1, .count_at = 8,
                                                     .count_bytes = 4 } },

    { WP_RMGR_STANDBY, 0x00, { ALWAYS, FOREVER }, .is = { "LOCK", .bytes = { 4 }, .item_bytes = 12, .count_at = 0,
                                                      .count_bytes = 4 } },
    { WP_RMGR_STANDBY, 0x10, { ALWAYS, FOREVER }, .is = { "RUNNING_XACTS", .bytes = { 24 }, .is_open = true } },
    { WP_RMGR_STANDBY, 0x20, { 906, FOREVER }, .is = { "INVALIDATIONS", .bytes = { 16 }, .item_bytes = 16,
                                                      .count_at = 12, .count_bytes = 4 } },

    { WP_RMGR_LOGICAL_MESSAGE, 0x00, { 906, FOREVER }, .is = { "MESSAGE", .is_open = true } },
};
// clang-format on

static void apply(const rule *r, wpi_shape *shape)
{
    if (!r->adds) {
        *shape = r->is;
        return;
    }
    shape->maps |= r->is.maps;
    shape->flags |= r->is.flags;
}

void wpi_shapes_fill(wpi_shapes *shapes, const wp_profile *profile)
{
    memset(shapes, 0, sizeof *shapes);
    shapes->profile = profile;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (wpi_is_of_versions(profile, rules[i].versions))
            apply(&rules[i], &shapes->of[rules[i].rmid][rules[i].op >> 4]);
}

static wpi_oddity odd(wp_oddity what, uint32_t value)
{
    return (wpi_oddity){ .what = what, .value = value };
}

static wpi_oddity check_blocks(const wpi_shape *shape, const wpi_record *record)
{
    unsigned seen = 0;
    if (shape->any_blocks)
        return (wpi_oddity){ 0 };
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wpi_block *block = &record->blocks[i];
        const unsigned bit = block->id < 8 ? ID(block->id) : 0;
        if (!(bit & (shape->blocks | shape->maps)))
            return odd(WP_ODD_BLOCK, block->id);
        const unsigned of_fork = block->fork == WPI_FORK_MAIN ? shape->blocks
                                 : block->fork == FORK_MAP    ? shape->maps
                                                              : 0;
        if (!(bit & of_fork))
            return odd(WP_ODD_FORK, block->id);
        if ((block->has_data || block->will_init) && !(bit & shape->data))
            return odd(WP_ODD_BLOCK_DATA, block->id);
        seen |= bit;
    }
    const unsigned missing = shape->needed & ~seen;
    for (uint8_t id = 0; missing != 0; id++)
        if (missing & ID(id))
            return odd(WP_ODD_NO_BLOCK, id);
    return (wpi_oddity){ 0 };
}

static uint32_t number_at(wp_view main, size_t at, size_t bytes)
{
    uint32_t number = 0;
    for (size_t i = 0; i < bytes && at + i < main.len; i++)
        number |= (uint32_t)main.bytes[at + i] << (8 * i);
    return number;
}

static uint32_t flags_of(const wpi_shape *shape, const wpi_record *record)
{
    if (shape->flags_info != 0 && !(record->info & shape->flags_info))
        return 0;
    return number_at(record->main, shape->flags_at, shape->flags_bytes);
}

static bool length_fits(const wpi_shape *shape, const wpi_record *record, uint32_t flags)
{
    const size_t len = record->main.len, fixed = shape->bytes[0];
    if (shape->is_open || (flags & shape->longer_flags))
        return len >= fixed;
    if (shape->item_bytes == 0)
        return len == fixed || (shape->bytes[1] != 0 && len == shape->bytes[1]);
    if (len < fixed)
        return false;
    if (shape->itemless_info != 0 && (record->info & shape->itemless_info))
        return len == fixed;
    const uint64_t count = number_at(record->main, shape->count_at, shape->count_bytes);
    return len - fixed == count * shape->item_bytes;
}

wpi_oddity wpi_shape_check(const wpi_shape *shape, const wpi_record *record)
{
    if (!shape->name)
        return odd(WP_ODD_KIND, record->info);
    const unsigned info =
        (unsigned)record->info
        & ~((unsigned)wpi_shape_op_mask(record->rmid) | shape->info | INFO_COMMON);
    if (info != 0)
        return odd(WP_ODD_INFO, info);
    const wpi_oddity block = check_blocks(shape, record);
    if (block.what != 0)
        return block;
    const uint32_t flags = flags_of(shape, record);
    if (flags & ~shape->flags)
        return odd(WP_ODD_FLAGS, flags & ~shape->flags);
    if (!length_fits(shape, record, flags))
        return odd(WP_ODD_LENGTH, (uint32_t)record->main.len);
    return (wpi_oddity){ 0 };
}
