/*
 * test_redo_checksum.c - the checksum of a data page, of pages that a server (18.6) wrote.
 */
#include "redo/checksum.h"

#include "hex.h"

#include "cases.h"

#define SIZE 8192u

typedef struct page_case {
    const char *name;
    uint32_t block;
    const char *head; /* in hex; then zeros */
    uint32_t tail_at;
    const char *tail;
    uint16_t want;
} page_case;

// clang-format off
static const page_case pages[] = {
    { "metapage of an empty index", 0,
      "0000000000671100e82700004800f01ff01f0420000000006231050004000000000000000000000000000000000000000000"
      "000000000000000000000000f0bf01", 8188, "08000000", 0x27E8 },
    { "a block beyond the first", 1, "0000000020864f004f6100001c00e01ff01f042000000000e09f20", 8164,
      "01001000aa3100000000000000000000000000000000000003000000", 0x614F },
};
// clang-format on

static void put_at(uint8_t *page, const char *hex)
{
    blob bytes = { 0 };
    put_hex(&bytes, hex);
    memcpy(page, bytes.at, bytes.len);
    blob_free(&bytes);
}

static void checksum_is_the_servers(void **state)
{
    const page_case *row = *state;
    uint8_t *page = calloc(1, SIZE);
    assert_non_null(page);
    put_at(page, row->head);
    put_at(page + row->tail_at, row->tail);
    assert_int_equal(wpi_page_checksum(page, SIZE, row->block), row->want);
    assert_true(wpi_page_checksum_is_right(page, SIZE, row->block));
    assert_false(wpi_page_checksum_is_right(page, SIZE, row->block + 1));
    for (uint32_t at = 0; at < SIZE; at += 61) {
        page[at] ^= 0x10;
        assert_false(wpi_page_checksum_is_right(page, SIZE, row->block));
        page[at] ^= 0x10;
    }
    free(page);
}

int main(void)
{
    return RUN_CASES("checksums", pages, checksum_is_the_servers);
}
