/*
 * catalog_rows.c - rows of a catalog: from the bytes of its file to values by name.
 */
#include "rescue/catalog_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"

/* access/htup_details.h: of the header of a row. */
#define INFOMASK_AT 20
#define HOFF_AT 22
#define HEADER_BYTES 23
#define HEAP_HASOID 0x0008

/* catalog/pg_type.dat */
#define TYPE_INT2 21
#define TYPE_INT4 23

typedef struct scan {
    const catalog_file *file;
    catalog_toast toast;
    catalog_take *take;
    void *context;
    char *message;
    bool has_failed;
} scan;

void catalog_layout_known(const wp_profile *profile, wp_oid catalog, catalog_layout *out)
{
    wp_catalog_column known[WP_CATALOG_COLUMNS_MAX];
    *out = (catalog_layout){ .oid = catalog, .count = wp_catalog_columns(profile, catalog, known) };
    for (size_t i = 0; i < out->count; i++) {
        snprintf(out->names[i], WP_NAME_BYTES, "%s", known[i].name);
        out->columns[i] = known[i].column;
    }
}

bool catalog_row_of(const wp_value_config *config, const catalog_layout *layout, wp_view tuple,
                    wp_datum datums[CATALOG_COLUMNS_MAX], catalog_row *out)
{
    *out = (catalog_row){ .config = config, .layout = layout, .datums = datums, .tuple = tuple };
    return wp_tuple_deform(config, tuple, layout->columns, layout->count, datums) == WP_VALUE_OK;
}

static bool take_row(void *context, const heap_row *row)
{
    scan *s = context;
    const catalog_layout *layout = s->file->layout;
    wp_datum datums[CATALOG_COLUMNS_MAX];
    catalog_row out;
    if (catalog_row_of(s->file->config, layout, row->tuple, datums, &out)) {
        out.toast = &s->toast;
        return s->take(s->context, &out);
    }
    s->has_failed = true;
    return message_fail(s->message,
                        "row %u of block %u of the catalog with OID %u contradicts its columns",
                        row->item, row->block, layout->oid);
}

bool catalog_rows(const catalog_file *file, catalog_take *take, void *context, heap_sums *sums,
                  char message[512])
{
    scan s = { .file = file,
               .toast = { .heap = file->heap, .file = file->toast },
               .take = take,
               .context = context,
               .message = message };
    const bool is_good =
        heap_rows(file->heap, &file->file, take_row, &s, sums, message) && !s.has_failed;
    if (s.toast.values != NULL)
        heap_sums_add(sums, toast_sums(s.toast.values));
    toast_free(s.toast.values);
    wp_text_free(&s.toast.room);
    return is_good;
}

/* ---- values --------------------------------------------------------------------------------- */

static size_t find_column(const catalog_row *row, const char *column)
{
    size_t i = 0;
    while (i < row->layout->count && strcmp(row->layout->names[i], column) != 0)
        i++;
    return i;
}

const wp_datum *catalog_row_datum(const catalog_row *row, const char *column)
{
    const size_t i = find_column(row, column);
    return i < row->layout->count && row->datums[i].kind != WP_DATUM_NULL ? &row->datums[i] : NULL;
}

bool catalog_row_has(const catalog_row *row, const char *column)
{
    return catalog_row_datum(row, column) != NULL;
}

static uint64_t little_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* The system column oid of 9.5 to 11: it ends the header. */
static wp_oid header_oid(wp_view tuple)
{
    if (tuple.len < HEADER_BYTES || !(tuple.bytes[INFOMASK_AT] & HEAP_HASOID))
        return 0;
    const size_t hoff = tuple.bytes[HOFF_AT];
    return hoff >= HEADER_BYTES + 4 && hoff <= tuple.len
               ? (wp_oid)little_endian(tuple.bytes + hoff - 4, 4)
               : 0;
}

int64_t catalog_row_number(const catalog_row *row, const char *column)
{
    const size_t i = find_column(row, column);
    if (i == row->layout->count)
        return strcmp(column, "oid") == 0 ? (int64_t)header_oid(row->tuple) : 0;
    const wp_datum *datum = &row->datums[i];
    if (datum->kind != WP_DATUM_PLAIN || row->layout->columns[i].typlen < 1 || datum->bytes.len > 8)
        return 0;
    const uint64_t value = little_endian(datum->bytes.bytes, datum->bytes.len);
    switch (row->layout->columns[i].typid) {
    case TYPE_INT2:
        return (int16_t)value;
    case TYPE_INT4:
        return (int32_t)value;
    default: /* int8, and what has no sign */
        return (int64_t)value;
    }
}

char catalog_row_char(const catalog_row *row, const char *column)
{
    const wp_datum *datum = catalog_row_datum(row, column);
    return datum != NULL && datum->kind == WP_DATUM_PLAIN && datum->bytes.len == 1
               ? (char)datum->bytes.bytes[0]
               : '\0';
}

void catalog_row_name(const catalog_row *row, const char *column, char out[WP_NAME_BYTES])
{
    memset(out, 0, WP_NAME_BYTES);
    const wp_datum *datum = catalog_row_datum(row, column);
    if (datum != NULL && datum->kind == WP_DATUM_PLAIN && datum->bytes.len == WP_NAME_BYTES)
        memcpy(out, datum->bytes.bytes, WP_NAME_BYTES - 1);
}

/* A value out of the TOAST table. Its bytes are lost by the next one. */
static bool fetch(catalog_toast *from, const wp_datum *external, wp_datum *out)
{
    char message[MESSAGE_BYTES];
    if (from == NULL || from->file.rel == 0)
        return false;
    if (from->values == NULL)
        from->values = toast_new(from->heap, &from->file);
    return from->values != NULL
           && toast_read(from->values, external, &from->room, out, message) == TOAST_FOUND;
}

bool catalog_row_text(const catalog_row *row, const char *column, wp_text *out)
{
    const size_t i = find_column(row, column);
    if (i == row->layout->count || row->datums[i].kind == WP_DATUM_NULL)
        return false;
    wp_datum datum = row->datums[i];
    if (datum.kind == WP_DATUM_EXTERNAL && !fetch(row->toast, &row->datums[i], &datum))
        return false;
    return wp_value_text(row->config, row->layout->columns[i].typid, &datum, out) == WP_VALUE_OK;
}
