/*
 * test_crc32c.c - every way of computing CRC-32C gives what a bit by bit one gives.
 */
#include "base/crc32c.h"

#include "cases.h"

/* The definition: reflected polynomial 0x82F63B78, one bit at a time. */
static uint32_t bit_by_bit(uint32_t state, const uint8_t *bytes, size_t len)
{
    for (; len > 0; bytes++, len--) {
        state ^= *bytes;
        for (int bit = 0; bit < 8; bit++)
            state = state >> 1 ^ (state & 1 ? 0x82F63B78u : 0);
    }
    return state;
}

/* The ways, NULL-terminated. Without hardware there is one less. */
static const wpi_crc32c_fn *ways(wpi_crc32c_fn room[4])
{
    size_t n = 0;
    room[n++] = wpi_crc32c_table();
    room[n++] = wpi_crc32c_choose();
    if (wpi_crc32c_hardware())
        room[n++] = wpi_crc32c_hardware();
    room[n] = NULL;
    return room;
}

typedef struct known_case {
    const char *name;
    const char *text;
    size_t len;
    uint32_t crc;
} known_case;

/* RFC 3720, B.4, and the check value every catalogue of CRCs gives. */
static const known_case known_cases[] = {
    { "check value", "123456789", 9, 0xE3069283 },
    { "nothing", "", 0, 0 },
    { "32 zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32,
      0x8A9136AA },
    { "32 ones",
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
      32, 0x62A8AB43 },
    { "32 rising",
      "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
      "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
      32, 0x46DD794E },
};

static void known_value(void **state)
{
    const known_case *row = *state;
    wpi_crc32c_fn room[4];
    for (const wpi_crc32c_fn *way = ways(room); *way; way++)
        assert_int_equal(~(*way)(UINT32_MAX, row->text, row->len), row->crc);
}

typedef struct length_case {
    const char *name;
    size_t from, to, step;
} length_case;

/* 192, 768 and 3072 bytes are where one run of three streams begins to fit. */
static const length_case length_cases[] = {
    { "0 to 700, each", 0, 700, 1 },  { "around 768", 760, 776, 1 },
    { "around 960", 952, 968, 1 },    { "around 3072", 3064, 3080, 1 },
    { "around 4032", 4024, 4040, 1 }, { "up to 20000", 700, 20000, 331 },
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* In a block of exactly the bytes needed, at each offset from a multiple of eight in turn. */
static void any_length(void **state)
{
    const length_case *row = *state;
    wpi_crc32c_fn room[4];
    uint32_t seed = 1;
    for (size_t len = row->from; len <= row->to; len += row->step) {
        const size_t offset = len % 8;
        uint8_t *block = malloc(offset + len + (offset + len == 0));
        assert_non_null(block);
        for (size_t i = 0; i < offset + len; i++)
            block[i] = (uint8_t)next_random(&seed);
        const uint32_t start = next_random(&seed) << 8 | next_random(&seed) % 256;
        const uint32_t want = bit_by_bit(start, block + offset, len);
        for (const wpi_crc32c_fn *way = ways(room); *way; way++)
            if ((*way)(start, block + offset, len) != want)
                fail_msg("length %zu", len);
        free(block);
    }
}

/* A record is summed in two pieces: the sum may be cut anywhere. */
static void pieces_join(void **state)
{
    (void)state;
    static uint8_t bytes[2000];
    uint32_t seed = 7;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)next_random(&seed);
    const uint32_t want = bit_by_bit(UINT32_MAX, bytes, sizeof bytes);
    wpi_crc32c_fn room[4];
    for (const wpi_crc32c_fn *way = ways(room); *way; way++)
        for (size_t cut = 0; cut <= sizeof bytes; cut += 37) {
            const uint32_t head = (*way)(UINT32_MAX, bytes, cut);
            assert_int_equal((*way)(head, bytes + cut, sizeof bytes - cut), want);
        }
}

int main(void)
{
    const struct CMUnitTest rest[] = { cmocka_unit_test(pieces_join) };
    return RUN_CASES("known", known_cases, known_value)
           + RUN_CASES("length", length_cases, any_length)
           + cmocka_run_group_tests_name("pieces", rest, NULL, NULL);
}
