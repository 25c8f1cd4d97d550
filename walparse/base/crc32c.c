/*
 * crc32c.c - CRC-32C: reflected polynomial 0x82F63B78.
 *
 * Two ways to the same number. Any processor: a table, eight bytes at a time. x86-64: the crc32
 * instruction. It gives its result after three cycles and takes new work in every one, so a long
 * run is cut into three streams computed side by side:
 *
 *     |<---- n bytes ---->|<---- n bytes ---->|<---- n bytes ---->|
 *      stream a (state in)  stream b (from 0)   stream c (from 0)
 *
 * State a must then move over 2n bytes of zeros and state b over n: a product with x^(8m) modulo
 * the polynomial, done by one carry-less multiplication whose 64-bit result the crc32 instruction
 * reduces.
 */
#include "base/crc32c.h"

#include <string.h>

#include "base/cursor.h"

/*
 * slices[k][n] is the state that byte n followed by k zero bytes leads to. That is linear in the
 * bits of n, so only the entries of single bits are spelled: for k = 0 the polynomial, moved seven
 * to zero times, and from one line to the next each number moved eight times more. To move is to
 * shift right by one and to xor the polynomial when the bit that falls out is set.
 */
#define BIT(n, i, b) ((n) >> (i)&1 ? UINT32_C(b) : 0)
#define ENTRY(n, b0, b1, b2, b3, b4, b5, b6, b7)                                                   \
    (BIT(n, 0, b0) ^ BIT(n, 1, b1) ^ BIT(n, 2, b2) ^ BIT(n, 3, b3) ^ BIT(n, 4, b4) ^ BIT(n, 5, b5) \
     ^ BIT(n, 6, b6) ^ BIT(n, 7, b7))
#define ENTRIES_4(n, ...)                                                        \
    ENTRY(n, __VA_ARGS__), ENTRY(n + 1, __VA_ARGS__), ENTRY(n + 2, __VA_ARGS__), \
        ENTRY(n + 3, __VA_ARGS__)
#define ENTRIES_16(n, ...)                                                                   \
    ENTRIES_4(n, __VA_ARGS__), ENTRIES_4(n + 4, __VA_ARGS__), ENTRIES_4(n + 8, __VA_ARGS__), \
        ENTRIES_4(n + 12, __VA_ARGS__)
#define ENTRIES_64(n, ...)                                                                        \
    ENTRIES_16(n, __VA_ARGS__), ENTRIES_16(n + 16, __VA_ARGS__), ENTRIES_16(n + 32, __VA_ARGS__), \
        ENTRIES_16(n + 48, __VA_ARGS__)
#define SLICE(...)                                                                             \
    {                                                                                          \
        ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__), ENTRIES_64(128, __VA_ARGS__), \
            ENTRIES_64(192, __VA_ARGS__)                                                       \
    }

// clang-format off
static const uint32_t slices[8][256] = {
    SLICE(0xF26B8303, 0xE13B70F7, 0xC79A971F, 0x8AD958CF,
          0x105EC76F, 0x20BD8EDE, 0x417B1DBC, 0x82F63B78),
    SLICE(0x13A29877, 0x274530EE, 0x4E8A61DC, 0x9D14C3B8,
          0x3FC5F181, 0x7F8BE302, 0xFF17C604, 0xFBC3FAF9),
    SLICE(0xA541927E, 0x4F6F520D, 0x9EDEA41A, 0x38513EC5,
          0x70A27D8A, 0xE144FB14, 0xC76580D9, 0x8B277743),
    SLICE(0xDD45AAB8, 0xBF672381, 0x7B2231F3, 0xF64463E6,
          0xE964B13D, 0xD725148B, 0xABA65FE7, 0x52A0C93F),
    SLICE(0x38116FAC, 0x7022DF58, 0xE045BEB0, 0xC5670B91,
          0x8F2261D3, 0x1BA8B557, 0x37516AAE, 0x6EA2D55C),
    SLICE(0xEF306B19, 0xDB8CA0C3, 0xB2F53777, 0x6006181F,
          0xC00C303E, 0x85F4168D, 0x0E045BEB, 0x1C08B7D6),
    SLICE(0x68032CC8, 0xD0065990, 0xA5E0C5D1, 0x4E2DFD53,
          0x9C5BFAA6, 0x3D5B83BD, 0x7AB7077A, 0xF56E0EF4),
    SLICE(0x493C7D27, 0x9278FA4E, 0x211D826D, 0x423B04DA,
          0x847609B4, 0x0D006599, 0x1A00CB32, 0x34019664),
};
// clang-format on

