/*
 * test_image.c - full-page images become the page again, or are refused.
 *
 * The images of the first table were written by servers 15 and 16 with each wal_compression. The
 * CRCs are of the pages that pg_get_wal_block_info() of 16 gives; the metapage of a btree index is
 * the same in 15, so one CRC serves all three methods.
 */
#include "format/image.h"

#include "base/crc32c.h"
#include "base/pglz.h"
#include "hex.h"

#include "cases.h"

#define PAGE 8192

typedef struct real_case {
    const char *name;
    const char *major;
    const char *hex;
    uint16_t hole_offset, hole_length;
    uint8_t info;
    uint32_t crc; /* of the page */
} real_case;

static const real_case real_cases[] = {
    { "pglz, empty metapage", "16",
      "020008014800f01ff01f040420010c6231050004a3091d0f0103f0bf010f1601080005", 72, 8104, 0x07,
      0x008C0057 },
    { "lz4, the same page", "15",
      "17000100804800f01ff01f0420130050623105000409000f02000a3ef0bf012000500008000000", 72, 8104,
      0x0B, 0x008C0057 },
    { "pglz, metapage", "16",
      "020008014800f01ff01f040420010c62310500040000000042000000022308080b01f0bf010e14000002080005",
      72, 8104, 0x07, 0x7839556A },
    { "lz4, the same page", "15",
      "17000100804800f01ff01f04201300d76231050004000000420000000208000a02003af0bf01110090000000"
      "000008000000",
      72, 8104, 0x0B, 0x7839556A },
    { "zstd, the empty metapage", "15",
      "28b52ffd20582d0100b000004800f01ff01f04206231050004f0bf010800000005003c93c901d053354dcb3780"
      "05",
      72, 8104, 0x13, 0x008C0057 },
    { "pglz, one row", "16",
      "020008015000f81ff81f740420010cff040109200101e120010000e0010710cf520d030802041003340800", 80,
      8104, 0x07, 0x0061DACC },
    { "not packed", "16",
      "000000009873b201000000001c00e01f00200420dc020000e09f3800db020000dc020000000000000000000001"
      "000120000118000100000000000000",
      28, 0, 0x03, 0x9639AACB },
};

/* A copy in a block of exactly len bytes, so that a read behind it is seen. */
static uint8_t *exact(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return copy;
}

static void real_image_is_restored(void **state)
{
    const real_case *row = *state;
    blob stored = { 0 };
    put_hex(&stored, row->hex);
    const wpi_image image = { view_of(&stored), row->hole_offset, row->hole_length, row->info };
    uint8_t *page = malloc(PAGE);
    assert_non_null(page);
    memset(page, 0xEE, PAGE);
    const wp_status status = wpi_image_restore(wp_profile_by_major(row->major), &image, page, PAGE);
    if (status == WP_ERR_LIMIT)
        skip(); /* built without that method */
    assert_int_equal(status, WP_OK);
    assert_int_equal(~wpi_crc32c_table()(UINT32_MAX, page, PAGE), row->crc);
    free(page);
    blob_free(&stored);
}

/* Cut short anywhere it is damage; with any bit turned it is damage or another page. */
static void broken_image_is_refused(void **state)
{
    const real_case *row = *state;
    const wp_profile *profile = wp_profile_by_major(row->major);
    const bool is_packed =
        row->info & (profile->image_pglz | profile->image_lz4 | profile->image_zstd);
    blob stored = { 0 };
    put_hex(&stored, row->hex);
    wpi_image image = { { NULL, 0 }, row->hole_offset, row->hole_length, row->info };
    uint8_t *page = malloc(PAGE);
    assert_non_null(page);
    for (size_t len = 0; is_packed && len < stored.len; len++) {
        uint8_t *cut = exact(stored.at, len);
        image.bytes = (wp_view){ cut, len };
        const wp_status status = wpi_image_restore(profile, &image, page, PAGE);
        if (status != WP_ERR_DAMAGE && status != WP_ERR_LIMIT)
            fail_msg("cut to %zu bytes: %d", len, status);
        free(cut);
    }
    for (size_t bit = 0; bit < stored.len * 8; bit++) {
        uint8_t *turned = exact(stored.at, stored.len);
        turned[bit / 8] ^= (uint8_t)(1u << bit % 8);
        image.bytes = (wp_view){ turned, stored.len };
        const wp_status status = wpi_image_restore(profile, &image, page, PAGE);
        assert_true(status == WP_OK || status == WP_ERR_DAMAGE || status == WP_ERR_LIMIT);
        free(turned);
    }
    free(page);
    blob_free(&stored);
}

/* What the bits mean depends on the major. Stored bytes are 0x5A. */
typedef struct plain_case {
    const char *name;
    const char *major;
    size_t len;
    uint16_t hole_offset, hole_length;
    uint8_t info;
    wp_status status;
} plain_case;

