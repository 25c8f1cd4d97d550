/*
 * blob.h - a growing run of little-endian bytes, for tests that build WAL.
 *
 * Running out of memory ends the program: tests have nothing better to do.
 */
#ifndef TEST_BLOB_H
#define TEST_BLOB_H

#include <walparse/types.h>

typedef struct blob {
    uint8_t *at;
    size_t len, room;
} blob;

void put_u8(blob *b, uint8_t value);
void put_u16(blob *b, uint16_t value);
void put_u32(blob *b, uint32_t value);
void put_u64(blob *b, uint64_t value);
void put_raw(blob *b, const void *from, size_t len);
void put_zeros(blob *b, size_t len);
/* Zeros up to the next multiple of align, counted from the start of the run. */
void put_align(blob *b, size_t align);
/* A NAME column: text, NUL-padded to 64 bytes. */
void put_name(blob *b, const char *text);
void put_view(blob *b, wp_view view);
void put_locator(blob *b, wp_locator locator);

/* Writing over bytes that are there already. */
void set_u16(uint8_t *at, uint16_t value);
void set_u32(uint8_t *at, uint32_t value);
void set_u64(uint8_t *at, uint64_t value);

wp_view view_of(const blob *b);
void blob_free(blob *b);

#endif
