/*
 * record_head.h - what the first bytes of a record tell, whole or not. Mirrors access/xlogrecord.h.
 *
 *     u32 total length | u32 xid | u64 previous record | u8 info | u8 rmid | u16 unused | u32 crc     24 bytes
 *     u8 id | u8 fork and flags | u16 data length                                                     a block header
 *         [u16 image length | u16 hole offset | u8 image info [| u16 hole length]]                    with an image
 *         [u32 tablespace | u32 database | u32 file]                                                  unless that of the block before
 *         u32 block number
 *
 * The checksum is over all that follows the 24 bytes, and then over what lies before it.
 */
#ifndef WPI_RECORD_HEAD_H
#define WPI_RECORD_HEAD_H

#include <walparse/profile.h>

#include "base/cursor.h"

#define WPI_RECORD_HEADER_BYTES 24
#define WPI_RECORD_CRC_AT 20
/* Low four bits of xl_info are flags of the WAL machinery, not of the resource manager. */
#define WPI_INFO_OP_MASK 0xF0

/* A block header: ids, and bits of its second byte. */
#define WPI_BLOCK_ID_MAX 32
#define WPI_BLOCK_FORK_MASK 0x0F
#define WPI_BLOCK_HAS_IMAGE 0x10
#define WPI_BLOCK_HAS_DATA 0x20
#define WPI_BLOCK_WILL_INIT 0x40
#define WPI_BLOCK_SAME_REL 0x80
#define WPI_BLOCK_HEADER_BYTES 4

/* Its image header; a packed image that has a hole says how long that is. */
#define WPI_IMAGE_HEADER_BYTES 5 /* bimg_info is the last of them */
#define WPI_IMAGE_HOLE_BYTES 2
#define WPI_IMAGE_HAS_HOLE 0x01

#define WPI_LOCATOR_BYTES 12

/* Fork numbers. */
#define WPI_FORK_MAIN 0

static inline uint32_t wpi_record_total(const uint8_t *record)
{
    return wpi_u32(record);
}

static inline wp_xid wpi_record_xid(const uint8_t *record)
{
    return wpi_u32(record + 4);
}

static inline wp_lsn wpi_record_prev(const uint8_t *record)
{
    return wpi_u64(record + 8);
}

static inline uint8_t wpi_record_info(const uint8_t *record)
{
    return record[16];
}

static inline uint8_t wpi_record_rmid(const uint8_t *record)
{
    return record[17];
}

static inline uint32_t wpi_record_crc(const uint8_t *record)
{
    return wpi_u32(record + WPI_RECORD_CRC_AT);
}

/* Does the length of the hole follow the image header with this bimg_info? */
static inline bool wpi_image_says_hole(const wp_profile *profile, uint8_t info)
{
    const uint8_t packed =
        (uint8_t)(profile->image_pglz | profile->image_lz4 | profile->image_zstd);
    return (info & packed) && (info & WPI_IMAGE_HAS_HOLE);
}

/* Of the block that comes first; len: how much of the record is at hand. False: there is none, or too little. */
static inline bool wpi_record_first_locator(const wp_profile *profile, const uint8_t *record,
                                            size_t len, wp_locator *out)
{
    size_t at = WPI_RECORD_HEADER_BYTES;
    if (len < at + WPI_BLOCK_HEADER_BYTES || record[at] > WPI_BLOCK_ID_MAX)
        return false;
    const bool has_image = record[at + 1] & WPI_BLOCK_HAS_IMAGE;
    at += WPI_BLOCK_HEADER_BYTES;
    if (has_image) {
        if (len < at + WPI_IMAGE_HEADER_BYTES)
            return false;
        at += WPI_IMAGE_HEADER_BYTES;
        if (wpi_image_says_hole(profile, record[at - 1]))
            at += WPI_IMAGE_HOLE_BYTES;
    }
    if (len < at + WPI_LOCATOR_BYTES)
        return false;
    *out = (wp_locator){ wpi_u32(record + at), wpi_u32(record + at + 4), wpi_u32(record + at + 8) };
    return true;
}

/* Is the block that comes first number 0, of the main fork? For records that have one. */
static inline bool wpi_record_begins_with_main(const uint8_t *record)
{
    const uint8_t *block = record + WPI_RECORD_HEADER_BYTES;
    return block[0] == 0 && (block[1] & WPI_BLOCK_FORK_MASK) == WPI_FORK_MAIN;
}

#endif
