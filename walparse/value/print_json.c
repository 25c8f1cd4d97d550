/*
 * jsonb: utils/jsonb.h, utils/adt/jsonb_util.c, and the text of JsonbToCString().
 */
#include "value/value.h"

/* The header of a container. */
#define COUNT_MASK UINT32_C(0x0FFFFFFF)
#define IS_SCALAR UINT32_C(0x10000000)
#define IS_OBJECT UINT32_C(0x20000000)
#define IS_ARRAY UINT32_C(0x40000000)

/* An entry of a container: an end or a length, and a type. */
#define ENTRY_MASK UINT32_C(0x0FFFFFFF)
#define ENTRY_TYPE(entry) ((entry) >> 28 & 7)
#define ENTRY_HAS_END UINT32_C(0x80000000)
enum { JSON_STRING, JSON_NUMERIC, JSON_FALSE, JSON_TRUE, JSON_NULL, JSON_CONTAINER };

typedef struct container {
    uint32_t header, nentries;
    const uint8_t *entries;
    wp_view data;
} container;

/* Walks the entries in order. */
typedef struct entries {
    uint32_t number, end;
} entries;

static bool container_read(wp_view bytes, container *c)
{
    if (bytes.len < 4)
        return false;
    c->header = wpi_u32(bytes.bytes);
    const bool is_object = c->header & IS_OBJECT;
    if (is_object == ((c->header & IS_ARRAY) != 0) || (is_object && (c->header & IS_SCALAR)))
        return false;
    const uint64_t n = (uint64_t)(c->header & COUNT_MASK) * (is_object ? 2 : 1);
    if (n > (bytes.len - 4) / 4 || ((c->header & IS_SCALAR) && n != 1))
        return false;
    c->nentries = (uint32_t)n;
    c->entries = bytes.bytes + 4;
    c->data = (wp_view){ bytes.bytes + 4 + 4 * (size_t)n, bytes.len - 4 - 4 * (size_t)n };
    return true;
}

static bool entry_next(const container *c, entries *walk, uint32_t *type, wp_view *bytes)
{
    const uint32_t entry = wpi_u32(c->entries + 4 * (size_t)walk->number++);
    const uint32_t start = walk->end;
    const uint64_t end =
        (entry & ENTRY_HAS_END) ? entry & ENTRY_MASK : (uint64_t)start + (entry & ENTRY_MASK);
    if (end < start || end > c->data.len)
        return false;
    walk->end = (uint32_t)end;
    *type = ENTRY_TYPE(entry);
    *bytes = (wp_view){ c->data.bytes + start, walk->end - start };
    if (*type == JSON_NUMERIC || *type == JSON_CONTAINER) {
        const uint32_t padding = (4 - start % 4) % 4;
        if (padding > bytes->len)
            return false;
        bytes->bytes += padding;
        bytes->len -= padding;
    }
    return true;
}

static void put_string(wpi_value *v, wp_view string)
{
    static const char letters[] = "btn\0fr";
    wpi_putc(v, '"');
    for (size_t i = 0; i < string.len && !v->too_long;) {
        size_t run = i;
        while (run < string.len && string.bytes[run] >= ' ' && string.bytes[run] != '"'
               && string.bytes[run] != '\\')
            run++;
        wpi_print_bytes(v, string.bytes + i, run - i);
        if (run < string.len) {
            const uint8_t c = string.bytes[run++];
            if (c == '"' || c == '\\')
                wpi_putf(v, "\\%c", c);
            else if (c >= '\b' && c <= '\r' && letters[c - '\b'])
                wpi_putf(v, "\\%c", letters[c - '\b']);
            else
                wpi_putf(v, "\\u%04x", c);
        }
        i = run;
    }
    wpi_putc(v, '"');
}

/* A number is a numeric with the header of a varlena. */
static wp_value_status put_number(wpi_value *v, wp_view bytes)
{
    size_t at = 0;
    wp_datum number;
    if (wpi_datum_take(bytes, 0, &at, -1, 1, &number) != WP_VALUE_OK
        || number.kind != WP_DATUM_PLAIN)
        return WP_VALUE_DAMAGED;
    return wpi_print_numeric(v, number.bytes);
}

static wp_value_status put_container(wpi_value *v, wp_view bytes);

static wp_value_status put_entry(wpi_value *v, uint32_t type, wp_view bytes)
{
    switch (type) {
    case JSON_STRING:
        put_string(v, bytes);
        return WP_VALUE_OK;
    case JSON_NUMERIC:
        return put_number(v, bytes);
    case JSON_FALSE:
        wpi_puts(v, "false");
        return WP_VALUE_OK;
    case JSON_TRUE:
        wpi_puts(v, "true");
        return WP_VALUE_OK;
    case JSON_NULL:
        wpi_puts(v, "null");
        return WP_VALUE_OK;
    case JSON_CONTAINER:
        return put_container(v, bytes);
    default:
        return WP_VALUE_DAMAGED;
    }
}

/* All keys come first, then all values. */
static wp_value_status put_object(wpi_value *v, const container *c)
{
    const uint32_t n = c->nentries / 2;
    uint32_t type;
    wp_view bytes;
    entries keys = { 0 }, values = { 0 };
    while (values.number < n)
        if (!entry_next(c, &values, &type, &bytes))
            return WP_VALUE_DAMAGED;
    wpi_putc(v, '{');
    for (uint32_t i = 0; i < n; i++) {
        if (!entry_next(c, &keys, &type, &bytes) || type != JSON_STRING)
            return WP_VALUE_DAMAGED;
        if (i > 0)
            wpi_puts(v, ", ");
        put_string(v, bytes);
        wpi_puts(v, ": ");
        if (!entry_next(c, &values, &type, &bytes))
            return WP_VALUE_DAMAGED;
        const wp_value_status status = wpi_value_end(v, put_entry(v, type, bytes));
        if (status != WP_VALUE_OK)
            return status;
    }
    wpi_putc(v, '}');
    return WP_VALUE_OK;
}

static wp_value_status put_array(wpi_value *v, const container *c)
{
    entries walk = { 0 };
    wpi_putc(v, '[');
    for (uint32_t i = 0; i < c->nentries; i++) {
        uint32_t type;
        wp_view bytes;
        if (!entry_next(c, &walk, &type, &bytes))
            return WP_VALUE_DAMAGED;
        if (i > 0)
            wpi_puts(v, ", ");
        const wp_value_status status = wpi_value_end(v, put_entry(v, type, bytes));
        if (status != WP_VALUE_OK)
            return status;
    }
    wpi_putc(v, ']');
    return WP_VALUE_OK;
}

static wp_value_status put_container(wpi_value *v, wp_view bytes)
{
    container c;
    if (!container_read(bytes, &c) || (c.header & IS_SCALAR))
        return WP_VALUE_DAMAGED;
    if (v->json_depth >= WPI_TREE_DEPTH_MAX)
        return WP_VALUE_LIMIT;
    v->json_depth++;
    const wp_value_status status = (c.header & IS_OBJECT) ? put_object(v, &c) : put_array(v, &c);
    v->json_depth--;
    return status;
}

wp_value_status wpi_print_jsonb(wpi_value *v, wp_view bytes)
{
    container c;
    if (!container_read(bytes, &c))
        return WP_VALUE_DAMAGED;
    if (!(c.header & IS_SCALAR))
        return put_container(v, bytes);
    entries walk = { 0 };
    uint32_t type;
    wp_view scalar;
    if (!entry_next(&c, &walk, &type, &scalar) || type == JSON_CONTAINER)
        return WP_VALUE_DAMAGED;
    return put_entry(v, type, scalar);
}