static uint32_t crc32c_table(uint32_t state, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (; len >= 8; p += 8, len -= 8) {
        const uint32_t low = state ^ wpi_u32(p);
        const uint32_t high = wpi_u32(p + 4);
        state = slices[7][low & 0xFF] ^ slices[6][low >> 8 & 0xFF] ^ slices[5][low >> 16 & 0xFF]
                ^ slices[4][low >> 24] ^ slices[3][high & 0xFF] ^ slices[2][high >> 8 & 0xFF]
                ^ slices[1][high >> 16 & 0xFF] ^ slices[0][high >> 24];
    }
    for (; len > 0; p++, len--)
        state = state >> 8 ^ slices[0][(state ^ *p) & 0xFF];
    return state;
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define WITH_CRC32 __attribute__((target("sse4.2,pclmul")))

/* Streams pay from here on. Records are mostly shorter, and overlap each other in the processor. */
#define LEN_FOR_STREAMS 384

static inline uint64_t load_u64(const uint8_t *p)
{
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

/* Multiplies a state by a power of x; to be reduced by one more crc32 step. */
WITH_CRC32 static inline uint64_t multiply(uint64_t state, uint32_t power)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
        _mm_cvtsi64_si128((long long)state), _mm_cvtsi64_si128((long long)power), 0));
}

/*
 * Consumes as many runs of three times n bytes as there are. over_1 and over_2 are x^(8n - 33) and
 * x^(16n - 33) modulo the polynomial, bit-reflected: 32 because the reduction multiplies by x^32,
 * one more because a product of two reflected numbers comes out shifted by one.
 */
WITH_CRC32 static inline uint64_t three_streams(uint64_t state, const uint8_t **bytes, size_t *len,
                                                size_t n, uint32_t over_1, uint32_t over_2)
{
    const uint8_t *p = *bytes;
    for (; *len >= 3 * n; *len -= 3 * n) {
        uint64_t a = state, b = 0, c = 0;
        const uint8_t *last = p + n - 8;
        for (; p < last; p += 8) {
            a = _mm_crc32_u64(a, load_u64(p));
            b = _mm_crc32_u64(b, load_u64(p + n));
            c = _mm_crc32_u64(c, load_u64(p + 2 * n));
        }
        a = _mm_crc32_u64(a, load_u64(p));
        b = _mm_crc32_u64(b, load_u64(p + n));
        state = _mm_crc32_u64(c, load_u64(p + 2 * n) ^ multiply(a, over_2) ^ multiply(b, over_1));
        p += 8 + 2 * n;
    }
    *bytes = p;
    return state;
}

WITH_CRC32 static uint32_t crc32c_hardware(uint32_t start, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t state = start;
    if (len >= LEN_FOR_STREAMS) {
        state = three_streams(state, &p, &len, 1024, 0x170076FA, 0xA51B6135);
        state = three_streams(state, &p, &len, 256, 0xB9E02B86, 0xDD7E3B0C);
        state = three_streams(state, &p, &len, 64, 0x9E4ADDF8, 0x0D3B6092);
    }
    for (; len >= 8; p += 8, len -= 8)
        state = _mm_crc32_u64(state, load_u64(p));
    uint32_t tail = (uint32_t)state;
    if (len & 4) {
        tail = _mm_crc32_u32(tail, wpi_u32(p));
        p += 4;
    }
    if (len & 2) {
        tail = _mm_crc32_u16(tail, wpi_u16(p));
        p += 2;
    }
    if (len & 1)
        tail = _mm_crc32_u8(tail, *p);
    return tail;
}

wpi_crc32c_fn wpi_crc32c_hardware(void)
{
    const bool has_both = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
    return has_both ? crc32c_hardware : NULL;
}

#else

wpi_crc32c_fn wpi_crc32c_hardware(void)
{
    return NULL;
}

#endif

wpi_crc32c_fn wpi_crc32c_table(void)
{
    return crc32c_table;
}

wpi_crc32c_fn wpi_crc32c_choose(void)
{
    const wpi_crc32c_fn hardware = wpi_crc32c_hardware();
    return hardware ? hardware : crc32c_table;
}
