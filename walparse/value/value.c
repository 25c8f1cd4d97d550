/*
 * Which decoder a type has.
 */
#include <stdlib.h>

#include "value/value.h"

#define TEXT_BYTES_MAX ((size_t)1 << 30) /* MaxAllocSize */
#define TYPES_MAX 100000                 /* that one is made of */
#define REGOPER 2203
#define REGOPERATOR 2204

/* A row of types.def. */
typedef struct builtin {
    wp_oid oid, array;
    wp_type type;
    wpi_decoder decoder; /* NULL of a base type: its text is the name of an object */
} builtin;

#define wpi_print_NULL NULL
#define TYPE(o, a, l, al, d)                                                              \
    { .oid = o,                                                                           \
      .array = a,                                                                         \
      .type = { .kind = 'b', .typlen = l, .align = al, .delim = (o) == BOX ? ';' : ',' }, \
      .decoder = wpi_print_##d },
#define RANGE(o, a, al, sub) \
    { .oid = o,              \
      .array = a,            \
      .type = { .kind = 'r', .typlen = -1, .align = al, .delim = ',', .base = sub } },
#define MULTIRANGE(o, a, al, range) \
    { .oid = o,                     \
      .array = a,                   \
      .type = { .kind = 'm', .typlen = -1, .align = al, .delim = ',', .base = range } },
#define BOX 603
static const builtin builtins[] = {
#include "value/types.def"
};
#undef TYPE
#undef RANGE
#undef MULTIRANGE
#define BUILTINS (sizeof builtins / sizeof *builtins)

/* The place of each type in builtins, counted from 1; of array types with IS_ARRAY, too. */
enum {
#define TYPE(o, ...) PLACE_##o,
#define RANGE TYPE
#define MULTIRANGE TYPE
#include "value/types.def"
#undef TYPE
#undef RANGE
#undef MULTIRANGE
    PLACES
};
#define IS_ARRAY 0x80
static const uint8_t places[] = {
#define TYPE(o, a, ...) [o] = PLACE_##o + 1, [a] = (PLACE_##o + 1) | IS_ARRAY,
#define RANGE TYPE
#define MULTIRANGE TYPE
#include "value/types.def"
#undef TYPE
#undef RANGE
#undef MULTIRANGE
};
_Static_assert((size_t)PLACES == BUILTINS && PLACES < IS_ARRAY, "a place fits into 7 bits");

/* What a type is: one of the server's own, or one that the caller knows. */
typedef struct found_type {
    wp_type type;
    wpi_decoder decoder;
    bool is_name; /* regclass and the like */
} found_type;

static bool find_type(const wp_value_config *config, wp_oid oid, found_type *found)
{
    *found = (found_type){ 0 };
    const uint8_t place = oid != 0 && oid < sizeof places ? places[oid] : 0;
    if (place != 0) {
        const builtin *const b = &builtins[(place & ~IS_ARRAY) - 1];
        if (place & IS_ARRAY)
            found->type = (wp_type){ .kind = 'b',
                                     .typlen = -1,
                                     .align = b->type.align == 'd' ? 'd' : 'i',
                                     .delim = b->type.delim,
                                     .element = b->oid };
        else
            *found = (found_type){ b->type, b->decoder, b->type.kind == 'b' && !b->decoder };
        return true;
    }
    const wp_type *const type = config->type ? config->type(config->context, oid) : NULL;
    if (!type)
        return false;
    found->type = *type;
    return true;
}

/* The label of an enum's value, or the name of an object: the caller knows them. */
static wp_value_status put_name(wpi_value *v, wp_oid typid, wp_view bytes, bool is_enum)
{
    const wp_value_config *const config = v->config;
    const wp_oid oid = wpi_u32(bytes.bytes);
    wp_view name = { 0 };
    if (is_enum) {
        if (!config->enum_label)
            return WP_VALUE_NO_DECODER;
        if (!config->enum_label(config->context, typid, oid, &name))
            return WP_VALUE_DAMAGED;
        wpi_print_bytes(v, name.bytes, name.len);
        return WP_VALUE_OK;
    }
    if (!config->object_name)
        return WP_VALUE_NO_DECODER;
    if (oid == 0) {
        wpi_puts(v, typid == REGOPER || typid == REGOPERATOR ? "0" : "-");
        return WP_VALUE_OK;
    }
    if (!config->object_name(config->context, typid, oid, &name))
        return wpi_print_oid(v, bytes);
    wpi_print_bytes(v, name.bytes, name.len);
    return WP_VALUE_OK;
}

static wp_value_status put_array(wpi_value *v, const wp_type *type, wp_view bytes)
{
    found_type element;
    if (!find_type(v->config, type->element, &element))
        return WP_VALUE_NO_DECODER;
    if (bytes.len < 12 || wpi_u32(bytes.bytes + 8) != type->element)
        return WP_VALUE_DAMAGED;
    return wpi_print_array(v, bytes, &element.type);
}

/* A range or multirange begins with the OID of its type. */
static wp_value_status put_range(wpi_value *v, wp_oid typid, const wp_type *type, wp_view bytes)
{
    found_type subtype;
    wp_oid oid = type->base;
    if (!find_type(v->config, oid, &subtype))
        return WP_VALUE_NO_DECODER;
    if (bytes.len < 4 || wpi_u32(bytes.bytes) != typid)
        return WP_VALUE_DAMAGED;
    if (type->kind == 'r')
        return wpi_print_range(v, bytes, &subtype.type, oid);
    oid = subtype.type.base;
    if (subtype.type.kind != 'r' || !find_type(v->config, oid, &subtype))
        return WP_VALUE_NO_DECODER;
    return wpi_print_multirange(v, bytes, &subtype.type, oid);
}

/* A value whose bytes are here, of a type that is no domain. */
static wp_value_status put_plain(wpi_value *v, wp_oid typid, const found_type *found, wp_view bytes)
{
    const wp_type *const type = &found->type;
    if (type->typlen > 0 && bytes.len != (size_t)type->typlen)
        return WP_VALUE_DAMAGED;
    switch (type->kind) {
    case 'b':
        if (found->decoder)
            return found->decoder(v, bytes);
        if (found->is_name)
            return put_name(v, typid, bytes, false);
        return type->element ? put_array(v, type, bytes) : WP_VALUE_NO_DECODER;
    case 'e':
        return bytes.len == 4 ? put_name(v, typid, bytes, true) : WP_VALUE_DAMAGED;
    case 'c':
        return wpi_print_row(v, bytes, type->columns, type->ncolumns);
    case 'r':
    case 'm':
        return put_range(v, typid, type, bytes);
    default:
        return WP_VALUE_NO_DECODER;
    }
}

static wp_value_status put_value(wpi_value *v, wp_oid typid, const wp_datum *datum)
{
    found_type found;
    unsigned domains = 0;
    if (!find_type(v->config, typid, &found))
        return WP_VALUE_NO_DECODER;
    while (found.type.kind == 'd') {
        typid = found.type.base;
        if (++domains > WPI_DEPTH_MAX)
            return WP_VALUE_LIMIT;
        if (!find_type(v->config, typid, &found))
            return WP_VALUE_NO_DECODER;
    }
    if (datum->kind == WP_DATUM_PLAIN)
        return wpi_value_end(v, put_plain(v, typid, &found, datum->bytes));
    if (datum->kind != WP_DATUM_PGLZ && datum->kind != WP_DATUM_LZ4)
        return datum->kind == WP_DATUM_EXTERNAL ? WP_VALUE_EXTERNAL : WP_VALUE_DAMAGED;
    if (datum->raw_bytes > v->raw_left)
        return WP_VALUE_LIMIT;
    v->raw_left -= datum->raw_bytes;
    uint8_t *raw = malloc((size_t)datum->raw_bytes + 1);
    if (!raw)
        return WP_VALUE_NO_MEMORY;
    wp_value_status status = wpi_datum_unpack(datum, raw);
    if (status == WP_VALUE_OK)
        status = wpi_value_end(v, put_plain(v, typid, &found, (wp_view){ raw, datum->raw_bytes }));
    free(raw);
    return status;
}

static wp_value_status put_nested(wpi_value *v, wp_oid typid, const wp_datum *datum)
{
    if (v->depth >= WPI_DEPTH_MAX)
        return WP_VALUE_LIMIT;
    v->depth++;
    const wp_value_status status = put_value(v, typid, datum);
    v->depth--;
    return status;
}

wp_value_status wp_value_text(const wp_value_config *config, wp_oid typid, const wp_datum *datum,
                              wp_text *text)
{
    const size_t limit = config->text_bytes_max ? config->text_bytes_max : TEXT_BYTES_MAX;
    const size_t start = text->len;
    wpi_value v = { .config = config,
                    .text = text,
                    .text_end = limit > SIZE_MAX - start ? SIZE_MAX : start + limit,
                    .raw_left = TEXT_BYTES_MAX,
                    .put = put_nested };
    const wp_value_status status = put_nested(&v, typid, datum);
    if (status != WP_VALUE_OK)
        text->len = start;
    return status;
}

wp_value_status wp_datum_unpack(const wp_value_config *config, const wp_datum *datum, wp_text *text)
{
    wpi_value v = { .config = config, .text = text, .text_end = SIZE_MAX };
    if (datum->kind == WP_DATUM_PLAIN) {
        wpi_print_bytes(&v, datum->bytes.bytes, datum->bytes.len);
        return wpi_value_end(&v, WP_VALUE_OK);
    }
    if (datum->kind != WP_DATUM_PGLZ && datum->kind != WP_DATUM_LZ4)
        return datum->kind == WP_DATUM_EXTERNAL ? WP_VALUE_EXTERNAL : WP_VALUE_DAMAGED;
    uint8_t *to = wpi_print_room(&v, datum->raw_bytes);
    if (!to)
        return wpi_value_end(&v, WP_VALUE_NO_MEMORY);
    const wp_value_status status = wpi_datum_unpack(datum, to);
    if (status != WP_VALUE_OK)
        text->len -= datum->raw_bytes;
    return status;
}

/* types_left: that may be looked at yet, should catalogs say that a type is made of itself. */
static bool has_decoder(const wp_value_config *config, wp_oid typid, unsigned depth,
                        unsigned *types_left)
{
    found_type found;
    if (depth > WPI_DEPTH_MAX || *types_left == 0 || !find_type(config, typid, &found))
        return false;
    --*types_left;
    const wp_type type = found.type;
    switch (type.kind) {
    case 'b':
        if (found.is_name)
            return config->object_name;
        if (found.decoder == wpi_print_money)
            return config->lc_monetary_is_c;
        return found.decoder
               || (type.element && has_decoder(config, type.element, depth + 1, types_left));
    case 'd':
    case 'r':
    case 'm':
        return has_decoder(config, type.base, depth + 1, types_left);
    case 'e':
        return config->enum_label;
    case 'c':
        break;
    default:
        return false;
    }
    for (size_t i = 0; i < type.ncolumns; i++) {
        if (!type.columns[i].is_dropped
            && !has_decoder(config, type.columns[i].typid, depth + 1, types_left))
            return false;
    }
    return true;
}

bool wp_value_has_decoder(const wp_value_config *config, wp_oid typid)
{
    unsigned types_left = TYPES_MAX;
    return has_decoder(config, typid, 0, &types_left);
}

const char *wp_value_status_text(wp_value_status status)
{
    static const char *const texts[] = {
        [WP_VALUE_OK] = "ok",
        [WP_VALUE_NO_DECODER] = "no decoder for its type",
        [WP_VALUE_DAMAGED] = "its bytes contradict themselves",
        [WP_VALUE_EXTERNAL] = "it lies in the TOAST table",
        [WP_VALUE_LIMIT] = "too long or too deep, or packed by a method this build lacks",
        [WP_VALUE_NO_MEMORY] = "out of memory",
    };
    const size_t n = sizeof texts / sizeof *texts;
    return (size_t)status < n ? texts[status] : "?";
}
