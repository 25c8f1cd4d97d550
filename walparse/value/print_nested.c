/*
 * Values made of values: utils/adt/{arrayfuncs,rowtypes,rangetypes,multirangetypes}.c.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "value/value.h"

/* ---- arrays ------------------------------------------------------------------------------- */

#define DIMENSIONS_MAX 6
#define ITEMS_MAX (UINT32_C(1) << 27)
#define ARRAY_HEAD_BYTES 12 /* ndim, dataoffset, elemtype */

typedef struct array {
    uint32_t ndim, nitems;
    uint32_t dims[DIMENSIONS_MAX];
    int32_t lower[DIMENSIONS_MAX];
    wp_oid element;
    const uint8_t *nulls;
    wp_view data;
} array;

static bool read_dimensions(wp_view bytes, array *a)
{
    uint64_t nitems = a->ndim > 0;
    if (a->ndim > DIMENSIONS_MAX || a->ndim * 8 > bytes.len - ARRAY_HEAD_BYTES)
        return false;
    for (uint32_t i = 0; i < a->ndim; i++) {
        a->dims[i] = wpi_u32(bytes.bytes + ARRAY_HEAD_BYTES + 4 * i);
        a->lower[i] = (int32_t)wpi_u32(bytes.bytes + ARRAY_HEAD_BYTES + 4 * (a->ndim + i));
        nitems *= a->dims[i];
        if (nitems > ITEMS_MAX || (int64_t)a->lower[i] + a->dims[i] > INT32_MAX)
            return false;
    }
    a->nitems = (uint32_t)nitems;
    return true;
}

static bool array_read(wp_view bytes, uint8_t max_align, array *a)
{
    *a = (array){ 0 };
    if (bytes.len < ARRAY_HEAD_BYTES)
        return false;
    a->ndim = wpi_u32(bytes.bytes);
    a->element = wpi_u32(bytes.bytes + 8);
    if (!read_dimensions(bytes, a))
        return false;
    const size_t head = ARRAY_HEAD_BYTES + 8 * (size_t)a->ndim;
    const uint32_t offset = wpi_u32(bytes.bytes + 4);
    size_t start = wpi_align_up(head, WPI_VARLENA_HEADER_BYTES, max_align);
    if (offset != 0) {
        if (offset < head + WPI_VARLENA_HEADER_BYTES
            || (a->nitems + 7) / 8 > offset - WPI_VARLENA_HEADER_BYTES - head)
            return false;
        start = offset - WPI_VARLENA_HEADER_BYTES;
        a->nulls = bytes.bytes + head;
    }
    if (a->nitems == 0)
        return true;
    if (start > bytes.len || (start + WPI_VARLENA_HEADER_BYTES) % max_align != 0)
        return false;
    if (a->nulls && head + (a->nitems + 7) / 8 > bytes.len)
        return false;
    a->data = (wp_view){ bytes.bytes + start, bytes.len - start };
    return true;
}

