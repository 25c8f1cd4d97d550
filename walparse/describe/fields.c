/*
 * fields.c - see fields.h. Mirrors what appendStringInfo makes of them in access/rmgrdesc.
 */
#include "describe/fields.h"

#include <stdio.h>

#include <walparse/profile.h>

#include "base/cursor.h"
#include "describe/digits.h"

/* The longest that a value becomes is a list of all infobits. */
#define VALUE_CHARS_MAX 64
#define FIELD_CHARS_MAX (UINT8_MAX + VALUE_CHARS_MAX)

/* Bytes of the record that each kind of value takes. */
static const uint8_t value_bytes[] = {
    [WPI_WORDS] = 0,    [WPI_IF] = 1,       [WPI_U8] = 1,
    [WPI_I8] = 1,       [WPI_U16] = 2,      [WPI_U32] = 4,
    [WPI_I32] = 4,      [WPI_U64] = 8,      [WPI_I64] = 8,
    [WPI_HEX] = 1,      [WPI_FLAG] = 1,     [WPI_DOUBLE] = 8,
    [WPI_FULL_XID] = 8, [WPI_LSN] = 8,      [WPI_LOCATOR] = 12,
    [WPI_TID] = 6,      [WPI_INFOBITS] = 1, [WPI_INFOBITS_LIST] = 1,
};

#define INFOBIT(text)          \
    {                          \
        text, sizeof(text) - 1 \
    }

/* access/heapam_xlog.h, XLHL_*, from bit 0 on. */
static const struct {
    const char *name;
    size_t len;
} infobits[] = { INFOBIT("IS_MULTI"), INFOBIT("LOCK_ONLY"), INFOBIT("EXCL_LOCK"),
                 INFOBIT("KEYSHR_LOCK"), INFOBIT("KEYS_UPDATED") };

#define INFOBITS (sizeof infobits / sizeof *infobits)

static char *add_string(char *at, const char *text)
{
    return wpi_add_bytes(at, text, strlen(text));
}

/* Two numbers with a character between. */
static char *add_pair(char *at, uint32_t first, char between, uint32_t second)
{
    at = wpi_add_u32(at, first);
    *at = between;
    return wpi_add_u32(at + 1, second);
}

static char *add_infobits(char *at, uint8_t bits)
{
    for (unsigned i = 0; i < INFOBITS; i++)
        if (bits & 1u << i) {
            at = wpi_add_short(at, infobits[i].name, infobits[i].len);
            *at++ = ' ';
        }
    return at;
}

static char *add_infobits_list(char *at, uint8_t bits)
{
    const char *before = "[";
    for (unsigned i = 0; i < INFOBITS; i++)
        if (bits & 1u << i) {
            at = add_string(at, before);
            at = wpi_add_short(at, infobits[i].name, infobits[i].len);
            before = ", ";
        }
    if (before[0] == '[')
        *at++ = '[';
    *at = ']';
    return at + 1;
}

/* From 12 on it is port/snprintf.c of PostgreSQL that formats, before the C library. */
static char *add_double(char *at, const wp_dump_traits *traits, uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    const bool is_odd = value != value || value - value != 0;
    if (is_odd && traits->formats_doubles)
        return add_string(at, value != value ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%g", value);
    return wpi_add_printed(at, digits);
}

static char *add_lsn(char *at, const wp_dump_traits *traits, wp_lsn lsn)
{
    return traits->pads_lsns ? wpi_add_lsn_padded(at, lsn) : wpi_add_lsn(at, lsn);
}

/* The words are there; if_zero is where the next field goes when this one says nothing. */
static inline char *add_value(char *at, char *if_zero, const wpi_field *field,
                              const wp_dump_traits *traits, const uint8_t *p)
{
    switch ((wpi_field_kind)field->kind) {
    case WPI_WORDS:
        return at;
    case WPI_IF:
        return *p ? at : if_zero;
    case WPI_U8:
        return wpi_add_u32(at, *p);
    case WPI_I8:
        return wpi_add_i64(at, (int8_t)*p);
    case WPI_U16:
        return wpi_add_u32(at, wpi_u16(p));
    case WPI_U32:
        return wpi_add_u32(at, wpi_u32(p));
    case WPI_I32:
        return wpi_add_i64(at, (int32_t)wpi_u32(p));
    case WPI_U64:
        return wpi_add_u64(at, wpi_u64(p));
    case WPI_I64:
        return wpi_add_i64(at, (int64_t)wpi_u64(p));
    case WPI_HEX:
        return wpi_add_hex(wpi_add(at, "0x"), *p, 2);
    case WPI_FLAG:
        *at = *p & field->mask ? 'T' : 'F';
        return at + 1;
    case WPI_DOUBLE:
        return add_double(at, traits, wpi_u64(p));
    case WPI_FULL_XID:
        return add_pair(at, wpi_u32(p + 4), ':', wpi_u32(p));
    case WPI_LSN:
        return add_lsn(at, traits, wpi_u64(p));
    case WPI_LOCATOR:
        return wpi_add_locator(at, wpi_u32(p), wpi_u32(p + 4), wpi_u32(p + 8));
    case WPI_TID:
        return add_pair(at, (uint32_t)wpi_u16(p) << 16 | wpi_u16(p + 2), '/', wpi_u16(p + 4));
    case WPI_INFOBITS:
        return add_infobits(at, *p);
    case WPI_INFOBITS_LIST:
        return add_infobits_list(at, *p);
    }
    return at;
}

bool wpi_put_fields(const wpi_record *record, wp_view data, const wpi_field *fields, size_t n,
                    wpi_text *out)
{
    const bool is_32_bit = record->max_align == 4;
    char *start = n ? wpi_text_reserve(out, n * FIELD_CHARS_MAX) : NULL;
    if (!start)
        return true;
    char *at = start;
    for (const wpi_field *field = fields; field < fields + n; field++) {
        const size_t offset = field->at[is_32_bit];
        if (offset + value_bytes[field->kind] > data.len)
            return false;
        /* Words need no data, and there may be none to point to. */
        const uint8_t *p = value_bytes[field->kind] ? data.bytes + offset : NULL;
        char *value = wpi_add_short(at, field->words, field->words_len);
        at = add_value(value, at, field, &record->profile->dump, p);
    }
    out->len += (size_t)(at - start);
    return true;
}
