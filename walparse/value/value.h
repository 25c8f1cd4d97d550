/*
 * value.h - what the decoders of values share: the text that they append to, and the depth that they are in.
 */
#ifndef WPI_VALUE_H
#define WPI_VALUE_H

#include <walparse/value.h>

#include "base/cursor.h"

#define WPI_DEPTH_MAX 64        /* of arrays, rows, domains and ranges in each other */
#define WPI_TREE_DEPTH_MAX 1000 /* of a jsonb, and of a tsquery */
#define WPI_VARLENA_HEADER_BYTES 4

typedef struct wpi_value wpi_value;

struct wpi_value {
    const wp_value_config *config;
    wp_text *text;
    size_t text_end;     /* the text may grow up to here */
    unsigned depth;      /* of values in values */
    unsigned json_depth; /* of containers in a jsonb */
    size_t raw_left;     /* so many bytes may be unpacked yet */
    bool no_memory, too_long;
    /* Appends a value of any type: nested ones ask for it. */
    wp_value_status (*put)(wpi_value *v, wp_oid typid, const wp_datum *datum);
};

/* The bytes of a value, without a varlena's header, to text. */
typedef wp_value_status (*wpi_decoder)(wpi_value *v, wp_view bytes);

/* ---- text.c: a text that could not grow is noted in v, and told by wpi_value_end() ---------- */

void wpi_print_bytes(wpi_value *v, const void *bytes, size_t len);
void wpi_puts(wpi_value *v, const char *text);
void wpi_putc(wpi_value *v, char c);
void wpi_print_repeated(wpi_value *v, char c, size_t n);
/* A number of at least so many digits, with zeros before it. */
void wpi_print_digits(wpi_value *v, uint64_t number, unsigned digits);
void wpi_print_number(wpi_value *v, int64_t number);
__attribute__((format(printf, 2, 3))) void wpi_putf(wpi_value *v, const char *format, ...);
/* Room for n more bytes, in the text; NULL: there is none. They are added as they are. */
uint8_t *wpi_print_room(wpi_value *v, size_t n);
/* The status, unless the text could not grow. */
wp_value_status wpi_value_end(const wpi_value *v, wp_value_status status);

/*
 * Quotes what was put since mark, if it must be: when it is empty, or has one of the characters of special or white space. double_quotes:
 * a quote or backslash in it becomes two, else it is escaped by a backslash. Always: even when it need not be.
 */
void wpi_quote_since(wpi_value *v, size_t mark, const char *special, bool double_quotes,
                     bool always);

/* ---- datum.c -------------------------------------------------------------------------------- */

/* The next multiple of a type's alignment. 0: there is no such alignment. */
size_t wpi_align_of(char align, uint8_t max_align);
/* The next place that is a multiple of align, counted from `origin` bytes before the first one. */
static inline size_t wpi_align_up(size_t at, size_t origin, size_t align)
{
    return ((at + origin + align - 1) & ~(align - 1)) - origin;
}
/*
 * The value at *at of bytes, which ends there after it. is_nominal: bytes may not be a short varlena. origin: what alignment is counted
 * from lies so many bytes before the first one.
 */
wp_value_status wpi_datum_take(wp_view bytes, size_t origin, size_t *at, int16_t typlen,
                               size_t align, wp_datum *out);
/* The columns of a row, of whose header the first bytes are not there: `cut` of them. */
wp_value_status wpi_deform(const wp_value_config *config, wp_view tuple, size_t cut,
                           const wp_column *columns, size_t ncolumns, wp_datum *datums);
/* Into out, which has raw_bytes of room. */
wp_value_status wpi_datum_unpack(const wp_datum *datum, uint8_t *out);

/* ---- decoders ------------------------------------------------------------------------------- */

wp_value_status wpi_print_numeric(wpi_value *v, wp_view bytes);
void wpi_print_double(wpi_value *v, uint64_t bits);
void wpi_print_float(wpi_value *v, uint32_t bits);

wp_value_status wpi_print_array(wpi_value *v, wp_view bytes, const wp_type *element);
wp_value_status wpi_print_row(wpi_value *v, wp_view bytes, const wp_column *columns,
                              size_t ncolumns);
wp_value_status wpi_print_range(wpi_value *v, wp_view bytes, const wp_type *subtype,
                                wp_oid subtype_oid);
wp_value_status wpi_print_multirange(wpi_value *v, wp_view bytes, const wp_type *subtype,
                                     wp_oid subtype_oid);

/* Those of types.def, but for the ones above. */
#define DECODER(name) wp_value_status wpi_print_##name(wpi_value *v, wp_view bytes);
DECODER(bool)
DECODER(bytea)
DECODER(char)
DECODER(name)
DECODER(int2)
DECODER(int4)
DECODER(int8)
DECODER(oid)
DECODER(xid8)
DECODER(text)
DECODER(tid)
DECODER(vector2)
DECODER(vector4)
DECODER(xml)
DECODER(uuid)
DECODER(bit)
DECODER(money)
DECODER(lsn)
DECODER(snapshot)
DECODER(inet)
DECODER(cidr)
DECODER(macaddr)
DECODER(float4)
DECODER(float8)
DECODER(point)
DECODER(lseg)
DECODER(path)
DECODER(box)
DECODER(polygon)
DECODER(line)
DECODER(circle)
DECODER(date)
DECODER(time)
DECODER(timetz)
DECODER(timestamp)
DECODER(timestamptz)
DECODER(interval)
DECODER(tsvector)
DECODER(tsquery)
DECODER(jsonb)
#undef DECODER

#endif
