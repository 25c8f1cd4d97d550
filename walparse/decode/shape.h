/*
 * shape.h - what a record of each kind may look like: the blocks it registers, its flags, its length.
 *
 * The page magic names a major only, and minor releases have changed records under it. A record that has what no
 * known release of its major writes may mean something else than its decoder takes it for, so that is told.
 */
#ifndef WPI_SHAPE_H
#define WPI_SHAPE_H

#include <walparse/profile.h>
#include <walparse/rmgr.h>

#include "decode/facts.h"
#include "format/record.h"

#define WPI_SHAPE_OPS 16

/*
 * All that known releases of one major write of one kind of record.
 *
 *   name          of the operation; NULL: there is no such kind
 *   info          bits of xl_info besides the operation
 *   blocks, maps  ids of blocks of the main fork, and of the visibility map; a bit for each
 *   needed, data  ids that are always there; ids that may have data, or be made afresh. any_blocks: all may
 *   bytes         length of the main data, on servers of either alignment; is_open: the least of it, the decoder
 *                 knows the rest. It goes on with items of item_bytes, whose number stands at count_at, unless
 *                 xl_info has the bit itemless_info; and with anything where a flag of longer_flags is set
 *   flags         bits that may be set in the flag_bytes bytes at flags_at, which are there when xl_info has the
 *                 bit flags_info (0: always)
 */
typedef struct wpi_shape {
    const char *name;
    uint32_t flags;
    uint16_t bytes[2];
    uint8_t info;
    uint8_t blocks, maps, needed, data;
    uint8_t item_bytes, count_at, count_bytes, itemless_info;
    uint8_t flags_at, flags_bytes, flags_info, longer_flags;
    bool is_open, any_blocks;
} wpi_shape;

typedef struct wpi_shapes {
    const wp_profile *profile; /* NULL: not filled yet */
    wpi_shape of[WP_RMGR_BUILTIN_MAX + 1][WPI_SHAPE_OPS];
} wpi_shapes;

/* Fills in what the releases of a major write. */
void wpi_shapes_fill(wpi_shapes *shapes, const wp_profile *profile);

/* Bits of xl_info that say which kind of record it is. */
static inline uint8_t wpi_shape_op_mask(uint8_t rmid)
{
    const bool is_low = rmid == WP_RMGR_XACT || rmid == WP_RMGR_HEAP || rmid == WP_RMGR_HEAP2;
    return is_low ? 0x70 : WPI_INFO_OP_MASK;
}

/* The shape of a kind of record of a builtin resource manager; its name is NULL where the major has none. */
static inline const wpi_shape *wpi_shape_of(const wpi_shapes *shapes, uint8_t rmid, uint8_t info)
{
    return &shapes->of[rmid][(info & wpi_shape_op_mask(rmid)) >> 4];
}

/* What of a record does not fit its shape, the first thing found; .what 0: it fits. */
wpi_oddity wpi_shape_check(const wpi_shape *shape, const wpi_record *record);

#endif
