/*
 * Where values lie in a row: access/common/heaptuple.c, access/tupmacs.h, varatt.h.
 */
#include <limits.h>

#ifdef WP_WITH_LZ4
#include <lz4.h>
#endif

#include "base/pglz.h"
#include "value/value.h"

/* access/htup_details.h */
#define INFOMASK2_AT 18
#define INFOMASK_AT 20
#define HOFF_AT 22
#define BITS_AT 23
#define HAS_NULLS 0x0001
#define NATTS_MASK 0x07FF

/* varatt.h: of a varatt_external, after the two bytes of its header. */
#define EXTERNAL_TAG_ONDISK 18
#define EXTERNAL_BYTES 18
#define METHOD_SHIFT 30
#define LENGTH_MASK ((UINT32_C(1) << METHOD_SHIFT) - 1)
#define METHOD_PGLZ 0
#define METHOD_LZ4 1

/* More than this many bytes out of one no packing gives: three bytes of pglz are 273 at most, one of LZ4 255. */
#define PACKED_TIMES_MAX 256

size_t wpi_align_of(char align, uint8_t max_align)
{
    switch (align) {
    case 'c':
        return 1;
    case 's':
        return 2;
    case 'i':
        return 4;
    case 'd':
        return max_align;
    default:
        return 0;
    }
}

/* The first word of a packed value's data: its length, and how it is packed. */
static wp_value_status packed_of(wp_view data, wp_datum *out)
{
    if (data.len < 4)
        return WP_VALUE_DAMAGED;
    const uint32_t word = wpi_u32(data.bytes);
    const uint32_t method = word >> METHOD_SHIFT;
    if (method > METHOD_LZ4)
        return WP_VALUE_DAMAGED;
    *out = (wp_datum){ .kind = method == METHOD_LZ4 ? WP_DATUM_LZ4 : WP_DATUM_PGLZ,
                       .bytes = { data.bytes + 4, data.len - 4 },
                       .raw_bytes = word & LENGTH_MASK };
    return out->raw_bytes / PACKED_TIMES_MAX > out->bytes.len ? WP_VALUE_DAMAGED : WP_VALUE_OK;
}

static wp_value_status take_external(const uint8_t *bytes, size_t left, size_t *len, wp_datum *out)
{
    if (left < EXTERNAL_BYTES || bytes[1] != EXTERNAL_TAG_ONDISK)
        return WP_VALUE_DAMAGED;
    const uint32_t raw = wpi_u32(bytes + 2);
    if (raw < WPI_VARLENA_HEADER_BYTES || raw > INT32_MAX)
        return WP_VALUE_DAMAGED;
    *out = (wp_datum){ .kind = WP_DATUM_EXTERNAL,
                       .raw_bytes = raw - WPI_VARLENA_HEADER_BYTES,
                       .external_bytes = wpi_u32(bytes + 6) & LENGTH_MASK,
                       .value_oid = wpi_u32(bytes + 10),
                       .toast_oid = wpi_u32(bytes + 14) };
    *len = EXTERNAL_BYTES;
    return out->external_bytes > out->raw_bytes ? WP_VALUE_DAMAGED : WP_VALUE_OK;
}

static wp_value_status take_varlena(const uint8_t *bytes, size_t left, size_t *len, wp_datum *out)
{
    const uint8_t first = bytes[0];
    if (first == 0x01)
        return take_external(bytes, left, len, out);
    if (first & 0x01) {
        *len = first >> 1;
        if (*len > left)
            return WP_VALUE_DAMAGED;
        *out = (wp_datum){ .kind = WP_DATUM_PLAIN, .bytes = { bytes + 1, *len - 1 } };
        return WP_VALUE_OK;
    }
    if (left < WPI_VARLENA_HEADER_BYTES)
        return WP_VALUE_DAMAGED;
    *len = wpi_u32(bytes) >> 2;
    if (*len < WPI_VARLENA_HEADER_BYTES || *len > left)
        return WP_VALUE_DAMAGED;
    const wp_view data = { bytes + WPI_VARLENA_HEADER_BYTES, *len - WPI_VARLENA_HEADER_BYTES };
    if (first & 0x02)
        return packed_of(data, out);
    *out = (wp_datum){ .kind = WP_DATUM_PLAIN, .bytes = data };
    return WP_VALUE_OK;
}

wp_value_status wpi_datum_take(wp_view bytes, size_t origin, size_t *at, int16_t typlen,
                               size_t align, wp_datum *out)
{
    if (align == 0 || *at > bytes.len)
        return WP_VALUE_DAMAGED;
    size_t pos = *at, len;
    /* A byte that is not zero is a short header, which is not aligned. */
    if (typlen != -1 || pos == bytes.len || bytes.bytes[pos] == 0)
        pos = wpi_align_up(pos, origin, align);
    if (pos > bytes.len)
        return WP_VALUE_DAMAGED;
    const uint8_t *const start = bytes.bytes + pos;
    const size_t left = bytes.len - pos;
    if (typlen > 0) {
        len = (size_t)typlen;
        if (len > left)
            return WP_VALUE_DAMAGED;
        *out = (wp_datum){ .kind = WP_DATUM_PLAIN, .bytes = { start, len } };
    } else if (typlen == -1) {
        if (left == 0)
            return WP_VALUE_DAMAGED;
        const wp_value_status status = take_varlena(start, left, &len, out);
        if (status != WP_VALUE_OK)
            return status;
    } else if (typlen == -2) {
        const uint8_t *const end = left ? memchr(start, 0, left) : NULL;
        if (!end)
            return WP_VALUE_DAMAGED;
        len = (size_t)(end - start) + 1;
        *out = (wp_datum){ .kind = WP_DATUM_PLAIN, .bytes = { start, len - 1 } };
    } else {
        return WP_VALUE_DAMAGED;
    }
    *at = pos + len;
    return WP_VALUE_OK;
}

