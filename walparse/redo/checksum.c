/*
 * checksum.c - the checksum of a data page: 32 sums side by side, each of FNV-1a with a further shift. Mirrors
 * storage/checksum_impl.h.
 */
#include "redo/checksum.h"

#include "base/cursor.h"

#define SUMS 32
#define PRIME UINT32_C(16777619)
#define CHECKSUM_AT 8

static const uint32_t starts[SUMS] = {
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
};

static uint32_t mix(uint32_t sum, uint32_t value)
{
    const uint32_t mixed = sum ^ value;
    return (mixed * PRIME) ^ (mixed >> 17);
}

/* The checksum's own bytes count as zeros. */
static uint32_t word_at(const uint8_t *page, uint32_t at)
{
    return at == CHECKSUM_AT ? (uint32_t)wpi_u16(page + at + 2) << 16 : wpi_u32(page + at);
}

uint16_t wpi_page_checksum(const uint8_t *page, uint32_t size, uint32_t block)
{
    uint32_t sums[SUMS];
    for (size_t i = 0; i < SUMS; i++)
        sums[i] = starts[i];
    for (uint32_t at = 0; at < size; at += SUMS * 4)
        for (uint32_t i = 0; i < SUMS; i++)
            sums[i] = mix(sums[i], word_at(page, at + i * 4));
    uint32_t all = 0;
    for (size_t i = 0; i < SUMS; i++)
        all ^= mix(mix(sums[i], 0), 0);
    return (uint16_t)((all ^ block) % 65535 + 1);
}

bool wpi_page_checksum_is_right(const uint8_t *page, uint32_t size, uint32_t block)
{
    return wpi_u16(page + CHECKSUM_AT) == wpi_page_checksum(page, size, block);
}
