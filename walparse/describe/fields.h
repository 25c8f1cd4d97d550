/*
 * fields.h - what most descriptions are made of: words and values in turn, a row each.
 *
 * Heap and B-tree records are most of a WAL, so room is asked for once a description, not once a number.
 */
#ifndef WPI_FIELDS_H
#define WPI_FIELDS_H

#include "describe/text.h"
#include "format/record.h"

typedef enum wpi_field_kind {
    WPI_WORDS, /* no byte, only the words */
    WPI_IF,    /* u8: only the words, where it is not zero */
    WPI_U8,
    WPI_I8,
    WPI_U16,
    WPI_U32,
    WPI_I32,
    WPI_U64,
    WPI_I64,
    WPI_HEX,           /* u8, 0x%02X */
    WPI_FLAG,          /* u8: T where a bit of the mask is set, else F */
    WPI_DOUBLE,        /* %g */
    WPI_FULL_XID,      /* u64, epoch:xid */
    WPI_LSN,           /* padded from 19 on */
    WPI_LOCATOR,       /* three u32, tablespace/database/file */
    WPI_TID,           /* block (high half first) and line pointer, block/offset */
    WPI_INFOBITS,      /* u8, each name followed by a blank: up to 15 */
    WPI_INFOBITS_LIST, /* u8, [NAME, NAME]: from 16 on */
} wpi_field_kind;

/* Words, and the value at a byte of the data that comes after them. */
typedef struct wpi_field {
    const char *words;
    uint8_t words_len;
    uint8_t kind;  /* wpi_field_kind */
    uint8_t at[2]; /* of servers that align 64-bit numbers to 8 bytes, and to 4 */
    uint8_t mask;  /* of WPI_FLAG */
} wpi_field;

/* For tables. */
// clang-format off
#define FIELD_OF(which, before, offset, offset_32, bits) \
    { .words = before, .words_len = sizeof(before) - 1, .kind = WPI_##which, .at = { offset, offset_32 }, .mask = bits }
#define FIELD(which, before, offset) FIELD_OF(which, before, offset, offset, 0xFF)
#define FIELD_32(which, before, offset, offset_32) FIELD_OF(which, before, offset, offset_32, 0xFF)
#define FLAG_BIT(before, offset, bit) FIELD_OF(FLAG, before, offset, offset, bit)
#define WORDS(text) FIELD_OF(WORDS, text, 0, 0, 0)
// clang-format on

/* Appends what the fields are in data, which is of the record. False: a value lies beyond the data. */
bool wpi_put_fields(const wpi_record *record, wp_view data, const wpi_field *fields, size_t n,
                    wpi_text *out);

#endif