/* attmissingval is an array of one element. */
static wp_value_status take_missing(const wp_value_config *config, const wp_column *column,
                                    wp_datum *out)
{
    const wp_view array = column->missing;
    if (array.len < 20 || wpi_u32(array.bytes) != 1 || wpi_u32(array.bytes + 4) != 0
        || wpi_u32(array.bytes + 12) != 1)
        return WP_VALUE_DAMAGED;
    size_t at = wpi_align_up(20, WPI_VARLENA_HEADER_BYTES, config->max_align);
    return wpi_datum_take(array, WPI_VARLENA_HEADER_BYTES, &at, column->typlen,
                          wpi_align_of(column->align, config->max_align), out);
}

wp_value_status wpi_deform(const wp_value_config *config, wp_view tuple, size_t cut,
                           const wp_column *columns, size_t ncolumns, wp_datum *datums)
{
    if (tuple.len < BITS_AT - cut)
        return WP_VALUE_DAMAGED;
    const size_t head = BITS_AT - cut, hoff = (size_t)tuple.bytes[HOFF_AT - cut] - cut;
    const size_t natts = wpi_u16(tuple.bytes + INFOMASK2_AT - cut) & NATTS_MASK;
    const bool has_nulls = wpi_u16(tuple.bytes + INFOMASK_AT - cut) & HAS_NULLS;
    if (hoff < head || hoff > tuple.len || natts > ncolumns
        || (has_nulls && (natts + 7) / 8 > hoff - head))
        return WP_VALUE_DAMAGED;
    const uint8_t *const nulls = has_nulls ? tuple.bytes + head : NULL;
    const wp_view data = { tuple.bytes + hoff, tuple.len - hoff };
    size_t at = 0;
    for (size_t i = 0; i < ncolumns; i++) {
        const wp_column *const column = &columns[i];
        wp_value_status status = WP_VALUE_OK;
        datums[i] = (wp_datum){ .kind = WP_DATUM_NULL };
        if (i >= natts) {
            if (column->missing.bytes && !column->is_dropped)
                status = take_missing(config, column, &datums[i]);
        } else if (!nulls || (nulls[i / 8] >> i % 8 & 1)) {
            status = wpi_datum_take(data, 0, &at, column->typlen,
                                    wpi_align_of(column->align, config->max_align), &datums[i]);
            if (column->is_dropped)
                datums[i] = (wp_datum){ .kind = WP_DATUM_NULL };
        }
        if (status != WP_VALUE_OK)
            return status;
    }
    /* A row in a table ends where its last column does; of a value that is a row servers do not ask for it. */
    return cut == 0 && at != data.len ? WP_VALUE_DAMAGED : WP_VALUE_OK;
}

wp_value_status wp_tuple_deform(const wp_value_config *config, wp_view tuple,
                                const wp_column *columns, size_t ncolumns, wp_datum *datums)
{
    const uint8_t align = config->max_align;
    if (align != 4 && align != 8)
        return WP_VALUE_DAMAGED;
    if (tuple.len > HOFF_AT && tuple.bytes[HOFF_AT] % align)
        return WP_VALUE_DAMAGED;
    return wpi_deform(config, tuple, 0, columns, ncolumns, datums);
}

wp_value_status wp_datum_of_chunks(const wp_datum *external, wp_view chunks, wp_datum *out)
{
    const uint32_t raw = external->raw_bytes;
    if (external->kind != WP_DATUM_EXTERNAL || chunks.len != external->external_bytes)
        return WP_VALUE_DAMAGED;
    wp_datum found = { .kind = WP_DATUM_PLAIN, .bytes = chunks };
    if (external->external_bytes < raw) {
        if (packed_of(chunks, &found) != WP_VALUE_OK || found.raw_bytes != raw)
            return WP_VALUE_DAMAGED;
    }
    *out = found;
    return WP_VALUE_OK;
}

static wp_value_status unpack_lz4(const wp_datum *datum, uint8_t *out)
{
#ifdef WP_WITH_LZ4
    if (datum->bytes.len > INT_MAX || datum->raw_bytes > INT_MAX)
        return WP_VALUE_DAMAGED;
    const int n = LZ4_decompress_safe((const char *)datum->bytes.bytes, (char *)out,
                                      (int)datum->bytes.len, (int)datum->raw_bytes);
    return n >= 0 && (uint32_t)n == datum->raw_bytes ? WP_VALUE_OK : WP_VALUE_DAMAGED;
#else
    (void)datum;
    (void)out;
    return WP_VALUE_LIMIT;
#endif
}

wp_value_status wpi_datum_unpack(const wp_datum *datum, uint8_t *out)
{
    switch (datum->kind) {
    case WP_DATUM_PGLZ:
        return wpi_pglz_unpack(datum->bytes, out, datum->raw_bytes) ? WP_VALUE_OK
                                                                    : WP_VALUE_DAMAGED;
    case WP_DATUM_LZ4:
        return unpack_lz4(datum, out);
    case WP_DATUM_EXTERNAL:
        return WP_VALUE_EXTERNAL;
    default:
        return WP_VALUE_DAMAGED;
    }
}
