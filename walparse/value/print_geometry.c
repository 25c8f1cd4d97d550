/*
 * Points and what is made of them: utils/adt/geo_ops.c.
 */
#include "value/value.h"

#define POINT_BYTES 16

static void put_pair(wpi_value *v, const uint8_t *bytes)
{
    wpi_print_double(v, wpi_u64(bytes));
    wpi_putc(v, ',');
    wpi_print_double(v, wpi_u64(bytes + 8));
}

static void put_points(wpi_value *v, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n && !v->too_long; i++) {
        wpi_puts(v, i > 0 ? ",(" : "(");
        put_pair(v, bytes + i * POINT_BYTES);
        wpi_putc(v, ')');
    }
}

wp_value_status wpi_print_point(wpi_value *v, wp_view bytes)
{
    put_points(v, bytes.bytes, 1);
    return WP_VALUE_OK;
}

wp_value_status wpi_print_lseg(wpi_value *v, wp_view bytes)
{
    wpi_putc(v, '[');
    put_points(v, bytes.bytes, 2);
    wpi_putc(v, ']');
    return WP_VALUE_OK;
}

wp_value_status wpi_print_box(wpi_value *v, wp_view bytes)
{
    put_points(v, bytes.bytes, 2);
    return WP_VALUE_OK;
}

/* npts, closed, four bytes of nothing, the points */
wp_value_status wpi_print_path(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 12 || wpi_u32(bytes.bytes) > (bytes.len - 12) / POINT_BYTES)
        return WP_VALUE_DAMAGED;
    const bool is_closed = wpi_u32(bytes.bytes + 4);
    wpi_putc(v, is_closed ? '(' : '[');
    put_points(v, bytes.bytes + 12, wpi_u32(bytes.bytes));
    wpi_putc(v, is_closed ? ')' : ']');
    return WP_VALUE_OK;
}

/* npts, the box around it, the points */
wp_value_status wpi_print_polygon(wpi_value *v, wp_view bytes)
{
    if (bytes.len < 36 || wpi_u32(bytes.bytes) > (bytes.len - 36) / POINT_BYTES)
        return WP_VALUE_DAMAGED;
    wpi_putc(v, '(');
    put_points(v, bytes.bytes + 36, wpi_u32(bytes.bytes));
    wpi_putc(v, ')');
    return WP_VALUE_OK;
}

wp_value_status wpi_print_line(wpi_value *v, wp_view bytes)
{
    wpi_putc(v, '{');
    put_pair(v, bytes.bytes);
    wpi_putc(v, ',');
    wpi_print_double(v, wpi_u64(bytes.bytes + 16));
    wpi_putc(v, '}');
    return WP_VALUE_OK;
}

wp_value_status wpi_print_circle(wpi_value *v, wp_view bytes)
{
    wpi_putc(v, '<');
    put_points(v, bytes.bytes, 1);
    wpi_putc(v, ',');
    wpi_print_double(v, wpi_u64(bytes.bytes + 16));
    wpi_putc(v, '>');
    return WP_VALUE_OK;
}
