/*
 * tsvector and tsquery: tsearch/ts_type.h, utils/adt/{tsvector,tsquery}.c.
 */
#include <stdio.h>

#include "value/value.h"

/* ---- tsvector: entries (has positions, length, place), then the words, each with its positions ---- */

#define HAS_POSITIONS(entry) ((entry)&1)
#define WORD_LEN(entry) ((entry) >> 1 & 0x7FF)
#define WORD_AT(entry) ((entry) >> 12)
#define POSITION(word) ((word)&0x3FFF)
#define WEIGHT(word) ((word) >> 14)

static void put_word(wpi_value *v, const uint8_t *word, size_t len)
{
    wpi_putc(v, '\'');
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '\'' || word[i] == '\\')
            wpi_print_bytes(v, word + i, 1);
        wpi_print_bytes(v, word + i, 1);
    }
    wpi_putc(v, '\'');
}

static wp_value_status put_positions(wpi_value *v, wp_view words, size_t at)
{
    at += at % 2;
    if (at > words.len || words.len - at < 2)
        return WP_VALUE_DAMAGED;
    const uint16_t n = wpi_u16(words.bytes + at);
    at += 2;
    if (n > (words.len - at) / 2)
        return WP_VALUE_DAMAGED;
    for (uint16_t i = 0; i < n; i++) {
        const uint16_t word = wpi_u16(words.bytes + at + 2 * (size_t)i);
        wpi_putf(v, "%c%u", i > 0 ? ',' : ':', (unsigned)POSITION(word));
        if (WEIGHT(word) > 0)
            wpi_putc(v, "DCBA"[WEIGHT(word)]);
    }
    return WP_VALUE_OK;
}

wp_value_status wpi_print_tsvector(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 4 || wpi_u32(bytes.bytes) > (bytes.len - 4) / 4)
        return WP_VALUE_DAMAGED;
    const uint32_t n = wpi_u32(bytes.bytes);
    const size_t start = 4 + 4 * (size_t)n;
    const wp_view words = { bytes.bytes + start, bytes.len - start };
    for (uint32_t i = 0; i < n && !v->too_long; i++) {
        const uint32_t entry = wpi_u32(bytes.bytes + 4 + 4 * (size_t)i);
        const size_t at = WORD_AT(entry), len = WORD_LEN(entry);
        if (at > words.len || len > words.len - at)
            return WP_VALUE_DAMAGED;
        if (i > 0)
            wpi_putc(v, ' ');
        put_word(v, words.bytes + at, len);
        if (HAS_POSITIONS(entry) && put_positions(v, words, at + len) != WP_VALUE_OK)
            return WP_VALUE_DAMAGED;
    }
    return WP_VALUE_OK;
}

/* ---- tsquery: items in prefix notation, the right operand first, then the words ---- */

#define ITEM_BYTES 12
enum { ITEM_VALUE = 1, ITEM_OPERATOR = 2 };
enum { QUERY_NOT = 1, QUERY_AND, QUERY_OR, QUERY_PHRASE };

typedef struct query {
    const uint8_t *items;
    uint32_t nitems;
    wp_view words;
    unsigned depth;
} query;

static wp_value_status put_operand(wpi_value *v, const query *q, const uint8_t *item)
{
    static const char weights[] = "ABCD";
    const uint32_t word = wpi_u32(item + 8);
    const size_t len = word & 0xFFF, at = word >> 12;
    if (at > q->words.len || len > q->words.len - at)
        return WP_VALUE_DAMAGED;
    put_word(v, q->words.bytes + at, len);
    if (item[1] || item[2])
        wpi_putc(v, ':');
    if (item[2])
        wpi_putc(v, '*');
    for (int i = 0; i < 4; i++)
        if (item[1] & 8 >> i)
            wpi_putc(v, weights[i]);
    return WP_VALUE_OK;
}

static int priority_of(uint8_t op)
{
    static const uint8_t priorities[] = { 0, 4, 2, 1, 3 };
    return priorities[op];
}

static void put_operator(wpi_value *v, const uint8_t *item)
{
    const uint16_t distance = wpi_u16(item + 2);
    if (item[1] == QUERY_AND)
        wpi_puts(v, " & ");
    else if (item[1] == QUERY_OR)
        wpi_puts(v, " | ");
    else if (distance == 1)
        wpi_puts(v, " <-> ");
    else
        wpi_putf(v, " <%d> ", (int16_t)distance);
}

/* Puts the item at *at, which is after it then. within: what it stands in; 0: nothing. end: its items end before it. */
static wp_value_status put_query(wpi_value *v, query *q, uint32_t at, uint32_t end, int within,
                                 bool is_right_of_phrase)
{
    if (at >= end)
        return WP_VALUE_DAMAGED;
    const uint8_t *const item = q->items + (size_t)at * ITEM_BYTES;
    if (item[0] == ITEM_VALUE)
        return end - at == 1 ? put_operand(v, q, item) : WP_VALUE_DAMAGED;
    const uint8_t op = item[1];
    if (item[0] != ITEM_OPERATOR || op < QUERY_NOT || op > QUERY_PHRASE)
        return WP_VALUE_DAMAGED;
    if (q->depth >= WPI_TREE_DEPTH_MAX)
        return WP_VALUE_LIMIT;
    q->depth++;
    const int priority = priority_of(op);
    const bool is_enclosed = priority < within || (op == QUERY_PHRASE && is_right_of_phrase);
    wp_value_status status;
    if (is_enclosed)
        wpi_puts(v, "( ");
    if (op == QUERY_NOT) {
        wpi_putc(v, '!');
        status = put_query(v, q, at + 1, end, priority, false);
    } else {
        const uint32_t left = wpi_u32(item + 4);
        if (left < 2 || left >= end - at)
            return WP_VALUE_DAMAGED;
        status = put_query(v, q, at + left, end, priority, false);
        if (status == WP_VALUE_OK) {
            put_operator(v, item);
            status = put_query(v, q, at + 1, at + left, priority, op == QUERY_PHRASE);
        }
    }
    if (is_enclosed)
        wpi_puts(v, " )");
    q->depth--;
    return status;
}

wp_value_status wpi_print_tsquery(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 4 || wpi_u32(bytes.bytes) > (bytes.len - 4) / ITEM_BYTES)
        return WP_VALUE_DAMAGED;
    query q = { .items = bytes.bytes + 4, .nitems = wpi_u32(bytes.bytes) };
    const size_t start = 4 + (size_t)q.nitems * ITEM_BYTES;
    q.words = (wp_view){ bytes.bytes + start, bytes.len - start };
    return q.nitems ? put_query(v, &q, 0, q.nitems, 0, false) : WP_VALUE_OK;
}
