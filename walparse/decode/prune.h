/*
 * prune.h - what records list that prune, freeze or vacuum rows: access/heapam_xlog.h and, from 17 on,
 * heap_xlog_deserialize_prune_and_freeze() of access/rmgrdesc/heapdesc.c.
 */
#ifndef WPI_PRUNE_H
#define WPI_PRUNE_H

#include "base/cursor.h"
#include "format/record.h"

/* A plan of 16 and later: u32 xmax, u16 infomask2, u16 infomask, u8 flags, a byte of padding, u16 ntuples. */
#define WPI_PLAN_BYTES 12
#define WPI_PLAN_NTUPLES_AT 10

/* Bits of the flags of PRUNE_*. */
#define WPI_PRUNE_IS_CATALOG 0x02
#define WPI_PRUNE_CLEANUP_LOCK 0x04
#define WPI_PRUNE_HAS_XID 0x08
#define WPI_PRUNE_HAS_PLANS 0x10
#define WPI_PRUNE_HAS_REDIRECTED 0x20
#define WPI_PRUNE_HAS_DEAD 0x40
#define WPI_PRUNE_HAS_UNUSED 0x80
#define WPI_PRUNE_ALL_VISIBLE 0x100
#define WPI_PRUNE_ALL_FROZEN 0x200

/* A run of u16: offsets, or pairs of them. */
typedef struct wpi_offsets {
    const uint8_t *items;
    size_t n;
} wpi_offsets;

/* The offsets of the rows of all plans come after these lists. */
typedef struct wpi_prune_lists {
    const uint8_t *plans;
    size_t nplans;
    wpi_offsets redirected; /* pairs: a line pointer, and where it leads to */
    wpi_offsets dead, unused;
} wpi_prune_lists;

/* n times so many u16. */
wpi_offsets wpi_take_offsets(wpi_cursor *c, size_t n, size_t each);

/* Of a PRUNE_* record, whose main data has two bytes at least: a byte without meaning and u8 flags, or u16 flags. */
unsigned wpi_prune_flags(const wpi_record *record);

/* [u16 nplans, padding, plans] [u16 n, pairs] [u16 n, dead] [u16 n, unused], as the flags say. False: c is overrun. */
bool wpi_take_prune_lists(wpi_cursor *c, unsigned flags, wpi_prune_lists *out);

#endif