static bool is_null_word(const wpi_value *v, size_t mark)
{
    static const char word[] = "null";
    if (v->text->len - mark != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        if ((v->text->bytes[mark + i] | 0x20) != word[i])
            return false;
    return true;
}

static wp_value_status put_element(wpi_value *v, const array *a, const wp_type *element,
                                   uint32_t number, size_t *at)
{
    if (a->nulls && !(a->nulls[number / 8] >> number % 8 & 1)) {
        wpi_puts(v, "NULL");
        return WP_VALUE_OK;
    }
    const size_t align = wpi_align_of(element->align, v->config->max_align);
    if (align == 0)
        return WP_VALUE_DAMAGED;
    *at = wpi_align_up(*at, 0, align);
    wp_datum datum;
    wp_value_status status = wpi_datum_take(a->data, 0, at, element->typlen, align, &datum);
    if (status != WP_VALUE_OK)
        return status;
    const size_t mark = v->text->len;
    const char delim = element->delim ? element->delim : ',';
    const char special[] = { '{', '}', delim, 0 };
    status = v->put(v, a->element, &datum);
    if (status == WP_VALUE_OK)
        wpi_quote_since(v, mark, special, false, is_null_word(v, mark));
    return wpi_value_end(v, status);
}

wp_value_status wpi_print_array(wpi_value *v, wp_view bytes, const wp_type *element)
{
    array a;
    if (!array_read(bytes, v->config->max_align, &a))
        return WP_VALUE_DAMAGED;
    if (a.nitems == 0) {
        wpi_puts(v, "{}");
        return WP_VALUE_OK;
    }
    bool has_bounds = false;
    for (uint32_t i = 0; i < a.ndim; i++)
        has_bounds = has_bounds || a.lower[i] != 1;
    for (uint32_t i = 0; has_bounds && i < a.ndim; i++)
        wpi_putf(v, "[%" PRId32 ":%" PRId32 "]", a.lower[i],
                 (int32_t)(a.lower[i] + (int64_t)a.dims[i] - 1));
    if (has_bounds)
        wpi_putc(v, '=');
    wpi_print_repeated(v, '{', a.ndim);
    uint32_t index[DIMENSIONS_MAX] = { 0 };
    const char delim = element->delim ? element->delim : ',';
    size_t at = 0;
    for (uint32_t number = 0; number < a.nitems; number++) {
        const wp_value_status status = put_element(v, &a, element, number, &at);
        if (status != WP_VALUE_OK)
            return status;
        uint32_t ended = 0;
        while (ended < a.ndim && ++index[a.ndim - 1 - ended] == a.dims[a.ndim - 1 - ended])
            index[a.ndim - 1 - ended++] = 0;
        wpi_print_repeated(v, '}', ended);
        if (ended < a.ndim) {
            wpi_putc(v, delim);
            wpi_print_repeated(v, '{', ended);
        }
    }
    return WP_VALUE_OK;
}

/* ---- rows --------------------------------------------------------------------------------- */

#define COLUMNS_MAX 1664

static wp_value_status put_columns(wpi_value *v, const wp_datum *datums, const wp_column *columns,
                                   size_t ncolumns)
{
    bool is_first = true;
    wpi_putc(v, '(');
    for (size_t i = 0; i < ncolumns; i++) {
        if (columns[i].is_dropped)
            continue;
        if (!is_first)
            wpi_putc(v, ',');
        is_first = false;
        if (datums[i].kind == WP_DATUM_NULL)
            continue;
        const size_t mark = v->text->len;
        const wp_value_status status = v->put(v, columns[i].typid, &datums[i]);
        if (status != WP_VALUE_OK)
            return status;
        wpi_quote_since(v, mark, "(),", true, false);
    }
    wpi_putc(v, ')');
    return WP_VALUE_OK;
}

wp_value_status wpi_print_row(wpi_value *v, wp_view bytes, const wp_column *columns,
                              size_t ncolumns)
{
    if (ncolumns > COLUMNS_MAX)
        return WP_VALUE_LIMIT;
    wp_datum *const datums = malloc((ncolumns + 1) * sizeof *datums);
    if (!datums)
        return WP_VALUE_NO_MEMORY;
    /* The first word of a heap tuple's header is the varlena's. */
    wp_value_status status =
        wpi_deform(v->config, bytes, WPI_VARLENA_HEADER_BYTES, columns, ncolumns, datums);
    if (status == WP_VALUE_OK)
        status = put_columns(v, datums, columns, ncolumns);
    free(datums);
    return status;
}

/* ---- ranges ------------------------------------------------------------------------------- */

enum {
    RANGE_EMPTY = 0x01,
    RANGE_LOWER_INCLUDED = 0x02,
    RANGE_UPPER_INCLUDED = 0x04,
    RANGE_NO_LOWER = 0x08 | 0x20, /* infinite, or NULL */
    RANGE_NO_UPPER = 0x10 | 0x40
};

/* The bounds at *at of bytes, which begin a varlena's header after what alignment is counted from. */
static wp_value_status put_bound(wpi_value *v, wp_view bytes, size_t *at, const wp_type *subtype,
                                 wp_oid oid)
{
    wp_datum datum;
    wp_value_status status =
        wpi_datum_take(bytes, WPI_VARLENA_HEADER_BYTES, at, subtype->typlen,
                       wpi_align_of(subtype->align, v->config->max_align), &datum);
    if (status != WP_VALUE_OK)
        return status;
    const size_t mark = v->text->len;
    status = v->put(v, oid, &datum);
    if (status == WP_VALUE_OK)
        wpi_quote_since(v, mark, "()[],", true, false);
    return status;
}

static wp_value_status put_bounds(wpi_value *v, wp_view bytes, size_t *at, uint8_t flags,
                                  const wp_type *subtype, wp_oid oid)
{
    wp_value_status status = WP_VALUE_OK;
    if (flags & RANGE_EMPTY) {
        wpi_puts(v, "empty");
        return WP_VALUE_OK;
    }
    wpi_putc(v, flags & RANGE_LOWER_INCLUDED ? '[' : '(');
    if (!(flags & RANGE_NO_LOWER))
        status = put_bound(v, bytes, at, subtype, oid);
    wpi_putc(v, ',');
    if (status == WP_VALUE_OK && !(flags & RANGE_NO_UPPER))
        status = put_bound(v, bytes, at, subtype, oid);
    wpi_putc(v, flags & RANGE_UPPER_INCLUDED ? ']' : ')');
    return status;
}

wp_value_status wpi_print_range(wpi_value *v, wp_view bytes, const wp_type *subtype,
                                wp_oid subtype_oid)
{
    size_t at = 4; /* after the range type's OID */
    if (bytes.len < at + 1)
        return WP_VALUE_DAMAGED;
    const uint8_t flags = bytes.bytes[bytes.len - 1];
    return put_bounds(v, (wp_view){ bytes.bytes, bytes.len - 1 }, &at, flags, subtype, subtype_oid);
}

/* OID, number of ranges, where the second and later ones begin, flags of each, then the bounds of each, aligned. */
wp_value_status wpi_print_multirange(wpi_value *v, wp_view bytes, const wp_type *subtype,
                                     wp_oid subtype_oid)
{
    const size_t align = wpi_align_of(subtype->align, v->config->max_align);
    if (bytes.len < 8 || align == 0)
        return WP_VALUE_DAMAGED;
    const uint32_t n = wpi_u32(bytes.bytes + 4);
    if (n > (bytes.len - 8) / 5 + 1)
        return WP_VALUE_DAMAGED;
    const size_t flags_at = 8 + 4 * (size_t)(n > 0 ? n - 1 : 0);
    if (flags_at > bytes.len || n > bytes.len - flags_at)
        return WP_VALUE_DAMAGED;
    size_t at = flags_at + n;
    wpi_putc(v, '{');
    for (uint32_t i = 0; i < n; i++) {
        at = wpi_align_up(at, WPI_VARLENA_HEADER_BYTES, align);
        if (i > 0)
            wpi_putc(v, ',');
        const wp_value_status status = wpi_value_end(
            v, put_bounds(v, bytes, &at, bytes.bytes[flags_at + i], subtype, subtype_oid));
        if (status != WP_VALUE_OK)
            return status;
    }
    wpi_putc(v, '}');
    return WP_VALUE_OK;
}