static const plain_case plain_cases[] = {
    { "whole page", "15", PAGE, 0, 0, 0x02, WP_OK },
    { "whole page for checking only", "15", PAGE, 0, 0, 0x00, WP_OK },
    { "whole page of 9.5", "9.5", PAGE, 0, 0, 0x00, WP_OK },
    { "hole by the length", "15", PAGE - 100, 40, 0, 0x03, WP_OK },
    { "hole at the end", "15", PAGE - 100, PAGE - 100, 0, 0x03, WP_OK },
    { "hole behind the end", "15", PAGE - 100, PAGE - 99, 0, 0x03, WP_ERR_DAMAGE },
    { "no hole and too short", "15", PAGE - 1, 0, 0, 0x02, WP_ERR_DAMAGE },
    { "longer than a page", "15", PAGE + 1, 0, 0, 0x02, WP_ERR_DAMAGE },
    { "nothing stored", "15", 0, 0, 0, 0x03, WP_ERR_DAMAGE },
    { "apply and hole of 14", "14", PAGE - 100, 40, 0, 0x05, WP_OK },
    { "0x02 is pglz in 14", "14", 100, 0, 0, 0x02, WP_ERR_DAMAGE },
    { "0x04 unknown in 9.6", "9.6", PAGE, 0, 0, 0x04, WP_ERR_LIMIT },
    { "0x08 unknown in 14", "14", PAGE, 0, 0, 0x08, WP_ERR_LIMIT },
    { "0x20 unknown in 18", "18", PAGE, 0, 0, 0x20, WP_ERR_LIMIT },
    { "two methods at once", "15", 100, 0, 0, 0x0C, WP_ERR_DAMAGE },
    { "packed, hole over the end", "15", 100, 8000, 200, 0x05, WP_ERR_DAMAGE },
    { "packed, hole longer than a page", "15", 100, 0, PAGE + 1, 0x05, WP_ERR_DAMAGE },
};

static void plain_image(void **state)
{
    const plain_case *row = *state;
    uint8_t *stored = malloc(row->len ? row->len : 1);
    uint8_t *page = malloc(PAGE);
    assert_non_null(stored);
    assert_non_null(page);
    memset(stored, 0x5A, row->len);
    memset(page, 0xEE, PAGE);
    const wpi_image image = { { stored, row->len }, row->hole_offset, row->hole_length, row->info };
    assert_int_equal(wpi_image_restore(wp_profile_by_major(row->major), &image, page, PAGE),
                     row->status);
    for (size_t i = 0; row->status == WP_OK && i < PAGE; i++) {
        const bool in_hole = i >= row->hole_offset && i < row->hole_offset + (PAGE - row->len);
        assert_int_equal(page[i], in_hole ? 0 : 0x5A);
    }
    free(page);
    free(stored);
}

typedef struct pglz_case {
    const char *name;
    const char *hex;
    const char *raw; /* NULL: refused */
    size_t raw_bytes;
} pglz_case;

static const pglz_case pglz_cases[] = {
    { "literals",
      "00"
      "6162636465666768",
      "abcdefgh", 8 },
    { "nothing at all", "", "", 0 },
    { "a match of three",
      "08"
      "616263"
      "0003",
      "abcabc", 6 },
    { "a match into itself",
      "02"
      "61"
      "0401",
      "aaaaaaaa", 8 },
    { "length 18 and one more byte",
      "02"
      "61"
      "0f01"
      "05",
      "aaaaaaaaaaaaaaaaaaaaaaaa", 24 },
    { "length 17 has no third byte",
      "02"
      "61"
      "0e01",
      "aaaaaaaaaaaaaaaaaa", 18 },
    { "nine items need a second control byte",
      "00"
      "6162636465666768"
      "00"
      "69",
      "abcdefghi", 9 },
    { "match before the start",
      "08"
      "616263"
      "0004",
      NULL, 6 },
    { "match first of all",
      "01"
      "0001",
      NULL, 3 },
    { "offset 0",
      "02"
      "61"
      "0000",
      NULL, 4 },
    { "more than asked for",
      "02"
      "61"
      "0401",
      NULL, 7 },
    { "less than asked for",
      "02"
      "61"
      "0401",
      NULL, 9 },
    { "input left over",
      "00"
      "6162"
      "63",
      NULL, 2 },
    { "control byte left over",
      "00"
      "6162636465666768"
      "00",
      NULL, 8 },
    { "match cut in half",
      "02"
      "61"
      "04",
      NULL, 8 },
    { "third byte missing",
      "02"
      "61"
      "0f01",
      NULL, 24 },
    { "only a control byte", "00", NULL, 1 },
};

static void pglz_stream(void **state)
{
    const pglz_case *row = *state;
    blob packed = { 0 };
    put_hex(&packed, row->hex);
    uint8_t *in = exact(packed.len ? packed.at : (const uint8_t *)"", packed.len);
    uint8_t *raw = malloc(row->raw_bytes ? row->raw_bytes : 1);
    assert_non_null(raw);
    const bool is_good = wpi_pglz_unpack((wp_view){ in, packed.len }, raw, row->raw_bytes);
    assert_int_equal(is_good, row->raw != NULL);
    if (row->raw)
        assert_memory_equal(raw, row->raw, row->raw_bytes);
    free(raw);
    free(in);
    blob_free(&packed);
}

int main(void)
{
    return RUN_CASES("real", real_cases, real_image_is_restored)
           + RUN_CASES("broken", real_cases, broken_image_is_refused)
           + RUN_CASES("plain", plain_cases, plain_image)
           + RUN_CASES("pglz", pglz_cases, pglz_stream);
}
